"""Sign books on disk: all comes back, others can read them, and neither damage nor a race loses a sign."""

from __future__ import annotations

import io
import json
import logging
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import FormatError, OutputError, UnknownName
from accessify.delivery import sign_book
from accessify.delivery.sign_book import read_book, update_book, write_book
from accessify.signs.book import EnrolledSign, SignBook
from accessify.signs.clip import SignClip
from accessify.signs.labels import sign_name
from tests.signs.enrolled import reference, sign_clip, small_book

ROOT = Path(__file__).parents[2]
MEMBERS = Callable[[dict[str, bytes]], object]


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def one_frame() -> SignBook:
    """The smallest book with a sign."""
    return SignBook.of([EnrolledSign("house", (reference(1, clip=sign_clip(1, 1)),))])


# There and back


def test_everything_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "a.signs"
    write_book(small_book(), path)
    assert read_book(path) == small_book()
    assert read_book(str(path)).find("house").references[1].mirrored
    assert names(tmp_path) == ["a.signs"]
    write_book(SignBook(), path)
    assert read_book(path) == SignBook()


TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=20)


@st.composite
def books(draw: st.DrawFn) -> SignBook:
    book = SignBook(title=draw(TEXTS))
    for seed in range(draw(st.integers(0, 4))):
        frames = draw(st.integers(1, 4))
        clip = sign_clip(seed, frames, mirrored=draw(st.booleans()), start=draw(st.integers(-(2**40), 2**40)))
        one = reference(
            seed,
            clip=clip,
            consent=draw(TEXTS),
            fps=draw(st.fractions(Fraction(1, 100), 1000, max_denominator=10**12)),
            mirrored=draw(st.booleans()),
            sha256=draw(st.none() | st.just(f"{seed:064x}")),
        )
        name = draw(TEXTS.filter(lambda text: re.search(r"\w", text) and _is_name(text)))
        book = book.with_reference(name, one, gloss=draw(TEXTS))
    return book


def _is_name(text: str) -> bool:
    try:
        return bool(sign_name(text))
    except ValueError:
        return False


@given(books())
def test_every_book_comes_back(tmp_path_factory: pytest.TempPathFactory, book: SignBook) -> None:
    path = tmp_path_factory.getbasetemp() / "any.signs"
    write_book(book, path)
    assert read_book(path) == book


def test_equal_books_are_equal_bytes_whenever_they_are_written(tmp_path: Path) -> None:
    write_book(small_book(), tmp_path / "a.signs")
    signs = reversed(small_book().signs)
    write_book(SignBook.of(signs, small_book().title), tmp_path / "another name.signs")
    assert (tmp_path / "a.signs").read_bytes() == (tmp_path / "another name.signs").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.signs") as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert (entry.compress_type, entry.create_system) == (zipfile.ZIP_STORED, 3)


READ_ELSEWHERE = """
import json, sys, zipfile
import numpy
with zipfile.ZipFile(sys.argv[1]) as book:
    listing = json.loads(book.read("book.json"))
    for sign in listing["signs"]:
        for reference in sign["references"]:
            for name in ("times", "hands", "places", "body"):
                with book.open(reference["clip"] + "/" + name + ".npy") as file:
                    array = numpy.load(file, allow_pickle=False)
                total = float(numpy.nansum(array))
                print(sign["name"], reference["source"], name, array.dtype, array.shape, total)
assert "accessify" not in sys.modules
"""


def test_numpy_and_the_standard_library_alone_read_it(tmp_path: Path) -> None:
    book = small_book()
    write_book(book, tmp_path / "a.signs")
    command = [sys.executable, "-X", "utf8", "-c", READ_ELSEWHERE, str(tmp_path / "a.signs")]
    told = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=tmp_path).stdout
    expected = []
    for sign in book:
        for one in sign.references:
            for name in ("times", "hands", "places", "body"):
                array = getattr(one.clip, name)
                total = float(np.nansum(array))
                expected.append(f"{sign.name} {one.source} {name} {array.dtype} {array.shape} {total}")
    assert told.splitlines() == expected


