"""Captions in HLS segments that never change once they are published."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.formats.vtt import read_vtt
from accessify.core.live import LiveState, LiveUpdate
from accessify.core.text import Word
from accessify.core.timeline import Span, seconds
from accessify.server.hls import CaptionTimeline


def word(text: str, start: float, end: float) -> Word:
    return Word(Span(seconds(start), seconds(end)), text)


def said(number: int, clock: float, *words: Word, state: LiveState = LiveState.SPEECH) -> LiveUpdate:
    ended = state in (LiveState.SILENT, LiveState.ENDED)
    return LiveUpdate(number, seconds(clock), state, committed=words, ended=ended)


def shown(timeline: CaptionTimeline, number: int) -> list[tuple[float, float, str]]:
    text = timeline.segment(number, 0)
    assert text is not None
    cues = read_vtt(text).cues
    return [(cue.span.start / seconds(1), cue.span.end / seconds(1), cue.text) for cue in cues]


def test_a_caption_across_a_border_stands_in_both_segments() -> None:
    timeline = CaptionTimeline()
    timeline.push(said(1, 3.5, word("Across", 3, 3.5)))
    timeline.push(said(2, 5, word("it.", 4.2, 4.8)))
    assert timeline.count == 0  # the line may still grow
    timeline.push(said(3, 5.5, state=LiveState.SILENT))
    timeline.push(said(4, 12, state=LiveState.SILENT))
    assert timeline.count == 2
    assert shown(timeline, 0) == shown(timeline, 1) == [(3, 6.3, "Across it.")]


def test_silence_is_published_as_empty_segments() -> None:
    timeline = CaptionTimeline()
    timeline.push(said(1, 9, state=LiveState.SILENT))
    assert timeline.count == 2
    assert timeline.segment(0, 0) == "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n"
    assert timeline.segment(2, 0) is None


def test_noise_that_is_taken_for_speech_does_not_hold_the_playlist_up() -> None:
    timeline = CaptionTimeline()
    timeline.push(said(1, 60, state=LiveState.SPEECH))
    assert timeline.count == 10


def test_text_cannot_become_markup_or_a_cue_of_its_own() -> None:
    timeline = CaptionTimeline(80)
    timeline.push(said(1, 2, word("<b>&", 0, 1), word("-->", 1, 1.5), state=LiveState.ENDED))
    timeline.end()
    text = timeline.segment(0, 0)
    assert text is not None
    assert text.count("-->") == 1
    assert "<b>" not in text
    assert shown(timeline, 0)[0][2] == "<b>& -->"


def test_old_segments_go() -> None:
    timeline = CaptionTimeline(window=3)
    for number in range(1, 20):
        timeline.push(
            said(number, 4 * number, word("word.", 4 * number - 2, 4 * number - 1), state=LiveState.SILENT)
        )
    timeline.push(said(20, 90, state=LiveState.SILENT))
    assert timeline.first == timeline.count - 3
    assert timeline.segment(0, 0) is None
    assert len(timeline.cues) <= 4
    playlist = timeline.playlist("", 0.0)
    assert f"#EXT-X-MEDIA-SEQUENCE:{timeline.first + 1}\n" in playlist  # behind the empty one
    assert "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:01:1" in playlist  # of the first segment that is kept
    assert playlist.count("#EXTINF") == 3


def updates(gaps: Iterable[tuple[float, bool]]) -> list[LiveUpdate]:
    clock, made = 0.0, []
    for number, (gap, ended) in enumerate(gaps, 1):
        start = clock + gap
        clock = start + 0.5
        state = LiveState.SILENT if ended else LiveState.SPEECH
        made.append(said(number, clock, word(f"word{number}", start, clock - 0.1), state=state))
    return made


@given(st.lists(st.tuples(st.floats(0, 9), st.booleans()), max_size=30))
def test_a_published_segment_never_changes_and_none_is_lost(gaps: list[tuple[float, bool]]) -> None:
    timeline = CaptionTimeline()
    published: list[str | None] = []
    made = updates(gaps)
    for update in made:
        timeline.push(update)
        assert timeline.count >= len(published)
        assert [timeline.segment(number, 0) for number in range(len(published))] == published
        published += [timeline.segment(number, 0) for number in range(len(published), timeline.count)]
    timeline.end()
    assert [timeline.segment(number, 0) for number in range(len(published))] == published
    texts = {cue for number in range(timeline.count) for cue in shown(timeline, number)}
    words = sorted(text for _, _, line in texts for text in line.split())
    assert words == sorted(f"word{update.number}" for update in made)
    spans = sorted((start, end) for start, end, _ in texts)
    assert all(later[0] >= earlier[1] - 1e-6 for earlier, later in pairwise(spans))
