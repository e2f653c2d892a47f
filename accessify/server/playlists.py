"""`GET /v1/live/{id}/captions.m3u8` and its WebVTT segments."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from accessify.server.guard import problem
from accessify.server.hls import lead_in
from accessify.server.session import Session
from accessify.server.streams import Streams

_PLAYLIST = "application/vnd.apple.mpegurl"
_LAST_MPEGTS = 1 << 33


async def playlist(request: Request) -> Response:
    """The media playlist; `?mpegts=n` gives the film's time (90 kHz) at the stream's zero."""
    session, mpegts = _session(request), _mpegts(request)
    if session is None:
        return problem(404, "unknown-stream", "there is no such stream (any more)")
    if mpegts is None:
        return _bad_mpegts()
    kept = {name: request.query_params[name] for name in ("mpegts", "token") if name in request.query_params}
    query = f"?{urlencode(kept)}" if kept else ""
    text = session.captions.playlist(query, session.began)
    return Response(text, media_type=_PLAYLIST, headers={"Cache-Control": "no-cache"})


async def segment(request: Request) -> Response:
    """One segment, which never changes."""
    session, mpegts = _session(request), _mpegts(request)
    if mpegts is None:
        return _bad_mpegts()
    number = request.path_params.get("number")
    text = None
    if session is not None:
        text = lead_in(mpegts) if number is None else session.captions.segment(number, mpegts)
    if text is None:
        return problem(404, "unknown-segment", "there is no such segment (yet, or any more)")
    return Response(text, media_type="text/vtt", headers={"Cache-Control": "private, max-age=3600"})


def _session(request: Request) -> Session | None:
    streams: Streams = request.app.state.streams
    return streams.find(request.path_params["id"])


def _mpegts(request: Request) -> int | None:
    text = request.query_params.get("mpegts", "0")
    return int(text) if text.isdecimal() and len(text) <= 10 and int(text) < _LAST_MPEGTS else None


def _bad_mpegts() -> Response:
    return problem(400, "bad-mpegts", "mpegts must be a whole number below 2^33 (90 kHz ticks)")
