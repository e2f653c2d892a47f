from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from accessify.core.timeline import Span, millis
from accessify.speech.attention_times import (
    CLOSING_MARKS,
    OPENING_MARKS,
    TimedWord,
    cheapest_path,
    join_marks,
    median_filter,
    timed_words,
    token_frames,
)

torch = pytest.importorskip("torch", reason="needs the extra whisper")
timing = pytest.importorskip("whisper.timing", reason="needs the extra whisper")

SEEDS = st.integers(0, 2**32 - 1)


def right_path(costs: NDArray[Any]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = timing.dtw_cpu(costs)
    return found


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 40), st.integers(1, 60), st.booleans())
def test_the_path_is_whispers(seed: int, rows: int, columns: int, ties: bool) -> None:
    dice = np.random.default_rng(seed)
    costs = dice.integers(0, 3, (rows, columns)) - 1.0 if ties else dice.normal(size=(rows, columns))
    assert np.array_equal(cheapest_path(costs), right_path(costs))


def test_the_path_of_the_longest_text() -> None:
    costs = np.random.default_rng(1).normal(size=(448, 1500))
    assert np.array_equal(cheapest_path(costs), right_path(costs))


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(1, 5), st.integers(1, 50), st.sampled_from([1, 3, 7, 9]))
def test_the_filter_is_whispers(seed: int, rows: int, columns: int, width: int) -> None:
    values = np.random.default_rng(seed).normal(size=(2, rows, columns)).astype(np.float32)
    right = timing.median_filter(torch.from_numpy(values), width).numpy()
    assert np.array_equal(median_filter(values, width), right)


def small_whisper(seed: int) -> Any:
    model = pytest.importorskip("whisper.model")
    torch.manual_seed(seed)
    sizes = model.ModelDimensions(80, 200, 32, 4, 1, 51865, 96, 32, 4, 3)
    whisper = model.Whisper(sizes).eval()
    torch.nn.init.normal_(whisper.decoder.positional_embedding)  # openai leaves it as the memory is
    for name, weight in whisper.named_parameters():
        if "cross_attn" in name and weight.ndim == 2:
            torch.nn.init.normal_(weight, std=0.6)  # attention that is far from even
    return whisper


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # its vocabulary stays open
@pytest.mark.parametrize(("seed", "frames"), [(0, 400), (1, 260), (2, 31), (3, 8)])
def test_words_are_where_whisper_finds_them(seed: int, frames: int) -> None:
    """The same weights, softmaxed over all frames as the exported decoder gives them."""
    model, tokenizer = small_whisper(seed), pytest.importorskip("whisper.tokenizer").get_tokenizer(True)
    text = tokenizer.encode(' She said: "Never," he wrote — 42 times (at least).')
    mel = torch.randn(80, 400, generator=torch.Generator().manual_seed(seed))
    right = timing.find_alignment(model, tokenizer, text, mel, frames)
    tokens = [*tokenizer.sot_sequence, tokenizer.no_timestamps, *text, tokenizer.eot]
    attention, logits = attended(model, mel, tokens)
    starts = token_frames(attention, len(tokenizer.sot_sequence), frames // 2)
    words, groups = tokenizer.split_to_word_tokens([*text, tokenizer.eot])
    odds = logits[len(tokenizer.sot_sequence) :, : tokenizer.eot].softmax(-1).numpy()
    chances = [float(odds[at, token]) for at, token in enumerate(text)]
    found = timed_words(list(zip(words[:-1], groups[:-1], strict=True)), starts, chances)
    assert [word.text for word in found] == [word.word for word in right[: len(found)]]
    for word, best in zip(found, right, strict=False):
        assert abs(word.span.start - millis(round(best.start * 1000))) <= millis(20)
        assert abs(word.span.end - millis(round(best.end * 1000))) <= millis(20)
        assert word.chance == pytest.approx(best.probability, rel=1e-4)


def attended(model: Any, mel: Any, tokens: list[int]) -> tuple[NDArray[np.float32], Any]:
    """Attention of the alignment heads [heads, tokens, frames], and the logits."""
    layers: list[Any] = []
    hooks = [
        block.cross_attn.register_forward_hook(lambda _, __, out: layers.append(out[-1][0]))
        for block in model.decoder.blocks
    ]
    with torch.no_grad(), pytest.importorskip("whisper.model").disable_sdpa():
        logits = model(mel[None], torch.tensor([tokens]))[0]
    for hook in hooks:
        hook.remove()
    heads = torch.stack([layers[layer][head] for layer, head in model.alignment_heads.indices().T])
    return heads.softmax(-1).numpy(), logits


MARKS = [
    " Hello",
    "lo",
    " (",
    ' "',
    " -",
    " ",
    ".",
    ",",
    '"',
    ")",
    "'.",
    "。",
    "你",
    " ¿",
    "?",
    " '",
    " world ",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(MARKS), max_size=10))
def test_marks_are_joined_as_whisper_joins_them(texts: list[str]) -> None:
    words = [TimedWord(text, (at,), Span(at, at + 1), 0.5) for at, text in enumerate(texts)]
    right = [SimpleNamespace(word=text, tokens=[at], start=at) for at, text in enumerate(texts)]
    timing.merge_punctuations(right, OPENING_MARKS, CLOSING_MARKS)
    found = [(word.text, list(word.tokens), word.span.start) for word in join_marks(words)]
    assert found == [(word.word, word.tokens, word.start) for word in right if word.word]


def test_a_frame_that_no_token_heeds_is_no_error() -> None:
    weights = np.zeros((2, 6, 30), np.float32)
    weights[:, :, 3] = 1
    starts = token_frames(weights, 2, 20)
    assert len(starts) == 3
    assert np.all(np.diff(starts) >= 0)


def test_numbers_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="2 tokens need 3 starts and 2 chances"):
        timed_words([(" two", (1, 2))], [0, 1], [0.5, 0.5])