def test_the_listing_tells_people_what_it_is(tmp_path: Path) -> None:
    write_book(small_book(), tmp_path / "a.signs")
    with zipfile.ZipFile(tmp_path / "a.signs") as archive:
        text = archive.read("book.json").decode()
    data = json.loads(text)
    assert (data["schema"], data["version"]) == ("accessify.signs", 1)
    assert data["written_by"].startswith("accessify ")
    assert data["remark"].startswith("machine-made")
    assert "房子" in text  # not as escapes
    readme = " ".join(data["readme"])
    for word in ("times.npy", "hands.npy", "places.npy", "body.npy", "personal data", "no translation"):
        assert word in readme


def test_the_page_about_the_format_tells_every_member_and_field(tmp_path: Path) -> None:
    page = (ROOT / "datasets" / "sign-books.md").read_text("utf-8")
    rows = {
        key: row.split("|")[2]
        for row in page.splitlines()
        if row.startswith("| `")
        for key in re.findall(r"`([\w.]+)`", row.split("|")[1])
    }
    write_book(small_book(), tmp_path / "a.signs")
    with zipfile.ZipFile(tmp_path / "a.signs") as archive:
        data = json.loads(archive.read("book.json"))
        for name in ("times", "hands", "places", "body"):
            with archive.open(f"clips/0001/{name}.npy") as stream:
                array = np.load(stream, allow_pickle=False)
            shape = ["frames", *map(str, array.shape[1:])]
            assert f"[{', '.join(shape)}] {array.dtype}" in rows[f"{name}.npy"]
    sign = data["signs"][0]
    for key in (*data, *sign, *sign["references"][0]):
        assert key in rows, key


def test_the_example_on_the_page_reads_a_book(tmp_path: Path) -> None:
    page = (ROOT / "datasets" / "sign-books.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    write_book(small_book(), tmp_path / "my.signs")
    command = [sys.executable, "-X", "utf8", "-c", example]
    told = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=tmp_path).stdout
    assert told.splitlines()[1] == "house film-1.mp4 (5, 2, 21, 3)"


