"""Pages that embed the player, as a developer would write them."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.delivery.web.loopback import Loopback, Message

STYLE = ":root{color-scheme:light dark} body{font:16px system-ui;margin:1rem}"
STYLE += "video{width:640px;max-width:100%;display:block}"
VIDEO = '<video id="film" src="film.webm" controls muted>{tracks}</video>'
FILE = (
    '<accessify-captions id="captions" for="film" src="film.vtt" srclang="{lang}" label="Captions">'
    "</accessify-captions>"
)
LIVE = '<accessify-captions id="captions" for="film" srclang="{lang}" live="{live}"></accessify-captions>'
PANE = '<accessify-captions id="captions" srclang="{lang}"></accessify-captions>'
STARTED: Message = {"type": "started", "id": "a", "seq": 0, "resumed": False}


def put(server: Loopback, body: str, *, vtt: str = "WEBVTT\n", lang: str = "en", tracks: str = "") -> None:
    """Make `body` the server's `demo.html`."""
    filled = (VIDEO + body).format(tracks=tracks, lang=lang, live="events")
    server.pages |= {
        "demo.css": STYLE,
        "film.vtt": vtt,
        "demo.html": f'<!doctype html><html lang="{lang}"><head><title>Film</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="demo.css">'
        '<script type="module" src="accessify-captions.js"></script></head>'
        f"<body><main><h1>Film</h1>{filled}</main></body></html>",
    }


def open_demo(page: Page, server: Loopback) -> None:
    page.goto(server.address("demo.html"))
    page.wait_for_function(
        "() => customElements.get('accessify-captions') && document.querySelector('video').readyState >= 2"
    )


def seek(page: Page, seconds: float) -> None:
    page.evaluate("at => { document.getElementById('film').currentTime = at; }", seconds)


def update(page: Page, *messages: Message) -> None:
    """Hand messages to the element as a page would."""
    page.evaluate(
        "messages => messages.forEach((one) => document.getElementById('captions').update(one))", messages
    )


def log_lines(page: Page) -> list[str]:
    """What a screen reader has been told."""
    return page.get_by_role("log").locator("p").all_text_contents()
