"""Live captions in the app, in Chromium: real speech into its microphone, a real film, a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import webvtt
from playwright.sync_api import Browser, Page, expect

from tests.demos.axe import findings
from tests.demos.conftest import WAIT, AppSite, open_app, settings
from tests.media.make_media import Picture, Sound, scene, write_media
from tests.server.chromium import browser_page
from tests.spoken import BECKETT, agreement, clip, sound

pytestmark = pytest.mark.models
SAID = "ever tried ever failed no matter try again"
"""What the film's six seconds say."""
BEGUN = re.compile("ever", re.IGNORECASE)


@pytest.fixture(scope="module")
def browser(app_site: AppSite) -> Iterator[Browser]:
    """Its microphone says ten seconds of Beckett, once, each time it is opened."""
    speech = f"--use-file-for-fake-audio-capture={clip('beckett.wav')}%noloop"
    with browser_page("--use-fake-device-for-media-stream", speech) as page:
        assert page.context.browser
        yield page.context.browser


@contextmanager
def opened(browser: Browser, site: AppSite, **look: Any) -> Iterator[Page]:
    """The tab for somebody new, in English; a fault of its modules fails the test."""
    context = browser.new_context(locale="en", **look)
    context.set_default_timeout(1000 * WAIT)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    yield open_app(page, site, "live")
    context.close()
    assert faults == []


