"""Silero VAD on onnxruntime: how likely each 32 ms of sound is speech.

Source: https://github.com/snakers4/silero-vad (MIT). The sequence graph takes many chunks in one
call and gives the same probabilities as the one-chunk graph (difference ≤ 1.1e-6 measured) at 1.7
times its speed.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.engines.session import open_session

CHUNK = 512
"""Samples at 16 kHz that one probability stands for (32 ms)."""
_CONTEXT = 64
"""Samples before a chunk that the network also sees."""


class Silero:
    """A `SpeechModel` with memory: feed one recording in order, then `reset`."""

    chunk = CHUNK

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._session = open_session(files["silero_vad_16k_sequence.onnx"])
        self.reset()

    def another(self) -> Silero:
        """One for another recording, on the same network with a memory of its own."""
        twin = copy(self)
        twin.reset()
        return twin

    def reset(self) -> None:
        """Forget what was heard."""
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Speech probabilities [n] of `samples` [n × 512] float32 at 16 kHz."""
        chunks = samples.reshape(-1, CHUNK)
        before = np.concatenate([self._context[None], chunks[:-1, -_CONTEXT:]])
        feed = {"input": np.concatenate([before, chunks], axis=1), "h": self._h, "c": self._c}
        found, self._h, self._c = self._session.run(None, feed)
        self._context = samples[-_CONTEXT:].copy()
        return np.asarray(found, np.float32)
