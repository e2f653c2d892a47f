"""The avatar's own letters, drawn, found by our landmarks and read by our letter network.

A round trip through all of the house: a letter's notation becomes a hand, the hand a film, the film
landmarks, and the landmarks a letter again. It says whether hands read as what they should be, to a network
that learnt from people's hands; it says nothing about signers.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from accessify.core.motion import Motion
from accessify.core.pose import PoseClip
from accessify.core.projection import Projection
from accessify.core.rotation import about, multiply
from accessify.core.timeline import Span
from accessify.evaluation.figures import Figure, Target
from accessify.media.clip_writer import open_clip
from accessify.pipelines.landmarks import landmarks
from accessify.pipelines.performance import Performance
from accessify.pipelines.sign import SignOptions, sign
from accessify.pipelines.spelling import letter_reader
from accessify.render.draw import Stage
from accessify.signs.alphabet import load_alphabet
from accessify.signs.normalize import normalize
from accessify.signs.reader import HandReader

ALPHABET = "ase"
_SHOWN = 0.85
"""Metres from the top to the bottom of a picture: head and shoulders, as webcams show people."""
_DISTANCE = 1.6
"""Metres from camera to person."""
PACE = 1.2
"""Letters a second: each stands still for longer than the tracker needs to find it."""


@dataclass(frozen=True, slots=True)
class View:
    """How the letters are looked at."""

    size: tuple[int, int]
    """Width and height of the pictures in pixels."""
    turned: float = 0.0
    """Degrees that the person is turned to their left before the camera."""
    rolled: float = 0.0
    """Degrees that the spelling hand is turned about its forearm, its palm outwards."""

    def __str__(self) -> str:
        parts = ["×".join(map(str, self.size))]
        parts += [f"person turned by {self.turned:+g}°"] if self.turned else []
        parts += [f"hand turned by {self.rolled:+g}°"] if self.rolled else []
        return ", ".join(parts)


VIEWS = (
    View((640, 640)),
    View((480, 480)),
    View((640, 640), turned=12),
    View((640, 640), turned=-12),
    View((480, 480), rolled=10),
    View((480, 480), rolled=-10),
)
"""From the front, and as little beside it as people hold themselves without noticing."""
READ = Figure(
    "round_trip",
    "The avatar's own still letters, drawn and read again",
    "%",
    "letters read right / letters shown: 24 still American letters in each of "
    f"{len(VIEWS)} films ({'; '.join(map(str, VIEWS))}); the most likely letter over the pictures in which "
    "it stands still; a letter whose hand is not found is wrong",
    Target(80, at_most=False),
)
FOUND = Figure(
    "round_trip_hands",
    "  hands found",
    "%",
    "pictures with the right hand found / pictures in which a letter stands still",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read where one letter is shown."""

    letter: str
    """The most likely one; empty where no hand was found."""
    found: float
    """Share of the pictures in which the hand was found, 0 to 1."""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What became of the letters in one view."""

    view: View
    read: dict[str, Reading]
    """Letter that is shown → what was read."""

    @property
    def right(self) -> float:
        """Share of letters read right, 0 to 1."""
        return sum(letter == found.letter for letter, found in self.read.items()) / len(self.read)

    @property
    def found(self) -> float:
        """Share of pictures in which the hand was found, 0 to 1; each letter counts the same."""
        return sum(found.found for found in self.read.values()) / len(self.read)

    @property
    def wrong(self) -> dict[str, str]:
        """The letters that were not read right, and what they were taken for."""
        return {letter: found.letter for letter, found in self.read.items() if letter != found.letter}


def confused(trips: Iterable[RoundTrip]) -> dict[tuple[str, str], int]:
    """(letter, what it was taken for) → in how many views, the most frequent first."""
    return dict(Counter(pair for trip in trips for pair in trip.wrong.items()).most_common())


def round_trips(
    letters: Sequence[str] = load_alphabet(ALPHABET).still, views: Iterable[View] = VIEWS
) -> tuple[RoundTrip, ...]:
    """Draw, find and read `letters` once in each view.

    Raises what drawing and `landmarks` raise, e.g. `NoOpenGL`.
    """
    performance = sign(" ".join(letters), SignOptions(ALPHABET, letters=PACE, mouthing=False))
    spans = [gloss.span for gloss in performance.glosses]
    reader = letter_reader(ALPHABET)
    trips = []
    with tempfile.TemporaryDirectory(prefix="accessify-bench-") as folder:
        for number, view in enumerate(views):
            path = Path(folder) / f"letters-{number}.mp4"
            _draw(performance, path, view)
            found = read_letters(landmarks(path), spans, reader)
            trips.append(RoundTrip(view, dict(zip(letters, found, strict=True))))
    return tuple(trips)


def _draw(performance: Performance, path: Path, view: View) -> None:
    """A film of head, shoulders and the hand that spells."""
    shoulder = performance.figure.proportions.shoulders.mean(axis=0)
    eye = (float(shoulder[0]) - 0.05, float(shoulder[1]) + 0.03, float(shoulder[2]) + _DISTANCE)
    size = view.size
    camera = Projection(size, eye, size[1] * _DISTANCE / _SHOWN, (size[0] / 2, size[1] / 2))
    motion = seen_from(performance.motion, view)
    with Stage(performance.figure.character, size) as stage, open_clip(path, size, motion.rate) as writer:
        for picture in stage.draw(motion, camera):
            writer.write(picture)


def seen_from(motion: Motion, view: View) -> Motion:
    """The movement with the person and the right hand turned as `view` says.

    A hand turns about its forearm, so its own axis at rest, along the arm, serves.
    """
    rotations = motion.rotations.astype(np.float64)
    root, hand = motion.rig.parents.index(-1), motion.rig.index("rightHand")
    rotations[:, root] = multiply(about((0.0, 1.0, 0.0), np.radians(view.turned)), rotations[:, root])
    rotations[:, hand] = multiply(rotations[:, hand], about((1.0, 0.0, 0.0), np.radians(view.rolled)))
    return replace(motion, rotations=rotations.astype(np.float32))


def read_letters(clip: PoseClip, spans: Sequence[Span], reader: HandReader) -> list[Reading]:
    """What the right hand most likely shows in the second half of each span."""
    seen = normalize(clip, "right")
    told = []
    for span in spans:
        middle = (span.start + span.end) // 2
        inside = (seen.times >= middle) & (seen.times < span.end)
        hands = seen.hands[inside, 0]
        there = np.isfinite(hands).all(axis=(1, 2))
        if not there.any():
            told.append(Reading("", 0.0))
            continue
        likely = reader(hands[there]).log_probabilities.mean(axis=0)
        told.append(Reading(reader.letters[int(likely.argmax())], float(there.mean())))
    return told
