"""Sampled sound on the clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import Span, samples, to_samples

SPEECH_RATE = 16_000
"""Hz; what every speech model here listens to."""


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Mono sound: an array, a rate, a start."""

    samples: NDArray[np.float32]
    """Shape [n], float32, full scale -1 to 1."""
    rate: int = SPEECH_RATE
    """Samples per second (Hz)."""
    start: int = 0
    """Tick of the first sample."""

    def __post_init__(self) -> None:
        if self.samples.ndim != 1 or self.samples.dtype != np.float32:
            raise ValueError(
                f"audio samples must be float32 [n], not {self.samples.dtype} {list(self.samples.shape)}"
            )
        if self.rate <= 0:
            raise ValueError(f"a sample rate must be positive, not {self.rate}")

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def span(self) -> Span:
        """From the first sample to the end of the last."""
        return Span(self.start, self.start + samples(len(self.samples), self.rate))

    def cut(self, span: Span) -> Audio:
        """The part inside `span` (a view, not a copy), clipped to what there is."""
        first = min(max(0, to_samples(span.start - self.start, self.rate)), len(self))
        last = max(first, to_samples(span.end - self.start, self.rate))
        return Audio(self.samples[first:last], self.rate, self.start + samples(first, self.rate))
