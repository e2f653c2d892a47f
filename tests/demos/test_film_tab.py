"""The tab "Caption a film" in Chromium: a real film, the real recogniser, the real server."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import webvtt
from playwright.sync_api import Locator, Page, Route, expect

from accessify.media.sample import build_sample
from tests.demos.axe import findings
from tests.demos.conftest import AppSite, busy_with_another, open_app, settings
from tests.demos.moving import moved, watch
from tests.spoken import BECKETT, agreement, clip

pytestmark = pytest.mark.models
UNCOVERED = """node => {
  const { x, y, width, height } = node.getBoundingClientRect();
  return document.elementFromPoint(x + width / 2, y + height / 2) === node;
}"""
HOSTILE = "<img src=x onerror=document.title='caught'>.mp4"


@pytest.fixture(scope="module")
def film(embedded_models: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of speech, with a picture."""
    path = tmp_path_factory.mktemp("film") / "worstward.mp4"
    build_sample(clip("beckett.wav"), path)
    return path


@pytest.fixture(scope="module")
def captioned(app_site: AppSite, app_page: Page, film: Path) -> Page:
    """A page on which the film has its captions."""
    make_captions(open_app(app_page, app_site), film)
    return app_page


def make_captions(page: Page, film: Path) -> None:
    page.set_input_files("input[name=film]", film)
    page.click("text=Make captions")
    page.wait_for_selector(".cues .cue.built")


def test_a_press_counts_when_the_film_arrives_before_the_release(page: Page, film: Path) -> None:
    held = list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.set_viewport_size({"width": 320, "height": 800})
    page.route(re.compile("at=0"), hold)
    page.set_input_files("input[name=film]", film)
    expect(page.locator(".film-start .film-chosen")).to_contain_text("0% sent")
    page.hover("text=Make captions")
    page.mouse.down()
    watch(page)
    held[0].continue_()
    expect(page.locator(".film-start .film-chosen")).to_contain_text("long")  # it was looked at, too
    assert moved(page) == []
    page.mouse.up()
    expect(page.locator(".film-bench")).to_be_visible()


def text_of(page: Page, number: int) -> str:
    return page.input_value(f".cue:nth-child({number}) textarea")


def texts(page: Page) -> list[str]:
    return [
        " ".join(text.split())
        for text in page.eval_on_selector_all(".cue textarea", "all => all.map(({value}) => value)")
    ]


def shown(page: Page) -> Locator:
    """What the player shows over the film."""
    return page.locator(".film-player accessify-captions .overlay .cue")


def saved(page: Page) -> None:
    expect(page.locator(".film-state")).to_contain_text("All is saved")


def download(page: Page, kind: str) -> Path:
    page.select_option("#film-format", kind)
    with page.expect_download() as started:
        page.click("text=Download")
    path = Path(started.value.path())
    named = path.with_name(started.value.suggested_filename)
    path.rename(named)
    return named


def read_subrip(path: Path) -> Any:
    return import_module("pysubs2").load(str(path))


def test_a_film_gets_captions_that_are_edited_seen_and_saved(captioned: Page) -> None:
    page = captioned
    assert agreement(" ".join(texts(page)), BECKETT) > 0.8
    assert page.locator(".coming li").count() > 0  # they came while it was heard
    page.click(".cue:nth-child(1) >> text=Go to")
    page.fill(".cue:nth-child(1) textarea", "Ever tried & failed < 3?")
    expect(shown(page)).to_have_text("Ever tried & failed < 3?")
    saved(page)
    srt = download(page, "srt")
    assert srt.name == "worstward.srt"
    assert read_subrip(srt)[0].text == "Ever tried & failed < 3?"
    vtt = webvtt.read(str(download(page, "vtt")))
    assert vtt[0].text.replace("&lt;", "<").replace("&amp;", "&") == "Ever tried & failed < 3?"


