"""Text to signs in a real Chromium: the film plays, each sign is told, and all of it can be saved."""

from __future__ import annotations

import re
import urllib.request
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import FilePayload, Page, expect

from accessify.captions.rules import load_profile
from accessify.core.errors import NoOpenGL
from accessify.core.text import Cue, Document
from accessify.core.timeline import Span, Track, seconds
from accessify.pipelines.draft import Draft, History
from accessify.render.opengl import open_context
from accessify.server.rooms import Room
from accessify_app import signing
from tests.demos.axe import findings
from tests.demos.conftest import AppSite, open_app, settings

av = pytest.importorskip("av")
pygltflib = pytest.importorskip("pygltflib")

TEXT = "Hi Ж"
"""Short, since every picture is drawn: two letters, and a word that has neither a sign nor letters."""
FILM = "#signing .signing-stage video"
GREY = 200


@pytest.fixture(scope="module", autouse=True)
def _opengl() -> None:
    try:
        open_context().release()
    except NoOpenGL as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def signed(app_page: Page, app_site: AppSite) -> Page:
    """The page after `TEXT` was signed, which was asked for by keyboard alone."""
    page = open_app(app_page, app_site, "signing")
    page.focus("#signing-text")
    page.keyboard.type(TEXT)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#signing button[type=submit]')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#signing .stage img")).to_be_visible()  # a look at what is drawn so far
    expect(page.locator(FILM)).to_be_visible()
    return page


def room_of(page: Page, site: AppSite) -> Room:
    return site.studio.rooms.find(page.evaluate("sessionStorage.getItem('accessify-room')"))


def played(page: Page) -> float:
    return float(page.eval_on_selector(FILM, "video => video.currentTime"))


def current(page: Page) -> list[str]:
    rows = page.locator("#signing .signing-row[aria-current=true] .signing-text > :first-child")
    return rows.all_inner_texts()


def seek(page: Page, time: float) -> None:
    page.eval_on_selector(
        FILM,
        "(video, time) => new Promise((done) => { video.pause();"
        " video.addEventListener('seeked', () => setTimeout(done, 50), { once: true });"
        " video.currentTime = time; })",
        time,
    )


