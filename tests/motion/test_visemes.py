"""Mouth shapes of words."""

import pytest

from accessify.core.expressions import EXPRESSIONS
from accessify.core.timeline import Span, seconds
from accessify.motion.visemes import SAMPA, SPELLINGS, VISEMES, mouthing, spoken_visemes, visemes


@pytest.mark.parametrize(
    ("word", "language", "shapes"),
    [
        ("mama", "en", ("closed", "a", "closed", "a")),
        ("Name", "en", ("tongue", "a", "closed")),
        ("shoe", "en", ("hush", "o")),
        ("Schule", "de", ("hush", "round", "tongue", "e")),
        ("über", "de", ("round", "closed", "e", "hush")),
        ("zhōng", "zh", ("hush", "o", "back")),
        ("四", "en", ()),
        ("", "en", ()),
    ],
)
def test_words(word: str, language: str, shapes: tuple[str, ...]) -> None:
    assert visemes(word, language) == shapes


def test_sampa_is_read_by_its_longest_symbols() -> None:
    assert spoken_visemes('"Su:l@') == ("hush", "round", "tongue", "e")
    assert spoken_visemes("tSi:z") == ("hush", "i", "tongue")


def test_every_table_names_mouth_shapes_that_there_are() -> None:
    for table in (*SPELLINGS.values(), SAMPA):
        assert set(table.values()) <= set(VISEMES)
    for shape in VISEMES.values():
        assert {name for name, _ in shape.expressions} <= set(EXPRESSIONS)


def test_a_word_fills_its_span_and_no_shape_is_too_short_to_see() -> None:
    span = Span(seconds(1), seconds(2))
    signals = mouthing(visemes("banana"), span)
    assert (signals[0].span.start, signals[-1].span.end) == (span.start, span.end)
    crowded = mouthing(visemes("incomprehensibilities"), Span(0, seconds(0.4)))
    assert len(crowded) == 5
    assert mouthing((), span) == ()
