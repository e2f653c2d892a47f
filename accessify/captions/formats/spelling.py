"""What all formats do to a cue's text before they spell it in their own way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from accessify.core.text import Cue, Run, merge_runs

DEEPEST = 64
"""Tags inside each other that readers follow; a cue needs half a dozen."""

_BREAKS = re.compile(r"\n+")


def unified(text: str) -> str:
    """Text with line feeds only: no byte order mark, no carriage returns, no NUL (WebVTT §6.1)."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def written_runs(cue: Cue) -> tuple[Run, ...]:
    """The runs to write: at least one, and no empty line, which would end a cue in most formats."""
    runs = cue.runs or (Run(cue.text),)
    kept: list[Run] = []
    at_break = True
    for run in runs:
        text = _BREAKS.sub("\n", unified(run.text))
        text = text.lstrip("\n") if at_break else text
        if text:
            at_break = text.endswith("\n")
            kept.append(replace(run, text=text))
    while kept and kept[-1].text.endswith("\n"):
        last = kept.pop()
        if rest := last.text.removesuffix("\n"):
            kept.append(replace(last, text=rest))
    return tuple(kept)


def plain(runs: Iterable[Run]) -> str:
    """The text that runs spell."""
    return "".join(run.text for run in runs)


def tight(cue: Cue) -> Cue:
    """The cue without empty lines."""
    runs = written_runs(cue)
    return replace(cue, text=plain(runs), runs=merge_runs(runs))
