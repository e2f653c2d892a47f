"""When each word was said, from the decoder's attention to the sound.

A few heads of Whisper's cross-attention follow the sound as it is read. Their weights, normalised and
smoothed, are a map of tokens × 20 ms; the dearest way through it from corner to corner, always onwards, is
found by dynamic time warping (Sakoe & Chiba, "Dynamic programming algorithm optimization for spoken word
recognition", IEEE Trans. ASSP 26, 1978). Source: Radford et al., "Robust Speech Recognition via Large-Scale
Weak Supervision", arXiv:2212.04356; the steps are those of openai-whisper, and ties end as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import Span, millis

FRAME = 20
"""Milliseconds between two frames of the encoder."""
OPENING_MARKS = "\"'“¿([{-"
CLOSING_MARKS = "\"'.。,，!！?？:：”)]}、"
_SMOOTHED = 7
"""Frames of the median filter."""
_DIAGONAL, _DOWN, _ALONG = 0, 1, 2


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word, or a mark that stands alone."""

    text: str
    """With the space before it."""
    tokens: tuple[int, ...]
    """What it is written with."""
    span: Span
    """When it was said, from the start of the sound; perhaps empty."""
    chance: float
    """Mean probability of its tokens, 0 to 1."""


def token_frames(attention: NDArray[np.floating], opening: int, frames: int) -> NDArray[np.int64]:
    """The frame (20 ms) where each token of text begins, and last the one where the text ends: [text + 1].

    `attention` [heads, tokens, frames]: weights of the alignment heads, each row summing to 1, for a start of
    `opening` tokens, the one of no times, the text and the end. Of the encoder's frames the first `frames`
    hold sound.
    """
    weights = np.asarray(attention[:, :, :frames], np.float32)
    seen = np.zeros(weights.shape[1:], np.float32)
    for head in weights:  # one at a time: the filter needs 7 times the room
        seen += median_filter(_normalised(head))
    rows, columns = cheapest_path(-seen[opening:-1] / len(weights))
    return columns[np.diff(rows, prepend=-1) > 0]


def median_filter(values: NDArray[np.float32], width: int = _SMOOTHED) -> NDArray[np.float32]:
    """The median of `width` (odd) values around each of the last axis, mirrored at the ends.

    Values too few to be mirrored stay as they are.
    """
    side = width // 2
    if values.shape[-1] <= side:
        return values
    padded = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(side, side)], mode="reflect")
    length = values.shape[-1]
    waiting = [padded[..., first : first + length] for first in range(width)]
    # Of half of the values and one more, neither the least nor the greatest is the median of all: both are
    # forgotten, the next value is looked at, and so on until the median is left.
    held = [waiting.pop() for _ in range(min(side + 2, width))]
    while len(held) > 1:
        held = _without_extremes(held)
        held += [waiting.pop()] if waiting else []
    return held[0]


def _without_extremes(values: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Arrays that hold, at each place, what `values` hold there, but for the least and the greatest."""
    least, *rest = values
    higher = []
    for value in rest:
        higher.append(np.maximum(least, value))
        least = np.minimum(least, value)
    greatest, *rest = higher
    between = []
    for value in rest:
        between.append(np.minimum(greatest, value))
        greatest = np.maximum(greatest, value)
    return between


def cheapest_path(costs: NDArray[np.floating]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the cheapest way through `costs` [n, m] that goes down, along or both by one.

    Where steps cost the same, it goes along.
    """
    down, along = costs.shape
    trace = _steps(costs)
    row, column = down, along
    path: list[tuple[int, int]] = []
    while row > 0 and column > 0:
        path.append((row - 1, column - 1))
        step = trace[row + column, row]
        row -= step != _ALONG
        column -= step != _DOWN
    rows, columns = np.asarray(path[::-1], np.int64).reshape(-1, 2).T
    return rows, columns


def _steps(costs: NDArray[np.floating]) -> NDArray[np.int8]:
    """The last step to row i, column j (both from 1) of the cheapest way there, at [i + j, i].

    Cells of one diagonal do not depend on each other, so each is one step of numpy.
    """
    down, along = costs.shape
    wide = np.full((down, along + down), np.inf)
    wide[:, :along] = costs
    # a row of n + m cells read as one of n + m - 1 moves each row by one more: diagonals become columns
    skewed = wide.ravel()[: down * (along + down - 1)].reshape(down, -1).T.copy()
    trace = np.full((down + along + 1, down + 1), _ALONG, np.int8)
    before = np.full(down + 1, np.inf)
    last, now = before.copy(), before.copy()
    before[0] = 0
    for diagonal, here in enumerate(skewed, start=2):
        both, one, other = before[:-1], last[:-1], last[1:]
        step = np.where((both < one) & (both < other), _DIAGONAL, _ALONG)
        step[(one < both) & (one < other)] = _DOWN
        trace[diagonal, 1:] = step
        now[1:] = here + np.choose(step, (both, one, other))
        before, last, now = last, now, before
        now[0] = np.inf
    return trace


def timed_words(
    words: Sequence[tuple[str, Sequence[int]]],
    starts: Sequence[int] | NDArray[np.int64],
    chances: Sequence[float],
) -> list[TimedWord]:
    """`words` (text and tokens) with their times; `starts` as `token_frames` gives them, a chance per token.

    Raises `ValueError` where the numbers of tokens, starts and chances do not belong together.
    """
    count = sum(len(tokens) for _, tokens in words)
    if len(starts) != count + 1 or len(chances) != count:
        raise ValueError(f"{count} tokens need {count + 1} starts and {count} chances")
    found, at = [], 0
    for text, tokens in words:
        end = at + len(tokens)
        span = Span(millis(FRAME * int(starts[at])), millis(FRAME * int(starts[end])))
        found.append(TimedWord(text, tuple(tokens), span, float(np.mean(chances[at:end]))))
        at = end
    return found


def join_marks(
    words: Sequence[TimedWord], opening: str = OPENING_MARKS, closing: str = CLOSING_MARKS
) -> list[TimedWord]:
    """Marks joined to the word that they open or close, which keeps its own time and chance."""
    backwards: list[TimedWord] = []
    for word in reversed(words):
        if backwards and word.text.startswith(" ") and word.text.strip() in opening:
            backwards[-1] = _joined(word, backwards[-1], keep=backwards[-1])
        else:
            backwards.append(word)
    found: list[TimedWord] = []
    for word in reversed(backwards):
        if found and not found[-1].text.endswith(" ") and word.text in closing:
            found[-1] = _joined(found[-1], word, keep=found[-1])
        else:
            found.append(word)
    return found


def _joined(first: TimedWord, second: TimedWord, *, keep: TimedWord) -> TimedWord:
    return replace(keep, text=first.text + second.text, tokens=first.tokens + second.tokens)


def _normalised(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row of [tokens, frames] made to sum to 1, then each frame to mean 0, deviation 1 over tokens."""
    sums = weights.sum(axis=1, keepdims=True)
    shares = weights / np.where(sums > 0, sums, 1)
    spread = shares.std(axis=0)
    return np.asarray((shares - shares.mean(axis=0)) / np.where(spread > 0, spread, 1), np.float32)
