"""How long a job waits: what runs before it tells its pace, what waits before it took as long for others."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from statistics import median

from accessify.server.job import RUNNING, Job

_REMEMBERED = 5
"""Newest jobs of a kind whose pace counts."""
_COARSE = ((60.0, 5.0), (1800.0, 30.0), (math.inf, 300.0))
"""Up to how many seconds a wait is told in which steps."""


class Paces:
    """How long jobs took for how much. What was never measured is unknown, and stays so."""

    def __init__(self) -> None:
        self._measured: dict[tuple[str, str], deque[float]] = {}

    def note(self, job: Job) -> None:
        """A job was done from its beginning to its end."""
        if job.terms.size and not job.is_begun_anew:
            paces = self._measured.setdefault((job.kind, job.terms.alike), deque(maxlen=_REMEMBERED))
            paces.append(job.worked / job.terms.size)

    def waits(self, running: Sequence[Job], queue: Sequence[Job]) -> list[float | None]:
        """Seconds until each job of `queue` begins; None from the first on for which that is unknown."""
        found: list[float | None] = []
        wait: float | None = 0.0
        for job in (*running, *queue):
            if job.status != RUNNING:
                found.append(_coarse(wait))
            left = self._left(job)
            wait = None if wait is None or left is None else wait + left
        return found

    def _left(self, job: Job) -> float | None:
        """Seconds that a job takes, or still takes."""
        whole = self._whole(job)
        if job.status != RUNNING:
            return whole
        left = job.left()
        if left is not None and job.stage == job.terms.last:
            return max(left, 0.0)
        rest = None if whole is None else whole - job.worked
        if rest is None or rest <= 0:
            return None  # it takes longer than others did: nobody knows how long
        if job.is_preparing:
            return None if left is None else left + rest
        return max(rest, left or 0.0)

    def _whole(self, job: Job) -> float | None:
        paces = self._measured.get((job.kind, job.terms.alike))
        return median(paces) * job.terms.size if paces and job.terms.size is not None else None


def _coarse(wait: float | None) -> float | None:
    """Rounded up, so that pages are told of few changes."""
    if wait is None:
        return None
    step = next(step for most, step in _COARSE if wait < most)
    return math.ceil(wait / step) * step
