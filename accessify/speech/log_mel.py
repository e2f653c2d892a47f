"""Log-mel spectrograms as Whisper hears them, in numpy.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", arXiv:2212.04356,
section 2.2: 16 kHz, windows of 25 ms every 10 ms. The bands are Slaney's ("Auditory Toolbox", Interval
Research 1998-010): linear below 1 kHz, logarithmic above, each of the same area.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE

HOP = 160
"""Samples between two frames (10 ms)."""
_WINDOW = 400
_LINEAR = 200 / 3
"""Hz of one mel below 1 kHz."""
_BEND = 1000.0
"""Hz where the scale turns logarithmic."""
_STEP = np.log(6.4) / 27
"""Log of the factor between two mels above."""
_FLOOR = 8.0
"""Powers of ten below the loudest point at which the picture is cut off."""


def log_mel(samples: NDArray[np.float32], bands: int, frames: int) -> NDArray[np.float32]:
    """The first `frames` × 10 ms of 16 kHz `samples` [n], silence behind them, as [bands, frames] float32.

    Computed in double precision: within 1e-6 of the exact value, from which openai-whisper's own, in single
    precision, is off by up to 2e-5 where it is quiet.
    """
    length = frames * HOP
    sound = np.zeros(length, np.float32)
    sound[: min(length, len(samples))] = samples[:length]
    sound = np.pad(sound, _WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::HOP][:frames]
    spectrum = np.fft.rfft(windows * _hann(), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    heard = np.log10(np.maximum(mel_filters(bands) @ power.T, 1e-10))
    return np.asarray((np.maximum(heard, heard.max() - _FLOOR) + 4) / 4, np.float32)


@cache
def mel_filters(bands: int) -> NDArray[np.float32]:
    """Weight of each of the 201 frequencies of a window in each of `bands`: [bands, 201]."""
    frequencies = np.fft.rfftfreq(_WINDOW, 1 / SPEECH_RATE)
    edges = _hertz(np.linspace(0, _mel(SPEECH_RATE / 2), bands + 2))
    widths = np.diff(edges)
    ramps = edges[:, None] - frequencies
    rising, falling = -ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]
    weights = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    filters: NDArray[np.float32] = weights.astype(np.float32)
    filters.setflags(write=False)  # it is shared
    return filters


@cache
def _hann() -> NDArray[np.float64]:
    return np.hanning(_WINDOW + 1)[:-1]


def _mel(hertz: float) -> float:
    if hertz < _BEND:
        return hertz / _LINEAR
    return float(_BEND / _LINEAR + np.log(hertz / _BEND) / _STEP)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    bend = _BEND / _LINEAR
    return np.where(mels < bend, mels * _LINEAR, _BEND * np.exp(_STEP * (np.maximum(mels, bend) - bend)))
