"""Conversion for faster-whisper: its tokens are tiktoken's; what it hears is tested beside the engine."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import ModelError
from accessify.evaluation.whisper_ctranslate import byte_pairs, convert_whisper
from tests.engines.whisper_folders import MANY, ctranslate
from tests.hub.whisper_models import random_whisper, save_whisper

pytest.importorskip("faster_whisper")
pytest.importorskip("torch")
whisper_tokenizer = pytest.importorskip("whisper.tokenizer")

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # openai-whisper's vocabulary


@cache
def tokenizers() -> tuple[Any, Any]:
    """What was converted, and openai-whisper's own."""
    package: Any = pytest.importorskip("tokenizers")
    ours = package.Tokenizer.from_file(str(ctranslate()["tokenizer.json"]))
    return ours, whisper_tokenizer.get_tokenizer(multilingual=True, num_languages=99)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
    | st.sampled_from(["1 000 €", "naïve 世界"])
)
def test_text_has_the_same_tokens(text: str) -> None:
    ours, theirs = tokenizers()
    ours.encode_special_tokens = True
    assert ours.encode(text, add_special_tokens=False).ids == theirs.encode(text, disallowed_special=())


def test_special_tokens_have_the_same_numbers() -> None:
    ours, theirs = tokenizers()
    for name in ("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|su|>", "<|transcribe|>", "<|0.00|>"):
        assert ours.token_to_id(name) == theirs.special_tokens[name]
    assert ours.token_to_id("<|30.00|>") == theirs.timestamp_begin + 1500


def test_pairs_of_bytes_are_found_from_ranks() -> None:
    ranks = {b"a": 0, b"b": 1, b"c": 2, b"ab": 3, b"abc": 4, b"cab": 5}
    assert byte_pairs(ranks) == [(b"a", b"b"), (b"ab", b"c"), (b"c", b"ab")]


def test_models_of_other_lengths_are_refused(tmp_path: Path) -> None:
    source = save_whisper(random_whisper(replace(MANY, n_text_ctx=60)), tmp_path / "model.pt")
    with pytest.raises(ModelError, match="30 s and 448 tokens"):
        convert_whisper(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_folder_is_complete() -> None:
    assert {"model.bin", "config.json", "vocabulary.json", "tokenizer.json"} <= set(ctranslate())
