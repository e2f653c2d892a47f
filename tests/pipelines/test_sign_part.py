"""How much of a text or of captions is signed in one go."""

from __future__ import annotations

import pytest

from accessify.core.errors import OptionError
from accessify.core.text import Cue
from accessify.core.timeline import Span, Track, seconds
from accessify.pipelines.sign_part import letters, part


def cues(*texts: str, start: float = 60) -> Track[Cue]:
    spans = (Span(seconds(start + 3 * n), seconds(start + 3 * n + 2)) for n in range(len(texts)))
    return Track(tuple(Cue(span, text) for span, text in zip(spans, texts, strict=True)))


def test_only_what_is_signed_counts_and_chinese_by_its_pinyin() -> None:
    assert letters("Hi, Ann! 42") == 7
    assert letters("你好，Ann") == 8


def test_as_many_captions_as_fit_from_the_chosen_one_on() -> None:
    found = part(cues("one", "three", "nine", "fourteen"), first=2, most=9)
    assert (found.first, found.last, found.total) == (2, 3, 4)
    assert [cue.text for cue in found.cues] == ["three", "nine"]


def test_its_clock_begins_just_before_the_first_caption_and_leads_back_to_the_films() -> None:
    given = cues("one", "two")
    found = part(given, first=2)
    assert found.cues[0].span == Span(seconds(1), seconds(3))
    assert found.cues.shift(found.offset)[:] == given[1:]
    assert part(cues("one", start=0)).offset == 0


def test_a_caption_that_is_too_long_alone_is_still_signed() -> None:
    assert part(cues("a" * 50, "b"), most=10).last == 1


@pytest.mark.parametrize("first", [0, 3])
def test_a_caption_that_there_is_not(first: int) -> None:
    with pytest.raises(OptionError, match="1 to 2"):
        part(cues("one", "two"), first=first)
