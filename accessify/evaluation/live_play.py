"""Playing sound to live recognisers as it would be spoken: a piece of 32 ms when its last sample is due.

Nothing is skipped: where the player itself or the system that it calls is late, the pieces come late and
the run says by how much.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accessify.core.audio import SPEECH_RATE
from accessify.core.timeline import samples, to_seconds
from accessify.evaluation.child import cpu_seconds
from accessify.evaluation.live_events import ChangeLog, HourRun, LiveRun
from accessify.evaluation.live_systems import LiveSystem, Samples
from accessify.evaluation.matching import bench_package
from accessify.pipelines.live import LiveStream

PIECE = 512
"""Samples at 16 kHz: 32 ms."""
_WARM_UP = 4 * SPEECH_RATE
"""Samples played once before anything is measured."""
_FINISHED_WITHIN = 600.0
"""Seconds after which a stream that does not end is given up."""
_MOST_BEHIND = 1.0
"""Seconds of sound that may wait while an hour is played as fast as it is heard."""
_STUCK = 20.0
"""Seconds without progress after which more sound is pushed all the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """What one stream is played."""

    samples: Samples
    """16 kHz mono."""
    first: int = 0
    """Number of the clip that it begins with."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / SPEECH_RATE

    def piece(self, number: int) -> Samples:
        """The n-th piece, empty behind the end."""
        return self.samples[number * PIECE : (number + 1) * PIECE]


def warm_up(system: LiveSystem, sound: Sound) -> None:
    """Let every network run once."""
    stream = system.open(ChangeLog(time.perf_counter()))
    stream.push(sound.samples[:_WARM_UP])
    stream.finish()


def play_live(name: str, system: LiveSystem, sounds: Sequence[Sound]) -> LiveRun:
    """Play all `sounds` at once, each to a stream of its own; streams start evenly within one piece."""
    logs = [ChangeLog() for _ in sounds]
    streams = [system.open(log) for log in logs]
    ended = [0.0] * len(sounds)

    def finish(place: int) -> None:
        streams[place].finish()
        ended[place] = time.perf_counter()

    endings: list[threading.Thread] = []
    cpu, busy, begun = cpu_seconds(), _busy(), time.perf_counter() + 0.05
    late: list[float] = []
    for place, log in enumerate(logs):
        log.start = begun + place / len(logs) * PIECE / SPEECH_RATE
    due = [(log.start + PIECE / SPEECH_RATE, place, 0) for place, log in enumerate(logs)]
    heapq.heapify(due)
    while due:
        when, place, number = heapq.heappop(due)
        time.sleep(max(0.0, when - time.perf_counter()))
        late.append(time.perf_counter() - when)
        streams[place].push(sounds[place].piece(number))
        if len(sounds[place].piece(number + 1)):
            moment = logs[place].start + (number + 2) * PIECE / SPEECH_RATE
            heapq.heappush(due, (moment, place, number + 1))
        else:
            endings.append(threading.Thread(target=finish, args=(place,), daemon=True))
            endings[-1].start()
    for ending in endings:
        ending.join(_FINISHED_WITHIN)
    runs = [log.run(one.first, one.seconds, end) for log, one, end in zip(logs, sounds, ended, strict=True)]
    p95 = float(np.percentile(late, 95))
    used = cpu_seconds() - cpu
    others = max(0.0, (_busy() - busy - used) / (time.perf_counter() - begun))
    return LiveRun(name, tuple(runs), used, max(late), p95, others=others)


def _busy() -> float:
    """CPU seconds that the whole machine has worked so far."""
    times = bench_package("psutil").cpu_times()
    return float(sum(times[:]) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))


def play_long(stream: LiveStream, log: ChangeLog, sound: Sound, seconds: float) -> HourRun:
    """Play `sound` again and again for `seconds`, as fast as it is listened to.

    What was shown is forgotten at once, so that only the system itself can grow.
    """
    process = bench_package("psutil").Process()
    rss, notes, late = [process.memory_info().rss], list[str](), 0.0
    begun, cpu = time.perf_counter(), cpu_seconds()
    pieces = -(-len(sound.samples) // PIECE)
    total = int(seconds * SPEECH_RATE / PIECE)
    for number in range(total):
        stream.push(sound.piece(number % pieces))
        late = max(late, _wait(stream))
        pushed = (number + 1) * PIECE / SPEECH_RATE
        if pushed >= 60 * len(rss) or number == total - 1:
            rss.append(process.memory_info().rss)
            notes += log.notes
            forget(log)
    stream.finish()
    notes += log.notes
    return HourRun(
        seconds=to_seconds(samples(total * PIECE, SPEECH_RATE)),
        wall_s=time.perf_counter() - begun,
        cpu_s=cpu_seconds() - cpu,
        rss=tuple(rss),
        words=log.count,
        late=late,
        notes=tuple(notes),
    )


def _wait(stream: LiveStream) -> float:
    """Wait until little sound is waiting; how many seconds of it were."""
    most = behind = to_seconds(stream.behind)
    given_up = time.perf_counter() + _STUCK
    while behind > _MOST_BEHIND and time.perf_counter() < given_up:
        time.sleep(0.002)
        behind = to_seconds(stream.behind)
        most = max(most, behind)
    return most


def forget(log: ChangeLog) -> None:
    """Drop what is only kept for scoring."""
    log.changes.clear()
    log.saved.clear()
    log.notes.clear()
