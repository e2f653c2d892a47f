"""One clock for everything: whole ticks, spans, frame rates and tracks of events.

A tick is 1/705 600 000 of a second (the published "flick"): whole for every millisecond, every
90 kHz tick, every 8 to 48 kHz sample and every 24 to 120 fps frame including 24000/1001 and
30000/1001 (https://github.com/facebookarchive/Flicks). Times are plain `int` ticks, built from a
named unit: `seconds()`, `millis()`, `samples()`, `Rate.at()`. Only people and JSON see seconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from types import GenericAlias
from typing import Any, ClassVar, Generic, Protocol, TypeVar, overload

TICKS_PER_SECOND = 705_600_000
TICKS_PER_MILLI = TICKS_PER_SECOND // 1000


def seconds(value: float | Fraction) -> int:
    """Ticks of `value` seconds, rounded to the nearest tick."""
    return round(Fraction(value) * TICKS_PER_SECOND)


def millis(value: int) -> int:
    """Ticks of `value` whole milliseconds, exactly."""
    return value * TICKS_PER_MILLI


def samples(count: int, rate: int) -> int:
    """Ticks of `count` samples at `rate` Hz; exact for every common rate, else rounded up."""
    return -(-count * TICKS_PER_SECOND // rate)


def to_seconds(ticks: int) -> float:
    """Seconds of `ticks`, for people and JSON."""
    return ticks / TICKS_PER_SECOND


def to_millis(ticks: int) -> int:
    """Milliseconds of `ticks`, rounded to the nearest (half up)."""
    return (2 * ticks + TICKS_PER_MILLI) // (2 * TICKS_PER_MILLI)


def to_samples(ticks: int, rate: int) -> int:
    """Index of the sample that covers `ticks` at `rate` Hz (rounded down)."""
    return ticks * rate // TICKS_PER_SECOND


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of time: `start` belongs to it, `end` does not."""

    start: int
    """First tick."""
    end: int
    """First tick after it; never before `start`."""

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span must not end before it starts: {self.start}..{self.end}")

    @property
    def duration(self) -> int:
        """Length in ticks."""
        return self.end - self.start

    def __contains__(self, ticks: int) -> bool:
        return self.start <= ticks < self.end

    def overlaps(self, other: Span) -> bool:
        """Whether both share at least one tick."""
        return max(self.start, other.start) < min(self.end, other.end)

    def __and__(self, other: Span) -> Span | None:
        """The stretch both share, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None

    def __or__(self, other: Span) -> Span:
        """The smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))

    def shift(self, ticks: int) -> Span:
        """The same length, later by `ticks`."""
        return Span(self.start + ticks, self.end + ticks)

    def retime(self, change: Callable[[int], int]) -> Span:
        """From the changed start to the changed end."""
        return Span(change(self.start), change(self.end))


