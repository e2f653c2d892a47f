"""Pictures of all tabs with real work in them, in every dress of the page.

`ACCESSIFY_SCREENSHOTS=docs` keeps them as `docs/app-….png`, for README and docs: `make screenshots`.
The signer in front of the camera is the avatar, so that no person's picture is published.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import accessify
from tests.demos.conftest import WAIT, AppSite, open_app, settings
from tests.server.chromium import browser_page
from tests.spoken import clip

KEPT = os.environ.get("ACCESSIFY_SCREENSHOTS")
SIZE = {"width": 1280, "height": 900}
MOST_BYTES = 250_000
SIGNS = ("Haus", "Freund")
"""German signs that the sign book holds and the avatar shows to the camera."""
HELD = 125
"""Pictures in which the avatar stands still for its picture."""
OPTIONS = accessify.SignOptions(language="gsg", offline=True)
pytestmark = pytest.mark.models


@dataclass(frozen=True, slots=True)
class Tour:
    """A page with work in every tab, and where its pictures go."""

    page: Page
    folder: Path

    def take(self, name: str, top: str = "body") -> None:
        """Write what is seen, from `top` on, as `app-NAME.png`; fail where it is as good as empty."""
        from PIL import Image

        self.page.evaluate("document.activeElement?.blur()")
        self.page.locator(top).first.evaluate(
            "node => scrollTo(0, node.getBoundingClientRect().top + scrollY - 12)"
        )
        self.page.mouse.move(0, 0)
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        tints = np.asarray(picture).reshape(-1, 3)
        assert len(np.unique(tints, axis=0)) > 50, name
        page = np.bincount(tints.astype(np.int64) @ np.array([65536, 256, 1])).max() / len(tints)
        assert page < 0.96, f"{name}: {page:.0%} of it is one colour"
        path = self.folder / f"app-{name}.png"
        colours = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        colours.save(path, optimize=True)
        assert path.stat().st_size <= MOST_BYTES, f"{name}: {path.stat().st_size} bytes"

    def open(self, tab: str) -> None:
        self.page.click(f"#tab-{tab}")

    def seek(self, video: str, seconds: float) -> None:
        """Show a moment of a film, standing still."""
        self.page.locator(video).first.evaluate(
            """(video, seconds) => new Promise((done) => {
                video.pause();
                video.onseeked = done;
                video.currentTime = seconds;
            })""",
            seconds,
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(KEPT) if KEPT else tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sign book with both signs, as the avatar signs them."""
    path = tmp_path_factory.mktemp("book") / "film.signs"
    for word in SIGNS:
        shown = path.with_name(f"{word}.pose")
        accessify.write_performance(accessify.sign(word, OPTIONS), shown)
        made = accessify.EnrolOptions(book=path, language="gsg", consent="An avatar, not a person.")
        accessify.enrol(word, [shown], made)
    return path


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees, as Chromium takes it: both signs, the second one held for a while."""
    import av

    folder = tmp_path_factory.mktemp("camera")
    film = accessify.FilmOptions(size=(640, 480), label=False, words="none")
    performance = accessify.sign(" ".join(SIGNS), OPTIONS)
    accessify.write_performance(performance, folder / "camera.mp4", film)
    span = performance.glosses[1].span
    middle = performance.motion.rate.index((span.start + span.end) // 2)
    with av.open(str(folder / "camera.mp4")) as pictures, (folder / "camera.y4m").open("wb") as raw:
        raw.write(b"YUV4MPEG2 W640 H480 F25:1 Ip A1:1 C420jpeg\n")
        for number, picture in enumerate(pictures.decode(video=0)):
            frame = b"FRAME\n" + picture.to_ndarray(format="yuv420p").tobytes()
            raw.write(frame * (HELD if number == middle else 1))
    return folder / "camera.y4m"


@pytest.fixture(scope="module")
def tour(app_site: AppSite, folder: Path, camera: Path) -> Iterator[Tour]:
    fake = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={clip('two_cities.wav')}",
        f"--use-file-for-fake-video-capture={camera}",
    )
    with browser_page(*fake, locale="en-GB", permissions=["microphone", "camera"], viewport=SIZE) as page:
        open_app(page, app_site)
        settings(page, theme="light")
        yield Tour(page, folder)


def test_caption_a_film(tour: Tour) -> None:
    page = tour.page
    tour.open("film")
    page.get_by_role("button", name="Try the sample film").click()
    page.get_by_role("button", name="Make captions").click()
    page.locator("#film textarea").first.wait_for()
    page.select_option("#film-guide", "bbc")
    page.locator("#film").get_by_text(re.compile(r"^[1-9]\d* errors")).first.wait_for()
    tour.seek("#film video", 13)
    tour.take("film")
    settings(page, theme="dark")
    tour.take("film-dark")
    settings(page, theme="light")


def test_live_captions(tour: Tour) -> None:
    page = tour.page
    tour.open("live")
    page.locator("#live-cue").fill("winter of despair")
    page.get_by_role("button", name="Add").click()
    page.click("#live-start")
    last = "wisdom" if KEPT else "best"  # a full screen takes ten seconds
    page.get_by_role("log").get_by_text(re.compile(last, re.IGNORECASE)).first.wait_for()
    tour.take("live")
    settings(page, theme="contrast")
    tour.take("live-contrast")
    settings(page, theme="light")
    page.click("#live-start")


def test_signs_to_text(tour: Tour, book: Path) -> None:
    page = tour.page
    tour.open("signs")
    page.locator("#signs summary", has_text="Load a book").click()
    page.set_input_files("#signs-file", book)
    expect(page.locator("#signs .signs-book > li")).to_have_count(len(SIGNS))
    page.locator("#signs label", has_text=re.compile("^Signs")).click()
    page.get_by_role("button", name="Start the camera").click()
    page.locator("#signs").get_by_text(re.compile("pictures a second")).first.wait_for()
    if (
        KEPT
    ):  # a busy machine may see too few pictures to name a sign; that they are named is tested elsewhere
        page.locator("#signs").get_by_text(re.compile(r"Haus.*\d+ ?%")).first.wait_for()
        page.wait_for_timeout(2500)  # into the sign that is held
    tour.take("signs")


def test_text_to_signs(tour: Tour) -> None:
    page = tour.page
    tour.open("signing")
    page.fill("#signing-text", "Mein Haus")
    page.locator("#signing label", has_text="(DGS)").click()
    page.locator("#signing button[type=submit]").first.click()
    page.locator("#signing video[src]").first.wait_for(timeout=2 * WAIT * 1000)
    tour.seek("#signing video[src]", 3.2)  # in the middle of a sign
    tour.take("signing", "#signing .split")


def test_about_and_limits(tour: Tour) -> None:
    tour.open("about")
    tour.page.locator("#about table").first.wait_for()
    tour.take("about")
    settings(tour.page, language="zh-Hans")
    tour.take("about-chinese")
    tour.page.set_viewport_size({"width": 320, "height": 800})
    settings(tour.page, language="en")
    tour.take("about-narrow")
    tour.page.set_viewport_size(SIZE)
