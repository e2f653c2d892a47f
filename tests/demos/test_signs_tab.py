"""The tab "Signs to text" in real Chromium, whose camera shows the avatar: a sign is taught and named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accessify.delivery.sign_book import read_book, write_book
from accessify.server.jobs import Work
from accessify_app import signs as callbacks
from accessify_app.panels import answered
from tests.demos.axe import findings
from tests.demos.conftest import AppSite, open_app, settings
from tests.demos.moving import moved, watch
from tests.server.chromium import browser_page, in_a_thread_of_its_own
from tests.server.site import WAIT
from tests.signed import Image, film_of, jpeg, resting, signed, spelled
from tests.signs.performed import book_of
from tests.signs.performed import signs as invented

pytestmark = pytest.mark.models

_ROUND = 160
"""Pictures of one round of the camera, 30 a second; a sign to be taught begins with the 110th."""
_MARK = 24
"""Pixels of the white square in the corner that tells where a round begins."""
_MARKED = """(size) => new Promise((done) => {
  const video = document.querySelector("#signs .signs-stage video");
  const pen = new OffscreenCanvas(4, 4).getContext("2d", { willReadFrequently: true });
  let before = true;
  const look = () => {
    const part = (size * video.videoWidth) / 480;
    pen.drawImage(video, 0, 0, part, part, 0, 0, 4, 4);
    const now = pen.getImageData(1, 1, 1, 1).data[0] > 230;
    if (now && !before) done();
    else { before = now; requestAnimationFrame(look); }
  };
  look();
})"""


_FAILING = """(name) => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", name); };
}"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A page, and the camera it has."""

    page: Page
    film: Path
    """What the camera shows, from its next start on."""

    def show(self, pictures: tuple[Image, ...], *, rest: int = 0) -> None:
        """The camera shows `pictures`, again and again, `rest` pictures of rest before them."""
        shown = resting(pictures, rest, 0)
        shown += (pictures[-1],) * (_ROUND - len(shown))
        marked = [picture.copy() for picture in shown]
        for picture in marked[4:14]:
            picture[:_MARK, :_MARK] = 255
        self.film.write_bytes(b"".join(jpeg(picture) for picture in marked))

    def restart(self, pictures: tuple[Image, ...], *, rest: int = 0) -> None:
        """The same, with a camera that is on."""
        self.page.get_by_role("button", name="Stop the camera").click()
        self.show(pictures, rest=rest)
        self.page.get_by_role("button", name="Start the camera").click()

    def record(self, take: int) -> None:
        """Record a take that begins a while before the sign."""
        self.page.evaluate(_MARKED, _MARK)
        self.page.get_by_role("button", name=f"Record take {take}").press("Enter")
        expect(self.page.locator(".signs-over")).to_be_visible()
        self.page.locator(".signs-stage.recording").wait_for()
        expect(self.page.locator(".signs-over")).to_have_text("Recording: sign now")
        self.page.get_by_text(f"Take {take} is recorded").wait_for()


@pytest.fixture(scope="module")
def stage(app_site: AppSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    film = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    camera = f"--use-file-for-fake-video-capture={film}"
    with browser_page(*fake, camera, locale="en-GB", viewport={"width": 1280, "height": 900}) as page:
        found = Stage(page, film)
        found.show(signed("Haus"), rest=110)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        open_app(page, app_site, "signs")
        yield found
        assert errors == []


def test_a_sign_is_taught_by_keyboard_and_named_when_it_is_made_again(stage: Stage) -> None:
    page = stage.page
    expect(page.locator("#signs .signs-cover p")).to_have_text("The camera is off.")
    start = page.get_by_role("button", name="Start the camera")
    start.press("Enter")
    page.locator(".signs-figures:not(:empty)").wait_for()
    expect(page.get_by_role("button", name="Stop the camera")).to_be_focused()
    assert "behind" in page.inner_text(".signs-figures")
    assert drawn(page) > 500
    teach = page.get_by_role("button", name="Teach this sign")
    expect(teach).to_be_disabled()
    page.get_by_label("Name of the sign").fill("HAUS <b>")
    stage.record(1)
    expect(page.locator("#signs-lacks")).to_have_text("A second take makes it surer.")
    stage.record(2)
    assert page.locator(".signs-clip video").evaluate_all("all => all.every((one) => one.videoWidth > 0)")
    page.get_by_label("What the person shown agrees to").fill("for this test")
    teach.press("Enter")
    expect(page.locator(".signs-book li")).to_have_count(1, timeout=3 * WAIT * 1000)
    expect(page.locator(".signs-said .note")).to_contain_text("“HAUS <b>” is in the book now, from 2 clips.")
    expect(page.locator(".signs-book li")).to_contain_text("2 clips · consent noted")
    expect(page.get_by_label("Signs of the book")).to_be_checked()
    named = page.locator("#signs .signs-line .signs-name")
    named.wait_for()
    assert named.inner_text() == "HAUS <b>"
    assert "sure" in page.inner_text("#signs .signs-line .meter")
    assert "%" in page.inner_text("#signs .signs-line .meter")
    expect(page.get_by_role("log").locator(".signs-name").first).to_have_text("HAUS <b>")


def drawn(page: Page) -> int:
    """How many pixels of points are drawn over the picture."""
    count = page.evaluate("""() => {
      const canvas = document.querySelector("#signs .signs-stage canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 3; at < data.length; at += 4) count += data[at] > 128;
      return count;
    }""")
    return int(count)


def test_another_sign_is_not_sure_and_letters_are_read(stage: Stage) -> None:
    page = stage.page
    stage.restart(signed("Baum"), rest=20)
    page.locator(".signs-figures:not(:empty)").wait_for()
    watch(page)
    doubt = page.get_by_role("log").locator(".signs-doubt").last
    doubt.wait_for()
    assert not {"Record take 1", "Record take 2", "Teach this sign", "More settings"} & {*moved(page)}
    assert doubt.inner_text() == "Not sure:"
    page.get_by_role("button", name="Stop the camera").click()
    expect(page.get_by_role("button", name="Start the camera")).to_be_focused()
    page.get_by_label("Spelled letters").check()
    stage.show(spelled("wo"), rest=20)
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("#signs .signs-spelled:visible")).to_contain_text(re.compile("W.*O"))
    page.get_by_role("button", name="Stop the camera").click()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Save as text").click()
    text = Path(kept.value.path()).read_text("utf-8")
    assert "not a translation" in text
    assert "HAUS <b>" in text


