"""One hand that may be spelling: its holds and strokes put in order, each with how sure we are."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import OptionError
from accessify.core.sign import Candidate, Letter
from accessify.core.timeline import TICKS_PER_SECOND, Span, millis
from accessify.signs.alphabet import Alphabet
from accessify.signs.holds import MOVING, HoldSearch
from accessify.signs.steps import STEP
from accessify.signs.strokes import Stroke, StrokeFinder

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SpellOptions:
    """When a hand shows a letter; times in ticks."""

    hold: int = millis(40)
    """A letter that the reader is certain of must be held quite still for this long; a doubtful one, or one
    at which the hand only slows down, longer (about 80 to 120 ms)."""
    still: float = 4.0
    """Palm sizes a second: a hand that moves or changes faster than this is between letters."""
    sure: float = 0.5
    """Least probability, as the mean over the hold, for a letter to be known. Below it the letter stays
    unknown, with its candidates: rather a gap that people see than a letter that is wrong."""
    margin: float = 0.15
    """The second letter must be less probable by this much."""
    stroke: float = 0.3
    """Largest mean distance of a drawn path from the alphabet's, both of size 1, for a moving letter."""
    lap: float = 1.1
    """Shoulder widths under the shoulders: a hand whose palm is lower rests and is not read."""
    pause: int = millis(800)
    """A pause between two letters that ends a word; it counts for a lexicon only."""

    def __post_init__(self) -> None:
        for name in ("hold", "still", "pause"):
            if not getattr(self, name) > 0:
                raise OptionError(f"{name} must be more than 0, not {getattr(self, name)}")
        for name in ("sure", "margin", "stroke"):
            if not 0 <= getattr(self, name) <= 1:
                raise OptionError(f"{name} must be between 0 and 1, not {getattr(self, name)}")


DEFAULT_OPTIONS = SpellOptions()


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One hand at one step."""

    tick: int
    chances: Floats
    """Shape [letters]: probability of each still letter; NaN where there is no hand."""
    hand: Floats
    """Shape [21, 3], as in `SignClip`."""
    place: Floats
    """Shape [3], as in `SignClip`."""
    wrist: Floats
    """Shape [3]: the body's wrist, in shoulder widths."""


DOUBT = 0.4
"""What a step loses for each unit of the letter's negative logarithm of probability; a still step earns 1."""
LEAST_CHANCE = 0.15
"""A probability counts as at least this: a still hand is a letter, even one that cannot be told."""
MOVING_LOSS = 0.5
"""What a step of perfect stillness costs where no letter is shown."""
LAG = 6
"""Steps after which a hold is decided: 0.2 s."""
AHEAD = 1
"""Steps that a speed looks ahead and back."""
NEAR = 4
"""A hold this many steps from a stroke, with the same finger out, is the stroke's beginning or end."""
SHOWN = 5
"""Candidates that a letter keeps."""
MEMORY = 300
"""Steps of a hold that its confidence is the mean of, the last ones."""
WAY = 2.0
"""How much the way of the whole hand counts beside that of its points: doubled letters slide."""
PRESENCE = 0.05
"""What a hand that is there counts as moving at least, in palm sizes a second: more than one that is not."""
PALM, LEAST_PALM, MOST_PALM = 0.25, 0.15, 0.5
"""Palm size in shoulder widths where the body's wrist does not tell it, and what it may be."""
_DEPTH = np.array([1, 1, 0.5])  # depth from one camera is coarse
_PALM_POINTS = [0, 5, 9, 13, 17]


@dataclass(frozen=True, slots=True)
class _Step:
    """What is remembered of a step."""

    number: int
    tick: int
    chances: Floats
    speed: float
    out: tuple[bool, ...]
    """Of each moving letter, whether its finger points out."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A letter with the steps it was shown in."""

    start: int
    end: int
    letter: Letter
    out: tuple[float, ...]
    """Of each moving letter, the share of steps in which its finger points out."""


