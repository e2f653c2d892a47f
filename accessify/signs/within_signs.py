"""Letters that are none: shapes that a hand passes through while a sign is made.

Of 138 real clips of American signs, 60 letters were read and none was spelled: all 7 of them that lay within
a sign that was found are told by the rule here, and none of the 19 that were read in 5 spelled words. Of
signing that is unknown nothing follows, since spelling itself is such to who looks for signs: there, 34 of
the 60 and all of the 19 lay.
"""

from __future__ import annotations

from collections.abc import Iterable

from accessify.core.sign import Letter, Sign
from accessify.core.timeline import Span, seconds

KEPT = seconds(20)
"""How long a letter may be told before a sign that it lies in, in ticks."""


def within_signs(letters: Iterable[Letter], signs: Iterable[Sign]) -> tuple[Letter, ...]:
    """Those of `letters` of which at least half lies within known ones of `signs`."""
    found = [sign.span for sign in signs if sign.known]
    return tuple(one for one in letters if 0 < one.span.duration <= 2 * _shared(one.span, found))


def _shared(span: Span, others: Iterable[Span]) -> int:
    """Ticks of `span` that lie in `others`, which do not overlap."""
    return sum(max(0, min(span.end, one.end) - max(span.start, one.start)) for one in others)


class LiveWithinSigns:
    """The same while letters and signs are told, each in its own time."""

    def __init__(self) -> None:
        self._letters: list[Letter] = []
        self._signs: list[Sign] = []

    def push(self, letters: Iterable[Letter], signs: Iterable[Sign]) -> tuple[Letter, ...]:
        """Letters, told now or before, that are known now to lie within signs; each once."""
        self._letters += letters
        self._signs += signs
        found = within_signs(self._letters, self._signs)
        spans = [*(one.span for one in self._letters), *(one.span for one in self._signs)]
        oldest = max((span.end for span in spans), default=0) - KEPT
        self._letters = [one for one in self._letters if one.span.end > oldest and one not in found]
        self._signs = [one for one in self._signs if one.span.end > oldest]
        return found
