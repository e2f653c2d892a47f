"""The avatar's own letters, drawn, found by our landmarks and read by our letter network.

A round trip through all of the house: a letter's notation becomes a hand, the hand a film, the film
landmarks, and the landmarks a letter again. It says whether hands read as what they should be, to a network
that learnt from people's hands; it says nothing about signers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from accessify.core.pose import PoseClip
from accessify.core.projection import Projection
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
SIZES = ((640, 640), (480, 480))
"""Pictures that the letters are drawn in, head and shoulders in each, as webcams show people."""
_SHOWN = 0.85
"""Metres from the top to the bottom of a picture."""
_DISTANCE = 1.6
"""Metres from camera to person."""
PACE = 1.2
"""Letters a second: each stands still for longer than the tracker needs to find it."""
READ = Figure(
    "round_trip",
    "The avatar's own still letters, drawn and read again",
    "%",
    "letters read right / 24 still American letters, each drawn once in 640×640 and 480×480; the most likely "
    "letter over the pictures in which it stands still; a letter whose hand is not found is wrong",
    Target(80, at_most=False),
)


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What became of the letters in pictures of one size."""

    size: tuple[int, int]
    read: dict[str, str]
    """Letter → what it was read as; empty where no hand was found."""

    @property
    def right(self) -> float:
        """Share of letters read right, 0 to 1."""
        return sum(letter == found for letter, found in self.read.items()) / len(self.read)

    @property
    def wrong(self) -> dict[str, str]:
        """The letters that were not read right, and what they were taken for."""
        return {letter: found for letter, found in self.read.items() if letter != found}


def round_trips(
    letters: Sequence[str] = load_alphabet(ALPHABET).still, sizes: Iterable[tuple[int, int]] = SIZES
) -> tuple[RoundTrip, ...]:
    """Draw, find and read `letters` once in pictures of each size.

    Raises what drawing and `landmarks` raise, e.g. `NoOpenGL`.
    """
    performance = sign(" ".join(letters), SignOptions(ALPHABET, letters=PACE, mouthing=False))
    spans = [gloss.span for gloss in performance.glosses]
    reader = letter_reader(ALPHABET)
    trips = []
    with tempfile.TemporaryDirectory(prefix="accessify-bench-") as folder:
        for number, size in enumerate(sizes):
            path = Path(folder) / f"letters-{number}.mp4"
            _draw(performance, path, size)
            found = read_letters(landmarks(path), spans, reader)
            trips.append(RoundTrip(size, dict(zip(letters, found, strict=True))))
    return tuple(trips)


def _draw(performance: Performance, path: Path, size: tuple[int, int]) -> None:
    """A film of head, shoulders and the hand that spells."""
    shoulder = performance.figure.proportions.shoulders.mean(axis=0)
    eye = (float(shoulder[0]) - 0.05, float(shoulder[1]) + 0.03, float(shoulder[2]) + _DISTANCE)
    camera = Projection(size, eye, size[1] * _DISTANCE / _SHOWN, (size[0] / 2, size[1] / 2))
    with (
        Stage(performance.figure.character, size) as stage,
        open_clip(path, size, performance.motion.rate) as writer,
    ):
        for picture in stage.draw(performance.motion, camera):
            writer.write(picture)


def read_letters(clip: PoseClip, spans: Sequence[Span], reader: HandReader) -> list[str]:
    """What the right hand most likely shows in the second half of each span; '' where it is not seen."""
    seen = normalize(clip, "right")
    told = []
    for span in spans:
        middle = (span.start + span.end) // 2
        inside = (seen.times >= middle) & (seen.times < span.end)
        hands = seen.hands[inside, 0]
        hands = hands[np.isfinite(hands).all(axis=(1, 2))]
        if not len(hands):
            told.append("")
            continue
        likely = reader(hands).log_probabilities.mean(axis=0)
        told.append(reader.letters[int(likely.argmax())])
    return told
