"""Long work for rooms: a few lanes with one worker each, first come first served, nobody twice in a row.

A job tells the pages of its room how it comes on. Pages may go and come back; only "cancel", the end of the
room or of the application stops it. Where others wait, though, the job of a room whose pages have been away
for long makes way: it waits behind them, and then begins anew.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from accessify.core.progress import Progress
from accessify.server.job import CANCELLED, DONE, FAILED, QUEUED, RUNNING, UNKNOWN, Job, Terms
from accessify.server.problem import problem_of
from accessify.server.refusal import Refused
from accessify.server.rooms import Room
from accessify.server.waiting import Paces

log = logging.getLogger(__name__)

LANES = ("film", "signs", "check")
_TOLD_EVERY = 0.25
"""Seconds between two messages about one job's progress."""
_LEAVE = 10.0
"""Seconds that jobs have to stop when the application does."""
_AWAY = 600.0
"""Seconds after which a room without a page lets others go first."""

Work = Callable[["Report"], dict[str, Any]]
"""What a job does: it is given a `Report` and answers the job's result, JSON."""


class Cancelled(Exception):
    """The job is to stop, or to make way; raised through its work by `Report.progress`."""


class Report:
    """What the work of a job is given to tell how it comes on."""

    def __init__(self, job: Job, jobs: Jobs) -> None:
        self.room = job.room
        self._job, self._jobs = job, jobs
        self._told_at = 0.0

    def progress(self, progress: Progress) -> None:
        """How far it is; an `OnProgress`. Raises what `check` does."""
        self.check()
        job, now = self._job, time.monotonic()
        is_new = progress.stage != job.stage
        job.advance(progress, now)
        if is_new or now - self._told_at >= _TOLD_EVERY:
            self._told_at = now
            job.tell()
            self._jobs.tell_places(job.lane)

    def stage(self, name: str) -> None:
        """A stage whose length nobody knows. Raises what `check` does."""
        self.progress(Progress(name, 0.0, None))

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody stopped it."""
        return self._job.stop.is_set()

    def check(self) -> None:
        """Raise `Cancelled` when the job is to stop, and `Refused` ("too-long") when its time is up."""
        if self._job.stop.is_set() or self._jobs.makes_way(self._job):
            raise Cancelled
        if self._job.seconds > self.room.limits.job_seconds:
            raise Refused("too-long", "this took longer than anything may here; give a shorter film")

    def cues(self, cues: Sequence[dict[str, Any]]) -> None:
        """Captions that have come to those told before: `start`, `end` in seconds, `text`, `confidence`."""
        first = len(self._job.cues)
        self._job.cues.extend(cues)
        self.room.tell({"type": "cues", "kind": self._job.kind, "from": first, "cues": list(cues)})


class Jobs:
    """All jobs of one application."""

    def __init__(self, lanes: Sequence[str] = LANES) -> None:
        self._changed = threading.Condition()
        self._jobs: list[Job] = []
        """In the order in which they came; of each room the newest of a kind."""
        self._turns: dict[tuple[str, str], int] = {}
        """The last turn of a room in a lane."""
        self._turn = dict.fromkeys(lanes, 0)
        """The turn that each lane is at."""
        self._paces = Paces()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, args=(lane,), name=f"accessify-{lane}", daemon=True)
            for lane in lanes
        ]
        self._lanes = frozenset(lanes)
        for thread in self._threads:
            thread.start()

    def submit(self, room: Room, lane: str, kind: str, work: Work, terms: Terms = UNKNOWN) -> Job:
        """Take a job in: it replaces one of its kind and room that still waits.

        `work` may be done twice: where the job makes way, it begins anew. Raises `Refused`: "busy" where one
        of them runs, "restarting" where the application stops.
        """
        if lane not in self._lanes:
            raise ValueError(f"no lane {lane!r}")
        with self._changed:
            if self._closed:
                raise Refused("restarting", "the server stops; try again in a moment")
            for former in self.of(room):
                if former.kind == kind:
                    if former.status == RUNNING:
                        raise Refused(
                            "busy", "this is being done already; wait for it, or cancel it", job=former.id
                        )
                    self._replace(former)
            job = Job(secrets.token_urlsafe(9), room, lane, kind, terms)
            job.work, job.turn = work, self._next_turn(room, lane)
            self._jobs.append(job)
            job.hold()
            self.tell_places(lane)
            self._changed.notify_all()
            return job

    def cancel(self, room: Room, job_id: str) -> None:
        """Stop a job of this room; one that is over, or that nobody knows, stays as it is."""
        for job in self.of(room):
            if job.id == job_id:
                self._cancel(job)

    def of(self, room: Room) -> list[Job]:
        """The jobs of a room, the newest of each kind."""
        with self._changed:
            return [job for job in self._jobs if job.room is room and not job.is_forgotten]

    def forget(self, room: Room) -> None:
        """Stop all jobs of a room that is no more; one that runs is forgotten once it has ended."""
        for job in self.of(room):
            self._cancel(job)
        with self._changed:
            for job in self.of(room):
                job.is_forgotten = True
                if job.status != RUNNING:  # its worker is busy until it has ended
                    self._jobs.remove(job)
            self._turns = {place: turn for place, turn in self._turns.items() if place[0] != room.key}

    def sweep(self, rooms: Callable[[Room], bool]) -> None:
        """Forget the jobs of rooms that are no more, as `rooms` tells."""
        for room in {job.room for job in tuple(self._jobs) if not rooms(job.room)}:
            self.forget(room)

    def close(self) -> None:
        """Stop all jobs, and wait for them a while."""
        with self._changed:
            self._closed = True
            for job in self._jobs:
                self._cancel(job)
            self._changed.notify_all()
        ends = time.monotonic() + _LEAVE
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            log.warning("some jobs did not stop in %.0f s", _LEAVE)

    def tell_places(self, lane: str) -> None:
        """Tell those that wait how many are before them and how long that takes, where it is another."""
        with self._changed:
            running = [job for job in self._jobs if job.lane == lane and job.status == RUNNING]
            queue = self._queue(lane)
            for place, (job, wait) in enumerate(
                zip(queue, self._paces.waits(running, queue), strict=True), len(running)
            ):
                if (job.ahead, job.wait) != (place, wait):
                    job.ahead, job.wait = place, wait
                    job.tell()

    def makes_way(self, job: Job) -> bool:
        """Whether a job is put off: nobody is at its page, and somebody who is at theirs waits."""
        if job.room.away > _AWAY and not job.is_put_off:
            with self._changed:
                job.is_put_off = any(other.room.away <= _AWAY for other in self._queue(job.lane))
        return job.is_put_off

    def _replace(self, former: Job) -> None:
        if former.status == QUEUED:
            former.end(CANCELLED)
        self._jobs.remove(former)

    def _cancel(self, job: Job) -> None:
        with self._changed:
            job.stop.set()
            if job.status == QUEUED:
                job.end(CANCELLED)
                self.tell_places(job.lane)

    def _next_turn(self, room: Room, lane: str) -> int:
        """The turn of a room's next job: one in each round, so that nobody's second is before a first."""
        last = self._turns.get((room.key, lane))
        now = self._turn[lane]
        turn = self._turns[room.key, lane] = now if last is None else max(now, last + 1)
        return turn

    def _queue(self, lane: str) -> list[Job]:
        """Jobs that wait, in the order of their turns; those whose pages are away come last."""
        waiting = (job for job in self._jobs if job.lane == lane and job.status == QUEUED)
        return sorted(waiting, key=lambda job: (job.room.away > _AWAY, job.turn))

    def _serve(self, lane: str) -> None:
        """A worker's life."""
        while (job := self._next(lane)) is not None:
            status, result, problem = self._done(job)
            with self._changed:
                if job.is_put_off and status == CANCELLED and not job.stop.is_set():
                    job.wait_again()
                else:
                    self._end(job, status, result, problem)
                self.tell_places(lane)

    def _end(
        self, job: Job, status: str, result: dict[str, Any] | None, problem: dict[str, Any] | None
    ) -> None:
        if status == DONE:
            self._paces.note(job)
        job.end(status, result, problem)
        if job.is_forgotten:
            self._jobs.remove(job)

    def _next(self, lane: str) -> Job | None:
        with self._changed:
            while not self._closed:
                if waiting := self._queue(lane):
                    self._turn[lane] = max(self._turn[lane], waiting[0].turn)
                    waiting[0].begin()
                    self.tell_places(lane)
                    return waiting[0]
                self._changed.wait()
        return None

    def _done(self, job: Job) -> tuple[str, dict[str, Any] | None, dict[str, Any] | None]:
        """Do a job: how it ended, its result, its problem."""
        try:
            return DONE, job.work(Report(job, self)), None
        except Cancelled:
            return CANCELLED, None, None
        except Exception as error:
            if job.stop.is_set() or job.is_put_off:  # what breaks while it is stopped is nobody's concern
                return CANCELLED, None, None
            problem = problem_of(error, job.room)
            if problem["code"] == "failed":
                log.exception("a job failed: %s", job.kind)
            return FAILED, None, problem
