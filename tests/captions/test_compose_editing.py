"""Cuts that a caption editor found wrong in recognised speech, and others of their kind."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest

from accessify.captions.breaks import ends_sentence
from accessify.captions.check import check
from accessify.captions.compose import compose
from accessify.captions.film import Film
from accessify.captions.rules import load_profile
from accessify.core.text import Cue, Document
from accessify.core.timeline import Rate, Track
from tests.builders import make_words

FILM = Film(Rate(Fraction(24)))
GUIDES = ("netflix-en", "bbc", "dcmp", "web", "vertical-9x16")
BRISK = 3.0
"""Words a second of brisk speech: faster than `bbc` and `dcmp` let a viewer read."""


def captions(text: str, guide: str = "netflix-en", speed: float = BRISK) -> list[str]:
    """The captions of `text`, said with short breaths."""
    cues = compose(make_words(text, speed, comma=0.1, stop=0.25), load_profile(guide), FILM)
    return [cue.text for cue in cues]


@pytest.mark.parametrize("guide", ["bbc", "dcmp"])
@pytest.mark.parametrize("speed", [2.6, BRISK, 3.4])
def test_no_sentence_is_torn_to_even_out_the_word_rate(guide: str, speed: float) -> None:
    text = (
        "It was the best of times, it was the worst of times. [0.15] It was the age of wisdom, "
        "it was the age of foolishness. [0.3] It was a season of light, it was a season of darkness. "
        "It was the spring of hope. [0.5] We were all going direct to heaven. [0.3] "
        "We were all going direct the other way."
    )
    found = captions(text, guide, speed)
    assert found[:2] == [
        "It was the best of times,\nit was the worst of times.",
        "It was the age of wisdom,\nit was the age of foolishness.",
    ]
    assert all(ends_sentence(caption) for caption in found)
    assert found[-1] == "We were all going direct\nthe other way."


def test_too_fast_speech_is_reported_where_it_is_not_cut() -> None:
    words = make_words("It was the best of times, it was the worst of times.", 5, comma=0)
    profile = load_profile("bbc")
    cues = compose(Track((*words, *make_words("It was.", 5, start=3))), profile, FILM)
    assert len(cues) == 2
    assert "word-rate" in {found.rule for found in check(Document(cues, rate=FILM.rate), profile, FILM)}


def test_silence_is_used_before_a_caption_is_too_fast() -> None:
    words = make_words("It was the best of times, it was the worst of times.", 3.6, comma=0)
    profile = load_profile("bbc")
    cues = compose(words, profile, FILM)
    assert len(cues) == 1
    assert check(Document(cues, rate=FILM.rate), profile, FILM) == ()


@pytest.mark.parametrize("guide", GUIDES)
def test_no_caption_ends_with_the_first_words_of_a_sentence(guide: str) -> None:
    dishes = (
        "It was here that most magnificent dinners were arranged. It was here that extraordinary dishes "
        "were concocted by chefs of world wide fame."
    )
    assert any(caption.endswith("were arranged.") for caption in captions(dishes, guide))
    humor = (
        "How are you? Tell me, is the lord of the universe in and yes, he's in a bad humor. "
        "Somebody must have stolen the crown jewels."
    )
    found = captions(humor, guide)
    assert any(caption.endswith("he's in a bad humor.") for caption in found)
    assert found[-1].replace("\n", " ") == "Somebody must have stolen the crown jewels."


@pytest.mark.parametrize("guide", ["netflix-en", "bbc", "web"])
def test_captions_hold_no_scraps_of_sentences(guide: str) -> None:
    """None ends with up to three first words of a sentence, or begins with up to two last ones."""
    sentences = (
        "I still remember the morning we left the farm.",
        "It was cold, and my father hadn't said a word since breakfast.",
        "My sister was crying in the back seat, because she had wanted to bring the dog and nobody let her.",
        "We drove for two hundred miles without stopping once.",
        "When we finally arrived in the city, it was raining so hard that you couldn't see the street.",
        "They sold it to a man from Chicago who never lived in it, not even for a single day.",
    )
    for seed in range(20):
        chance = random.Random(seed)
        text = " ".join(chance.choice(sentences) for _ in range(12))
        words = make_words(text, chance.uniform(2.2, 3.6), comma=0.1, stop=chance.uniform(0, 0.3))
        for first, last in scraps(compose(words, load_profile(guide), FILM)):
            assert first not in (1, 2)
            assert last not in (1, 2, 3)


def scraps(cues: Track[Cue]) -> list[tuple[int, int]]:
    """Words of each caption that end the sentence before, and that begin the one after, beside others."""
    found = []
    ends = [[ends_sentence(word.text) for word in cue.words] for cue in cues]
    opened = accumulate((bool(own[-1]) for own in ends), lambda _, closed: closed, initial=True)
    for own, opens in zip(ends, opened, strict=False):
        first = 0 if opens or True not in own else own.index(True) + 1
        last = 0 if True not in own else own[::-1].index(True)
        found.append((first, last))
    return found


def test_a_short_end_stays_with_its_sentence() -> None:
    text = (
        "landing a man on the moon and returning him safely to the earth. No single space project "
        "in this period will be more impressive to mankind."
    )
    assert captions(text)[0] == "landing a man on the moon\nand returning him safely to the earth."


@pytest.mark.parametrize("guide", ["netflix-en", "bbc", "web", "vertical-9x16"])
def test_what_is_thought_stays_with_the_thinking(guide: str) -> None:
    for caption in captions("But in this case, I don't think there's anything more we could do.", guide):
        assert not caption.endswith("think")


def test_lists_are_cut_before_their_last_item() -> None:
    text = (
        "Content like data, models, tests, and endpoints are organized into projects "
        "in the custom speech portal."
    )
    assert captions(text)[0] == "Content like data, models, tests,"
    assert captions(text, "bbc")[0] == "Content like data, models, tests,\nand endpoints are organized"


@pytest.mark.parametrize("guide", ["netflix-en", "web"])
def test_a_sentence_that_fits_one_caption_has_one(guide: str) -> None:
    assert captions("This detail page lists [0.2] all the utterances in your dataset.", guide) == [
        "This detail page lists all\nthe utterances in your dataset."
    ]
    assert captions("Select the Speech to Text/Custom Speech, [0.4] then click New Project.", guide) == [
        "Select the Speech to Text/Custom Speech,\nthen click New Project."
    ]


@pytest.mark.parametrize("guide", GUIDES)
def test_no_word_of_a_sentence_stands_alone(guide: str) -> None:
    text = (
        "Can [0.7] you just remind me, if I finish the note? [0.5] Um, [0.7] I think so. Okay, [0.8] go on."
    )
    found = captions(text, guide)
    assert all(" " in caption for caption in found)
    assert found[0].startswith("Can you")


def test_half_a_second_behind_a_sentence_may_be_another_speaker() -> None:
    assert captions("It did miss it. Right, okay. [0.3] As long as she admits it, that's fine.") == [
        "It did miss it. Right, okay.",
        "As long as she admits it, that's fine.",
    ]
    for pause in (0.25, 0.4, 0.8):  # and a quarter of a second that every sentence has
        assert captions(f"Is it? [{pause}] It is.") == ["Is it?", "It is."]
    assert captions("Is it? It is.") == ["Is it? It is."]


def test_bbc_shows_one_sentence_at_a_time() -> None:
    assert captions("The rain has stopped. The river falls.", "netflix-en", 2) == [
        "The rain has stopped. The river falls."
    ]
    assert captions("The rain has stopped. The river falls.", "bbc", 2) == [
        "The rain has stopped.",
        "The river falls.",
    ]


def test_lines_are_of_like_length_unless_syntax_forbids() -> None:
    short = "In short, the period was so far like the present period"
    assert captions(short) == ["In short, the period was so far\nlike the present period"]
    stuff = captions("and stuff, and we found it was some stupid thing at the moment.")
    assert not stuff[0].startswith("and stuff,\n")
    project = captions("For example, you may create a project for call centers")
    assert project == ["For example, you may create\na project for call centers"]


@pytest.mark.parametrize(("guide", "mark"), [("netflix-en", "…"), ("bbc", "...")])
def test_an_ellipsis_is_shown_as_the_guide_writes_it(guide: str, mark: str) -> None:
    for heard in ("...", "…", "....."):
        words = make_words(f"I was{heard} thinking of something{heard} [2.5] Well.", 2)
        profile = load_profile(guide)
        cues = compose(words, profile, FILM)
        assert [cue.text for cue in cues] == [f"I was{mark} thinking of something{mark}", "Well."]
        assert tuple(word for cue in cues for word in cue.words) == words.events
        assert check(Document(cues, rate=FILM.rate), profile, FILM) == ()


@pytest.mark.parametrize("guide", GUIDES)
def test_captions_follow_each_other_in_order(guide: str) -> None:
    text = "Yes. No. Well... so I said, if you, if you actually [0.7] and then. By listening [1.2] we know."
    words = make_words(text, 4)
    cues = compose(words, load_profile(guide), FILM)
    assert tuple(word for cue in cues for word in cue.words) == words.events
    assert all(before.span.end <= after.span.start for before, after in pairwise(cues))
