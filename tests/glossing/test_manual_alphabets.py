"""The tables of letters: each can be read, and has the fingers and ways that SignWriting draws."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from string import ascii_uppercase, digits

import numpy as np
import pytest

from accessify.core.errors import FormatError, ModelError, UnknownName
from accessify.glossing.alphabet import (
    Letter,
    alphabet_names,
    load_alphabet,
    load_hands,
    parse_alphabet,
    parse_hands,
)
from accessify.motion.directions import palm_vector, way_vector
from accessify.motion.hamnosys import parse
from accessify.motion.hand_shapes import shape_angles
from accessify.motion.notated_hand import HandShape, Posture

EVERY = [(code, letter) for code in alphabet_names() for letter in load_alphabet(code).letters.values()]
LETTERS = pytest.mark.parametrize(
    ("code", "letter"), EVERY, ids=[f"{code}-{letter.name}" for code, letter in EVERY]
)


def posture(letter: Letter) -> Posture:
    return parse(letter.notation).sign.parts[0].dominant


# The tables


def test_every_letter_is_there() -> None:
    assert alphabet_names() == ("ase", "csl", "gsg")
    assert set(load_alphabet("ase").letters) == {*ascii_uppercase, *digits}
    assert set(load_alphabet("GSG").letters) == {*ascii_uppercase, *digits, *"ÄÖÜß", "SCH"}
    assert set(load_alphabet("csl").letters) == {*ascii_uppercase, *digits, "ZH", "CH", "SH", "NG", "Ü"}


@LETTERS
def test_notation_is_sound_and_says_no_place_for_one_hand(code: str, letter: Letter) -> None:
    parsed = parse(letter.notation, strict=True)
    (part,) = parsed.sign.parts
    assert all(symbol.known for symbol in parsed.symbols)
    assert bool(part.location) == bool(part.other), "only two hands need to be told where each is"
    assert part.dominant.shapes
    assert part.dominant.direction
    assert part.dominant.palm
    assert letter.moves == bool(part.steps)
    assert code


def test_the_letters_that_move_do() -> None:
    moving = {code: {one.name for name, one in EVERY if name == code and one.moves} for code, _ in EVERY}
    assert moving == {"ase": {"J", "Z"}, "gsg": {"J", "Z", *"ÄÖÜß"}, "csl": {"Ü"}}


def test_letters_of_one_alphabet_differ() -> None:
    same = {"ase": {"0O", "2V", "6W", "9F"}, "gsg": {"0O", "SCH5"}, "csl": {"2V", "6Y", "7Q", "9J", "0O"}}
    for code in alphabet_names():
        seen: dict[tuple[object, ...], str] = {}
        for letter in load_alphabet(code).letters.values():
            facing = re.findall(r"ham(?:extfinger|palm|move|replace|arc)\w+", letter.notation)
            shape = letter.hand.name if letter.hand else letter.notation
            twin = seen.setdefault((shape, *facing), letter.name)
            assert twin == letter.name or {letter.name + twin, twin + letter.name} & same[code]


def test_every_hand_is_used_and_within_what_joints_can_do() -> None:
    assert {one.hand.name for _, one in EVERY if one.hand} == set(load_hands())
    for hand in load_hands().values():
        assert (hand.bends >= 0).all()
        assert (hand.bends[1:] <= [90, 110, 80]).all()
        assert (hand.bends[0] <= [75, 60, 80]).all()
        assert np.abs(hand.spread[1:]).max() <= 25
        assert abs(hand.spread[0]) <= hand.bends[0, 0] + 25


@LETTERS
def test_a_hand_by_its_angles_bends_the_fingers_that_the_notation_bends(code: str, letter: Letter) -> None:
    if letter.hand is None:
        return
    notated, _ = shape_angles(posture(letter).shapes)
    straight = notated[1:].sum(axis=1) < 40
    folded = notated[1:].sum(axis=1) > 200
    own = letter.hand.bends[1:].sum(axis=1)
    if "pinch12open" in letter.notation or f"{code}{letter.name}" in TOUCHING:
        return  # here angles say what the notation leaves loose
    assert (own[straight] < 80).all()
    assert (own[folded] > 85).all()


TOUCHING = {"aseD", "gsgD", "ase7", "ase8", "ase6", "aseW", "gsgW", "cslT", "csl3", "cslW"}
"""Letters in which a finger that is not stretched meets the thumb."""


HEAD = 'language = "xxx"\ntitle = "T"\nsource = "S"\ndoubled = "D"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("language = ", "not TOML"),
        (HEAD, "no letter"),
        (HEAD.replace('"S"', '" "'), "source is missing"),
        (HEAD + "colour = 1\n[letters]\nA = {}", "no key 'colour'"),
        (HEAD + "[letters]\nA = 1", "letter A: give notation"),
        (HEAD + '[letters]\nA = { notation = "hamfist", finger = 1 }', "letter A: give notation"),
        (HEAD + '[letters]\nA = { notation = "hamfist", hand = "paw" }', "no hand 'paw'"),
    ],
)
def test_an_alphabet_that_is_not_sound_is_told(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^mine\.toml: .*{message}"):
        parse_alphabet(text, load_hands(), "mine.toml")


@pytest.mark.parametrize("text", ["[a]", "a = 1", "[a]\nbends = [[1]]\nspread = [1, 2]", "[a]\nbends = 'x'"])
def test_a_hand_that_is_not_sound_is_told(text: str) -> None:
    with pytest.raises(FormatError, match=r"hands\.toml: hand a: give bends"):
        parse_hands(text, "hands.toml")


def test_an_unknown_alphabet_is_told() -> None:
    with pytest.raises(UnknownName, match="known: ase, csl, gsg"):
        load_alphabet("bfi")


# Against SignWriting


@dataclass(frozen=True)
class Drawn:
    """What a SignWriting symbol of a hand shows."""

    fingers: frozenset[str]
    """Fingers that stand out from the rest."""
    thumb: bool
    """Whether the thumb stands out."""
    bent: bool
    """Whether what stands out is bent, or all fingers are where none does."""
    direction: tuple[float, float, float]
    """Where the hand points: +X the signer's left, +Y up, +Z away."""
    palm: tuple[float, float, float] | None
    """Where the palm looks; None where the symbol shows it from the side."""


