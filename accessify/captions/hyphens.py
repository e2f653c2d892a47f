"""Where a word that is longer than a line takes a hyphen.

Between syllables, by the hyphenation patterns of LibreOffice (in the library Pyphen); in German rather
between the parts of a compound, where a linking s tells them: `Überwachungs|aufgaben`.
"""

from __future__ import annotations

import re
from functools import cache
from math import ceil
from typing import Any

_LEAST = 4
"""Letters that stand on each side of a hyphen at least."""
_LETTERS = re.compile(r"\W*([^\W\d_]+)\W*")
_LINKED = re.compile(r"(?:schaft|heit|keit|ung|tion|tät|ling|tum|fahrt)s(?=[a-zäöüß])", re.IGNORECASE)
_USUAL = {"en": "en_US", "pt": "pt_BR"}
"""Language → the patterns of its most usual spelling, where the tag names no region."""


def hyphen_place(word: str, most: int, language: str) -> int | None:
    """How many letters of `word` stand before its hyphen, at most `most`; None where no place is known.

    `language` is a BCP 47 tag. The place that leaves as few lines as possible, then the one between parts
    of a compound, then the longest first line. The word may have marks around it.
    """
    letters, patterns = _LETTERS.fullmatch(word), _patterns(language)
    if letters is None or patterns is None:
        return None
    start, end = letters.span(1)
    inside = range(start + _LEAST, min(most, end - _LEAST) + 1)
    places: list[int] = [place for at in patterns.positions(letters[1]) if (place := start + at) in inside]
    if not places:
        return None
    seams = {found.end() for found in _LINKED.finditer(word)}
    lines = ceil(len(word) / most)
    fewest = [place for place in places if place >= len(word) - (lines - 1) * most] or places
    return max(fewest, key=lambda place: (place in seams, place))


@cache
def _patterns(language: str) -> Any:
    """The `Pyphen` of a language; None where it has none."""
    from pyphen import Pyphen, language_fallback

    tag = language.replace("-", "_")
    name = language_fallback(_USUAL.get(tag.lower(), tag))
    return Pyphen(lang=name) if name else None