# What others make of it


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(path: Path, content: dict[str, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def changed(tmp_path: Path, change: MEMBERS, book: SignBook | None = None) -> Path:
    """A book in which `change` did something to the members."""
    write_book(book or small_book(), tmp_path / "whole.signs")
    content = members(tmp_path / "whole.signs")
    change(content)
    return zipped(tmp_path / "changed.signs", content)


def listing(change: Callable[[dict[str, Any]], object]) -> MEMBERS:
    """A change of what the listing says."""

    def of_members(content: dict[str, bytes]) -> None:
        data = json.loads(content["book.json"])
        change(data)
        content["book.json"] = json.dumps(data).encode()

    return of_members


def npy(array: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def test_a_book_that_was_unpacked_edited_and_packed_again_is_read(tmp_path: Path) -> None:
    write_book(small_book(), tmp_path / "a.signs")
    content = members(tmp_path / "a.signs")
    text = content["book.json"].decode().replace('"HOUSE"', '"HOME"').replace('"house"', '" cafe\u0301"')
    content["book.json"] = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    content["clips/"] = b""
    content["clips/0001/hands.npy"] = npy(np.asfortranarray(small_book().signs[0].references[0].clip.hands))
    content["clips/0001/body.npy"] = npy(small_book().signs[0].references[0].clip.body.astype(">f4"))
    zipped(tmp_path / "b.signs", content, compression=zipfile.ZIP_DEFLATED)
    book = read_book(tmp_path / "b.signs")
    assert book.find("café").gloss == "HOME"
    assert book.find("café").references == small_book().find("house").references
    assert [book.find(name) for name in ("Straße", "房子")] == [*small_book().without("house")]
    update_book(tmp_path / "b.signs", lambda old: old.without("café"))
    assert [sign.name for sign in read_book(tmp_path / "b.signs")] == ["Straße", "房子"]


def sign_of(data: dict[str, Any]) -> dict[str, Any]:
    return data["signs"][1]


def clip_of(data: dict[str, Any]) -> dict[str, Any]:
    return data["signs"][1]["references"][0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.update(schema="accessify.captions"), 'does not say "schema": "accessify.signs"'),
        (lambda data: data.pop("schema"), "give a sign book"),
        (lambda data: data.update(version=0), "its version must be a whole number from 1, not '0'"),
        (lambda data: data.update(version="1"), "its version must be a whole number from 1, not '1'"),
        (lambda data: data.update(version=True), "its version must be a whole number"),
        (lambda data: data.update(version=1.0), "its version must be a whole number"),
        (lambda data: data.update(version=-10**4000), "its version must be a whole number"),
        (lambda data: data.pop("version"), "its version must be a whole number from 1, not 'None'"),
        (lambda data: data.update(version=2), "newer accessify .version 2 .*pip install --upgrade"),
        (lambda data: data.pop("readme"), "book.json has no 'readme'; get a whole copy"),
        (lambda data: data.update(title=None), "book.json: title must be str, not 'None'"),
        (lambda data: data.update(title="a\nb"), "book.json: the title of a sign book holds the control"),
        (lambda data: data.update(mood="good"), "has a 'mood', which would be lost; take it out of"),
        (lambda data: data.update(signs={}), "signs must be list, not '{}'"),
        (lambda data: data.update(signs=[5]), "sign 1 must be an object, not int"),
        (lambda data: sign_of(data).pop("gloss"), "sign 2 has no 'gloss'"),
        (lambda data: sign_of(data).update(gloss=["a"]), "sign 2: gloss must be str"),
        (lambda data: sign_of(data).update(gloss="a\x00"), r"sign 'house': a gloss holds .* U\+0000"),
        (lambda data: sign_of(data).update(language="English"), "'English' is no language code"),
        (lambda data: sign_of(data).update(name=""), "sign 2: a sign needs a name that can be seen"),
        (lambda data: sign_of(data).update(name="\ud800"), r"sign 2: the name of a sign holds .* U\+D800"),
        (lambda data: sign_of(data).update(name="Straße"), "two signs are called 'Straße'"),
        (lambda data: sign_of(data).update(references=[]), r"clips/0002/times\.npy is no part of"),
        (lambda data: sign_of(data).update(references=None), "references must be list"),
        (lambda data: sign_of(data).update(new=1), "sign 2 has a 'new', which would be lost"),
        (lambda data: sign_of(data)["references"].append([]), "sign 2, reference 3 must be an object"),
        (lambda data: clip_of(data).update(clip="../../etc"), "clip must be a folder like clips/0001, not"),
        (lambda data: clip_of(data).update(clip="clips/٠٠٠١"), "clip must be a folder like clips/0001"),
        (lambda data: clip_of(data).update(clip="clips/9999"), r"it has no clips/9999/times\.npy"),
        (lambda data: clip_of(data).update(clip="clips/0003"), r"clips/0002/times\.npy is no part of"),
        (lambda data: clip_of(data).update(frames=4), r"times\.npy must be int64 \[4\], not int64 \[5\]"),
        (lambda data: clip_of(data).update(frames=0), "0 frames are no sign"),
        (lambda data: clip_of(data).update(frames=10**30), "frames are no sign .1 to 10000"),
        (lambda data: clip_of(data).update(frames=True), "frames must be int, not 'True'"),
        (lambda data: clip_of(data).update(frames=5.0), "frames must be int"),
        (lambda data: clip_of(data).update(fps="1e999999999"), "fps must be like 25 or 30000/1001, not"),
        (lambda data: clip_of(data).update(fps="25/0"), "fps must be like 25"),
        (lambda data: clip_of(data).update(fps="0"), "0 pictures a second cannot be"),
        (lambda data: clip_of(data).update(fps=25), "fps must be str, not '25'"),
        (lambda data: clip_of(data).update(enrolled="yesterday"), "'yesterday' is no date"),
        (lambda data: clip_of(data).update(mirrored=0), "mirrored must be bool, not '0'"),
        (lambda data: clip_of(data).update(left_handed="no"), "left_handed must be bool"),
        (lambda data: clip_of(data).update(sha256="abc"), "a sha256 has 64 hexadecimal digits"),
        (lambda data: clip_of(data).update(sha256=7), "sha256 must be str, not '7'"),
        (lambda data: clip_of(data).update(source="/home/ann/a.mp4"), "file's name without folders"),
        (lambda data: clip_of(data).update(consent=None), "consent must be str, not 'None'"),
    ],
)  # fmt: skip
def test_a_listing_that_does_not_fit_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    path = changed(tmp_path, listing(change))
    refused(path, words)


def refused(path: Path, words: str) -> None:
    """Neither read nor edited, and not touched."""
    before = path.read_bytes()
    with pytest.raises(FormatError, match=words) as caught:
        read_book(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    with pytest.raises(FormatError, match=words):
        update_book(path, lambda book: book.with_reference("new", reference(99)))
    assert path.read_bytes() == before
    assert f".{path.name}.lock" not in names(path.parent)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "its book.json is damaged"),
        (b"{", "its book.json is damaged"),
        (b"\xff\xfe\xfa", "its book.json is damaged"),
        (b"[" * 100_000, "its book.json is damaged"),
        (b'{"version": NaN}', "NaN is not a number of JSON"),
        (b'{"version": 1, "version": 1}', "a name stands twice in one object"),
        (b"1" * 5000, "its book.json is damaged"),
        (b"[]", 'does not say "schema"'),
        (b"null", 'does not say "schema"'),
    ],
)
def test_a_listing_that_is_no_json_is_refused(tmp_path: Path, text: bytes, words: str) -> None:
    refused(changed(tmp_path, lambda content: content.update({"book.json": text})), words)