def pictures(data: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(data)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def saved(page: Page, ending: str, folder: Path) -> Path:
    """The file that is made and offered for this ending."""
    row = page.locator("#signing .signing-saves > li", has=page.locator(f"#signing-save-{ending}"))
    row.get_by_role("button").click()
    link = row.get_by_role("link")
    expect(link).to_be_visible()
    expect(link).to_be_focused()  # not the top of the page
    address = link.get_attribute("href")
    assert address is not None
    assert link.get_attribute("download") == f"signing.ase.{ending}"
    target = folder / f"saved.{ending}"
    target.write_bytes(urllib.request.urlopen(address).read())
    return target


def test_text_is_signed_and_the_film_plays(signed: Page) -> None:
    page = signed
    expect(page.locator("#signing [role=status]", has_text="The film is ready")).to_have_count(1)
    page.wait_for_function(f"document.querySelector({FILM!r}).currentTime > 0.3")
    colours = page.eval_on_selector(
        FILM,
        "(video) => { const pen = document.createElement('canvas').getContext('2d');"
        " pen.drawImage(video, 0, 0, 64, 64);"
        " return [...pen.getImageData(0, 0, 64, 64).data]; }",
    )
    assert np.std(np.array(colours).reshape(-1, 4)[:, :3], axis=0).min() > 15  # somebody is seen
    assert page.eval_on_selector(FILM, "video => video.duration") > 2


def test_the_sign_that_is_shown_stands_in_large_letters_and_is_marked_in_the_list(signed: Page) -> None:
    first, second = signing_times(signed)
    seek(signed, (first[0] + first[1]) / 2)
    assert current(signed) == ["Hi"]
    assert signed.inner_text("#signing .signing-word") == "Hi"
    assert "H-I" in signed.inner_text("#signing .signing-letters")
    seek(signed, (second[0] + second[1]) / 2)
    assert current(signed) == ["Ж"]
    assert signed.inner_text("#signing .signing-word") == "Ж"


def signing_times(page: Page) -> list[tuple[float, float]]:
    glosses = page.evaluate(
        "async () => { const { room } = await import(new URL('web/room.js', document.baseURI));"
        " return (await room.state()).jobs.at(-1).status; }"
    )
    assert glosses == "done"
    starts = [float(text.split(":")[1]) for text in page.locator(".signing-time").all_inner_texts()]
    return [(start, start + 0.6) for start in starts]


def test_a_sign_is_marked_in_a_long_list_too_and_rows_stay_when_the_film_comes(signed: Page) -> None:
    marked, same = signed.evaluate(
        """async () => {
          const { SigningList } = await import(new URL('web/signing-list.js', document.baseURI));
          const list = new SigningList(() => {});
          const word = (n) => ({ start: n, end: n + 0.5, text: `word ${n}`, name: "", origin: "missing" });
          const glosses = Array.from({ length: 700 }, (_, n) => word(n));
          const answer = { version: 1, glosses, notes: [] };
          list.show(answer);
          list.point(650);
          const row = list.rows.querySelector('[aria-current]');
          list.show({ ...answer, film: 'signing-1.mp4' });
          return [row.textContent, row === list.rows.querySelector('[aria-current]')];
        }"""
    )
    assert "word 650" in marked
    assert same


def test_one_sign_is_shown_again_by_keyboard_and_then_it_stops(signed: Page) -> None:
    page = signed
    first, second = signing_times(page)
    seek(page, second[1])
    page.focus("#signing .signing-row >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_function(f"!document.querySelector({FILM!r}).paused")
    assert current(page) == ["Hi"]
    page.wait_for_function(f"document.querySelector({FILM!r}).paused")
    assert first[0] < played(page) < second[0] + 0.3
    page.get_by_role("button", name="Next sign").press("Enter")
    assert current(page) == ["Ж"]


def test_playing_speed_and_loops_of_one_sign_and_of_all(signed: Page) -> None:
    seek(signed, 0)
    signed.get_by_label("2×").check()
    assert signed.eval_on_selector(FILM, "video => video.playbackRate") == 2
    signed.get_by_label("Over and over").check()
    assert signed.eval_on_selector(FILM, "video => video.loop") is True
    signed.click("#signing .signing-row >> nth=0")
    again = "video => new Promise((done) => video.addEventListener('seeked', done, { once: true }))"
    for _ in range(3):  # to its beginning, and back there
        signed.eval_on_selector(FILM, again)
    assert current(signed) == ["Hi"]
    signed.get_by_label("Over and over").uncheck()
    signed.get_by_label("1× as made").check()


def test_what_is_spelled_and_missing_is_told_in_words(signed: Page) -> None:
    assert "2 words: 1 is spelled, 1 is missing." in signed.inner_text("#signing .signing-summary")
    rows = signed.locator("#signing .signing-row .badge").all_inner_texts()
    assert [row.split(maxsplit=1)[1] for row in rows] == [
        "spelled letter by letter",
        "missing: shown as a word",
    ]
    signed.locator("#signing .signing-notes summary").click()
    assert "1 word has no sign and no letters" in signed.inner_text("#signing .signing-notes")


def test_the_film_and_a_clear_one_are_saved(signed: Page, tmp_path: Path) -> None:
    signed.select_option("#signing-size", "576x576")
    film = pictures(saved(signed, "mp4", tmp_path))
    assert len(film) > 50
    assert film[0].shape == (576, 576, 3)
    with av.open(str(saved(signed, "webm", tmp_path))) as clear:
        assert clear.streams.video[0].metadata.get("alpha_mode") == "1"
        assert sum(1 for _ in clear.decode(video=0)) == len(film)


def test_the_moving_figure_and_its_bones_are_saved(signed: Page, tmp_path: Path) -> None:
    figure = pygltflib.GLTF2().load(str(saved(signed, "glb", tmp_path)))
    assert figure.animations[0].name == "signing"
    lines = saved(signed, "bvh", tmp_path).read_text("ascii").splitlines()
    assert lines[:2] == ["HIERARCHY", "ROOT hips"]
    assert any(line.startswith("Frames: ") for line in lines)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_nobody_is_kept_out(signed: Page, theme: str) -> None:
    settings(signed, theme=theme)
    assert findings(signed, "#signing") == []


def test_a_page_that_is_loaded_anew_goes_on_where_it_was(signed: Page) -> None:
    settings(signed, theme="light")
    signed.reload()
    signed.wait_for_selector("html[data-ready]")
    expect(signed.locator(FILM)).to_be_visible()
    assert signed.input_value("#signing-text") == TEXT
    assert signed.eval_on_selector(FILM, "video => video.paused")
    row = signed.locator("#signing .signing-saves > li", has=signed.locator("#signing-save-bvh"))
    expect(row.get_by_role("link")).to_be_visible()


def test_too_much_and_nothing_is_refused_in_the_readers_language(signed: Page) -> None:
    page = signed
    settings(page, language="zh-Hans")
    page.fill("#signing-text", "  ")
    page.click("#signing button[type=submit]")
    expect(page.locator("#signing [role=alert]").first).to_contain_text("请输入文字")
    page.fill("#signing-text", "a" * 3000)
    expect(page.locator("#signing-length")).to_contain_text("文字太长")
    page.click("#signing button[type=submit]")
    expect(page.locator("#signing [role=alert]").first).to_contain_text("一次最多 2500 个")
    settings(page, language="en")


def test_chinese_is_spelled_by_its_pinyin_where_the_avatar_cannot_be_drawn(
    signed: Page, app_site: AppSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "why_no_avatar", lambda: "no OpenGL to draw the avatar with")
    page = open_app(signed, app_site, "signing")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    settings(page, language="zh-Hans")
    assert "没有 OpenGL" in page.inner_text("#signing details")
    page.select_option("#signing-style", "skeleton")
    page.check("#signing-language-csl")
    page.fill("#signing-text", "好")
    page.emulate_media(reduced_motion="reduce")
    page.click("#signing button[type=submit]")
    expect(page.locator("#signing .signing-name")).to_have_text("H-A-O")
    expect(page.locator("#signing .signing-summary")).to_contain_text("共 1 个字词：1 个用手指拼写。")
    page.click("#signing .signing-notes summary")
    expect(page.locator("#signing .signing-notes li li")).to_have_text(re.compile(r"^0:00\.\d 好$"))
    page.wait_for_function(
        "document.querySelector('#signing .signing-stage video').currentSrc.includes('-2.')"
    )
    page.wait_for_timeout(300)
    assert page.eval_on_selector(
        FILM, "video => video.paused && video.currentTime === 0"
    )  # nothing moves by itself
    page.emulate_media(reduced_motion="no-preference")
    assert findings(page, "#signing") == []
    settings(page, language="en")


def make_film(path: Path, length: float) -> None:
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        picture = np.full((240, 320, 3), GREY, np.uint8)
        for _ in range(int(25 * length)):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode())


def test_captions_of_the_film_are_taken_over_and_signed_over_it(
    signed: Page, app_site: AppSite, tmp_path: Path
) -> None:
    page, room = signed, room_of(signed, app_site)
    make_film(room.file("film-1.mp4"), 2.5)
    room.titles["film-1.mp4"] = "My holiday.mov"
    cues = [Cue(Span(seconds(0.5), seconds(2)), "I <b"), Cue(Span(seconds(2), seconds(2.4)), "A")]
    draft = Draft(Document(Track.of(cues), language="en"), None, load_profile("web"), media="film-1.mp4")
    with room.lock:
        room.values["draft"] = History(draft)
    room.tell({"type": "draft", "version": 1})
    page.check("#signing [name=signing-source][value=draft]")
    expect(page.locator("#signing")).to_contain_text("2 captions in English. All are signed")
    page.check("#signing-language-ase")
    page.select_option("#signing-style", "skeleton")
    page.click("#signing button[type=submit]")
    expect(page.locator("#signing .signing-row")).to_contain_text(["I", "<", "b", "A"])
    expect(page.locator("#signing")).to_contain_text("Film: My holiday.mov")
    page.get_by_role("button", name="Put the signer into the film").click()
    made = page.locator("#signing video[data-t-label='signing.over-player']")
    expect(made).to_be_visible()
    found = pictures(room.existing("signing-3-over.mp4"))
    right, left = (
        np.abs(found[30][:, part].astype(int) - GREY).max() for part in (slice(200, 320), slice(0, 100))
    )
    assert right > 60  # the signer
    assert left < 12  # and the film
    assert findings(page, "#signing") == []


def test_a_caption_file_is_taken_from_any_of_its_captions_on(signed: Page, tmp_path: Path) -> None:
    page = signed
    file = tmp_path / "<img src=x>.srt"
    cues = (f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{word}\n" for n, word in enumerate("ABC", 1))
    file.write_text("\n".join(cues), "utf-8")
    page.check("#signing [name=signing-source][value=file]")
    page.set_input_files("#signing-file", file)
    told = page.locator("#signing form [role=status]").first
    expect(told).to_contain_text("3 captions in a language that the file does not tell. All are signed")
    page.fill("#signing-first", "2")
    page.keyboard.press("Tab")
    expect(told).to_contain_text("Numbers 2 to 3 are signed in one go, from 0:02 to 0:04")
    late = page.locator("#signing form .note", has_text="the last one is signed about")
    expect(late).to_be_hidden()
    long = f"1\n00:00:01,000 --> 00:00:02,000\n{'word ' * 20}\n"
    page.set_input_files(
        "#signing-file", {"name": "long.srt", "mimeType": "text/plain", "buffer": long.encode()}
    )
    expect(late).to_contain_text("about 40 seconds late")  # 80 letters · 0.6 s / 1.3 - 1 s = 36 s
    page.locator("#signing details", has=page.locator("#signing-speed")).evaluate(
        "node => (node.open = true)"
    )
    page.select_option("#signing-speed", "1.5")
    expect(late).to_contain_text("about 35 seconds late")
    page.select_option("#signing-speed", "1")
    page.set_input_files("#signing-file", {"name": "no.srt", "mimeType": "text/plain", "buffer": b"nothing"})
    expect(page.locator("#signing form [role=alert]")).to_be_visible()


HOUSE = "hamsymmlr hamflathand hamextfingerul hampalmdr hamshoulders hammovedr hammoved"


def test_signs_of_ones_own_are_given_told_apart_and_taken_away(signed: Page) -> None:
    page = signed
    page.check("#signing [name=signing-source][value=text]")
    page.check("#signing-language-ase")
    page.fill("#signing-text", "House")
    origin = page.locator("#signing .signing-row .badge")

    def table(hamnosys: str) -> FilePayload:
        rows = f"gloss,hamnosys\nHOUSE,{hamnosys}\n"
        return {"name": "my <b>.csv", "mimeType": "text/csv", "buffer": rows.encode()}

    def sign_again(told: str) -> None:
        expect(page.locator("#signing button[type=submit]")).to_have_attribute("aria-disabled", "false")
        page.click("#signing button[type=submit]")
        expect(origin).to_have_text([told])

    sign_again("A·B·Cspelled letter by letter")
    page.get_by_text("Signs of your own", exact=True).click()
    page.set_input_files("#signing-own", table("hamno"))
    problem = page.locator("#signing form [role=alert]:not(:empty)")
    expect(problem).to_contain_text("“my b.csv” was not taken")
    expect(problem).to_contain_text("my b.csv: line 2: HOUSE:")
    page.set_input_files("#signing-own", table(HOUSE))
    expect(page.locator("#signing .signing-own")).to_contain_text("1 sign · HOUSE")
    assert findings(page, "#signing") == []
    sign_again("★your own sign")
    expect(page.locator("#signing .signing-name")).to_have_text("HOUSE · my b.csv")
    expect(page.locator("#signing .signing-summary")).to_contain_text("1 word: 1 has a sign of yours.")
    page.get_by_role("button", name="Remove my b.csv").click()
    expect(page.locator("#signing .signing-own")).to_be_hidden()
    sign_again("A·B·Cspelled letter by letter")


def test_a_job_can_be_cancelled_and_says_nothing_wrong(signed: Page) -> None:
    page = signed
    page.check("#signing [name=signing-source][value=text]")
    page.fill("#signing-text", "a long text that nobody waits for " * 20)
    expect(page.get_by_role("button", name="Use an example")).to_be_hidden()  # it would take its place
    page.click("#signing button[type=submit]")
    page.get_by_role("button", name="Cancel").first.click()
    expect(page.locator("#signing button[type=submit]")).to_have_attribute("aria-disabled", "false")
    assert page.locator("#signing [role=alert]:not(:empty)").count() == 0
