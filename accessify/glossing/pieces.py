"""Text to sentences and pieces (words, numbers, symbols, punctuation), by Unicode's character categories.

Source: general categories of the Unicode Standard (UAX #44); what joins letters into words and digits into
numbers follows its word boundaries (UAX #29), simplified.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from accessify.glossing.gloss import EXCLAMATION_MARKS, QUESTION_MARKS, Grammar, Kind

STOPS = ".…。．｡।۔"
"""Marks that end a sentence which does not ask or call out."""
_ENDS = frozenset(STOPS + QUESTION_MARKS + EXCLAMATION_MARKS)
_JOINS_WORDS = frozenset("'’ʼ-‐‑·")
_JOINS_DIGITS = frozenset(".,:٫٬'’/-")
_SIGNS = frozenset("%‰&@#§＠＃％＆")
"""Punctuation to Unicode, words to readers."""
_ZWJ = "\u200d"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text without white space."""

    text: str
    kind: Kind | None
    """None: punctuation."""
    start: int
    """Index of its first character in the text."""

    @property
    def end(self) -> int:
        """Index after its last character."""
        return self.start + len(self.text)


def compose(text: str) -> str:
    """The text in composed form (NFC), in which every other function here expects it."""
    return unicodedata.normalize("NFC", text)


def pieces(text: str) -> Iterator[Piece]:
    """All pieces of a composed text in order; only white space and unseen characters lie between."""
    at = 0
    while at < len(text):
        sort = _sort(text[at])
        end = at + 1
        match sort:
            case "letter" | "digit":
                end = _word_end(text, at)
                whole = text[at:end]
                kind = Kind.WORD if any(_sort(char) == "letter" for char in whole) else Kind.NUMBER
                yield Piece(whole, kind, at)
            case "symbol" | "mark":
                end = _symbol_end(text, at)
                yield Piece(text[at:end], Kind.SYMBOL, at)
            case "punctuation":
                yield Piece(text[at], None, at)
        at = end


def sentences(text: str, grammar: Grammar) -> Iterator[tuple[str, tuple[Piece, ...], str]]:
    """Each sentence of a composed text: its text, its pieces and the marks that end it (empty: none do)."""
    found: list[Piece] = []
    marks = ""
    for piece in pieces(text):
        if found and (marks or _blank_line(text[found[-1].end : piece.start])):
            closing = piece.kind is None and piece.start == found[-1].end
            if not closing and not _goes_on(text, found, marks, piece, grammar):
                yield text[found[0].start : found[-1].end], tuple(found), marks
                found, marks = [], ""
            elif not closing:
                marks = ""
        found.append(piece)
        if piece.text in _ENDS:
            marks += piece.text
    if found:
        yield text[found[0].start : found[-1].end], tuple(found), marks


def _goes_on(text: str, found: list[Piece], marks: str, after: Piece, grammar: Grammar) -> bool:
    """Whether what stands before `after` ends no sentence though a full stop closes it."""
    if not marks or any(mark not in ".…" for mark in marks):
        return False
    if after.text[0].islower():
        return True
    if marks != "." or len(found) < 2:
        return False
    word = found[-2]
    initial = word.kind is Kind.WORD and len(word.text) == 1 and word.text.isupper() and word.text != "I"
    ordinal = grammar.ordinal_stop and word.kind is Kind.NUMBER
    return initial or ordinal or word.text.lower() in grammar.abbreviations


def _blank_line(between: str) -> bool:
    return between.count("\n") > 1


def _sort(char: str) -> str:
    category = unicodedata.category(char)
    if char in _SIGNS:
        return "symbol"
    match category[0]:
        case "L":
            return "letter"
        case "M":
            return "mark"
        case "N":
            return "digit"
        case "P":
            return "punctuation"
        case "S":
            return "symbol"
    return "symbol" if category in ("Co", "Cn", "Cs") else "unseen" if category == "Cf" else "space"


def _word_end(text: str, at: int) -> int:
    """Where the word or number that begins at `at` ends."""
    end = at + 1
    while end < len(text):
        sort = _sort(text[end])
        if sort in ("letter", "digit", "mark"):
            end += 1
        elif end + 1 < len(text) and _joins(text, at, end):
            end += 2
        elif text[end] == "." and "." in text[at:end] and _sort(text[end - 1]) == "letter":
            return end + 1  # the last stop of `z.B.`
        else:
            return end
    return end


def _joins(text: str, at: int, middle: int) -> bool:
    """Whether the character at `middle` holds its neighbours together as one word."""
    before, char, after = _sort(text[middle - 1]), text[middle], _sort(text[middle + 1])
    if after not in ("letter", "digit"):
        return False
    if before == after == "digit" and char in _JOINS_DIGITS:
        return True
    if _sort(char) == "unseen":  # a soft hyphen, or a joiner that scripts write within words
        return True
    if char == ".":
        run = text[at:middle].rpartition(".")[2]
        return "letter" in (before, after) and (len(run) == 1 or text[middle + 1].islower())
    return char in _JOINS_WORDS


def _symbol_end(text: str, at: int) -> int:
    """Where a symbol ends: with the marks, skin tones and joined pictures after it; flags are pairs."""
    end = at + 1
    if _is_flag(text[at]) and end < len(text) and _is_flag(text[end]):
        end += 1
    while end < len(text):
        tone = "\U0001f3fb" <= text[end] <= "\U0001f3ff"
        tag = "\U000e0020" <= text[end] <= "\U000e007f"
        if _sort(text[end]) == "mark" or tone or tag:
            end += 1
        elif text[end] == _ZWJ and end + 1 < len(text) and _sort(text[end + 1]) == "symbol":
            end += 2
        else:
            break
    return end


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
