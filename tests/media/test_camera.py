"""Live pictures, against real servers on this machine that cut, stall and send rubbish."""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as enumerate_threads
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import MediaError, MissingExtra, NoPicture, OptionError
from accessify.core.timeline import Rate, seconds, to_seconds
from accessify.media.address import LiveStream, is_address, open_address, shown
from accessify.media.camera import LiveReader, LostError
from accessify.media.device import Device, is_device, open_device
from accessify.media.frames import open_frames
from tests.media.make_media import Picture, Sound, grey, scene, tone, write_media

SOON = seconds(1)
"""Patience of readers whose source is to be lost."""
PACE = 0.02
"""Seconds between the pictures that the servers send."""


class Server:
    """A web server whose answer to every request is `answer(handler)`."""

    def __init__(self, answer: Callable[[Any], None]) -> None:
        self.stopping = Event()
        self.hung_up = Event()
        """Set once a listener has closed its connection."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            ours = server

            def do_GET(self) -> None:
                try:
                    answer(self)
                except OSError:  # the listener went away
                    server.hung_up.set()
                self.close_connection = True

            def end_headers(self) -> None:
                self.send_header("Connection", "close")  # FFmpeg would ask again on this connection
                super().end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}/picture"

    @contextmanager
    def running(self) -> Iterator[str]:
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self.address
        finally:
            self.stopping.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def jpeg(level: int) -> bytes:
    import cv2

    return cv2.imencode(".jpg", np.full((48, 64, 3), level, np.uint8))[1].tobytes()


def begin(handler: Any, kind: str = "multipart/x-mixed-replace; boundary=next") -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", kind)
    handler.end_headers()


def send(handler: Any, picture: bytes) -> None:
    head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    handler.wfile.write(head.encode() + picture + b"\r\n")
    handler.wfile.flush()
    handler.ours.stopping.wait(PACE)


def camera(count: int, then: Callable[[Any], None] = lambda _: None) -> Server:
    """An MJPEG camera: `count` pictures, the n-th 2n bright, then whatever `then` does."""

    def answer(handler: Any) -> None:
        begin(handler)
        for index in range(count):
            send(handler, jpeg(2 * index))
        then(handler)

    return Server(answer)


def stall(handler: Any) -> None:
    handler.ours.stopping.wait()


def reset(handler: Any) -> None:
    """Cut the connection: what is lingering is not sent, the listener gets a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.shutdown(socket.SHUT_RD)


def level(image: np.ndarray) -> int:
    return round(image.mean() / 2)


def test_pictures_of_a_camera_come_as_they_are_sent() -> None:
    with camera(40).running() as address, open_frames(address, patience=SOON) as reader:
        assert (reader.live, reader.variable, reader.expected, reader.duration) == (True, True, None, 0)
        assert reader.size == (64, 48)
        frames = list(reader)
    assert frames[0].start == 0
    assert all(before.start < after.start for before, after in pairwise(frames))
    numbers = [level(frame.image) for frame in frames]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] >= 38  # FFmpeg waits for what follows the last
    assert 0.2 < to_seconds(frames[-1].start) < 30  # true times: 40 pictures, 20 ms apart or more
    lost = reader.notes[-1]
    assert (lost.kind, lost.span.start) == ("camera-lost", frames[-1].start)
    assert "was lost at 0:00:0" in lost.text


def test_the_newest_picture_is_given() -> None:
    with camera(60).running() as address, open_frames(address, patience=SOON) as reader:
        frames = iter(reader)
        first = level(next(frames).image)
        time.sleep(0.6)  # a slow network: 30 pictures pass
        second = next(frames)
        assert level(second.image) > first + 5
        assert to_seconds(second.start) >= 0.1
        rest = list(frames)
    dropped = next(note for note in reader.notes if note.kind == "dropped")
    assert int(dropped.text.split()[0]) >= 5
    assert int(dropped.text.split()[0]) + len(rest) + 2 <= 60


