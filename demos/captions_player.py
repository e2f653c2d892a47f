"""Captions in a page of your own: captions a film and serves captions_player.html with both, on this machine.

python demos/captions_player.py film.mp4  # then open http://127.0.0.1:8080; needs accessify[server]

A page on your own web server needs three files beside it: the film (H.264 or VP9, as browsers play it),
its captions (`accessify caption film.mp4 -f vtt`) and accessify-captions.js.
"""

import sys
from importlib.resources import files
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Route

import accessify


def served(address: str, path: Path) -> Route:
    """`path` at `address`, in the pieces that a browser asks for."""
    return Route(address, lambda _: FileResponse(path))


if __name__ == "__main__":
    film, port = Path(sys.argv[1]), int([*sys.argv, 8080][2])
    captions = film.with_suffix(".vtt")
    if not captions.exists():  # made before, or by a person
        accessify.caption_film(film, output=captions, formats=["vtt"])
    places = {
        "/": Path(__file__).with_name("captions_player.html"),
        "/film": film,
        "/captions.vtt": captions,
        "/accessify-captions.js": Path(str(files("accessify.delivery"))) / "web" / "accessify-captions.js",
    }
    uvicorn.run(Starlette(routes=[served(*place) for place in places.items()]), port=port)