HANDS = small_book().find("house").references[0].clip.hands
TIMES = small_book().find("house").references[0].clip.times


def with_value(value: float) -> Any:
    array = HANDS.copy()
    array[0, 0, 3, 1] = value
    return array


@pytest.mark.parametrize(
    ("member", "content", "words"),
    [
        ("hands", npy(HANDS.astype(float)), r"hands\.npy must be float32 \[5, 2, 21, 3\], not float64 "),
        ("hands", npy(HANDS[:4]), r"hands\.npy must be float32 \[5, 2, 21, 3\], not float32 \[4, 2, 21, 3\]"),
        ("hands", npy(HANDS.reshape(5, -1)), r"not float32 \[5, 126\]"),
        ("hands", npy(np.float32(1)), r"not float32 \[\]"),
        ("hands", npy(HANDS.view("<i4")), "not int32"),
        ("hands", npy(with_value(np.inf)), "its hands hold infinite numbers or parts of points"),
        ("hands", npy(with_value(np.nan)), "its hands hold infinite numbers or parts of points"),
        ("hands", npy(HANDS * np.float32(np.nan)), "no hand is seen in it"),
        ("hands", npy(np.array([{}], object), allow_pickle=True), "pickled objects, which can run code"),
        ("hands", npy(np.zeros((5, 2, 21, 3), "V4")), "must be float32"),
        ("hands", b"", "get a whole copy"),
        ("hands", npy(HANDS) + b"\0", r"hands\.npy goes on behind its array; save it again with numpy"),
        ("hands", npy(HANDS)[:-1], "it ends early"),
        ("times", npy(TIMES.astype("<i4")), "must be int64"),
        ("times", npy(TIMES.astype("<M8[s]")), "must be int64"),
        ("times", npy(TIMES[::-1].copy()), "times must be rising .*; get a whole copy"),
        ("times", npy(TIMES * 0), "times must be rising"),
        ("times", npy(TIMES + (1 << 62)), "its times are centuries away"),
        ("times", npy(np.array([(1 << 62) + 5, -(1 << 63), -5, -4, -3])), "its times are centuries away"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, member: str, content: bytes, words: str) -> None:
    refused(changed(tmp_path, lambda all_: all_.update({f"clips/0002/{member}.npy": content})), words)


@pytest.mark.parametrize(
    "member", ["book.json", *(f"clips/0003/{n}.npy" for n in ("times", "hands", "body"))]
)
def test_a_missing_member_is_named(tmp_path: Path, member: str) -> None:
    refused(changed(tmp_path, lambda content: content.pop(member)), f"it has no {re.escape(member)}")


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("notes.txt", r"notes\.txt is no part of a sign book; take it out of the zip"),
        ("__MACOSX/._book.json", "is no part of a sign book"),
        ("clips/0009/times.npy", "is no part of a sign book"),
        ("clips/0001/face.npy", "is no part of a sign book"),
        ("BOOK.JSON", "is no part of a sign book"),
        ("../book.json", "stands twice or leads elsewhere"),
        ("/etc/passwd", "stands twice or leads elsewhere"),
        ("clips/../book.json", "stands twice or leads elsewhere"),
        ("clips/./0001/times.npy", "stands twice or leads elsewhere"),
        ("clips//0001/times.npy", "stands twice or leads elsewhere"),
        ("clips\\0001\\times.npy", "stands twice or leads elsewhere"),
        ("C:/x", "is no part of a sign book"),
    ],
)
def test_strange_members_are_refused_and_nothing_is_unpacked(tmp_path: Path, member: str, words: str) -> None:
    path = changed(tmp_path, lambda content: content.update({member: b"x"}))
    refused(path, words)
    assert names(tmp_path) == ["changed.signs", "whole.signs"]


