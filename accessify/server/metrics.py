"""Figures of the server in Prometheus' text format."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from accessify.core.live import LiveUpdate
from accessify.core.timeline import to_seconds

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LAGS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0)
_FACTORS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_MEASURED = 5.0
"""Seconds of live sound over which its cost is measured."""


class Metrics:
    """What one server counts; each has a registry of its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.sound = Counter("accessify_sound_seconds", "Live sound taken in", registry=registry)
        self.words = Counter("accessify_words", "Words committed live", registry=registry)
        self.streams = Counter("accessify_streams_opened", "Live streams opened", registry=registry)
        self.refused = Counter("accessify_refused", "Clients refused", ["code"], registry=registry)
        self.lag = Histogram(
            "accessify_lag_seconds",
            "Speech that had come but was not listened to, at each update",
            buckets=_LAGS,
            registry=registry,
        )
        self.files = Counter("accessify_transcriptions", "Files transcribed", ["result"], registry=registry)
        self.factor = Histogram(
            "accessify_transcription_real_time_factor",
            "Seconds of work for a second of an uploaded file",
            buckets=_FACTORS,
            registry=registry,
        )
        self.real_time_factor = 0.0
        """Processor seconds of this process for a second of live sound, over some seconds."""
        self._heard, self._cpu = 0.0, time.process_time()

    def count(self, update: LiveUpdate) -> None:
        """Take note of one update of a live stream."""
        self.words.inc(len(update.committed))
        self.lag.observe(to_seconds(update.lag))
        if self._heard >= _MEASURED:
            cpu = time.process_time()
            self.real_time_factor = (cpu - self._cpu) / self._heard
            self._heard, self._cpu = 0.0, cpu

    def hear(self, heard: float) -> None:
        """Take note of so many seconds of live sound."""
        self.sound.inc(heard)
        self._heard += heard

    def watch(self, name: str, title: str, look: Callable[[], float]) -> None:
        """A gauge that is looked up when it is asked for."""
        Gauge(name, title, registry=self._registry).set_function(look)

    def text(self) -> bytes:
        """All figures."""
        return generate_latest(self._registry)


def most(values: Iterable[float]) -> float:
    """The greatest of some figures, 0 where there are none."""
    return max(values, default=0.0)
