"""What the film tab asks for, without a page: drafts that nothing is lost of, and films that are none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from accessify.captions.film import Film
from accessify.captions.rules import load_profile
from accessify.core.text import Cue, Document, Placement, Run, Style, Word
from accessify.core.timeline import Rate, Span, Track, millis
from accessify.delivery.files import read_captions
from accessify.media.probe import probe
from accessify.pipelines.caption import CaptionOptions
from accessify.pipelines.draft import Draft, History, draft_from_file
from accessify.server.jobs import Jobs
from accessify.server.rooms import Room, RoomLimits, Rooms
from accessify_app import film, film_draft
from accessify_app.panels import answered
from accessify_app.studio import AppOptions, Studio
from tests.fakes import speak
from tests.media.make_media import Picture, Sound, grey, write_media
from tests.server.site import wait_for
from tests.spoken import BECKETT, agreement, clip

LINES = ("Who is there?", "Nobody is.", "And who speaks?", "The wind does.", "Then come in.")
SRT = "\n".join(
    f"{number}\n00:00:{number:02},000 --> 00:00:{number:02},900\n{line}\n"
    for number, line in enumerate(LINES, 1)
)
SCRIPT = "<script>alert(1)</script>"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a room; another one is made from the same room."""

    studio: Studio
    room: Room

    def ask(self, name: str, *args: Any) -> Any:
        told = answered(
            {each.__name__: each for each in film.CALLBACKS},
            self.studio,
            {"callback": name, "key": self.room.key, "args": list(args)},
        )
        return json.loads(json.dumps(told))

    def get(self, name: str, *args: Any) -> Any:
        told = self.ask(name, *args)
        assert "answer" in told, told
        return told["answer"]

    def code(self, name: str, *args: Any) -> str:
        return str(self.ask(name, *args)["problem"]["code"])

    def give(self, name: str, data: bytes | str, title: str) -> None:
        self.room.file(name).write_bytes(data.encode() if isinstance(data, str) else data)
        self.room.titles[name] = title


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    options = AppOptions(caption=CaptionOptions(offline=True), offline=True)
    studio = Studio(Rooms(tmp_path / "rooms", RoomLimits(spare_bytes=0)), Jobs(), options)
    yield Page(studio, studio.rooms.open())
    studio.jobs.close()
    studio.rooms.close()


@pytest.fixture
def drafted(page: Page) -> Page:
    page.give("captions-1.srt", SRT, "My lines.srt")
    page.get("open_captions", "captions-1.srt", None, "en")
    return page


def told(room: Room, kind: str) -> list[Any]:
    messages = [json.loads(message.text) for message in room.log.after(0)]
    return [message for message in messages if message["type"] == kind]


def test_opening_captions_makes_a_draft(page: Page) -> None:
    assert page.code("draft") == "no-draft"
    page.give("captions-1.srt", SRT, "My lines.srt")
    draft = page.get("open_captions", "captions-1.srt")
    assert draft == page.get("draft")
    assert draft["version"] == 1
    assert draft["cues"][0] | {"unsure": 0, "copy": 0} == {
        "start": 1.0,
        "end": 1.9,
        "text": LINES[0],
        "confidence": None,
        "unsure": 0,
        "copy": 0,
    }
    assert draft["profile"]["name"] == "netflix-en"
    assert {each["rule"] for each in draft["findings"]} == {"gap"}
    assert (draft["film"], draft["undo"], draft["redo"], draft["words"]) == (None, 0, 0, False)


def test_each_edit_is_a_patch_of_the_version_it_was_made_on(drafted: Page) -> None:
    cues = drafted.get("draft")["cues"]
    changes = [
        [{"op": "set", "cue": 2, "text": SCRIPT}],
        [{"op": "insert", "at": 1, "cues": [{"start": 0.2, "end": 0.8, "text": ""}]}],
        [{"op": "delete", "cue": 4, "count": 2}],
        [{"op": "split", "cue": 2, "at": 5}],
        [{"op": "merge", "cue": 2}],
    ]
    for version, change in enumerate(changes, 1):
        patch = drafted.get("edit", version, change)
        cues[patch["from"] : patch["from"] + patch["removed"]] = patch["cues"]
        draft = drafted.get("draft")
        assert cues == draft["cues"]
        assert patch["findings"] == draft["findings"]
        assert patch["version"] == draft["version"] == version + 1
        assert len(patch["cues"]) <= 2
    assert cues[2]["text"] == SCRIPT
    for version in range(6, 11):
        patch = drafted.get("undo", version)
        cues[patch["from"] : patch["from"] + patch["removed"]] = patch["cues"]
    assert [cue["text"] for cue in cues] == list(LINES)
    assert drafted.code("undo", 11) == "nothing-to-undo"
    assert drafted.get("redo", 11)["redo"] == 4


