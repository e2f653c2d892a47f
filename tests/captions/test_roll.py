from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.roll import Roll, RollOptions
from accessify.core.live import Correction, LiveLine, LiveState, LiveUpdate
from accessify.core.text import Word
from accessify.core.timeline import Span, seconds


def words(text: str, start: int = 0, speaker: str | None = None) -> tuple[Word, ...]:
    return tuple(
        Word(Span(seconds(start + at), seconds(start + at + 1)), word, speaker=speaker)
        for at, word in enumerate(text.split())
    )


def update(text: str = "", *, start: int = 0, ended: bool = False, **more: object) -> LiveUpdate:
    return LiveUpdate(1, seconds(60), LiveState.SPEECH, committed=words(text, start), ended=ended, **more)  # type: ignore[arg-type]


def texts(lines: tuple[LiveLine, ...]) -> list[tuple[int, str, bool]]:
    return [(line.number, line.text, line.closed) for line in lines]


def test_a_word_joins_the_line_or_opens_the_next() -> None:
    roll = Roll(RollOptions(width=12))
    assert texts(roll.push(update("And so"))) == [(1, "And so", False)]
    assert texts(roll.push(update("my fellow Americans"))) == [
        (1, "And so my", True),
        (2, "fellow", True),
        (3, "Americans", False),
    ]


def test_an_utterance_that_ends_closes_its_line() -> None:
    roll = Roll()
    roll.push(update("Good morning."))
    assert texts(roll.push(update(ended=True))) == [(1, "Good morning.", True)]
    assert texts(roll.push(update("Where?"))) == [(2, "Where?", False)]
    assert texts(roll.finish()) == [(2, "Where?", True)]
    assert roll.finish() == ()


def test_a_word_longer_than_a_line_has_one_of_its_own() -> None:
    roll = Roll(RollOptions(width=8))
    assert [line.text for line in roll.push(update("a Donaudampfschiff b"))] == ["a", "Donaudampfschiff", "b"]


def test_full_width_characters_count_two_and_chinese_has_no_spaces() -> None:
    roll = Roll(RollOptions(width=8))
    assert [line.text for line in roll.push(update("你好 世界 再见"))] == ["你好世界", "再见"]


def test_another_speaker_gets_another_line() -> None:
    roll = Roll()
    both = (*words("Hello", speaker="Anna"), *words("Hi", 1, speaker="Ben"))
    lines = roll.push(LiveUpdate(1, 0, LiveState.SPEECH, committed=both))
    assert [(line.text, line.speaker) for line in lines] == [("Hello", "Anna"), ("Hi", "Ben")]


def test_a_short_correction_follows_on_a_line_behind_a_dash() -> None:
    roll = Roll()
    wrong = update(
        "You haven't seen.",
        ended=True,
        final=words("He hadn't seen."),
        corrections=(Correction(("You", "haven't"), ("He", "hadn't")),),
    )
    shown, correction = roll.push(wrong)
    assert (shown.text, shown.closed) == ("You haven't seen.", True)
    assert (correction.text, correction.closed, correction.correction) == ("– He hadn't seen.", True, True)


def test_what_no_reader_would_miss_is_not_corrected() -> None:
    final = words("Some of it is said at last.")
    for one in (
        Correction(("well", "shaped"), ("well-shaped",)),
        Correction(("invented",), ()),
        Correction((), ("far", "too", "many", "words", "here")),
    ):
        assert len(Roll().push(update("Some", ended=True, final=final, corrections=(one,)))) == 1
    off = Roll(RollOptions(corrections=False))
    wrong = Correction(("it",), ("that",))
    assert len(off.push(update("Some", ended=True, final=final, corrections=(wrong,)))) == 1


@given(
    st.lists(
        st.tuples(st.lists(st.text("abcdé字", min_size=1, max_size=9), max_size=6), st.booleans()), max_size=8
    ),
    st.integers(4, 20),
)
def test_lines_only_grow_and_hold_every_word_once(pushes: list[tuple[list[str], bool]], width: int) -> None:
    roll, seen = Roll(RollOptions(width=width)), dict[int, LiveLine]()
    for texts_, ended in pushes:
        for line in roll.push(update(" ".join(texts_), ended=ended)):
            before = seen.get(line.number)
            assert before is None or (line.text.startswith(before.text) and not before.closed)
            seen[line.number] = line
    for line in roll.finish():
        seen[line.number] = line
    assert [line.number for line in seen.values()] == list(range(1, len(seen) + 1))
    assert all(line.closed for line in seen.values())
    shown = [word.text for line in seen.values() for word in line.words]
    assert shown == [word for texts_, _ in pushes for word in texts_]
