"""Which windows of signing are signs: those that fit best together, and what is left between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accessify.core.sign import Candidate, Signing
from accessify.core.timeline import Span, millis

SHORTEST = millis(160)
"""What is left over and shorter is no sign."""


@dataclass(frozen=True, slots=True)
class Window:
    """Neighbouring parts that may be one sign."""

    first: int
    """Number of its first part."""
    behind: int
    """Number of the part behind its last."""
    span: Span
    candidates: tuple[Candidate, ...]
    """The likeliest first."""
    gain: float
    """What taking it for its first candidate is worth; below 0 it is not near enough."""


def best_cover(windows: Sequence[Window], start: int, end: int) -> list[Window]:
    """The windows between parts `start` and `end` that do not overlap and together gain most, in order."""
    best = [0.0] * (end - start + 1)
    taken: list[Window | None] = [None] * (end - start + 1)
    ending: dict[int, list[Window]] = {}
    for window in windows:
        if window.gain > 0 and window.candidates and start <= window.first and window.behind <= end:
            ending.setdefault(window.behind - start, []).append(window)
    for place in range(1, end - start + 1):
        best[place] = best[place - 1]
        for window in ending.get(place, ()):
            total = best[window.first - start] + window.gain
            if total > best[place]:
                best[place], taken[place] = total, window
    cover, place = [], end - start
    while place > 0:
        chosen = taken[place]
        if chosen is None:
            place -= 1
        else:
            cover.append(chosen)
            place = chosen.first - start
    return cover[::-1]


def echoes(window: Window, other: Window) -> bool:
    """Whether one follows the other at once and is like the same sign: one of them is a way or a hold of it.

    Between a sign and the same sign again there is a way.
    """
    touching = window.first == other.behind or other.first == window.behind
    return touching and window.candidates[0].name == other.candidates[0].name


def without_echoes(cover: Sequence[Window]) -> list[Window]:
    """The windows of a cover that gain more than the windows next to them that are like the same sign."""
    return [
        window
        for place, window in enumerate(cover)
        if not any(
            echoes(window, beside) and beside.gain >= window.gain
            for beside in (*cover[max(place - 1, 0) : place], *cover[place + 1 : place + 2])
        )
    ]


@dataclass(frozen=True, slots=True)
class Between:
    """What is on either side of a run of parts that are no known sign."""

    after_sign: bool = False
    before_sign: bool = False
    goes_on_before: bool = False
    """Whether more unknown signing is before it."""
    goes_on_behind: bool = False


def strangers(run: Sequence[Signing], between: Between) -> Sequence[Signing]:
    """The parts of `run` that are unknown signing, without ways and holds that belong to what is around."""
    parts = list(run)
    if not between.goes_on_before:
        _strip(parts, 0, hold=between.after_sign)
    if not between.goes_on_behind:
        _strip(parts, -1, hold=between.before_sign)
    lasting = parts[-1].span.end - parts[0].span.start if parts else 0
    return parts if lasting >= SHORTEST else []


def _strip(parts: list[Signing], end: int, *, hold: bool) -> None:
    """Take the way at one end away, and the hold of the sign there."""
    if hold and parts and parts[end].held:
        del parts[end]
    if parts and not (parts[end].held or parts[end].cut_start or parts[end].cut_end):
        del parts[end]