def test_members_that_hide_each_other_are_refused(tmp_path: Path) -> None:
    write_book(small_book(), tmp_path / "a.signs")
    content = members(tmp_path / "a.signs")
    path = zipped(tmp_path / "b.signs", content)
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(path, "a") as archive,
    ):
        archive.writestr("book.json", content["book.json"])
    refused(path, "its member 'book.json' stands twice or leads elsewhere")
    zipped(path, {**content, "notes_xx": b""})
    data = path.read_bytes()
    path.write_bytes(data.replace(b"notes_xx", b"notes\0xx"))
    refused(path, r"its member 'notes\\x00xx' stands twice or leads elsewhere")


# Sizes


def test_no_bomb_is_unpacked(tmp_path: Path) -> None:
    zeros = npy(np.zeros((5, 2, 21, 3), np.float32))
    bomb = zeros + bytes(50_000_000)
    write_book(small_book(), tmp_path / "a.signs")
    content = members(tmp_path / "a.signs")
    packed = {"compression": zipfile.ZIP_DEFLATED}
    path = zipped(tmp_path / "b.signs", {**content, "clips/0002/hands.npy": bomb}, **packed)
    refused(path, r"clips/0002/hands\.npy says 5000\d+ bytes for 5 frames; get a whole copy")
    path = zipped(tmp_path / "b.signs", {**content, "clips/0002/hands.npy": zeros + bytes(900)}, **packed)
    refused(path, r"hands\.npy goes on behind its array")
    path = zipped(tmp_path / "b.signs", {**content, "book.json": bytes(70_000_000)}, **packed)
    refused(path, "its book.json says 70000000 bytes")


def test_a_size_that_lies_is_refused(tmp_path: Path) -> None:
    write_book(one_frame(), tmp_path / "a.signs")
    data = bytearray((tmp_path / "a.signs").read_bytes())
    place = data.rindex(b"clips/0001/hands.npy") - 46 + 24  # the size unpacked, in the central directory
    for size in (0, 1, 600, 631, 5000, 1 << 31):
        data[place : place + 4] = size.to_bytes(4, "little")
        (tmp_path / "a.signs").write_bytes(data)
        refused(tmp_path / "a.signs", "not a whole sign book|ends early|says")


def test_books_beyond_all_measure_are_neither_written_nor_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.signs"
    write_book(small_book(), path)
    monkeypatch.setattr(sign_book, "MOST_BYTES", 5_000)
    with pytest.raises(FormatError, match=r"b\.signs: too large for one sign book .*; make two"):
        write_book(small_book(), tmp_path / "b.signs")
    assert names(tmp_path) == ["a.signs"]
    monkeypatch.setattr(sign_book, "_MOST_JSON", len(members(path)["book.json"]))
    refused(path, "it says more than 0 MiB of arrays, too many for one sign book")
    monkeypatch.setattr(sign_book, "_MOST_JSON", 100)
    refused(path, r"its book\.json says \d+ bytes")


