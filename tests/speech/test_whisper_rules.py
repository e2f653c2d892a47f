from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from accessify.speech.whisper_rules import (
    Grammar,
    forbid,
    language_chances,
    log_softmax,
    mean_chance,
    no_speech_chance,
)

torch = pytest.importorskip("torch", reason="needs the extra whisper")
decoding = pytest.importorskip("whisper.decoding", reason="needs the extra whisper")

pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # its vocabulary stays open
END, NO_TIMES, TIMES, SIZE = 40, 47, 48, 80
SMALL = Grammar(END, NO_TIMES, TIMES, blank=(7,), never=(3, 11, 42), first_latest=5)


class Vocabulary:
    """What the filters ask of openai-whisper's tokenizer, for a vocabulary that tests can go through."""

    eot, no_timestamps, timestamp_begin = END, NO_TIMES, TIMES

    def encode(self, text: str) -> list[int]:
        assert text == " "
        return [7]


def filtered(logits: Any, written: list[list[int]], grammar: Grammar, tokenizer: Any, times: bool) -> Any:
    """openai-whisper's filters in its order, behind a start of two tokens."""
    values = torch.from_numpy(logits.copy())
    tokens = torch.tensor([[41, 42, *text] for text in written])
    decoding.SuppressBlank(tokenizer, 2).apply(values, tokens)
    decoding.SuppressTokens(grammar.never).apply(values, tokens)
    if times:
        decoding.ApplyTimestampRules(tokenizer, 2, grammar.first_latest).apply(values, tokens)
    return values.numpy()


WRITTEN = st.integers(0, 8).flatmap(
    lambda length: st.lists(
        st.lists(
            st.one_of(st.integers(0, END - 1), st.integers(TIMES, SIZE - 1)), min_size=length, max_size=length
        ),
        min_size=1,
        max_size=4,
    )
)


def allow(
    logits: NDArray[np.float32], written: Sequence[Sequence[int]], grammar: Grammar, *, times: bool = True
) -> NDArray[np.float32]:
    """A copy of `logits` without what is forbidden."""
    allowed = logits.copy()
    forbid(allowed, written, grammar, times=times)
    return allowed


@settings(max_examples=300, deadline=None)
@given(WRITTEN, st.integers(0, 2**32 - 1), st.floats(0.1, 8), st.booleans(), st.sampled_from([None, 0, 5]))
def test_what_may_follow_is_what_whisper_allows(
    written: list[list[int]], seed: int, spread: float, times: bool, latest: int | None
) -> None:
    logits = np.random.default_rng(seed).normal(0, spread, (len(written), SIZE)).astype(np.float32)
    grammar = Grammar(END, NO_TIMES, TIMES, blank=(7,), never=(3, 11, 42), first_latest=latest)
    found = allow(logits, written, grammar, times=times)
    assert np.array_equal(found, filtered(logits, written, grammar, Vocabulary(), times))


def test_the_whole_vocabulary() -> None:
    tokenizer = pytest.importorskip("whisper.tokenizer").get_tokenizer(True)
    grammar = Grammar(
        tokenizer.eot,
        tokenizer.no_timestamps,
        tokenizer.timestamp_begin,
        tuple(tokenizer.encode(" ")),
        (*tokenizer.non_speech_tokens, tokenizer.sot, tokenizer.no_speech),
    )
    first = tokenizer.timestamp_begin
    texts: list[list[list[int]]] = [
        [[], []],
        [[first], [first + 9]],
        [[first, 400, first + 50], [first, 400, 500]],
    ]
    for written in texts:
        logits = np.random.default_rng(len(written[0])).normal(0, 3, (2, 51865)).astype(np.float32)
        assert np.array_equal(
            allow(logits, written, grammar), filtered(logits, written, grammar, tokenizer, times=True)
        )


def test_texts_of_different_length_keep_to_their_own_rules() -> None:
    logits = np.random.default_rng(3).normal(size=(3, SIZE)).astype(np.float32)
    written = [[], [TIMES + 1], [TIMES + 1, 5, TIMES + 9]]
    found = allow(logits, written, SMALL)
    for row, tokens in enumerate(written):
        assert np.array_equal(found[row], allow(logits[row : row + 1], [tokens], SMALL)[0])


def test_chances_are_whispers() -> None:
    logits = np.random.default_rng(4).normal(0, 5, (4, SIZE)).astype(np.float32)
    logits[:, 9] = -np.inf
    right = torch.from_numpy(logits)
    assert np.allclose(log_softmax(logits), right.log_softmax(-1).numpy(), atol=1e-5)
    assert np.allclose(no_speech_chance(logits, 46), right.softmax(-1)[:, 46].numpy(), atol=1e-6)
    assert np.allclose(language_chances(logits, 42, 4), right[:, 42:46].softmax(-1).numpy(), atol=1e-6)
    assert mean_chance(-6.0, 5) == -1.0


def test_rows_without_a_text_are_refused() -> None:
    with pytest.raises(ValueError, match="2 rows of logits for 1 texts"):
        allow(np.zeros((2, SIZE), np.float32), [[]], SMALL)
