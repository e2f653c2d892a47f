"""Signs of the user's own: taken file by file, told, refused with words, and taken away again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accessify.delivery.poses import write_poses
from accessify.server.refusal import Refused
from accessify.server.rooms import Room, Rooms
from accessify_app import signing_lexicon
from accessify_app.signing_lexicon import drop_signs, lexicon_of, own_signs, take_signs
from tests.signs.performed import shown, signs

STUDIO: Any = None
HOUSE = "hamsymmlr hamflathand hamextfingerul hampalmdr hamshoulders hammovedr hammoved"
TABLE = f"gloss,hamnosys\nHOUSE,{HOUSE}\nHOME|FLAT,{HOUSE}\n".encode()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    rooms = Rooms(tmp_path)
    yield rooms.open()
    rooms.close()


def give(room: Room, title: str, data: bytes) -> dict[str, Any]:
    """Let the page send a file that its user calls `title`."""
    room.file("own-signs-1").write_bytes(data)
    room.titles["own-signs-1"] = title
    return take_signs(STUDIO, room, "own-signs-1")


def pose(tmp_path: Path) -> bytes:
    write_poses(shown(signs()[0]), tmp_path / "clip.npz")
    return (tmp_path / "clip.npz").read_bytes()


def refused(room: Room, title: str, data: bytes) -> Refused:
    before = own_signs(STUDIO, room)
    with pytest.raises(Refused) as error:
        give(room, title, data)
    assert own_signs(STUDIO, room) == before
    assert str(room.folder) not in error.value.message
    return error.value


def test_files_are_taken_under_their_own_names_and_taken_away(room: Room, tmp_path: Path) -> None:
    assert lexicon_of(room) is None
    give(room, "my signs.csv", TABLE)
    told = give(room, "C:\\films\\Größe.npz", pose(tmp_path))
    assert told["files"] == [
        {"name": "Größe.npz", "signs": 1, "words": ["Größe"]},
        {"name": "my signs.csv", "signs": 2, "words": ["HOUSE", "HOME"]},
    ]
    folder = lexicon_of(room)
    assert folder is not None
    assert sorted(path.name for path in folder.iterdir()) == ["Größe.npz", "my signs.csv"]
    drop_signs(STUDIO, room, "../" + folder.name)  # no name of a file here
    assert drop_signs(STUDIO, room, "my signs.csv")["files"] == told["files"][:1]
    assert drop_signs(STUDIO, room, "Größe.npz") == {"files": []}
    assert lexicon_of(room) is None
    assert not room.files()


@pytest.mark.parametrize(
    ("title", "data", "line", "says"),
    [
        ("a.csv", TABLE + b"TREE,hamnothing\n", 4, "TREE: "),
        ("a.csv", b"word,hamnosys\nTREE,x\n", None, "no column gloss"),
        ("a.csv", b"gloss,hamnosys\n\xff,x\n", 2, "save it as UTF-8"),
        ("a.sigml", b"<sigml>\n<hns_sign gloss='a'>\n</sigml>", None, "a.sigml: line 3: "),
        ("a.pose", b"no landmarks", None, "a.pose"),
        ("index.csv", b"path,words\nsgg/tree.pose,tree\n", 2, "no such clip; put it there"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_what_to_mend(
    room: Room, title: str, data: bytes, line: int | None, says: str
) -> None:
    give(room, "a.csv", TABLE)
    problem = refused(room, title, data)
    assert (problem.code, problem.data["file"], problem.data["line"]) == ("bad-signs", title, line)
    assert says in problem.message


def test_other_files_and_too_many_are_refused(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(room, "<img src=x>.mp4", b"").code == "no-signs-file"
    assert refused(room, "..", b"").code == "no-signs-file"
    monkeypatch.setattr(signing_lexicon, "MOST_BYTES", 100)
    assert refused(room, "a.csv", TABLE).code == "too-many-signs"


def test_a_clip_that_an_index_lists_stays_as_long_as_the_index(room: Room, tmp_path: Path) -> None:
    give(room, "clip.npz", pose(tmp_path))
    told = give(room, "index.csv", b"path,words\nclip.npz,tree\n")
    assert {"name": "index.csv", "signs": 1, "words": ["tree"]} in told["files"]
    with pytest.raises(Refused, match="no such clip"):
        drop_signs(STUDIO, room, "clip.npz")
    drop_signs(STUDIO, room, "index.csv")
    assert drop_signs(STUDIO, room, "clip.npz") == {"files": []}
