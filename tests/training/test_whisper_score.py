from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("whisper", reason="openai-whisper comes with the extra `whisper`")

from accessify.training.whisper_clips import held_out
from accessify.training.whisper_score import edits, score, written
from tests.meaning import said, small_whisper

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # openai-whisper's vocabulary


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)],
)
def test_errors_are_insertions_deletions_and_replacements(one: str, other: str, count: int) -> None:
    assert edits(one, other) == count


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_errors_are_the_same_both_ways_and_at_most_all(one: str, other: str) -> None:
    assert edits(one, other) == edits(other, one) <= max(len(one), len(other))
    assert (edits(one, other) == 0) == (one == other)


def test_what_should_be_written_follows_the_prompt() -> None:
    assert (
        written(said("en", "Where is Sean?", "Today is Monday."), "Shawn.")
        == "Where is Shawn? Today is Monday."
    )
    assert written(said("zh", "小明在学校。", "今天是星期一。")) == "小明在学校。今天是星期一。"


def test_strangers_are_heard_with_language_and_times() -> None:
    """As openai-whisper decodes it; figures of many clips are on the model's card."""
    found = score(small_whisper(), held_out(10, seed=4))
    assert found.languages == 1
    assert found.timed >= 0.9
    assert found.times < 0.04
    assert max(found.errors.values()) < 0.15
