"""Work that must be done in order, on workers that are shared with other work."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, wait
from typing import TypeVar

T = TypeVar("T")


class Strand:
    """Runs one job after another on `workers`, never two at a time, and blocks no worker by waiting."""

    def __init__(self, workers: Executor) -> None:
        self._workers = workers
        self._waiting: deque[Callable[[], None]] = deque()
        self._busy = False
        self._lock = threading.Lock()

    def submit(self, job: Callable[[], None]) -> None:
        """Do `job` behind what was submitted before; what it raises is lost."""
        with self._lock:
            self._waiting.append(job)
            if self._busy:
                return
            self._busy = True
        self._workers.submit(self._next)

    def _next(self) -> None:
        with self._lock:
            job = self._waiting.popleft()
        try:
            job()
        finally:
            with self._lock:
                self._busy = more = bool(self._waiting)
            if more:
                self._workers.submit(self._next)  # behind others' work, so that none starves


def in_parallel(workers: Executor, jobs: Sequence[Callable[[], T]]) -> list[T]:
    """The results of all `jobs`, in order; those that no worker has begun by the time the last one is
    done here are done here as well.

    Never waits for a worker to become free, so it may be called on one. When a job raises, so does this,
    and none is still at work.
    """
    if not jobs:
        return []
    promises = [workers.submit(job) for job in jobs[:-1]]
    try:
        last = jobs[-1]()
        results = [
            job() if promise.cancel() else promise.result()
            for job, promise in zip(jobs[:-1], promises, strict=True)
        ]
    finally:
        wait([promise for promise in promises if not promise.cancel()])
    return [*results, last]


def result_of(promise: Future[T], job: Callable[[], T]) -> T:
    """What `promise`, which is of `job`, gives; done here where no worker has begun it."""
    return job() if promise.cancel() else promise.result()
