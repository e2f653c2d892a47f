"""Mouthing: what lips, jaw and cheeks show of a word, from its spelling or from SAMPA.

Letters are grouped by how they look on the mouth, not by how they sound: b, m and p look alike
(C. G. Fisher, "Confusions among visually perceived consonants", J. Speech Hear. Res. 11, 1968). Spelling is
only a rough guide to sounds, in English above all; sign languages mouth parts of words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from accessify.core.timeline import Span, seconds
from accessify.motion.face import Shape, Signal
from accessify.motion.grammar import both

VISEMES: dict[str, Shape] = {
    "closed": Shape((*both(("mouthPress", 0.6)), ("mouthRollLower", 0.25), ("mouthRollUpper", 0.25))),
    "teeth": Shape((("mouthRollLower", 0.75), ("jawOpen", 0.06), *both(("mouthUpperUp", 0.35)))),
    "tongue": Shape((("jawOpen", 0.16), *both(("mouthStretch", 0.25), ("mouthLowerDown", 0.25)))),
    "back": Shape((("jawOpen", 0.2), *both(("mouthStretch", 0.1)))),
    "hush": Shape((("mouthFunnel", 0.75), ("jawOpen", 0.08))),
    "round": Shape((("mouthPucker", 0.9), ("jawOpen", 0.08))),
    "o": Shape((("mouthFunnel", 0.65), ("jawOpen", 0.32))),
    "a": Shape((("jawOpen", 0.6),)),
    "e": Shape((("jawOpen", 0.28), *both(("mouthStretch", 0.4), ("mouthLowerDown", 0.2)))),
    "i": Shape((("jawOpen", 0.1), *both(("mouthStretch", 0.6), ("mouthSmile", 0.3)))),
}
"""What each group of letters looks like."""


def _table(**groups: str) -> dict[str, str]:
    return {letters: viseme for viseme, line in groups.items() for letters in line.split()}


_SHARED = _table(
    closed="b m p",
    teeth="f v",
    tongue="d t n l s z x",
    back="k g h c q ng",
    round="w u",
    o="o",
    a="a",
    e="e",
    i="i y",
)
SPELLINGS: dict[str, dict[str, str]] = {
    "en": _SHARED
    | _table(
        closed="bb mm pp mb",
        teeth="ph ff gh",
        tongue="th ll ss tt",
        back="ck gg",
        hush="sh ch j r tch tion",
        round="oo ew ue wh wr",
        o="ow oa oe aw au ou",
        e="ea ai ay ei ey",
        i="ee ie",
    ),
    "de": _SHARED
    | _table(
        teeth="w pf ff",
        hush="sch tsch r j",
        round="ü y",
        o="ö au oh",
        e="ä ei ai eh",
        i="ie ih",
        a="ah aa",
        back="ck ch",
        tongue="ß ss tz",
    ),
    "zh": _SHARED
    | _table(
        hush="zh ch sh r j q x", tongue="z c s", round="ü yu wu w", o="ou ao uo", e="ei ai", i="yi ie ia"
    ),
}
"""Language of the word → letters → viseme; Chinese is written in pinyin. Others use English without pairs."""
SAMPA = _table(
    closed="p b m",
    teeth="f v",
    tongue="T D t d n s z l r",
    back="k g N x C h R j",
    hush="S Z tS dZ",
    round="u u: U y y: Y w",
    o="o o: O O: 9 2 2: Q V",
    a="a a: A A: { aI aU",
    e="e e: E E: @ 3 3: 6",
    i="i i: I",
)
"""Symbols of SAMPA (J. C. Wells, https://www.phon.ucl.ac.uk/home/sampa/), as mouth pictures in SiGML use."""

_SILENT_E = re.compile(r"(?<=[a-z]{2}[bcdfgklmnprstvz])e$")
_SHORTEST = 0.08
"""Seconds that a viewer needs to see one viseme: two pictures at 25 a second."""


def visemes(word: str, language: str = "en") -> tuple[str, ...]:
    """Names of `VISEMES` that the mouth shows for `word`, neighbours that look alike once; () for none."""
    text = unicodedata.normalize("NFC", word).lower()
    if language == "en":
        text = _SILENT_E.sub("", text)
    folded = "".join(letter if letter in "äöüß" else _plain(letter) for letter in text)
    return _read(folded, SPELLINGS.get(language, _SHARED))


def spoken_visemes(sampa: str) -> tuple[str, ...]:
    """Names of `VISEMES` for a word in SAMPA; marks of stress and unknown symbols are passed over."""
    return _read(sampa.replace('"', "").replace("%", ""), SAMPA)


def _plain(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0]


def _read(text: str, table: Mapping[str, str]) -> tuple[str, ...]:
    found: list[str] = []
    for match in _pattern(tuple(sorted(table, key=len, reverse=True))).finditer(text):
        viseme = table[match[0]]
        if not found or found[-1] != viseme:
            found.append(viseme)
    return tuple(found)


@cache
def _pattern(letters: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, letters)))


def mouthing(shapes: tuple[str, ...], span: Span) -> tuple[Signal, ...]:
    """`shapes`, names of `VISEMES`, one behind the other over `span`; as many as a viewer can see in it."""
    room = max(1, int(span.duration // seconds(_SHORTEST)))
    shown = shapes[:room]
    if not shown:
        return ()
    edges = [span.start + span.duration * number // len(shown) for number in range(len(shown) + 1)]
    onset = min(0.09, span.duration / seconds(1) / len(shown) / 2)
    return tuple(
        Signal(Span(start, end), VISEMES[name], onset=onset)
        for name, start, end in zip(shown, edges, edges[1:], strict=False)
    )
