"""Our beam search against openai-whisper's, on a language of random chances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from accessify.speech.whisper_beam import Beam, _largest

torch = pytest.importorskip("torch")
decoding = pytest.importorskip("whisper.decoding", reason="needs the extra whisper")

pytestmark = pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")  # openai-whisper's

END, WORDS = 11, 12


def language(seed: int, ending: float) -> Any:
    """Logits of what follows a text; the end is likelier the longer it is."""

    def follow(text: tuple[int, ...]) -> NDArray[np.float32]:
        source = np.random.default_rng([seed, *text])
        row = source.normal(0, 2, WORDS).astype(np.float32)
        row[END] += ending * len(text) - 2
        if not text:
            row[END] = -np.inf
        return row

    return follow


class _Nothing:
    """Stands where openai-whisper's search keeps its cache in order."""

    def rearrange_kv_cache(self, sources: list[int]) -> None:
        pass


def theirs(follow: Any, width: int, patience: float, most: int) -> tuple[list[int], float]:
    """Text and sum of log-probabilities, as `whisper.decoding.DecodingTask` runs the search."""
    search = decoding.BeamSearchDecoder(width, END, _Nothing(), patience)
    tokens = torch.zeros((width, 1), dtype=torch.int64)  # one token stands before the text
    totals = torch.zeros(width)
    for _ in range(most):
        logits = torch.from_numpy(np.stack([follow(tuple(row[1:])) for row in tokens.tolist()]))
        tokens, completed = search.update(tokens, logits, totals)
        if completed:
            break
    texts, sums = search.finalize(tokens[None], totals[None])
    cut = [text[1 : (text == END).nonzero()[0, 0]] for text in texts[0]]
    (best,) = decoding.MaximumLikelihoodRanker(None).rank([cut], sums)
    return cut[best].tolist(), sums[0][best]


def ours(follow: Any, width: int, patience: float, most: int) -> Beam:
    search = Beam(width, patience, END)
    before: list[list[int]] = [[]]
    for _ in range(most):
        search.advance(np.stack([follow(tuple(text)) for text in search.texts]))
        for text, source in zip(search.texts, search.sources, strict=True):
            assert text[:-1] == before[source]
        before = search.texts
        if search.done:
            break
    return search


@settings(max_examples=60)
@given(
    st.integers(0, 10_000),
    st.integers(1, 5),
    st.sampled_from([0.5, 1.0, 1.7, 3.0]),
    st.sampled_from([0.0, 0.5, 2.0]),
    st.integers(1, 9),
)
def test_the_same_text_wins(seed: int, width: int, patience: float, ending: float, most: int) -> None:
    if round(width * patience) < 1:
        return
    follow = language(seed, ending)
    found = ours(follow, width, patience, most).found()
    tokens, total = theirs(follow, width, patience, most)
    assert list(found.tokens) == tokens
    assert found.total == pytest.approx(total, rel=1e-5, abs=1e-6)
    assert len(found.chances) == len(tokens)
    rows = [follow(found.tokens[:place]).astype(np.float64) for place in range(len(tokens))]
    chances = [np.exp(row[token]) / np.exp(row).sum() for row, token in zip(rows, tokens, strict=True)]
    assert found.chances == pytest.approx(chances, rel=1e-4)


@pytest.mark.parametrize("size", [7, 300, 51_865])
def test_the_largest_are_found_in_blocks(size: int) -> None:
    source = np.random.default_rng(size)
    for _ in range(20):
        row = source.normal(0, 1, size).astype(np.float32)
        row[source.random(size) < 0.9] = -np.inf
        row[-3:] = source.normal(0, 1, 3)
        for count in (2, 6):
            assert np.array_equal(row[_largest(row, count)], np.sort(row)[::-1][:count])