def test_two_pages_do_not_overwrite_each_other(drafted: Page) -> None:
    other = Page(drafted.studio, drafted.room)
    assert drafted.get("edit", 1, [{"op": "set", "cue": 1, "text": "mine"}])["version"] == 2
    refused = other.ask("edit", 1, [{"op": "set", "cue": 1, "text": "theirs"}])["problem"]
    assert (refused["code"], refused["data"]) == ("stale", {"version": 2})
    for name, *args in (("undo",), ("fix",), ("profile", "web")):
        assert other.code(name, 1, *args) == "stale"
    assert other.get("draft")["cues"][0]["text"] == "mine"
    assert [message["version"] for message in told(drafted.room, "draft")] == [1, 2]


def test_what_a_hostile_page_sends_changes_nothing(drafted: Page) -> None:
    before = drafted.get("draft")
    for change in (
        "x",
        [{"op": "set", "cue": "1", "text": "x"}],
        [{"op": "set", "cue": True, "text": "x"}],
        [{"op": "set", "cue": 1, "start": "0"}],
        [{"op": "set", "cue": 1, "end": 1e300}],
        [{"op": "set", "cue": 1, "text": "\ud800"}],
        [{"op": "set", "cue": 1, "text": "x" * 3_000}],
        [{"op": "set", "cue": 1, "text": ["x"]}],
        [{"op": "insert", "cues": [{"start": 1}]}],
        [{"op": "explode"}],
        [None],
        [{"op": "set", "cue": 1, "text": "fine"}, {"op": "set", "cue": 1, "text": 7}],
    ):
        assert drafted.code("edit", 1, change) == "bad-change", change
    assert drafted.code("edit", 1, [{"op": "set", "cue": 99, "text": "x"}]) == "option-error"
    assert drafted.code("write", "../../x") == "unknown-name"
    assert drafted.code("inspect", "../../etc/passwd") == "bad-name"
    assert drafted.code("start", "nothing.mp4", {}) == "no-file"
    assert drafted.get("draft") == before
    cleaned = drafted.get("edit", 1, [{"op": "set", "cue": 1, "text": "a\r\nb\0\x07\n\n"}])
    assert cleaned["cues"][0]["text"] == "a\nb"


def test_a_full_disk_loses_nothing(drafted: Page) -> None:
    kept = drafted.room.folder / "draft.json"
    saved = kept.read_bytes()
    kept.unlink()
    kept.symlink_to("/dev/full")
    assert drafted.code("edit", 1, [{"op": "set", "cue": 1, "text": "new"}]) == "output-error"
    assert drafted.get("draft")["version"] == 1
    kept.unlink()
    kept.write_bytes(saved)
    assert drafted.get("edit", 1, [{"op": "set", "cue": 1, "text": "new"}])["version"] == 2
    assert read_captions(kept).cues[0].text == "new"  # each draft is on disk


def test_a_page_keeps_all_that_a_program_started_anew_needs(page: Page) -> None:
    runs = (Run("Who "), Run("is", Style(italic=True)), Run(" there?"))
    words = tuple(
        Word(Span(millis(at), millis(at + 90)), text, 0.3)
        for at, text in zip((1_000, 1_100, 1_200), ("Who", "is", "there?"), strict=True)
    )
    styled = Cue(Span(millis(1_000), millis(2_000)), "Who is there?", runs, placement=Placement(line=5.0))
    cues = Track((replace(styled, words=words), Cue(Span(millis(3_000), millis(4_000)), "Nobody.")))
    document = Document(
        cues, "en", origin="A machine; edited by a person", words=Track(words), source="a.mp4"
    )
    film_of_it = Film(Rate.parse("23.976"), (millis(500), millis(2_500)), millis(9_000))
    draft = Draft(document, film_of_it, load_profile("bbc"), media="film-1.mp4")
    film_draft.keep(page.studio, page.room, History(draft))
    kept = page.get("draft")
    rows = [cue["copy"] for cue in kept["cues"]]
    changed = page.get("edit", 1, [{"op": "set", "cue": 2, "text": "Nobody is."}])
    assert "copy" not in changed  # but for its captions
    rows[1] = changed["cues"][0]["copy"]
    before = film_draft.history(page.room).now
    page.room.values.clear()
    page.give("captions-1.json", json.dumps(kept["copy"]["document"] | {"cues": rows}), "captions.json")
    told = {"film": kept["copy"]["film"], "profile": kept["profile"]["name"], "edited": changed["edited"]}
    again = page.get("restore", "captions-1.json", told)
    now = film_draft.history(page.room).now
    assert replace(now, version=before.version, media=before.media) == before  # findings too
    assert (again["film"], again["title"], again["undo"]) == (None, "a.mp4", 0)
    for film_told in ("x", {**told["film"], "rate": "0"}, {**told["film"], "shots": [3, 2]}):
        assert page.code("restore", "captions-1.json", told | {"film": film_told}) == "bad-request"
    assert page.code("restore", "captions-1.json", told | {"profile": "../x"}) == "unknown-name"


