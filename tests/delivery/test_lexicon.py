"""A user's folder of signs: every kind of file, and clear words for what is wrong with one."""

from __future__ import annotations

import os
from pathlib import Path
from unicodedata import normalize

import pytest

from accessify.core.errors import FormatError
from accessify.core.timeline import Span, millis
from accessify.delivery import lexicon as module
from accessify.delivery.lexicon import read_lexicon
from accessify.delivery.pose_file import write_pose
from accessify.delivery.poses import read_poses
from accessify.glossing.lookup import EntryKind, alphabet_of
from accessify.glossing.spelling import spell
from accessify.motion.sigml import read_sigml
from accessify.motion.symbols import by_name
from tests.delivery.pose_clips import clip, same

NAMES = ("hamfist", "hamextfingeru", "hampalml")
SIGN = "".join(by_name(name).char for name in NAMES)
HEAD = "path,spoken_language,signed_language,start,end,words,glosses,priority\n"


def sigml(gloss: str) -> str:
    """A sign in SiGML."""
    manual = "".join(f"<{name}/>" for name in NAMES)
    return f'<hns_sign gloss="{gloss}"><hamnosys_manual>{manual}</hamnosys_manual></hns_sign>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "my signs"
    made.mkdir()
    return made


def failure(folder: Path) -> str:
    with pytest.raises(FormatError) as caught:
        read_lexicon(folder)
    return caught.value.message


# What is read


def test_every_kind_of_file_is_read(folder: Path) -> None:
    write_pose(clip(), folder / "house.pose")
    (folder / "b.sigml").write_text(f"<sigml>{sigml('tree')}{sigml('sea')}</sigml>", "utf-8")
    (folder / "c.csv").write_text(f"gloss,hamnosys\nFLY|FLYING,{SIGN}\n\nRUN,{' '.join(NAMES)}\n", "utf-8")
    found = read_lexicon(folder)
    assert [(entry.name, entry.kind, entry.source) for entry in found.entries] == [
        ("tree", EntryKind.SIGML, "b.sigml"),
        ("sea", EntryKind.SIGML, "b.sigml"),
        ("FLY", EntryKind.HAMNOSYS, "c.csv"),
        ("RUN", EntryKind.HAMNOSYS, "c.csv"),
        ("house", EntryKind.POSE, "house.pose"),
    ]
    assert found.title == "my signs"
    assert found.unread == ()
    assert found.find("flying")[0].content == SIGN
    assert same(read_poses(found.find("House")[0].content), clip())
    (sea,) = read_sigml(found.find("sea")[0].content)
    assert (sea.gloss, len(sea.parsed.symbols if sea.parsed else ())) == ("sea", 3)


def test_names_are_composed(folder: Path) -> None:
    (folder / (normalize("NFD", "Käse") + ".pose")).write_bytes(b"")
    assert read_lexicon(folder).find(normalize("NFC", "käse"))


def test_a_sigml_file_of_one_sign_may_be_called_as_the_sign(folder: Path) -> None:
    (folder / "boat.sigml").write_text(sigml(""), "utf-8")
    assert [entry.name for entry in read_lexicon(folder).entries] == ["boat"]


def test_tables_may_have_a_byte_order_mark_and_other_columns(folder: Path) -> None:
    (folder / "t.csv").write_text(f"\ufeffid, HNS_Gloss ,hamnosys\r\n1,SEA,{SIGN}\r\n", "utf-8")
    assert [entry.name for entry in read_lexicon(folder).entries] == ["SEA"]


def test_an_index_names_clips_below_the_folder(folder: Path) -> None:
    (folder / "ase").mkdir()
    for name in ("x", "y", "z"):
        (folder / "ase" / f"{name}.pose").write_bytes(b"")
    (folder / "own.pose").write_bytes(b"")
    rows = "ase/x.pose,en,ase,0,0,car,CAR,5\nase/y.pose,en,ase,200,1400,cars,CAR,1\n"
    rows += "own.pose,en,ase,0,0,mine,,0\nase/z.pose,de,gsg,0,0,Auto,AUTO,0\n"
    (folder / "index.csv").write_text(HEAD + rows, "utf-8")
    found = read_lexicon(folder, "ase")
    cars = found.find("car")
    assert [(entry.content, entry.clip) for entry in cars] == [
        (str(folder / "ase/y.pose"), Span(millis(200), millis(1400))),
        (str(folder / "ase/x.pose"), None),
    ]
    assert [entry.name for entry in found.find("cars")] == ["CAR"]
    assert len(found.entries) == 3  # own.pose is listed, not found once more
    assert found.unread == ("index.csv: 1 rows of other sign languages than ase, left out",)
    assert len(read_lexicon(folder).entries) == 4


def test_what_is_no_sign_is_told(folder: Path) -> None:
    (folder / "a.pose").write_bytes(b"")
    (folder / "notes.txt").write_text("?", "utf-8")
    (folder / ".hidden").write_text("?", "utf-8")
    (folder / "films").mkdir()
    assert read_lexicon(folder).unread == ("notes.txt: no file of signs, left out",)


