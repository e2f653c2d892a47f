"""Glosses and fingerspelling as words, and out of the exits that speech has."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessify.captions.compose import compose
from accessify.captions.film import Film
from accessify.captions.formats import FORMATS
from accessify.captions.rules import load_profile
from accessify.core.errors import OptionError
from accessify.core.sign import Candidate, Letter, Sign
from accessify.core.text import Document, Timing, Word, join_words
from accessify.core.timeline import Note, Rate, Span, Track, millis, seconds
from accessify.delivery.files import read_captions, write_captions
from accessify.media.languages import three_letters
from accessify.signs.phrase import (
    Notation,
    PhraseOptions,
    gloss_of,
    phrase,
    spell_words,
    text_language,
    text_origin,
)


def sign(start: int, name: str | None, confidence: float = 0.9, gloss: str = "") -> Sign:
    """A sign of 300 ms; not recognised where `name` is None, though something was likeliest."""
    candidate = Candidate(name or "house", 1.0, confidence, gloss)
    return Sign(Span(millis(start), millis(start + 300)), (candidate,), known=name is not None)


def letter(start: int, name: str | None, confidence: float = 0.9) -> Letter:
    """A letter of 100 ms, likewise."""
    candidate = Candidate(name or "A", 1.0, confidence)
    return Letter(Span(millis(start), millis(start + 100)), (candidate,), known=name is not None)


def texts(words: Track[Word]) -> list[str]:
    return [word.text for word in words]


names = st.text(min_size=1, max_size=12).filter(lambda text: text.replace("_", " ").strip())
spans = st.tuples(st.integers(0, 10**12), st.integers(0, 10**10)).map(
    lambda pair: Span(pair[0], pair[0] + pair[1])
)
candidates = st.builds(
    Candidate, names, st.floats(0, 10), st.floats(0, 1), st.just("") | st.text("ab-C+ 谢", max_size=5)
)
notes = st.lists(st.builds(Note, spans, st.just("cut"), st.just("the film ends inside a sign")), max_size=2)


def tracks(kind: type) -> st.SearchStrategy[Track]:  # type: ignore[type-arg]
    events = st.builds(kind, spans, st.lists(candidates, max_size=2).map(tuple), st.booleans())
    return st.builds(Track.of, st.lists(events, max_size=6), notes)


@pytest.mark.parametrize(
    ("name", "gloss"),
    [
        ("house", "HOUSE"),
        ("thank you", "THANK-YOU"),
        ("  thank_you\tvery  much ", "THANK-YOU-VERY-MUCH"),
        ("side-by-side", "SIDE-BY-SIDE"),
        ("don't", "DON'T"),
        ("café", "CAFÉ"),
        ("cafe\u0301", "CAFÉ"),
        ("straße", "STRASSE"),
        ("谢谢", "谢谢"),
        ("谢谢 你", "谢谢-你"),
        ("дом", "ДОМ"),
        ("house2", "HOUSE2"),
    ],
)
def test_names_become_glosses(name: str, gloss: str) -> None:
    assert gloss_of(name) == gloss


@pytest.mark.parametrize("name", ["", "  ", "\n", "_", "\u3000"])
def test_no_name_is_no_gloss(name: str) -> None:
    with pytest.raises(OptionError, match=r"needs a name to be glossed, .* give one, such as house"):
        gloss_of(name)


@given(names)
def test_a_gloss_is_one_word_and_its_own_gloss(name: str) -> None:
    gloss = gloss_of(name)
    assert gloss.split() == [gloss]
    assert gloss_of(gloss) == gloss


def test_each_sign_is_one_word_as_sure_as_its_answer() -> None:
    signs = Track.of(
        [sign(0, "thank you", 0.93), sign(400, None, 0.3), sign(800, "me", 0.2, "IX-1")],
        [Note(Span(0, 5), "unseen", "no hands in the picture")],
    )
    words = phrase(signs)
    assert words.notes == signs.notes
    assert words.events == (
        Word(Span(0, millis(300)), "THANK-YOU", 0.93, Timing.ALIGNED),
        Word(Span(millis(400), millis(700)), "(?)", 0.0, Timing.ALIGNED),
        Word(Span(millis(800), millis(1100)), "IX-1", 0.2, Timing.ALIGNED),
    )


def test_a_sign_without_candidates_is_still_there() -> None:
    assert texts(phrase(Track.of([Sign(Span(0, 5), (), known=True)]))) == ["(?)"]


def test_a_gloss_that_was_enrolled_keeps_its_case() -> None:
    assert texts(phrase(Track.of([sign(0, "give", gloss="GIVE-to you")]))) == ["GIVE-to-you"]


def test_chinese_glosses_do_not_run_into_a_sentence() -> None:
    words = phrase(Track.of([sign(0, "我"), sign(400, "去"), sign(800, "Beijing"), sign(1200, "北京")]))
    assert texts(words) == ["我／", "去", "BEIJING", "北京"]
    assert join_words(texts(words)) == "我／去 BEIJING 北京"


@given(tracks(Sign))
def test_nothing_signed_is_dropped(signs: Track[Sign]) -> None:
    words = phrase(signs)
    assert [word.span for word in words] == [one.span for one in signs]
    assert words.notes == signs.notes
    for one, word in zip(signs, words, strict=True):
        assert word.confidence == (one.best.confidence if one.best else 0)
        assert (word.text.rstrip("／") == "(?)") == (one.best is None) or one.best


def test_letters_become_words_at_pauses() -> None:
    shown = [(0, "j"), (300, "O"), (600, "H"), (900, "N"), (2000, "L"), (2300, "L")]
    words = spell_words(Track.of([letter(*pair) for pair in shown]))
    assert texts(words) == ["J-O-H-N", "L-L"]
    assert [word.span for word in words] == [Span(0, millis(1000)), Span(millis(2000), millis(2400))]
    assert texts(
        spell_words(Track.of([letter(*pair) for pair in shown]), PhraseOptions(pause=millis(1500)))
    ) == ["J-O-H-N-L-L"]


def test_an_unknown_letter_keeps_its_place() -> None:
    words = spell_words(Track.of([letter(0, "J", 0.9), letter(300, None), letter(600, "H", 0.6)]))
    assert texts(words) == ["J-(?)-H"]
    assert words[0].confidence == 0
    assert words[0].timing is Timing.ALIGNED


def test_a_word_is_as_sure_as_its_least_sure_letter() -> None:
    words = spell_words(Track.of([letter(0, "J", 0.9), letter(300, "H", 0.6)]))
    assert words[0].confidence == 0.6


def test_a_letter_of_two_characters_stays_one() -> None:
    assert texts(spell_words(Track.of([letter(0, "zh"), letter(300, "a"), letter(600, "ng")]))) == ["ZH-A-NG"]


@given(tracks(Letter), st.integers(1, 10**12))
def test_no_letter_is_dropped(letters: Track[Letter], pause: int) -> None:
    words = spell_words(letters, PhraseOptions(pause=pause))
    assert words.notes == letters.notes
    assert bool(words) == bool(letters)
    hyphens = sum(gloss_of(one.text).count("-") for one in letters if one.text)
    slashes = sum(word.text.endswith("／") for word in words)
    written = sum(word.text.count("-") + 1 for word in words)
    assert written - hyphens == len(letters)
    assert slashes < len(words) or not words
    if letters.span:
        assert words.span == letters.span


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unclear": ""}, "without white space"),
        ({"unclear": "? ?"}, r"use \(\?\)"),
        ({"pause": 0}, "more than 0"),
    ],
)
def test_bad_options_name_the_fix(options: dict[str, object], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        PhraseOptions(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("notation", "written", "signed", "tag"),
    [
        (Notation.GLOSSES, "en", "ase", "en-x-gloss-ase"),
        (Notation.GLOSSES, "zh-Hans", "csl", "zh-Hans-x-gloss-csl"),
        (Notation.GLOSSES, "", "", "und-x-gloss"),
        (Notation.FINGERSPELLING, "en", "ase", "en-x-spelled-ase"),
    ],
)
def test_the_language_tag_says_that_it_is_no_text_of_a_spoken_language(
    notation: Notation, written: str, signed: str, tag: str
) -> None:
    assert text_language(notation, written, signed) == tag
    private = tag.partition("-x-")[2].split("-")
    assert all(subtag.isalnum() and len(subtag) <= 8 for subtag in private)  # RFC 5646 §2.1
    assert three_letters(tag) == three_letters(written)


@pytest.mark.parametrize(("written", "signed"), [("en-x-gloss", "ase"), ("English!", ""), ("en", "ASL")])
def test_what_is_no_language_is_refused(written: str, signed: str) -> None:
    with pytest.raises(OptionError, match="such as"):
        text_language(Notation.GLOSSES, written, signed)


@pytest.mark.parametrize("notation", Notation)
def test_the_origin_says_that_a_machine_made_it_and_that_it_is_no_translation(notation: Notation) -> None:
    text = text_origin(notation, "book my.signs, accessify 0.1.0")
    assert text.startswith("Machine-made ")
    assert "book my.signs, accessify 0.1.0" in text
    assert text.endswith("; not a translation, not checked by a person")


@pytest.mark.parametrize("name", ["srt", "vtt", "ass", "ttml", "json", "eaf"])
def test_glosses_leave_by_the_exits_of_speech(tmp_path: Path, name: str) -> None:
    shown = ["thank you", "me", None, "house", "go to", None, "谢谢", "finish"]
    signs = Track.of([sign(700 * n, name, 0.9 - n / 10) for n, name in enumerate(shown)])
    words = phrase(signs)
    rate = Rate.parse("25")
    cues = compose(words, load_profile("web"), Film(rate, end=seconds(20)))
    document = Document(
        cues,
        language=text_language(Notation.GLOSSES, "en", "ase"),
        origin=text_origin(Notation.GLOSSES, "book my.signs"),
        words=words,
    )
    write_captions(document, tmp_path / f"a.{name}")
    again = read_captions(tmp_path / f"a.{name}")
    said = " ".join(cue.text for cue in again.cues).split()
    assert said == ["THANK-YOU", "ME", "(?)", "HOUSE", "GO-TO", "(?)", "谢谢", "FINISH"]
    losses = FORMATS[name].losses(document)
    assert again.origin == document.origin or "the note on how the text was made" in losses
    assert again.language == document.language or "the language" in losses
    if name in ("json", "eaf"):
        assert again.words == words
    assert len(cues) < len(words)  # nor does (?) end a caption by itself


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["thank you", "house", "谢谢", None]), min_size=1, max_size=12))
def test_composed_glosses_show_each_sign_once_in_order(shown: list[str | None]) -> None:
    words = phrase(Track.of([sign(500 * n, name) for n, name in enumerate(shown)]))
    cues = compose(words, load_profile("web"))
    assert [word for cue in cues for word in cue.words] == list(words)
