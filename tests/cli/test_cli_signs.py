"""`accessify signs`: what is printed and written, and the exit codes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Semaphore

import pytest

from accessify.cli import main
from accessify.cli.sign_report import _print_table
from accessify.cli.sign_results import finish, watched
from accessify.core.errors import NotMedia
from accessify.core.sign import Sign
from accessify.core.timeline import Span
from accessify.delivery.files import read_captions
from accessify.delivery.poses import write_poses
from accessify.delivery.sign_book import read_book
from accessify.evaluation.sign_film import Camera, film
from accessify.evaluation.sign_idle import idle
from accessify.evaluation.sign_motion import Manner, perform
from accessify.signs.confusion import Aspect, Confusion, Difference
from tests.pipelines.signing import camera, signing
from tests.signs.performed import shown, signs


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run `accessify signs …` in this process; its exit code."""
    monkeypatch.setattr(sys, "argv", ["accessify", "signs", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two clips of signs and a film of both, where the commands run."""
    monkeypatch.chdir(tmp_path)
    chosen = {"tree": signs()[3], "river": signs()[5]}
    for name, sign in chosen.items():
        write_poses(shown(sign), tmp_path / f"{name}.npz")
    write_poses(film(perform(list(chosen.values()), Manner(seed=7)), Camera(seed=7)), tmp_path / "film.npz")
    write_poses(film(idle("hanging", 1.0)), tmp_path / "idle.npz")
    return tmp_path


def enrolled(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tree", "river"):
        assert run(monkeypatch, "enrol", name, f"{name}.npz", "--language", "ase") == 0


def test_enrol_list_and_remove(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "enrol", "tree", "tree.npz", "--gloss", "TREE-1", "--consent", "for a test") == 0
    told = capsys.readouterr().out
    assert re.search(
        r"^tree: enrolled from tree.npz, 00:00:0\d\.\d+ – 00:00:0\d\.\d+, right hand leads$", told, re.M
    )
    assert "my.signs holds 1 sign, 1 clip of tree" in told
    assert "consent" not in told
    assert run(monkeypatch, "enrol", "river", "river.npz") == 0
    assert "no consent is noted; add --consent" in capsys.readouterr().out
    assert run(monkeypatch, "list") == 0
    told = capsys.readouterr().out
    assert re.search(r"^river +1 clip  river.npz$", told, re.M)
    assert re.search(r"^tree +1 clip  TREE-1  tree.npz$", told, re.M)
    assert "1 clip without a note of consent" in told
    assert run(monkeypatch, "remove", "river") == 0
    assert "removed river (1 clip) from my.signs" in capsys.readouterr().out
    assert [sign.name for sign in read_book(place / "my.signs")] == ["tree"]


def test_signs_are_printed_and_written_as_glosses(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enrolled(monkeypatch)
    capsys.readouterr()
    for suffix in ("vtt", "srt", "json", "eaf"):
        assert run(monkeypatch, "recognize", "film.npz", "-o", f"out.{suffix}") == 0
        told = capsys.readouterr().out
        assert "film.npz: 2 signs found, 0 unknown" in told
        assert re.search(r"– 00:00:\d\d\.\d+  TREE +\d+% sure", told)
        assert f"wrote out.{suffix}" in told
        assert "no translation" in told
        text = " ".join(cue.text for cue in read_captions(place / f"out.{suffix}").cues)
        assert text.split() == ["TREE", "RIVER"]
    origin = read_captions(place / "out.vtt").origin or ""
    assert "not a translation" in origin
    assert "sign book my.signs" in origin
    data = json.loads((place / "out.json").read_text("utf-8"))
    assert data["language"] == "und-x-gloss-ase"
    assert [word["text"] for word in data["words"]] == ["TREE", "RIVER"]
    assert all(0.3 <= word["confidence"] <= 1 for word in data["words"])
    assert "Listen" not in json.dumps(data)


def test_captions_that_somebody_corrected_are_kept(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enrolled(monkeypatch)
    (place / "out.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\ncorrected\n", "utf-8")
    assert run(monkeypatch, "recognize", "film.npz", "-o", "out.vtt") == 0
    assert "kept the captions that were there as out.earlier.vtt" in capsys.readouterr().out
    assert "corrected" in (place / "out.earlier.vtt").read_text("utf-8")


def test_what_is_not_enrolled_is_shown_as_unknown(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "enrol", "tree", "tree.npz") == 0
    capsys.readouterr()
    assert run(monkeypatch, "recognize", "river.npz", "-o", "out.srt") == 0
    told = capsys.readouterr().out
    assert "0 signs found, 1 unknown" in told
    assert re.search(r"\(\?\) +unknown", told)
    assert read_captions(place / "out.srt").cues[0].text == "(?)"


def test_where_nobody_signs_nothing_is_found(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enrolled(monkeypatch)
    capsys.readouterr()
    assert run(monkeypatch, "recognize", "idle.npz", "-o", "out.vtt") == 0
    told = capsys.readouterr().out
    assert "0 signs found, 0 unknown" in told
    assert "translation" not in told
    assert not read_captions(place / "out.vtt").cues


def test_a_report_says_what_differs_and_what_to_do(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enrolled(monkeypatch)
    write_poses(shown(signs()[3], Camera(seed=8), Manner(seed=8)), place / "again.npz")
    assert run(monkeypatch, "enrol", "forest", "again.npz") == 0
    capsys.readouterr()
    assert run(monkeypatch, "report") == 0
    told = capsys.readouterr().out
    assert re.search(r"^my.signs: \d pairs? of 3 signs look alike$", told, re.M)
    assert "forest / tree" in told
    assert "forest and tree" in told.splitlines()[-1] or "forest and tree" in told
    for head in ("hand shape", "palm", "place", "movement", "other hand"):
        assert head in told


def test_a_report_of_signs_that_do_not_look_alike(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "enrol", "tree", "tree.npz") == 0
    capsys.readouterr()
    assert run(monkeypatch, "report") == 0
    assert "no two of 1 sign look alike" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("recognize", "film.npz"), "there is no such sign book; enrol a sign into it"),
        (("list",), "there is no such sign book"),
        (("report",), "there is no such sign book"),
        (("remove", "tree"), "there is no such sign book"),
        (("enrol", "tree", "none.mp4"), "none.mp4"),
        (("enrol", " ", "tree.npz"), "a sign needs a name"),
        (("enrol", "tree", "tree.npz", "--language", "English"), "no language code"),
        (("spell", "film.npz", "--alphabet", "xyz"), "unknown alphabet"),
        (("spell", "film.npz", "-o", "out.xyz"), "unknown"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...],
    says: str,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, *arguments) == 2
    told = capsys.readouterr().err
    assert says in told
    assert len(told.splitlines()) == 1
    assert not (place / "my.signs").exists()


def test_a_name_that_is_not_in_the_book(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enrolled(monkeypatch)
    before = (place / "my.signs").read_bytes()
    assert run(monkeypatch, "remove", "tre") == 2
    assert "did you mean 'tree'?" in capsys.readouterr().err
    assert (place / "my.signs").read_bytes() == before


def test_fingerspelling_is_printed_and_written(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "spell", "film.npz", "-o", "out.vtt") == 0
    told = capsys.readouterr().out
    assert re.search(r"^film.npz: \d+ letters? in \d+ words?$", told, re.M)
    document = read_captions(place / "out.vtt")
    assert document.language == "und-x-spelled-ase"
    assert "not a translation" in (document.origin or "")


@pytest.mark.models
def test_a_camera_prints_signs_until_it_ends(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enrolled(monkeypatch)
    capsys.readouterr()
    images = signing(0, 30)
    with camera(images, Semaphore(len(images))) as address:
        assert run(monkeypatch, "recognize", address, "-o", "out.vtt", "--offline") in (0, 3)
    told = capsys.readouterr().out
    assert "secret" not in told
    assert "wrote out.vtt" in told
    assert "secret" not in (place / "out.vtt").read_text("utf-8")


def test_a_camera_that_fails_leaves_what_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    def failing() -> Iterator[Sign]:
        yield Sign(Span(0, 10), (), known=False)
        raise NotMedia("rtsp://camera", "it went away")

    seen: list[Sign] = []
    track = watched(failing(), seen.append)
    assert list(track) == seen != []
    assert [note.kind for note in track.notes] == ["camera-lost"]
    assert finish(track, None) == 3
    assert "it went away" in capsys.readouterr().err


def test_a_name_with_brackets_is_shown_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = Confusion(("we [all]", "[/i]"), 0.1, 0.2, tuple(Difference(one, 1.0, 0.5) for one in Aspect))
    _print_table((pair,))
    assert "[all]" in capsys.readouterr().out