@cache
def signwriting(code: str) -> dict[str, list[str]]:
    """Name of a letter → its symbols; skips where the data set has not been fetched."""
    model_files = import_module("accessify.hub.fetch").model_files
    try:
        path = model_files("hamnosys-signs", offline=True)[f"{code}.json"]
    except ModelError as error:
        pytest.skip(f"run `accessify models pull hamnosys-signs` first: {error}")
    found: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
    return {name.upper() if name != "ß" else name: writings for name, writings in found.items()}


def drawn(symbol: str) -> Drawn:
    """Read a symbol such as `S14c20` by its Unicode name and its facing (Sutton SignWriting, U+1D800 on).

    The fifth digit is the facing (palm to the signer, side, palm away; from 3 on seen from above), the sixth
    the turn in eighths to the left, from 8 on mirrored.
    """
    name = unicodedata.name(chr(0x1D800 + int(symbol[1:4], 16) - 0x100)).removeprefix("SIGNWRITING ")
    words = name.replace("-", " ").split()
    groups = {"FOUR": "INDEX MIDDLE RING LITTLE", "FIVE": "INDEX MIDDLE RING LITTLE"}
    said = " ".join(groups.get(word, word) for word in words).split()
    fingers = frozenset(word.lower() for word in said if word in {"INDEX", "MIDDLE", "RING", "LITTLE"})
    if "BETWEEN" in words:
        fingers = frozenset()
    if name == "HAND-FLAT THUMB SIDE":
        fingers = frozenset({"index", "middle", "ring", "little"})
    thumb = "FIVE" in words or (
        "THUMB" in words
        and not {"BETWEEN", "ANGLED", "DIAGONAL", "NO"} & {*words}
        and words[1] in {"FIST", "ANGLE"}
    )
    bent = bool({"BENT", "HINGED", "HINGE", "CUP", "ANGLE"} & {*words}) or name == "HAND-CIRCLE"
    facing, turn = int(symbol[4]), int(symbol[5], 16)
    angle = np.pi / 4 * (turn % 8) * (-1 if turn >= 8 else 1)
    left, ahead = float(np.sin(angle)), float(np.cos(angle))
    direction = (left, ahead, 0.0) if facing < 3 else (left, 0.0, ahead)
    palms = {0: (0.0, 0.0, -1.0), 2: (0.0, 0.0, 1.0), 3: (0.0, 1.0, 0.0), 5: (0.0, -1.0, 0.0)}
    return Drawn(fingers, thumb, bent, direction, palms.get(facing))