def test_time_begins_with_the_newest_picture() -> None:
    """Networks are loaded while a camera is open already; what it showed meanwhile is of no use."""
    with camera(60).running() as address, open_frames(address, patience=SOON) as reader:
        time.sleep(0.5)
        frames = list(reader)
    numbers = [level(frame.image) for frame in frames]
    assert numbers[0] > 5
    assert frames[0].start == 0
    dropped = [int(note.text.split()[0]) for note in reader.notes if note.kind == "dropped"]
    assert sum(dropped) <= 60 - numbers[0] - len(frames)


def test_a_stream_of_h264(tmp_path: Path) -> None:
    """As capture boxes and phones send it."""
    images = [scene(48, 64, index) for index in range(50)]
    content = write_media(tmp_path / "a.ts", picture=Picture(images, options={"g": "10"})).read_bytes()

    def answer(handler: Any) -> None:
        begin(handler, "video/mp2t")
        for first in range(0, len(content), 2000):
            handler.wfile.write(content[first : first + 2000])
            handler.ours.stopping.wait(PACE)

    with Server(answer).running() as address, open_frames(address, patience=SOON) as reader:
        assert reader.live
        assert reader.rate == Rate(Fraction(25))
        frames = list(reader)
    assert len(frames) > 5
    assert np.abs(frames[-1].image.astype(int) - images[-1]).mean() < 8
    assert reader.notes[-1].kind == "camera-lost"


def test_a_stream_joined_between_key_frames_is_not_damaged(tmp_path: Path) -> None:
    """As every stream of a network camera is joined: the first pictures lean on one that is over."""
    images = [scene(48, 64, index) for index in range(75)]
    options = {"g": "25", "x264-params": "repeat-headers=1"}
    path = write_media(tmp_path / "a.ts", picture=Picture(images, options=options))
    joined = path.read_bytes()[behind_first_key(path) :]

    def answer(handler: Any) -> None:
        begin(handler, "video/mp2t")
        for first in range(0, len(joined), 2000):
            handler.wfile.write(joined[first : first + 2000])
            handler.ours.stopping.wait(PACE)

    with Server(answer).running() as address:
        stream = LiveStream(address, open_address(address, SOON))
        frames = 0
        with suppress(LostError):
            while True:
                stream.read()
                frames += 1
        stream.close()
    assert 25 <= frames <= 50
    assert stream.damaged == 0


def behind_first_key(path: Path) -> int:
    """Where the third packet of the picture begins in a transport stream."""
    import av

    with av.open(str(path)) as film:
        found = [packet.pos for packet in film.demux(video=0) if packet.pos is not None and packet.pos >= 0]
    return found[2]


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (lambda _: None, "the connection was cut|the stream ended"),
        (reset, "the connection was cut"),
        (stall, "nothing came in time|no picture came for 1 s"),
    ],
    ids=["over", "cut", "stalled"],
)
def test_a_camera_that_disappears_ends_the_frames(then: Callable[[Any], None], said: str) -> None:
    with camera(20, then).running() as address, open_frames(address, patience=SOON) as reader:
        frames = list(reader)
    assert len(frames) > 5
    (lost,) = [note for note in reader.notes if note.kind == "camera-lost"]
    assert any(part in lost.text for part in said.split("|")), lost.text
    assert list(reader) == []


def test_rubbish_between_pictures_is_passed_over() -> None:
    def answer(handler: Any) -> None:
        begin(handler)
        for index in range(40):
            whole = jpeg(2 * index)
            noise = np.random.default_rng(index).integers(0, 256, 700, np.uint8).tobytes()
            send(handler, noise if index % 5 == 4 else whole)

    with Server(answer).running() as address, open_frames(address, patience=SOON) as reader:
        numbers = [level(frame.image) for frame in reader]
    assert len(numbers) > 10
    assert not any(number % 5 == 4 for number in numbers)
    damaged = next(note for note in reader.notes if note.kind == "damaged")
    assert "pictures arrived damaged" in damaged.text


def test_rubbish_without_end_is_given_up() -> None:
    def babble(handler: Any) -> None:
        noise = np.random.default_rng(0)
        while not handler.ours.stopping.is_set():
            send(handler, noise.integers(0, 256, 700, np.uint8).tobytes())

    with camera(10, babble).running() as address, open_frames(address, patience=SOON) as reader:
        frames = list(reader)
    assert frames
    assert reader.notes[-1].kind == "camera-lost"


