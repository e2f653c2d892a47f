"""From film to film, to caption files and over a restart: what is shown belongs to what is named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accessify.captions.check import check
from accessify.captions.film import Film
from accessify.captions.rules import load_profile, profile_names
from accessify.core.text import Cue, Document
from accessify.core.timeline import Rate, Span, Track, seconds
from accessify.media.sample import build_sample
from tests.demos.conftest import AppSite, busy_with_another, settings
from tests.spoken import clip

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def films(embedded_models: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two films with the same speech."""
    folder = tmp_path_factory.mktemp("films")
    first = folder / "first.mp4"
    build_sample(clip("beckett.wav"), first)
    second = folder / "second.mp4"
    second.write_bytes(first.read_bytes())
    return first, second


def subrip(path: Path, *cues: tuple[float, float, str]) -> Path:
    def stamp(seconds: float) -> str:
        return f"00:00:{seconds:06.3f}".replace(".", ",")

    rows = [
        f"{number}\n{stamp(start)} --> {stamp(end)}\n{text}\n"
        for number, (start, end, text) in enumerate(cues, 1)
    ]
    path.write_text("\n".join(rows))
    return path


def opened(page: Page, path: Path) -> None:
    page.set_input_files("input[name=captions]", path)
    page.wait_for_selector(".cue.built")


def times(page: Page) -> list[tuple[str, str]]:
    script = "all => all.map(row => ['start', 'end'].map(name => row.querySelector(`[name=${name}]`).value))"
    return [(start, end) for start, end in page.eval_on_selector_all(".cue.built", script)]


def test_a_caption_that_is_put_in_lies_over_no_other(page: Page, tmp_path: Path) -> None:
    cues = ((1, 5, "Long."), (5, 6, "Short."), (6, 7, "Short too."), (8, 9, "After a gap."))
    opened(page, subrip(tmp_path / "dense.srt", *cues))
    status = page.locator(".film > [role=status]")
    page.click("text=Insert after >> nth=2")  # where there is room
    expect(page.locator(":focus")).to_have_accessible_name("Text of caption 4")
    assert times(page)[3] == ("0:00:07.080", "0:00:07.920")
    page.click(".film-bar >> text=Undo")
    expect(page.locator("li.cue")).to_have_count(4)
    page.click("text=Insert after >> nth=0")  # where the caption before shares its time
    expect(page.locator(":focus")).to_have_accessible_name("Text of caption 2")
    told = "To make room for it, caption 1 ends at 0:00:02.920 now. Undo takes both back."
    expect(page.locator(".cue:nth-child(2) .note")).to_have_text(told)
    expect(status).to_have_text(f"Caption 2 is new. {told}")
    assert times(page)[:3] == [
        ("0:00:01.000", "0:00:02.920"),
        ("0:00:03.000", "0:00:04.920"),
        ("0:00:05.000", "0:00:06.000"),
    ]
    page.click(".film-bar >> text=Undo")
    expect(page.locator(".cue:nth-child(1) [name=end]")).to_have_value("0:00:05.000")
    page.click("text=Insert after >> nth=1")  # where nobody can
    expect(page.locator(".cue:nth-child(2) .note")).to_contain_text("There is no room")
    expect(page.locator("li.cue")).to_have_count(4)


OVERFLOWING = """() => [...document.querySelectorAll(".cue.built *")].filter(node => {
  const { right, width } = node.getBoundingClientRect();
  const cut = node.matches(".cue-time") && node.scrollWidth > node.clientWidth;
  return cut || (width > 1 && right > node.closest(".cues").getBoundingClientRect().right + 1);
}).map(node => node.outerHTML)"""


def test_rows_can_be_read_in_a_narrow_window_with_large_text(page: Page, tmp_path: Path) -> None:
    opened(page, subrip(tmp_path / "some.srt", (1, 1.2, "Much too fast to be read."), (1.1, 9, "x")))
    page.locator(".cue-findings li").first.wait_for()
    page.set_viewport_size({"width": 320, "height": 800})
    for size in ("200", "100"):
        settings(page, text_size=size)
        assert page.evaluate(OVERFLOWING) == []


def start_anew(page: Page, site: AppSite) -> None:
    """As where the server is started anew: the room is gone, and the page gets another one."""
    key = page.evaluate("sessionStorage.getItem('accessify-room')")
    room = site.studio.rooms.find(key)
    site.studio.jobs.forget(room)
    site.studio.rooms.remove(room)


def make_captions(page: Page, film: Path) -> None:
    page.set_input_files("input[name=film]", film)
    page.click("text=Make captions")
    page.wait_for_selector(".cue.built")
    expect(page.locator(".film-name")).to_have_text(film.name)


def saved_json(page: Page) -> Any:
    page.select_option("#film-format", "json")
    with page.expect_download() as started:
        page.click("text=Download")
    return json.loads(Path(started.value.path()).read_text())


def test_a_server_that_is_started_anew_gets_all_of_the_captions(
    page: Page, app_site: AppSite, films: tuple[Path, Path]
) -> None:
    make_captions(page, films[0])
    page.select_option("#film-guide", "bbc")
    page.fill(".cue:nth-child(2) textarea", "Corrected.")
    expect(page.locator(".film-state")).to_contain_text("All is saved")
    before, counts = saved_json(page), page.inner_text("#film-counts")
    start_anew(page, app_site)
    page.fill(".cue:nth-child(1) textarea", "Typed while nobody listened.")
    note = page.locator(".film > .note")
    expect(note).to_contain_text("only what Undo would have taken back is gone")
    expect(page.locator(".film-state")).to_contain_text("All is saved")
    expect(page.locator(".cue:nth-child(1) textarea")).to_have_value("Typed while nobody listened.")
    expect(page.locator("#film video")).to_be_visible()  # the page has it
    put_in = page.get_by_role("button", name="Put the captions into the film")
    expect(put_in).to_be_visible()  # and gave it again
    expect(page.locator("#film-guide")).to_have_value("bbc")
    page.click(".film-bar >> text=Undo")
    page.click(".film-bar >> text=Undo")
    expect(page.locator(".film-bar >> text=Undo")).to_be_disabled()
    after = saved_json(page)
    assert after == before
    expect(page.locator("#film-counts")).to_have_text(counts)
    page.click("text=Understood")
    expect(note).to_be_hidden()


