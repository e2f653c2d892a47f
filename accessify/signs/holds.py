"""Which letter is held when: the likeliest sequence of holds and moves between them.

A Viterbi search (A. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding
algorithm", IEEE Trans. Inf. Theory 13, 1967) over one state for moving and one for each letter. A letter has
to pay an entrance fee, which it earns back step by step while the hand is still and looks like it: so a sure
letter needs a shorter hold than a doubtful one, and a hand that only passes through a shape says nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOVING = 0
"""State in which no letter is shown; letter n is state n + 1."""
_NEVER = -1e9


class HoldSearch:
    """Decides the state of each step a fixed number of steps later."""

    def __init__(self, letters: int, fee: float, lag: int) -> None:
        """`fee` is what a letter must earn; `lag` how many steps after it a step is decided."""
        self._size, self._lag = letters + 1, lag
        self._enter = np.full((self._size, self._size), -fee)  # from state, to state
        self._enter[:, MOVING] = 0
        np.fill_diagonal(self._enter, 0)
        self.reset()

    def reset(self) -> None:
        """Forget what came before: the hand moves."""
        self._score = np.full(self._size, _NEVER)
        self._score[MOVING] = 0
        self._paths = np.zeros((self._size, 0), np.int64)  # states of the undecided steps

    def push(self, gains: NDArray[np.floating], moving: float = 0.0) -> list[int]:
        """States decided by a step in which letter n earns `gains[n]` (-inf: impossible), `moving` none."""
        ways = self._score[:, None] + self._enter
        origin = ways.argmax(axis=0)
        self._score = ways[origin, np.arange(self._size)] + np.concatenate([[moving], gains])
        self._score = np.maximum(self._score - self._score.max(), _NEVER)
        self._paths = np.concatenate([self._paths[origin], np.arange(self._size)[:, None]], axis=1)
        if self._paths.shape[1] <= self._lag:
            return []
        decided = int(self._paths[self._score.argmax(), 0])
        self._score[self._paths[:, 0] != decided] = _NEVER
        self._paths = self._paths[:, 1:]
        return [decided]

    def finish(self) -> list[int]:
        """States of the steps still undecided."""
        states: list[int] = self._paths[self._score.argmax()].tolist()
        self.reset()
        return states
