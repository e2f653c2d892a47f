"""What browsers are told about the page: it talks to its own server and to nobody else."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; manifest-src 'self'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors {frames}"
)
"""Gradio's page has scripts in it and makes more; where they may connect to is what keeps data here."""
_CLOSED = ("/gradio_api/upload", "/gradio_api/file", "/gradio_api/proxy", "/gradio_api/stream")
"""Doors of Gradio that the app does not use: its files are in rooms."""


class PageHeaders:
    """ASGI middleware for the Gradio page; rooms and the API keep the server's stricter headers."""

    def __init__(self, app: ASGIApp, framed_by: tuple[str, ...] = ()) -> None:
        self._app = app
        self._headers = {
            "content-security-policy": _POLICY.format(frames=" ".join(framed_by) or "'none'"),
            "permissions-policy": "microphone=(self), camera=(self), fullscreen=(self), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(("/rooms", "/v1/", "/metrics", "/healthz")):
            await self._app(scope, receive, send)
            return
        if path.startswith(_CLOSED):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, with_headers)
