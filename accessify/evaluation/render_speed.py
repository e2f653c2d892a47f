"""How many pictures of the avatar a second are drawn, and drawn and encoded, on this machine."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from accessify.core.character import Character
from accessify.core.expressions import EXPRESSIONS
from accessify.core.humanoid import FINGERS, SIDES, finger_bones
from accessify.core.motion import Motion
from accessify.core.rotation import about, multiply
from accessify.core.timeline import Rate
from accessify.evaluation.figures import Figure, Target
from accessify.media.clip_writer import open_clip
from accessify.render.draw import Stage

_FORMULA = (
    "pictures / wall seconds, median of the rounds; each pixel made of four that were drawn, a movement in "
    "which no two pictures are alike"
)


def _figures(name: str, size: str, least: float) -> tuple[Figure, ...]:
    return (
        Figure(
            f"encoded_{name}",
            f"Drawn and encoded, {size}",
            "pictures/s",
            f"{_FORMULA}; H.264, from the first call to the file in its place",
            Target(least, at_most=False),
        ),
        Figure(f"drawn_{name}", f"Drawn alone, {size}", "pictures/s", _FORMULA),
        Figure(
            f"clear_{name}",
            f"Cut out and encoded with opacity, {size}",
            "pictures/s",
            f"{_FORMULA}; VP9 in WebM",
        ),
    )


SIZES = {"640": (640, 640), "720": (1280, 720)}
RENDERING: tuple[Figure, ...] = (*_figures("640", "640×640", 25), *_figures("720", "1280×720", 15))


@dataclass(frozen=True, slots=True)
class Speeds:
    """What was measured."""

    renderer: str
    """What drew, as OpenGL says it."""
    triangles: int
    """Of the figure."""
    values: dict[str, float]
    """Name of a figure of `RENDERING` → pictures a second."""


def render_speeds(character: Character, *, pictures: int = 100, rounds: int = 3) -> Speeds:
    """Measure all of `RENDERING` with `pictures` pictures in each of so many rounds.

    Raises `NoOpenGL` and `MissingExtra` as `Stage` does.
    """
    motion = lively(character, pictures)
    values, renderer = {}, ""
    with tempfile.TemporaryDirectory(prefix="accessify-bench-") as folder:
        for name, size in SIZES.items():
            with Stage(character, size) as stage:
                renderer = stage.renderer
                _warm(stage, motion)
                drawn = [_seconds(stage.draw(motion)) for _ in range(rounds)]
                encoded = [_encoding(stage, motion, Path(folder, "a.mp4")) for _ in range(rounds)]
            with Stage(character, size, ground=None) as stage:
                _warm(stage, motion)
                clear = [_encoding(stage, motion, Path(folder, "a.webm"), clear=True) for _ in range(rounds)]
            for kind, times in (("drawn", drawn), ("encoded", encoded), ("clear", clear)):
                values[f"{kind}_{name}"] = pictures / statistics.median(times)
    triangles = sum(len(surface.triangles) for surface in character.surfaces)
    return Speeds(renderer, triangles, values)


def lively(character: Character, pictures: int) -> Motion:
    """A movement of arms, hands, head and face before the chest, for measuring: it means nothing."""
    still = Motion.at_rest(character.rig, pictures, Rate(Fraction(25)))
    clock = np.arange(pictures) / 25
    rotations = still.rotations.astype(np.float64)
    for side, sign, late in zip(SIDES, (1.0, -1.0), (0.0, 0.4), strict=True):
        sway = np.sin(4.1 * (clock - late))
        turns = {
            f"{side}UpperArm": multiply(
                about([0, 1, 0], np.full(pictures, -0.35 * sign)),
                about([0, 0, 1], sign * (0.12 * sway - 1.15)),
            ),
            f"{side}LowerArm": multiply(
                about([0, 1, 0], sign * (0.25 * sway - 2.2)),
                about([0, 0, 1], np.full(pictures, -0.45 * sign)),
            ),
            f"{side}Hand": about([1, 0, 0], 0.6 * sway),
        }
        for number, finger in enumerate(FINGERS[1:]):
            bend = 0.6 + 0.6 * np.sin(5.3 * clock + number)
            turns |= {bone: about([0, 0, 1], -sign * bend) for bone in finger_bones(side, finger)}
        for bone, turn in turns.items():
            if bone in character.rig:
                rotations[:, character.rig.index(bone)] = turn
    rotations[:, character.rig.index("head")] = about([0, 1, 0], 0.1 * np.sin(2.3 * clock))
    face = still.expressions.copy()
    for name in ("jawOpen", "browInnerUp", "mouthSmileLeft", "mouthSmileRight"):
        face[:, EXPRESSIONS.index(name)] = 0.4 + 0.4 * np.sin(6.7 * clock)
    return replace(still, rotations=rotations.astype(np.float32), expressions=face)


def _warm(stage: Stage, motion: Motion) -> None:
    """Programs are built with the first picture."""
    stage.picture(motion)


def _seconds(pictures: Iterable[object]) -> float:
    start = time.perf_counter()
    for _ in pictures:
        pass
    return time.perf_counter() - start


def _encoding(stage: Stage, motion: Motion, target: Path, *, clear: bool = False) -> float:
    """Seconds to draw `motion` into `target`."""
    start = time.perf_counter()
    with open_clip(target, stage.size, motion.rate, clear=clear) as clip:
        for picture in stage.draw(motion):
            clip.write(picture)
    return time.perf_counter() - start
