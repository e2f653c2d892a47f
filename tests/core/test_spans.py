"""Spans and tracks: half-open stretches, and events that stay in order of time."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accessify.core.timeline import Note, Rate, Span, Track, seconds


@dataclass(frozen=True, slots=True)
class Event:
    span: Span
    name: str = ""


ticks = st.integers(-50, 50)  # small numbers meet often
spans = st.tuples(ticks, ticks).map(lambda pair: Span(min(pair), max(pair)))
notes = st.lists(spans.map(lambda span: Note(span, "unheard", "too quiet")), max_size=5)
events = st.lists(st.builds(Event, spans, st.sampled_from("abc")), max_size=12)


def covered(span: Span | None) -> set[int]:
    """The ticks of a span one by one: slow, and beyond doubt."""
    return set(range(span.start, span.end)) if span else set()


@given(spans, spans)
def test_algebra_agrees_with_sets_of_ticks(a: Span, b: Span) -> None:
    assert covered(a & b) == covered(a) & covered(b)
    assert covered(a | b) >= covered(a) | covered(b)
    assert a.overlaps(b) == bool(covered(a) & covered(b)) == (a & b is not None)
    assert a.duration == len(covered(a))
    assert {tick for tick in range(-60, 60) if tick in a} == covered(a)


@given(spans, spans)
def test_both_orders_give_the_same(a: Span, b: Span) -> None:
    assert a & b == b & a
    assert a | b == b | a
    assert a.overlaps(b) == b.overlaps(a)


@given(spans, spans)
def test_the_union_is_the_smallest_cover(a: Span, b: Span) -> None:
    union = a | b
    assert union.start in (a.start, b.start)
    assert union.end in (a.end, b.end)


@given(spans, ticks)
def test_shifting_keeps_the_length_and_comes_back(span: Span, by: int) -> None:
    assert span.shift(by).duration == span.duration
    assert span.shift(by).shift(-by) == span


def test_neighbours_meet_and_do_not_overlap() -> None:
    first, second = Span(0, 10), Span(10, 20)
    assert first.end == second.start
    assert not first.overlaps(second)
    assert first & second is None
    assert first | second == Span(0, 20)
    assert 10 not in first
    assert 10 in second


def test_a_span_with_no_tick_overlaps_nothing() -> None:
    assert not Span(5, 5).overlaps(Span(0, 10))
    assert 5 not in Span(5, 5)


def test_a_span_never_ends_before_it_starts() -> None:
    with pytest.raises(ValueError, match=r"7\.\.6"):
        Span(7, 6)


def test_values_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Span(0, 1).end = 5  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Rate(Fraction(25)).drop = True  # type: ignore[misc]


@given(events, notes)
def test_a_track_sorts_and_loses_nothing(items: list[Event], remarks: list[Note]) -> None:
    track = Track.of(items, remarks)
    assert [event.span for event in track] == sorted(event.span for event in items)
    assert sorted(track, key=items.index) == sorted(items, key=items.index)
    assert len(track) == len(items)
    assert len(track.notes) == len(remarks)
    assert Track.of(track.events, track.notes) == track


@given(events)
def test_events_at_the_same_time_keep_their_order(items: list[Event]) -> None:
    for span in {event.span for event in items}:
        together = [event.name for event in items if event.span == span]
        assert [event.name for event in Track.of(items) if event.span == span] == together


@given(events)
def test_events_out_of_order_are_refused(items: list[Event]) -> None:
    assume([event.span for event in items] != sorted(event.span for event in items))
    with pytest.raises(ValueError, match=r"events must be in order.*Track\.of"):
        Track(tuple(items))


def test_notes_out_of_order_are_refused() -> None:
    late, early = Note(Span(9, 9), "damaged", "b"), Note(Span(1, 1), "damaged", "a")
    with pytest.raises(ValueError, match="notes must be in order"):
        Track((), (late, early))


@given(events, spans)
def test_within_finds_what_looking_at_every_event_finds(items: list[Event], window: Span) -> None:
    track = Track.of(items)
    assert track.within(window) == tuple(event for event in track if event.span.overlaps(window))


@given(events)
def test_a_track_spans_from_the_first_start_to_the_last_end(items: list[Event]) -> None:
    span = Track.of(items).span
    if not items:
        assert span is None
    else:
        assert span == Span(min(e.span.start for e in items), max(e.span.end for e in items))


@given(events, notes, ticks)
def test_a_shifted_track_comes_back(items: list[Event], remarks: list[Note], by: int) -> None:
    track = Track.of(items, remarks)
    later = track.shift(by)
    assert [event.span for event in later] == [event.span.shift(by) for event in track]
    assert [note.span for note in later.notes] == [note.span.shift(by) for note in track.notes]
    assert later.shift(-by) == track


@given(events, notes)
def test_mapping_keeps_notes_and_order(items: list[Event], remarks: list[Note]) -> None:
    track = Track.of(items, remarks)
    mirrored = track.map(lambda event: Event(Span(-event.span.end, -event.span.start), event.name))
    assert mirrored.notes == track.notes
    assert sorted(event.name for event in mirrored) == sorted(event.name for event in track)


def test_notes_are_added_and_none_is_dropped() -> None:
    first, second = Note(Span(5, 9), "unheard", "a"), Note(Span(1, 2), "damaged", "b")
    assert Track[Event]((), (first,)).with_notes([second]).notes == (second, first)


def test_a_slice_is_a_tuple_of_events() -> None:
    track = Track.of([Event(Span(n, n + 1), str(n)) for n in range(5)])
    assert track[0].name == "0"
    assert [event.name for event in track[-2:]] == ["3", "4"]


@given(st.floats(0, 1e6))
def test_float_seconds_come_onto_the_clock_to_the_nearest_tick(value: float) -> None:
    assert abs(Fraction(value) - Fraction(seconds(value), 705_600_000)) <= Fraction(1, 2 * 705_600_000)