@pytest.mark.parametrize("stalled", [False, True], ids=["flowing", "stalled"])
def test_closing_waits_for_nobody(stalled: bool) -> None:
    def flow(handler: Any) -> None:
        while not handler.ours.stopping.is_set():
            send(handler, jpeg(100))

    server = camera(10, stall if stalled else flow)
    with server.running() as address:
        reader = open_frames(address, patience=seconds(60))
        with reader:
            assert len(list(islice(reader, 3))) == 3
            began = time.monotonic()
        assert time.monotonic() - began < 20  # a third of its patience
        assert list(reader) == []
        if not stalled:
            assert server.hung_up.wait(20)  # the connection is closed too


def test_a_film_behind_an_address_is_read_frame_by_frame(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mp4", picture=Picture([scene(48, 64, index) for index in range(50)]))
    content = path.read_bytes()

    def answer(handler: Any) -> None:
        first = int((handler.headers["Range"] or "bytes=0-").removeprefix("bytes=").split("-")[0])
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(content) - first))
        handler.send_header("Accept-Ranges", "bytes")
        handler.end_headers()
        handler.wfile.write(content[first:])

    with Server(answer).running() as address, open_frames(address, patience=SOON) as reader:
        assert (reader.live, reader.expected, reader.duration) == (False, 50, seconds(2))
        frames = []
        for frame in reader:
            time.sleep(0.002)
            frames.append(frame)
    assert reader.notes == ()
    with open_frames(path) as local:
        for frame, other in zip(frames, local, strict=True):
            assert frame.start == other.start
            assert (frame.image == other.image).all()


def test_a_film_whose_server_dies_says_what_is_missing(tmp_path: Path) -> None:
    path = write_media(
        tmp_path / "a.mp4",
        picture=Picture([scene(240, 320, index) for index in range(75)]),
        options={"movflags": "+faststart"},
    )
    content = path.read_bytes()

    def answer(handler: Any) -> None:
        if handler.headers["Range"] not in (None, "bytes=0-"):
            handler.ours.stopping.wait()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])
        handler.ours.stopping.wait()

    with Server(answer).running() as address, open_frames(address, patience=SOON) as reader:
        frames = list(reader)
    assert 10 < len(frames) < 75
    assert [note.kind for note in reader.notes] == ["damaged"]
    assert reader.notes[0].span.end == seconds(3)


def refuse(status: int) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def page(handler: Any) -> None:
    text = b"<html><body>Welcome to your camera</body></html>" * 50
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(text)))
    handler.end_headers()
    handler.wfile.write(text)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refuse(404), "there is nothing at this address; check its spelling"),
        (refuse(401), "it asks for a name and password"),
        (refuse(403), "it refuses access; check the name and password"),
        (page, "is neither film nor stream; check the address"),
        (stall, "nothing came in time; check the network and that the camera is on"),
    ],
    ids=["404", "401", "403", "page", "silence"],
)
def test_an_address_that_gives_no_picture(answer: Callable[[Any], None], said: str) -> None:
    with Server(answer).running() as address:
        secret = address.replace("http://", "http://me:secret@")
        with pytest.raises(MediaError) as caught:
            open_frames(f"{secret}?token=secret", patience=seconds(1))
    assert str(caught.value) == f"{address}: {said}" or said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_camera_that_begins_and_gives_nothing() -> None:
    with camera(0, stall).running() as address, pytest.raises(MediaError, match="nothing came in time"):
        open_frames(address, patience=seconds(1))


def test_sound_behind_an_address_is_no_picture(tmp_path: Path) -> None:
    content = write_media(tmp_path / "a.ts", [Sound(tone(1))]).read_bytes()

    def answer(handler: Any) -> None:
        begin(handler, "video/mp2t")
        handler.wfile.write(content)

    with Server(answer).running() as address, pytest.raises(NoPicture, match="it has no picture"):
        open_frames(address, patience=SOON)


def test_nobody_answers() -> None:
    with Server(stall).running() as address:
        pass
    with pytest.raises(
        MediaError, match="nothing answers there; check the address and that the camera is on"
    ):
        open_frames(address, patience=SOON)