@pytest.fixture(scope="module")
def tab(browser: Browser, app_site: AppSite) -> Iterator[Page]:
    """With a microphone; every test leaves it stopped."""
    look = {"permissions": ["microphone"], "viewport": {"width": 1280, "height": 900}}
    with opened(browser, app_site, **look) as page:
        yield page


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody speaks for six seconds over a bright moving picture."""
    pictures = Picture([scene(180, 320, index) // 2 + 100 for index in range(150)])
    speech = Sound(sound("beckett.wav").samples[None, :96_000], rate=16_000)
    return write_media(tmp_path_factory.mktemp("live") / "film.mp4", [speech], pictures)


def focused(page: Page) -> str:
    """Name of what has the focus, also inside the player."""
    name: str = page.evaluate(
        """() => {
          let one = document.activeElement;
          while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
          return one.id || one.getAttribute('aria-label') || one.textContent.trim();
        }"""
    )
    return name


def saved(page: Page, button: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path())


def rows(page: Page) -> list[str]:
    """The transcript beside the captions, without its times."""
    texts = page.locator(".live-transcript p").all_text_contents()
    return [text.split(" ", 1)[1] for text in texts]


def test_the_stage_view_and_the_keyboard(tab: Page) -> None:
    tab.focus("#live input[name=live-source]")
    reached = []
    for _ in range(8):
        tab.keyboard.press("Tab")
        reached.append(focused(tab))
    assert reached == [
        "live-device",
        "live-pace",
        "Live captions",
        "Caption options",
        "Pause",
        "Smaller text",
        "Larger text",
        "Stage view",
    ]
    tab.keyboard.press("Enter")
    screen = tab.locator(".live-screen.on-stage")
    expect(screen).to_be_visible()
    assert screen.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 900}
    lines = tab.locator("#live-captions .lines")
    before = float(lines.evaluate("one => parseFloat(getComputedStyle(one).fontSize)"))
    assert before >= 72
    tab.keyboard.press("+")
    after = lines.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert after == pytest.approx(before * 1.1, rel=0.01)
    assert findings(tab) == []
    tab.keyboard.press("Escape")
    expect(screen).to_have_count(0)
    assert focused(tab) == "Stage view"
    tab.keyboard.press("Enter")
    expect(screen).to_be_visible()
    tab.evaluate("location.hash = 'film'")  # as Back does, by a gesture
    expect(tab.locator("html.has-stage")).to_have_count(0)
    tab.click("#tab-live")


def test_speech_is_on_screen_once_and_kept(tab: Page) -> None:
    tab.fill("#live-cue", "No matter")
    tab.keyboard.press("Enter")
    tab.focus("#live-start")
    last = tab.locator("#tab-about").bounding_box()
    tab.keyboard.press("Enter")
    log = tab.locator("#live-captions").get_by_role("log")
    expect(tab.locator("#live-state")).to_have_text("Listening")
    expect(tab.locator(".live-lag")).to_have_text(re.compile(r"\d\.\d s behind"))
    expect(log).to_contain_text(BEGUN)
    assert tab.locator("#tab-about").bounding_box() == last, "the mark of what runs moves no tab"
    tab.context.set_offline(True)
    expect(tab.locator("#live-state")).to_contain_text("Connection lost. Trying again")
    tab.context.set_offline(False)
    expect(tab.locator("#live-state")).to_have_text("Listening")
    expect(tab.get_by_role("alert").filter(has_text="our cue: “No matter”")).to_be_visible()
    for theme in ("light", "dark", "contrast"):
        settings(tab, theme=theme)
        assert findings(tab, "#live") == [], theme
    expect(log).to_contain_text(re.compile(r"(\w+\W+){10}\w"))
    tab.click("#live-start")
    expect(tab.locator("#live-state")).to_contain_text("Stopped")
    lines = log.locator("p").all_text_contents()
    assert agreement(" ".join(lines), BECKETT) >= 0.7, "nothing is missing"
    assert len(" ".join(lines).split()) <= len(BECKETT.split()) + 2, "nothing is there twice"
    assert agreement(" ".join(rows(tab)), BECKETT) >= 0.7
    cues = webvtt.from_string(saved(tab, "Save as .vtt").read_text("utf-8")).captions
    assert agreement(" ".join(cue.text for cue in cues), BECKETT) >= 0.7
    assert BEGUN.search(saved(tab, "Save as text").read_text("utf-8"))
    before = rows(tab)
    tab.reload()
    tab.get_by_role("button", name="Bring it back").click()
    assert rows(tab) == before, "a reload loses nothing"


def test_two_tabs_know_of_each_other(tab: Page, app_site: AppSite) -> None:
    tab.click("#live-start")
    expect(tab.locator("#live-state")).to_have_text("Listening")
    other = open_app(tab.context.new_page(), app_site, "live")
    other.click("#live-start")
    for page in (tab, other):
        expect(page.get_by_text("Live captions run in another tab of this browser too")).to_be_visible()
    other.click("#live-start")
    expect(tab.get_by_text("Live captions run in another tab of this browser too")).to_be_hidden()
    other.close()
    tab.click("#live-start")
    expect(tab.locator("#live-state")).to_contain_text("Stopped")


def test_a_film_is_played_at_its_own_pace_with_captions_over_it(
    tab: Page, film: Path, tmp_path: Path
) -> None:
    tab.get_by_role("radio", name="A film or recording").check()
    (tmp_path / "text.mp4").write_text("only text\n" * 100, "utf-8")
    tab.set_input_files("#live input[type=file]", tmp_path / "text.mp4")
    expect(tab.get_by_role("alert").filter(has_text="cannot play this file")).to_be_visible()
    tab.set_input_files("#live input[type=file]", film)
    expect(tab.locator("#live-start")).to_be_focused()
    tab.keyboard.press("Enter")
    over = tab.locator("#live-over .overlay")
    expect(over).to_contain_text(BEGUN)
    assert tab.evaluate("document.querySelector('#live-video').currentTime") < 6, "before the film is over"
    tab.get_by_role("button", name="Pause the film").click()
    expect(tab.locator("#live-state")).to_have_text("The film is paused")
    box, picture = over.bounding_box(), tab.locator("#live-video").bounding_box()
    assert box == picture, "the captions lie on the picture"
    tab.wait_for_timeout(1500)  # of a paused film are not in its captions
    tab.get_by_role("button", name="Go on with the film").click()
    expect(tab.locator("#live-state")).to_have_text("Playing and listening")
    tab.context.set_offline(True)
    expect(tab.locator("#live-state")).to_contain_text("The film waits")
    assert tab.evaluate("document.querySelector('#live-video').paused")
    tab.context.set_offline(False)
    expect(tab.locator("#live-state")).to_contain_text("The film has stopped")
    expect(tab.get_by_role("button", name="Go on with the film")).to_be_hidden()
    assert (
        agreement(
            " ".join(tab.locator("#live-over").get_by_role("log").locator("p").all_text_contents()), SAID
        )
        > 0.6
    )
    cues = webvtt.from_string(saved(tab, "Save as .vtt").read_text("utf-8")).captions
    assert 0 <= cues[0].start_in_seconds < 1
    assert cues[-1].end_in_seconds < 6.5


def test_what_hinders_is_told_in_the_reader_s_language(browser: Browser, app_site: AppSite) -> None:
    with opened(browser, app_site) as tab:
        hindered(tab)


def hindered(tab: Page) -> None:
    told = tab.locator("#live-problem")
    tab.click("#live-start")
    expect(told).to_contain_text("The microphone is blocked. Allow it in the browser")
    assert findings(tab, "#live") == []
    expect(tab.locator("#live-hears")).to_contain_text("Understands English")
    settings(tab, language="zh-Hans")
    expect(tab.locator("#live-hears")).to_contain_text("可识别英语")
    expect(told).to_contain_text("麦克风已被阻止")
    expect(tab.locator("#live-start")).to_have_text("开始字幕")
    expect(tab.locator("#live-captions").get_by_role("button", name="字幕选项")).to_be_visible()
    tab.evaluate(
        """() => {
          navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); };
        }"""
    )
    tab.click("#live-start")
    expect(told).to_contain_text("未找到麦克风")
    settings(tab, language="en")
    tab.evaluate("() => { Object.defineProperty(navigator, 'mediaDevices', { value: undefined }); }")
    tab.click("#live-start")
    expect(told).to_contain_text("http://localhost")


CUES = """async () => {
  const { CueWatch } = await import('/web/live-cue.js');
  const told = [];
  const watch = new CueWatch(({ phrase, sure, again }) => told.push([phrase, sure, again]));
  watch.phrases = ['Good night, Nora', '轮到你了', '!'];
  watch.guess('and then good night');
  watch.commit('and then good');
  watch.guess('night Nora');
  watch.commit('night, Nora.');
  watch.commit('Good night Noura');
  watch.commit('那么，轮到你了。');
  watch.commit('good morning, Laura');
  return [watch.phrases, told];
}"""


READ_AGAIN = """async () => {
  const { Transcript } = await import('/web/live-transcript.js');
  const transcript = new Transcript(() => {});
  const final = (text, start) => transcript.final(
    { text, words: [{ text, start, end: start + 1 }] }, (seconds) => seconds, (seconds) => seconds % 10);
  final('first', 1); final('second', 3); final('better', 13.1);
  return [transcript.txt(), transcript.entries.length];
}"""


def test_cues_are_told_once_and_films_read_again_replace(browser: Browser, app_site: AppSite) -> None:
    page = browser.new_page()
    page.goto(f"{app_site.address}/healthz")
    phrases, told = page.evaluate(CUES)
    assert phrases == ["Good night, Nora", "轮到你了"]
    assert told == [
        ["Good night, Nora", False, False],  # while it may still change
        ["Good night, Nora", True, True],  # the same words, committed
        ["Good night, Nora", False, False],  # misheard
        ["轮到你了", True, False],
    ]
    assert page.evaluate(READ_AGAIN) == ["00:00:01  first\n00:00:03  better\n", 3]
    page.close()
