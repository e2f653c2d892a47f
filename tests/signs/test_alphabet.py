"""Manual alphabets: the tables of the package, and what a table must say."""

from __future__ import annotations

import string
from itertools import pairwise

import pytest

from accessify.core.errors import FormatError, UnknownName
from accessify.signs.alphabet import Motion, alphabet_names, load_alphabet, parse_alphabet

HEAD = 'language = "xyz"\ntitle = "Test"\nsource = "here"\nlicence = "CC0"\n'


@pytest.mark.parametrize("name", alphabet_names())
def test_every_alphabet_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    alphabet = load_alphabet(name)
    assert len(alphabet.language) == 3
    assert alphabet.title
    assert "http" in alphabet.source
    assert alphabet.licence
    assert len({letter.name for letter in alphabet.letters}) == len(alphabet.letters)


def test_the_american_alphabet() -> None:
    ase = load_alphabet("ASE")
    assert [letter.name for letter in ase.letters] == list(string.ascii_uppercase)
    assert set(string.ascii_uppercase) - set(ase.still) == {"J", "Z"}
    j, z = ase.moving
    assert (j.shape, z.shape) == ("I", "D")
    assert j.motion
    assert j.motion.tip == "little"
    assert z.motion
    assert z.motion.tip == "index"
    assert ase.hands == 1


def test_j_and_z_are_drawn_as_the_signer_sees_them() -> None:
    """A viewer in front of the signer sees both turned about: the hook of J and the strokes of Z."""
    j, z = (letter.motion.path for letter in load_alphabet("ase").moving if letter.motion)
    assert j[-1][1] > j[0][1]  # down
    assert j[-1][0] > j[0][0]  # to the thumb's side: the viewer's right
    assert [b[0] < a[0] for a, b in pairwise(z)] == [True, False, True]
    assert z[0][1] == z[1][1] < z[2][1] == z[3][1]


def test_an_unknown_alphabet_names_those_there_are() -> None:
    with pytest.raises(UnknownName, match="ase"):
        load_alphabet("qwe")


def test_another_language_is_a_table() -> None:
    text = (
        HEAD + '[letters."Ł"]\nshape = "L"\nmotion = {tip = "index", path = [[0, 0], [1, 1]]}\n[letters.L]\n'
    )
    alphabet = parse_alphabet("xyz", text)
    assert alphabet.still == ("L",)
    assert alphabet.moving[0].name == "Ł"
    assert alphabet.moving[0].motion == Motion("index", ((0.0, 0.0), (1.0, 1.0)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("letters = [", "not TOML"),
        ("[letters.A]", "language is missing"),
        (HEAD.replace('"here"', '" "') + "[letters.A]", "source is missing"),
        (HEAD, "no letter"),
        (HEAD + "letters = 3", "no letter"),
        (HEAD + "[letters]\nA = 1", "letter A must be a table"),
        (HEAD + "[letters.A]\nform = 1", "no key 'form'"),
        (HEAD + "colour = 1\n[letters.A]", "no key 'colour'"),
        (HEAD + "hands = 3\n[letters.A]", "hands must be 1 or 2"),
        (HEAD + '[letters.A]\nshape = "B"', "belong together"),
        (
            HEAD + '[letters.A]\nshape = "B"\nmotion = {tip = "index", path = [[0, 0], [1, 1]]}',
            "still letter, not 'B'",
        ),
        (HEAD + '[letters.A]\nshape = "A"\nmotion = 1', "must be a table"),
        (
            HEAD + '[letters.A]\nshape = "A"\nmotion = {tip = "thumb", path = [[0, 0], [1, 1]]}',
            "tip of its motion",
        ),
        (HEAD + '[letters.A]\nshape = "A"\nmotion = {tip = "index", path = [[0, 0], [0, 0]]}', "two points"),
        (HEAD + '[letters.A]\nshape = "A"\nmotion = {tip = "index", path = [[0], ["x", 0]]}', "two points"),
    ],
)
def test_a_wrong_table_is_told(text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        parse_alphabet("xyz", text)
    assert str(caught.value).startswith("xyz.toml")
