"""Films of somebody who signs, put together from a real one, and a camera that shows them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Semaphore, Thread
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.cli import main
from accessify.core.holistic import BODY, FACE, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.pipelines.landmarks import LandmarkOptions
from tests.media.make_media import Picture, write_media

Image = NDArray[np.uint8]

SHARED = Path(__file__).parents[3] / "shared"
SENTENCE = SHARED / "data" / "sign" / "reference" / "sentence_320x240.mp4"
OPTIONS = LandmarkOptions(offline=True)
PARTS = (BODY, FACE, LEFT_HAND, RIGHT_HAND)


def signing(first: int = 30, count: int = 12) -> list[Image]:
    """Pictures [240, 320, 3] of a signer, both hands in view; skips where there is no such film."""
    if not SENTENCE.exists():
        pytest.skip("needs a film of a signer in the data beside the checkout")
    return _sentence()[first : first + count]


@cache
def _sentence() -> list[Image]:
    import av

    with av.open(str(SENTENCE)) as film:
        return [np.asarray(picture.to_ndarray(format="rgb24")) for picture in film.decode(video=0)]


def write_film(path: Path, images: Sequence[Image], **picture: Any) -> Path:
    """A film of `images` that loses nothing but colour detail; `picture` as in `Picture`."""
    return write_media(path, picture=Picture(images, **{"options": {"qp": "0"}, **picture}))


def seen(clip: PoseClip, part: str) -> NDArray[np.bool_]:
    """Shape [frames]: whether the part was found; a part is found whole or not at all."""
    points, confidence = clip.part(part)
    there = (confidence > 0).all(axis=1)
    assert (np.isnan(points).all(axis=(1, 2)) == ~there).all()
    assert (confidence[~there] == 0).all()
    return np.asarray(there)


def apart(one: PoseClip, other: PoseClip, part: str) -> NDArray[np.float32]:
    """Pixels between the points that both see, in the pictures in which both found the part."""
    both = seen(one, part) & seen(other, part)
    assert both.any()
    (places, sure), (others, as_sure) = one.part(part), other.part(part)
    distances = np.linalg.norm(places[both, :, :2] - others[both, :, :2], axis=-1)
    return np.asarray(distances[(np.minimum(sure, as_sure) >= 0.5)[both]])


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run `accessify landmarks …` in this process; its exit code."""
    interval = sys.getswitchinterval()
    monkeypatch.setattr(sys, "argv", ["accessify", "landmarks", *map(str, arguments)])
    try:
        with pytest.raises(SystemExit) as end:
            main()
    finally:
        sys.setswitchinterval(interval)
    assert isinstance(end.value.code, int)
    return end.value.code


@contextmanager
def camera(images: Iterable[Image], ready: Semaphore) -> Iterator[str]:
    """The address of a network camera (MJPEG) that sends a picture for each `ready`, then disappears."""
    import cv2

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
            self.end_headers()
            with suppress(ConnectionError):
                for image in images:
                    picture = cv2.imencode(".jpg", image[..., ::-1])[1].tobytes()
                    if not ready.acquire(timeout=9):
                        return
                    head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                    self.wfile.write(head.encode() + picture + b"\r\n")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://user:secret@127.0.0.1:{server.server_port}/signer.mjpg"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