@dataclass(frozen=True, slots=True)
class Rate:
    """A frame rate and how its timecode counts."""

    fps: Fraction
    """Frames per second, exact (24000/1001, never 23.976)."""
    drop: bool = False
    """Drop-frame counting (SMPTE ST 12-1); only 30000/1001 and 60000/1001 have it."""

    def __post_init__(self) -> None:
        if self.fps <= 0:
            raise ValueError(f"a frame rate must be positive, not {self.fps}")
        if self.drop and self.fps not in (Fraction(30000, 1001), Fraction(60000, 1001)):
            raise ValueError(f"drop-frame exists at 29.97 and 59.94 fps only, not at {self.fps}")

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read `24`, `23.976`, `23.98`, `30000/1001`, `29.97df`; decimals near n×1000/1001 mean that.

        >>> Rate.parse("29.97df")
        Rate(fps=Fraction(30000, 1001), drop=True)
        """
        body = text.strip().lower()
        drop = body.endswith("df") and not body.endswith("ndf")
        body = body.removesuffix("ndf").removesuffix("df").removesuffix("fps").strip()
        try:
            fps = Fraction(body)
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"not a frame rate: {text!r}; write 25, 23.976 or 30000/1001") from None
        return cls(nearest_standard(fps), drop)

    @property
    def nominal(self) -> int:
        """Frames counted per timecode second: 24 for 24000/1001."""
        return -(-self.fps.numerator // self.fps.denominator)

    def at(self, index: int) -> int:
        """Tick at which frame `index` starts, rounded up so that `index(at(n)) == n`."""
        return -(-index * TICKS_PER_SECOND * self.fps.denominator // self.fps.numerator)

    def index(self, ticks: int) -> int:
        """The frame on screen at `ticks` (rounded down)."""
        return ticks * self.fps.numerator // (TICKS_PER_SECOND * self.fps.denominator)

    def nearest(self, ticks: int) -> int:
        """The frame whose start is nearest to `ticks`."""
        below = self.index(ticks)
        return below + (self.at(below + 1) - ticks <= ticks - self.at(below))


def nearest_standard(fps: Fraction) -> Fraction:
    """Pull a measured or decimal rate onto n or n×1000/1001 when it is within 0.02 %.

    The two are 0.1 % apart; 0.02 % takes in the usual shorthand 23.98 for 24000/1001.
    """
    whole = round(fps)
    ceiling = -(-fps.numerator // fps.denominator)
    for candidate in (Fraction(whole), Fraction(ceiling * 1000, 1001)):
        if candidate and abs(fps - candidate) <= candidate / 5_000:
            return candidate
    return fps


class Timed(Protocol):
    """Anything with a place on the clock."""

    @property
    def span(self) -> Span: ...


T = TypeVar("T", bound=Timed)
U = TypeVar("U", bound=Timed)


@dataclass(frozen=True, slots=True)
class Note:
    """What a stage could not do, or wants people to know: kept with the result, never dropped."""

    span: Span
    """Where on the clock it applies."""
    kind: str
    """Short stable name, e.g. `damaged`, `unheard`, `repetition`."""
    text: str
    """One line for people."""


@dataclass(frozen=True, slots=True)
class Track(Generic[T]):
    """Events in order of time, with what could not be done."""

    events: tuple[T, ...] = ()
    """Sorted by start, then end; events may overlap."""
    notes: tuple[Note, ...] = ()
    """What was not done, in order of time."""

    # `Track[Cue]()` fails on a frozen class with slots before Python 3.13 where typing makes the alias.
    __class_getitem__: ClassVar[Any] = classmethod(GenericAlias)

    def __post_init__(self) -> None:
        _check_order("events", self.events)
        _check_order("notes", self.notes)

    @classmethod
    def of(cls, events: Iterable[T], notes: Iterable[Note] = ()) -> Track[T]:
        """A track of `events` and `notes` in any order; ties keep their order."""
        return cls(
            tuple(sorted(events, key=lambda event: event.span)),
            tuple(sorted(notes, key=lambda note: note.span)),
        )

    def __iter__(self) -> Iterator[T]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.events[index]

    @property
    def span(self) -> Span | None:
        """From the first start to the last end, or None when there is no event."""
        if not self.events:
            return None
        return Span(self.events[0].span.start, max(event.span.end for event in self.events))

    def within(self, span: Span) -> tuple[T, ...]:
        """The events that share at least one tick with `span`."""
        stop = bisect_left(self.events, span.end, key=lambda event: event.span.start)
        return tuple(event for event in self.events[:stop] if event.span.overlaps(span))

    def map(self, change: Callable[[T], U]) -> Track[U]:
        """Each event changed, the notes kept."""
        return Track.of(map(change, self.events), self.notes)

    def retime(self, change: Callable[[int], int]) -> Track[T]:
        """Every tick changed by `change`, which must keep the order of times."""

        def moved(item: Any) -> Any:
            if hasattr(item, "retime"):  # an event that holds further times, e.g. a cue its words
                return item.retime(change)
            return replace(item, span=item.span.retime(change))

        return Track(tuple(map(moved, self.events)), tuple(map(moved, self.notes)))

    def shift(self, ticks: int) -> Track[T]:
        """Everything later by `ticks`."""
        return self.retime(lambda tick: tick + ticks)

    def with_notes(self, notes: Iterable[Note]) -> Track[T]:
        """The same events with further notes."""
        return Track.of(self.events, (*self.notes, *notes))


def _check_order(kind: str, items: Iterable[Timed]) -> None:
    for before, after in pairwise(items):
        if after.span < before.span:
            raise ValueError(
                f"{kind} must be in order of time, not {after.span} behind {before.span}; "
                "Track.of() sorts them"
            )
