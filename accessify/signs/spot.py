"""Enrolled signs in signing that goes on: which neighbouring movements and holds are which sign.

The segmenter tells movements and holds; each run of a few of them that lasts about as long as an enrolled
sign is compared with the book, and the runs that fit best and do not overlap are the signs. What is left
over between them was signed too: it is told as unknown, except ways from sign to sign or to rest, and holds
of signs that are known, which are no signs.

Live, a sign is nearly always told within 0.4 s of film behind its end, and never changed. It is waited for
while what the hands go on to do is more like it; and a movement out of rest or from another sign that is not
much like a sign may be the way to one, and waits for the next. An unknown sign is told when its parts can no
longer belong to a known one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from accessify.core.pose import PoseClip, PoseFrame, Skeleton
from accessify.core.sign import Candidate, Sign, Signing
from accessify.core.timeline import Rate, Span, millis, seconds, to_seconds
from accessify.signs.clip import DOMINANT
from accessify.signs.cover import Between, Window, best_cover, echoes, strangers, without_echoes
from accessify.signs.match import Match
from accessify.signs.normalize import Hand, normalize
from accessify.signs.samples import sample, stack
from accessify.signs.segment import Segmenter, SegmentOptions
from accessify.signs.vocabulary import Vocabulary

LATEST = millis(340)
"""Ticks behind its end by which a sign is told while it is filmed: 0.4 s, less what its end is known to."""
MOST_PARTS = 6
"""Movements and holds that one sign has at most."""
KEPT = seconds(20)
"""Of pictures, from which the measures of the body and the leading hand are taken."""
HOLD = millis(400)
"""Longer holds count as this long."""
WAY = 5.0
"""Times `Cohort.spread` within the threshold up to which a movement may be a way that is like a sign."""
PLAINLY = 1.0
"""Times `Cohort.spread` that a sign must be nearer with what follows, so that it is waited for."""
UNKNOWN = seconds(2)
"""Unknown signing is told in pieces of about this length."""

_UNUSED = Rate(Fraction(25)), (1, 1)  # rate and size of a clip of pixels say nothing about a sign


@dataclass(frozen=True, slots=True)
class SpotOptions:
    """How signs are looked for."""

    dominant: Hand = "auto"
    """Which hand leads, as the signer would say it."""
    mirrored: bool = False
    """Whether the pictures are a selfie's."""
    live: bool = False
    """Tell each sign as soon as it must be, not once the signing around it is known."""


