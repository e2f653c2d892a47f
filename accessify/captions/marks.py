"""Full-width and half-width: marks, letters and figures as guides for Chinese and Japanese write them.

A recogniser writes whatever its training text had: `好的?` and `好的？`, `１５` and `15`. What is changed
here is only the form (Unicode's compatibility forms, UAX #11 and NFKC), never the mark or the letter.
"""

from __future__ import annotations

import re
import unicodedata

from accessify.captions.rules import Profile
from accessify.core.text import is_unspaced

_WIDE = {"?": "？", "!": "！", ":": "：", ",": "，", ".": "。"}
_IN_NUMBERS = "．，："
_SPACE_BEFORE = re.compile(r"(?<=\S) +(?=[？！：，。]|[?!:,.]+(?!\S))")
_LATIN_END = re.compile(r"(?<=[^\W_])[?!:？！：]+(?=\s|$)")


def spelled(text: str, profile: Profile) -> str:
    """`text` with the marks of `Profile.wide_marks` full-width and, where `Profile.narrow` asks, all
    letters and figures half-width.

    A mark is widened behind an East Asian character; behind Latin letters and figures only `?`, `!` and
    `:` at the end of a word are, where the text has such a character at all (`你有 iPhone 15？`).
    """
    if not (profile.wide_marks or profile.narrow) or not any(map(is_unspaced, text)):
        return text
    if profile.wide_marks:
        text = _SPACE_BEFORE.sub("", text)
    out, widened = "", False
    for index, written in enumerate(text):
        following = text[index + 1 : index + 2]
        character = _narrowed(out[-1:], written, following) if profile.narrow else written
        if widened and character == " " and following and is_unspaced(following):
            continue  # the half-width mark had a space behind it, the full-width one brings its own
        widened = _is_wide_here(out[-1:], character, following) and _WIDE[character] in profile.wide_marks
        out += _WIDE[character] if widened else character
    if not any(map(is_unspaced, out)):
        return out
    return _LATIN_END.sub(lambda found: _widened(found[0], profile), out)


def _widened(marks: str, profile: Profile) -> str:
    return "".join(_WIDE[mark] if _WIDE.get(mark, " ") in profile.wide_marks else mark for mark in marks)


def _narrowed(before: str, character: str, following: str) -> str:
    """A full-width letter or figure, or a mark between two figures, in its half-width form."""
    if character < "\uff00":
        return character
    half = unicodedata.normalize("NFKC", character)
    inside_number = character in _IN_NUMBERS and before.isdigit() and following.isdigit()
    return half if (half.isascii() and half.isalnum()) or inside_number else character


def _is_wide_here(before: str, character: str, following: str) -> bool:
    """Whether an ASCII mark stands behind an East Asian character, and is no part of an ellipsis."""
    if character not in _WIDE or not before or (character == "." and following == "."):
        return False
    return is_unspaced(before)