def written(shape: HandShape) -> tuple[frozenset[str], bool, bool]:
    """The fingers, thumb and bending of a notated hand shape, in the same sense as `Drawn`."""
    bases = {
        "flat": "index middle ring little",
        "four_spread": "index middle ring little",
        "index": "index",
        "two": "index middle",
        "two_spread": "index middle",
        "pinch_open": "middle ring little",
    }
    named = frozenset(finger.name for finger in shape.fingers if not finger.bend)
    fingers = named or frozenset(bases.get(shape.base, "").split())
    bent = bool(shape.bend) or shape.base in {"cee_all", "pinch_all", "pinch"}
    return fingers, shape.thumb == "out", bent


SHAPES_APART = {
    "aseG": "drawn with the index bent at the knuckle; here it points on, as most people sign it",
    "cslA": "drawn with the thumb against the fist; the chart has it straight up, away from it",
    "cslM": "drawn as a thumb between folded fingers; the notation tells the three fingers over it as bent",
    "cslN": "drawn as a thumb between folded fingers; the notation tells the two fingers over it as bent",
    "cslQ": "drawn with the index alone; GF 0021 has index and middle together on the thumb",
    "cslS": "the symbol names no finger; all four are bent",
    "csl7": "drawn with every finger named; here they are told as a pinch",
    "gsg0": "drawn as ten, two spread hands; a single 0 is shown like the letter O",
}
TURNED_APART = {
    "gsg0": "as its shape",
    "aseG": "drawn upright with the fingers bent to the left; here the whole hand points to the left",
}


@LETTERS
def test_fingers_are_those_that_signwriting_draws(code: str, letter: Letter) -> None:
    symbols = [first_hand(one) for one in signwriting(code)[letter.name]]
    found = written(posture(letter).shapes[0])
    agrees = [(one.fingers, one.thumb, one.bent) for one in map(drawn, symbols)]
    assert (found in agrees) != (code + letter.name in SHAPES_APART), (found, agrees)


@LETTERS
def test_hands_are_turned_as_signwriting_draws(code: str, letter: Letter) -> None:
    hand = posture(letter)
    assert hand.direction
    assert hand.palm
    direction = way_vector(hand.direction.ways)
    palm = palm_vector(hand.palm.ways, direction)
    fits = False
    for one in (drawn(first_hand(text)) for text in signwriting(code)[letter.name]):
        pointing = direction @ np.array(one.direction) > 0.7
        fits |= bool(pointing and (one.palm is None or palm @ np.array(one.palm) > 0.45))
    assert fits != (code + letter.name in TURNED_APART), (direction, palm, signwriting(code)[letter.name])


def first_hand(writing: str) -> str:
    """The symbol of the right hand in formal SignWriting: base S100 to S204, one not mirrored if there is."""
    hands: list[str] = [one for one in re.findall(r"S[0-9a-f]{5}", writing) if "100" <= one[1:4] <= "204"]
    return next((one for one in hands if one[5] < "8"), hands[0])
