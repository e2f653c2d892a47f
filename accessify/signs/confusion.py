"""Which enrolled signs look alike, and what tells them apart: shape, palm, place, movement or other hand.

These are the parameters by which linguists tell signs apart (Stokoe, "Sign Language Structure", 1960;
Battison, "Lexical Borrowing in American Sign Language", 1978, for the palm). Each is measured between
moments that belong together (`warping_path`) and compared with how much it differs between two clips of one
sign: in this book where some sign has several, else by what is usual.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from accessify.signs.book import SignBook
from accessify.signs.clip import DOMINANT, OTHER
from accessify.signs.encoding import SignCodes, SignEncoder, warping_path
from accessify.signs.samples import Samples, sample, stack
from accessify.signs.vocabulary import Vocabulary

Numbers = NDArray[np.float64]
Measures = dict["Aspect", tuple[float, str]]

NEAR = 2.0
"""Times the encoder's spread beyond the threshold up to which two signs are told of."""
PLAIN = 2.0
"""A thing tells two signs apart where it differs so many times as much as between clips of one sign."""
FINGERS = ("thumb", "index finger", "middle finger", "ring finger", "little finger")


class Aspect(StrEnum):
    """What signs differ in."""

    SHAPE = "hand shape"
    """Bends of the finger joints, whatever way the hand points."""
    PALM = "palm"
    """Where palm and fingers point."""
    PLACE = "place"
    """Where the leading hand is on average."""
    MOVEMENT = "movement"
    """The path of the leading hand around that place."""
    OTHER_HAND = "other hand"
    """Where the other hand is."""


