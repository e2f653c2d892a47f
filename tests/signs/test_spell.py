"""Spelling: letters from holds and strokes, whatever the frame rate, and nothing worse on bad input."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from accessify.core.errors import OptionError
from accessify.core.sign import Letter
from accessify.core.timeline import TICKS_PER_SECOND, Track, millis, seconds, to_millis
from accessify.signs.alphabet import load_alphabet, parse_alphabet
from accessify.signs.clip import SignClip
from accessify.signs.spell import Speller, SpellOptions, spell
from tests.signs.spelled_takes import DATA, NearestHands, Pace, spelled, takes
from tests.signs.straight_fingers import Scene, StraightFingers, hand, shape, together

ASE = load_alphabet("ase")
READER = StraightFingers()
RATES = (15, 25, 29.97, 30, 50, 60)


def text(letters: object) -> str:
    """Letters in a line, `?` for an unknown one."""
    assert isinstance(letters, Track | list)
    return "".join(letter.text or "?" for letter in letters)


def read(clip: SignClip, options: SpellOptions = SpellOptions()) -> str:  # noqa: B008 - a value
    return text(spell(clip, READER, ASE, options))


def word(letters: str, hold: float = 0.25, move: float = 0.2) -> Scene:
    scene = Scene(letters[0]).hold(hold)
    for letter in letters[1:]:
        scene.go(move, letter).hold(hold)
    return scene


# Holds


@pytest.mark.parametrize("fps", RATES)
def test_a_word_is_the_same_at_every_frame_rate(fps: float) -> None:
    assert read(word("BADIVW").film(fps)) == "BADIVW"


@pytest.mark.parametrize("gaps", [(200,), (100, 180, 60, 300)], ids=["slow", "uneven"])
def test_a_slow_or_uneven_camera_shows_each_letter_once(gaps: tuple[int, ...]) -> None:
    """Milliseconds between its pictures."""
    clip = word("BADW", 0.7, 0.3).film(50)
    moments = np.cumsum([gaps[n % len(gaps)] // 20 for n in range(20)])
    at = moments[moments < len(clip)]
    few = SignClip(clip.times[at], clip.hands[at], clip.places[at], clip.body[at], clip.mirrored)
    assert read(few) == "BADW"


def test_letters_say_when_they_were_held() -> None:
    letters = spell(word("BAD").film(), READER, ASE)
    for n, letter in enumerate(letters):
        assert abs(to_millis(letter.span.start) - 450 * n) <= 150
        assert abs(to_millis(letter.span.end) - (450 * n + 250)) <= 150
        assert letter.candidates[0].confidence > 0.8
        assert sum(candidate.confidence for candidate in letter.candidates) <= 1 + 1e-9


def test_fast_spelling() -> None:
    """Five letters a second, of which each is held for 80 ms."""
    assert read(word("BADIVWABD", 0.08, 0.12).film()) == "BADIVWABD"


def test_what_a_hand_only_passes_through_is_no_letter() -> None:
    """From flat to index alone all of W and V are passed."""
    scene = Scene("B").hold(0.3).go(0.1, "W").go(0.1, "V").go(0.1, "D").hold(0.3)
    assert read(scene.film(60)) == "BD"


def test_a_letter_that_nobody_knows_stays_unknown() -> None:
    odd = hand([1.0, 0.32, 0.0, 0.0])
    letters = spell(Scene("B").hold(0.3).go(0.2, odd).hold(0.5).go(0.2, "A").hold(0.3).film(), READER, ASE)
    assert text(letters) == "B?A"
    unknown = letters[1]
    assert not unknown.known
    assert unknown.text is None
    assert len(unknown.candidates) > 1


def test_thresholds_say_what_is_known() -> None:
    clip = word("BAD").film()
    doubtful = StraightFingers(sharpness=3.0)
    assert text(spell(clip, doubtful, ASE)) == "BAD"
    assert text(spell(clip, doubtful, ASE, SpellOptions(sure=0.99))) == "???"
    assert text(spell(clip, doubtful, ASE, SpellOptions(margin=0.99))) == "???"


# Doubled letters


@pytest.mark.parametrize("fps", RATES)
def test_a_slide_to_the_side_doubles(fps: float) -> None:
    scene = word("BA").go(0.2, by=[(-0.2, 0)]).hold(0.25).go(0.2, "D").hold(0.25)
    assert read(scene.film(fps)) == "BAAD"


def test_a_bounce_doubles() -> None:
    scene = word("BA").go(0.2, by=[(-0.12, -0.06), (-0.12, 0)]).hold(0.25).go(0.2, "D").hold(0.25)
    assert read(scene.film()) == "BAAD"


def test_opening_and_forming_again_doubles() -> None:
    scene = word("BA").go(0.12, hand([0.6] * 4)).go(0.12, "A").hold(0.25).go(0.2, "D").hold(0.25)
    assert read(scene.film()) == "BAAD"


def test_a_long_hold_and_a_slow_drift_are_one_letter() -> None:
    scene = Scene("B").hold(2.0).go(2.0, by=[(-0.3, 0.05)]).hold(0.5)
    assert read(scene.film()) == "B"


# Moving letters


def drawn(letter: str, length: float = 0.5) -> list[tuple[float, float]]:
    """The path of a moving letter as offsets in shoulder widths."""
    moving = next(moving for moving in ASE.moving if moving.name == letter)
    assert moving.motion
    path = np.array(moving.motion.path)
    return [(x, y) for x, y in (path[1:] - path[0]) * length / np.ptp(path, axis=0).max()]


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("length", [0.25, 0.5])
@pytest.mark.parametrize("duration", [0.4, 0.8])
def test_j_and_z_are_told_by_their_path(fps: float, length: float, duration: float) -> None:
    scene = (
        Scene("B", at=(-0.5, -0.2))
        .hold(0.25)
        .go(0.2, "I")
        .hold(0.1)
        .go(duration, by=drawn("J", length))
        .hold(0.1)
    )
    scene.go(0.2, "A").hold(0.25).go(0.2, "D").hold(0.1).go(duration, by=drawn("Z", length)).hold(0.1)
    assert read(scene.go(0.2, "V").hold(0.25).film(fps)) == "BJAZV"


def test_a_shape_that_does_not_draw_its_letter_stays_still() -> None:
    line, hook = [(0, 0.5)], [(x, -y) for x, y in drawn("J")]
    for path in (line, hook, [(-0.4, 0)]):
        scene = Scene("I").hold(0.3).go(0.5, by=path).go(0.2, "A").hold(0.3)
        assert "J" not in read(scene.film()), path
    scene = Scene("D").hold(0.3).go(0.5, by=[(0.3, 0), (0.3, 0.5)]).go(0.2, "A").hold(0.3)
    assert "Z" not in read(scene.film())


def test_another_shape_draws_nothing() -> None:
    scene = Scene("B").hold(0.3).go(0.5, by=drawn("J")).go(0.2, "A").hold(0.3)
    assert "J" not in read(scene.film())


def test_a_reader_that_names_j_sees_its_shape() -> None:
    class WithJ(StraightFingers):
        letters = tuple("J" if letter == "I" else letter for letter in StraightFingers.letters)

        def __init__(self) -> None:
            self._sharpness = 12.0
            self._models = StraightFingers()._models

    assert text(spell(word("BIA").film(), WithJ(), ASE)) == "BIA"


# Two hands


def test_either_hand_spells() -> None:
    assert read(word("BADIV").film(side=1)) == "BADIV"
    assert read(word("B").film(side=1)) == "B"


def test_the_hand_that_spells_wins_over_one_that_waits() -> None:
    busy = word("BADIV")
    still = Scene("A", at=(0.5, 0.6)).hold(3)
    assert read(together(still.film(), busy.film(side=1))) == "BADIV"
    assert read(together(busy.film(), still.film(side=1))) == "BADIV"


def test_a_hand_in_the_lap_says_nothing() -> None:
    assert read(Scene("A", at=(-0.4, 1.3)).hold(2).film()) == ""
    rising = Scene("A", at=(-0.4, 1.3)).hold(1).go(0.4, "B", by=[(0, -1.0)]).hold(0.5).go(0.2, "V").hold(0.3)
    assert read(rising.go(0.4, by=[(0, 1.0)]).hold(1).film()) == "BV"


def test_without_a_body_the_hand_alone_is_read() -> None:
    clip = word("BADIV").film()
    nowhere = replace(clip, places=np.full_like(clip.places, np.nan))
    assert read(nowhere) == "BADIV"


# Streaming


def pieces(clip: SignClip, size: int) -> list[SignClip]:
    return [
        SignClip(
            clip.times[a : a + size],
            clip.hands[a : a + size],
            clip.places[a : a + size],
            clip.body[a : a + size],
        )
        for a in range(0, len(clip), size)
    ]


def everything() -> Scene:
    scene = word("BAD").go(0.2, by=[(-0.2, 0)]).hold(0.2).go(0.2, "I").hold(0.1).go(0.5, by=drawn("J"))
    return (
        scene.go(0.2, "W").hold(0.3).away(0.5).go(0.01, shape("V")).hold(0.3).away(0.1).go(0.2, "A").hold(0.2)
    )


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_pieces_give_what_the_whole_gives(size: int) -> None:
    clip = everything().film()
    whole = spell(clip, READER, ASE)
    speller = Speller(READER, ASE)
    told = [letter for piece in pieces(clip, size) for letter in speller.push(piece)] + speller.finish()
    assert text(told) == text(whole)
    assert text(whole).startswith("BADDJW")
    for one, other in zip(told, whole, strict=True):
        assert one.span == other.span
        assert one.candidates[0].confidence == pytest.approx(other.candidates[0].confidence, abs=1e-6)


@pytest.mark.parametrize("fps", RATES)
def test_a_letter_is_told_within_400_ms_of_its_end(fps: float) -> None:
    clip = everything().film(fps)
    speller = Speller(READER, ASE)
    count = 0
    for piece in pieces(clip, 1):
        for letter in speller.push(piece):
            count += 1
            assert int(piece.times[-1]) - letter.span.end <= millis(400), letter
    assert count >= 6


def test_a_pause_of_the_camera_begins_anew() -> None:
    clip = word("BAD").film()
    later = replace(clip, times=clip.times + seconds(100_000))
    speller = Speller(READER, ASE)
    assert text(speller.push(clip) + speller.push(later) + speller.finish()) == "BADBAD"
    joined = SignClip(
        np.concatenate([clip.times, later.times]),
        *(np.concatenate([getattr(clip, name)] * 2) for name in ("hands", "places", "body")),
    )
    assert read(joined) == "BADBAD"


def test_pictures_out_of_order_are_refused() -> None:
    clip = word("BAD").film()
    speller = Speller(READER, ASE)
    speller.push(clip)
    with pytest.raises(ValueError, match="in order of time"):
        speller.push(clip)


# Bad input


def test_no_picture_one_picture_no_hand() -> None:
    clip = word("B").film()
    assert spell(pieces(clip, 1)[0], READER, ASE) == Track()
    empty = SignClip(clip.times[:0], clip.hands[:0], clip.places[:0], clip.body[:0])
    assert spell(empty, READER, ASE) == Track()
    assert spell(replace(clip, hands=np.full_like(clip.hands, np.nan)), READER, ASE) == Track()
    assert Speller(READER, ASE).finish() == []


@settings(max_examples=40, deadline=None)
@given(data=st.data(), count=st.integers(0, 40))
def test_any_garbage_gives_letters_in_order(data: st.DataObject, count: int) -> None:
    values = st.floats(width=32) | st.sampled_from([0.0, 1.0, np.nan, 3e38, -3e38])
    draw = lambda *shape: data.draw(arrays.arrays(np.float32, shape, elements=values, fill=values))  # noqa: E731
    steps = data.draw(st.lists(st.integers(1, 3 * TICKS_PER_SECOND), min_size=count, max_size=count))
    clip = SignClip(
        np.cumsum(np.array(steps, np.int64)).astype(np.int64),
        draw(count, 2, 21, 3),
        draw(count, 2, 3),
        draw(count, 7, 3),
    )
    letters = spell(clip, GuessingReader(), ASE)
    assert isinstance(letters, Track)
    for before, after in pairwise(letters):
        assert before.span.end <= after.span.start
    for letter in letters:
        assert letter.candidates
        assert all(0 <= candidate.confidence <= 1 for candidate in letter.candidates)


class GuessingReader(StraightFingers):
    """A reader that answers whatever the hand is, with an answer that may be no number."""

    def __call__(self, hands: np.ndarray) -> object:  # type: ignore[override, type-arg]
        with np.errstate(all="ignore"):
            return super().__call__(hands)


def test_options_that_cannot_be_are_told() -> None:
    with pytest.raises(OptionError, match="hold must be more than 0"):
        SpellOptions(hold=0)
    with pytest.raises(OptionError, match="sure must be between"):
        SpellOptions(sure=1.5)
    strange = parse_alphabet("x", 'language="x"\ntitle="x"\nsource="x"\nlicence="x"\n[letters."Ж"]')
    with pytest.raises(OptionError, match="knows no letter"):
        Speller(READER, strange)
    with pytest.raises(OptionError, match="two hands"):
        Speller(READER, replace(ASE, hands=2))


# Lexicon


def doubtful_word() -> tuple[SignClip, Letter]:
    """B, something between D and V that cannot be told, and A."""
    between = hand([1.0, 0.32, 0.0, 0.0])
    clip = Scene("B").hold(0.3).go(0.2, between).hold(0.3).go(0.2, "A").hold(0.3).film()
    return clip, spell(clip, READER, ASE)[1]


def test_a_lexicon_settles_one_unknown_letter_and_says_so() -> None:
    clip, letter = doubtful_word()
    assert not letter.known
    assert {"D", "V"} <= {candidate.name for candidate in letter.candidates}
    track = spell(clip, READER, ASE, lexicon=["Bva", "Anna"])
    assert text(track) == "BVA"
    assert [note.kind for note in track.notes] == ["lexicon"]
    assert "BVA" in track.notes[0].text
    assert track.notes[0].span == letter.span


@pytest.mark.parametrize("words", [["BDA", "BVA"], ["BXA"], ["BDAA"], []])
def test_a_lexicon_that_leaves_a_choice_settles_nothing(words: list[str]) -> None:
    track = spell(doubtful_word()[0], READER, ASE, lexicon=words)
    assert text(track) == "B?A"
    assert not track.notes


# Real hands

needs_data = pytest.mark.skipif(
    not (DATA / "letters_kjt.npz").exists(), reason="the letter data is not beside the project"
)
STILL = "ABCDEFGHIKLMNOPQRSTUVWXY"
NAMES = ("ANNA", "CHARLOTTE", "FLORIAN", "KEVIN", "MIMI", "PHILIPPA", "QUENTIN", "ROXY", "SUSIE", "TIMOTHY")


def errors(told: str, meant: str) -> int:
    """Fewest letters to change, drop or add (Levenshtein)."""
    row = list(range(len(meant) + 1))
    for n, letter in enumerate(told, 1):
        new = [n]
        for m, other in enumerate(meant, 1):
            new.append(min(row[m] + 1, new[-1] + 1, row[m - 1] + (letter != other)))
        row = new
    return row[-1]


@needs_data
@pytest.mark.parametrize("fps", [15, 25, 30, 60])
@pytest.mark.parametrize("signer", ["kjt", "graudt"])
def test_real_hands_with_a_reader_of_the_same_signer(signer: str, fps: float) -> None:
    """The reader is as good as it gets; what goes wrong is the decoder's: nothing at 2 letters a second."""
    source = takes(signer)
    reader = NearestHands({letter: source.hands[letter][::9] for letter in STILL}, softness=0.004)
    told = [
        text(spell(spelled(source, name, fps=fps, seed=n)[0], reader, ASE)) for n, name in enumerate(NAMES)
    ]
    assert told == list(NAMES)