def test_clips_named_by_letters_are_an_alphabet(folder: Path) -> None:
    for name in ("a", "SCH", "ß", "Ä", "house", "hello world"):
        (folder / f"{name}.pose").write_bytes(b"")
    alphabet = alphabet_of(read_lexicon(folder), longest=3)
    assert set(alphabet.letters) == {"A", "SCH", "ß", "Ä"}
    spelled = spell("schäß", alphabet)
    assert spelled.name == "SCH-Ä-ß"
    assert spelled.letters[0].letter.clip == str(folder / "SCH.pose")


# What is wrong


def test_no_folder_and_an_empty_one_are_told(folder: Path) -> None:
    assert "no such file" in failure(folder / "absent")
    assert "no sign in it; put .pose" in failure(folder)
    (folder / "notes.txt").write_text("?", "utf-8")
    assert "(notes.txt: no file of signs, left out)" in failure(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"t\.csv: no column gloss or hns_gloss or glosses \(there are: none\)"),
        ("gloss,notation\nA,x\n", r"no column hamnosys \(there are: gloss, notation\)"),
        (f"gloss,hamnosys\nA,{SIGN}\n ,{SIGN}\n", r"t\.csv: line 3: a sign without a gloss"),
        ("gloss,hamnosys\n\nA,hello\n", r"t\.csv: line 3: A: no symbol of HamNoSys"),
        (f'gloss,hamnosys\n"A,{SIGN}\n', r"t\.csv: line 2: unexpected end"),
        ("gloss,hamnosys\nA\n", r"t\.csv: line 2: A: no symbol"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_with_its_line(folder: Path, text: str, message: str) -> None:
    (folder / "t.csv").write_text(text, "utf-8")
    with pytest.raises(FormatError, match=message):
        read_lexicon(folder)


def test_bytes_that_are_no_text_are_told_with_their_line(folder: Path) -> None:
    (folder / "t.csv").write_bytes(b"gloss,hamnosys\nK\xe4se,x\n")
    assert failure(folder).endswith("t.csv: line 2: not UTF-8; save it as UTF-8")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a.pose,en,ase,0,0,,,0", "line 2: a clip without words"),
        ("a.pose,en,ase,0,x,a,A,0", "line 2: end is 'x'; write a whole number"),
        ("a.pose,en,ase,9,5,a,A,0", "line 2: its end is not after its start"),
        ("b.pose,en,ase,0,0,a,A,0", "line 2: b.pose: no such clip"),
        ("a.txt,en,ase,0,0,a,A,0", "line 2: a.txt: no such clip"),
        ("../a.pose,en,ase,0,0,a,A,0", "leads out of the folder"),
        ("/etc/a.pose,en,ase,0,0,a,A,0", "leads out of the folder"),
        ("C:\\a.pose,en,ase,0,0,a,A,0", "leads out of the folder"),
        ("x\\..\\..\\a.pose,en,ase,0,0,a,A,0", "leads out of the folder"),
        (",en,ase,0,0,a,A,0", "leads out of the folder"),
    ],
)
def test_a_row_of_the_index_that_cannot_be_used_is_told(folder: Path, row: str, message: str) -> None:
    (folder / "a.pose").write_bytes(b"")
    (folder / "a.txt").write_bytes(b"")
    (folder.parent / "a.pose").write_bytes(b"")
    (folder / "index.csv").write_text(HEAD + row + "\n", "utf-8")
    assert message in failure(folder)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_out_of_the_folder_are_refused(folder: Path) -> None:
    (folder.parent / "secret.pose").write_bytes(b"")
    (folder / "a.pose").symlink_to(folder.parent / "secret.pose")
    assert "a.pose: a link out of the folder" in failure(folder)
    (folder / "a.pose").unlink()
    (folder / "b").symlink_to(folder.parent)
    (folder / "index.csv").write_text(HEAD + "b/secret.pose,en,ase,0,0,a,A,0\n", "utf-8")
    assert "a link out of the folder" in failure(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<sigml>", "s.sigml: line 1: not well-formed XML"),
        (f"<sigml>\n{sigml('a')}\n{sigml('')}</sigml>", "line 3: a sign without a name"),
        ("<sigml><!-- <hns_sign/> -->" + sigml("a") * 2 + "</sigml>", "save one sign a file"),
    ],
)
def test_sigml_that_cannot_be_read_is_told(folder: Path, text: str, message: str) -> None:
    (folder / "s.sigml").write_text(text, "utf-8")
    assert message in failure(folder)


def test_too_much_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "t.csv").write_text(f"gloss,hamnosys\nA,{SIGN}\nB,{SIGN}\n", "utf-8")
    monkeypatch.setattr(module, "MOST_ENTRIES", 1)
    assert "more than 1 signs" in failure(folder)
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    assert "give at most 10" in failure(folder)