def test_the_film_with_captions_has_them_as_a_track(captioned: Page) -> None:
    captioned.click("text=Put the captions into the film")
    with captioned.expect_download() as started:
        captioned.click("a:has-text('worstward.captioned.mp4')")
    av = import_module("av")
    with av.open(started.value.path()) as film:
        assert [stream.language for stream in film.streams.subtitles] == ["eng"]
        assert (len(film.streams.video), len(film.streams.audio)) == (1, 1)
    captioned.reload()
    captioned.wait_for_selector("html[data-ready]")
    expect(captioned.locator("a:has-text('worstward.captioned.mp4')")).to_be_visible()


def test_cutting_anew_asks_before_it_throws_edits_away(captioned: Page) -> None:
    page, anew = captioned, captioned.get_by_role("button", name="Cut all captions anew")
    anew.click()
    expect(page.locator(":focus")).to_have_text("Keep them as they are")
    page.keyboard.press("Enter")
    expect(anew).to_be_focused()
    assert text_of(page, 1) == "Ever tried & failed < 3?"
    anew.click()
    page.click("text=Cut anew all the same")
    expect(page.locator("#film > * > [role=status]")).to_contain_text("cut anew")
    assert "Ever tried & failed" in " ".join(text_of(page, 1).split())  # corrected words stay
    page.click(".film-bar >> text=Undo")
    expect(page.locator(".cue:nth-child(1) textarea")).to_have_value("Ever tried & failed < 3?")


def test_what_was_typed_and_named_stays_text(captioned: Page) -> None:
    page = captioned
    page.click(".cue:nth-child(2) >> text=Go to")
    page.fill(".cue:nth-child(2) textarea", "<img src=x onerror=alert(1)> {{}}")
    expect(shown(page)).to_have_text("<img src=x onerror=alert(1)> {{}}")
    saved(page)
    page.reload()
    page.wait_for_selector(".cue.built")
    assert text_of(page, 2) == "<img src=x onerror=alert(1)> {{}}"
    page.click(".cue:nth-child(2) >> text=Go to")  # from the room's file now
    expect(shown(page)).to_have_text("<img src=x onerror=alert(1)> {{}}")
    assert page.locator("#film img").count() == 0  # in the player neither: selectors look into it


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_nothing_keeps_people_out(captioned: Page, theme: str) -> None:
    settings(captioned, theme=theme)
    assert findings(captioned, "#film") == []
    settings(captioned, theme="light")


def test_it_fits_a_narrow_window_and_large_text(captioned: Page) -> None:
    page = captioned
    for width, size in ((320, "100"), (640, "200")):
        page.set_viewport_size({"width": width, "height": 800})
        settings(page, text_size=size)
        page.click(".cue:nth-child(2) textarea")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.eval_on_selector(".cue:nth-child(2) textarea", UNCOVERED)
    settings(page, text_size="100")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_reload_keeps_the_job_and_hostile_names_stay_text(page: Page, film: Path, tmp_path: Path) -> None:
    hostile = tmp_path / HOSTILE.replace("/", "")
    hostile.write_bytes(film.read_bytes())
    title = page.title()
    page.set_input_files("input[name=film]", hostile)
    expect(page.locator(".film-title")).to_have_text(HOSTILE)
    page.click("text=Make captions")
    page.wait_for_selector(".job:visible, .cue.built")
    page.reload()
    page.wait_for_selector(".cue.built")
    expect(page.locator(".film-name")).to_have_text(HOSTILE)
    assert (page.title(), page.locator("#film img").count()) == (title, 0)


def test_a_dropped_text_file_is_told_in_the_readers_language(page: Page) -> None:
    settings(page, language="zh-Hans")
    script = """() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(["This is no film. ".repeat(100)], "film.mp4"));
      return dropped;
    }"""
    page.dispatch_event("#film .drop", "drop", {"dataTransfer": page.evaluate_handle(script)})
    expect(page.locator(".film-chosen [role=alert]")).to_be_visible()
    problem = page.locator(".film-chosen .problem")
    expect(problem).to_contain_text(re.compile("[\u4e00-\u9fff]{4}"))
    assert "/" not in problem.inner_text()  # nothing of where it lies
    settings(page, language="en")
    expect(problem.locator("p").first).to_have_text(re.compile("^[^\u4e00-\u9fff]+$"))
    page.click("text=Take another film")
    expect(page.locator(":focus")).to_have_text("Choose a film…")


