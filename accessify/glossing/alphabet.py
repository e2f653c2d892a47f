"""Manual alphabets as data: letter to HamNoSys, one TOML table a sign language; another language is no code.

What the tables hold is said at the head of each, and of `alphabets/hands.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError, UnknownName
from accessify.core.timeline import Span

Array = NDArray[np.float64]

_HEAD = ("language", "title", "source", "doubled")
_HANDS = "hands"
"""Name of the table that holds hands, not letters."""


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """A hand by its angles, where notation cannot tell it well."""

    name: str
    bends: Array
    """Shape [5, 3], degrees, as `accessify.motion.posture.Postures.bends`."""
    spread: Array
    """Shape [5], degrees, as `accessify.motion.posture.Postures.spread`."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of a manual alphabet, or several written ones that are signed as one, such as `SCH`."""

    name: str
    """As it is written, in capitals (`ß` has none)."""
    notation: str
    """HamNoSys by the names of its symbols with spaces between: hand shape, extended finger direction, palm,
    movement where it moves; no place, except where both hands take part (German 6 to 9). Empty where a clip
    shows it."""
    hand: Hand | None = None
    """The hand's angles, instead of those of the notated hand shape; None: as notated."""
    clip: str = ""
    """Path of a file of landmarks that shows it, instead of notation."""
    part: Span | None = None
    """Which part of the clip; None is all of it."""

    @property
    def moves(self) -> bool:
        """Whether it is more than a held hand."""
        return bool(self.clip) or any(word in self.notation for word in ("hammove", "hamreplace"))


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The letters of one sign language's manual alphabet."""

    language: str
    """ISO 639-3 code of the sign language."""
    title: str
    source: str
    """Public descriptions of it."""
    doubled: str
    """How a letter is shown twice in a row, for people."""
    letters: Mapping[str, Letter]
    """By name, in the table's order."""

    @property
    def longest(self) -> int:
        """Most written letters that are signed as one."""
        return max(map(len, self.letters), default=1)


def alphabet_names() -> tuple[str, ...]:
    """Codes of the sign languages whose alphabets are in the package, sorted."""
    names = (entry.name for entry in (files("accessify.glossing") / "alphabets").iterdir())
    tables = (name.removesuffix(".toml") for name in names if name.endswith(".toml"))
    return tuple(sorted(name for name in tables if name != _HANDS))


@cache
def load_alphabet(language: str) -> Alphabet:
    """The alphabet of a sign language (ISO 639-3); raises `UnknownName` listing those there are."""
    name = language.lower()
    if name not in alphabet_names():
        raise UnknownName("manual alphabet", name, alphabet_names())
    return parse_alphabet(_text(name), load_hands(), f"{name}.toml")


@cache
def load_hands() -> Mapping[str, Hand]:
    """The hands that the tables of letters name."""
    return parse_hands(_text(_HANDS), f"{_HANDS}.toml")


def parse_alphabet(text: str, hands: Mapping[str, Hand], source: str) -> Alphabet:
    """Read an alphabet from TOML.

    Args:
        text: a table as in `alphabets/ase.toml`.
        hands: what its letters may name.
        source: its file name, for errors.

    Raises:
        FormatError: it is no TOML, a key is missing or unknown, or a letter names no hand that there is.
    """
    table = _table(text, source)
    unknown = sorted(table.keys() - {*_HEAD, "letters"})
    if unknown:
        raise FormatError(f"no key {unknown[0]!r} in an alphabet; take it out", source=source)
    for key in _HEAD:
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise FormatError(f'{key} is missing; write {key} = "…"', source=source)
    entries = table.get("letters")
    if not isinstance(entries, dict) or not entries:
        raise FormatError("there is no letter; write [letters] and one a line", source=source)
    letters = {name: _letter(name, entry, hands, source) for name, entry in entries.items()}
    return Alphabet(**{key: table[key] for key in _HEAD}, letters=letters)


def parse_hands(text: str, source: str) -> Mapping[str, Hand]:
    """Read hands from TOML; raises `FormatError` where one has not 5 times 3 bends and 5 spreads."""
    found = {}
    for name, entry in _table(text, source).items():
        try:
            bends = np.array(entry["bends"], np.float64)
            spread = np.array(entry["spread"], np.float64)
        except (KeyError, TypeError, ValueError):
            bends = spread = np.zeros(0)
        if bends.shape != (5, 3) or spread.shape != (5,):
            raise FormatError(f"hand {name}: give bends [5][3] and spread [5] in degrees", source=source)
        found[name] = Hand(name, bends, spread)
    return found


def _letter(name: str, entry: Any, hands: Mapping[str, Hand], source: str) -> Letter:
    notation = entry.get("notation") if isinstance(entry, dict) else None
    if not isinstance(notation, str) or not notation.strip() or entry.keys() - {"notation", "hand"}:
        raise FormatError(f"letter {name}: give notation, and hand where it is needed", source=source)
    hand = entry.get("hand")
    if hand is not None and hand not in hands:
        raise FormatError(f"letter {name}: no hand {hand!r} in hands.toml; add it there", source=source)
    return Letter(name, notation, hands[hand] if hand is not None else None)


def _text(name: str) -> str:
    return (files("accessify.glossing") / "alphabets" / f"{name}.toml").read_text("utf-8")


def _table(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"not TOML: {error}; mend it there", source=source) from None
