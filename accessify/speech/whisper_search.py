"""How Whisper's next token is chosen: the likeliest, or drawn by lot; and what became of a text.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", arXiv:2212.04356,
section 4.5. Chances are added up as openai-whisper does: of what the rules allow, at temperature 0,
the end of the text among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from accessify.speech.whisper_rules import mean_chance


@dataclass(frozen=True, slots=True)
class Found:
    """A text that was searched to its end, or to the end of the decoder's length."""

    tokens: tuple[int, ...]
    """Without the end."""
    total: float
    """Log-probabilities of all tokens together, the end among them."""
    chances: tuple[float, ...]
    """Probability of each of `tokens`, 0 to 1."""

    @property
    def mean(self) -> float:
        """Mean log-probability."""
        return mean_chance(self.total, len(self.tokens))


class Search(Protocol):
    """A text that is being written, in one or more versions."""

    width: int
    """Versions that are followed after the first step; before it there is one, empty."""
    texts: list[list[int]]
    """The versions as far as they are."""
    sources: list[int]
    """Which version of the step before each one goes on from."""
    done: bool
    """Whether nothing can be added."""

    def advance(self, logits: NDArray[np.float32]) -> None:
        """Choose what follows, from `logits` [versions, vocabulary] of what is allowed; they are used up."""
        ...

    def found(self) -> Found:
        """The best text."""
        ...


class Single:
    """One version: the likeliest token each time, or one drawn by its chance at a temperature."""

    width = 1

    def __init__(self, end: int, temperature: float = 0.0, seed: int = 0) -> None:
        self.texts: list[list[int]] = [[]]
        self.sources = [0]
        self.done = False
        self._end, self._temperature = end, temperature
        self._total, self._chances = 0.0, list[float]()
        self._lots = np.random.default_rng(seed)

    def advance(self, logits: NDArray[np.float32]) -> None:
        (row,) = logits
        token = int(row.argmax()) if self._temperature == 0 else self._drawn(row)
        chance = float(row[token]) - _log_sum(row)
        self._total += chance
        if token == self._end:
            self.done = True
        else:
            self.texts[0].append(token)
            self._chances.append(float(np.exp(chance)))

    def found(self) -> Found:
        return Found(tuple(self.texts[0]), self._total, tuple(self._chances))

    def _drawn(self, row: NDArray[np.float32]) -> int:
        shares = np.exp((row - row.max()) / self._temperature, dtype=np.float64).cumsum()
        # a draw of 0 must not fall on what is forbidden, whose share is nothing
        return int(np.searchsorted(shares, self._lots.random() * shares[-1], side="right"))


def _log_sum(row: NDArray[np.float32]) -> float:
    """Log of the sum of e^`row` [vocabulary]; the row is used up."""
    peak = row.max()
    np.subtract(row, peak, out=row)
    return float(peak + np.log(np.exp(row, out=row).sum()))


def start_of(texts: Sequence[Sequence[int]], end: int) -> list[int]:
    """The last token of each version, which the decoder is asked about next."""
    return [text[-1] if text else end for text in texts]
