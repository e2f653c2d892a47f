"""When a caption comes and goes, in whole frames.

A caption starts on the frame of its first word, or on the shot change beside it. It stays until its
last word is said and then half a second, or as long as reading it comfortably takes, up to the
guide's `linger`; longer only where its minimum duration or reading speed needs it. It leaves before
the next one: at the guide's chain gap, or at least at its open gap.

Where rules conflict, the order is: no overlap, start in time, minimum duration, gap, reading speed,
shot changes. What cannot be kept stays as it is; the check reports it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from accessify.captions.endings import Endings, Slot
from accessify.captions.film import Film
from accessify.captions.limits import Limits
from accessify.captions.rules import Profile

MOVED = 0.4
"""Each frame that a start is moved off its word to make room."""
TROUBLE = 10.0
"""Points of a caption's time from which room is made for it."""

_MOST_MOVED = Fraction(1, 4)
"""Seconds that a start is moved at most to make room, even where the guide allows more."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Times captions on the frames of one film by the rules of one profile."""

    endings: Endings
    budge: int
    """Frames that a start may move to make room."""

    @property
    def limits(self) -> Limits:
        """The profile's times."""
        return self.endings.limits

    @classmethod
    def of(cls, profile: Profile, film: Film) -> Timing:
        """Timing by `profile` in `film`."""
        shots = dict.fromkeys(film.rate.nearest(shot) for shot in film.shots)
        end = None if film.end is None else film.rate.nearest(film.end)
        endings = Endings(Limits.of(profile, film.rate), tuple(shots), end, frozenset(shots))
        return cls(endings, round(_MOST_MOVED * film.rate.fps))

    def snapped(self, frame: int) -> int:
        """Where a caption starts whose first word is heard at `frame` (NFLX 360051554394, section 2).

        After a shot change, inside its zone: on it. Just before one: on it. Before one, but inside
        its zone: at the edge of the zone. Where two shot changes are too near to each other for any
        of these, on the word.
        """
        snap, zone, shots = self.limits.snap, self.limits.zone, self.endings.shots
        at = bisect_right(shots, frame)
        since = frame - shots[at - 1] if at else frame + zone + snap + 1
        until = shots[at] - frame if at < len(shots) else zone + snap + 1
        if until <= snap and until < since:
            return frame + until
        if since < zone or since <= snap:
            return frame - since
        if until >= zone:
            return frame
        edge = frame - (zone - until)
        if edge >= 0 and self.clear(edge):
            return edge
        return frame - since if since <= zone else frame

    def clear(self, frame: int) -> bool:
        """Whether `frame` lies outside the zone of every shot change."""
        reach = max(self.limits.zone, self.limits.snap + 1)
        shots = self.endings.shots
        at = bisect_right(shots, frame - reach)
        return at == len(shots) or shots[at] >= frame + reach

    def times(self, slots: Sequence[Slot]) -> list[tuple[int, int]]:
        """First frame and end frame of each caption, in order; no two overlap.

        Starts move off their words only where a caption is too short or too fast otherwise, by at
        most the guide's lead and lag.
        """
        bases = self._apart(slots)
        paths: list[dict[int, tuple[float, int]]] = []
        choices = self._choices(slots, bases)
        costs = {start: MOVED * abs(start - bases[0]) for start in choices[0]}
        for index, slot in enumerate(slots[:-1]):
            step: dict[int, tuple[float, int]] = {}
            for following in choices[index + 1]:
                moved = MOVED * abs(following - bases[index + 1])
                ways = (
                    (spent + moved + self.endings.best(slot, start, following).points, start)
                    for start, spent in costs.items()
                    if start < following
                )
                best = min(ways, default=None)
                if best:
                    step[following] = best
            paths.append(step)
            costs = {following: cost for following, (cost, _) in step.items()}
        start = min(
            costs,
            key=lambda choice: (costs[choice] + self.endings.best(slots[-1], choice, None).points, choice),
        )
        starts = [start]
        for step in reversed(paths):
            starts.append(step[starts[-1]][1])
        starts.reverse()
        followings = (*starts[1:], None)
        return [
            (start, self.endings.best(slot, start, following).end)
            for slot, start, following in zip(slots, starts, followings, strict=True)
        ]

    def _apart(self, slots: Sequence[Slot]) -> list[int]:
        """The starts, each behind the one before it.

        Where two voices speak at once, the second waits until the first has been there for half its
        minimum duration: text that nobody can see is lost.
        """
        room = max(1, self.limits.shortest // 2)
        starts: list[int] = []
        for slot in slots:
            starts.append(max(slot.start, starts[-1] + room) if starts else slot.start)
        return starts

    def _choices(self, slots: Sequence[Slot], bases: Sequence[int]) -> list[tuple[int, ...]]:
        """Starts to choose from: one each, several where a caption has too little room."""
        back, forth = min(self.limits.lead, self.budge), min(self.limits.lag, self.budge)
        ways = zip(slots, bases, (*bases[1:], None), strict=True)
        tight = [self.endings.best(*way).points >= TROUBLE for way in ways]
        choices: list[tuple[int, ...]] = []
        for index, base in enumerate(bases):
            may_lead, may_lag = tight[index], index > 0 and tight[index - 1]
            if base in self.endings.on_shot or base != slots[index].start or not (may_lead or may_lag):
                choices.append((base,))
                continue
            first, last = max(0, base - back * may_lead), base + forth * may_lag
            step = max(1, (last - first) // 6)
            moved = {*range(first, last + 1, step), last}
            choices.append((base, *sorted(s for s in moved if s != base and self.clear(s))))
        return choices
