from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.reading import Pacer, Reading, ReadingOptions, Screen
from accessify.core.errors import OptionError
from accessify.core.live import Correction, LiveState, LiveUpdate
from accessify.core.text import Word
from accessify.core.timeline import Span, millis, seconds


def _words(text: str, speaker: str | None = None) -> tuple[Word, ...]:
    return tuple(Word(Span(0, 1), word, speaker=speaker) for word in text.split())


def _said(text: str, *, tail: str = "", speaker: str | None = None, **more: object) -> LiveUpdate:
    return LiveUpdate(
        1, 0, LiveState.SPEECH, committed=_words(text, speaker), tail=tuple(tail.split()), **more
    )  # type: ignore[arg-type]


def _texts(screen: Screen) -> list[str]:
    return [row.text for row in screen.rows]


def test_a_short_phrase_is_not_held_up() -> None:
    reading = Reading()
    reading.push(_said("Can you hear me now?"), seconds(1))
    assert _texts(reading.look(seconds(1))) == ["Can you hear me now?"]


def test_a_fast_speaker_is_let_through_at_180_words_a_minute_and_the_lag_is_told() -> None:
    pacer = Pacer()
    spoken = [f"w{number}" for number in range(600)]  # five words a second for two minutes
    shown: list[tuple[int, str]] = []
    most = 0
    for now in range(0, seconds(250), millis(100)):
        if now % millis(200) == 0 and spoken:
            pacer.push(_said(spoken.pop(0)), now)
        shown += [(now, word.text) for piece in pacer.take(now) for word in piece.committed]
        most = max(most, pacer.lag(now))
    assert [text for _, text in shown] == [f"w{number}" for number in range(600)]
    for first, later in zip(shown, shown[185:], strict=False):
        assert later[0] - first[0] >= seconds(60)  # 180 a minute and a burst of five
    assert most > seconds(60)
    assert pacer.waiting == 0


def test_behind_is_said_when_words_wait() -> None:
    reading = Reading()
    reading.push(_said(" ".join(["word"] * 60)), 0)
    screens = [reading.look(millis(100 * tenth)) for tenth in range(201)]
    assert not screens[5].behind
    assert screens[100].behind
    assert screens[100].waiting == 60 - 5 - 30
    assert screens[200].waiting == 0
    assert not screens[200].behind


def test_words_that_wait_are_shown_though_no_sound_arrives_any_more() -> None:
    reading = Reading()
    reading.push(_said(" ".join(["word"] * 12)), 0)
    reading.push(LiveUpdate(2, 0, LiveState.STALLED), 0)
    early, _, late = (reading.look(seconds(at)) for at in (0, 2, 4))
    assert (early.state, early.waiting) == (LiveState.STALLED, 7)
    assert (late.state, late.waiting) == (LiveState.STALLED, 0)
    assert " ".join(_texts(late)).count("word") == 12


def test_chinese_takes_as_long_as_its_characters() -> None:
    pacer = Pacer()
    pacer.push(
        _said("今天天气很好我们 去公园散步吧大家 一起来好不好啊呀 再来一句话看看吧 最后一句话说完了"), 0
    )
    assert sum(1 for _ in pacer.take(0)) < 5


def test_the_tail_waits_for_the_words_before_it() -> None:
    reading = Reading()
    reading.push(_said(" ".join(["word"] * 8), tail="perhaps this"), 0)
    assert all(row.tail == "" for row in reading.look(0).rows)
    assert reading.look(seconds(3)).rows[-1].tail == " perhaps this"


def test_a_long_tail_takes_one_further_line_and_no_more() -> None:
    reading = Reading(ReadingOptions(width=12))
    reading.push(_said("Hello", tail="to all of you who came here today"), 0)
    rows = reading.look(0).rows
    assert [(row.text, row.tail) for row in rows] == [("Hello", " to all"), ("", "of you who")]


def test_lines_never_scroll_back() -> None:
    reading = Reading(ReadingOptions(width=5, rows=2, burst=9))
    reading.push(_said("one two"), 0)
    assert _texts(reading.look(0)) == ["one", "two"]
    reading.push(_said("", tail="three"), 0)
    assert _texts(reading.look(0)) == ["two", ""]
    reading.push(_said("", tail=""), 0)
    assert _texts(reading.look(0)) == ["two"]


def test_corrections_follow_behind_a_dash() -> None:
    reading = Reading()
    end = LiveUpdate(
        2,
        0,
        LiveState.SILENT,
        ended=True,
        final=_words("The ship sails."),
        corrections=(Correction(("sheep",), ("ship",), place=1),),
    )
    reading.push(_said("The sheep sails."), 0)
    reading.push(end, 0)
    rows = reading.look(0).rows
    assert [row.text for row in rows] == ["The sheep sails.", "– The ship sails."]
    assert rows[-1].correction


def test_lines_are_taken_away_when_nobody_speaks_for_long_and_do_not_come_back() -> None:
    reading = Reading(ReadingOptions(keep=seconds(6)))
    reading.push(_said("Is anybody"), 0)
    assert _texts(reading.look(0)) == ["Is anybody"]
    assert _texts(reading.look(seconds(6))) == ["Is anybody"]
    assert _texts(reading.look(seconds(7))) == []
    reading.push(_said("", tail="there"), seconds(8))
    assert [(row.text, row.tail) for row in reading.look(seconds(8)).rows] == [("", "there")]
    reading.push(_said("there?"), seconds(9))
    assert _texts(reading.look(seconds(9))) == ["there?"]


def test_another_speaker_is_marked() -> None:
    reading = Reading()
    reading.push(_said("Yes?", speaker="A"), 0)
    reading.push(_said("No!", speaker="B"), 0)
    reading.push(_said("Oh.", speaker="B"), 0)
    assert _texts(reading.look(0)) == ["Yes?", ">> No! Oh."]


def test_everything_is_shown_in_the_end() -> None:
    reading = Reading(ReadingOptions(width=200))
    reading.push(_said(" ".join(map(str, range(50))), tail="gone"), 0)
    screen = reading.finish()
    assert screen.waiting == 0
    assert screen.rows[-1].text == " ".join(map(str, range(50)))
    assert screen.rows[-1].tail == ""


@pytest.mark.parametrize(
    "bad", [{"rows": 1}, {"rows": 5}, {"words_per_minute": 0}, {"burst": 0}, {"width": 0}]
)
def test_options_that_are_not_taken(bad: dict[str, int]) -> None:
    with pytest.raises(OptionError):
        ReadingOptions(**bad)


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["a", "bb,", "ccc", "dddddd.", "漢字", "eeeeeeeeeeeeee"]), max_size=7),
            st.lists(st.sampled_from(["x", "yyyy", "zzzzzzzzz"]), max_size=5),
            st.booleans(),
            st.integers(0, 3000),
        ),
        max_size=12,
    ),
    st.integers(2, 4),
)
def test_what_was_shown_stays_where_it_was(
    steps: list[tuple[list[str], list[str], bool, int]], rows: int
) -> None:
    reading, now = Reading(ReadingOptions(rows=rows, width=12)), 0
    screens = []
    for words, tail, ended, wait in steps:
        reading.push(_said(" ".join(words), tail=" ".join(tail), ended=ended), now)
        now += millis(wait)
        screens.append(reading.look(now))
    screens.append(reading.finish())
    assert all(len(screen.rows) <= rows for screen in screens)
    for before, after in pairwise(screens):
        texts = [text for text in _texts(before) if text]
        later = _texts(after)
        assert any(
            all(new.startswith(old) for old, new in zip(texts[first:], later, strict=False))
            for first in range(len(texts) + 1)
        )
