"""Chinese text: the longest words that are known, else characters; question words stand anywhere.

The known words are those of the lexicon that is to be looked up, and the function words listed here. There
is no other segmenter: a word that no lexicon holds would have no sign anyhow. How a character is read is told
by those beside it, so its pinyin is looked up before the text is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from accessify.core.errors import MissingExtra
from accessify.core.gloss import Mood
from accessify.glossing.gloss import Grammar, Kind, Sentence, Token, listed
from accessify.glossing.pieces import Piece, compose
from accessify.glossing.tokens import plain, read_sentences

ASKS = listed(
    "什么 甚么 啥 谁 哪 哪儿 哪里 哪个 哪些 怎么 怎样 怎么样 为什么 为何 几 多少 多久 多大 何时 何处 如何"
)
NEGATES = listed("不 没 没有 别 未 无 非 不是 不要 不能 不会 不用 不可以 没人 从不 从来不")
_GRAMMAR = Grammar(asks=ASKS)
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class ChineseGlosser:
    """The plain glosser for Chinese."""

    language: str = "zh"
    known: frozenset[str] = field(default=frozenset(), repr=False)
    """Words to look for, e.g. all names of a lexicon; without case."""

    @classmethod
    def of(cls, known: Iterable[str]) -> ChineseGlosser:
        """A glosser that looks for the words `known`."""
        return cls(known=frozenset(compose(word).casefold() for word in known if len(word) > 1))

    def gloss(self, text: str) -> tuple[Sentence, ...]:
        """The sentences of `text`."""
        known = self.known | {word for word in (ASKS | NEGATES) if len(word) > 1}
        longest = max(map(len, known))

        def split(piece: Piece) -> tuple[Token, ...]:
            words = _words(piece.text, known, longest)
            return tuple(
                _token(word, reading, _negates(words, index))
                for index, (word, reading) in enumerate(zip(words, _readings(words), strict=True))
            )

        return tuple(_with_mood(found) for found in read_sentences(text, _GRAMMAR, split, number_words))


def _token(word: str, reading: str, negates: bool) -> Token:
    """A word as a token; digits that stand against characters (`3年`) are a number."""
    if any(map(str.isdigit, word)) and not any(map(str.isalpha, word)):
        return plain(Piece(word, Kind.NUMBER, 0), number_words)
    return Token(word, (word,), negates=negates, reading=reading)


def number_words(number: int) -> tuple[str, ...]:
    """The words of 0 to 100 and 1000; () of other numbers."""
    if number in (100, 1000):
        word = "百" if number == 100 else "千"
        return f"一{word}", word
    if number >= 100:
        return ()
    tens, ones = divmod(number, 10)
    if not tens:
        return (_DIGITS[ones],)
    return (("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else ""),)


def pinyin(text: str) -> tuple[str, ...]:
    """The reading of each character of Chinese `text` in its words, ü as such, without tones.

    A character without a reading stays as it is. Raises `MissingExtra`.
    """
    try:
        from pypinyin import lazy_pinyin
    except ImportError:
        raise MissingExtra("pypinyin", "avatar") from None
    return tuple(" ".join(lazy_pinyin(text, v_to_u=True, errors=" ".join)).split())


def _readings(words: tuple[str, ...]) -> Iterator[str]:
    """The pinyin of each word as it stands among the others; empty of one that is not all Chinese.

    Without pypinyin all are empty: whoever must spell one asks again, and tells what is missing.
    """
    read: list[str] = []
    for chinese, run in groupby("".join(words), is_han):
        text = "".join(run)
        try:
            read += pinyin(text) if chinese else text
        except MissingExtra:
            read += [""] * len(text)
    at = 0
    for word in words:
        yield " ".join(read[at : at + len(word)]).strip() if all(map(is_han, word)) else ""
        at += len(word)


def _words(text: str, known: frozenset[str], longest: int) -> tuple[str, ...]:
    """`text` in its longest known words from the left; other Chinese characters stand alone."""
    words: list[str] = []
    open_run, at = False, 0
    while at < len(text):
        lengths = range(min(longest, len(text) - at), 1, -1)
        size = next((length for length in lengths if text[at : at + length].casefold() in known), 1)
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
