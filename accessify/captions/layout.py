"""Lines: how wide a text is, and where it is broken into lines.

Lines are chosen by dynamic programming over the pieces of the text: each line within
`Profile.line_length`, as few lines as the text needs, breaks where syntax allows them best
(`breaks.RULES`), and lines near their ideal share of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from accessify.captions.hyphens import hyphen_place
from accessify.captions.marks import spelled
from accessify.captions.pieces import INSIDE_WORD, Piece, cut, joined
from accessify.captions.rules import Profile
from accessify.core.text import is_wide

SHAPE = 22.0
"""Cost of a line that misses its ideal width by a whole line length; grows with the square."""
SHORT_LINE = 4.0
"""Cost of a line under a third of its fair share: a word left alone."""
EXTRA_LINE = 4.0
"""Cost of one line more than the text needs, where two or more are needed anyway."""
LEAN = {"bottom": 0.05, "top": -0.05, "balanced": 0.0}
"""How much the last line's ideal width exceeds its fair share, and the first's falls short of it."""

_TURN = re.compile(r"(?:(?<=[.!?…][\"”’)\]])|(?<=[.!?…\-–—]))\s+(?=[-–‐]\S)|\n+(?=[-–‐])")
"""Where the second speaker's line begins in a dialogue led by dashes."""
_SOFT = re.compile(r"(?<=[-/_.@&=?])(?=\w)")
"""Where a word longer than a line is best broken: behind a hyphen, slash and the like."""


def text_width(text: str, profile: Profile) -> float:
    """Characters of `text` as the profile counts them (`Profile.count`); marks on a letter count nothing.

    `half-width` counts a character that is full-width by UAX #11 as 1 and any other as ½.
    """
    halves = profile.count == "half-width"
    if text.isascii():
        return len(text) / 2 if halves else float(len(text))
    spacing = (char for char in text if unicodedata.category(char) not in ("Mn", "Me", "Cf"))
    if halves:
        return sum(1.0 if is_wide(char) else 0.5 for char in spacing)
    return float(sum(1 for _ in spacing))


def break_lines(text: str, profile: Profile) -> str:
    """`text` in as few lines as it needs, joined by line feeds; all of it, even beyond `max_lines`.

    Line feeds in `text` are taken as spaces, except before the second dash of a dialogue. A word
    longer than a line is broken as a last resort, with a hyphen where there is a place for one.
    """
    text = spelled(text, profile)
    turns = _TURN.split(text) if text.lstrip().startswith(("-", "–", "‐")) else [text]
    room = max(1, profile.max_lines - len(turns) + 1)
    return "\n".join(line for turn in turns for line in _turn_lines(turn, replace(profile, max_lines=room)))


def _turn_lines(text: str, profile: Profile) -> list[str]:
    tokens = text.split()
    pieces = cut(tokens, [" "] * len(tokens), profile)
    if not any(piece.text for piece in pieces):  # nothing but marks that the guide leaves out
        return [" ".join(tokens)] if tokens else []
    pieces = [part for piece in pieces for part in _fitting(piece, profile)]
    ruler = Ruler.of(pieces, profile)
    ends = (0, *ruler.breaks(0, len(pieces)), len(pieces))
    return [joined(pieces[start:end]) for start, end in pairwise(ends)]


def _fitting(piece: Piece, profile: Profile) -> Iterator[Piece]:
    """The piece itself, or parts of it that fit a line."""
    if text_width(piece.text, profile) <= profile.line_length:
        yield piece
        return
    parts: list[str] = []
    for chunk in _SOFT.split(piece.text):
        if parts and text_width(parts[-1] + chunk, profile) <= profile.line_length:
            parts[-1] += chunk
        else:
            parts.extend(_chopped(chunk, profile))
    for part in parts[:-1]:
        yield replace(piece, text=part, glue="", cost=INSIDE_WORD)
    yield replace(piece, text=parts[-1])


