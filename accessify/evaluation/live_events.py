"""What a live run was: every change of the screen with its moment, so that it can be scored again later.

The values know nothing of the systems that they come from; `live_systems` fills them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from accessify.evaluation.live_score import Shown


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the screen, as a system told it."""

    wall: float
    """Seconds of the wall clock since the stream's first sample was on its way."""
    kept: int
    """Committed words of before that still stand; all of them, where a system keeps its word."""
    new: tuple[str, ...] = ()
    """Words committed behind those."""
    tail: tuple[str, ...] = ()
    state: str = ""
    """What the system says it is doing, where it does."""
    lag: float = 0.0
    """Seconds of speech that it says it has not listened to yet."""


@dataclass(frozen=True, slots=True)
class StreamRun:
    """One stream from its first sample to its end."""

    first: int
    """Number of the clip that its sound begins with (`LiveMaterial.turned`)."""
    seconds: float
    """Length of its sound."""
    ended: float
    """Wall seconds at which everything had been heard."""
    changes: tuple[Change, ...]
    saved: tuple[str, ...] = ()
    """Words of the saved transcript, for systems that have one beside what was shown."""
    notes: tuple[str, ...] = ()
    """Kinds of notes, one for each."""
    gaps: int = 0
    """Updates that were lost, or came twice or out of order, by their numbers."""

    def screens(self) -> list[Shown]:
        """The screen after every change."""
        return list(_screens(self.changes))

    @property
    def committed(self) -> tuple[str, ...]:
        """All words committed in the end."""
        screens = self.screens()
        return screens[-1].committed if screens else ()


@dataclass(frozen=True, slots=True)
class LiveRun:
    """All streams that one process listened to at once."""

    system: str
    streams: tuple[StreamRun, ...]
    cpu_s: float
    """CPU seconds of the process and its descendants, from the first sample to the last word."""
    late: float
    """Longest time in seconds by which sound was given later than it would have been spoken."""
    late_p95: float
    """95th percentile of the same over all pieces."""
    peak_rss: int = 0
    """Bytes, highest seen."""
    others: float = 0.0
    """Cores that were busy with other work meanwhile."""

    @property
    def load(self) -> float:
        """CPU seconds for each second of sound of one stream: the part of a core that a stream takes."""
        return self.cpu_s / sum(stream.seconds for stream in self.streams)


@dataclass(frozen=True, slots=True)
class HourRun:
    """One long stream, faster than it is spoken."""

    seconds: float
    """Sound heard."""
    wall_s: float
    cpu_s: float
    rss: tuple[int, ...]
    """Resident bytes of the process after every minute of sound, before the first one first."""
    words: int
    """Words committed."""
    late: float
    """Most seconds of sound that waited."""
    notes: tuple[str, ...] = ()


def _screens(changes: Sequence[Change]) -> Iterator[Shown]:
    committed: tuple[str, ...] = ()
    for change in changes:
        if change.new or change.kept != len(committed):
            committed = (*committed[: change.kept], *change.new)
        yield Shown(change.wall, committed, change.tail)


@dataclass(slots=True)
class ChangeLog:
    """Where a running stream writes what it shows; from one thread at a time."""

    start: float = 0.0
    """`time.perf_counter` when the first sample was on its way."""
    changes: list[Change] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    gaps: int = 0
    updates: int = 0
    """Updates that came."""
    count: int = 0
    """Words committed so far."""

    def add(
        self, kept: int, new: Sequence[str], tail: Sequence[str], state: str = "", lag: float = 0.0
    ) -> None:
        """The screen is now this."""
        wall = time.perf_counter() - self.start
        self.changes.append(Change(wall, kept, tuple(new), tuple(tail), state, lag))
        self.count = kept + len(new)

    def run(self, first: int, seconds: float, ended: float) -> StreamRun:
        """All of it as a value."""
        return StreamRun(
            first,
            seconds,
            ended - self.start,
            tuple(self.changes),
            tuple(self.saved),
            tuple(self.notes),
            self.gaps,
        )


def run_to_json(run: LiveRun) -> dict[str, Any]:
    """`run` for a file; a change is a list."""
    told = asdict(run)
    for stream, row in zip(run.streams, told["streams"], strict=True):
        row["changes"] = [
            [round(one.wall, 4), one.kept, one.new, one.tail, one.state, round(one.lag, 3)]
            for one in stream.changes
        ]
    return told


def run_from_json(told: dict[str, Any]) -> LiveRun:
    """The inverse of `run_to_json`."""
    streams = tuple(_stream(row) for row in told["streams"])
    return LiveRun(**{**told, "streams": streams})


def _stream(row: dict[str, Any]) -> StreamRun:
    changes = tuple(
        Change(wall, kept, tuple(new), tuple(tail), state, lag)
        for wall, kept, new, tail, state, lag in row["changes"]
    )
    texts = {name: tuple(row[name]) for name in ("saved", "notes")}
    return StreamRun(**{**row, **texts, "changes": changes})


def hour_from_json(told: dict[str, Any]) -> HourRun:
    """From what `asdict` made of an `HourRun`."""
    return HourRun(**{**told, "rss": tuple(told["rss"]), "notes": tuple(told["notes"])})