def test_an_upload_goes_on_where_it_stopped(page: Page, tmp_path: Path) -> None:
    big = tmp_path / "big.mp4"
    big.write_bytes(bytes(12 << 20))
    page.route(re.compile("at=8388608"), lambda route: route.abort())
    page.set_input_files("input[name=film]", big)
    expect(page.locator(".film-chosen")).to_contain_text("67% sent")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    page.unroute_all()
    expect(page.locator(".film-start .note")).to_contain_text("“big.mp4” stopped at 67%")
    sent = list[str]()
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    page.set_input_files("input[name=film]", big)
    page.wait_for_selector(".film-chosen [role=alert]")  # all is there, and it is no film
    assert [re.search(r"at=(\d+)", url)[1] for url in sent] == ["8388608"]  # type: ignore[index]


def test_who_waits_is_told_how_many_are_before(page: Page, app_site: AppSite, film: Path) -> None:
    free = busy_with_another(app_site)
    page.set_input_files("input[name=film]", film)
    page.click("#film form button[type=submit]")
    expect(page.locator("#film .job:visible")).to_contain_text("1 before you")
    page.set_viewport_size({"width": 320, "height": 800})
    page.reload()
    expect(page.locator("#film .job:visible")).to_contain_text("1 before you")
    expect(page.locator("#film video")).to_be_visible()  # the last that comes with the page
    watch(page)
    free.set()
    page.wait_for_selector("#film li.cue")
    assert "Cancel" not in moved(page)


def without_sound(film: Path, target: Path) -> Path:
    import av

    with av.open(str(film)) as source, av.open(str(target), "w") as mute:
        picture = mute.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = picture
                mute.mux(packet)
    return target


def test_a_film_without_sound_takes_captions_that_there_are(page: Page, film: Path, tmp_path: Path) -> None:
    (tmp_path / "some.srt").write_text(SUBRIP)
    page.set_input_files("input[name=film]", without_sound(film, tmp_path / "mute.mp4"))
    page.wait_for_selector(".film-chosen [role=alert]")
    page.set_input_files("input[name=captions]", tmp_path / "some.srt")
    page.wait_for_selector(".cue.built")
    expect(page.locator("#film video")).to_be_visible()
    expect(page.get_by_role("button", name="Put the captions into the film")).to_be_enabled()


SUBRIP = """1
00:00:01,000 --> 00:00:01,600
This is much too long to be read in the time

2
00:00:04,000 --> 00:00:06,000
...good.

3
00:00:08,000 --> 00:00:10,000
All is well.
"""


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Page:
    """A caption file is being edited."""
    path = tmp_path / "some.srt"
    path.write_text(SUBRIP)
    page.set_input_files("input[name=captions]", path)
    page.wait_for_selector(".cue.built")
    return page


def test_findings_are_found_fixed_and_taken_back(opened: Page) -> None:
    page = opened
    first = page.locator(".cue:nth-child(1) .cue-findings")
    expect(first).to_contain_text("Too fast to read")
    page.click("text=Next finding")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "Text of caption 1")
    before = page.inner_text("#film-counts")
    page.click(".cue:nth-child(1) .cue-findings button >> nth=0")
    page.wait_for_function(
        "before => document.querySelector('#film-counts').textContent !== before", arg=before
    )
    page.click(".film-bar >> text=Undo")
    expect(page.locator("#film-counts")).to_have_text(before)
    page.click("text=Fix all that can be fixed")
    expect(page.locator("text=Fix all that can be fixed (0)")).to_be_disabled()
    page.select_option("#film-guide", "bbc")
    saved(page)
    page.click("text=With findings")
    assert page.locator(".cue:visible").count() < 3


