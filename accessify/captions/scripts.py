"""Writing systems without spaces: where a line of Chinese, Japanese or Thai may end.

Phrases come from BudouX (models for Simplified and Traditional Chinese, Japanese and Thai); which
characters may not begin or end a line from JIS X 4051 and W3C clreq §3.1 (line start and line end
prohibition, "kinsoku").
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import accumulate

from accessify.core.text import is_unspaced

NO_START = frozenset(
    "，。、；：？！｡､…‥⋯·・”’）】》」』〉〕｝］％℃,.;:?!)]}%ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ～~"
)
"""Characters that no line begins with."""
NO_END = frozenset("“‘（【《「『〈〔｛［([{$￥¥€£#")
"""Characters that no line ends with."""

CHINESE_LINKS = frozenset("和与跟或在把被从对向给比为以将因当若如虽但而且")
"""Chinese prepositions and conjunctions of one character: they belong to what follows."""


def is_ideographic(character: str) -> bool:
    """Whether the character is Han or kana, or full-width punctuation; Korean is not, it has spaces."""
    return character >= "\u2e80" and is_unspaced(character)


def is_thai(character: str) -> bool:
    """Whether the character is Thai."""
    return "\u0e00" <= character <= "\u0e7f"


def is_kana(character: str) -> bool:
    """Whether the character is Japanese hiragana or katakana."""
    return "\u3041" <= character <= "\u30ff"


_RIGHT_TO_LEFT = frozenset(
    ("ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "ks", "ps", "sd", "ug", "ur", "yi")
)
_RIGHT_TO_LEFT_SCRIPTS = frozenset(["adlm", "arab", "hebr", "nkoo", "rohg", "samr", "syrc", "thaa"])


def is_right_to_left(language: str) -> bool:
    """Whether a BCP 47 language is written from right to left; its script, where the tag has one, decides."""
    primary, *rest = language.lower().split("-")
    scripts = [part for part in rest if len(part) == 4 and part.isalpha()]
    if scripts:
        return scripts[0] in _RIGHT_TO_LEFT_SCRIPTS
    return primary in _RIGHT_TO_LEFT


def is_traditional(language: str) -> bool:
    """Whether the text of a BCP 47 language is Traditional Chinese; Cantonese is taken to be."""
    tag = language.lower()
    chinese = tag.split("-")[0] in ("zh", "yue")
    written = "hant" in tag or tag.endswith(("-tw", "-hk", "-mo")) or tag.startswith("yue")
    return chinese and written and "hans" not in tag


def script_of(language: str) -> str | None:
    """Script that a BCP 47 tag of Chinese asks for, `hans` or `hant`; None where it leaves it open."""
    primary, *rest = language.lower().split("-")
    if primary not in ("zh", "cmn", "yue"):
        return None
    if is_traditional(language):
        return "hant"
    return "hans" if {"hans", "cn", "sg"} & set(rest) else None


def phrase_ends(text: str, language: str) -> frozenset[int]:
    """Offsets in `text` at which a phrase ends; `language` tells apart what the letters cannot."""
    if any(map(is_thai, text)):
        name = "thai"
    elif any(map(is_kana, text)):
        name = "japanese"
    else:
        name = "traditional_chinese" if is_traditional(language) else "simplified_chinese"
    return frozenset(accumulate(map(len, _parser(name)(text))))


@cache
def _parser(name: str) -> Callable[[str], list[str]]:
    import budoux

    parse: Callable[[str], list[str]] = getattr(budoux, f"load_default_{name}_parser")().parse
    return parse
