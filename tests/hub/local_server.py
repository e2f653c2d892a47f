"""A web server on the loopback that misbehaves on demand."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class LocalServer(ThreadingHTTPServer):
    """Serves `files`; `acts` says what the next requests meet, one act each, then all goes well.

    Acts: `cut` or `cut:N` (close after half or N bytes), `stall` (send half, then nothing), `corrupt`
    (flip every bit), `elsewhere` (a range that was not asked for), `endless` (no length, and more than
    there should be), or a status such as `500`.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.acts: list[str] = []
        self.always: str = ""
        """The act of every request that `acts` says nothing of."""
        self.ranges = True
        self.requests: list[tuple[str, str | None]] = []
        """Path and Range header of each request so far."""
        self.stalled = threading.Event()
        self._released = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def stall(self) -> None:
        self.stalled.set()
        self._released.wait()

    def release(self) -> None:
        """Cut the connections that stall."""
        self._released.set()

    def close(self) -> None:
        self.release()
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: LocalServer

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.requests.append((self.path, wanted))
        act = self.server.acts.pop(0) if self.server.acts else self.server.always
        content = self.server.files.get(self.path)
        if act.isdigit():
            self.send_error(int(act))
        elif content is None:
            self.send_error(404)
        else:
            with suppress(ConnectionError):  # the client gave up first, as some tests want
                self._answer(content, wanted, act)

    def _answer(self, content: bytes, wanted: str | None, act: str) -> None:
        body, total = content, len(content)
        start = re.fullmatch(r"bytes=(\d+)-", wanted or "")
        if start and self.server.ranges:
            first = int(start[1])
            if first >= total:
                self.send_error(416)
                return
            body = content[first:]
            self.send_response(206)
            told = 0 if act == "elsewhere" else first
            self.send_header("Content-Range", f"bytes {told}-{total - 1}/{total}")
        else:
            self.send_response(200)
        page = self.path.endswith("/")
        self.send_header("Content-Type", "text/html" if page else "application/octet-stream")
        if act != "endless":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send(body, act)

    def _send(self, body: bytes, act: str) -> None:
        name, _, count = act.partition(":")
        if name == "cut":
            self.wfile.write(body[: int(count or len(body) // 2)])
        elif name == "stall":
            self.wfile.write(body[: len(body) // 2])
            self.server.stall()
        elif name == "corrupt":
            self.wfile.write(bytes(byte ^ 0xFF for byte in body))
        elif name == "endless":
            self.wfile.write(body + b"and more")
        else:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output to the test."""
