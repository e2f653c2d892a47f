from accessify.core.text import Cue, Document, Run, Style, Word, merge_runs
from accessify.core.timeline import Note, Span, Track

ITALIC = Style(italic=True)
READ = Style(ruby="か")


def test_equal_neighbours_are_joined_and_empty_runs_dropped() -> None:
    runs = [Run("a", ITALIC), Run(""), Run("b", ITALIC), Run("c"), Run("d", start=5), Run("e", start=5)]
    assert merge_runs(runs) == (Run("ab", ITALIC), Run("c"), Run("de", start=5))


def test_plain_runs_are_no_runs() -> None:
    assert merge_runs([Run("a"), Run("b")]) == ()


def test_each_reading_stays_over_its_own_base() -> None:
    assert merge_runs([Run("漢", READ), Run("漢", READ)]) == (Run("漢", READ), Run("漢", READ))


def test_all_times_of_a_document_move_together() -> None:
    word = Word(Span(10, 20), "a")
    cue = Cue(Span(10, 30), "ab", (Run("a"), Run("b", start=20)), words=(word,))
    document = Document(Track((cue,), (Note(Span(0, 5), "kind", "text"),)), words=Track((word,)))
    moved = document.shift(100)
    later = Word(Span(110, 120), "a")
    assert moved.cues[0] == Cue(Span(110, 130), "ab", (Run("a"), Run("b", start=120)), words=(later,))
    assert moved.cues.notes[0].span == Span(100, 105)
    assert moved.words[0] == later
    assert document.cues.shift(100) == moved.cues
    assert document.retime(lambda tick: tick + 100) == moved


def test_times_change_in_proportion() -> None:
    word = Word(Span(10, 20), "a")
    cue = Cue(Span(10, 30), "ab", (Run("a"), Run("b", start=20)), words=(word,))
    doubled = Document(Track((cue,)), words=Track((word,))).retime(lambda tick: 2 * tick)
    assert doubled.cues[0] == Cue(
        Span(20, 60), "ab", (Run("a"), Run("b", start=40)), words=(Word(Span(20, 40), "a"),)
    )
    assert doubled.words[0].span == Span(20, 40)
