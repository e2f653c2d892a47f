"""A real Chromium and a server on loopback, shared by the browser tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.delivery.web.loopback import Loopback
from tests.server.chromium import WAIT

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",  # a microphone that beeps
)


SHORTHAND = """
Object.defineProperty(window, 'inside', { get: () => document.getElementById('captions').shadowRoot });
window.focused = () => {
  let one = document.activeElement;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  return one.name || one.getAttribute('aria-label') || one.id || one.textContent.trim();
};
window.all = (selector) => [...window.inside.querySelectorAll(selector)];
window.box = (at) => (typeof at === 'string' ? all(at)[0] : at).getBoundingClientRect();
"""
"""What the tests' own scripts use: the shadow tree of the element under test, and boxes of its nodes."""


@pytest.fixture(scope="module")  # while it lives, no test of another module can run an event loop
def player() -> Iterator[Playwright]:
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed (Debian package chromium)")
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(player: Playwright) -> Iterator[Browser]:
    browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    folder = tmp_path_factory.mktemp("web")
    write_film(folder / "film.webm")
    loopback = Loopback(folder)
    yield loopback
    loopback.stop()


@pytest.fixture
def look() -> dict[str, Any]:
    """How the browser of `page` is set; tests parametrise it."""
    return {}


@pytest.fixture
def page(browser: Browser, server: Loopback, look: dict[str, Any]) -> Iterator[Page]:
    """A page of its own storage; what the console or the policy complains of fails the test."""
    server.clear()
    context = browser.new_context(**{"viewport": {"width": 1000, "height": 760}} | look)
    context.set_default_timeout(1000 * WAIT)
    page = context.new_page()
    page.add_init_script(SHORTHAND)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert not complaints


def write_film(path: Path) -> None:
    """Eight seconds of a drifting pattern, 640×360, VP8."""
    import av
    from av.video.frame import VideoFrame

    with av.open(str(path), "w", format="webm") as film:
        stream = film.add_stream("libvpx", rate=10, options={"deadline": "realtime", "cpu-used": "8"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        rows, columns = np.mgrid[0:360, 0:640]
        for index in range(80):
            picture = np.stack(
                [rows // 3 + 60, (columns + index * 4) // 6 % 120 + 60, 160 - rows // 4], axis=-1
            )
            film.mux(stream.encode(VideoFrame.from_ndarray(picture.astype(np.uint8), format="rgb24")))
        film.mux(stream.encode(None))
