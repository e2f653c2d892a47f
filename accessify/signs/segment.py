"""Where signing happens, and where its single movements and holds begin and end: hands and arms alone.

Two levels. A *stretch* goes from the first movement out of rest to the return to rest: hands low, out of
the picture, back where they had rested, or still for long. Its *parts* are movements and holds, without
gaps; a sign is one part or several neighbouring ones, and what each is, later stages tell. The first part is
the way of the hands to the sign, the last their way back.

A part, and a stretch that ends in rest, are told at most 0.32 s of film behind their end where there are 15
pictures a second or more, even or uneven. Two things are told later: parts that end before it is sure that
a stretch has begun (the first, hardly ever the second), and a stretch that ends in stillness, or where only
the body's wrists were left to see. A film that begins in a hold low before the body is not said to be cut:
hands rest there, too. Hands without a body in the picture must move further before they count.
Whoever touches their face is taken for a signer: only shapes of the hand tell those apart.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.pose import PoseClip, PoseFrame, Skeleton
from accessify.core.sign import Signing
from accessify.core.timeline import Span, Track, millis
from accessify.signs.arms import ArmReader, Arms
from accessify.signs.hand_motion import GAP, STEP, Motion, MotionReader
from accessify.signs.parts import APART, PartFinder

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SegmentOptions:
    """What counts as signing; lengths in shoulder widths, times in ticks."""

    stretches: bool = True
    """Tell stretches."""
    parts: bool = False
    """Tell the movements and holds inside stretches."""
    low: float = 1.1
    """A hand so far below the shoulders rests (hips are at 1.4)."""
    leave: float = 0.35
    """A hand that goes so far from where it rested has left it."""
    move: float = 0.5
    """Speed a second from which a hand moves."""
    still: float = 0.4
    """Speed a second below which a hand is held."""
    patience: int = millis(2_000)
    """Hands held for so long have come to rest, wherever they are."""
    shortest: int = millis(300)
    """Shorter stretches are none."""


_ENOUGH = millis(120)  # of movement out of rest within `_LATELY`
_LATELY = millis(500)
_ALONE, _ALONE_FOR = 1.5, 2  # times as far, and for as long, where no body tells how high a hand is
_SETTLED = millis(400)  # a hand slow for so long rests where it is, while nobody signs
_ARRIVED = millis(100)  # hands at rest and slow for so long end a stretch
_LOWERED = millis(400)  # and lowered hands, however they move
_UNFOUND = millis(1_000)  # arms alone, without a hand found for so long, are no signing
_BACK = 0.25  # shoulder widths from where it had rested: back at rest
_TABLE = 0.7  # shoulder widths below the shoulders: from here down hands may lie on a table
_PAST = millis(1_200)  # how far back a stretch may have begun
_PAUSE = millis(1_000)  # pictures so far apart are two films
_OPENING = millis(400)  # a film may begin inside a sign: hands that move within this long need not leave rest


@dataclass(frozen=True, slots=True, eq=False)
class _Moment:
    """What is remembered of the last second."""

    time: int
    speeds: Numbers
    leaving: Flags
    up: Flags
    """Which hands are out of rest as one picture tells it: above any table, or moving above the lap."""
    found: bool


class Segmenter:
    """Finds signing in poses that come one after another."""

    def __init__(self, skeleton: Skeleton, options: SegmentOptions = SegmentOptions()) -> None:
        """Raises `ValueError` where `skeleton` has neither hands nor a body."""
        self._options = options
        self._skeleton = skeleton
        self._told: list[Signing] = []
        self._before: int | None = None  # the last picture
        self._spacing = 0  # and how far behind the one before it
        self._restart()

    def push(self, pose: PoseFrame) -> tuple[Signing, ...]:
        """What became sure with the next picture; raises `ValueError` for pictures out of order."""
        if self._before is not None:
            if pose.start <= self._before:
                raise ValueError(f"pictures must come in order of time: {pose.start} behind {self._before}")
            if pose.start - self._before > _PAUSE:
                self._stop()
                self._restart()
            else:
                self._spacing = pose.start - self._before
        self._before = pose.start
        arms = self._reader.push(pose)
        for motion in self._motions.push(arms):
            self._step(motion)
        self._look_for_gaps(arms)
        return self._tell()

    def finish(self) -> tuple[Signing, ...]:
        """What the end of the pictures makes sure; the next picture begins a new film."""
        self._stop()
        self._restart()
        self._before = None
        return self._tell()

    def _tell(self) -> tuple[Signing, ...]:
        told, self._told = tuple(self._told), []
        return told

    def _restart(self) -> None:
        self._reader = ArmReader(self._skeleton)
        self._motions = MotionReader()
        self._first: int | None = None  # moment at which the film began
        self._now = 0
        self._last_seen = np.full(2, -1, np.int64)  # picture in which each hand or wrist was last seen
        self._found_sides = np.full(2, -(1 << 62), np.int64)  # moment at which each hand was last found
        self._rest(np.full((2, 2), np.nan))

    def _rest(self, home: Numbers) -> None:
        """Nobody signs from now on; hands rest at `home` [2, 2]."""
        self._home = home
        self._settled = np.zeros(2, np.bool_)
        self._slow_since = np.full(2, self._now, np.int64)
        self._moved_at = np.full(2, self._now - _LATELY, np.int64)
        self._dwelling_at = home.copy()
        self._dwelling_since = np.full(2, self._now, np.int64)
        self._past: deque[_Moment] = deque(maxlen=_PAST // STEP)
        self._finder = PartFinder(self._options.still)
        self._cuts: list[tuple[int, bool]] = []
        self._begun: int | None = None
        self._cut_start = False
        self._part_begun = 0
        self._resting_since: int | None = None
        self._low_since: int | None = None
        self._still_since: int | None = None
        self._resting = np.ones(2, np.bool_)
        self._found_at = 0

    def _step(self, motion: Motion) -> None:
        self._now = motion.time
        if self._first is None:
            self._first = motion.time
        low = motion.places[:, 1] > self._options.low if motion.anchored else np.zeros(2, np.bool_)
        if motion.fresh.any():
            weight = np.ones(2)
            if motion.anchored:  # what a hand does that rests while the other signs is no sign
                weight = np.clip((self._options.low + 0.15 - motion.places[:, 1]) / 0.3, 0.1, 1)
                weight /= np.nanmax(weight)
            self._found_sides[motion.found] = motion.time
            if self._reader.hands:  # and where no hand is found, the body's wrist is often a guess
                weight[motion.time - self._found_sides > _LATELY] *= 0.2
            speed = float(np.sqrt(np.nansum((weight * motion.speeds) ** 2)))
            cut = self._finder.push(motion.time, speed)
            if cut is not None:
                self._cuts.append((cut.time, cut.held))
        if self._begun is None:
            self._watch(motion, low)
        else:
            self._follow(motion, low)

    # at rest

    def _watch(self, motion: Motion, low: Flags) -> None:
        options, gone = self._options, np.isnan(motion.places[:, 0])
        slow = motion.speeds < options.still
        self._slow_since[~slow] = motion.time
        self._settled = (self._settled | (slow & (motion.time - self._slow_since >= _SETTLED))) & ~gone
        settles = gone | low | (slow & (motion.time - self._slow_since >= _SETTLED))
        settles |= np.isnan(self._home[:, 0])
        self._home[settles] = motion.places[settles]
        far = options.leave * (1 if motion.anchored else _ALONE)
        away = np.linalg.norm(motion.places - self._home, axis=1) > far
        opening = np.full(2, self._first is not None and motion.time - self._first <= _OPENING)
        moving = motion.speeds > options.move
        # hands that sink from where they rested go to rest elsewhere
        away &= ~(motion.sinking & moving) if motion.anchored else True
        table = self._lowish(motion)
        opening &= moving & ~table
        up = motion.fresh & ~low & (moving | ~table)
        leaving = motion.fresh & ~low & ((away & self._moved(motion, moving)) | opening)
        self._past.append(_Moment(motion.time, motion.speeds, leaving, up, bool(motion.found.any())))
        if leaving.any():
            self._judge(motion.time, _ENOUGH if motion.anchored else _ENOUGH * _ALONE_FOR)
        horizon = motion.time - _PAST
        self._cuts = [cut for cut in self._cuts if cut[0] > horizon]

    def _judge(self, now: int, least: int) -> None:
        """Begin a stretch where hands have been out of rest for long enough."""
        lately = [moment for moment in self._past if moment.time > now - _LATELY]
        enough = sum(bool(moment.leaving.any()) for moment in lately) * STEP >= least
        if enough and (not self._reader.hands or sum(moment.found for moment in lately) * STEP >= least):
            self._begin(lately)

    def _moved(self, motion: Motion, moving: Flags) -> Flags:
        """Which hands moved lately."""
        self._moved_at[moving] = motion.time
        return np.asarray(motion.time - self._moved_at < _LATELY, np.bool_)

    @staticmethod
    def _lowish(motion: Motion) -> Flags:
        """Which hands are where they may rest on a table as well as sign."""
        return motion.places[:, 1] > _TABLE if motion.anchored else np.zeros(2, np.bool_)

    def _begin(self, lately: list[_Moment]) -> None:
        sides = np.any([moment.leaving for moment in lately], axis=0)
        start, pause = lately[-1].time, 0
        for moment in reversed(self._past):
            if moment.speeds[sides].max() > self._options.still:
                start, pause = moment.time, 0
            else:
                pause += STEP
            # a hand need not be as fast all the way
            if pause > millis(60) and moment.time < lately[0].time + _LATELY - _ENOUGH:
                break
        # a film begins inside a sign where hands are up in its first picture and soon go on
        first = self._past[0]
        self._cut_start = first.time == self._first and (
            (start - first.time <= _OPENING and bool(first.up[sides].any()))
            or (start - first.time <= 2 * STEP and first.speeds[sides].max() > 2 * self._options.move)
        )
        if self._cut_start:
            start = first.time
        self._begun = self._part_begun = start
        self._found_at = self._now
        self._cuts = [cut for cut in self._cuts if cut[0] > start]

    # while somebody signs

    def _follow(self, motion: Motion, low: Flags) -> None:
        options, time = self._options, motion.time
        gone = np.isnan(motion.places[:, 0])
        back = (np.linalg.norm(motion.places - self._home, axis=1) < _BACK) & self._settled
        self._resting = gone | low | back
        slow = bool((motion.speeds < options.move)[~gone].all())
        self._resting_since = self._since(self._resting_since, bool(self._resting.all()) and slow)
        self._low_since = self._since(self._low_since, bool((gone | low).all()))
        self._still_since = self._since(self._still_since, bool((motion.speeds < options.still).all()))
        if motion.found.any() or not self._reader.hands:
            self._found_at = time
        dwelling = self._dwelling(motion) & ~low & ~gone
        self._tell_parts()
        if self._resting_since is not None and time - self._resting_since >= _ARRIVED:
            self._end(self._resting_since, motion.places)
        elif self._low_since is not None and time - self._low_since >= _LOWERED:
            self._end(time, motion.places)
        elif dwelling.any() and (gone | low | dwelling).all():
            self._end(int(self._dwelling_since[dwelling].max()), motion.places)
        elif self._still_since is not None and time - self._still_since >= options.patience:
            self._end(self._still_since, motion.places)
        elif time - self._found_at >= _UNFOUND:
            self._end(self._found_at, motion.places)

    def _dwelling(self, motion: Motion) -> Flags:
        """Which hands have been at work at one place of a table for long, typing say."""
        left = ~(np.linalg.norm(motion.places - self._dwelling_at, axis=1) < _BACK)
        self._dwelling_at[left] = motion.places[left]
        self._dwelling_since[left] = motion.time
        return self._lowish(motion) & (motion.time - self._dwelling_since >= self._options.patience)

    def _since(self, since: int | None, holds: bool) -> int | None:
        if not holds:
            return None
        return self._now if since is None else since

    def _look_for_gaps(self, arms: Arms) -> None:
        """End a stretch whose hands have gone: the steady clock is behind, and would tell it late."""
        seen = np.isfinite(arms.hands[:, 0, 0]) | np.isfinite(arms.wrists[:, 0])
        self._last_seen[seen] = arms.start
        if self._begun is None:
            return
        gone = arms.start - self._last_seen >= GAP
        leaving = gone & ~self._resting
        if leaving.any() and (gone | self._resting).all():
            self._end(int(self._last_seen[leaving].max()), np.full((2, 2), np.nan))

    def _stop(self) -> None:
        if self._before is None:
            return
        for motion in self._motions.finish():
            self._step(motion)
        if self._begun is None:
            return
        if self._resting_since is not None:
            self._end(self._resting_since, np.full((2, 2), np.nan))
        else:
            self._end(self._before + self._spacing, np.full((2, 2), np.nan), cut=True)

    def _tell_parts(self) -> None:
        for time, held in self._cuts:
            self._tell_cut(time, held=held)
        self._cuts = []

    def _tell_cut(self, time: int, *, held: bool) -> None:
        # a stretch that begins in the film begins with a movement, as slow as it may be
        stirring = held and self._part_begun == self._begun and not self._cut_start
        if time - self._part_begun >= APART and not stirring:
            self._tell_part(time, held=held)

    def _tell_part(self, end: int, *, held: bool, cut: bool = False) -> None:
        if self._options.parts and end > self._part_begun:
            cut_start = self._cut_start and self._part_begun == self._begun
            span = Span(self._part_begun, end)
            self._told.append(Signing(span, cut_start, cut, part=True, held=held))
        self._part_begun = max(self._part_begun, end)

    def _end(self, end: int, places: Numbers, *, cut: bool = False) -> None:
        began = self._part_begun if self._begun is None else self._begun
        if end - began >= self._options.shortest or self._part_begun > began:
            for time, held in self._cuts:
                if time < end:
                    self._tell_cut(time, held=held)
            end = max(end, self._part_begun)
            self._tell_part(end, held=self._finder.held and self._part_begun < end, cut=cut)
            if self._options.stretches:
                self._told.append(Signing(Span(began, end), self._cut_start, cut))
        self._rest(places.copy())


def segment(clip: PoseClip, options: SegmentOptions = SegmentOptions()) -> Track[Signing]:
    """The signing in a whole clip; a part comes behind the stretch that it begins.

    Raises `ValueError` where the clip has neither hands nor a body.
    """
    segmenter = Segmenter(clip.skeleton, options)
    found = [signing for index in range(len(clip)) for signing in segmenter.push(clip[index])]
    return Track.of((*found, *segmenter.finish()))
