from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.timeline import Span, seconds, to_seconds
from accessify.engines.forced_align import PocketSphinxAligner
from tests.spoken import BECKETT, sound

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def aligner() -> PocketSphinxAligner:
    return PocketSphinxAligner()


@pytest.fixture(scope="module")
def beckett() -> list[Span | None]:
    """By an aligner that never heard anything else."""
    return PocketSphinxAligner().align(sound("beckett.wav"), BECKETT.split())


def align(aligner: PocketSphinxAligner, text: str, first: float = 0, last: float = 10) -> list[Span | None]:
    return aligner.align(sound("beckett.wav").cut(Span(seconds(first), seconds(last))), text.split())


def test_times_do_not_depend_on_what_was_aligned_before(
    aligner: PocketSphinxAligner, beckett: list[Span | None]
) -> None:
    for text in ("fail better zyzzyva", "1999 floccinaucinihilipilification", BECKETT, "ever ever ever"):
        align(aligner, text)
    assert align(aligner, BECKETT) == beckett


def test_marks_and_capitals_change_no_time(aligner: PocketSphinxAligner, beckett: list[Span | None]) -> None:
    assert (
        align(aligner, "“Ever TRIED, ever failed? No matter. Try again; fail again! Fail better…") == beckett
    )


def test_a_word_in_no_dictionary_lies_where_it_sounds(
    aligner: PocketSphinxAligner, beckett: list[Span | None]
) -> None:
    """`failed` and `matter` misspelt: their letters still say roughly how they sound."""
    found = align(aligner, BECKETT.replace("failed", "faylde").replace("matter", "mattur"))
    for at in (3, 5):
        expected, span = beckett[at], found[at]
        assert expected is not None
        assert span is not None
        assert abs(to_seconds(span.start - expected.start)) < 0.15
    assert found[6:] == beckett[6:]


def test_a_number_lasts_from_its_first_to_its_last_spoken_word(aligner: PocketSphinxAligner) -> None:
    forty, two, five, euros = align(aligner, "forty two five euros")
    assert forty is not None
    assert two is not None
    assert five is not None
    assert euros is not None
    assert align(aligner, "42 €5,") == [forty | two, five | euros]


def test_a_word_that_cannot_be_spoken_has_no_time_and_takes_none(
    aligner: PocketSphinxAligner, beckett: list[Span | None]
) -> None:
    words = ["—", *BECKETT.split()[:2], "日本", *BECKETT.split()[2:], "…"]
    found = aligner.align(sound("beckett.wav"), words)
    assert [found[0], found[3], found[-1]] == [None] * 3
    assert [*found[1:3], *found[4:-1]] == beckett


def test_only_marks_have_no_times(aligner: PocketSphinxAligner) -> None:
    assert align(aligner, "— … ♪") == [None] * 3


def test_too_many_words_for_the_sound_have_no_times(aligner: PocketSphinxAligner) -> None:
    assert align(aligner, "hello " * 40, last=0.2) == [None] * 40


@pytest.mark.parametrize("count", [0, 1, 100, 16_000])
def test_silence_is_no_failure(aligner: PocketSphinxAligner, beckett: list[Span | None], count: int) -> None:
    found = aligner.align(Audio(np.zeros(count, np.float32)), ["hello", "there"])
    assert len(found) == 2
    assert align(aligner, BECKETT) == beckett


def test_overdriven_sound_is_clipped_not_wrapped(aligner: PocketSphinxAligner) -> None:
    clip = sound("beckett.wav")
    found = aligner.align(Audio(clip.samples * np.float32(8)), BECKETT.split())
    assert all(found)


class Interrupted:
    """A decoder in which Ctrl-C strikes while it listens."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._decoder, name)

    def process_raw(self, *_: object, **__: object) -> None:
        raise KeyboardInterrupt


def test_a_run_broken_off_leaves_the_aligner_usable(beckett: list[Span | None]) -> None:
    aligner = PocketSphinxAligner()
    decoder = aligner._decoder
    aligner._decoder = Interrupted(decoder)
    with pytest.raises(KeyboardInterrupt):
        align(aligner, BECKETT)
    aligner._decoder = decoder
    assert align(aligner, BECKETT) == beckett
