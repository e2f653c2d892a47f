"""Text as a glosser sees it: sentences of written tokens, each with the words that a sign may be filed under.

No glosser translates: tokens stay in the order of the spoken language. Nothing of the text is dropped
silently: what is no word (numbers, symbols, emoji, words in other scripts) is a token as well; punctuation
and white space are kept in the sentence's text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from accessify.core.gloss import Mood


class Kind(StrEnum):
    """What sort of thing a token is."""

    WORD = "word"
    NUMBER = "number"
    SYMBOL = "symbol"
    """A sign for a word, e.g. `%` or `€`, or a picture, e.g. an emoji."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or symbol of a text."""

    text: str
    """As it was written, composed (NFC)."""
    candidates: tuple[str, ...]
    """What to look up, best first: as written, then dictionary forms; never empty."""
    kind: Kind = Kind.WORD
    negates: bool = False
    """Whether it says no to what stands around it, e.g. `never`."""
    reading: str = ""
    """How it is read where its characters are no letters: pinyin, syllables with spaces between, as the words
    around it tell; else empty."""

    def __post_init__(self) -> None:
        if not self.text or not self.candidates:
            raise ValueError("a token has a text and at least one candidate")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a text."""

    text: str
    """As it was written, with its punctuation, composed (NFC)."""
    tokens: tuple[Token, ...]
    """In the order of the text; empty where there is nothing but punctuation."""
    mood: Mood = Mood.STATEMENT

    @property
    def negated(self) -> bool:
        """Whether any of its words negates."""
        return any(token.negates for token in self.tokens)


class Glosser(Protocol):
    """Takes the text of one spoken language apart."""

    @property
    def language(self) -> str:
        """ISO 639-1 code of the language, e.g. `en`."""

    def gloss(self, text: str) -> tuple[Sentence, ...]:
        """The sentences of `text`; () of an empty one.

        Raises:
            MissingExtra: the package with the language's dictionary is not installed.
        """


def listed(words: str) -> frozenset[str]:
    """The words of a list with spaces between."""
    return frozenset(words.split())


@dataclass(frozen=True, slots=True)
class Grammar:
    """The few words of a language by which moods and negation are told."""

    asks: frozenset[str]
    """Question words, lower case."""
    openers: frozenset[str] = frozenset()
    """Words that may stand before a question word that opens a sentence, e.g. `with` in `With whom?`."""
    negates: frozenset[str] = frozenset()
    """Negating words, lower case."""
    abbreviations: frozenset[str] = field(default=frozenset(), repr=False)
    """Words, lower case, after which a full stop ends no sentence."""
    ordinal_stop: bool = False
    """Whether a full stop after a number makes it an ordinal, as in `3. Mai`."""

    def mood(self, words: tuple[str, ...], end: str) -> Mood:
        """What a sentence of `words` does that ends with the punctuation `end`.

        A question is a content question where a question word opens it, after `openers` or not, or closes it
        (`You went where?`); one that opens with anything else asks yes or no (`Do you know what it is?`).
        """
        if any(mark in end for mark in QUESTION_MARKS):
            lower = [word.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'") for word in words]
            opening = next((word for word in lower if word not in self.openers), "")
            asked = opening in self.asks or (lower and lower[-1] in self.asks)
            return Mood.CONTENT if asked else Mood.POLAR
        if any(mark in end for mark in EXCLAMATION_MARKS):
            return Mood.EXCLAMATION
        return Mood.STATEMENT


QUESTION_MARKS = "?？؟‽⁇⁈⁉"
EXCLAMATION_MARKS = "!！‼"