@needs_data
def test_real_hands_with_a_reader_of_another_signer() -> None:
    """The errors are the reader's (75 % of the hands right); the decoder invents and loses no letter."""
    reader = NearestHands({letter: takes("graudt").hands[letter][::12] for letter in STILL})
    source = takes("kjt")
    options = SpellOptions(sure=0.0, margin=0.0)
    told = [
        text(spell(spelled(source, name, seed=n)[0], reader, ASE, options)) for n, name in enumerate(NAMES)
    ]
    wrong = sum(map(errors, told, NAMES))
    assert wrong / len("".join(NAMES)) <= 0.35
    assert [len(name) for name in told] == [len(name) for name in NAMES]


@needs_data
@pytest.mark.parametrize("fps", [15, 60])
def test_real_hands_are_told_in_time(fps: float) -> None:
    """Within 400 ms, but for a letter that may still become a J or Z: its finger moves on, stretched out."""
    source = takes("kjt")
    reader = NearestHands({letter: source.hands[letter][::9] for letter in STILL}, softness=0.004)
    for name in NAMES:
        speller = Speller(reader, ASE)
        for piece in pieces(spelled(source, name, fps=fps)[0], 1):
            for letter in speller.push(piece):
                wait = int(piece.times[-1]) - letter.span.end
                assert wait <= millis(800 if letter.text in tuple("DGILQXY") else 400), (name, letter)


@needs_data
def test_real_j_and_z() -> None:
    source = takes("kjt")
    reader = NearestHands({letter: source.hands[letter] for letter in STILL}, softness=0.004)
    told = [
        text(spell(spelled(source, name, seed=n)[0], reader, ASE)) for n, name in enumerate(("JOE", "ELIZA"))
    ]
    assert told == ["JOE", "ELIZA"]


@needs_data
@pytest.mark.parametrize("signer", ["kjt", "graudt"])
def test_moves_between_real_letters_draw_nothing(signer: str) -> None:
    """From every letter with a drawing finger out to every other one."""
    source = takes(signer)
    reader = NearestHands({letter: source.hands[letter][::9] for letter in STILL}, softness=0.004)
    for first in "DGILQXY":
        for second in STILL:
            if first != second:
                clip, _ = spelled(source, first + second, Pace(0.2, 0.3))
                assert not {"J", "Z"} & set(text(spell(clip, reader, ASE))), first + second
