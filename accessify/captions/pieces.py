"""A text cut into pieces that no line breaks apart, with the cost of breaking between them.

A piece is a word of a spaced language, or a character (with the punctuation that may not leave it)
of Chinese or Japanese, or a phrase of Thai. The guide's own punctuation is applied here: marks of
`Profile.no_break_punctuation` are shown as one space, an ellipsis as `Profile.ellipsis`, so what is
measured is what is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from accessify.captions import scripts
from accessify.captions.breaks import CLAUSE, NEVER, SENTENCE, ends_clause, ends_sentence, seam_costs
from accessify.captions.rules import Profile
from accessify.core.text import is_unspaced

PHRASE = 5.0
"""Cost of a break between two phrases of an unspaced language."""
INSIDE_PHRASE = 18.0
LINK = 14.0
"""Behind a Chinese preposition or conjunction of one character."""
INSIDE_WORD = 40.0

_ELLIPSIS = re.compile(r"(?:\.{3,}|…|⋯|。{3,})+")
_BEFORE_CLOSING = re.compile(r" +(?=[”）】》」』])")
"""Space that a replaced mark would leave before a closing quote or bracket."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What stays together on one line."""

    text: str
    """As shown; empty for punctuation that the guide replaces by a space."""
    glue: str
    """What stands between it and the next piece on the same line: a space or nothing."""
    cost: float
    """Of a line or caption that ends behind it (see `breaks.RULES`)."""
    token: int
    """Index of the token it comes from."""


def cut(tokens: Sequence[str], glues: Sequence[str], profile: Profile) -> list[Piece]:
    """Cut `tokens`, of which number i and i+1 are joined by `glues[i]`, into pieces."""
    parts = [(part, index) for index, token in enumerate(tokens) for part in _parts(token, profile.language)]
    word_costs = seam_costs(tokens, profile.language)
    seams = [glues[index] if following != index else "" for (_, index), (_, following) in pairwise(parts)]
    texts = [part for part, _ in parts]
    ends = _phrase_seams(texts, seams, profile.language)
    pieces = []
    for place, (part, index) in enumerate(parts):
        glue, cost = "", SENTENCE
        if place < len(seams):
            glue, following = seams[place], parts[place + 1][0]
            if glue and not _any_unspaced(part, following):
                cost = max(word_costs[index], _figure_cost(part, following, profile))
            else:
                cost = _unspaced_cost(part, following, place in ends, spaced=_is_pause(glue, part, following))
        shown = _shown(part, profile)
        pieces.append(Piece(shown.strip(), " " if shown.endswith(" ") else glue, cost, index))
    return pieces


def joined(pieces: Iterable[Piece]) -> str:
    """Pieces as one line of running text."""
    text = "".join(piece.text + piece.glue for piece in pieces)
    return _BEFORE_CLOSING.sub("", " ".join(text.split()))


def _shown(part: str, profile: Profile) -> str:
    for mark in profile.no_break_punctuation:
        part = part.replace(mark, " ")
    if profile.ellipsis:
        part = _ELLIPSIS.sub(lambda _: profile.ellipsis, part)
    return _BEFORE_CLOSING.sub("", part)


def _any_unspaced(left: str, right: str) -> bool:
    return is_unspaced(left[-1]) or is_unspaced(right[0])


def _is_pause(glue: str, left: str, right: str) -> bool:
    """Whether a space stands for a comma: one beside Latin letters only sets them off."""
    return bool(glue) and is_unspaced(left[-1]) and is_unspaced(right[0])


def _figure_cost(left: str, right: str, profile: Profile) -> float:
    """Between a name or unit and its figure, in a language that elsewhere has no spaces: `iPhone | 15`."""
    foreign = profile.language.split("-")[0] in ("zh", "ja", "th")
    figures = left[-1].isdigit() or right[0].isdigit()
    return INSIDE_PHRASE if foreign and figures else 0.0


def _unspaced_cost(left: str, right: str, phrase_end: bool, *, spaced: bool) -> float:
    """Cost between two pieces of which at least one is of an unspaced script, or of one long word."""
    if not spaced and (right[0] in scripts.NO_START or left[-1] in scripts.NO_END):
        return NEVER
    if ends_sentence(left):
        return SENTENCE
    if spaced or ends_clause(left):  # there, a space stands for a comma
        return CLAUSE
    if not (is_unspaced(left[-1]) or is_unspaced(right[0])):
        return INSIDE_WORD
    if not phrase_end:
        return INSIDE_PHRASE
    return LINK if left in scripts.CHINESE_LINKS else PHRASE


def _phrase_seams(parts: Sequence[str], seams: Sequence[str], language: str) -> frozenset[int]:
    """Indices of the parts behind which a phrase ends, in stretches that have no spaces."""
    found: set[int] = set()
    first = 0
    for place in range(len(parts)):
        if place < len(seams) and not _ends_stretch(seams[place], parts[place], parts[place + 1]):
            continue
        stretch = parts[first : place + 1]
        if len(stretch) > 1:
            ends = scripts.phrase_ends("".join(stretch), language)
            offset = 0
            for index, part in enumerate(stretch, first):
                offset += len(part)
                if offset in ends:
                    found.add(index)
        first = place + 1
    return frozenset(found)


def _ends_stretch(glue: str, left: str, right: str) -> bool:
    """Whether phrases are looked for on each side alone."""
    return _is_pause(glue, left, right) or (bool(glue) and not _any_unspaced(left, right))


def _parts(token: str, language: str) -> Iterator[str]:
    """The parts of one token that stay whole."""
    if not any(map(is_unspaced, token)):
        yield token
        return
    part = ""
    for atom in _atoms(token, language):
        tied = part and (
            atom[0] in scripts.NO_START
            or part[-1] in scripts.NO_END
            or unicodedata.category(atom[0]).startswith("M")
        )
        if part and not tied:
            yield part
            part = ""
        part += atom
    yield part


def _atoms(token: str, language: str) -> Iterator[str]:
    """Single ideographs, phrases of Thai, and runs of anything else."""
    run = ""
    for character in token:
        if run and _kind(character) != _kind(run[-1]):
            yield from _run_atoms(run, language)
            run = ""
        run += character
    yield from _run_atoms(run, language)


def _run_atoms(run: str, language: str) -> Iterator[str]:
    if scripts.is_ideographic(run[0]):
        yield from run
    elif scripts.is_thai(run[0]):
        ends = sorted(scripts.phrase_ends(run, language))
        yield from (run[start:end] for start, end in zip([0, *ends], ends, strict=False))
    else:
        yield run


def _kind(character: str) -> int:
    return 2 * scripts.is_ideographic(character) + scripts.is_thai(character)
