"""Where a caption ends, given where it and the next one start: the least bad of a few frames."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from accessify.captions.limits import Limits

# What a place to end costs, in the points of `breaks.RULES`.
TOO_SHORT = 120.0
"""Shorter than the minimum duration; one more point for each frame missing."""
BAD_GAP = 100.0
"""Neither the chain gap nor an open gap before the next caption."""
TOO_FAST = 40.0
"""Faster than the reading speed; up to as much again by how much faster. So much among ends of one
text: another text would read no slower, so cuts weigh it by `compose.HURRY`."""
NEAR_SHOT = 20.0
"""Inside the zone around a shot change."""
CUT_SHORT = 15.0
"""Gone while its last word is still said, by more than the guide tolerates; half a point per frame."""
LINGERS = 12.0
"""Still there after `linger`, and for no better reason; a tenth of a point per frame."""
OVER_SHOT = 3.0
"""All but silent, and still there when the shot changes."""
CROWDED = 5.0
"""Readable, but faster than is comfortable; grows with the square."""
OFF_WISH = 0.02
"""Each frame away from where it would best end."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A caption to be timed; all in frames."""

    start: int
    """Where it starts at best."""
    spoken: int
    """Where its last word has ended."""
    needed: int
    """How long it must be shown (`Limits.needed`)."""
    comfort: int
    """How long it should be shown."""


class Ending(NamedTuple):
    """A place to end; the frame, and what is wrong with it in points."""

    end: int
    cost: float
    """All but its reading speed."""
    hurry: float = 0.0
    """Points of its reading speed."""
    lacking: int = 0
    """Frames that reading it would take longer."""

    @property
    def points(self) -> float:
        """All that is wrong."""
        return self.cost + self.hurry


@dataclass(frozen=True, slots=True)
class Endings:
    """Ends captions by one profile's limits, at one film's shots."""

    limits: Limits
    shots: tuple[int, ...]
    """First frames of shots, ascending."""
    end: int | None
    """Frame at which the film ends."""
    on_shot: frozenset[int] = field(default=frozenset(), repr=False)
    """The shots again, to look up."""

    def best(self, slot: Slot, start: int, following: int | None) -> Ending:
        """Where a caption that starts at `start` ends, and what is wrong with that.

        `following` is the start of the next one.
        """
        limits = self.limits
        latest = start + limits.longest
        if following is not None:
            latest = min(latest, following - limits.chain)
        if self.end is not None and start < self.end:  # else the end is wrong: there is speech behind it
            latest = min(latest, self.end)
        latest = max(latest, start + 1)
        wish = min(latest, self._wish(slot, start))
        gap = limits.opened if following is None else following - wish
        enough = gap >= limits.opened and wish >= max(start + slot.needed, slot.spoken)
        if enough and not self._shots_within(slot.spoken, wish):
            return Ending(wish, _crowded(slot, wish - start))
        place = _Place(self, slot, start, wish, following)
        return min(
            (place.ending(end) for end in {*self._candidates(place, latest)}),
            key=lambda ending: (ending.points, ending.end),
        )

    def _wish(self, slot: Slot, start: int) -> int:
        """Where the caption would end with all the room it wants."""
        easy = min(start + slot.comfort, slot.spoken + self.limits.linger)
        return max(slot.spoken + self.limits.tail, easy, start + slot.needed)

    def _shots_within(self, first: int, last: int) -> tuple[int, ...]:
        """Shots whose zone touches the frames from `first` to `last`."""
        zone = self.limits.zone + self.limits.chain
        low = bisect_left(self.shots, first - zone)
        return self.shots[low : bisect_left(self.shots, last + zone + 1, low)]

    def _candidates(self, place: _Place, latest: int) -> Iterator[int]:
        """The few frames that can be the best end."""
        limits, start, slot = self.limits, place.start, place.slot
        yield from (place.wish, latest)
        ends = [start + slot.needed, start + limits.shortest, slot.spoken]
        if place.following is not None:
            ends.append(place.following - limits.opened)
        for shot in self._shots_within(min(slot.spoken, place.wish), place.wish):
            ends += (shot - limits.chain, shot + limits.zone)
        yield from (end for end in ends if start < end <= latest)


def _crowded(slot: Slot, shown: int) -> float:
    return 0.0 if shown >= slot.comfort else CROWDED * (slot.comfort / shown - 1) ** 2


@dataclass(frozen=True, slots=True)
class _Place:
    """One caption between its start and the next one: what each end would cost."""

    rules: Endings
    slot: Slot
    start: int
    wish: int
    following: int | None

    def ending(self, end: int) -> Ending:
        """An ending at `end` with its points; see the table at the top."""
        shown, needed = end - self.start, self.slot.needed
        if shown >= needed:
            return Ending(end, self._cost(end) + _crowded(self.slot, shown))
        return Ending(end, self._cost(end), TOO_FAST * (2 - shown / needed), needed - shown)

    def _cost(self, end: int) -> float:
        limits, shown = self.rules.limits, end - self.start
        cost = OFF_WISH * abs(end - self.wish)
        if shown < limits.shortest:
            cost += TOO_SHORT + limits.shortest - shown
        chained = False
        if self.following is not None:
            gap = self.following - end
            chained = gap <= limits.chain
            if gap < limits.chain or limits.chain < gap < limits.opened:
                cost += BAD_GAP
        at_shot = end + limits.chain in self.rules.on_shot
        if self.rules.shots:
            cost += self._across_shots(end, at_shot=at_shot)
        after_shot = end - limits.zone in self.rules.on_shot
        extra = limits.opened if chained else limits.zone * (at_shot or after_shot)
        early = limits.lag + limits.chain * chained + limits.snap * at_shot
        return cost + self._beside_speech(end, early, extra)

    def _across_shots(self, end: int, *, at_shot: bool) -> float:
        limits, shots = self.rules.limits, self.rules.shots
        near = bisect_left(shots, end - limits.zone + 1)
        inside = not at_shot and near < len(shots) and shots[near] < end + limits.zone
        silent = bisect_left(shots, self.slot.spoken - limits.snap)
        over = silent < len(shots) and shots[silent] < end
        return NEAR_SHOT * inside + OVER_SHOT * over

    def _beside_speech(self, end: int, most_early: int, extra: int) -> float:
        """Points of leaving before the speech has ended, or staying longer than it needs.

        `most_early` frames are tolerated; `extra` frames beyond `linger` have a reason.
        """
        slot = self.slot
        early = slot.spoken - end
        if early > 0:
            return 0.15 * early if early <= most_early else CUT_SHORT + 0.5 * early
        late = end - extra - max(slot.spoken + self.rules.limits.linger, self.start + slot.needed)
        return LINGERS + 0.1 * late if late > 0 else 0.0
