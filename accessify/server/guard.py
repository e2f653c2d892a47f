"""Who may use the server: host name, origin, token, and how much at once from one address."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accessify.server.options import ServerOptions

SUBPROTOCOL = "accessify"
"""What a socket may name beside `bearer.TOKEN`, since browsers let pages set no header."""
_SECURITY = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; media-src 'self' blob:; font-src 'self'; worker-src 'self' blob:; "
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
}
_GUARDED = ("/v1/", "/rooms", "/metrics")
_COUNTED = ("/v1/captions", "/v1/audio/", "/events")


def problem(status: int, code: str, message: str, param: str | None = None) -> JSONResponse:
    """An error as OpenAI spells it."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status_code=status, headers=headers)


class Guard:
    """ASGI middleware that lets in who may come in, and puts security headers on every answer."""

    def __init__(self, app: ASGIApp, options: ServerOptions) -> None:
        self._app, self._options = app, options
        self._present: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        wrapped = _with_headers(send)
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, wrapped)
            return
        address = (scope.get("client") or ("",))[0] if _counted(scope["path"]) else None
        if address is None:
            await self._app(scope, receive, wrapped)
            return
        if self._present[address] >= self._options.limits.per_address:
            text = f"{self._options.limits.per_address} connections from your address are open; close one"
            await problem(429, "too-many", text)(scope, receive, wrapped)
            return
        self._present[address] += 1
        try:
            await self._app(scope, receive, wrapped)
        finally:
            self._present[address] -= 1
            if not self._present[address]:
                del self._present[address]

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._knows_host(headers.get("host", "")):
            return problem(421, "bad-host", "the server does not answer to this host name; see --allow-host")
        reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD", "OPTIONS")
        if not reads and not self._knows_origin(headers):
            return problem(403, "bad-origin", "pages of this origin may not use it; see --allow-origin")
        token = self._options.token
        preflight = scope["type"] == "http" and scope["method"] == "OPTIONS"
        if token is None or preflight or not scope["path"].startswith(_GUARDED):
            return None
        if not any(_same(given, token) for given in _presented(scope, headers)):
            return problem(401, "unauthorized", "a valid token is needed: Authorization: Bearer …")
        return None

    def _knows_host(self, host: str) -> bool:
        hosts = self._options.hosts
        if hosts is None or self._options.token is not None:
            return True
        try:
            return (urlsplit(f"//{host}").hostname or "") in hosts
        except ValueError:
            return False

    def _knows_origin(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or {"*", origin} & set(self._options.origins):
            return True
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""


def _presented(scope: Scope, headers: Headers) -> Sequence[str]:
    """Tokens that a client shows, wherever it does."""
    found = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found.append(value.strip())
    offered = scope.get("subprotocols", ())
    return found + [name.removeprefix("bearer.") for name in offered if name.startswith("bearer.")]


def _same(given: str, token: str) -> bool:
    """Compared in a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _counted(path: str) -> bool:
    return path.startswith(_COUNTED[:2]) or path.endswith(_COUNTED[2])


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            for name, value in _SECURITY.items():
                headers.setdefault(name, value)
        await send(message)

    return wrapped
