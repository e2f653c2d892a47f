"""Giving a cue another text while each letter keeps its style."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from difflib import SequenceMatcher

from accessify.core.text import PLAIN, Cue, Run, Style, is_unspaced

TAG = re.compile(
    r"</?(?:i|b|u|s|c|v|em|strong|font|ruby|rt|lang|span)(?:[\s.][^<>\n]*)?>|\{\\[^{}\n]*\}", re.IGNORECASE
)
"""Mark-up of SRT, WebVTT and ASS that stands in a text as if it were said."""

_Look = tuple[Style, int | None]


def with_text(cue: Cue, text: str) -> Cue:
    """The cue with another text; letters that stay keep their look, new ones take a neighbour's."""
    if text == cue.text:
        return cue
    if not cue.runs:
        return replace(cue, text=text)
    looks: list[_Look] = [(run.style, run.start) for run in cue.runs for _ in run.text]
    fresh: list[_Look] = []
    matcher = SequenceMatcher(None, cue.text, text, autojunk=False)
    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        if kind == "equal":
            fresh += looks[first:last]
        else:
            neighbour = looks[first] if first < last else fresh[-1] if fresh else looks[0]
            fresh += [neighbour] * (new_last - new_first)
    return replace(cue, text=text, runs=_runs(text, fresh))


def _runs(text: str, looks: list[_Look]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for letter, (style, start) in zip(text, looks, strict=True):
        if runs and (runs[-1].style, runs[-1].start) == (style, start):
            runs[-1] = replace(runs[-1], text=runs[-1].text + letter)
        else:
            runs.append(Run(letter, style, start))
    return tuple(runs)


def upright(cue: Cue) -> Cue:
    """The cue without italics."""
    runs = tuple(replace(run, style=replace(run.style, italic=False)) for run in cue.runs)
    plain = all(run.style == PLAIN and run.start is None for run in runs)
    return replace(cue, runs=() if plain else runs)


def words_of(text: str) -> list[str]:
    """What may never change: the letters and figures of a text, word by word, without mark-up.

    In scripts without spaces each character is a word. Full-width and half-width forms are the same.
    """
    text = unicodedata.normalize("NFKC", TAG.sub("", text))
    spaced = "".join(f" {letter} " if is_unspaced(letter) else letter for letter in text)
    return re.findall(r"\w+", spaced)


def is_blank(text: str) -> bool:
    """Whether nothing of a text is visible."""
    return not any(
        unicodedata.category(letter)[0] not in "CZ" and letter not in "\u115f\u1160\u3164" for letter in text
    )
