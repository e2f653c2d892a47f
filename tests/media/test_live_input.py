from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import AccessifyError, MediaError, NoAudio, NotMedia, OptionError
from accessify.core.timeline import seconds, to_seconds
from accessify.media.live_input import AddressInput, RawFormat, open_film, open_input
from tests.fakes import write_wav
from tests.media.live_material import pitch, recorded, tone

ROOT = Path(__file__).parents[2]


def _wav(path: Path, sound: np.ndarray, rate: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


def _sweep(length: float) -> np.ndarray:
    """A tone that tells the time: 400 Hz in the first second, 500 Hz in the second …"""
    return np.concatenate([tone(1, 16_000, 400 + 100 * second) for second in range(int(length))])


@contextmanager
def _serving(answer: Callable[[BaseHTTPRequestHandler, int], None]) -> Iterator[str]:
    """An address where the nth request (from 0) is answered by `answer`."""
    count = iter(range(1_000_000))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self, next(count))

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/live"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _chunked(handler: BaseHTTPRequestHandler, data: bytes, *, end: bool) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "video/webm")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) + (b"0\r\n\r\n" if end else b"ffff\r\n"))
    handler.wfile.flush()
    handler.close_connection = True
    if not end:  # the line goes dead in the middle of a chunk
        handler.connection.shutdown(socket.SHUT_RDWR)


def test_a_file_is_heard_in_blocks_of_32_ms(tmp_path: Path) -> None:
    with open_input(str(_wav(tmp_path / "a.wav", tone(2, 16_000)))) as source:
        blocks = list(source)
    assert {len(block) for block in blocks[:-1]} == {512}
    assert sum(map(len, blocks)) == 32_000
    assert source.notes == ()
    assert not source.live


def test_a_film_is_heard_from_any_place(tmp_path: Path) -> None:
    file = tmp_path / "a.webm"
    file.write_bytes(recorded(np.repeat(_sweep(6), 3)))  # no index: the worst case
    for path in (_wav(tmp_path / "a.wav", _sweep(6)), file):
        with open_film(str(path), seconds(3)) as source:
            sound = np.concatenate(list(source))
        assert len(sound) / 16_000 == pytest.approx(3, abs=0.05)
        assert pitch(sound[2_000:14_000]) == pytest.approx(700, abs=5)


def test_raw_files_and_missing_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(tone(1, 8_000).astype("<f4").tobytes())
    with open_input(str(path), RawFormat("float32", 8_000)) as source:
        assert sum(map(len, source)) == pytest.approx(16_000, abs=2)
    for bad in (tmp_path / "none.wav", tmp_path):
        with pytest.raises(NotMedia):
            open_input(str(bad))
        with pytest.raises(NotMedia):
            open_input(str(bad), RawFormat("pcm16"))
    (tmp_path / "text.wav").write_text("hello")
    with pytest.raises(NotMedia):
        open_input(str(tmp_path / "text.wav"))


def test_a_film_over_the_web_ends_where_it_ends(tmp_path: Path) -> None:
    data = _wav(tmp_path / "a.wav", tone(2, 16_000)).read_bytes()

    def answer(handler: BaseHTTPRequestHandler, _number: int) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    with _serving(answer) as address, open_input(address) as source:
        assert sum(map(len, source)) == 32_000
        assert source.notes == ()


def test_a_stream_that_ends_is_not_begun_again() -> None:
    data = recorded(tone(2))
    serving = _serving(lambda handler, _: _chunked(handler, data, end=True))
    with serving as address, AddressInput(address, pauses=(0.05,)) as source:
        assert source.live
        assert sum(map(len, source)) == pytest.approx(32_000, abs=800)
    assert source.notes == ()


def test_a_stream_that_is_cut_is_dialled_again_and_the_gap_is_silence_with_a_note() -> None:
    data = recorded(tone(2))
    serving = _serving(lambda handler, number: _chunked(handler, data, end=number > 0))
    with serving as address, AddressInput(address, pauses=(0.3,)) as source:
        sound = np.concatenate(list(source))
    assert [note.kind for note in source.notes] == ["reconnected"]
    assert len(sound) / 16_000 >= 4.2
    quiet = np.abs(sound[32_500 : 32_500 + 3_200])
    assert quiet.max() < 0.01
    assert pitch(sound[-16_000:]) == pytest.approx(440, abs=2)


