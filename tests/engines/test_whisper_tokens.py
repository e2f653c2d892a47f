from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessify.core.errors import ModelError, ModelNotFound
from accessify.engines.whisper_tokens import LANGUAGES, UNSPACED, Tokens, read_tokens

# openai-whisper leaves its vocabulary files open
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
tokenizer = pytest.importorskip("whisper.tokenizer", reason="needs the extra whisper")
ASSETS = Path(tokenizer.__file__).parent / "assets"
TEXTS = (
    " Hello, world! It's the 3rd take -- (really) don't.",
    "你好，世界！我们拍电影《木木》。",
    " こんにちは世界 ありがとう",
    " مرحبا بالعالم كيف حالك",
    " 👩‍👩‍👧 naïve café Ελληνικά ไทย",
    "",
)


@cache
def tokens_of(languages: int) -> Tokens:
    return read_tokens(ASSETS / ("multilingual.tiktoken" if languages else "gpt2.tiktoken"), languages)


def oracle(languages: int, code: str = "en", task: str = "transcribe") -> Any:
    count = {"num_languages": languages} if languages else {}
    return tokenizer.get_tokenizer(bool(languages), language=code, task=task, **count)


def test_languages_are_whispers_in_order() -> None:
    assert tuple(tokenizer.LANGUAGES) == LANGUAGES


@pytest.mark.parametrize("languages", [0, 99, 100])
def test_special_tokens_are_where_the_model_has_them(languages: int) -> None:
    ours, right = tokens_of(languages), oracle(languages)
    assert (ours.end, ours.start, ours.translate, ours.transcribe) == (
        right.eot,
        right.sot,
        right.translate,
        right.transcribe,
    )
    assert (ours.before, ours.no_speech, ours.no_times, ours.times) == (
        right.sot_prev,
        right.no_speech,
        right.no_timestamps,
        right.timestamp_begin,
    )
    assert ours.encoding.n_vocab == right.encoding.n_vocab
    assert ours.unspoken == right.non_speech_tokens


@pytest.mark.parametrize(("code", "task"), [("en", "transcribe"), ("zh", "translate"), ("su", "transcribe")])
def test_a_transcript_begins_as_the_model_was_taught(code: str, task: str) -> None:
    ours, right = tokens_of(99), oracle(99, code, task)
    assert ours.opening(code, translate=task == "translate") == right.sot_sequence
    assert ours.opening(code, translate=task == "translate", times=False) == (
        *right.sot_sequence,
        right.no_timestamps,
    )
    assert tokens_of(0).opening(None) == oracle(0).sot_sequence


@pytest.mark.parametrize("languages", [0, 99])
@pytest.mark.parametrize("text", TEXTS)
def test_text_there_and_back(languages: int, text: str) -> None:
    ours, right = tokens_of(languages), oracle(languages)
    found = ours.encode(text)
    assert found == right.encode(text)
    assert ours.decode([ours.start, *found, ours.times + 7]) == text
    assert b"".join(map(ours.raw, found)) == text.encode()


def test_what_looks_special_in_a_text_is_text() -> None:
    assert tokens_of(99).decode(tokens_of(99).encode("<|endoftext|> <|end|>")) == "<|endoftext|> <|end|>"


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 50_000), max_size=20), st.sampled_from(["en", "de", *sorted(UNSPACED - {"yue"})])
)
def test_words_are_whispers_even_of_broken_text(numbers: list[int], code: str) -> None:
    groups = tokens_of(99).words(numbers, code)
    _, right = oracle(99, code).split_to_word_tokens(list(numbers))
    assert [token for group in groups for token in group] == numbers  # openai-whisper drops a broken end
    assert groups[: len(right)] == right or groups == [*right[:-1], groups[-1]]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("code", ["en", "zh"])
def test_words_of_real_text(text: str, code: str) -> None:
    numbers = tokens_of(99).encode(text)
    assert tokens_of(99).words(numbers, code) == oracle(99, code).split_to_word_tokens(list(numbers))[1]


@pytest.mark.parametrize("content", [b"", b"no vocabulary", b"IQ== 0\nIg== 2\n", b"\xff\xff 0\n"])
def test_a_damaged_vocabulary_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vocabulary.tiktoken"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="export the model again"):
        read_tokens(path, 99)


def test_a_vocabulary_that_lost_its_end_is_told(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.tiktoken"
    with pytest.raises(ModelNotFound, match="export the model again"):
        read_tokens(path, 99, 51865)
    lines = (ASSETS / "multilingual.tiktoken").read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines))
    assert read_tokens(path, 99, 51865).encoding.n_vocab == 51865
    path.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(ModelError, match="51864 tokens, the model knows 51865"):
        read_tokens(path, 99, 51865)