class SignSpotter:
    """Finds enrolled signs in poses that come one after another."""

    def __init__(
        self, skeleton: Skeleton, vocabulary: Vocabulary, options: SpotOptions = SpotOptions()
    ) -> None:
        """Raises `ValueError` where `skeleton` has no hands."""
        self._skeleton, self._vocabulary, self._options = skeleton, vocabulary, options
        self._segmenter = Segmenter(skeleton, SegmentOptions(parts=True))
        self._poses: deque[PoseFrame] = deque()
        self._restart()

    def push(self, pose: PoseFrame) -> list[Sign]:
        """Signs that are sure with the next picture, in order of time."""
        spacing = pose.start - self._poses[-1].start if self._poses else 0
        self._poses.append(pose)
        while pose.start - self._poses[0].start > KEPT:
            self._poses.popleft()
        told = self._take(self._segmenter.push(pose))
        if self._options.live:
            told += self._settle(pose.start + spacing - LATEST)
        return told

    def finish(self) -> list[Sign]:
        """Signs that were open at the end of the pictures; the next picture begins a new film."""
        told = self._take(self._segmenter.finish())
        self._poses.clear()
        return told

    def _restart(self) -> None:
        """No sign is open."""
        self._parts: list[Signing] = []
        self._windows: list[Window] = []
        self._first = 0  # number of the first part of `_parts` within the stretch
        self._between = Between()
        self._told_any = False
        self._last: Window | None = None  # the last sign or echo of one
        self._last_told = False

    def _take(self, found: Sequence[Signing]) -> list[Sign]:
        told: list[Sign] = []
        for signing in found:
            if signing.part:
                self._parts.append(signing)
                self._windows += self._compared(self._parts)
            else:
                told += self._close(signing)
        return told

    def _compared(self, parts: Sequence[Signing]) -> list[Window]:
        """The windows that end with the last of `parts`, and what of the book they are like."""
        if not len(self._vocabulary):
            return []
        runs = [parts[first:] for first in range(max(0, len(parts) - MOST_PARTS), len(parts))]
        clip = normalize(
            replace(PoseClip.of(self._poses, self._skeleton, *_UNUSED), mirrored=self._options.mirrored),
            self._options.dominant,
        )
        samples, fitting = [], []
        for run in runs:
            span = run[0].span | run[-1].span
            inside = (clip.times >= span.start) & (clip.times < span.end)
            if self._fits_any(_lasting(run)) and clip.seen[inside, DOMINANT].any():
                samples.append(sample(clip, span))
                fitting.append(run)
        codes = self._vocabulary.encoder(stack(samples))
        return [
            self._window(run, len(parts), self._vocabulary.matcher.match(codes[slice(row, row + 1)]))
            for row, run in enumerate(fitting)
        ]

    def _window(self, run: Sequence[Signing], behind: int, match: Match) -> Window:
        likely = self._vocabulary.weighed(match.candidates, _lasting(run))
        gain = 0.0
        if likely:
            lengths = self._vocabulary.lengths[likely[0].name]
            margin = self._vocabulary.threshold - likely[0].distance
            # as long as the sign is, so that one long sign is worth more than a short one within it
            gain = margin * to_seconds((lengths.start + lengths.end) // 2)
        behind += self._first
        return Window(behind - len(run), behind, run[0].span | run[-1].span, likely, gain)

    def _fits_any(self, lasting: int) -> bool:
        return any(self._vocabulary.fits(name, lasting) for name in self._vocabulary.lengths)

    def _settle(self, deadline: int) -> list[Sign]:
        """Tell what ended before `deadline`, and what nothing to come can change."""
        told: list[Sign] = []
        while self._parts:
            cover = without_echoes(self._cover())
            if cover and cover[0].span.end <= deadline:
                if self._may_be_way(cover[0]) or self._goes_on(cover[0]):
                    break
                told += self._tell(cover[0])
                continue
            free = (cover[0].first if cover else self._first + len(self._parts)) - self._first
            old = min(free, len(self._parts) - MOST_PARTS)
            run = self._parts[: max(old, 0)]
            if not run or run[-1].span.end - run[0].span.start < UNKNOWN:
                break
            told += self._unknown(run, replace(self._between, goes_on_behind=True))
            self._drop(len(run), Between(goes_on_before=True))
        return told

    def _may_be_way(self, window: Window) -> bool:
        """Whether it is the newest movement, out of rest or from a sign, and not much like a sign."""
        part = self._parts[window.first - self._first]
        newest = window.behind == self._first + len(self._parts)
        alone = window.first == self._first == window.behind - 1
        inside = part.held or part.cut_start or self._between.goes_on_before
        margin = self._vocabulary.threshold - window.candidates[0].distance
        return newest and alone and not inside and margin < WAY * self._vocabulary.spread

    def _goes_on(self, window: Window) -> bool:
        """Whether with what the hands do right now it is plainly more like the same sign."""
        since, now = self._parts[-1].span.end, self._poses[-1].start
        if now <= since or window.behind < self._first + len(self._parts):
            return False
        better = window.candidates[0].distance - PLAINLY * self._vocabulary.spread
        return any(
            one.candidates[0].name == window.candidates[0].name and one.candidates[0].distance < better
            for one in self._compared([*self._parts, Signing(Span(since, now), part=True)])
            if one.candidates and one.first < window.behind
        )

    def _cover(self) -> list[Window]:
        """The signs among the parts that are open, without echoes of what was told already."""
        cover = best_cover(self._windows, self._first, self._first + len(self._parts))
        while cover and self._last and echoes(cover[0], self._last):
            if not self._last_told and cover[0].gain > self._last.gain:
                break
            self._last, self._last_told = cover.pop(0), False
            self._drop(self._last.behind - self._first, self._between)
        return cover

    def _close(self, stretch: Signing) -> list[Sign]:
        """The signing has come to rest."""
        told: list[Sign] = []
        for window in without_echoes(self._cover()):
            told += self._tell(window)
        told += self._unknown(self._parts, self._between)
        if not told and not self._told_any:
            told = [Sign(stretch.span, self._guess(stretch.span), known=False)]
        self._restart()
        return told

    def _tell(self, window: Window) -> list[Sign]:
        """A known sign, and before it what was unknown."""
        before = replace(self._between, before_sign=True)
        told = self._unknown(self._parts[: window.first - self._first], before)
        told.append(Sign(window.span, window.candidates, known=True))
        self._drop(window.behind - self._first, Between(after_sign=True))
        self._last, self._last_told = window, True
        self._told_any = True
        return told

    def _unknown(self, run: Sequence[Signing], between: Between) -> list[Sign]:
        parts = strangers(run, between)
        if not parts:
            return []
        self._told_any = True
        span = parts[0].span | parts[-1].span
        return [Sign(span, self._guess(span), known=False)]

    def _guess(self, span: Span) -> tuple[Candidate, ...]:
        """What the window within `span` that is likest to an enrolled sign is like."""
        inside = [one for one in self._windows if one.candidates and one.span & span == one.span]
        return max(inside, key=lambda one: one.gain).candidates if inside else ()

    def _drop(self, count: int, between: Between) -> None:
        """The first `count` parts are told."""
        self._parts = self._parts[count:]
        self._first += count
        self._windows = [one for one in self._windows if one.first >= self._first]
        self._between = between


def _lasting(run: Sequence[Signing]) -> int:
    """Ticks that count of `run`: how long a hold is kept up says little about the sign."""
    return sum(min(part.span.duration, HOLD) if part.held else part.span.duration for part in run)
