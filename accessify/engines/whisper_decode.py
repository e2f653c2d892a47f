"""Texts for a batch of sounds: all of them one token further with each step of the decoder.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", arXiv:2212.04356,
section 2.3 (what a transcript begins with) and 4.5. The order of things is openai-whisper's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.engines.whisper_graphs_session import DecoderRun, Sounds, WhisperGraphs
from accessify.speech.whisper_rules import Grammar, forbid, no_speech_chance
from accessify.speech.whisper_search import Found, Search, start_of

_WASTE = 10
"""Steps of a row that nobody needs any more which cost as much as leaving it out does (measured: the keys and
values of a sound change places)."""
_AT_ONCE = 128
"""Tokens of a prompt that are read at once, all rows together: the logits of each take 200 kB."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be written."""

    rows: Sequence[int]
    """Of the sounds."""
    openings: Sequence[Sequence[int]]
    """What the text of each row begins with, all of one length: prompt, start, language, task."""
    prompt: int
    """How many tokens of it stand before the start."""
    grammar: Grammar
    no_speech: int
    """The token whose chance behind the start tells that nobody speaks."""
    times: bool
    """Whether times are written."""


@dataclass(frozen=True, slots=True)
class Written:
    """The text of one row."""

    found: Found
    no_speech: float
    """Probability of no speech, 0 to 1."""


class Decoding:
    """One run of the decoder over a task."""

    def __init__(self, graphs: WhisperGraphs, sounds: Sounds, task: Task, searches: Sequence[Search]) -> None:
        """`searches` has one `Search` for each of the task's rows, all of one width."""
        self._graphs, self._sounds, self._task = graphs, sounds, task
        self._searches = dict(zip(task.rows, searches, strict=True))
        self._openings = dict(zip(task.rows, task.openings, strict=True))
        self._width = 1
        self._wasted = 0
        self._rows, cross = sounds.bring(task.rows)
        self._run = DecoderRun(graphs, cross, len(self._rows), len(task.openings[0]) + 1)

    def written(self) -> list[Written]:
        """The texts, in the order of the task's rows."""
        silent, logits = self._read_opening()
        for left in reversed(range(self._steps)):
            self._advance(logits)
            if not left or all(search.done for search in self._searches.values()):
                break
            logits = self._run.run(self._rearranged())[:, -1]
        return [Written(self._searches[row].found(), silent[row]) for row in self._task.rows]

    @property
    def _steps(self) -> int:
        """How many tokens may be written."""
        length = self._graphs.sizes.n_text_ctx
        return min(length // 2, length + 1 - len(self._task.openings[0]))

    def _read_opening(self) -> tuple[dict[int, float], NDArray[np.float32]]:
        """The chance of no speech of each row, and the logits [rows, vocabulary] of the first token."""
        opening = np.array([self._openings[row] for row in self._rows], np.int64)
        prompt, size = self._task.prompt, max(_AT_ONCE // len(self._rows), 1)
        for first in range(0, prompt, size):
            self._run.run(opening[:, first : min(first + size, prompt)])
        logits = self._run.run(opening[:, prompt:])
        silent = no_speech_chance(logits[:, 0], self._task.no_speech)
        return dict(zip(self._rows, map(float, silent), strict=True)), logits[:, -1]

    def _advance(self, logits: NDArray[np.float32]) -> None:
        """Choose the next token of all rows that are not done; the logits are used up."""
        for place, row in enumerate(self._rows):
            search = self._searches[row]
            if not search.done:
                mine = logits[place * self._width : (place + 1) * self._width]
                forbid(mine, search.texts, self._task.grammar, times=self._task.times)
                search.advance(mine)

    def _rearranged(self) -> NDArray[np.int64]:
        """The tokens to go on with, [rows, 1], after the cache was put in order for them."""
        width, before, rows = self._searches[self._rows[0]].width, self._width, list(self._rows)
        finished = [row for row in rows if self._searches[row].done]
        self._wasted += len(finished)
        cross = None
        if self._sounds.movable and self._wasted > _WASTE * len(finished) > 0:
            self._rows, cross = self._sounds.bring([row for row in rows if row not in finished])
            self._wasted = 0
        sources, tokens = list[int](), list[int]()
        for row in self._rows:
            search, first = self._searches[row], rows.index(row) * before
            stay = range(width) if width == before else [0] * width
            sources += [first + source for source in (stay if search.done else search.sources)]
            tokens += start_of(search.texts, self._task.grammar.end)
        self._run.rearrange(sources, cross)
        self._width = width
        return np.array(tokens, np.int64)[:, None]