def test_caption_files_and_films_are_taken_for_what_they_are(
    page: Page, films: tuple[Path, Path], tmp_path: Path
) -> None:
    captions = subrip(tmp_path / "mine.srt", (1, 2, "One."), (3, 4, "Two."))
    page.set_input_files("input[name=film]", captions)
    expect(page.locator(".film-name")).to_have_text("mine.srt")
    expect(page.locator("li.cue")).to_have_count(2)
    with page.expect_file_chooser() as chosen:  # and they get their film afterwards
        page.click(".film-export >> text=Choose a film…")
    chosen.value.set_files(films[0])
    expect(page.get_by_role("button", name="Put the captions into the film")).to_be_visible()
    expect(page.locator(".film-name")).to_have_text("first.mp4")
    expect(page.locator("#film video")).to_be_visible()
    page.click("text=Caption another film")
    page.set_input_files("input[name=captions]", films[1])  # a film, where captions are expected
    expect(page.locator(".film-title")).to_have_text("second.mp4")
    expect(page.locator(".film-chosen")).to_contain_text("long")
    script = """name => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(["1\\n00:00:01,000 --> 00:00:02,000\\nDropped.\\n"], name));
      return dropped;
    }"""
    given = page.evaluate_handle(script, "mine.srt")
    page.dispatch_event("#film form", "drop", {"dataTransfer": given})
    expect(page.locator("li.cue")).to_have_count(1)
    expect(page.locator(".film-name")).to_have_text("second.mp4")  # the film that was chosen stays


def test_what_is_shown_is_of_the_film_that_is_named(
    page: Page, app_site: AppSite, films: tuple[Path, Path], tmp_path: Path
) -> None:
    make_captions(page, films[0])
    lines = page.locator("li.cue").count()
    free = busy_with_another(app_site)
    page.click("text=Caption another film")
    page.set_input_files("input[name=film]", films[1])
    page.click("text=Make captions")
    expect(page.locator("#film .job:visible")).to_contain_text("before you")
    expect(page.locator(".film-name")).to_have_text("second.mp4")
    page.reload()  # the job's film is shown, not the other one that is still here
    expect(page.locator("#film .job:visible")).to_contain_text("before you")
    expect(page.locator(".film-name")).to_have_text("second.mp4")
    page.click("#film .job:visible >> text=Cancel")
    expect(page.locator(".film-title")).to_have_text("second.mp4")
    free.set()
    page.click("text=Back to the captions")
    expect(page.locator(".film-name")).to_have_text("first.mp4")
    expect(page.locator("li.cue")).to_have_count(lines)
    page.wait_for_function("document.querySelector('#film-video').readyState > 0")  # its film is still here
    page.click("text=Caption another film")
    (tmp_path / "third.mp4").write_text("This is no film. " * 100)
    page.set_input_files("input[name=film]", tmp_path / "third.mp4")
    page.wait_for_selector(".film-chosen [role=alert]")
    page.click("text=Back to the captions")
    expect(page.locator(".film-name")).to_have_text("first.mp4")
    expect(page.locator("#film .problem:visible")).to_have_count(0)
    page.click("text=Caption another film")
    make_captions(page, films[1])
    expect(page.locator(".film-name")).to_have_text("second.mp4")
    page.click(".film-bar >> text=Undo")
    expect(page.locator(".film-name")).to_have_text("first.mp4")
    expect(page.get_by_role("button", name="Put the captions into the film")).to_be_hidden()


BROKEN = (
    (0.0, 0.3, "Too short."),
    (0.32, 9.5, "Much too long for three words"),
    (
        9.0,
        10.0,
        "This overlaps  the caption before it and is certainly too fast to be read by anybody at all",
    ),
    (10.01, 11.0, "- Who is there? - Nobody."),
    (11.5, 12.6, "I have 7 cats... ~"),
    (14.0, 15.2, "<b>Stray\nand\nof\nfour lines"),
    (16.0, 18.0, "(door) ♪"),
    (19.0, 21.0, ""),
    (22.0, 24.0, "她说，你好。"),
    (58.0, 63.0, "Behind the end"),
)


def test_findings_are_told_in_chinese_to_the_last_word(page: Page) -> None:
    cues = Track.of(Cue(Span(seconds(start), seconds(end)), text) for start, end, text in BROKEN)
    told = set[str]()
    for guide in map(load_profile, profile_names()):
        document = Document(cues, guide.language.replace("*", "en"))
        for film in (Film(Rate.parse("24"), (seconds(9.1), seconds(14.2)), seconds(60)), None):
            for finding in check(document, guide, film):
                measured = re.sub(r" \([^)]*with spaces[^)]*\)", "", finding.measured)
                told |= {measured, finding.allowed, finding.fix or ""}
    assert len(told) > 100
    settings(page, language="zh-Hans")
    script = "texts => import('./web/finding-words.js').then(({inWords}) => texts.map(text => inWords(text)))"
    chinese = page.evaluate(script, sorted(told))
    assert [text for text in chinese if re.search(r"[a-z]{2}| \(\d", re.sub(r"“[^”]*”", "", text))] == []
