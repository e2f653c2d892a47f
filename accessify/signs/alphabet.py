"""Manual alphabets as data: one TOML table a language, so that another language is no code.

What the tables hold is said at the head of `alphabets/ase.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from accessify.core.errors import FormatError, UnknownName
from accessify.signs.hand_shapes import HandShape, View, parse_hands, parse_views

FINGERS = ("thumb", "index", "middle", "ring", "little")
"""The fingers in the order of a hand's points: finger n has its tip at point 4 n + 4."""

_HEAD = ("language", "title", "source", "licence")


@dataclass(frozen=True, slots=True)
class Motion:
    """How a moving letter moves."""

    tip: str
    """The finger whose tip draws, one of `FINGERS` but the thumb."""
    path: tuple[tuple[float, float], ...]
    """Points (x, y) that the tip passes, seen by a viewer in front of a right-handed signer: x to the
    viewer's right, y down. Only the form counts, not the place nor the size."""


@dataclass(frozen=True, slots=True)
class ManualLetter:
    """One letter of a manual alphabet."""

    name: str
    """As it is written."""
    shape: str = ""
    """The still letter with the same hand shape; empty for a still letter."""
    motion: Motion | None = None
    """None for a still letter."""
    hands: tuple[HandShape, ...] = ()
    """Ways to form a still letter's hand, from which synthetic hands are made."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The letters of one sign language's manual alphabet."""

    name: str
    """What it is called on the command line."""
    language: str
    """ISO 639-3 code of the sign language."""
    title: str
    source: str
    """A public description of it."""
    licence: str
    letters: tuple[ManualLetter, ...]
    """In alphabetical order."""
    hands: int = 1
    """How many hands a letter takes."""
    doubled: str = ""
    """How a letter is shown twice in a row, for people."""

    @property
    def still(self) -> tuple[str, ...]:
        """Names of the letters that are told by the hand shape alone."""
        return tuple(letter.name for letter in self.letters if letter.motion is None)

    @property
    def moving(self) -> tuple[ManualLetter, ...]:
        """The letters that are drawn in the air."""
        return tuple(letter for letter in self.letters if letter.motion is not None)


def alphabet_names() -> tuple[str, ...]:
    """Names of all alphabets in the package, sorted."""
    return tuple(
        sorted(
            entry.name.removesuffix(".toml")
            for entry in (files("accessify.signs") / "alphabets").iterdir()
            if entry.name.endswith(".toml")
        )
    )


@cache
def load_alphabet(name: str) -> Alphabet:
    """The alphabet `name`, in capitals or not; raises `UnknownName` listing those there are."""
    name = name.lower()
    if name not in alphabet_names():
        raise UnknownName("alphabet", name, alphabet_names())
    return parse_alphabet(name, (files("accessify.signs") / "alphabets" / f"{name}.toml").read_text("utf-8"))


def parse_alphabet(name: str, text: str) -> Alphabet:
    """Read an alphabet from TOML.

    Raises:
        FormatError: it is no TOML, a key is missing or unknown, or a letter's shape or motion is not sound.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"not TOML: {error}; mend it there", source=f"{name}.toml") from None
    try:
        return _alphabet(name, table)
    except FormatError as error:
        raise FormatError(error.message, source=f"{name}.toml") from None


def _alphabet(name: str, table: dict[str, Any]) -> Alphabet:
    for key in _HEAD:
        if not isinstance(table.get(key), str) or not table[key].strip():
            raise FormatError(f'{key} is missing; write {key} = "…"')
    _only(table, {*_HEAD, "letters", "hands", "doubled", "views"}, "the alphabet")
    if table.get("hands", 1) not in (1, 2) or not isinstance(table.get("doubled", ""), str):
        raise FormatError("hands must be 1 or 2, and doubled a text for people")
    entries = table.get("letters")
    if not isinstance(entries, dict) or not entries:
        raise FormatError("there is no letter; write one as [letters.A]")
    views = parse_views(table.get("views", {}))
    letters = tuple(_letter(key, entries[key], views) for key in entries)
    still = {letter.name for letter in letters if letter.motion is None}
    for letter in letters:
        if letter.motion and letter.shape not in still:
            raise FormatError(f"letter {letter.name}: shape must name a still letter, not {letter.shape!r}")
    head = {key: table[key] for key in _HEAD}
    return Alphabet(
        name, letters=letters, hands=table.get("hands", 1), doubled=table.get("doubled", ""), **head
    )


def _letter(name: str, entry: Any, views: Mapping[str, tuple[View, ...]]) -> ManualLetter:
    _only(entry, {"shape", "motion", "hands"}, f"letter {name}")
    if ("shape" in entry) != ("motion" in entry):
        raise FormatError(f"letter {name}: shape and motion belong together; give both or neither")
    motion = _motion(name, entry["motion"]) if "motion" in entry else None
    hands = parse_hands(entry.get("hands", []), views, f"letter {name}")
    return ManualLetter(name, entry.get("shape", ""), motion, hands)


def _motion(name: str, entry: Any) -> Motion:
    _only(entry, {"tip", "path"}, f"motion of letter {name}")
    if entry.get("tip") not in FINGERS[1:]:
        raise FormatError(f"letter {name}: tip of its motion must be one of {', '.join(FINGERS[1:])}")
    path = entry.get("path")
    points = path if isinstance(path, list) and all(map(_is_point, path)) else []
    if len({tuple(point) for point in points}) < 2:
        raise FormatError(f"letter {name}: path of its motion must be two points [x, y] or more")
    return Motion(entry["tip"], tuple((float(x), float(y)) for x, y in points))


def _is_point(point: Any) -> bool:
    return (
        isinstance(point, list) and len(point) == 2 and all(isinstance(value, int | float) for value in point)
    )


def _only(table: Any, known: set[str], where: str) -> None:
    if not isinstance(table, dict):
        raise FormatError(f"{where} must be a table, not {table!r}")
    unknown = sorted(table.keys() - known)
    if unknown:
        raise FormatError(f"{where} has no key {unknown[0]!r}; known: {', '.join(sorted(known))}")
