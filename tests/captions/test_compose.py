"""Composing: every word once, on frames, without overlap, cut where a subtitler would cut."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.captions.compose import compose
from accessify.captions.film import Film
from accessify.captions.rules import load_profile, profile_names
from accessify.core.text import Cue, Word, join_words
from accessify.core.timeline import Note, Rate, Span, Track, millis, seconds
from tests.builders import make_words

EN = load_profile("netflix-en")
FILM = Film(Rate(Fraction(24)))
RATES = [Rate.parse(text) for text in ("23.976", "24", "25", "29.97", "30", "50", "59.94", "60")]


def texts(cues: Track[Cue]) -> list[str]:
    return [cue.text for cue in cues]


def frames(cue: Cue, rate: Rate) -> tuple[int, int]:
    return rate.nearest(cue.span.start), rate.nearest(cue.span.end)


@st.composite
def any_words(draw: st.DrawFn) -> Track[Word]:
    """Words as bad as engines make them: no time, overlaps, long silences, odd punctuation, two voices."""
    count = draw(st.integers(0, 30))
    token = st.text("abcde.,?!-–“”’好，。你5", min_size=1, max_size=14)
    start, words = 0, []
    for _ in range(count):
        start += draw(st.sampled_from([0, 0, 80, 250, 400, 900, 2500, 9000]))
        length = draw(st.sampled_from([0, 0, 60, 200, 350, 1500, 12000]))
        speaker = draw(st.sampled_from([None, None, "A", "B"]))
        span = Span(millis(start), millis(start + length))
        words.append(Word(span, draw(token), speaker=speaker))
    return Track.of(words)


@given(
    words=any_words(),
    name=st.sampled_from(profile_names()),
    rate=st.sampled_from(RATES),
    shots=st.lists(st.integers(0, 2000), unique=True, max_size=20),
    end=st.none() | st.integers(0, 3000),
)
def test_every_word_is_shown_once_in_order_on_frames_without_overlap(
    words: Track[Word], name: str, rate: Rate, shots: list[int], end: int | None
) -> None:
    film = Film(rate, tuple(map(rate.at, sorted(shots))), None if end is None else rate.at(end))
    cues = compose(words, load_profile(name), film)
    assert tuple(word for cue in cues for word in cue.words) == words.events
    assert all(cue.words and cue.text.strip() for cue in cues)
    for cue in cues:
        start, stop = frames(cue, rate)
        assert (cue.span.start, cue.span.end) == (rate.at(start), rate.at(stop))
        assert 0 <= start < stop
    assert all(before.span.end <= after.span.start for before, after in pairwise(cues))
    assert compose(words, load_profile(name), film) == cues


@given(
    words=any_words(),
    name=st.sampled_from([name for name in profile_names() if not load_profile(name).wide_marks]),
)
def test_the_text_is_the_words(words: Track[Word], name: str) -> None:
    """Where no guide replaces punctuation, only white space is added, and an ellipsis is the guide's."""
    profile = load_profile(name)
    for cue in compose(words, profile):
        said = re.sub(r"(?:\.{3,}|。{3,})+", profile.ellipsis, join_words(word.text for word in cue.words))
        assert "".join(cue.text.split()) == "".join(said.split())


def test_nothing_gives_nothing_and_notes_are_kept() -> None:
    note = Note(Span(0, 5), "damaged", "the sound ends here")
    assert compose(Track((), (note,)), EN) == Track((), (note,))
    assert compose(make_words("Hello.").with_notes([note]), EN).notes == (note,)


def test_a_long_sentence_is_cut_where_it_breathes() -> None:
    text = (
        "My sister was crying in the back seat, because she had wanted to bring the dog with us "
        "and nobody would let her."
    )
    assert texts(compose(make_words(text, 2.8), EN, FILM)) == [
        "My sister was crying in the back seat,",
        "because she had wanted to bring the dog\nwith us and nobody would let her.",
    ]


def test_short_sentences_share_a_caption_and_long_ones_do_not() -> None:
    assert texts(compose(make_words("Are you? Yes. Then come in.", 2.8), EN, FILM)) == [
        "Are you? Yes. Then come in."
    ]
    two = "He looked older than I had ever seen him. Nobody said a word about the accident."
    assert len(compose(make_words(two, 2.5), EN, FILM)) == 2


def test_unpunctuated_speech_is_cut_at_pauses() -> None:
    text = "we put it on the bench [0.8] and then my brother started taking it apart [1.1] but i know a man"
    assert texts(compose(make_words(text, 2.8), EN, FILM)) == [
        "we put it on the bench",
        "and then my brother\nstarted taking it apart",
        "but i know a man",
    ]


def test_no_caption_bridges_two_seconds_of_silence() -> None:
    assert texts(compose(make_words("I think [2.1] not.", 2.5), EN, FILM)) == ["I think", "not."]


def test_a_new_speaker_is_a_new_caption() -> None:
    first = make_words("Where is it", speaker="Ann")
    second = make_words("in the car", start=1.5, speaker="Bob")
    cues = compose(Track.of([*first, *second]), EN, FILM)
    assert [(cue.speaker, cue.text) for cue in cues] == [("Ann", "Where is it"), ("Bob", "in the car")]


