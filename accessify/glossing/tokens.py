"""Pieces to tokens with their dictionary forms: what the glossers of all spaced languages share."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

from accessify.core.errors import MissingExtra
from accessify.glossing.gloss import Grammar, Kind, Sentence, Token
from accessify.glossing.pieces import Piece, compose, sentences

Split = Callable[[Piece], tuple[Token, ...]]
"""One word to its tokens."""
Count = Callable[[int], tuple[str, ...]]
"""A whole number to its words, usual ones first; () of one that has none here."""
_DIGITS = 4
"""Longer numbers have no words in any lexicon."""


def no_words(number: int) -> tuple[str, ...]:
    """Of a language whose number words are not known here."""
    return ()


def read_sentences(
    text: str, grammar: Grammar, split: Split, count: Count = no_words
) -> tuple[Sentence, ...]:
    """The sentences of `text`; `split` takes words apart, `count` adds the words of whole numbers."""
    found = []
    for whole, pieces, end in sentences(compose(text), grammar):
        tokens: list[Token] = []
        for piece in pieces:
            if piece.kind is Kind.WORD:
                tokens += split(piece)
            elif piece.kind is not None:
                tokens.append(plain(piece, count))
        words = tuple(token.text for token in tokens if token.kind is Kind.WORD)
        found.append(Sentence(whole, tuple(tokens), grammar.mood(words, end)))
    return tuple(found)


def plain(piece: Piece, count: Count = no_words) -> Token:
    """A number or symbol as a token; a symbol also by its Unicode name, e.g. `percent sign`.

    Numbers with leading zeros (`007`) are codes and have no words.
    """
    if piece.kind is Kind.NUMBER:
        return Token(piece.text, distinct(piece.text, *_number_words(piece.text, count)), Kind.NUMBER)
    names = [unicodedata.name(char, "") for char in piece.text if unicodedata.category(char)[0] == "S"]
    spoken = " ".join(name.lower() for name in names if name)
    return Token(piece.text, distinct(piece.text, spoken), Kind.SYMBOL)


def _number_words(digits: str, count: Count) -> tuple[str, ...]:
    if not digits.isdecimal() or len(digits) > _DIGITS or (len(digits) > 1 and int(digits[0]) == 0):
        return ()
    return count(int(digits))


def distinct(*words: str) -> tuple[str, ...]:
    """The words in order, each once, empty ones left out."""
    return tuple(dict.fromkeys(word for word in words if word))


def straight(word: str) -> str:
    """Lower case with a typewriter's apostrophe, as words stand in our tables."""
    return word.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def dictionary_forms(word: str, language: str) -> tuple[str, ...]:
    """The word, then its dictionary form; that of its lower case where a capital is only how sentences begin.

    Raises:
        MissingExtra: simplemma is not installed.
    """
    if len(word) == 1 or language not in lemma_languages():
        return (word,)
    return distinct(word, _lemma(word, language))


@lru_cache(1)
def lemma_languages() -> frozenset[str]:
    """ISO 639 codes of the languages whose dictionary forms are known. Raises `MissingExtra`."""
    try:
        from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES
    except ImportError:
        raise MissingExtra("simplemma", "avatar") from None
    return frozenset(SUPPORTED_LANGUAGES)


@lru_cache(4096)
def _lemma(word: str, language: str) -> str:
    from simplemma import is_known, lemmatize

    written = word if is_known(word, lang=language) else word.lower()
    return str(lemmatize(written, lang=language))
