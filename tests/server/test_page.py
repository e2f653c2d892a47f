"""The page that the server serves, with a microphone that plays speech: captions come out, and stay."""

from __future__ import annotations

import pytest

from accessify.pipelines.live import LiveEngine
from tests.server.chromium import browser_page, in_a_thread_of_its_own
from tests.server.site import serving
from tests.spoken import BECKETT, agreement, clip

pytestmark = pytest.mark.models

TOKEN = "a-very-secret-token"  # noqa: S105


@in_a_thread_of_its_own
def test_what_is_said_into_the_microphone_is_read_on_the_page(live_engine: LiveEngine) -> None:
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    sound = f"--use-file-for-fake-audio-capture={clip('beckett.wav')}%noloop"
    errors: list[str] = []
    with serving(live_engine, token=TOKEN) as site, browser_page(*fake, sound) as page:
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        page.goto(site.address)
        page.click("#start")
        page.fill("#token", TOKEN)
        page.click("#token-form button")
        log = page.get_by_role("log")
        log.get_by_text("better").first.wait_for()
        page.click("#start")
        page.locator("body[data-mode=ended]").wait_for()
        text = log.inner_text()
    assert errors == []
    assert agreement(text, BECKETT) > 0.5
