"""Where English breaks well and where it does not: the style guides' own lists as cases."""

from __future__ import annotations

import pytest

from accessify.captions.breaks import PLAIN, RULES, SENTENCE, ends_clause, ends_sentence, seam_costs


def cost(text: str) -> float:
    """Cost of a break at the bar in `text`."""
    left, right = text.split("|")
    words = [*left.split(), *right.split()]
    return seam_costs(words)[len(left.split()) - 1]


@pytest.mark.parametrize(
    "text",
    [
        "saw the | house",
        "lost his | keys",
        "met John | Smith today",
        "asked Mr. | Jones",
        "wrote J. | Baker",
        "then he | left",
        "should have | gone",
        "it was | raining",
        "do not | go",
        "I don't | know",
        "walked into | town",
        "because of | rain",
        "cats and | dogs",
        "ran two hundred | kilometers",
        "a very | old dog",
        "an incredibly famous | actor",
        "my sister's | car",
        "she taught | herself French",
        "never give | up",
        "had three | children",
        "a most magnificent | dinner",
        "the side-by-side | comparison",
        "tools to visually | inspect",
        "told him to go | on.",
        "as long | as she",
        "is there anything | more",
        "I don't think | there's a way",
    ],
)
def test_what_belongs_together_costs_more_than_a_plain_break(text: str) -> None:
    assert cost(text) > PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "We left. | She stayed",
        "if so, | call me",
        "so it was — | a mistake",
        "the rain stopped | and we left",
        "he waited | because she asked",
        "the man | who knew",
        "a house | on the hill",
        "walked home | through the rain",
        "he knows | he lost",
        "was so far | like the present",
        "three tests, | and the end",
        "by comparing it | By listening",
        "I was… | thinking",
    ],
)
def test_what_the_guides_ask_for_costs_less_than_a_plain_break(text: str) -> None:
    assert cost(text) < PLAIN


def test_punctuation_beats_syntax() -> None:
    assert (
        cost("before that, | the dog") < cost("walked home | through the rain") < cost("through | the rain")
    )


@pytest.mark.parametrize("word", ["Stop.", "What?!", "Well…", '"Go."', "(no!)", "好。", "吗？”", "etc.)."])
def test_sentences_end(word: str) -> None:
    assert ends_sentence(word)


@pytest.mark.parametrize("word", ["Mr.", "J.", "U.S.", "a.m.", "3.5", "well,", "no", "Dr."])
def test_abbreviations_and_numbers_end_no_sentence(word: str) -> None:
    assert not ends_sentence(word)


@pytest.mark.parametrize("word", ["(?)", "J-O-(?)"])
def test_what_was_unclear_in_signing_ends_no_sentence(word: str) -> None:
    assert not ends_sentence(word)
    assert ends_sentence("sure(?)")  # irony, as the BBC marks it


def test_clauses_end() -> None:
    assert all(map(ends_clause, ["well,", "so:", "wait;", "but--", "然后，", '"yes,"']))
    assert not any(map(ends_clause, ["well", "10,000", "ex-wife"]))


def test_one_cost_per_word_and_the_end_is_free() -> None:
    assert seam_costs([]) == []
    assert seam_costs(["one"]) == [SENTENCE]
    assert len(seam_costs(["one", "two", "three"])) == 3


def test_other_languages_go_by_punctuation_alone() -> None:
    words = ["der", "alte", "Mann,", "die", "See"]
    assert seam_costs(words, "fi") == [PLAIN, PLAIN, 1.0, PLAIN, SENTENCE]


def test_commas_of_a_list_part_less_than_others() -> None:
    assert cost("read data, | models, and tests") > cost("when it rained, | the models failed")


def test_a_title_at_the_end_of_a_sentence_opens_no_name() -> None:
    assert cost("an upright queen. | That is all") == SENTENCE
    assert cost("met Queen | Anne") > PLAIN
    assert cost("sang No. | 5") > PLAIN


def test_an_ellipsis_before_a_capital_ends_a_sentence() -> None:
    assert cost("I was… | Look!") == SENTENCE
    assert cost("I was... | looking") > SENTENCE


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(
    "text",
    [
        "am 3.|Oktober",
        "Das ist z.|B. ein Haus",
        "der|alte Mann",
        "mit|großer Mühe",
        "dass|er kommt",
        "Haus Nr.|5",
        "12|Kilometer",
        "nicht|gewusst",
        "kommt|er morgen",
    ],
)
def test_german_words_that_stay_together(text: str) -> None:
    left = text.split("|", maxsplit=1)[0].split()
    cost = seam_costs(text.replace("|", " ").split(), "de")[len(left) - 1]
    assert cost >= (PLAIN if "Nr." in text else 14)


def test_german_breaks_where_clauses_and_phrases_begin() -> None:
    costs = seam_costs(
        ["Wir", "gehen", "nach", "Hause,", "weil", "es", "regnet", "und", "kalt", "ist."], "de-AT"
    )
    assert costs[3] == 1.0
    assert costs[6] == 2
    assert costs[-1] == SENTENCE


def test_marks_of_other_scripts_end_sentences_and_clauses() -> None:
    assert ends_sentence("اليوم؟")
    assert ends_sentence("है।")
    assert ends_clause("مرحبا،")
    assert ends_clause("القديمة؛")