def test_the_book_is_saved_emptied_and_loaded_again(stage: Stage, tmp_path: Path) -> None:
    page = stage.page
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the book").click()
    kept = tmp_path / "kept.signs"
    saved.value.save_as(kept)
    book = read_book(kept)
    (sign,) = book.signs
    assert (sign.name, len(sign.references), sign.references[0].consent) == ("HAUS <b>", 2, "for this test")
    page.get_by_role("button", name="Remove HAUS <b>").press("Enter")
    page.get_by_role("button", name="Really remove HAUS <b>").press("Enter")
    page.get_by_text("No sign yet.").wait_for()
    page.get_by_text("Load a book", exact=True).click()
    (tmp_path / "no.signs").write_text("Dear customer, your book is attached.")
    page.get_by_label("Book file (.signs)").set_input_files(tmp_path / "no.signs")
    expect(page.locator("#signs .problem:not(:empty)")).to_contain_text("not a sign book")
    page.get_by_label("Book file (.signs)").set_input_files(kept)
    expect(page.locator(".signs-book li")).to_have_count(1)
    expect(page.locator("#signs .problem:not(:empty)")).to_have_count(0)


def test_a_film_is_read_and_played_with_what_was_read(stage: Stage, tmp_path: Path) -> None:
    page = stage.page
    page.get_by_label("A film", exact=True).check()
    page.get_by_label("Signs of the book").check()
    expect(page.get_by_role("button", name="Choose a film of signing", exact=True)).to_be_visible()
    house = film_of(resting(signed("Haus", 0.9), 5, 5), tmp_path / "house.mp4")
    page.locator("#signs .drop input").set_input_files(house)
    page.get_by_role("button", name="Read this film").click()
    done = page.locator("#signs .note[role=status]")
    expect(done).to_have_text(re.compile(r"^1 sign found, \d not sure\.$"), timeout=3 * WAIT * 1000)
    page.get_by_role("button", name="Go to").first.click()
    expect(page.locator("#signs .signs-line:visible .signs-name")).to_have_text("HAUS <b>")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Signs .vtt").click()
    captions = Path(saved.value.path()).read_text("utf-8")
    assert captions.startswith("WEBVTT")
    assert "HAUS" in captions
    assert "not a translation" in captions
    page.get_by_role("radio", name="Camera").check()


def test_takes_from_files_are_two_recordings(stage: Stage, tmp_path: Path) -> None:
    page = stage.page
    house = film_of(resting(signed("Haus"), 5, 5), tmp_path / "house.mp4")
    (tmp_path / "again.mp4").write_bytes(house.read_bytes())
    page.get_by_text("Gloss, sign language, clips from files").click()
    clips = page.get_by_label("Clips instead of recording")
    clips.set_input_files([house] * 3)
    expect(page.get_by_role("alert")).to_contain_text("3 files are too many")
    clips.set_input_files(house)
    clips.set_input_files(tmp_path / "again.mp4")
    said = page.locator(".signs-takes [role=status]")
    expect(said).to_have_text(["Take 1 is read from house.mp4.", "Take 2 is read from again.mp4."])
    expect(page.get_by_role("button", name="Record take 2", exact=True)).to_be_enabled()
    page.get_by_label("Name of the sign").fill("BUILDING")
    page.get_by_role("button", name="Teach this sign").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Two takes must be two recordings")
    expect(told).to_contain_text("again.mp4: the same recording as house.mp4")
    for remove in reversed(page.locator(".signs-takes").get_by_role("button", name="Remove").all()):
        remove.click()
    expect(said).to_have_text(["", ""])


