"""The page and the player element, as they lie in the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from accessify.server.guard import problem

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".vtt": "text/vtt; charset=utf-8",
}


async def page(request: Request) -> Response:
    """`/` and the files beside it."""
    name = request.path_params.get("name") or "index.html"
    folder = files("accessify.delivery") / "web"
    kind = _TYPES.get(Path(name).suffix)
    if kind is None or "/" in name or "\\" in name or name.startswith(".") or not folder.is_dir():
        return problem(404, "not-found", "there is no such page")
    found = {entry.name: entry for entry in folder.iterdir() if entry.is_file()}
    if name not in found:
        return problem(404, "not-found", "there is no such page")
    return Response(found[name].read_bytes(), media_type=kind, headers={"Cache-Control": "no-cache"})
