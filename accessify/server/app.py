"""The server as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from accessify.pipelines.live import LiveEngine
from accessify.server.events import events
from accessify.server.guard import SUBPROTOCOL, Guard, problem
from accessify.server.jobs import Jobs
from accessify.server.metrics import CONTENT_TYPE, Metrics
from accessify.server.options import ServerOptions
from accessify.server.pages import page
from accessify.server.playlists import playlist, segment
from accessify.server.realtime import talk
from accessify.server.room_routes import room_routes, sweep_rooms
from accessify.server.rooms import Rooms
from accessify.server.streams import Streams
from accessify.server.transcriptions import Desk, models, transcriptions, translations
from accessify.server.unread import Unread


def create_app(
    options: ServerOptions,
    engine: LiveEngine,
    routes: Sequence[BaseRoute] | None = None,
    rooms: Rooms | None = None,
    jobs: Jobs | None = None,
) -> Starlette:
    """The application; `engine`, `rooms` and `jobs` stay their caller's, to be closed after the server has
    stopped.

    `routes` take the place of the page and its files; rooms are served where `rooms` and `jobs` are given.
    `app.state.streams.drain()` ends all streams in good order; `running.Server` calls it.
    """
    metrics = Metrics()
    app = Starlette(
        routes=[
            *_routes(),
            *(room_routes() if rooms and jobs else ()),
            *(_pages() if routes is None else routes),
        ],
        middleware=_middleware(options),
        exception_handlers={HTTPException: _refused, Exception: _failed},
        lifespan=_lifespan,
    )
    app.state.options, app.state.metrics = options, metrics
    app.state.streams = Streams(engine, options, metrics)
    app.state.desk = Desk(options, metrics)
    if rooms and jobs:
        app.state.rooms, app.state.jobs = rooms, jobs
    return app


def _routes() -> list[BaseRoute]:
    return [
        Route("/v1/audio/transcriptions", transcriptions, methods=["POST"]),
        Route("/v1/audio/translations", translations, methods=["POST"]),
        Route("/v1/models", models),
        WebSocketRoute("/v1/captions", captions),
        Route("/v1/live/{id}/events", events),
        Route("/v1/live/{id}/captions.m3u8", playlist),
        Route("/v1/live/{id}/captions/start.vtt", segment),
        Route("/v1/live/{id}/captions/{number:int}.vtt", segment),
        Route("/healthz", health),
        Route("/metrics", figures),
    ]


def _pages() -> list[BaseRoute]:
    return [Route("/", page), Route("/{name}", page)]


def _middleware(options: ServerOptions) -> list[Middleware]:
    usual = [Middleware(Unread), Middleware(Guard, options=options)]
    if not options.origins:
        return usual
    cors = Middleware(
        CORSMiddleware,
        allow_origins=options.origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        max_age=600,
    )
    return [cors, *usual]


async def _refused(request: Request, error: Exception) -> Response:
    """What no route answers, in the one form that all errors have."""
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    told = {
        404: "there is nothing at this address",
        405: f"this address does not take {request.method}, but {(error.headers or {}).get('Allow')}",
    }
    code = error.detail.lower().replace(" ", "-")
    answer = problem(error.status_code, code, told.get(error.status_code, error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _failed(_request: Request, error: Exception) -> Response:
    """A fault of the server; uvicorn logs it."""
    return problem(500, "failed", f"the server failed ({type(error).__name__})")


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    sweeping = [asyncio.create_task(app.state.streams.sweep())]
    if hasattr(app.state, "rooms"):
        sweeping.append(asyncio.create_task(sweep_rooms(app.state.rooms, app.state.jobs)))
    try:
        yield
    finally:
        for task in sweeping:
            task.cancel()
        await asyncio.gather(*sweeping, return_exceptions=True)
        await app.state.streams.drain()
        app.state.desk.close()


async def captions(socket: WebSocket) -> None:
    """`WS /v1/captions`."""
    offered = socket.scope.get("subprotocols", ())
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    await talk(socket, socket.app.state.streams)


async def health(request: Request) -> Response:
    """`GET /healthz`: whether it serves, and how far behind it is."""
    streams: Streams = request.app.state.streams
    body = {
        "status": "stopping" if streams.stopping else "ok",
        "version": version("accessify"),
        "streams": streams.open_count,
        "lag": round(streams.lag(), 3),
    }
    return JSONResponse(body, status_code=503 if streams.stopping else 200)


async def figures(request: Request) -> Response:
    """`GET /metrics` for Prometheus."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})
