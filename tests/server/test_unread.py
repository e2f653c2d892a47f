"""Bodies that nobody wants are not read on, and their clients still get the answer."""

from __future__ import annotations

import json
import socket
import time

import pytest

from accessify.pipelines.live import LiveEngine
from accessify.server.options import Limits
from tests.server.site import WAIT, serving

pytestmark = pytest.mark.models

PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'


def send_without_end(client: socket.socket, *, chunked: bool) -> None:
    """A file that never ends; gives up where the server takes it for too long."""
    ends, piece = time.monotonic() + WAIT, PART
    while time.monotonic() < ends:
        client.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        piece = bytes(20_000)
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("length", "token", "status"),
    [
        ("Transfer-Encoding: chunked", None, 413),
        ("Content-Length: 99999999999", None, 413),
        ("Content-Length: 99999999999", "a-very-secret-token", 401),
    ],
)
def test_the_rest_of_a_body_is_not_taken(
    live_engine: LiveEngine, length: str, token: str | None, status: int
) -> None:
    head = (
        f"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\n{length}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    with (
        serving(live_engine, Limits(upload_bytes=100_000), token=token) as site,
        socket.create_connection(("127.0.0.1", site.port), WAIT) as client,
    ):
        client.sendall(head.encode())
        with pytest.raises(ConnectionError):
            send_without_end(client, chunked="chunked" in length)
        answer, _, body = client.recv(65_536).decode().partition("\r\n\r\n")
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert "connection: close" in answer.lower()
    assert json.loads(body)["error"]["message"]
