"""Work that must be done in order, on workers that are shared with other work."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
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


def in_parallel(workers: Executor, first: Callable[[], T], second: Callable[[], T]) -> tuple[T, T]:
    """Both results; `first` runs on another worker if one is free by the time `second` is done.

    Never waits for a worker, so it may be called on one.
    """
    promise: Future[T] = workers.submit(first)
    result = second()
    return (first() if promise.cancel() else promise.result()), result
