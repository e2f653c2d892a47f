"""Words to letters of a manual alphabet: longest match, accents folded, Chinese by its pinyin.

Apostrophes, hyphens and other punctuation within words are not signed; in numbers, where they carry the
value, they are told as unsigned. Tones of pinyin are not signed either.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from accessify.core.errors import OptionError
from accessify.glossing.alphabet import Alphabet, Letter
from accessify.glossing.chinese import is_han, pinyin
from accessify.glossing.pieces import compose

LETTERS_A_SECOND = 3.0
"""Slower than fluent signers spell, so that learners and viewers of small pictures can follow."""
SLOWEST, FASTEST = 0.5, 8.0
_HELD = 0.5
"""Share of a letter's time in which the hand stands still."""
_LAST = 2.0
"""The last letter of a word is held this many times longer."""

_LIGATURES = {"Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "Ħ": "H"}
"""Letters that have no base letter in Unicode, as they are commonly written without."""


@dataclass(frozen=True, slots=True)
class SpelledLetter:
    """One letter of a spelled word."""

    letter: Letter
    hold: float
    """Seconds in which it stands still."""
    doubled: bool = False
    """Whether it is the same as the letter before: the hand keeps its shape and slides to the side."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A word letter by letter."""

    letters: tuple[SpelledLetter, ...]
    """Empty where the alphabet has none of its letters."""
    step: float
    """Seconds from one letter to the next, without the longer hold of the last."""
    unsigned: tuple[str, ...] = ()
    """Characters of the word that the alphabet cannot sign, in order, each once."""
    folded: tuple[str, ...] = ()
    """Letters that are signed without their accents, in order, each once."""
    pinyin: str = ""
    """What Chinese characters were read as, syllables with spaces between; else empty."""

    @property
    def name(self) -> str:
        """The letters, e.g. `A-N-N-A`."""
        return "-".join(spelled.letter.name for spelled in self.letters)


def spell(
    word: str,
    alphabet: Alphabet,
    rate: float = LETTERS_A_SECOND,
    number: bool = False,
    reading: str = "",
) -> Spelled:
    """The letters of `word`.

    Args:
        word: one word or number.
        alphabet: whose letters.
        rate: letters a second, 0.5 to 8.
        number: whether punctuation in it carries meaning.
        reading: pinyin of a Chinese word where the text around it told it, a syllable a character; else the
            word is read by itself.

    Raises:
        OptionError: the rate is out of range.
        MissingExtra: the word is Chinese and pypinyin is not installed.
    """
    if not SLOWEST <= rate <= FASTEST:
        raise OptionError(f"{rate:g} letters a second; choose {SLOWEST:g} to {FASTEST:g}")
    known = [(syllable, not any(map(is_han, syllable))) for syllable in reading.split()]
    parts = tuple(known or _syllables(compose(word)))
    found: list[Letter] = []
    unsigned: dict[str, None] = {}
    folded: dict[str, None] = {}
    for part, _ in parts:
        for letter, char, changed in _match(part, alphabet):
            if letter is not None:
                found.append(letter)
                if changed:
                    folded[char] = None
            elif number or unicodedata.category(char)[0] not in "PZC":
                unsigned[char] = None
    read = " ".join(part for part, chinese in parts if chinese)
    return Spelled(_timed(found, rate), 1 / rate, tuple(unsigned), tuple(folded), read)


def _timed(letters: list[Letter], rate: float) -> tuple[SpelledLetter, ...]:
    hold = _HELD / rate
    return tuple(
        SpelledLetter(
            letter,
            hold * (_LAST if index == len(letters) - 1 else 1),
            doubled=index > 0 and letters[index - 1] is letter,
        )
        for index, letter in enumerate(letters)
    )


def _match(text: str, alphabet: Alphabet) -> Iterator[tuple[Letter | None, str, bool]]:
    """Each letter of `text`, the characters it stands for, and whether these lost their accents."""
    at = 0
    while at < len(text):
        sizes = range(min(alphabet.longest, len(text) - at), 0, -1)
        for size in sizes:
            letter = alphabet.letters.get(_capital(text[at : at + size]))
            if letter is not None:
                yield letter, text[at : at + size], False
                at += size
                break
        else:
            yield from _plain(text[at], alphabet)
            at += 1


def _plain(char: str, alphabet: Alphabet) -> Iterator[tuple[Letter | None, str, bool]]:
    """A character that the alphabet lacks, by the letters it goes back to; None where there are none."""
    digit = unicodedata.decimal(char, None)
    known = str(digit) if digit is not None else _LIGATURES.get(_capital(char), char)
    apart = unicodedata.normalize("NFKD", known)
    bases = [one for one in apart.upper() if unicodedata.category(one)[0] != "M"]
    letters = [alphabet.letters.get(one) for one in bases]
    if unicodedata.category(char)[0] == "M" or not letters or None in letters:
        yield None, char, False
    else:
        for letter in letters:
            yield letter, char, True


def _capital(text: str) -> str:
    """`text` in capitals; ß keeps its small form, as tables write it."""
    return "".join("ß" if char in "ßẞ" else char.upper() for char in text)


def _syllables(word: str) -> Iterator[tuple[str, bool]]:
    """The word in stretches, each with whether it is the pinyin of a Chinese character."""
    start = 0
    while start < len(word):
        end = start + 1
        chinese = is_han(word[start])
        while end < len(word) and is_han(word[end]) == chinese:
            end += 1
        if chinese:
            for syllable in pinyin(word[start:end]):
                yield syllable, not any(map(is_han, syllable))
        else:
            yield word[start:end], False
        start = end
