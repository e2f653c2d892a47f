"""Utterances to words on every core: batches go to worker processes, results come back in order.

Each worker holds its own networks with one thread each: for models this small two processes are
twice as fast as two threads.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import resource_tracker
from types import FrameType
from typing import Any, Generic, TypeVar

from accessify.core.cores import count_cores
from accessify.core.errors import AccessifyError
from accessify.core.text import Word
from accessify.core.timeline import Note
from accessify.pipelines.choosing import Chosen
from accessify.speech.align import Aligner, align, unwritten
from accessify.speech.detect import Utterance
from accessify.speech.transcribe import Heard, Recognizer, TranscribeOptions, transcribe

log = logging.getLogger(__name__)

Batch = Sequence[Utterance]
K = TypeVar("K")

_MOST_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Result:
    """The words of one utterance and what could not be heard in it."""

    words: tuple[Word, ...]
    notes: tuple[Note, ...]
    language: str | None = None
    """BCP 47 tag of what was spoken, where the recogniser tells that."""


@dataclass(frozen=True, slots=True)
class Ear:
    """What a worker needs to hear."""

    chosen: Chosen
    options: TranscribeOptions

    def open(self) -> Callable[[Batch], list[Result]]:
        """A function from a batch to its results, with the networks loaded."""
        recognizer, aligner = self.chosen.open(), self.chosen.open_aligner()
        return lambda batch: hear(recognizer, aligner, batch, self.options)


def hear(recognizer: Recognizer, aligner: Aligner, batch: Batch, options: TranscribeOptions) -> list[Result]:
    """The words of each utterance of one batch, with their times."""
    heard = transcribe(recognizer, batch, options)
    return [_placed(aligner, *each) for each in zip(batch, heard, strict=True)]


def _placed(aligner: Aligner, utterance: Utterance, found: Heard) -> Result:
    """The words with their times, and a note where a recogniser that tells times has left speech out."""
    words = align(aligner, utterance, found.words)
    left = unwritten(utterance, words) if words and all(word.span for word in found.words) else []
    text = "somebody speaks here, but no word was written; listen"
    notes = (*found.notes, *(Note(span, "unheard", text) for span in left))
    return Result(tuple(words), notes, found.language)


@dataclass(slots=True)
class _Order(Generic[K]):
    """A batch on its way through the workers."""

    key: K
    item: Batch | list[Result]
    promise: Future[list[Result]]


class Workers:
    """Maps batches to results; `workers` 1 works in this process.

    Where a worker is killed (memory ran out, a network crashed), all are started anew, once.
    """

    def __init__(self, ear: Ear, workers: int) -> None:
        self._ear, self._count = ear, workers
        self._pool: Any = None
        self._restarted = False

    def start(self) -> None:
        """Let all workers load their networks already, while the first sound is read."""
        for _ in range(self._count if self._count > 1 else 0):
            self._submit([])

    def map(self, items: Iterable[tuple[K, Batch | list[Result]]]) -> Iterator[tuple[K, list[Result]]]:
        """Results in the order of `items`; what is a result already passes through.

        A few batches are in flight at a time, so that memory stays bounded.
        """
        waiting: deque[_Order[K]] = deque()
        for key, item in items:
            waiting.append(_Order(key, item, self._start(item)))
            while waiting and (waiting[0].promise.done() or len(waiting) > 4 * self._count):
                yield self._next(waiting)
        while waiting:
            yield self._next(waiting)

    def _next(self, waiting: deque[_Order[K]]) -> tuple[K, list[Result]]:
        """What comes next; all that went down with a killed worker is started again first."""
        try:
            results = waiting[0].promise.result()
        except BrokenProcessPool as error:
            self._restart(error)
            for order in waiting:
                if order.promise.exception() is not None:
                    order.promise = self._start(order.item)
            return self._next(waiting)
        return waiting.popleft().key, results

    def _start(self, item: Batch | list[Result]) -> Future[list[Result]]:
        """Results, or a promise of them."""
        promise: Future[list[Result]] = Future()
        if isinstance(item[0], Result):
            promise.set_result(item)  # type: ignore[arg-type]
        elif self._count == 1:
            promise.set_result(_hear_batch(self._ear, item))  # type: ignore[arg-type]
        else:
            try:
                return self._submit(item)  # type: ignore[arg-type]
            except BrokenProcessPool as error:
                promise.set_exception(error)
        return promise

    def _submit(self, batch: Batch) -> Future[list[Result]]:
        from loky import ProcessPoolExecutor

        if self._pool is None:
            with _ctrl_c_held_back():
                self._pool = ProcessPoolExecutor(self._count, initializer=_serve, initargs=(os.getpid(),))
        with _ctrl_c_held_back():  # processes that are started in here never see it
            promise: Future[list[Result]] = self._pool.submit(_hear_batch, self._ear, batch)
        return promise

    def _restart(self, error: BrokenProcessPool) -> None:
        self.close()
        if self._restarted:
            raise AccessifyError(
                "a process that recognises speech was killed twice, perhaps because memory ran out; "
                "run the same command again with --workers 1"
            ) from error
        log.warning("a process that recognises speech was killed; starting it again")
        self._restarted = True

    def close(self) -> None:
        """Stop the workers, at once."""
        if self._pool is not None:
            with _ctrl_c_held_back():
                self._pool.shutdown(wait=True, kill_workers=True)
            self._pool = None


@contextmanager
def open_workers(ear: Ear, workers: int) -> Iterator[Workers]:
    """Workers that are stopped whatever happens."""
    pool = Workers(ear, workers)
    try:
        yield pool
    finally:
        pool.close()


def worker_count(seconds: float) -> int:
    """Workers worth starting for so much sound: one for each core this process may use, at most eight
    (each takes 300 MB), none under half a minute of sound; one for each core where the length is unknown.
    """
    cores = min(count_cores(), _MOST_WORKERS)
    return max(1, min(cores, int(seconds / 30))) if seconds else cores


@lru_cache(maxsize=2)  # networks of what is asked now; a server is asked this and that
def _opened(ear: Ear) -> Callable[[Batch], list[Result]]:
    """The networks of this process, loaded with its first batch."""
    return ear.open()


def _hear_batch(ear: Ear, batch: Batch) -> list[Result]:
    return _opened(ear)(batch)


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Ctrl-C comes behind this block; processes that are started inside leave it to this one.

    Half-started workers would be known to nobody who stops them. Blocking the signal is for the new
    processes, which inherit that; here it may still arrive by way of another thread.
    """
    held: list[tuple[int, FrameType | None]] = []
    before = signal.getsignal(signal.SIGINT)
    is_ours = before is not None and threading.current_thread() is threading.main_thread()
    if is_ours:
        signal.signal(signal.SIGINT, lambda *caught: held.append(caught))
    mask = _block_ctrl_c()
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if is_ours:
            signal.signal(signal.SIGINT, before)
    if held and callable(before):
        before(*held[0])


def _block_ctrl_c() -> set[signal.Signals | int] | None:
    """Block it for this thread and what it starts; what was blocked before, None where that is unknown."""
    if not hasattr(signal, "pthread_sigmask"):
        return None
    resource_tracker.ensure_running()  # loky starts it, and starting it unblocks Ctrl-C
    return signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _serve(parent: int) -> None:
    """Make this process a worker of `parent`: it leaves Ctrl-C to it and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """Nobody stops the workers of a process that was killed: they must see for themselves."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
