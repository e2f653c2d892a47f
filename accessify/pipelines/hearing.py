"""Utterances to words on every core: batches go to worker processes, results come back in order.

Each worker holds its own networks with one thread each: for models this small two processes are
twice as fast as two threads.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from accessify.core.text import Word
from accessify.core.timeline import Note
from accessify.engines.registry import Engine, open_aligner, open_recognizer
from accessify.speech.align import Aligner, align
from accessify.speech.detect import Utterance
from accessify.speech.transcribe import Recognizer, TranscribeOptions, transcribe

Batch = Sequence[Utterance]
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Result:
    """The words of one utterance and what could not be heard in it."""

    words: tuple[Word, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Ear:
    """What a worker needs to hear."""

    engine: Engine
    files: tuple[tuple[str, Path], ...]
    """The model's files, name and path."""
    options: TranscribeOptions

    def open(self) -> Callable[[Batch], list[Result]]:
        """A function from a batch to its results, with the networks loaded."""
        recognizer, aligner = open_recognizer(self.engine, dict(self.files)), open_aligner(self.engine)
        return lambda batch: hear(recognizer, aligner, batch, self.options)


def hear(recognizer: Recognizer, aligner: Aligner, batch: Batch, options: TranscribeOptions) -> list[Result]:
    """The words of each utterance of one batch, with their times."""
    heard = transcribe(recognizer, batch, options)
    return [
        Result(tuple(align(aligner, utterance, found.words)), found.notes)
        for utterance, found in zip(batch, heard, strict=True)
    ]


class Workers:
    """Maps batches to results; `workers` 1 works in this process."""

    def __init__(self, ear: Ear, workers: int) -> None:
        self._ear, self._count = ear, workers
        self._pool: Any = None

    def map(self, items: Iterable[tuple[K, Batch | list[Result]]]) -> Iterator[tuple[K, list[Result]]]:
        """Results in the order of `items`; what is a result already passes through.

        A few batches are in flight at a time, so that memory stays bounded.
        """
        waiting: deque[tuple[K, Any]] = deque()
        for key, item in items:
            waiting.append((key, self._start(item)))
            while len(waiting) > 4 * self._count:
                yield _arrived(*waiting.popleft())
        while waiting:
            yield _arrived(*waiting.popleft())

    def _start(self, item: Batch | list[Result]) -> Any:
        """Results, or a promise of them."""
        if isinstance(item[0], Result):
            return item
        if self._count == 1:
            return _hear_batch(self._ear, item)  # type: ignore[arg-type]
        if self._pool is None:
            from loky import ProcessPoolExecutor

            self._pool = ProcessPoolExecutor(self._count, initializer=_leave_ctrl_c_to_the_parent)
        return self._pool.submit(_hear_batch, self._ear, item)

    def close(self) -> None:
        """Stop the workers, at once."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)


@contextmanager
def open_workers(ear: Ear, workers: int) -> Iterator[Workers]:
    """Workers that are stopped whatever happens."""
    pool = Workers(ear, workers)
    try:
        yield pool
    finally:
        pool.close()


def worker_count(seconds: float) -> int:
    """Workers worth starting for so much sound: one for each core, none under half a minute each."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, int(seconds / 30)))


def _arrived(key: K, item: Any) -> tuple[K, list[Result]]:
    return key, item.result() if hasattr(item, "result") else item


@cache
def _opened(ear: Ear) -> Callable[[Batch], list[Result]]:
    """The networks of this process, loaded with its first batch."""
    return ear.open()


def _hear_batch(ear: Ear, batch: Batch) -> list[Result]:
    return _opened(ear)(batch)


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
