"""Rules of lines: how long, how many, and where they break."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from accessify.captions.breaks import seam_costs
from accessify.captions.check_text import is_dialogue, quoted, tidy
from accessify.captions.findings import Breach
from accessify.captions.layout import break_lines, text_width
from accessify.captions.retext import is_blank, with_text, words_of
from accessify.captions.rules import Profile
from accessify.captions.scripts import NO_END, NO_START
from accessify.captions.sheet import Sheet
from accessify.core.text import Cue

_FORBIDDEN = 14.0
"""Cost from which a break is one that the guides' lists forbid (see `breaks.RULES`)."""
_BALANCE = 0.5
"""A short line of two balanced ones is at least this much of the long one."""


@lru_cache(maxsize=4096)
def broken(text: str, profile: Profile) -> str:
    """`text` with the profile's line breaks, or as it is where they would cut a word in two."""
    better = break_lines(text, profile)
    return better if words_of(better) == words_of(text) else text


def rebreak(cue: Cue, profile: Profile) -> Cue:
    """The cue with the profile's line breaks; lines of different voices and verses stay."""
    return cue if _voices_or_verses(cue) else with_text(cue, broken(cue.text, profile))


def line_length(sheet: Sheet, index: int) -> Breach | None:
    """No line is wider than the guide allows."""
    profile, cue = sheet.profile, sheet.entries[index].cue
    widest = max(cue.lines, key=lambda line: text_width(line, profile))
    width = text_width(widest, profile)
    if width <= profile.line_length:
        return None
    return Breach(
        f"{width:g} characters",
        f"at most {profile.line_length} in a line",
        f"has a line that is too long: {quoted(widest)}",
        "shorten the text, or split the caption",
    )


def line_count(sheet: Sheet, index: int) -> Breach | None:
    """No more lines than the guide allows."""
    most, shown = sheet.profile.max_lines, sheet.entries[index].cue.lines
    lines = sum(not is_blank(line) for line in shown)
    if lines <= most:
        return None
    return Breach(
        f"{lines} lines",
        f"at most {most} line" + "s" * (most > 1),
        "has too many lines",
        "shorten the text, or split the caption",
    )


def one_line(sheet: Sheet, index: int) -> Breach | None:
    """A text that fits in one line stands in one line; two speakers, and verses, keep theirs."""
    profile, cue = sheet.profile, sheet.entries[index].cue
    lines = tidy(cue.text).split("\n")
    if not profile.prefer_one_line or len(lines) < 2 or keeps_lines(cue):
        return None
    width = text_width(" ".join(lines), profile)
    if width > profile.line_length:
        return None
    return Breach(
        f"{len(lines)} lines of {width:g} characters together",
        f"one line up to {profile.line_length} characters",
        "is broken though it fits in one line",
        "write it in one line",
    )


def keeps_lines(cue: Cue) -> bool:
    """Whether its lines belong to different speakers or are verses."""
    return is_dialogue(cue.text) or _voices_or_verses(cue)


def _voices_or_verses(cue: Cue) -> bool:
    if len({run.style.voice for run in cue.runs if run.text.strip()}) > 1:
        return True
    return all(line.lstrip().startswith(("♪", "♫", "#")) for line in cue.lines)


def _seam(left: str, right: str, profile: Profile) -> float:
    """What the guides say of a break between two lines; higher is worse."""
    if not left.strip() or not right.strip():
        return 0.0
    if right[0] in NO_START or left[-1] in NO_END:
        return _FORBIDDEN
    words = [*left.split(), *right.split()]
    return seam_costs(words, profile.language)[len(left.split()) - 1]


def _worst(lines: tuple[str, ...], profile: Profile) -> tuple[float, int]:
    """The worst break of `lines`: its cost and the line before it."""
    pairs = pairwise(lines)
    costs = ((_seam(left, right, profile), index) for index, (left, right) in enumerate(pairs))
    return max(costs, default=(0.0, 0))


def split_phrase(sheet: Sheet, index: int) -> Breach | None:
    """No break that parts what belongs together, where a better break exists."""
    profile, cue = sheet.profile, sheet.entries[index].cue
    if len(cue.lines) < 2 or keeps_lines(cue):
        return None
    cost, at = _worst(cue.lines, profile)
    better = broken(cue.text, profile)
    if cost < _FORBIDDEN or _worst(tuple(better.split("\n")), profile)[0] >= cost:
        return None
    left, right = cue.lines[at].split()[-1], cue.lines[at + 1].split()[0]
    return Breach(
        quoted(f"{left}\n{right}"),
        "no break between words that belong together",
        "breaks a line inside a phrase",
        f"break it so: {quoted(better)}",
    )


def line_balance(sheet: Sheet, index: int) -> Breach | None:
    """The heavier of two lines is the one the guide wants, where syntax leaves the choice."""
    profile, cue = sheet.profile, sheet.entries[index].cue
    if len(cue.lines) != 2 or keeps_lines(cue) or _well_shaped(cue.lines, profile):
        return None
    better = tuple(broken(cue.text, profile).split("\n"))
    no_worse = _worst(better, profile)[0] <= _worst(cue.lines, profile)[0]
    if not (len(better) == 2 and _well_shaped(better, profile) and no_worse):
        return None
    first, second = (text_width(line, profile) for line in cue.lines)
    return Breach(
        f"lines of {first:g} and {second:g} characters",
        {"bottom": "the longer line below", "top": "the longer line above"}.get(
            profile.heavy_line, "lines of about equal length"
        ),
        "has lines of the wrong shape",
        f"break it so: {quoted(chr(10).join(better))}",
    )


def _well_shaped(lines: tuple[str, ...], profile: Profile) -> bool:
    first, second = (text_width(line, profile) for line in lines)
    if profile.heavy_line == "bottom":
        return first <= second
    if profile.heavy_line == "top":
        return first >= second
    return min(first, second) >= _BALANCE * max(first, second)
