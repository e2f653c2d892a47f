"""What is said to a client that cannot be served: a code for programs, a line for people."""

from __future__ import annotations

from typing import Any

CLOSE_CODES = {
    "bad-start": 4400,
    "bad-message": 4400,
    "bad-sound": 4400,
    "unknown-stream": 4404,
    "no-start": 4408,
    "idle": 4408,
    "replaced": 4409,
    "too-big": 4413,
    "too-many": 4429,
    "slow-reader": 1013,
    "restarting": 1012,
    "failed": 1011,
}
"""Error code of the live protocol → close code of the socket (RFC 6455 §7.4; 4000 to 4999 are ours)."""
CAMERA_CODES = CLOSE_CODES | {
    "bad-picture": 4400,
    "no-room": 4404,
    "camera-replaced": 4409,
    "camera-turned": 4410,
    "cameras-full": 4429,
}
"""The same of a camera's socket."""


class Refused(Exception):
    """A client is told no; on a socket, `code` is one of `CAMERA_CODES`."""

    def __init__(self, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data
        """`data`: what programs may want to know besides, JSON."""

    @property
    def close(self) -> int:
        """Close code of a socket."""
        return CAMERA_CODES[self.code]

    def event(self) -> dict[str, Any]:
        """The message that tells it."""
        return {"type": "error", "code": self.code, "message": self.message}
