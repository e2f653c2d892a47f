"""Where each word's sign comes from: lexicons in order, then letters, then the word itself."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from accessify.core.gloss import Origin
from accessify.glossing.alphabet import load_alphabet
from accessify.glossing.chinese import ChineseGlosser
from accessify.glossing.german import GermanGlosser
from accessify.glossing.gloss import Kind, Sentence, Token
from accessify.glossing.lookup import Entry, EntryKind, Lexicon, Planned, lookup_key, plan
from accessify.glossing.spelling import Spelled

OWN = Lexicon(
    (
        Entry("HOUSE", EntryKind.POSE, "house.pose", "mine", ("home", "casa")),
        Entry("Home", EntryKind.HAMNOSYS, "\ue000", "mine"),
        Entry("NEW_YORK", EntryKind.SIGML, "<sigml/>", ""),
        Entry("house", EntryKind.POSE, "house2.pose", "mine"),
        Entry("CAFE\u0301", EntryKind.POSE, "cafe.pose", "mine"),
    ),
    "my signs",
)
GERMAN = Lexicon(
    (
        Entry("HÜTEN", EntryKind.HAMNOSYS, "\ue001", "published"),
        Entry("HOUSE", EntryKind.HAMNOSYS, "\ue002", "published"),
    ),
    "published signs",
    "gsg",
    Origin.NOTATION,
)


def token(text: str, *more: str, kind: Kind = Kind.WORD, negates: bool = False) -> Token:
    return Token(text, (text, *more), kind, negates)


def planned(*tokens: Token, language: str = "ase", alphabet: str | None = "ase") -> tuple[Planned, ...]:
    sentence = Sentence(" ".join(one.text for one in tokens), tokens)
    letters = load_alphabet(alphabet) if alphabet else None
    return plan([sentence], [OWN, GERMAN], letters, language)


def test_the_order_is_own_published_letters_word() -> None:
    found = planned(
        token("house"), token("hüten"), token("Anna"), token("€", kind=Kind.SYMBOL), language="gsg"
    )
    assert [one.gloss.origin for one in found] == [
        Origin.LEXICON,
        Origin.NOTATION,
        Origin.SPELLED,
        Origin.MISSING,
    ]
    assert [one.gloss.name for one in found] == ["HOUSE", "HÜTEN", "A-N-N-A", "€"]
    assert [one.gloss.source for one in found] == ["mine", "published", "American manual alphabet", ""]
    assert [type(one.perform) for one in found] == [Entry, Entry, Spelled, type(None)]
    assert [one.gloss.text for one in found] == ["house", "hüten", "Anna", "€"]
    assert [one.gloss.mouthing for one in found] == ["house", "hüten", "Anna", ""]


def test_published_signs_are_of_their_sign_language_only() -> None:
    assert planned(token("hüten"))[0].gloss.origin is Origin.SPELLED


def test_names_go_before_aliases_and_the_rest_are_candidates() -> None:
    (home,) = planned(token("HOME"))
    assert isinstance(home.perform, Entry)
    assert home.perform.content == "\ue000"
    assert home.gloss.candidates == ("HOUSE",)
    (house,) = planned(token("House"))
    assert house.gloss.candidates == ("house",)


def test_dictionary_forms_are_tried_after_the_word_as_written() -> None:
    (houses,) = planned(token("houses", "house"))
    assert (houses.gloss.name, houses.gloss.text) == ("HOUSE", "houses")


@pytest.mark.skipif(find_spec("pypinyin") is None, reason="needs the extra `avatar`")
def test_chinese_is_spelled_as_its_sentence_reads_it() -> None:
    found = plan(ChineseGlosser().gloss("我去银行"), [], load_alphabet("csl"), "csl")
    assert [one.gloss.name for one in found] == ["W-O", "Q-U", "Y-I-N", "H-A-NG"]
    assert "pinyin hang" in found[3].notes[0].text


def test_a_number_is_looked_up_by_its_word_before_its_digits_are_shown() -> None:
    three = Lexicon((Entry("DREI", EntryKind.HAMNOSYS, "\ue001", "published"),), "published", "gsg")
    found = plan(GermanGlosser().gloss("3 13"), [three], load_alphabet("gsg"), "gsg")
    assert [(one.gloss.text, one.gloss.name) for one in found] == [("3", "DREI"), ("13", "1-3")]


def test_the_own_lexicon_is_asked_for_every_form_before_the_published_one() -> None:
    sentence = Sentence("x", (token("hüten", "house"),))
    (found,) = plan([sentence], [OWN, GERMAN], None, "gsg")
    assert found.gloss.origin is Origin.LEXICON


def test_several_words_may_share_a_sign() -> None:
    found = planned(token("to"), token("New"), token("York", negates=True), token("house"))
    assert [one.gloss.text for one in found] == ["to", "New York", "house"]
    assert found[1].gloss.source == "my signs"
    assert found[1].negates


def test_what_is_not_signed_is_told() -> None:
    (spelled,) = planned(token("Größeп"))
    assert [note.kind for note in spelled.notes] == ["unspelled", "accents"]
    assert "п" in spelled.notes[0].text
    assert "ö ß" in spelled.notes[1].text
    (number,) = planned(token("3.5", kind=Kind.NUMBER))
    assert "no letter for ." in number.notes[0].text
    (missing,) = planned(token("Привет"))
    assert (missing.notes[0].kind, missing.perform) == ("missing", None)
    (unknown,) = planned(token("cat"), alphabet=None)
    assert "no manual alphabet" in unknown.notes[0].text
    assert unknown.gloss.origin is Origin.MISSING


def test_sentences_are_numbered_and_negation_is_kept() -> None:
    sentences = [Sentence("a", (token("a"),)), Sentence("no", (token("no", negates=True),))]
    found = plan(sentences, [], load_alphabet("ase"), "ase")
    assert [(one.gloss.sentence, one.negates) for one in found] == [(0, False), (1, True)]
    assert plan([], [], None, "ase") == ()


@pytest.mark.parametrize("word", ["café", "CAFÉ", "Cafe\u0301"])
def test_words_are_composed_and_without_case(word: str) -> None:
    assert OWN.find(word)[0].content == "cafe.pose"


def test_keys_join_lines_hyphens_and_spaces() -> None:
    assert lookup_key("New_York") == lookup_key("new-york ") == lookup_key("NEW  YORK") == "new york"
    assert lookup_key("Straße") == lookup_key("STRASSE")
    assert lookup_key("don’t") == lookup_key("DON'T")
    assert "new york" in OWN.words