# Damage


def test_a_book_cut_anywhere_is_refused_and_left(tmp_path: Path) -> None:
    path = tmp_path / "a.signs"
    write_book(one_frame(), path)
    whole = path.read_bytes()
    for length in [*range(0, len(whole) - 600, 11), *range(len(whole) - 600, len(whole))]:
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError, match="not a whole sign book"):
            read_book(path)
    refused(path, "not a whole sign book")


def test_a_damaged_byte_is_found_or_means_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.signs"
    write_book(one_frame(), path)
    whole = path.read_bytes()
    lottery = random.Random(7)
    structure = whole.rindex(b"clips/0001/body.npy") - 46 * 5 - 120  # where the central directory is
    for place in [*lottery.sample(range(structure), 900), *range(structure, len(whole))]:
        damaged = bytearray(whole)
        damaged[place] ^= lottery.randrange(1, 256)
        path.write_bytes(damaged)
        try:
            found = read_book(path)
        except FormatError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017 - both ends are fine
        else:
            assert found == one_frame()


@given(data=st.data())
def test_no_damage_makes_it_stumble(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.getbasetemp()
    write_book(one_frame(), folder / "whole.signs")
    damaged = bytearray((folder / "whole.signs").read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=4)):
        damaged[place] = data.draw(st.integers(0, 255))
    begin = data.draw(st.just(0) | st.integers(0, len(damaged)))
    path = folder / "damaged.signs"
    path.write_bytes(damaged[begin : data.draw(st.just(len(damaged)) | st.integers(0, len(damaged)))])
    try:
        found = read_book(path)
    except FormatError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017 - both ends are fine
    else:
        assert found == one_frame()


@pytest.mark.parametrize("content", [b"", b"PK", b"\x00" * 100, b"not a zip", b"<?xml version='1.0'?>"])
def test_other_files_are_no_books_and_stay(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.signs").write_bytes(content)
    refused(tmp_path / "a.signs", r"not a whole sign book \(\.signs\)")


def test_a_zip_of_something_else_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "report.docx", {"word/document.xml": b"<a/>"})
    refused(path, r"this zip is no sign book, it has no book\.json; give a \.signs file")
    np.savez(tmp_path / "poses.npz", points=np.zeros(3))
    refused(tmp_path / "poses.npz", "this zip is no sign book")


def test_a_locked_member_is_refused(tmp_path: Path) -> None:
    write_book(one_frame(), tmp_path / "a.signs")
    data = bytearray((tmp_path / "a.signs").read_bytes())
    for start in (place.start() for place in re.finditer(b"PK\x01\x02", bytes(data))):
        data[start + 8] |= 1  # as a zip with a password says
    (tmp_path / "a.signs").write_bytes(data)
    refused(tmp_path / "a.signs", "not a whole sign book .*password")


# Editing


def test_enrolling_begins_a_book_and_looking_does_not(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "my.signs"
    with pytest.raises(FormatError, match="there is no such file; check the path"):
        read_book(path)
    assert not path.parent.exists()
    book = update_book(path, lambda old: old.with_reference("house", reference(1)))
    assert read_book(path) == book == SignBook().with_reference("house", reference(1))
    with pytest.raises(FormatError, match="there is no such file"):
        update_book(tmp_path / "none.signs", lambda old: old.without("house"), create=False)
    assert names(tmp_path) == ["new folder"]
    assert names(path.parent) == ["my.signs"]


def test_what_fails_on_the_way_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my.signs"
    write_book(small_book(), path)
    before = path.read_bytes()
    with pytest.raises(UnknownName):
        update_book(path, lambda book: book.without("hose"))
    assert path.read_bytes() == before
    with pytest.raises(UnknownName):
        update_book(tmp_path / "none.signs", lambda book: book.without("hose"))
    assert names(tmp_path) == ["my.signs"]
    update_book(path, lambda book: book.without("house"))  # it can be edited again
    assert "house" not in read_book(path)


def test_a_change_of_nothing_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "my.signs"
    write_book(small_book(), path)
    os.utime(path, (1000, 1000))
    update_book(path, lambda book: book.merge(small_book()))
    assert path.stat().st_mtime == 1000
    assert update_book(tmp_path / "new.signs", lambda book: book) == read_book(tmp_path / "new.signs")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_a_book_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "shared" / "my.signs"
    write_book(small_book(), path)
    link = tmp_path / "link.signs"
    link.symlink_to(path)
    update_book(link, lambda book: book.without("house"))
    assert link.is_symlink()
    assert "house" not in read_book(path)
    assert names(path.parent) == ["my.signs"]
    assert names(tmp_path) == ["link.signs", "shared"]


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be read"):
        update_book(tmp_path, lambda book: book)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="file or folder of that name is in the way"):
        update_book(tmp_path / "file" / "my.signs", lambda book: book)


