"""Chinese text: the longest words that are known, else characters; question words stand anywhere.

The known words are those of the lexicon that is to be looked up, and the function words listed here. There
is no other segmenter: a word that no lexicon holds would have no sign anyhow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from accessify.core.gloss import Mood
from accessify.glossing.gloss import Grammar, Sentence, Token, listed
from accessify.glossing.pieces import Piece, compose
from accessify.glossing.tokens import read_sentences

ASKS = listed(
    "什么 甚么 啥 谁 哪 哪儿 哪里 哪个 哪些 怎么 怎样 怎么样 为什么 为何 几 多少 多久 多大 何时 何处 如何"
)
NEGATES = listed("不 没 没有 别 未 无 非 不是 不要 不能 不会 不用 不可以 没人 从不 从来不")
_GRAMMAR = Grammar(asks=ASKS)


@dataclass(frozen=True, slots=True)
class ChineseGlosser:
    """The plain glosser for Chinese."""

    language: str = "zh"
    known: frozenset[str] = field(default=frozenset(), repr=False)
    """Words to look for, e.g. all names of a lexicon."""

    @classmethod
    def of(cls, known: Iterable[str]) -> ChineseGlosser:
        """A glosser that looks for the words `known`."""
        return cls(known=frozenset(compose(word) for word in known if len(word) > 1))

    def gloss(self, text: str) -> tuple[Sentence, ...]:
        """The sentences of `text`."""
        known = self.known | {word for word in (ASKS | NEGATES) if len(word) > 1}
        longest = max(map(len, known))

        def split(piece: Piece) -> tuple[Token, ...]:
            words = _words(piece.text, known, longest)
            return tuple(
                Token(word, (word,), negates=_negates(words, index)) for index, word in enumerate(words)
            )

        return tuple(_with_mood(found) for found in read_sentences(text, _GRAMMAR, split))


def _words(text: str, known: frozenset[str], longest: int) -> tuple[str, ...]:
    """`text` in its longest known words from the left; other Chinese characters stand alone."""
    words: list[str] = []
    open_run, at = False, 0
    while at < len(text):
        lengths = range(min(longest, len(text) - at), 1, -1)
        size = next((length for length in lengths if text[at : at + length] in known), 1)
        word = text[at : at + size]
        joins = size == 1 and not is_han(word)
        if joins and open_run:
            words[-1] += word
        else:
            words.append(word)
        open_run = joins
        at += size
    return tuple(words)


def is_han(char: str) -> bool:
    """Whether `char` is a Chinese character (blocks of unified and compatibility ideographs)."""
    return (
        "\u3400" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\U00020000" <= char <= "\U000323af"
        or char == "〇"
    )


def _negates(words: tuple[str, ...], index: int) -> bool:
    """Whether the word says no; not in 是不是 or 来没来, which ask."""
    word = words[index]
    if word not in NEGATES:
        return False
    before, after = "".join(words[:index]), "".join(words[index + 1 :])
    return not any(
        before.endswith(verb) and (word[1:] + after).startswith(verb) for verb in _verbs(before, word)
    )


def _verbs(before: str, word: str) -> tuple[str, ...]:
    """What may be asked with `word` between it and itself: the one or two characters before it."""
    return tuple(before[-size:] for size in (1, 2) if word[0] in "不没" and len(before) >= size)


def _with_mood(sentence: Sentence) -> Sentence:
    """The sentence with its mood: a question may be told by a particle or a question word anywhere."""
    words = [token.text for token in sentence.tokens]
    if sentence.mood in (Mood.POLAR, Mood.CONTENT):
        asked = any(word in ASKS for word in words) and not (words and words[-1] == "吗")
        return replace(sentence, mood=Mood.CONTENT if asked else Mood.POLAR)
    if words and words[-1] == "吗":
        return replace(sentence, mood=Mood.POLAR)
    return sentence