def tab_to(page: Page, name: str) -> None:
    """Go on by the tabulator key alone."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if (
            page.evaluate(
                "({ariaLabel, textContent}) => ariaLabel ?? textContent",
                page.evaluate_handle("document.activeElement"),
            )
            == name
        ):
            return
    raise AssertionError(f"no key leads to {name}")


def test_rows_are_worked_by_keyboard(opened: Page) -> None:
    page, focused = opened, opened.locator(":focus")
    page.focus(".cue:nth-child(3) textarea")
    page.keyboard.press("Control+Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Shift+Enter")  # split at the cursor
    expect(page.locator("li.cue")).to_have_count(4)
    expect(focused).to_have_value("is well.")
    assert text_of(page, 3).strip() == "All"
    page.keyboard.press("Alt+ArrowUp")
    tab_to(page, "Join next to caption 3")
    page.keyboard.press("Enter")
    expect(page.locator("li.cue")).to_have_count(3)
    expect(focused).to_have_accessible_name("Text of caption 3")
    assert " ".join(text_of(page, 3).split()) == "All is well."
    tab_to(page, "Delete caption 3")
    page.keyboard.press("Enter")
    expect(page.locator("li.cue")).to_have_count(2)
    expect(focused).to_have_accessible_name("Text of caption 2")
    page.keyboard.press("Control+z")
    expect(page.locator("li.cue")).to_have_count(3)
    page.focus(".cue:nth-child(3) [name=end]")
    page.keyboard.press("Control+a")
    page.keyboard.type("0:00:07")
    page.keyboard.press("Enter")
    expect(focused).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".cue:nth-child(3)")).to_contain_text("The end must come after the start")
    expect(page.locator("#film [role=status]", has_text="The end must come after the start")).to_be_attached()
    expect(page.locator(".film-state")).to_contain_text("A time is wrong")
    page.keyboard.press("Escape")
    expect(focused).to_have_value("0:00:10.000")
    page.keyboard.press("Control+a")
    page.keyboard.type("0:00:07")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+z")  # what was typed last, not the caption that came back before
    page.focus(".cue:nth-child(3) [name=end]")
    expect(focused).to_have_value("0:00:10.000")
    expect(page.locator("li.cue")).to_have_count(3)
    page.keyboard.press("ArrowUp")
    saved(page)
    assert read_subrip(download(page, "srt"))[2].end > 10_000


def test_the_way_to_captions_by_keyboard(page: Page, film: Path) -> None:
    page.focus("#tab-film")
    with page.expect_file_chooser() as chosen:  # from here on: a key pressed at once may overtake it
        tab_to(page, "Choose a film…")
        page.keyboard.press("Enter")
    chosen.value.set_files(film)
    expect(page.locator(":focus")).to_have_id("film-language")
    tab_to(page, "Make captions")
    page.keyboard.press("Enter")
    page.wait_for_selector(".cue.built")
    expect(page.locator(".film > [role=status]")).to_contain_text("The captions are ready")
    expect(page.locator(":focus")).to_have_text("Caption a film")


def test_two_pages_of_one_room_lose_nothing(opened: Page) -> None:
    page = opened
    other = page.context.new_page()
    key = page.evaluate("sessionStorage.getItem('accessify-room')")
    other.add_init_script(f"sessionStorage.setItem('accessify-room', {key!r})")
    other.goto(page.url)
    other.wait_for_selector(".cue.built")
    other.fill(".cue:nth-child(2) textarea", "From the other page.")
    page.wait_for_function(
        "document.querySelector('.cue:nth-child(2) textarea').value === 'From the other page.'"
    )
    held, holding = list[Route](), True
    page.route(
        re.compile("component_server"), lambda route: held.append(route) if holding else route.continue_()
    )
    page.fill(".cue:nth-child(3) textarea", "Mine.")
    page.fill(".cue:nth-child(1) textarea", "Mine too.")
    page.wait_for_function("document.querySelector('.film-state').textContent.includes('Saving')")
    other.fill(".cue:nth-child(1) textarea", "Theirs.")
    saved(other)
    page.wait_for_timeout(700)
    holding = False
    for route in held:
        route.continue_()
    expect(page.locator(".film-kept")).to_have_text("Mine too.")
    assert (text_of(page, 1), text_of(page, 3)) == ("Theirs.", "Mine.")
    page.click("text=Put my text in")
    other.wait_for_function("document.querySelector('.cue:nth-child(1) textarea').value === 'Mine too.'")
    assert text_of(other, 3) == "Mine."
    other.close()
