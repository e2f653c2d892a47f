"""Enrolled signs in signing that goes on: which neighbouring movements and holds are which sign.

The segmenter tells movements and holds; each run of a few of them that lasts about as long as an enrolled
sign is compared with the book, and the runs that fit best and do not overlap are the signs. What is left
over between them was signed too: it is told as unknown, except ways from sign to sign or to rest, and holds
of signs that are known, which are no signs.

Live, a sign is told at most 0.4 s of film behind its end and never changed afterwards. An unknown one is
told when its parts can no longer belong to a known one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from accessify.core.pose import PoseClip, PoseFrame, Skeleton
from accessify.core.sign import Candidate, Sign, Signing
from accessify.core.timeline import Rate, Span, millis, seconds, to_seconds
from accessify.signs.cover import Between, Window, best_cover, strangers
from accessify.signs.normalize import Hand, normalize
from accessify.signs.samples import sample, stack
from accessify.signs.segment import Segmenter, SegmentOptions
from accessify.signs.vocabulary import Vocabulary

LATEST = millis(400)
"""Ticks behind its end by which a sign is told while it is filmed."""
MOST_PARTS = 6
"""Movements and holds that one sign has at most."""
KEPT = seconds(20)
"""Of pictures, from which the measures of the body and the leading hand are taken."""
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

    def _take(self, found: Sequence[Signing]) -> list[Sign]:
        told: list[Sign] = []
        for signing in found:
            if signing.part:
                self._parts.append(signing)
                self._windows += self._compared()
            else:
                told += self._close(signing)
        return told

    def _compared(self) -> list[Window]:
        """The windows that end with the newest part, and what of the book they are like."""
        if not len(self._vocabulary):
            return []
        last = len(self._parts) - 1
        spans = [
            (first, self._parts[first].span | self._parts[last].span)
            for first in range(max(0, last - MOST_PARTS + 1), last + 1)
        ]
        clip = normalize(
            replace(PoseClip.of(self._poses, self._skeleton, *_UNUSED), mirrored=self._options.mirrored),
            self._options.dominant,
        )
        samples, windows = [], []
        for first, span in spans:
            inside = (clip.times >= span.start) & (clip.times < span.end)
            if self._fits_any(span) and clip.seen[inside, 0].any():
                samples.append(sample(clip, span))
                windows.append((first, span))
        codes = self._vocabulary.encoder(stack(samples))
        return [
            self._window(first, span, self._vocabulary.matcher.match(codes[slice(row, row + 1)]).candidates)
            for row, (first, span) in enumerate(windows)
        ]

    def _window(self, first: int, span: Span, candidates: tuple[Candidate, ...]) -> Window:
        fitting = self._vocabulary.weighed(candidates, span.duration)
        gain = 0.0
        if fitting:
            lengths = self._vocabulary.lengths[fitting[0].name]
            margin = self._vocabulary.threshold - fitting[0].distance
            # as long as the sign is, so that one long sign is worth more than a short one within it
            gain = margin * to_seconds((lengths.start + lengths.end) // 2)
        return Window(self._first + first, self._first + len(self._parts), span, fitting, gain)

    def _fits_any(self, span: Span) -> bool:
        return any(self._vocabulary.fits(name, span.duration) for name in self._vocabulary.lengths)

    def _settle(self, deadline: int) -> list[Sign]:
        """Tell what ended before `deadline`, and what nothing to come can change."""
        told: list[Sign] = []
        while self._parts:
            cover = best_cover(self._windows, self._first, self._first + len(self._parts))
            if cover and cover[0].span.end <= deadline:
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

    def _close(self, stretch: Signing) -> list[Sign]:
        """The signing has come to rest."""
        told: list[Sign] = []
        for window in best_cover(self._windows, self._first, self._first + len(self._parts)):
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
