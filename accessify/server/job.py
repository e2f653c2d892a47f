"""One job: what it is, how far it is, and how long it still takes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from accessify.core.progress import Progress
from accessify.server.rooms import Room

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
_LOOKED_BACK = 60.0
"""Seconds of progress from which the time that is left is estimated."""
_TOO_SOON = 2.0
"""Seconds after which it can be."""
_PREPARING = ("fetch", "convert", "export")
"""First words of stages that only the first job of a machine has."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known of a job before it begins."""

    size: float | None = None
    """How much there is to do, in a unit of its kind, e.g. seconds of film; None where nobody knows."""
    alike: str = ""
    """Jobs of a kind that have this in common take as long for as much, e.g. the model that listens."""
    last: str = ""
    """The stage at whose end it is done."""
    over: Callable[[], None] | None = None
    """Called once when it is over, whatever came of it and even where it never began."""


UNKNOWN = Terms()


class Job:
    """Work for one room, and what its pages are told of it."""

    def __init__(self, name: str, room: Room, lane: str, kind: str, terms: Terms) -> None:
        self.id, self.room, self.lane, self.kind, self.terms = name, room, lane, kind, terms
        self.work: Callable[..., dict[str, Any]] = _nothing
        self.status = QUEUED
        self.turn = 0
        """In which round of its lane it comes."""
        self.ahead: int | None = None
        """Jobs that are done before it."""
        self.wait: float | None = None
        """Seconds until its turn comes, about; None where that is unknown."""
        self.is_put_off = False
        """Whether it makes way for others."""
        self.is_begun_anew = False
        """Whether it had begun before, and made way."""
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
        self._began = self._stage_began = self._prepared = 0.0
        self._result: dict[str, Any] | None = None
        self._problem: dict[str, Any] | None = None
        self._holding = ExitStack()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    @property
    def worked(self) -> float:
        """The same without what only the first job of a machine has to prepare."""
        now = time.monotonic() - self._stage_began if self.is_preparing else 0.0
        return self.seconds - self._prepared - now

    @property
    def is_preparing(self) -> bool:
        """Whether it fetches or converts a model just now."""
        return self.stage.partition(" ")[0] in _PREPARING

    def hold(self) -> None:
        """Keep its room from being swept until it is over."""
        if self.terms.over:
            self._holding.callback(self.terms.over)
        self._holding.enter_context(self.room.in_use())

    def begin(self) -> None:
        """Its turn has come."""
        self.status, self.ahead, self.wait, self._prepared = RUNNING, 0, None, 0.0
        self._began = self._stage_began = time.monotonic()
        self.tell()

    def wait_again(self) -> None:
        """It makes way, and begins anew when its turn comes."""
        self.status, self.ahead, self.is_put_off, self.is_begun_anew = QUEUED, None, False, True
        self.stage, self._done, self._total = "", 0.0, None
        self.cues = []
        self._steps.clear()

    def advance(self, progress: Progress, now: float) -> None:
        """Note how far it is."""
        if progress.stage != self.stage:
            self._prepared += now - self._stage_began if self.is_preparing else 0.0
            self._stage_began = now
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
        self.wait = None
        self.cues = []
        self.work = _nothing  # lets go of what the work held
        with suppress(OSError):  # what cannot be removed goes with the room
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
            "wait": self.wait,
            "stage": self.stage,
            "done": self._done,
            "total": self._total,
            "unit": self._unit,
            "left": self.left(),
            "problem": self._problem,
            "result": self._result,
        }

    def left(self) -> float | None:
        """Seconds that the stage still takes, at its pace of the last minute; None where that is unknown."""
        if self.status != RUNNING or self._total is None or len(self._steps) < 2:
            return None
        (first, before), (last, done) = self._steps[0], self._steps[-1]
        if last - first < _TOO_SOON or done <= before:
            return None
        return round((self._total - done) * (last - first) / (done - before), 1)


def _nothing(*_: object) -> dict[str, Any]:
    return {}
