"""No serious or critical finding of axe-core in any state of the page and of a page with a player."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.delivery.web.axe import grave
from tests.delivery.web.loopback import Loopback, line, tail
from tests.delivery.web.pages import FILE, LIVE, STARTED, open_demo, put, seek

LIGHT, DARK = {"color_scheme": "light"}, {"color_scheme": "dark"}
MICROPHONE: dict[str, Any] = {"permissions": ["microphone"], "viewport": {"width": 1100, "height": 760}}


@pytest.mark.parametrize("look", [MICROPHONE | LIGHT, MICROPHONE | DARK])
def test_the_page_of_the_server(page: Page, server: Loopback) -> None:
    page.goto(server.address())
    assert grave(page) == [], "start"
    page.get_by_role("button", name="Start captions").click()
    talk = server.talk()
    talk.send(STARTED, line(1, 1, "Good evening", closed=True), line(2, 2, "and"), tail("welcome to this"))
    expect(page.locator("#state")).to_have_text(re.compile("Listening"))
    assert grave(page) == [], "live"
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Caption options").click()
    assert grave(page) == [], "paused, options"
    page.keyboard.press("Escape")
    talk.send({"type": "error", "code": "too-many", "message": "enough"})
    talk.close(4429)
    expect(page.get_by_role("alert")).to_contain_text("enough")
    assert grave(page) == [], "refused"
    server.token = "secret"  # noqa: S105
    page.get_by_role("button", name="Start captions").click()
    expect(page.get_by_label("Token of this server")).to_be_visible()
    assert grave(page) == [], "token"


@pytest.mark.parametrize(("body", "look"), [(FILE, LIGHT), (LIVE, DARK)])
def test_a_page_with_a_film(page: Page, server: Loopback, body: str) -> None:
    track = "" if body == FILE else '<track kind="captions" src="film.vtt" srclang="en" label="English">'
    put(server, body, vtt="WEBVTT\n\n00:00.000 --> 00:07.000\nWords\n", tracks=track)
    server.events = [STARTED, line(1, 1, "Good evening", closed=True), tail("and")]
    open_demo(page, server)
    seek(page, 1)
    expect(page.get_by_role("log")).to_have_text(re.compile("Words|Good evening"))
    page.get_by_role("button", name="Transcript").click()
    assert grave(page) == [], "with the transcript"
    page.get_by_role("button", name="Caption options").click()
    assert grave(page) == [], "options"
