"""What the page is made of: modules, styles and words, as they lie in the packages."""

from __future__ import annotations

import json
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from accessify.server.guard import problem

LANGUAGES = ("en", "zh-Hans")
"""Languages of the interface."""
HEAD = (
    '<link rel="icon" href="web/icon.svg"><meta name="color-scheme" content="light dark">'
    "{styles}"
    '<script type="module" src="web/app.js"></script>'
)


def head() -> str:
    """What stands in the page's head: the styles of all tabs and the module that fills them."""
    names = sorted(entry.name for entry in (files("accessify_app") / "web").iterdir())
    sheets = ["base.css", *(name for name in names if name.endswith(".css") and name != "base.css")]
    return HEAD.format(styles="".join(f'<link rel="stylesheet" href="web/{name}">' for name in sheets))


def routes() -> list[BaseRoute]:
    """`/web/…`: the app's own files and those of the player element."""
    both = StaticFiles(packages=[("accessify_app", "web"), ("accessify", "delivery/web")])
    return [Route("/web/words.{language}.json", words), Mount("/web", both)]


async def words(request: Request) -> Response:
    """All words of the page in one language."""
    language = request.path_params["language"]
    if language not in LANGUAGES:
        return problem(404, "not-found", "the page has no words in this language")
    return JSONResponse(words_in(language), headers={"Cache-Control": "no-cache"})


def words_in(language: str) -> dict[str, object]:
    """Key → text, or texts by plural category, of all parts of the page."""
    found: dict[str, object] = {}
    for entry in (files("accessify_app") / "web" / "text").iterdir():
        if entry.name.endswith(f".{language}.json") and not entry.name.startswith("player."):
            found |= json.loads(entry.read_text("utf-8"))
    return found
