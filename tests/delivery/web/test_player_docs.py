"""docs/player.md is true: its example works as it stands, its lists are those of the element."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.delivery.web.loopback import WEB, Loopback
from tests.delivery.web.pages import seek

PAGE = (Path(__file__).parents[3] / "docs" / "player.md").read_text("utf-8")
CODE = (WEB / "accessify-captions.js").read_text("utf-8")


def test_the_example_works_as_it_stands(page: Page, server: Loopback) -> None:
    example = re.search(r"```html\n(.*?)```", PAGE, re.DOTALL)
    assert example
    server.pages |= {"example.html": example[1], "film.vtt": "WEBVTT\n\n00:00.000 --> 00:07.000\nHello\n"}
    page.goto(server.address("example.html"))
    page.wait_for_function("() => film.readyState >= 2")
    seek(page, 1)
    expect(page.locator(".stage .cue")).to_have_text("Hello")


def test_the_lists_are_complete() -> None:
    told = set(re.findall(r"`([\w-]+)`", PAGE))
    parts = {part for names in re.findall(r'\bpart: "([^"`$]+)"', CODE) for part in names.split()}
    buttons = {f"{name}-button" for name in re.findall(r'= button\("(\w+)"', CODE)}
    assert parts | buttons <= told
    properties = set(re.findall(r"--accessify-[a-z-]+", CODE))
    assert properties == set(re.findall(r"--accessify-[a-z-]+", PAGE))
    assert set(re.findall(r'(?:#named|getAttribute|hasAttribute)\("(\w+)"\)', CODE)) - {"tabindex"} <= told
    assert set(re.findall(r'new CustomEvent\("(\w+)"', CODE)) <= told
    members = re.findall(
        r"^  (?:get )?([a-z]\w+)\([\w, {}]*\) \{", CODE[CODE.index("class AccessifyCaptions") :], re.M
    )
    listed = set(re.findall(r"`(\w+)[`(]", PAGE))
    assert set(members) - {"constructor"} - {name for name in members if name.endswith("Callback")} <= listed