def test_a_take_shows_the_camera_which_may_be_unplugged(stage: Stage) -> None:
    page = stage.page
    page.get_by_role("radio", name="A film").check()
    page.evaluate(
        "document.querySelector('#signs-device').replaceChildren(new Option('', 'gone', true, true))"
    )
    page.get_by_role("button", name="Record take 1").click()
    page.locator(".signs-over").wait_for()  # though the camera that was chosen before is not there any more
    expect(page.get_by_role("radio", name="Camera")).to_be_checked()
    expect(page.get_by_role("button", name="Record take 2")).to_be_disabled()
    page.evaluate("""document.querySelector("#signs .signs-stage video").srcObject.getVideoTracks()[0]
      .dispatchEvent(new Event("ended"))""")
    expect(page.get_by_role("alert")).to_contain_text("The camera is gone")
    expect(page.locator(".signs-takes [role=status]")).to_have_text(["", ""])
    expect(page.get_by_role("button", name="Record take 2")).to_be_enabled()
    expect(page.locator(".signs-over")).to_be_hidden()


def test_the_book_survives_a_room_that_is_gone(stage: Stage, app_site: AppSite, tmp_path: Path) -> None:
    """As where the server is started anew."""
    page, rooms = stage.page, app_site.studio.rooms
    (sign, *_) = invented()
    write_book(book_of([sign]), tmp_path / "kept.signs")
    with page.expect_response(re.compile(r"/files/book\.signs$")) as copied:  # the page keeps it too
        page.locator("#signs-file").set_input_files(tmp_path / "kept.signs")
    copied.value.finished()
    row = page.locator(".signs-book li").filter(has_text=sign.name)
    row.wait_for()
    room = rooms.find(page.evaluate("sessionStorage.getItem('accessify-room')"))
    rooms.remove(room)
    page.get_by_text("accessify was started anew; the sign book was put back.").wait_for()
    row.wait_for()
    room = rooms.find(page.evaluate("sessionStorage.getItem('accessify-room')"))
    assert sign.name in [one.name for one in read_book(room.folder / "book.signs")]


def event(start: float, *, known: bool = True, within: bool = False) -> dict[str, object]:
    """A letter or a sign, as a film's result holds it."""
    likely = [{"name": "A", "gloss": "", "confidence": 0.9}]
    return {"start": start, "end": start + 0.4, "known": known, "candidates": likely, "within": within}


def read(about: dict[str, object], signs: list[Any], letters: list[Any]) -> Work:
    """A job that has read a film already."""
    return lambda report: {**about, "signs": signs, "letters": letters}


def test_a_film_that_was_read_is_told_by_what_was_asked_for(stage: Stage, app_site: AppSite) -> None:
    page = open_app(stage.page, app_site, "signs")  # loaded anew
    page.reload()
    page.wait_for_selector("html[data-ready]")
    room = app_site.studio.rooms.find(page.evaluate("sessionStorage.getItem('accessify-room')"))
    result = {"file": "f.mp4", "title": "film <b>.mp4", "points": "none.json", "notes": [], "duration": 9}
    word, doubt = [event(0), event(0.5)], [event(5), event(7, known=False)]
    page.get_by_label("A film", exact=True).check()
    for mode, signs, letters, said in (
        ("letters", [], [*word, event(4, known=False)], "2 spelled letters read, in 2 words; 1 not clear."),
        ("letters", [], [], "No spelled letter was found."),
        ("signs", doubt, [], "1 sign found, 1 not sure."),
        ("both", [], word, "No sign was found. 2 spelled letters read, in 1 word; 0 not clear."),
        (
            "both",
            [event(5)],
            [*word, event(5.1, within=True)],
            "1 sign found, 0 not sure. 2 spelled letters read, in 1 word; 0 not clear. "
            "1 letter that was seen within a sign is struck out.",
        ),
    ):
        app_site.studio.jobs.submit(room, "signs", "watch", read({**result, "mode": mode}, signs, letters))
        expect(page.locator("#signs .note[role=status]")).to_have_text(said)
    struck = page.locator("#signs .signs-list:visible li").last
    expect(struck.locator("s")).to_have_text("A")
    expect(struck).to_contain_text("most likely not spelled")
    expect(page.get_by_text("Read in film <b>.mp4. Choose this film again")).to_be_visible()
    expect(page.locator("#signs-lacks + .row + .job")).to_be_hidden()
    assert page.locator(".signs-said .note").count() == 0  # what was taught before is no news
    page.get_by_role("radio", name="Camera").check()


