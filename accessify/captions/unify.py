"""Chinese in one script: simplified or traditional characters, whatever was recognised.

Whisper writes Mandarin in either script, sometimes in both within one film. The tables are those of
OpenCC (BYVoid, Apache 2.0) in its Python rewrite `opencc-python-reimplemented`: longest phrase first,
then single characters. Words of a region (軟體, 软件) are left; only the script is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import accumulate, pairwise

from accessify.core.errors import MissingExtra, UnknownName
from accessify.core.text import Word, is_unspaced
from accessify.core.timeline import Track

_TABLES = {"hans": "t2s", "hant": "s2t"}
SCRIPTS = tuple(_TABLES)
"""Simplified and traditional, as BCP 47 calls them."""
CHINESE = ("zh", "cmn", "yue")
"""Primary language subtags that are written in them."""


def require_script(script: str) -> None:
    """Raise `UnknownName` for a script that is none of `SCRIPTS`, `MissingExtra` where the tables are."""
    if script not in _TABLES:
        raise UnknownName("script", script, SCRIPTS)
    _converter(_TABLES[script])


def unify(words: Track[Word], script: str) -> Track[Word]:
    """`words` in one script, `hans` or `hant`; times, notes and all that is not Chinese stay.

    Neighbours are looked at together, so that `头` `发` becomes 頭髮 and not 頭發; where a clause changes its
    length its words are taken one by one. Raises `UnknownName` and `MissingExtra`.
    """
    require_script(script)
    convert = _converter(_TABLES[script])
    changed = (text for clause in _clauses(words) for text in _converted(clause, convert))
    events = (replace(word, text=text) for word, text in zip(words, changed, strict=True))
    return Track(tuple(events), words.notes)


def _clauses(words: Iterable[Word]) -> Iterator[list[str]]:
    """The texts of words with no mark and nothing of another script between them."""
    clause: list[str] = []
    for word in words:
        clause.append(word.text)
        if not (word.text[-1].isalnum() and is_unspaced(word.text[-1])):
            yield clause
            clause = []
    yield clause


def _converted(texts: list[str], convert: Callable[[str], str]) -> list[str]:
    whole = "".join(texts)
    changed = convert(whole)
    if len(changed) != len(whole):
        return [convert(text) for text in texts]
    ends = accumulate(map(len, texts), initial=0)
    return [changed[start:end] for start, end in pairwise(ends)]


@cache
def _converter(table: str) -> Callable[[str], str]:
    try:
        from opencc import OpenCC
    except ImportError as error:
        raise MissingExtra("opencc-python-reimplemented", "chinese") from error
    convert: Callable[[str], str] = OpenCC(table).convert
    return convert