def test_a_stream_that_does_not_come_back_ends_with_a_note() -> None:
    data = recorded(tone(1))

    def answer(handler: BaseHTTPRequestHandler, number: int) -> None:
        if number:
            handler.send_error(404)
        else:
            _chunked(handler, data, end=False)

    with _serving(answer) as address, AddressInput(address, pauses=(0.01, 0.01)) as source:
        assert sum(map(len, source)) > 12_000
    assert [note.kind for note in source.notes] == ["source-lost"]
    assert "there is nothing at this address" in source.notes[0].text


def test_addresses_that_give_nothing(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(MediaError, match="nothing answers there"):
        open_input(f"http://127.0.0.1:{port}/")
    serving = _serving(lambda handler, _: handler.send_error(404))
    with serving as address, pytest.raises(MediaError, match="check its spelling"):
        open_input(address)
    with pytest.raises(OptionError, match="gopher is not dialled"):
        open_input("gopher://example.org/1")
    with pytest.raises(OptionError, match="raw sound"):
        open_input("http://example.org/", RawFormat("pcm16"))


HEAR = (
    "import sys, numpy as np\n"
    "from accessify.media.live_input import *\n"
    "from accessify.core.errors import AccessifyError\n"
    "try:\n"
    "    with open_input('-'{}) as source:\n"
    "        print(sum(map(len, source)), *[note.kind for note in source.notes])\n"
    "except AccessifyError as error:\n"
    "    print(type(error).__name__, error)\n"
)


def _hear(raw: str = "", **options: object) -> str:
    run = [sys.executable, "-W", "error", "-c", HEAR.format(raw)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, timeout=60, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    return str(done.stdout.decode().strip())


def test_standard_input_holds_a_container_or_samples(tmp_path: Path) -> None:
    wav = _wav(tmp_path / "a.wav", tone(2, 16_000)).read_bytes()
    assert _hear(input=wav) == "32000"
    assert _hear(input=recorded(tone(2), kind="mpegts", codec="aac")).isdecimal()
    assert int(_hear(input=recorded(tone(2)))) == pytest.approx(32_000, abs=800)
    raw = ", RawFormat('pcm16', 8000)"
    assert _hear(raw, input=bytes(16_001)) == "16000 damaged"


def test_standard_input_that_is_no_sound() -> None:
    assert _hear(input=b"").startswith("NotMedia standard input: not a media file (it is empty)")
    assert "--raw" in _hear(input=b"hello " * 2_000)
    assert _hear(stdin=subprocess.DEVNULL).startswith("NotMedia")
    with (ROOT / "README.md").open("ab") as unreadable:
        told = _hear(stdin=unreadable)
    assert told.startswith("MediaError standard input: it cannot be read")


def test_standard_input_is_heard_while_it_comes() -> None:
    code = (
        "from accessify.media.live_input import *\n"
        "for block in open_input('-'):\n"
        "    print(len(block), flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        data = recorded(tone(4))
        child.stdin.write(data[: len(data) // 2])
        child.stdin.flush()
        assert child.stdout.readline() == b"512\n"  # not only at the end
        time.sleep(0.1)
        child.stdin.close()
        assert child.stdout.read().count(b"512") > 50


def test_a_film_without_sound(tmp_path: Path) -> None:
    import av

    path = tmp_path / "silent.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(NoAudio):
        open_input(str(path))
    with pytest.raises(AccessifyError):
        open_film(str(path), seconds(1))


def test_a_file_that_was_cut_off_says_what_is_missing(tmp_path: Path) -> None:
    whole = write_wav(tmp_path / "whole.wav", np.zeros(4 * SPEECH_RATE, np.float32))
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole.read_bytes()[: 3 * SPEECH_RATE])
    with open_input(str(cut)) as source:
        heard = np.concatenate([*source])
    assert 1.4 < len(heard) / SPEECH_RATE < 1.6
    (note,) = source.notes
    assert note.kind == "damaged"
    assert to_seconds(note.span.end) == pytest.approx(4, abs=0.01)
