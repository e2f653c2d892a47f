"""English text: contractions, question words, negating words.

`I'm` is two tokens, since its parts may be filed apart. A contraction with `n't` stays whole: signed by its
first part alone it would say the opposite.
"""

from __future__ import annotations

from dataclasses import dataclass

from accessify.glossing.gloss import Grammar, Sentence, Token, listed
from accessify.glossing.pieces import Piece
from accessify.glossing.tokens import dictionary_forms, distinct, read_sentences, straight

_ASKS = "who whom whose what which when where why how who's what's where's when's how's why's"
GRAMMAR = Grammar(
    asks=listed(_ASKS),
    openers=listed(
        "and but so or then well oh to for from with in on at of by about since until during "
        "under over into through after before near"
    ),
    negates=listed(
        "no not never none nobody nothing nowhere neither nor cannot without "
        "no-one ain't can't couldn't don't doesn't didn't hadn't hasn't haven't isn't aren't wasn't weren't "
        "won't wouldn't shan't shouldn't mustn't needn't mightn't daren't oughtn't"
    ),
    abbreviations=listed(
        "mr mrs ms dr prof st sr jr mt vs etc e.g i.e fig vol gen col capt lt sgt rev hon inc ltd co dept "
        "approx jan feb mar apr jun jul aug sep sept oct nov dec"
    ),
)
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ENDINGS = {
    "'m": ("am", "be"),
    "'re": ("are", "be"),
    "'ve": ("have",),
    "'ll": ("will",),
    "'d": ("would", "had"),
    "'s": (),
}
"""Endings that are words of their own, and which; `'s` may be `is`, `has` or the possessive."""
_NOT = frozenset({"don't", "doesn't", "didn't"})
"""Here `do` is only there to carry the negation."""


@dataclass(frozen=True, slots=True)
class EnglishGlosser:
    """The plain glosser for English."""

    language: str = "en"

    def gloss(self, text: str) -> tuple[Sentence, ...]:
        """The sentences of `text`; raises `MissingExtra` where simplemma is not installed."""
        return read_sentences(text, GRAMMAR, _tokens, number_words)


def number_words(number: int) -> tuple[str, ...]:
    """The words of 0 to 100 and 1000; () of other numbers."""
    if number in (100, 1000):
        word = "hundred" if number == 100 else "thousand"
        return word, f"one {word}"
    if number >= 100:
        return ()
    small, tens = _SMALL.split(), number // 10
    if number < len(small):
        return (small[number],)
    ones = small[number % 10] if number % 10 else ""
    return (_TENS.split()[tens - 2] + (f"-{ones}" if ones else ""),)


def _tokens(piece: Piece) -> tuple[Token, ...]:
    word = piece.text
    lower = straight(word)
    if lower in GRAMMAR.negates:
        more = ("not",) if lower in _NOT else ("cannot",) if lower == "can't" else ()
        more = more or ((lower,) if "'" in lower else ())
        forms = distinct(word, *more) if "'" in lower else dictionary_forms(word, "en")
        return (Token(word, forms, negates=True),)
    for ending, candidates in _ENDINGS.items():
        if lower.endswith(ending) and len(lower) > len(ending):
            stem, rest = word[: -len(ending)], word[-len(ending) :]
            return Token(stem, dictionary_forms(stem, "en")), Token(rest, distinct(rest, *candidates))
    return (Token(word, dictionary_forms(word, "en")),)