class HandSpeller:
    """Reads one hand, step by step."""

    def __init__(self, alphabet: Alphabet, options: SpellOptions) -> None:
        self._alphabet, self._options = alphabet, options
        self._letters = alphabet.still
        fee = (1 + MOVING_LOSS) * options.hold / STEP
        self._search = HoldSearch(len(self._letters), fee, LAG)
        self._finders = tuple(StrokeFinder(letter, options.stroke) for letter in alphabet.moving)
        self._reset()

    def _reset(self) -> None:
        self._search.reset()
        for finder in self._finders:
            finder.reset()
        self._ahead: deque[tuple[Moment, Floats]] = deque(maxlen=2 * AHEAD + 1)
        self._log: deque[_Step] = deque(maxlen=MEMORY)
        self._count = 0  # steps judged
        self._decided = 0  # steps whose state is known
        self._run: tuple[int, int, int] | None = None  # state, first step and its tick of the open hold
        self._waiting: list[_Item] = []  # letters that may still be part of a stroke
        self._stroke: tuple[Stroke, int] | None = None  # the last one, and of which moving letter
        self._moved = np.zeros(2)  # the palm's way so far, in palm sizes
        self._ratio = np.zeros(2)  # sums that tell the palm size in shoulder widths
        self.liveliness = 0.0
        """How much the fingers moved of late: palm sizes a second, a mean that forgets within a second."""

    def push(self, moment: Moment) -> list[Letter]:
        """Letters that are certain now."""
        place = moment.place
        if np.isfinite(place).all() and place[1] > self._options.lap:
            moment = replace(moment, hand=np.full_like(moment.hand, np.nan))
        self._ahead.append((moment, self._travelled(moment)))
        if len(self._ahead) <= AHEAD:
            return []
        return self._judge(len(self._ahead) - 1 - AHEAD)

    def finish(self) -> list[Letter]:
        """Letters that were open at the end; what is pushed next begins anew."""
        found: list[Letter] = []
        for left in range(min(AHEAD, len(self._ahead)), 0, -1):
            found += self._judge(len(self._ahead) - left)
        for state in [*self._search.finish(), MOVING]:
            self._advance(state)
        for n, finder in enumerate(self._finders):
            self._draw(n, finder.finish())
        found += [item.letter for item in self._waiting]
        self._reset()
        return found

    def _judge(self, at: int) -> list[Letter]:
        """Judge the step at place `at` of `_ahead`."""
        moment, palm = self._ahead[at][0], self._ahead[at][1]
        number, speed = self._count, self._speed(at)
        out = tuple(bool(np.isfinite(moment.hand).all()) and f.points_out(moment.hand) for f in self._finders)
        self._log.append(_Step(number, moment.tick, moment.chances, speed, out))
        self._count += 1
        stillness = 1 - min(speed / self._options.still, 3.0)
        seen = bool(np.isfinite(moment.hand).all())
        with np.errstate(divide="ignore"):
            doubt = DOUBT * np.log(np.maximum(moment.chances, LEAST_CHANCE))
        gains = stillness + doubt if seen else np.full(len(self._letters), -np.inf)
        for state in self._search.push(gains, -MOVING_LOSS * stillness if seen else 0.0):
            self._advance(state)
        for n, finder in enumerate(self._finders):
            self._draw(n, finder.push(number, moment.hand, palm))
        return self._release()

    def _travelled(self, moment: Moment) -> Floats:
        """The palm's way up to `moment` in palm sizes [2]; it stands where the place is not known."""
        if not np.isfinite(moment.hand).all():
            return self._moved
        offset = moment.hand[_PALM_POINTS].mean(axis=0)[:2]
        arm = (moment.place - moment.wrist)[:2]
        if np.isfinite(arm).all():
            self._ratio += (float(arm @ offset), float(offset @ offset))
        if self._ahead:
            step = (moment.place - self._ahead[-1][0].place)[:2]
            if np.isfinite(step).all():
                palm = self._ratio[0] / self._ratio[1] if self._ratio[1] > 0 else PALM
                self._moved = self._moved + step / min(max(palm, LEAST_PALM), MOST_PALM)
        return self._moved

    def _speed(self, at: int) -> float:
        """Of the fingers and of the whole hand, in palm sizes a second; 0 where there is none."""
        ahead, last = self._ahead, len(self._ahead) - 1
        seen = bool(np.isfinite(ahead[at][0].hand).all())
        near = [n if np.isfinite(ahead[n][0].hand).all() else at for n in (max(at - 1, 0), min(at + 1, last))]
        (before, way_before), (after, way_after) = (ahead[n] for n in near)
        fingers = way = 0.0
        if seen and near[0] != near[1]:
            rate = TICKS_PER_SECOND / STEP / (near[1] - near[0])
            change = (after.hand - before.hand)[1:] * _DEPTH
            fingers = rate * math.sqrt(float((change**2).sum(axis=1).mean()))
            way = rate * float(np.linalg.norm(way_after - way_before))
        self.liveliness += (fingers + PRESENCE * seen - self.liveliness) * STEP / TICKS_PER_SECOND
        return math.hypot(fingers, WAY * way)

    def _advance(self, state: int) -> None:
        """One more step is decided."""
        number = self._decided
        self._decided += 1
        if self._run and self._run[0] != state:
            self._close(*self._run[1:], number - 1)
            self._run = None
        if state != MOVING and not self._run:
            self._run = (state, number, self._remembered(number, number)[0].tick)

    def _remembered(self, start: int, end: int) -> list[_Step]:
        """Steps from `start` to `end`, as far back as they are remembered."""
        first = self._log[0].number
        return [self._log[n - first] for n in range(max(start, first), end + 1)]

    def _close(self, start: int, tick: int, end: int) -> None:
        """A hold from step `start` at `tick` ended with step `end`."""
        steps = self._remembered(start, end)
        weights = np.array([max(1 - step.speed / self._options.still, 0.05) for step in steps])
        chances = np.average(np.stack([step.chances for step in steps]), axis=0, weights=weights)
        order = np.argsort(-chances, kind="stable")[:SHOWN]
        candidates = tuple(_candidate(self._letters[n], float(chances[n])) for n in order)
        letter = Letter(Span(tick, steps[-1].tick + STEP), candidates, self._known(candidates))
        out = tuple(np.mean([step.out for step in steps], axis=0).tolist()) if self._finders else ()
        item = _Item(start, end, letter, out)
        if self._stroke is None or not self._belongs(item, *self._stroke):
            self._waiting.append(item)

    def _known(self, candidates: tuple[Candidate, ...]) -> bool:
        first, *rest = (candidate.confidence for candidate in candidates)
        options = self._options
        return first >= options.sure and first - (rest[0] if rest else 0.0) >= options.margin

    def _draw(self, which: int, stroke: Stroke | None) -> None:
        """Take up a stroke of moving letter `which`, with the holds that belong to it."""
        if stroke is None:
            return
        letter = stroke.letter
        sure = 1 - stroke.distance / (2 * self._options.stroke)
        candidates = (
            Candidate(letter.name, stroke.distance, sure),
            _candidate(letter.shape, 1 - sure),
        )
        steps = self._remembered(stroke.start, stroke.end)
        parts = [item for item in self._waiting if self._belongs(item, stroke, which)]
        self._waiting = [item for item in self._waiting if item not in parts]
        first = min([steps[0].tick, *(item.letter.span.start for item in parts)])
        last = max([steps[-1].tick + STEP, *(item.letter.span.end for item in parts)])
        spelled = Letter(Span(first, last), candidates, sure >= self._options.sure)
        self._waiting.append(_Item(stroke.start, stroke.end, spelled, ()))
        self._waiting.sort(key=lambda item: item.letter.span)
        self._stroke = (stroke, which)

    def _belongs(self, item: _Item, stroke: Stroke, which: int) -> bool:
        """Whether a hold is a part of `stroke`: under it, or beside it with the same finger out."""
        if not item.out:
            return False  # a stroke itself
        common = min(item.end, stroke.end) - max(item.start, stroke.start) + 1
        if 2 * common >= min(item.end - item.start, stroke.end - stroke.start) + 1:
            return True
        return common > -NEAR and item.out[which] > 0.5

    def _release(self) -> list[Letter]:
        """The waiting letters that no stroke under way can claim."""
        found: list[Letter] = []
        while self._waiting and not self._claimed(self._waiting[0]):
            found.append(self._waiting.pop(0).letter)
        return found

    def _claimed(self, item: _Item) -> bool:
        """Whether a stroke may be under way that a hold will turn out to be a part of; see `_belongs`."""
        starts = ((share, finder.since) for share, finder in zip(item.out, self._finders, strict=False))
        return any(
            start is not None and start <= item.end + (NEAR if share > 0.5 else 0) for share, start in starts
        )


def _candidate(letter: str, chance: float) -> Candidate:
    """`letter` with its probability; the distance is its negative logarithm."""
    return Candidate(letter, -math.log(max(chance, 1e-9)), chance)
