from __future__ import annotations

from accessify.core.timeline import Span
from accessify.pipelines.heard_language import Stretch, among, spoken_language, written_language


def test_the_language_spoken_for_the_longest_is_the_films() -> None:
    language, notes = among(
        [Stretch(Span(0, 40), "en"), Stretch(Span(50, 60), "zh"), Stretch(Span(60, 80), "zh")]
    )
    assert language == "en"
    assert [(note.span, note.kind) for note in notes] == [(Span(50, 80), "language")]
    assert "'zh' was heard here, where most is 'en'" in notes[0].text


def test_one_language_needs_no_note() -> None:
    assert among([Stretch(Span(0, 4), "zh"), Stretch(Span(9, 10), "zh")]) == ("zh", ())


def test_stretches_of_another_language_are_noted_apart_where_the_films_own_lies_between() -> None:
    order = [Stretch(Span(8, 9), "de"), Stretch(Span(0, 1), "de"), Stretch(Span(2, 7), "en")]
    language, notes = among(order)
    assert language == "en"
    assert [note.span for note in notes] == [Span(0, 1), Span(8, 9)]


def test_nothing_told_is_nothing_known() -> None:
    assert among([]) == (None, ())


def test_what_is_told_goes_before_what_is_heard() -> None:
    assert spoken_language("de-AT", "en") == "de-AT"
    assert spoken_language("auto", "en") == "en"
    assert spoken_language("AUTO") == "und"


def test_what_is_written() -> None:
    assert written_language("zh-TW", script="hans") == "zh-Hans"
    assert written_language("ja", script="hant") == "ja"
    assert written_language("zh", "translate", "hans") == "en"