@pytest.mark.parametrize("address", ["ftp://example.org/a.mp4", "file:///etc/passwd", "concat://a"])
def test_other_kinds_of_address_are_not_dialled(address: str) -> None:
    with pytest.raises(OptionError, match=r"is not dialled; give a file's path, or use http, https, rtsp"):
        open_frames(address)


def test_a_playlist_may_not_point_into_this_machine(tmp_path: Path) -> None:
    film = write_media(tmp_path / "a.ts", picture=Picture(grey(50)))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{film}\n#EXT-X-ENDLIST\n".encode()

    def answer(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/vnd.apple.mpegurl")
        handler.send_header("Content-Length", str(len(playlist)))
        handler.end_headers()
        handler.wfile.write(playlist)

    with Server(answer).running() as address, pytest.raises(MediaError):
        open_frames(address.replace("picture", "a.m3u8"), patience=SOON)


def test_what_is_a_camera_and_what_is_not() -> None:
    assert all(map(is_device, ["0", "12", "/dev/video0", "/dev/v4l/by-id/usb-Some_Camera-index0"]))
    assert not any(map(is_device, ["a.mp4", "0.mp4", "/dev/sda", "rtsp://a", "./0", "-1"]))
    assert all(map(is_address, ["rtsp://a/b", "http://a", "udp://@:1234", "HTTPS://a"]))
    assert not any(map(is_address, ["a.mp4", "C:\\a.mp4", "c:/a.mp4", "/a/b", "0"]))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("rtsp://me:pass@host:554/a?key=1", "rtsp://host:554/a"),
        ("rtsp://me:pa/ss@host/a", "rtsp://host/a"),
        ("rtsp://me:p@ss@host/a", "rtsp://host/a"),
        ("rtsp://me:p@s/s#s@[::1]:554/a", "rtsp://[::1]:554/a"),
        ("rtsp://me:pa?ss@host/a", "rtsp://…"),
        ("http://host/a?mail=me@example.org&key=pass", "http://…"),
        ("http://host/a#pass", "http://host/a"),
        ("http://[x/y", "http://[x/y"),
        ("udp://@:1234", "udp://:1234"),
    ],
)
def test_what_is_shown_of_an_address_holds_no_password(address: str, said: str) -> None:
    assert shown(address) == said
    assert not any(part in said for part in ("pa", "ss", "me"))


