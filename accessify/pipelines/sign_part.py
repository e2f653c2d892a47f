"""How much is signed in one go: a text or captions measured, and the part of captions that fits.

Signing takes some times as long as speech where most words are spelled. A whole film would take hours, and
all of its movement would lie in memory; a part is chosen instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from accessify.core.errors import OptionError
from accessify.core.text import Cue
from accessify.core.timeline import Track, seconds
from accessify.glossing.chinese import is_han

MOST_LETTERS = 2_500.0
"""Letters in one go: some 25 minutes of signing, and 150 MB of movement."""
HAN = 2.5
"""Letters that a Chinese character counts as: its pinyin, mostly."""
SECONDS_A_LETTER = 0.6
"""Of signing, the ways between words and their holds included, where words are spelled."""
_LEAD = seconds(1)
"""Ticks before the first caption of a part in which hands come from rest."""


@dataclass(frozen=True, slots=True)
class Part:
    """Captions that are signed in one go, with times of their own."""

    cues: Track[Cue]
    """Their clock begins just before the first."""
    first: int
    """Number of the first, from 1."""
    last: int
    total: int
    """How many captions there are in all."""
    offset: int
    """Ticks from the film's clock to theirs: add it to come back to the film's."""


def letters(text: str) -> float:
    """How long `text` is, in letters as they are spelled."""
    return sum(HAN if is_han(char) else 1.0 for char in text if char.isalnum())


def part(cues: Track[Cue], first: int = 1, most: float = MOST_LETTERS) -> Part:
    """The captions from number `first` on that fit into `most` letters, but at least one.

    Raises `OptionError` where there is no such caption.
    """
    if not 1 <= first <= len(cues):
        raise OptionError(f"there is no caption {first}; choose 1 to {len(cues)}")
    sizes = accumulate(letters(cue.text) for cue in cues[first - 1 :])
    count = max(1, sum(size <= most for size in sizes))
    chosen = cues[first - 1 : first - 1 + count]
    offset = max(0, chosen[0].span.start - _LEAD)
    return Part(Track(chosen).shift(-offset), first, first + count - 1, len(cues), offset)
