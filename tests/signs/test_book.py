"""What a sign book promises: names as typed, no clip twice, nothing lost when books change or meet."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import OptionError, UnknownName
from accessify.signs.book import EnrolledSign, Reference, SignBook
from accessify.signs.clip import SignClip
from accessify.signs.labels import sign_name, source_name
from tests.signs.enrolled import reference, sign_clip, small_book

NAMES = st.text(min_size=1, max_size=12)


# Names and other texts


@given(NAMES)
def test_a_name_is_one_visible_line_however_it_was_typed(text: str) -> None:
    try:
        name = sign_name(text)
    except OptionError as error:
        assert "give one" in str(error) or "leave it" in str(error)  # noqa: PT017 - both ends are fine
        return
    assert sign_name(name) == name
    assert name == unicodedata.normalize("NFC", name) == name.strip()
    assert sign_name(unicodedata.normalize("NFD", text)) == name
    assert EnrolledSign(name, (reference(),)).name == name
    assert name in SignBook().with_reference(text, reference())


@pytest.mark.parametrize("name", ["房子", "thank you", "Straße", "C++", "7", "می‌خواهم", "👩‍🏫", "-"])
def test_names_of_all_scripts_stay_as_they_are(name: str) -> None:
    assert sign_name(name) == name
    assert sign_name(f"  {name}\u3000") == name


@pytest.mark.parametrize(
    "name",
    [
        *("", "  ", "\u0301", "\u200d", "\ud800", "\ufffe", "\x7f", "x" * 201),
        *("a\nb", "a\tb", "a\x00", "a\u202eb", "\ufeffa", "a\u2028b"),
    ],
)
def test_names_that_nobody_can_see_or_write_down_are_refused(name: str) -> None:
    with pytest.raises(OptionError):
        SignBook().with_reference(name, reference())


def test_the_error_names_the_character() -> None:
    with pytest.raises(
        OptionError, match=r"the name of a sign holds the control character U\+202E; leave it"
    ):
        sign_name("a\u202eb")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/home/ann/films/house.mp4", "house.mp4"),
        ("C:\\Users\\Ann\\house.mp4", "house.mp4"),
        ("frames/", "frames"),
        ("a\nb.mp4", "a\ufffdb.mp4"),
        ("\udce4.mp4", "\ufffd.mp4"),
        ("camera", "camera"),
    ],
)
def test_a_source_tells_nothing_of_its_folders(path: str, name: str) -> None:
    assert source_name(path) == name
    assert reference(source=source_name(path)).source == name


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": "films/a.mp4"}, "file's name without folders"),
        ({"source": ""}, "file's name without folders"),
        ({"source": "a\x07.mp4"}, "file's name without folders"),
        ({"consent": "yes\nno"}, "the note of consent holds the control character"),
        ({"consent": "x" * 2001}, "the note of consent has 2001 characters; use at most 2000"),
        ({"enrolled": "31.5.2026"}, "'31.5.2026' is no date; write it like 2026-05-31"),
        ({"enrolled": "20260531"}, "is no date"),
        ({"enrolled": "2026-02-30"}, "is no date"),
        ({"fps": Fraction(0)}, "0 pictures a second cannot be"),
        ({"fps": Fraction(10**6)}, "cannot be; give the rate of the film"),
        ({"fps": Fraction(1, 10**13)}, "cannot be"),
        ({"sha256": "A" * 64}, "a sha256 has 64 hexadecimal digits"),
        ({"sha256": ""}, "a sha256 has 64 hexadecimal digits"),
    ],
)
def test_what_is_no_reference_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        reference(**changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"gloss": "A\nB"}, "a gloss holds the control character"),
        ({"language": "english"}, "'english' is no language code; give three small letters of ISO 639-3"),
        ({"language": "ASE"}, "is no language code"),
        ({"language": "ase\n"}, "is no language code"),
        ({"references": ()}, "the sign 'house' needs at least one clip"),
        ({"name": "e\u0301"}, "must be spelled 'é'"),
        ({"name": " house"}, "must be spelled 'house'"),
    ],
)
def test_what_is_no_sign_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        EnrolledSign(**{"name": "house", "references": (reference(),), **changes})


# Clips


def altered(name: str, place: tuple[int, ...], value: float) -> SignClip:
    clip = sign_clip()
    values = getattr(clip, name).copy()
    values[place] = value
    return replace(clip, **{name: values})


@pytest.mark.parametrize(
    ("clip", "words"),
    [
        (sign_clip(frames=0), r"film-0\.mp4: 0 frames are no single sign"),
        (sign_clip(frames=10_001), "10001 frames are no single sign .*cut the film to one sign"),
        (altered("hands", (slice(None),), np.nan), "no hand is seen in it; film the sign with hands"),
        (altered("hands", (0, 0, 4, 2), np.nan), "its hands hold infinite numbers or parts of points"),
        (altered("hands", (0, 0, 4, 2), np.inf), "its hands hold infinite"),
        (altered("places", (0, 0, 1), np.nan), "its places hold infinite numbers or parts of points"),
        (altered("body", (0, 1), -np.inf), "its body hold infinite"),
        (sign_clip(start=1 << 62), "its times are centuries away"),
        (sign_clip(start=-(1 << 62) - 10**10), "its times are centuries away"),
    ],
)  # fmt: skip
def test_clips_that_cannot_be_compared_are_refused(clip: SignClip, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        reference(clip=clip)


def test_references_are_equal_by_content() -> None:
    assert reference(1) == reference(1)
    assert hash(reference(1)) == hash(reference(1))
    assert len({reference(1), reference(1), reference(2)}) == 2
    assert reference(1) != "film-1.mp4"
    for other in (
        {"clip": sign_clip(2)}, {"clip": sign_clip(1, mirrored=True)}, {"clip": sign_clip(1, start=5)},
        {"source": "b.mp4"}, {"enrolled": "2026-06-01"}, {"fps": Fraction(25)}, {"consent": ""},
        {"mirrored": True}, {"sha256": "0" * 64},
    ):  # fmt: skip
        assert reference(1, **other) != reference(1)


@pytest.mark.parametrize(
    ("first", "second", "twice"),
    [
        ({}, {"source": "copy.mp4", "consent": "", "sha256": "0" * 64}, True),
        ({}, {"clip": sign_clip(1, start=999)}, True),  # the same part, cut out differently
        ({"sha256": "0" * 64}, {"sha256": "0" * 64, "clip": sign_clip(2)}, True),  # looked at by other means
        (
            {"sha256": "0" * 64},
            {"sha256": "0" * 64, "clip": sign_clip(2, start=10**12)},
            False,
        ),  # later in it
        ({"sha256": "0" * 64}, {"sha256": "1" * 64, "clip": sign_clip(2)}, False),
        ({}, {"clip": sign_clip(2)}, False),
        ({}, {"clip": sign_clip(1, frames=4)}, False),
    ],
)
def test_no_clip_is_enrolled_twice(first: dict[str, Any], second: dict[str, Any], twice: bool) -> None:
    book = SignBook().with_reference("house", reference(1, **first))
    again = reference(1, **second)
    assert again.shows_the_same_as(reference(1, **first)) is twice
    if not twice:
        assert len(book.with_reference("house", again).find("house").references) == 2
        return
    with pytest.raises(OptionError, match="this clip is enrolled as 'house' already; give another clip"):
        book.with_reference("house", again)
    with pytest.raises(OptionError, match="'house' already, and 'home' could not be told from it"):
        book.with_reference("home", again)


def test_a_clip_is_known_again_though_its_middle_shows_no_hand() -> None:
    clip = altered("hands", (2,), np.nan)
    book = SignBook().with_reference("house", reference(clip=clip))
    other = altered("hands", (slice(1, 3),), np.nan)
    assert len(book.with_reference("home", reference(clip=other))) == 2
    with pytest.raises(OptionError, match="enrolled as 'house' already"):
        book.with_reference("home", reference(clip=clip))


# Books


@given(st.lists(st.sampled_from(["b", "a", "房", "Z", "é", "e\u0301"]), max_size=8))
def test_a_book_is_in_order_of_name_however_it_grew(names: list[str]) -> None:
    book = SignBook(title="T")
    for seed, name in enumerate(names):
        book = book.with_reference(name, reference(seed))
    assert [sign.name for sign in book] == sorted({sign_name(name) for name in names})
    assert book.title == "T"
    for name in names:
        count = [sign_name(other) for other in names].count(sign_name(name))
        assert len(book.find(name).references) == count
        assert name in book
        assert name not in book.without(name)
        assert len(book.without(name)) == len(book) - 1


def test_a_book_says_where_it_is_out_of_order() -> None:
    signs = [EnrolledSign(name, (reference(seed),)) for seed, name in enumerate("ba")]
    with pytest.raises(OptionError, match=r"not 'a' behind 'b'; SignBook\.of\(\) sorts them"):
        SignBook(tuple(signs))
    with pytest.raises(OptionError, match="two signs are called 'a'; give one of them another name"):
        SignBook.of([*signs, EnrolledSign("a", (reference(7),))])


def test_nothing_changes_in_the_book_that_was_changed() -> None:
    book = small_book()
    book.with_reference("new", reference(9))
    book.without("house")
    book.merge(SignBook.of([EnrolledSign("other", (reference(8),))]))
    assert book == small_book()


def test_a_gloss_is_replaced_and_a_language_is_not() -> None:
    book = SignBook().with_reference("house", reference(1))
    book = book.with_reference("house", reference(2), gloss="HOUSE", language="ase")
    book = book.with_reference("house", reference(3))
    assert (book.find("house").gloss, book.find("house").language) == ("HOUSE", "ase")
    assert book.with_reference("house", reference(4), gloss="HOME").find("house").gloss == "HOME"
    with pytest.raises(
        OptionError, match=r"a sign of ase; give the one of bfi another name, such as house-bfi"
    ):
        book.with_reference("house", reference(4), language="bfi")


def test_an_unknown_name_is_told_with_the_likeliest() -> None:
    with pytest.raises(
        UnknownName, match="unknown sign 'hous'; did you mean 'house'\\? known: Straße, house, 房子"
    ):
        small_book().find("hous")
    with pytest.raises(UnknownName, match="the book is empty, enrol a sign first"):
        SignBook().without("house")
    many = SignBook.of(EnrolledSign(f"sign {n}", (reference(n),)) for n in range(30))
    with pytest.raises(
        UnknownName, match=r"did you mean 'sign 17'\? .*and 22 more that are less alike"
    ) as caught:
        many.find("sign17")
    assert len(caught.value.known) == 8
    with pytest.raises(UnknownName, match="known: sign 17, "):
        many.find("SIGN 17!")


def test_who_left_no_note_of_consent_is_told() -> None:
    assert small_book().without_consent == (("房子", "film-3.mp4"),)
    blank = SignBook().with_reference("a", reference(1, consent=" "))
    assert blank.without_consent == (("a", "film-1.mp4"),)


# Two books


@st.composite
def books(draw: st.DrawFn) -> SignBook:
    """Books that share names and clips: a clip always has the same name."""
    seeds = draw(st.sets(st.integers(0, 11), max_size=8))
    book = SignBook(title=draw(st.sampled_from(["", "T"])))
    for seed in sorted(seeds):
        book = book.with_reference(f"sign {seed % 4}", reference(seed))
    return book


def contents(book: SignBook) -> set[tuple[str, Reference]]:
    return {(sign.name, one) for sign in book for one in sign.references}


@given(books(), books())
def test_two_books_become_one_that_holds_all_of_both(one: SignBook, two: SignBook) -> None:
    both = one.merge(two)
    assert contents(both) == contents(one) | contents(two)
    assert sum(len(sign.references) for sign in both) == len(contents(both))
    assert both.merge(two) == both
    assert one.merge(one) == one
    assert both.title == (one.title or two.title)
    assert contents(two.merge(one)) == contents(both)


def test_what_one_book_leaves_open_the_other_says() -> None:
    plain = SignBook.of([EnrolledSign("house", (reference(1, consent=""),))])
    told = SignBook.of([EnrolledSign("house", (reference(2), reference(1)), "HOUSE", "ase")], "T")
    (sign,) = plain.merge(told)
    assert sign == EnrolledSign("house", (reference(1), reference(2)), "HOUSE", "ase")
    assert plain.merge(told).title == "T"
    (sign,) = told.merge(SignBook.of([EnrolledSign("house", (reference(3),), "HOME")]))
    assert sign.gloss == "HOUSE"


def test_books_that_contradict_each_other_are_not_merged() -> None:
    one = SignBook.of([EnrolledSign("house", (reference(1),), "", "ase")])
    with pytest.raises(OptionError, match="another name, such as house-bfi"):
        one.merge(SignBook.of([EnrolledSign("house", (reference(2),), "", "bfi")]))
    with pytest.raises(
        OptionError, match="enrolled as 'home' already, and 'house' could not be told from it"
    ):
        one.merge(SignBook.of([EnrolledSign("home", (reference(1),))]))
