from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.text import Timing, Word
from accessify.core.timeline import Span, seconds
from accessify.speech.agree import Agreement, AgreeOptions, Pass, edits, plain
from accessify.speech.transcribe import Said


def heard(text: str, until: float, sure: float = 0.8) -> Pass:
    """A pass that understood `text` in the first `until` seconds; `word?` is one it is unsure of."""
    words = [Said(word.rstrip("?"), 0.3 if word.endswith("?") else sure) for word in text.split()]
    return Pass(tuple(words), Span(0, seconds(until)))


def texts(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def test_words_are_committed_when_two_passes_agree_all_but_the_newest() -> None:
    agreement = Agreement(0)
    assert texts(agreement.hear(heard("The cat", 1.5))) == ""
    assert texts(agreement.hear(heard("The cat sat", 2.0))) == "The cat"
    assert texts(agreement.hear(heard("The cat sat on", 2.5))) == "sat"
    assert agreement.tail == ("on",)


def test_a_word_that_is_certain_needs_no_second_pass_once_a_word_stands_behind_it() -> None:
    agreement = Agreement(0)
    assert texts(agreement.hear(heard("The cat sat", 1.5, sure=0.95))) == "The cat"
    assert texts(agreement.hear(heard("The cat sat on? it", 2, sure=0.95))) == "sat"


def test_nothing_is_committed_while_the_utterance_is_young() -> None:
    agreement = Agreement(0)
    agreement.hear(heard("You are", 0.8))
    assert agreement.hear(heard("You are here", 1.1)) == ()
    assert texts(agreement.hear(heard("You are here now", 1.3))) == "You are here"


def test_an_unsure_word_waits_for_more_words_and_all_behind_it_wait_too() -> None:
    agreement = Agreement(0)
    agreement.hear(heard("a drachm? of", 2))
    assert texts(agreement.hear(heard("a drachm? of blood", 3))) == "a"
    agreement.hear(heard("a drachm? of blood remains", 4))
    assert texts(agreement.hear(heard("a drachm? of blood remains in", 5))) == "drachm of blood remains"


def test_words_behind_a_cut_are_timed_behind_those_committed_before_it() -> None:
    carried = [
        Word(Span(seconds(9 + at), seconds(9.5 + at)), text, 0.9, Timing.ESTIMATED)
        for at, text in enumerate(("the", "cat"))
    ]
    agreement = Agreement(seconds(8), carried=carried)
    for until in (12, 13):
        words = tuple(Said(word, 0.8) for word in ["the", "cat", "sat", "on", "it"])
        fresh = agreement.hear(Pass(words, Span(seconds(8), seconds(until))))
    assert texts(fresh) == "sat on"
    assert seconds(10.5) < fresh[0].span.end < fresh[1].span.end < seconds(12)


@pytest.mark.parametrize("again", ["Energy energy", "Energy of energy"])
def test_the_last_words_before_a_cut_are_not_said_twice(again: str) -> None:
    carried = [
        Word(Span(seconds(9 + at), seconds(9.5 + at)), text, 0.9, Timing.ESTIMATED)
        for at, text in enumerate(["the", "last", "burst", "of", "energy"])
    ]
    agreement = Agreement(seconds(13), carried=carried)
    for until in (15, 16):
        words = tuple(Said(word, 0.8) for word in f"{again} he knew how".split())
        fresh = agreement.hear(Pass(words, Span(seconds(13), seconds(until))))
    assert texts(fresh) == "he knew"


def test_a_full_stop_that_a_pause_committed_is_followed_by_a_capital() -> None:
    agreement = Agreement(0)
    agreement.pause(heard("the horses would tear off.", 2))
    agreement.hear(heard("the horses would tear off with", 2.5))
    assert agreement.tail == ("With",)
    assert texts(agreement.hear(heard("the horses would tear off with his teeth", 3))) == "With"
    assert texts(agreement.hear(heard("the horses would tear off with his teeth a", 3.5))) == "his teeth"


def test_the_same_where_the_utterance_ends() -> None:
    agreement = Agreement(0)
    agreement.pause(heard("only in the.", 2))
    final = [
        Word(Span(seconds(at), seconds(at + 1)), text, 0.9)
        for at, text in enumerate(["only", "in", "the", "superlative", "degree."])
    ]
    assert texts(agreement.close(final)) == "Superlative degree."


@pytest.mark.parametrize("word", ["with", "iPhone", "“with"])
def test_a_mark_that_is_still_heard_or_a_name_keeps_its_case(word: str) -> None:
    agreement = Agreement(0)
    agreement.pause(heard("at five p.m.", 2))
    again = "at five p.m." if word == "with" else "at five pm"
    agreement.hear(heard(f"{again} {word}", 2.5))
    assert texts(agreement.hear(heard(f"{again} {word} us", 3))) == word


def test_a_committed_word_stays_when_it_is_read_otherwise_later() -> None:
    agreement = Agreement(0)
    agreement.hear(heard("We see the", 2))
    agreement.hear(heard("We see the old", 3))
    assert texts(agreement.hear(heard("He sees the old man there", 4))) == "old"
    assert texts(agreement.hear(heard("He sees the old man there now", 5))) == "man there"
    assert texts(agreement.committed) == "We see the old man there"


def test_a_word_in_two_is_not_shown_twice() -> None:
    agreement = Agreement(0)
    agreement.hear(heard("It served as bedchamber and", 3))
    agreement.hear(heard("It served as bedchamber and", 4))
    agreement.hear(heard("It served as bed chamber and dressing", 5))
    agreement.pause(heard("It served as bed chamber and dressing room", 6))
    assert texts(agreement.committed) == "It served as bedchamber and dressing room"


def test_a_pause_commits_what_no_second_pass_agreed_on() -> None:
    agreement = Agreement(0)
    assert texts(agreement.pause(heard("Yes, of course.", 0.9), hold=1)) == "Yes, of"
    assert agreement.tail == ("course.",)
    assert texts(agreement.pause(heard("Yes, of course.", 0.9))) == "course."
    assert agreement.tail == ()


def test_the_full_stop_of_the_newest_word_is_not_shown_before_the_pause() -> None:
    agreement = Agreement(0)
    agreement.hear(heard("I went home.", 2))
    agreement.hear(heard("I went home.", 2.4))
    assert agreement.tail == ("home",)


def test_what_the_recogniser_is_unsure_of_is_not_shown_before_it_is_agreed_on() -> None:
    agreement = Agreement(0)
    agreement.hear(heard("Snow tempest?", 1))
    assert agreement.tail == ("Snow",)
    agreement.hear(heard("Snow tempest?", 1.1))
    assert agreement.tail == ("Snow", "tempest")


def test_loops_are_not_committed() -> None:
    agreement = Agreement(0)
    loop = "the horse " * 9
    for until in (2, 3, 4):
        agreement.hear(heard(loop, until))
    assert len(agreement.committed) < 10


def test_words_carried_over_a_cut_are_not_said_again() -> None:
    said = ["how", "to", "become", "a", "knight", "errant", "a", "calling", "wherein"]
    before = tuple(Word(Span(seconds(at), seconds(at + 1)), word) for at, word in enumerate(said))
    agreement = Agreement(seconds(5), carried=before)  # "knight" ends at 5, perhaps it is heard again
    again = Pass(
        tuple(Said(word, 0.9) for word in ["errant", "a", "calling", "wherein", "so", "many"]), Span(0, 9)
    )
    assert texts(agreement.pause(again)) == "so many"
    agreement = Agreement(seconds(5), carried=before)
    again = Pass(
        tuple(Said(word, 0.9) for word in ["knight", "errant", "a", "calling", "wherein", "so"]), Span(0, 9)
    )
    assert texts(agreement.pause(again)) == "so"
    assert agreement.carried


def test_the_final_reading_gives_what_is_missing_with_its_own_times() -> None:
    agreement = Agreement(0)
    agreement.pause(heard("Good morning", 1))
    final = [
        Word(Span(seconds(at), seconds(at + 1)), word) for at, word in enumerate(["Good", "morning", "all"])
    ]
    (fresh,) = agreement.close(final)
    assert (fresh.text, fresh.span) == ("all", final[2].span)


WORD = st.sampled_from(["one", "two", "three", "four", "five", "six"])
HYPOTHESIS = st.lists(st.tuples(WORD, st.floats(0, 1)), max_size=8)


@given(st.lists(st.tuples(HYPOTHESIS, st.booleans()), max_size=8), st.integers(0, 3))
def test_whatever_is_heard_committed_words_stay_and_their_times_ascend(
    passes: list[tuple[list[tuple[str, float]], bool]], hold: int
) -> None:
    agreement = Agreement(0, AgreeOptions(hold=hold))
    known: tuple[Word, ...] = ()
    for number, (words, paused) in enumerate(passes, 2):
        one = Pass(tuple(Said(*word) for word in words), Span(0, seconds(number)))
        fresh = agreement.pause(one) if paused else agreement.hear(one)
        assert agreement.committed == known + fresh
        known = agreement.committed
    assert all(
        one.span.end <= other.span.start or one.span.end <= other.span.end for one, other in pairwise(known)
    )
    assert all(one.span.start <= other.span.start for one, other in pairwise(known))
    assert all(word.timing is Timing.ESTIMATED for word in known)


@pytest.mark.parametrize(
    ("first", "second", "count"), [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
)
def test_edits(first: str, second: str, count: int) -> None:
    assert edits(first, second) == edits(second, first) == count


def test_case_and_marks_do_not_matter_but_a_word_of_marks_is_one() -> None:
    assert plain("Bed-Chamber,") == "bedchamber"
    assert plain("…") == "…"


def test_words_first_heard_together_share_the_sound_that_was_new() -> None:
    agreement = Agreement(0)
    agreement.pause(heard("abcd", 1))
    fresh = agreement.pause(heard("abcd efgh ijkl", 9))
    assert [word.span.end for word in fresh] == [seconds(5), seconds(9)]
