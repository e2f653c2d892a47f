"""One job: what it is, how far it is, and how long it still takes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from accessify.core.progress import Progress
from accessify.server.rooms import Room

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
_LOOKED_BACK = 60.0
"""Seconds of progress from which the time that is left is estimated."""
_TOO_SOON = 2.0
"""Seconds after which it can be."""


class Job:
    """Work for one room, and what its pages are told of it."""

    def __init__(
        self, name: str, room: Room, lane: str, kind: str, work: Callable[..., dict[str, Any]]
    ) -> None:
        self.id, self.room, self.lane, self.kind, self.work = name, room, lane, kind, work
        self.status = QUEUED
        self.turn = 0
        """In which round of its lane it comes."""
        self.ahead: int | None = None
        """Jobs that are done before it."""
        self.stage = ""
        self.cues: list[dict[str, Any]] = []
        """Captions it has made so far, as pages are told them."""
        self.stop = threading.Event()
        """Set when it is to stop."""
        self.is_forgotten = False
        """Whether nobody asks for it any more: its room is gone."""
        self._done, self._unit = 0.0, "s"
        self._total: float | None = None
        self._steps: deque[tuple[float, float]] = deque()  # moments, and how much was done by then
        self._began = 0.0
        self._result: dict[str, Any] | None = None
        self._problem: dict[str, Any] | None = None
        self._holding = ExitStack()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    def hold(self) -> None:
        """Keep its room from being swept until it is over."""
        self._holding.enter_context(self.room.in_use())

    def begin(self) -> None:
        """Its turn has come."""
        self.status, self.ahead, self._began = RUNNING, 0, time.monotonic()
        self.tell()

    def advance(self, progress: Progress, now: float) -> None:
        """Note how far it is."""
        if progress.stage != self.stage or progress.done < self._done:
            self._steps.clear()
        self.stage, self._done, self._total = progress.stage, progress.done, progress.total
        self._unit = progress.unit
        self._steps.append((now, progress.done))
        while now - self._steps[0][0] > _LOOKED_BACK:
            self._steps.popleft()

    def end(
        self, status: str, result: dict[str, Any] | None = None, problem: dict[str, Any] | None = None
    ) -> None:
        """It is over."""
        self.status, self._result, self._problem, self.ahead = status, result, problem, 0
        self.cues = []
        self.work = _nothing  # lets go of what the work held
        self._holding.close()
        self.tell()

    def tell(self) -> None:
        """Tell the pages of its room."""
        self.room.tell({"type": "job", "job": self.row()})

    def row(self) -> dict[str, Any]:
        """As pages are told it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "status": self.status,
            "ahead": self.ahead or 0,
            "stage": self.stage,
            "done": self._done,
            "total": self._total,
            "unit": self._unit,
            "left": self._left(),
            "problem": self._problem,
            "result": self._result,
        }

    def _left(self) -> float | None:
        """Seconds that the stage still takes, at its pace of the last minute; None where that is unknown."""
        if self.status != RUNNING or self._total is None or len(self._steps) < 2:
            return None
        (first, before), (last, done) = self._steps[0], self._steps[-1]
        if last - first < _TOO_SOON or done <= before:
            return None
        return round((self._total - done) * (last - first) / (done - before), 1)


def _nothing(*_: object) -> dict[str, Any]:
    return {}
