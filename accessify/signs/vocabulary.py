"""`Vocabulary`: the signs of a book, ready to be found in signing that goes on.

A clip of one sign is one question; running signing asks many: every few neighbouring movements may be a
sign, and ways from sign to sign look like signs that somebody enrolled. So a sign must be nearer there, as
near as none of those questions comes by chance, and it counts against it if it lasts much longer or shorter
than when it was enrolled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from accessify.core.sign import Candidate
from accessify.core.timeline import Span
from accessify.signs.book import SignBook
from accessify.signs.clip import DOMINANT
from accessify.signs.encoding import Cohort, SignEncoder
from accessify.signs.match import EVEN, Enrolled, Matcher, MatchOptions, probabilities
from accessify.signs.samples import sample, stack

SHORTEST, LONGEST = 0.45, 2.2
"""A sign lasts at least and at most so many times as long as its shortest and longest clip."""
WINDOWS = 10
"""Questions that running signing asks where one sign is: about three movements and holds make a sign, and
about three runs of them that end with each last as long as signs do."""
TEMPO = 3.0
"""Times `Cohort.spread` that a sign is further away if it lasts e times as long as its clips, or as short."""

DEFAULT_OPTIONS = MatchOptions()


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """What is looked for, and with what."""

    encoder: SignEncoder
    enrolled: tuple[Enrolled, ...]
    """In the order of the book."""
    matcher: Matcher
    lengths: Mapping[str, Span]
    """Name of a sign → ticks that its shortest (`start`) and longest clip (`end`) last."""
    spread: float
    """As `Cohort.spread`."""

    def __len__(self) -> int:
        return len(self.enrolled)

    @property
    def threshold(self) -> float:
        """The largest distance that is an answer in running signing."""
        return self.matcher.reached_by(WINDOWS)

    def fits(self, name: str, lasting: int) -> bool:
        """Whether the sign called `name` may last so many ticks."""
        lengths = self.lengths[name]
        return SHORTEST * lengths.start <= lasting <= LONGEST * lengths.end

    def weighed(self, candidates: Sequence[Candidate], lasting: int) -> tuple[Candidate, ...]:
        """Those of `candidates` that may last so many ticks, as near and as sure as running signing asks.

        The nearest comes first.
        """
        fitting = [
            replace(one, distance=one.distance + TEMPO * self.spread * self._unusual(one.name, lasting))
            for one in candidates
            if self.fits(one.name, lasting)
        ]
        fitting.sort(key=lambda one: one.distance)
        apart = np.array([one.distance for one in fitting], np.float32)
        even = self.matcher.reached_by(WINDOWS, EVEN)
        sure = probabilities(apart, even, self.spread).tolist()
        return tuple(replace(one, confidence=chance) for one, chance in zip(fitting, sure, strict=False))

    def _unusual(self, name: str, lasting: int) -> float:
        """How many times e as long, or as short, as its clips the sign is; 0 between them."""
        lengths = self.lengths[name]
        return max(math.log(lasting / lengths.end), math.log(lengths.start / lasting), 0.0)


def vocabulary(
    book: SignBook, encoder: SignEncoder, cohort: Cohort, options: MatchOptions = DEFAULT_OPTIONS
) -> Vocabulary:
    """The signs of `book` as `encoder` sees them; clips in which no leading hand is seen are left out."""
    shown = {
        sign.name: [one.clip for one in sign.references if one.clip.seen[:, DOMINANT].any()] for sign in book
    }
    codes = encoder(stack([sample(clip) for clips in shown.values() for clip in clips]))
    enrolled: list[Enrolled] = []
    lengths: dict[str, Span] = {}
    start = 0
    for sign in book:
        clips = shown[sign.name]
        if clips:
            enrolled.append(Enrolled(sign.name, codes[slice(start, start + len(clips))], sign.gloss))
            lasting = [clip.span.duration for clip in clips]
            lengths[sign.name] = Span(min(lasting), max(lasting))
        start += len(clips)
    return Vocabulary(encoder, tuple(enrolled), Matcher(enrolled, cohort, options), lengths, cohort.spread)
