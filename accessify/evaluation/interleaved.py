"""Ways to do the same, timed side by side: what slows the machine down slows all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LEAST = 7
"""Rounds that are made where nobody says how many."""


@dataclass(frozen=True, slots=True)
class Timed:
    """What one way took."""

    seconds: tuple[float, ...]
    """One round after another."""

    @property
    def median(self) -> float:
        """Seconds of the median round."""
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        """Seconds of the fastest round."""
        return min(self.seconds)


@dataclass(frozen=True, slots=True)
class Gain:
    """How much faster one way is than another, round by round."""

    ratio: float
    """Median of the rounds' seconds before / seconds after: above 1 is faster."""
    sure: bool
    """Whether three rounds of four were faster by more than the ratio asked for."""


def interleave(
    ways: Mapping[str, Callable[[], object]], seconds: float, least: int = LEAST
) -> dict[str, Timed]:
    """Time all `ways`, one after the other in each round, for about `seconds`; at least `least` rounds.

    Each is done once before, untimed. Every other round goes through them backwards, so that none always
    follows the same one.
    """
    for way in ways.values():
        way()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    end, rounds = time.perf_counter() + seconds, 0
    while rounds < least or time.perf_counter() < end:
        names = list(ways) if rounds % 2 == 0 else list(ways)[::-1]
        for name in names:
            began = time.perf_counter()
            ways[name]()
            taken[name].append(time.perf_counter() - began)
        rounds += 1
    return {name: Timed(tuple(times)) for name, times in taken.items()}


def gain(before: Timed, after: Timed, asked: float = 1.0) -> Gain:
    """How much faster `after` is than `before`, both of one `interleave`."""
    ratios = [one / other for one, other in zip(before.seconds, after.seconds, strict=True)]
    quarter = statistics.quantiles(ratios, n=4)[0]
    return Gain(statistics.median(ratios), quarter >= asked)