ENROL = """
import sys
from accessify.delivery.sign_book import update_book
from tests.signs.enrolled import reference
path, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for number in range(first, first + count):
    one = reference(number)
    update_book(path, lambda book: book.with_reference(f"sign {number % 5}", one))
    print(number, flush=True)
"""


def enrolling(path: Path, first: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ENROL, str(path), str(first), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def sources(path: Path) -> set[str]:
    return {one.source for sign in read_book(path) for one in sign.references}


def test_processes_that_enrol_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "my.signs"
    link = tmp_path / "link.signs"
    if os.name != "nt":
        link.symlink_to(path)
    places = [path, link if link.is_symlink() else path, path]
    processes = [enrolling(place, 100 * number, 12) for number, place in enumerate(places)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert sources(path) == {f"film-{100 * n + k}.mp4" for n in range(3) for k in range(12)}
    assert set(names(tmp_path)) <= {"my.signs", "link.signs"}


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_whoever_is_killed_while_enrolling_loses_nothing_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "my.signs"
    lottery = random.Random(3)
    long = [EnrolledSign(f"long {n}", (reference(n, clip=sign_clip(n, 60)),)) for n in range(10_000, 10_080)]
    write_book(SignBook.of(long), path)  # it takes time to write, time in which to be killed
    kept = sources(path)
    for attempt in range(8):
        with enrolling(path, 1000 * attempt, 1000) as process:
            assert process.stdout is not None
            done = [process.stdout.readline().strip() for _ in range(lottery.randrange(1, 4))]
            time.sleep(lottery.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
            done += process.stdout.read().split()
        kept |= {f"film-{number}.mp4" for number in done}
        assert kept <= sources(path)
        assert len(sources(path) - kept) <= attempt + 1  # one may be done and not told
    update_book(path, lambda book: book.with_reference("last", reference(9999)))
    assert names(tmp_path) == ["my.signs"]  # leftovers went


def test_who_waits_is_told_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "my.signs"
    begun, go_on = threading.Event(), threading.Event()

    def slow(book: SignBook) -> SignBook:
        begun.set()
        go_on.wait(60)
        return book.with_reference("slow", reference(1))

    first = threading.Thread(target=update_book, args=(path, slow))
    second = threading.Thread(
        target=update_book, args=(path, lambda book: book.with_reference("quick", reference(2)))
    )
    with caplog.at_level(logging.WARNING):
        first.start()
        assert begun.wait(60)
        second.start()
        while not caplog.records and second.is_alive():
            second.join(0.01)
        assert second.is_alive()
        go_on.set()
        first.join()
        second.join()
    assert f"waiting for another process that changes {path}" in caplog.text
    assert [sign.name for sign in read_book(path)] == ["quick", "slow"]


def test_a_clip_of_the_book_is_the_clip_that_was_enrolled(tmp_path: Path) -> None:
    clip = sign_clip(5, 40)
    update_book(tmp_path / "a.signs", lambda book: book.with_reference("house", reference(5, clip=clip)))
    back: SignClip = read_book(tmp_path / "a.signs").find("house").references[0].clip
    for name in ("times", "hands", "places", "body"):
        assert getattr(back, name).tobytes() == getattr(clip, name).tobytes()
    with pytest.raises(ValueError, match="read-only"):
        back.hands[0] = 0
