"""Speech that left no trace in the captions.

A deleted word in fluent speech is a recognition error and counts in the WER. Speech counts as
*missed* when the viewer has no sign that somebody spoke. A spoken word that the alignment of all
words deletes is missed when

- it stands in a run of at least three deleted words, or
- nothing is recognised from 0.25 s before its start to 0.25 s after its end.

missed = missed words / spoken words. Only what came out is looked at, so that it does not matter
why speech was lost: not detected, dropped by a guard, or lost between two pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accessify.core.text import Word
from accessify.core.timeline import Span, millis
from accessify.evaluation.matching import align
from accessify.evaluation.spoken import Spoken, plain_heard

RUN = 3
"""Deleted words in a row that count as missed speech."""
NEAR = millis(250)
"""How near to a word something must have been recognised."""


@dataclass(frozen=True, slots=True)
class Missed:
    """The words lost, out of all that were spoken."""

    words: tuple[Spoken, ...]
    spoken: int

    @property
    def percent(self) -> float:
        """Missed per spoken word, in percent."""
        return 100 * len(self.words) / self.spoken if self.spoken else 0.0


def missed_speech(spoken: Sequence[Spoken], heard: Sequence[Word]) -> Missed:
    """The words of `spoken` that left no trace in `heard` (both in order of time)."""
    words = plain_heard(heard)
    pairs = align([item.word for item in spoken], [word for word, _, _ in words])
    lost = [pair.reference for pair in pairs if pair.hypothesis is None and pair.reference is not None]
    in_runs = {index for run in _runs(lost) if len(run) >= RUN for index in run}
    spans = [word.span for _, word, _ in words]
    missed = [index for index in lost if index in in_runs or not _near(spoken[index].span, spans)]
    return Missed(tuple(spoken[index] for index in missed), len(spoken))


def _runs(indices: Sequence[int]) -> list[list[int]]:
    """`indices` (ascending) in groups without a gap."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _near(span: Span, heard: Sequence[Span]) -> bool:
    """Whether one of `heard` comes as near as `NEAR` to `span`."""
    return any(one.start < span.end + NEAR and span.start - NEAR < one.end for one in heard)