def test_taking_back_another_film_takes_its_name_along(page: Page) -> None:
    for number in (1, 2):
        page.give(f"film-{number}.mp4", "x", f"Film {number}.mp4")
        document = Document(Track((Cue(Span(0, millis(900)), "x"),)), "en", source=f"Film {number}.mp4")
        draft = Draft(document, Film(), load_profile("web"), media=f"film-{number}.mp4")
        film_draft.keep(page.studio, page.room, film_draft.begun(page.room, draft))
    assert page.get("draft")["film"]["title"] == "Film 2.mp4"
    patch = page.get("undo", 2)
    assert (patch["title"], patch["film"]["file"]) == ("Film 1.mp4", "film-1.mp4")
    assert film_draft.media(page.room) == "film-1.mp4"
    page.room.file("film-2.mp4").unlink()
    patch = page.get("redo", 3)
    assert (patch["title"], patch["film"]) == ("Film 2.mp4", None)


def test_repairs_and_guides(drafted: Page) -> None:
    gaps = drafted.get("draft")["findings"]
    patch = drafted.get("fix", 1, gaps[0]["cue"], gaps[0]["rule"])
    assert len(patch["findings"]) < len(gaps)
    patch = drafted.get("fix", 2)
    assert patch["findings"] == []
    assert drafted.get("profile", 3, "bbc")["profile"]["name"] == "bbc"
    assert drafted.code("profile", 4, "nobody") == "unknown-name"
    assert drafted.code("profile", 4, "web", True) == "option-error"  # no times of words
    edited = drafted.get("edit", 4, [{"op": "set", "cue": 1, "text": "x"}])
    assert edited["edited"]
    assert drafted.code("profile", 5, "web", True) == "edits-lost"


def test_many_captions_are_checked_and_repaired_behind_the_page(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_draft, "AT_ONCE", 3)
    page.give("captions-1.srt", SRT, "My lines.srt")
    assert page.get("open_captions", "captions-1.srt", None, "en")["findings"] is None
    wait_for(lambda: any(message["version"] == 1 for message in told(page.room, "findings")))
    patch = page.get("edit", 1, [{"op": "set", "cue": 1, "text": "Who  is there?"}])  # near it, at once
    assert "white-space" in {each["rule"] for each in patch["findings"]}
    assert page.code("findings", 1) == "stale"
    assert page.get("findings", 2)["findings"] == patch["findings"]
    assert page.get("profile", 2, "bbc")["findings"] is None  # another guide looks at all of them
    wait_for(lambda: any(message["version"] == 3 for message in told(page.room, "findings")))
    assert page.get("undo", 3)["findings"] == patch["findings"]
    assert "job" in page.get("fix", 4)
    wait_for(lambda: page.get("draft")["version"] == 5)
    assert page.get("draft")["findings"] == []


def test_captions_in_every_format(drafted: Page) -> None:
    names = [each["name"] for each in drafted.get("choices")["formats"] if each["writes"]]
    assert len(names) >= 7
    for name in names:
        file = drafted.get("write", name)
        assert file["as"].startswith("My lines.")
        if name != "txt":
            again = draft_from_file(drafted.room.file(file["file"]))
            assert [cue.text for cue in again.document.cues] == list(LINES)
    assert drafted.code("write", "scc") == "option-error"
    assert drafted.code("mux") == "nothing-to-mux"


def test_a_file_that_is_no_film_is_told_at_once(page: Page) -> None:
    page.give("film-1.mp4", "This is no film. " * 1_000, f"../{SCRIPT}.mp4")
    refused = page.ask("inspect", "film-1.mp4")["problem"]
    assert refused["code"] == "not-media"
    assert refused["text"].startswith(f"../{SCRIPT}.mp4: not a media file")
    assert str(page.room.folder) not in json.dumps(refused)
    page.give("captions-1.srt", "\0\1\2", "odd.srt")
    assert page.ask("open_captions", "captions-1.srt")["problem"]["text"].startswith("odd.srt: ")


