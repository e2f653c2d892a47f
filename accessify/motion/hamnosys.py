"""HamNoSys 4 to the tree of a sign, by recursive descent.

Source: T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and Language Processing
Contexts", LREC 2004, and the HamNoSys 4 chart. Corpora hold more than the notation allows: second postures
without the symbol for replacing, several signs joined by a plus, symbols of no font. They are read all the
same and each is told as a `Recovery`.
"""

from __future__ import annotations

from collections.abc import Sequence

from accessify.core.errors import FormatError
from accessify.motion.action_reader import read_steps
from accessify.motion.hand_reader import HandsDraft, posture, read_hands, read_late_modifier
from accessify.motion.notated_hand import Location, Where
from accessify.motion.notation import NotatedSign, Parsed, SimpleSign, Symmetry
from accessify.motion.place_reader import read_locations
from accessify.motion.symbol_reader import Reader
from accessify.motion.symbols import FIRST, LAST, Symbol, by_char, by_name

_NEVER_FIRST = ("thumb", "bend", "relative", "between", "arc", "wave", "ellipse", "clock", "size", "manner")

LONGEST = 20_000
"""Symbols in one text; the longest of 1,364 published signs has fewer than 150."""


def parse(text: str, *, strict: bool = False) -> Parsed:
    """Read a sign written in HamNoSys.

    Args:
        text: symbols of the HamNoSys font, or their names with spaces between, e.g. `hamfist hamextfingeru`.
        strict: whether anything the notation does not allow is an error, not a `Recovery`.

    Raises:
        FormatError: there is no symbol of HamNoSys in it, brackets nest too deep, or, where `strict`,
            something stands where it should not; the text names the symbol, its place and what was expected.
    """
    return parse_symbols(read_symbols(text), strict=strict)


def read_symbols(text: str) -> tuple[Symbol, ...]:
    """The symbols of a text as for `parse`, those that no table holds among them."""
    words = text.split()
    if words and all(word.startswith("ham") for word in words):
        return tuple(by_name(word) for word in words)
    return tuple(by_char(char) for char in text.strip())


def parse_symbols(symbols: Sequence[Symbol], *, strict: bool = False) -> Parsed:
    """Read a sign given as symbols; the rest is as for `parse`."""
    if not any(symbol.known and FIRST <= ord(symbol.char) <= LAST for symbol in symbols):
        shown = "".join(symbol.char or f"<{symbol.name}/>" for symbol in symbols[:20])
        raise FormatError(
            f"no symbol of HamNoSys in {shown!a}; give symbols of its font (U+E000 to U+E0F1) or their names"
        )
    if len(symbols) > LONGEST:
        raise FormatError(f"{len(symbols)} symbols in one sign; give at most {LONGEST}, sign by sign")
    reader = Reader(symbols, strict)
    parts: list[SimpleSign] = []
    while True:
        parts.append(_simple_sign(reader))
        if reader.at("plus"):
            start = reader.index
            reader.take()
            if reader.at(""):
                reader.recover("no sign follows it", kept=True, where=Where(start, start + 1))
        if reader.at(""):
            sign = NotatedSign(tuple(parts), Where(0, len(symbols)))
            return Parsed(sign, tuple(symbols), tuple(reader.recoveries))


def _simple_sign(reader: Reader) -> SimpleSign:
    start = reader.index
    marks = reader.take_all("mark", "punctuation")
    nondominant = _nondominant(reader)
    symmetry = _symmetry(reader)
    nondominant = nondominant or _nondominant(reader)
    while not reader.at_end() and reader.at(*_NEVER_FIRST):
        reader.drop("nothing before it that it could belong to", expected="a hand shape")
    hands = HandsDraft()
    read_hands(reader, hands)
    location = hands.locations + read_locations(reader)
    location += _late(reader, hands)
    steps = read_steps(reader)
    while reader.at("mark"):
        marks += reader.take_all("mark")
        steps += read_steps(reader)
    marks += reader.take_all("punctuation", "mark")
    if hands.dominant.lacks("shape"):
        reader.recover("left open", kept=True, expected="a hand shape", where=Where(start, start))
    other = posture(hands.other) if hands.other else None
    where = reader.since(start)
    return SimpleSign(symmetry, nondominant, posture(hands.dominant), other, location, steps, marks, where)


def _late(reader: Reader, hands: HandsDraft) -> tuple[Location, ...]:
    """Read parts of the first posture that stand after its place; what else is told of the place."""
    found: tuple[Location, ...] = ()
    while True:
        if read_late_modifier(reader, hands.dominant):
            found += read_locations(reader)
            continue
        if not reader.at("shape", "direction", "palm") or not hands.dominant.lacks(reader.key()):
            return found
        reader.recover("taken for the posture at the start", kept=True, expected="it before the place")
        hands.locations = ()
        read_hands(reader, hands)
        found += hands.locations + read_locations(reader)


def _nondominant(reader: Reader) -> bool:
    return reader.at("hand") and reader.value() == "nondominant" and bool(reader.take())


def _symmetry(reader: Reader) -> Symmetry | None:
    start = reader.index
    said: set[str] = set()
    if reader.at("hand") and reader.value() == "nonipsilateral" and reader.key(1) == "symmetry":
        said.add(reader.take())
    if not reader.at("symmetry"):
        return None
    kind = reader.take()
    while reader.at("bend", "size", "alternating", "manner") or (
        reader.at("hand") and reader.value() == "nonipsilateral"
    ):
        if reader.value() in {"straight", "large", "alternating", "nonipsilateral"} - said:
            said.add(reader.take())
        else:
            reader.drop("symmetry cannot be changed in this way", expected="a hand shape")
    return Symmetry(
        kind,
        in_out="straight" in said,
        up_down="large" in said,
        alternating="alternating" in said,
        opposite_side="nonipsilateral" in said,
        where=reader.since(start),
    )
