"""Live pictures: cameras of this machine and streams, never later than they are looked at.

A thread takes pictures as they come and keeps only the newest, so that a slow consumer falls behind
in number, never in time. Ticks are the machine's monotonic clock from the first picture on, not the
stream's timestamps: many servers make those up. Who sends pictures to us (`media.pushed`) has a clock of its
own that can be trusted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MediaError
from accessify.core.timeline import TICKS_PER_SECOND, Note, Rate, Span, nearest_standard, seconds, to_seconds
from accessify.core.video import Frame
from accessify.media.decode import clock_text

PATIENCE = seconds(10)
"""A source that gives no picture for so long is lost; cameras that wake up take up to five seconds."""
_HEARTBEAT = 0.25
"""Seconds after which a wait looks up: on Windows a longer one would hold up Ctrl-C."""
_GRACE = 0.5
"""Seconds that closing waits for the thread; one stuck in a dead connection lets go by itself."""


class LostError(Exception):
    """A live source has no further pictures; the text says why."""


class LiveSource(Protocol):
    """Where live pictures come from; used by one thread at a time."""

    name: str
    """For people, e.g. `camera 0`."""
    rate: Rate
    """What the source says; pictures may come at another."""
    damaged: int
    """How many pictures could not be decoded so far, since the first that could."""

    def read(self) -> Any:
        """Wait for the next picture, in the source's own form; raises `LostError`."""
        ...

    def picture(self, raw: Any) -> NDArray[np.uint8]:
        """What `read` gave as RGB [height, width, 3], always of the same size."""
        ...

    def close(self) -> None: ...


class LiveReader:
    """The newest picture each time one is asked for; read once. A context manager.

    Waits for the first picture when it is made and raises `MediaError` where none comes. Never waits
    longer than its patience: a source that stops ends the iteration with a note `camera-lost`.
    """

    live = True
    expected: int | None = None
    """Nobody knows how many there will be."""
    duration = 0
    """Nor for how long."""
    variable = True
    """Pictures come when they come."""

    def __init__(
        self, source: LiveSource, patience: int = PATIENCE, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        """`patience`: ticks to wait for a picture. Where this raises, the source is closed.

        `clock` tells in nanoseconds when the picture was taken that was read last.
        """
        self._source, self._patience, self._clock = source, patience, clock
        self._slot = _Slot()
        self._closing = Event()
        self._last = -1
        self._given = self._passed = 0
        self._lost: Note | None = None
        self._thread = Thread(target=self._take, name=source.name, daemon=True)
        self._thread.start()
        try:
            raw, self.began = self._wait()
            self._first: Frame | None = self._frame(raw, self.began)
        except BaseException:
            self.close()
            raise
        self.size: tuple[int, int] = self._first.size
        """Width and height of every picture."""

    began: int
    """Nanoseconds of the clock at tick 0; final once a picture was given."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the camera."""
        self._closing.set()
        self._thread.join(_GRACE)

    def __iter__(self) -> Iterator[Frame]:
        if self._first is not None:
            first, self._first = self._first, None
            yield self._begin() or first
        while not self._closing.is_set():
            item = self._slot.take(self._patience)
            if item is None:
                self._lose()
                return
            yield self._frame(*item)

    @property
    def rate(self) -> Rate:
        """Pictures a second given so far, on average; until there are two, what the source says."""
        if self._given < 2:
            return self._source.rate
        fps = Fraction((self._given - 1) * TICKS_PER_SECOND, self._last)
        return Rate(nearest_standard(fps.limit_denominator(1001)))

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was not seen so far (`dropped`, `damaged`, `camera-lost`)."""
        whole = Span(0, max(0, self._last))
        notes = []
        if self._slot.dropped:
            text = f"{self._slot.dropped} pictures came faster than they were looked at and were passed over"
            notes.append(Note(whole, "dropped", text))
        if damaged := self._source.damaged - self._passed:
            text = f"{damaged} pictures arrived damaged and were passed over"
            notes.append(Note(whole, "damaged", text))
        return (*notes, self._lost) if self._lost else tuple(notes)

    def _wait(self) -> tuple[Any, int]:
        """The first picture; raises `MediaError` where none comes."""
        first = self._slot.take(self._patience)
        if first is None:
            reason = self._slot.reason or f"no picture came within {to_seconds(self._patience):g} s"
            name = self._source.name
            raise MediaError(f"{name}: {reason}; check that it is on and not covered", path=name)
        return first

    def _frame(self, raw: Any, nanoseconds: int) -> Frame:
        ticks = (nanoseconds - self.began) * TICKS_PER_SECOND // 1_000_000_000
        frame = Frame(self._source.picture(raw), max(ticks, self._last + 1))
        self._last = frame.start
        self._given += 1
        return frame

    def _begin(self) -> Frame | None:
        """The newest picture, if it is not the first: between the two, nobody was ready to look."""
        item = self._slot.restart()
        self._passed = self._source.damaged
        if item is None:
            return None
        self.began, self._last, self._given = item[1], -1, 0
        return self._frame(*item)

    def _lose(self) -> None:
        reason = self._slot.reason or f"no picture came for {to_seconds(self._patience):g} s"
        text = f"{self._source.name} was lost at {clock_text(self._last)}: {reason}"
        self._lost = Note(Span(self._last, self._last), "camera-lost", text)
        self._closing.set()

    def _take(self) -> None:
        """What the thread does."""
        reason = "its reader failed"
        try:
            while not self._closing.is_set():
                self._slot.put(self._source.read(), self._clock())
        except LostError as error:
            reason = str(error)
        finally:
            self._slot.end(reason)  # first: closing may fail, or hang in a driver
            self._source.close()


class _Slot:
    """Hands the newest picture from one thread to another."""

    def __init__(self) -> None:
        self.dropped = 0
        """Pictures that a newer one replaced."""
        self.reason: str | None = None
        """Why no more will come, once that is so."""
        self._changed = Condition()
        self._item: tuple[Any, int] | None = None

    def put(self, raw: Any, nanoseconds: int) -> None:
        with self._changed:
            self.dropped += self._item is not None
            self._item = raw, nanoseconds
            self._changed.notify()

    def restart(self) -> tuple[Any, int] | None:
        """The newest picture not taken yet, if any; those that it replaced do not count."""
        with self._changed:
            self.dropped = 0
            item, self._item = self._item, None
            return item

    def end(self, reason: str) -> None:
        with self._changed:
            self.reason = reason
            self._changed.notify()

    def take(self, patience: int) -> tuple[Any, int] | None:
        """The newest picture not taken yet; None where none comes within `patience` ticks."""
        until = time.monotonic() + to_seconds(patience)
        with self._changed:
            while self._item is None and self.reason is None and time.monotonic() < until:
                self._changed.wait(min(_HEARTBEAT, max(0.0, until - time.monotonic())))
            item, self._item = self._item, None
            return item
