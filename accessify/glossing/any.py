"""Text of any language that is written with spaces: words, numbers and symbols as they stand.

Dictionary forms come from simplemma where it knows the language. Questions and negation are told by the few
words listed here; of a language that is not listed every question counts as one for yes or no.
"""

from __future__ import annotations

from dataclasses import dataclass

from accessify.glossing.gloss import Grammar, Sentence, Token, listed
from accessify.glossing.pieces import Piece
from accessify.glossing.tokens import dictionary_forms, read_sentences, straight


def _grammar(asks: str, openers: str, negates: str) -> Grammar:
    return Grammar(listed(asks), listed(openers), listed(negates))


NOTHING_KNOWN = Grammar(frozenset())
GRAMMARS = {
    "fr": _grammar(
        "qui que quoi quel quelle quels quelles où quand comment pourquoi combien qu'est-ce",
        "et mais ou alors à de avec pour dans en depuis par sur chez",
        "ne pas non jamais rien personne aucun aucune ni sans",
    ),
    "es": _grammar(
        "quién quiénes qué cuál cuáles dónde adónde cuándo cómo cuánto cuánta cuántos cuántas",
        "y pero o entonces a de con para por en desde hasta sobre",
        "no nunca jamás nada nadie ninguno ninguna ningún ni tampoco sin",
    ),
    "it": _grammar(
        "chi che cosa quale quali dove dov'è quando come perché quanto quanta quanti quante",
        "e ma o allora a di da con per in su fra tra",
        "no non mai niente nulla nessuno nessuna né senza",
    ),
    "pt": _grammar(
        "quem que qual quais onde aonde quando como porquê porque quanto quanta quantos quantas",
        "e mas ou então a de com para por em desde até sobre o",
        "não nunca jamais nada ninguém nenhum nenhuma nem sem",
    ),
    "nl": _grammar(
        "wie wat welke welk waar waarheen wanneer waarom hoe hoeveel waarmee waarvoor wiens",
        "en maar of dus dan met van voor naar in op bij aan sinds tot uit",
        "niet geen nooit niets niks niemand nergens nee noch zonder",
    ),
    "pl": _grammar(
        "kto kogo komu kim co czego czemu czym jaki jaka jakie który która które gdzie dokąd kiedy jak "
        "dlaczego ile",
        "i a ale z od do na w o dla po",
        "nie nigdy nic nikt nigdzie żaden żadna żadne ani bez",
    ),
}


@dataclass(frozen=True, slots=True)
class AnyGlosser:
    """The plain glosser for a language without rules of its own here."""

    language: str
    """ISO 639-1 code."""

    def gloss(self, text: str) -> tuple[Sentence, ...]:
        """The sentences of `text`; raises `MissingExtra` where simplemma is not installed."""
        return read_sentences(text, GRAMMARS.get(self.language, NOTHING_KNOWN), self._tokens)

    def _tokens(self, piece: Piece) -> tuple[Token, ...]:
        negates = GRAMMARS.get(self.language, NOTHING_KNOWN).negates
        forms = dictionary_forms(piece.text, self.language)
        return (Token(piece.text, forms, negates=straight(piece.text) in negates),)
