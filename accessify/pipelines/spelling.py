"""Fingerspelling in films, cameras and landmark files."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from accessify.core.errors import UnknownName
from accessify.core.pose import PoseClip, PoseFrame, Skeleton
from accessify.core.progress import OnProgress
from accessify.core.sign import Letter
from accessify.core.timeline import Rate, Track, seconds
from accessify.engines.letters import LetterReader
from accessify.hub.shipped import LETTERS_ASE, shipped_model
from accessify.pipelines.signing import SigningOptions, signing, signing_live, unseen
from accessify.signs.alphabet import load_alphabet
from accessify.signs.normalize import normalize
from accessify.signs.reader import HandReader
from accessify.signs.spell import Speller
from accessify.signs.spell import spell as spell_clip
from accessify.signs.trim import within

NETWORKS = {"ase": LETTERS_ASE}
"""Alphabet → the network that reads its letters."""


@dataclass(frozen=True, slots=True)
class SpellingOptions:
    """Which alphabet is read."""

    alphabet: str = "ase"
    """Name of a manual alphabet."""
    lexicon: tuple[str, ...] = ()
    """Words that may settle an unknown letter, names of a cast say."""
    signing: SigningOptions = field(default_factory=SigningOptions)


def spell(
    source: str | Path,
    options: SpellingOptions = SpellingOptions(),
    *,
    on_progress: OnProgress | None = None,
) -> Track[Letter]:
    """The letters spelled in the film or landmark file at `source`, unknown ones among them, with notes.

    Raises `MediaError`, `FormatError`, `ModelError`, and `UnknownName` for an alphabet that cannot be read.
    """
    letter_reader(options.alphabet)  # what cannot be read fails here, not after minutes
    clip = signing(source, options.signing, on_progress=on_progress)
    notes = (*clip.notes, *unseen(clip, source))
    return letters_in(clip, options).with_notes(notes)


def letters_in(clip: PoseClip, options: SpellingOptions = SpellingOptions()) -> Track[Letter]:
    """The letters in points that were found before; raises as `letter_reader` does."""
    hands = normalize(clip, options.signing.dominant)
    alphabet = load_alphabet(options.alphabet)
    return spell_clip(hands, letter_reader(options.alphabet), alphabet, lexicon=options.lexicon)


def watch_letters(source: str | Path, options: SpellingOptions = SpellingOptions()) -> Iterator[Letter]:
    """Each letter soon after it ends, never changed later; meant for cameras.

    Ends when the source does, or with `close()`. Opens nothing before the first letter is asked for, and then
    raises as `spell` does. The lexicon is not asked: it needs whole words.
    """
    with signing_live(source, options.signing) as live:
        reader = LiveSpeller(live.skeleton, options, mirrored=live.mirrored_by(options.signing))
        for pose in live.poses:
            yield from reader.push(pose)
        yield from reader.finish()


class LiveSpeller:
    """Reads letters from poses that come one after another."""

    def __init__(
        self, skeleton: Skeleton, options: SpellingOptions = SpellingOptions(), *, mirrored: bool = False
    ) -> None:
        """`mirrored`: whether the pictures are a selfie's. Raises as `letter_reader` does."""
        self._skeleton, self._mirrored = skeleton, mirrored
        self._dominant = options.signing.dominant
        self._speller = Speller(letter_reader(options.alphabet), load_alphabet(options.alphabet))
        self._recent: deque[PoseFrame] = deque()

    def push(self, pose: PoseFrame) -> list[Letter]:
        """Letters that are certain with the next picture, in order of time."""
        self._recent.append(pose)
        while pose.start - self._recent[0].start > _MEASURED:
            self._recent.popleft()
        clip = PoseClip.of(self._recent, self._skeleton, *_UNUSED)
        seen = normalize(replace(clip, mirrored=self._mirrored), self._dominant)
        return self._speller.push(within(seen, replace(seen.span, start=pose.start)))

    def finish(self) -> list[Letter]:
        """Letters that were open at the end of the pictures."""
        self._recent.clear()
        return self._speller.finish()


_MEASURED = seconds(4)
"""Of pictures, from which the measures of the body and the leading hand are taken."""
_UNUSED = Rate(Fraction(25)), (1, 1)  # rate and size of a clip of pixels say nothing about a hand


@cache
def letter_reader(alphabet: str) -> HandReader:
    """The network for an alphabet; raises `UnknownName` where there is none, and `ModelError`."""
    name = load_alphabet(alphabet).name
    if name not in NETWORKS:
        raise UnknownName("alphabet with a network", name, NETWORKS, "others need a network of their own")
    return LetterReader(shipped_model(NETWORKS[name]))