def test_of_two_voices_at_once_both_can_be_seen() -> None:
    both = [*make_words("No.", start=1, speaker="Ann"), *make_words("Yes.", start=1, speaker="Bob")]
    for cue in compose(Track.of(both), EN, FILM):
        start, end = frames(cue, FILM.rate)
        assert end - start >= 8


def test_a_short_word_stays_for_the_minimum_duration_in_silence() -> None:
    cues = compose(make_words("No. [5] Why?", 2.5, stop=0), EN, FILM)
    assert [end - start for start, end in (frames(cue, FILM.rate) for cue in cues)] == [20, 20]
    slow = load_profile("amazon")
    assert [cue.span.duration for cue in compose(make_words("No."), slow, FILM)] == [seconds(1)]


def test_a_caption_starts_on_the_frame_of_its_first_word() -> None:
    words = make_words("We left. [3] They stayed.", 2.5, start=1.02)
    cues = compose(words, EN, FILM)
    assert [frames(cue, FILM.rate)[0] for cue in cues] == [
        FILM.rate.nearest(words[0].span.start),
        FILM.rate.nearest(words[2].span.start),
    ]


def test_captions_that_follow_each_other_are_chained() -> None:
    text = "The company was founded by my father. It was sold when he died. Nobody wanted to buy it."
    for name, gap in (("netflix-en", 2), ("bbc", 0)):
        cues = compose(make_words(text, 2.2), load_profile(name), FILM)
        assert len(cues) == 3
        gaps = [
            frames(after, FILM.rate)[0] - frames(before, FILM.rate)[1] for before, after in pairwise(cues)
        ]
        assert gaps == [gap, gap]


def test_bbc_gaps_are_none_or_a_second() -> None:
    bbc = load_profile("bbc")
    for pause in range(1, 50):
        words = make_words(f"We left at nine. [{pause / 10}] They stayed behind.", 2.2, stop=0)
        for before, after in pairwise(compose(words, bbc, FILM)):
            gap = after.span.start - before.span.end
            assert gap == 0 or gap >= seconds(1)


def test_reading_time_is_taken_from_the_silence_behind() -> None:
    fast = "Extraordinarily complicated constitutional arrangements notwithstanding."
    words = Track(
        tuple(Word(Span(w.span.start * 2 // 5, w.span.end * 2 // 5), w.text) for w in make_words(fast))
    )
    (cue,) = compose(words, EN, FILM)
    start, end = frames(cue, FILM.rate)
    assert len(cue.text.replace("\n", "")) / ((end - start) / 24) <= 20
    assert end > FILM.rate.nearest(words[-1].span.end) + 12


@pytest.mark.parametrize(
    ("first_word", "start"),
    [(100, 100), (106, 100), (111, 100), (112, 112), (93, 100), (92, 88), (89, 88), (88, 88), (87, 87)],
)
def test_a_start_near_a_shot_change_moves_as_netflix_asks(first_word: int, start: int) -> None:
    """Cut at frame 100 of 24 fps: half a second after it, 7 frames and 12 frames before it."""
    rate = FILM.rate
    word = Word(Span(rate.at(first_word), rate.at(first_word + 10)), "Look!")
    (cue,) = compose(Track((word,)), EN, Film(rate, (rate.at(100),)))
    assert frames(cue, rate)[0] == start


@pytest.mark.parametrize(
    ("last_frame", "end"), [(80, 98), (90, 98), (98, 98), (104, 98), (110, 122), (120, 132)]
)
def test_an_end_near_a_shot_change_stays_clear_of_it(last_frame: int, end: int) -> None:
    """Two frames before the cut at frame 100, or half a second after it."""
    rate = FILM.rate
    word = Word(Span(rate.at(40), rate.at(last_frame)), "Look!")
    (cue,) = compose(Track((word,)), EN, Film(rate, (rate.at(100),)))
    assert frames(cue, rate)[1] == end


def test_a_cut_of_the_film_draws_the_cut_of_the_captions() -> None:
    text = "he waited outside until it rained and then he went home"
    words = make_words(text, 2.5)
    free = compose(words, EN, FILM)
    assert len(free) == 1
    shot = FILM.rate.at(FILM.rate.nearest(words[6].span.start))
    torn = compose(words, EN, Film(FILM.rate, (shot,)))
    assert texts(torn) == ["he waited outside until it rained", "and then he went home"]
    assert torn[1].span.start == shot


def test_no_caption_outlasts_the_film() -> None:
    end = FILM.rate.at(50)
    (cue,) = compose(make_words("The end.", start=1), EN, Film(FILM.rate, end=end))
    assert cue.span.end == end


def test_chinese_words_of_any_size_give_the_same_captions() -> None:
    zh = load_profile("netflix-zh-hans")
    whole = make_words("如果你 真的 关心 这个家， 就应该 多花 一点时间 陪陪 孩子。", 2)
    letters = []
    for word in whole:
        size = word.span.duration // len(word.text)
        for index, letter in enumerate(word.text):
            start = word.span.start + index * size
            letters.append(Word(Span(start, start + size), letter))
    expected = ["如果你真的关心这个家\n就应该多花一点时间陪陪孩子"]
    assert texts(compose(whole, zh, FILM)) == expected
    assert texts(compose(Track(tuple(letters)), zh, FILM)) == expected