@pytest.mark.parametrize(
    "address",
    ["http://[x/y", "rtsp://me:secret/secret@host/a", "http://me:secret@host:port/a", "http://a:99999/"],
)
def test_an_address_that_cannot_be_taken_apart_is_not_repeated(address: str) -> None:
    with pytest.raises(OptionError, match="check its brackets and port, and write / as %2F") as caught:
        open_frames(address, patience=SOON)
    assert not any(part in str(caught.value) for part in ("[x", "secret", "99999", "host"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere cameras are no files")
@pytest.mark.parametrize("source", ["77", "/dev/video77"])
def test_a_camera_that_is_not_there(source: str) -> None:
    said = rf"camera {source}: there is no /dev/video77; (none is connected|use one of /dev/video)"
    with pytest.raises(MediaError, match=said):
        open_frames(source)


def test_without_opencv_a_camera_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(MissingExtra, match=r"pip install 'accessify\[signs\]'"):
        open_device("0")


def recorded(path: Path, images: list[np.ndarray]) -> Device:
    """OpenCV's reader on a film: what a camera looks like until it is pulled out."""
    import cv2

    write_media(path, picture=Picture(images, Fraction(50), codec="mjpeg"))
    return Device("camera 0", cv2.VideoCapture(str(path)))


def test_a_camera_that_is_pulled_out(tmp_path: Path) -> None:
    """One that is slower than its consumer."""

    class Slow(Device):
        def read(self) -> Any:
            time.sleep(PACE)
            return super().read()

    images = [np.full((48, 64, 3), (2 * index, 100, 240 - 2 * index), np.uint8) for index in range(20)]
    device = recorded(tmp_path / "a.avi", images)
    device.__class__ = Slow
    with LiveReader(device, SOON) as reader:
        assert (reader.size, reader.rate) == ((64, 48), Rate(Fraction(50)))
        frames = list(reader)
    assert len(frames) >= 10
    number = round(frames[-1].image[..., 0].mean() / 2)  # RGB, not OpenCV's BGR
    assert abs(number - 19) <= 1
    assert abs(frames[-1].image[..., 2].mean() - 202) <= 4
    (lost,) = [note for note in reader.notes if note.kind == "camera-lost"]
    assert "it gives no more pictures; it may have been pulled out or taken over" in lost.text


def test_a_camera_without_a_single_picture(tmp_path: Path) -> None:
    device = recorded(tmp_path / "a.avi", [scene(48, 64)])
    device.read()
    with pytest.raises(LostError):
        device.read()
    with pytest.raises(MediaError, match=r"camera 0: it gives no more pictures.*check that it is on"):
        LiveReader(device, SOON)


def test_a_camera_that_hangs_is_given_up(tmp_path: Path) -> None:
    """A driver that never comes back must not hold up anyone."""
    freed = Event()

    class Hanging(Device):
        def read(self) -> Any:
            if self._capture.get(1) >= 3:  # pictures read so far
                freed.wait()
            return super().read()

    device = recorded(tmp_path / "a.avi", [scene(48, 64)] * 10)
    device.__class__ = Hanging
    try:
        with LiveReader(device, seconds(Fraction(1, 2))) as reader:
            frames = list(reader)
    finally:
        freed.set()
    assert 1 <= len(frames) <= 3
    assert "no picture came for 0.5 s" in reader.notes[-1].text


class Source:
    """A camera of 30 pictures a second, as its driver says."""

    name = "camera 9"
    rate = Rate(Fraction(30))
    damaged = 0

    def __init__(self) -> None:
        self.closed = Event()

    def read(self) -> Any:
        time.sleep(PACE)
        return np.zeros((4, 4, 3), np.uint8)

    def picture(self, raw: Any) -> Any:
        return raw

    def close(self) -> None:
        self.closed.set()


def test_a_picture_that_cannot_be_converted_leaves_no_camera_open() -> None:
    class Odd(Source):
        def picture(self, raw: Any) -> Any:
            raise MediaError("camera 9: its pictures cannot be converted", path="9")

    source = Odd()
    with pytest.raises(MediaError, match="its pictures cannot be converted"):
        LiveReader(source, SOON)
    assert source.closed.wait(20)
    wait_for_end(source.name)


def wait_for_end(name: str) -> None:
    """Until the thread of the camera `name` is over."""
    for thread in enumerate_threads():
        if thread.name == name:
            thread.join(20)
            assert not thread.is_alive()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_camera_whose_driver_fails_at_closing_ends_the_frames_all_the_same() -> None:
    class Stubborn(Source):
        def read(self) -> Any:
            if self.closed.is_set():
                raise LostError("it was pulled out")
            return super().read()

        def close(self) -> None:
            raise OSError("the driver is gone")

    source = Stubborn()
    with LiveReader(source, seconds(60)) as reader:
        frames = iter(reader)
        next(frames)
        source.closed.set()
        began = time.monotonic()
        list(frames)
        assert time.monotonic() - began < 30  # half its patience
        wait_for_end(source.name)
    assert "it was pulled out" in reader.notes[-1].text


def test_the_rate_is_that_of_the_pictures_given() -> None:
    with LiveReader(Source(), SOON) as reader:
        assert reader.rate == Rate(Fraction(30))
        frames = iter(reader)
        starts = [next(frames).start]
        assert reader.rate == Rate(Fraction(30))
        for frame in islice(frames, 4):
            starts.append(frame.start)
            time.sleep(0.1)
            average = (len(starts) - 1) / to_seconds(starts[-1])
            assert float(reader.rate.fps) == pytest.approx(average, rel=3e-4)
        assert reader.rate.fps < 20  # nobody looks thirty times a second
    assert float(reader.rate.fps) == pytest.approx(average, rel=3e-4)


def test_what_arrived_damaged_before_anybody_looked_does_not_count() -> None:
    source = Source()
    with LiveReader(source, SOON) as reader:
        source.damaged = 5
        frames = iter(reader)
        next(frames)
        assert "damaged" not in [note.kind for note in reader.notes]
        source.damaged = 7
        assert [note.text for note in reader.notes if note.kind == "damaged"] == [
            "2 pictures arrived damaged and were passed over"
        ]