def _chopped(text: str, profile: Profile) -> Iterator[str]:
    while text_width(text, profile) > profile.line_length:
        place = hyphen_place(text, profile.line_length - 1, profile.language)
        if place:
            yield f"{text[:place]}-"
            text = text[place:]
            continue
        size = len(text)
        while size > 1 and text_width(text[:size], profile) > profile.line_length:
            size -= 1
        while size < len(text) and unicodedata.category(text[size]).startswith("M"):
            size += 1
        yield text[:size]
        text = text[size:]
    if text:
        yield text


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures and breaks any stretch of a row of pieces."""

    starts: tuple[float, ...]
    """Width of all that stands before piece i, shape [n + 1]."""
    glues: tuple[float, ...]
    """Width of the glue behind piece i, shape [n]."""
    costs: tuple[float, ...]
    """Cost of a break behind piece i, shape [n]."""
    length: float
    """Most width of a line."""
    lines: int
    """Most lines."""
    lean: float
    """See `LEAN`."""

    @classmethod
    def of(cls, pieces: Sequence[Piece], profile: Profile) -> Ruler:
        """A ruler over `pieces`."""
        glues = tuple(text_width(piece.glue, profile) for piece in pieces)
        widths = (text_width(piece.text, profile) + glue for piece, glue in zip(pieces, glues, strict=True))
        return cls(
            tuple(accumulate(widths, initial=0.0)),
            glues,
            tuple(piece.cost for piece in pieces),
            float(profile.line_length),
            profile.max_lines,
            LEAN[profile.heavy_line],
        )

    def width(self, first: int, last: int) -> float:
        """Width of the pieces from `first` up to, not including, `last`, on one line."""
        return self.starts[last] - self.starts[first] - self.glues[last - 1]

    def shown_width(self, first: int, last: int) -> float:
        """The same on the lines it needs, whose breaks swallow a space each (at least, of unspaced text)."""
        width = self.width(first, last)
        breaks = self.needed(first, last) - 1 if width > self.length else 0
        return width - breaks * min(self.glues[first : last - 1], default=0.0)

    def needed(self, first: int, last: int) -> int:
        """Fewest lines that hold the stretch; a piece longer than a line counts as one."""
        count, start = 1, first
        for end in range(first + 1, last + 1):
            if self.width(start, end) > self.length and end - start > 1:
                count, start = count + 1, end - 1
        return count

    def breaks(self, first: int, last: int) -> tuple[int, ...]:
        """Where the lines of the stretch end, the last one left out."""
        found = self.best(first, last, self.needed(first, last))
        return found[1] if found else ()

    def cost(self, first: int, last: int) -> float | None:
        """Cost of the stretch's best lines, 0 on one line; None where `lines` do not hold it."""
        if self.width(first, last) <= self.length:
            return 0.0
        needed = self.needed(first, last)
        if needed > self.lines:
            return None
        found = self.best(first, last, needed)
        return found[0] if found else None

    def best(self, first: int, last: int, needed: int) -> tuple[float, tuple[int, ...]] | None:
        """Cost and breaks of the best lines, of which at least `needed` are needed."""
        if needed == 1:
            return 0.0, ()
        found = self._split(first, last, needed)
        if needed < self.lines:
            more = self._split(first, last, needed + 1)
            if more and (found is None or more[0] + EXTRA_LINE < found[0]):
                return more[0] + EXTRA_LINE, more[1]
        return found

    def _split(self, first: int, last: int, count: int) -> tuple[float, tuple[int, ...]] | None:
        """The cheapest way to cut the stretch into exactly `count` lines, if there is one."""
        share = self.width(first, last) / count
        paths: dict[int, tuple[float, tuple[int, ...]]] = {first: (0.0, ())}
        for line in range(count - 1):
            ideal = share * (1 + self.lean * (2 * line / (count - 1) - 1))
            room = (count - 1 - line) * (self.length + 1)  # a break swallows the glue
            longer: dict[int, tuple[float, tuple[int, ...]]] = {}
            for start, (spent, ends) in paths.items():
                for end in range(start + 1, last - (count - 2 - line)):
                    width = self.width(start, end)
                    if width > self.length:
                        break
                    if self.starts[last] - self.starts[end] > room:
                        continue
                    cost = spent + self.costs[end - 1] + self._shape(width, ideal, share)
                    if end not in longer or cost < longer[end][0]:
                        longer[end] = cost, (*ends, end)
            paths = longer
        ideal = share * (1 + self.lean)
        return min(
            (
                (spent + self._shape(self.width(start, last), ideal, share), ends)
                for start, (spent, ends) in paths.items()
                if self.width(start, last) <= self.length
            ),
            default=None,
        )

    def _shape(self, width: float, ideal: float, share: float) -> float:
        miss = (width - ideal) / self.length
        return SHAPE * miss * miss + (SHORT_LINE if width < share / 3 else 0.0)