UNITS = {
    Aspect.SHAPE: "°",
    Aspect.PALM: "°",
    Aspect.PLACE: " shoulder widths",
    Aspect.MOVEMENT: " shoulder widths",
    Aspect.OTHER_HAND: " shoulder widths",
}
USUAL: Mapping[Aspect, float] = {
    Aspect.SHAPE: 12.0,
    Aspect.PALM: 15.0,
    Aspect.PLACE: 0.15,
    Aspect.MOVEMENT: 0.07,
    Aspect.OTHER_HAND: 0.15,
}
"""How much two clips of one sign differ, where a book does not tell."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How far apart two signs are in one thing."""

    aspect: Aspect
    amount: float
    """Degrees or shoulder widths, as `UNITS` says."""
    times: float
    """How many times as much as between two clips of one sign."""
    where: str = ""
    """Which finger, for hand shapes."""

    @property
    def text(self) -> str:
        """For people, e.g. `hand shape by 40° (index finger)`."""
        amount = f"{self.amount:.0f}" if UNITS[self.aspect] == "°" else f"{self.amount:.2f}"
        return f"{self.aspect} by {amount}{UNITS[self.aspect]}" + (f" ({self.where})" if self.where else "")


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two enrolled signs that look alike."""

    names: tuple[str, str]
    distance: float
    """Between their nearest clips, counted as `Matcher.distances` does."""
    threshold: float
    """Clips nearer than this are taken for one sign."""
    differences: tuple[Difference, ...]
    """In everything that is measured, the plainest first."""

    @property
    def plain(self) -> tuple[Difference, ...]:
        """What tells them apart; empty where nothing does."""
        return tuple(one for one in self.differences if one.times >= PLAIN)


@dataclass(frozen=True, slots=True, eq=False)
class _Clips:
    """All clips of a book, and whose each is."""

    samples: Samples
    codes: SignCodes
    owners: NDArray[np.intp]

    def measured(self, one: int, other: int) -> Measures:
        path = warping_path(self.codes.moments[one], self.codes.moments[other])
        return measure(_one(self.samples, one), _one(self.samples, other), path)


def confusions(book: SignBook, vocabulary: Vocabulary) -> tuple[Confusion, ...]:
    """Pairs of signs in `book` that look alike to the encoder of `vocabulary`, made of it; nearest first."""
    clips = _clips(book, vocabulary.encoder)
    if not len(clips.owners):
        return ()
    apart = np.stack(
        [vocabulary.matcher.distances(clips.codes[slice(row, row + 1)]) for row in range(len(clips.owners))]
    )
    usual = _usual(clips)
    limit = vocabulary.matcher.threshold
    found = []
    for one, other in combinations(range(len(vocabulary.enrolled)), 2):
        distance = min(apart[clips.owners == one, other].min(), apart[clips.owners == other, one].min())
        if distance > limit + NEAR * vocabulary.spread:
            continue
        row = np.flatnonzero(clips.owners == one)[apart[clips.owners == one, other].argmin()]
        column = np.flatnonzero(clips.owners == other)[apart[clips.owners == other, one].argmin()]
        names = vocabulary.enrolled[one].name, vocabulary.enrolled[other].name
        told = differences(clips.measured(int(row), int(column)), usual)
        found.append(Confusion(names, float(distance), limit, told))
    return tuple(sorted(found, key=lambda pair: pair.distance))


def differences(
    measured: Mapping[Aspect, tuple[float, str]], usual: Mapping[Aspect, float] = USUAL
) -> tuple[Difference, ...]:
    """What was measured, compared with what is usual; the plainest first."""
    told = (
        Difference(aspect, amount, amount / usual[aspect], where)
        for aspect, (amount, where) in measured.items()
    )
    return tuple(sorted(told, key=lambda one: -one.times))


def measure(one: Samples, other: Samples, path: Sequence[tuple[int, int]]) -> Measures:
    """How much two clips differ in each aspect, and in which finger; `path` says what moments go together."""
    rows, columns = (np.array(side) for side in zip(*path, strict=True))
    hands = one.hands[0, rows, DOMINANT], other.hands[0, columns, DOMINANT]
    bends = np.abs(_bends(hands[0]) - _bends(hands[1])).mean(axis=(0, 2))
    finger = int(bends.argmax())
    palms = [_angle(a, b).mean() for a, b in zip(_directions(hands[0]), _directions(hands[1]), strict=True)]
    places = one.places[0, rows, DOMINANT], other.places[0, columns, DOMINANT]
    means = [place.mean(axis=0) for place in places]
    paths = (places[0] - means[0]) - (places[1] - means[1])
    others = one.places[0, rows, OTHER] - other.places[0, columns, OTHER]
    return {
        Aspect.SHAPE: (float(bends[finger]), FINGERS[finger]),
        Aspect.PALM: (float(max(palms)), ""),
        Aspect.PLACE: (float(np.linalg.norm(means[0] - means[1])), ""),
        Aspect.MOVEMENT: (float(np.linalg.norm(paths, axis=1).mean()), ""),
        Aspect.OTHER_HAND: (float(np.linalg.norm(others, axis=1).mean()), ""),
    }


def _bends(hands: NDArray[np.float32]) -> Numbers:
    """Degrees [n, 5, 3] by which each finger is bent at its three joints; 0 is straight."""
    found = []
    for finger in range(5):
        chain = hands[:, [0, *range(1 + 4 * finger, 5 + 4 * finger)]]
        bones = np.diff(chain, axis=1)
        found.append(np.stack([_angle(bones[:, at], bones[:, at + 1]) for at in range(3)], axis=1))
    return np.stack(found, axis=1)


def _directions(hands: NDArray[np.float32]) -> tuple[Numbers, Numbers]:
    """Where the fingers begin to point, and where the palm looks, as vectors [n, 3]."""
    fingers = (hands[:, 9] - hands[:, 0]).astype(np.float64)
    return fingers, np.cross(hands[:, 5] - hands[:, 0], hands[:, 17] - hands[:, 0]).astype(np.float64)


def _angle(one: NDArray[np.floating], other: NDArray[np.floating]) -> Numbers:
    """Degrees [n] between vectors [n, 3]."""
    size = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    cosine = (one * other).sum(axis=-1) / np.maximum(size, 1e-9)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))), np.float64)


def _clips(book: SignBook, encoder: SignEncoder) -> _Clips:
    """The clips that `vocabulary` takes, numbered as its signs are."""
    shown = [[one.clip for one in sign.references if one.clip.seen[:, DOMINANT].any()] for sign in book]
    shown = [clips for clips in shown if clips]
    samples = stack([sample(clip) for clips in shown for clip in clips])
    owners = np.repeat(np.arange(len(shown)), [len(clips) for clips in shown]).astype(np.intp)
    return _Clips(samples, encoder(samples), owners)


def _usual(clips: _Clips) -> dict[Aspect, float]:
    """How much clips of one sign differ: in this book, but not less than half of what is usual elsewhere."""
    pairs = [
        pair
        for owner in np.unique(clips.owners)
        for pair in combinations(np.flatnonzero(clips.owners == owner).tolist(), 2)
    ]
    if not pairs:
        return dict(USUAL)
    measured = [clips.measured(*pair) for pair in pairs]
    return {
        aspect: max(float(np.median([one[aspect][0] for one in measured])), usual / 2)
        for aspect, usual in USUAL.items()
    }


def _one(samples: Samples, index: int) -> Samples:
    here = slice(index, index + 1)
    return Samples(samples.hands[here], samples.seen[here], samples.places[here])