_READING = """async () => {
  const { Reading } = await import(new URL("web/signs-read.js", document.baseURI));
  const reading = new Reading();
  const told = [];
  const shown = (node) => [...node.querySelectorAll("s, .signs-letter, strong")]
    .filter((one) => !one.closest("[hidden]")).map((one) => `${one.localName} ${one.firstChild.data}`);
  const tell = () => told.push([shown(reading.caption), shown(reading.node)]);
  for (const [start, name] of [[0, "A"], [500, "B"], [1900, "C"]])
    reading.letter({ start, end: start + 200, known: true, candidates: [{ name, confidence: 0.95 }] });
  tell();
  for (const start of [500, 1900, 7]) reading.within({ start });
  tell();
  reading.end();
  for (const words of ["signs.clear", "signs.back"]) {
    reading.node.querySelector(`[data-t="${words}"]`).click();
    tell();
  }
  return told;
}"""


def test_letters_within_a_sign_are_struck_out_and_what_is_cleared_comes_back(stage: Stage) -> None:
    assert stage.page.evaluate(_READING) == [
        [["span C"], ["strong A-B"]],
        [["s C"], ["strong A", "s B"]],
        [[], []],
        [[], ["strong A", "s B", "s C"]],
    ]


def test_nobody_is_kept_out_in_any_theme(stage: Stage) -> None:
    page = stage.page
    for theme in ("light", "dark", "contrast"):
        settings(page, theme=theme)
        assert findings(page, "#signs") == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for name in ("Record take 1", "Record take 2"):  # nothing lies over them
        page.get_by_role("button", name=name).click(trial=True, timeout=5000)
    page.get_by_label("Name of the sign").click(trial=True, timeout=5000)
    page.set_viewport_size({"width": 1280, "height": 900})


@in_a_thread_of_its_own
def test_a_camera_that_is_refused_is_told_in_the_readers_language(app_site: AppSite) -> None:
    with browser_page(
        "--use-fake-device-for-media-stream", "--deny-permission-prompts", locale="zh-CN"
    ) as page:
        open_app(page, app_site, "signs")
        page.get_by_role("button", name="打开摄像头").click()
        expect(page.get_by_role("alert")).to_contain_text("浏览器不允许 accessify 使用摄像头")
        settings(page, language="en")
        expect(page.locator("#signs .problem").first).to_contain_text("does not let accessify use the camera")
        for name, said in (
            ("NotFoundError", "No camera was found"),
            ("NotReadableError", "another program may be using it"),
        ):
            page.evaluate(_FAILING, name)
            page.get_by_role("button", name="Start the camera").click()
            expect(page.get_by_role("alert")).to_contain_text(said)


def test_callbacks_refuse_what_they_should(app_site: AppSite) -> None:
    studio, table = app_site.studio, {one.__name__: one for one in callbacks.CALLBACKS}
    room = studio.rooms.open()

    def ask(callback: str, *args: object) -> dict[str, object]:
        request = {"callback": callback, "key": room.key, "args": list(args)}
        told = answered(table, studio, json.loads(json.dumps(request)))
        return {"code": told["problem"]["code"]} if "problem" in told else told

    assert ask("book") == {"answer": {"title": "", "signs": []}}
    assert ask("report") == {"answer": []}
    assert ask("enrol", "house", ["../book"], {}) == {"code": "bad-name"}
    assert ask("enrol", "house", ["away.webm"], {}) == {"code": "no-file"}
    assert ask("enrol", "house", [], {}) == {"code": "option-error"}
    assert ask("enrol", " \u202e", ["away.webm"], {}) == {"code": "option-error"}
    assert ask("remove", "house") == {"code": "unknown-name"}
    assert ask("load", "away.signs", "merge") == {"code": "no-file"}
    assert ask("watch", "away.mp4", {"mode": "everything"}) == {"code": "no-file"}
    assert ask("captions", "signs", ".vtt") == {"code": "signs-no-film"}


def test_books_are_merged_or_replaced(app_site: AppSite) -> None:
    studio, room = app_site.studio, app_site.studio.rooms.open()
    one, two = invented()[:2]
    for number, sign in enumerate((one, two)):
        write_book(book_of([sign]), room.folder / f"{number}.signs")
    write_book(book_of([one]), room.folder / "2.signs")
    told = [
        [sign["name"] for sign in callbacks.load(studio, room, f"{number}.signs", how)["signs"]]
        for number, how in enumerate(("merge", "merge", "replace"))
    ]
    assert told == [[one.name], sorted([one.name, two.name]), [one.name]]
    assert sorted(path.name for path in room.folder.iterdir()) == ["book.signs"]  # what was given is removed