def test_a_film_without_sound_and_one_with_captions_in_it(page: Page, tmp_path: Path) -> None:
    silent = write_media(tmp_path / "silent.mp4", [], Picture(grey(25)))
    page.give("film-1.mp4", silent.read_bytes(), "Silent.mp4")
    assert page.code("inspect", "film-1.mp4") == "no-audio"
    page.get("open_captions", *captions(page), "film-1.mp4", "en")  # captions of its own still can be made
    loud = write_media(
        tmp_path / "loud.mov", [Sound(speak("alpha")[None, :], rate=16_000)], Picture(grey(50))
    )
    page.give("film-2.mov", loud.read_bytes(), "Loud film.mov")
    info = page.get("inspect", "film-2.mov")
    assert (info["title"], info["fps"], len(info["audio"])) == ("Loud film.mov", 25.0, 1)
    draft = page.get("open_captions", *captions(page), "film-2.mov", "en")
    assert draft["film"] == {"file": "film-2.mov", "title": "Loud film.mov", "duration": 2.0}
    job = page.get("mux")["job"]
    wait_for(lambda: page.studio.jobs.of(page.room)[-1].row()["status"] == "done")
    row = page.studio.jobs.of(page.room)[-1].row()
    made = {"file": "captioned.mov", "as": "Loud film.captioned.mov", "version": draft["version"]}
    assert (row["id"], row["result"]) == (job, made)
    assert probe(page.room.file("captioned.mov")).video
    assert read_captions(page.room.file("draft.json")).source == "Loud film.mov"


def captions(page: Page) -> tuple[str]:
    page.give("captions-2.srt", "1\n00:00:00,100 --> 00:00:01,500\nAlpha\n", "Two.srt")
    return ("captions-2.srt",)


def test_a_page_may_only_choose_what_it_was_offered(page: Page) -> None:
    page.give("film-1.mp4", b"x", "film.mp4")
    page.give("model.bin", b"x", "model.bin")
    for model in (str(page.room.file("model.bin")), "/etc/passwd", "huge"):
        assert page.code("start", "film-1.mp4", {"model": model}) == "bad-request"
    offered = page.get("choices")
    assert offered["models"][0]["name"] == "moonshine-tiny-en"
    assert offered["models"][0]["default"]
    assert "en" in offered["languages"]


def test_what_came_before_is_not_lost_when_a_film_is_captioned(drafted: Page) -> None:
    """A new draft is one more step, which can be taken back."""
    document = Document(Track((Cue(Span(0, millis(900)), "from the film"),)), "en")
    now = film_draft.history(drafted.room).now
    fresh = film_draft.begun(drafted.room, replace(now, document=document, findings=None))
    assert isinstance(fresh, History)
    film_draft.keep(drafted.studio, drafted.room, fresh)
    assert [cue["text"] for cue in drafted.get("draft")["cues"]] == ["from the film"]
    assert len(drafted.get("undo", 2)["cues"]) == 5


@pytest.mark.models
def test_a_film_is_captioned_while_the_page_may_come_and_go(page: Page, tmp_path: Path) -> None:
    page.give("film-0.mp4", b"an older one", "Old.mp4")
    page.give("film-1.wav", clip("beckett.wav").read_bytes(), "Beckett.wav")
    page.get("start", "film-1.wav", {"language": "en"})
    assert page.get("choices")["heard"] == "film-1.wav"
    assert not page.room.file("film-0.mp4").exists()  # nothing belongs to it
    assert page.code("start", "film-1.wav", {"language": "xx"}) in ("busy", "unknown-name")
    wait_for(lambda: page.studio.jobs.of(page.room)[0].row()["status"] not in ("queued", "running"))
    row = page.studio.jobs.of(page.room)[0].row()
    assert row["status"] == "done", row["problem"]
    draft = page.get("draft")
    assert draft["version"] == row["result"]["version"]
    assert agreement(" ".join(cue["text"] for cue in draft["cues"]), BECKETT) > 0.6
    assert all(0 < cue["confidence"] <= 1 for cue in draft["cues"])
    assert draft["origin"].startswith("Machine-made captions")
    assert draft["film"]["title"] == "Beckett.wav"
    shown = [cue for message in told(page.room, "cues") for cue in message["cues"]]
    assert (
        " ".join(cue["text"] for cue in shown).split() == " ".join(c["text"] for c in draft["cues"]).split()
    )
    assert page.get("write", "srt")["as"] == "Beckett.srt"
    assert not list((page.room.folder / "journal").iterdir())
