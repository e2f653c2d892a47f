"""German text: nouns keep their capitals for the dictionary, `3.` is an ordinal, `kein` has endings."""

from __future__ import annotations

from dataclasses import dataclass

from accessify.glossing.gloss import Grammar, Sentence, Token, listed
from accessify.glossing.pieces import Piece
from accessify.glossing.tokens import dictionary_forms, read_sentences

_PRONOUNS = "wer wen wem wessen was welche welcher welches welchen welchem "
_ADVERBS = "wo wohin woher wann warum weshalb weswegen wieso wie wieviel wieviele "
_WITH = "womit wodurch wofür wogegen worauf woran worin worüber worum wovon wovor wozu wonach"
_KEIN = "kein keine keinen keinem keiner keines keins"
GRAMMAR = Grammar(
    asks=listed(_PRONOUNS + _ADVERBS + _WITH),
    openers=listed(
        "und aber oder denn also na ja ach mit von zu für bei an auf aus in seit bis nach über unter vor "
        "gegen durch um wegen ab"
    ),
    negates=listed(
        f"nicht nichts nie niemals nein niemand niemanden niemandem nirgends nirgendwo weder ohne {_KEIN} "
        "keinesfalls keineswegs"
    ),
    abbreviations=listed(
        "dr prof hr fr st nr str bzw usw etc ca vgl evtl ggf inkl max min abs bd jh tel geb gest jan feb mär "
        "apr jun jul aug sep sept okt nov dez z.b. d.h. u.a. z.t. o.ä."
    ),
    ordinal_stop=True,
)

_SMALL = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn"
)
_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"


@dataclass(frozen=True, slots=True)
class GermanGlosser:
    """The plain glosser for German."""

    language: str = "de"

    def gloss(self, text: str) -> tuple[Sentence, ...]:
        """The sentences of `text`; raises `MissingExtra` where simplemma is not installed."""
        return read_sentences(text, GRAMMAR, _tokens, number_words)


def number_words(number: int) -> tuple[str, ...]:
    """The words of 0 to 100 and 1000; () of other numbers."""
    if number in (100, 1000):
        word = "hundert" if number == 100 else "tausend"
        return word, f"ein{word}"
    if number >= 100:
        return ()
    small, tens = _SMALL.split(), number // 10
    if number < len(small):
        return (small[number],)
    ones = small[number % 10] if number % 10 else ""
    before = "ein" if ones == "eins" else ones
    return (f"{before}und" * bool(ones) + _TENS.split()[tens - 2],)


def _tokens(piece: Piece) -> tuple[Token, ...]:
    word = piece.text
    return (Token(word, dictionary_forms(word, "de"), negates=word.lower() in GRAMMAR.negates),)
