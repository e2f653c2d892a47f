"""The avatar before a camera: moving pictures of signs and spelled words, for tests of who looks at it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import NoOpenGL
from accessify.core.projection import Projection
from accessify.core.timeline import Rate
from accessify.core.video import Frame
from accessify.media.clip_writer import open_clip
from accessify.pipelines.performance import Performance
from accessify.pipelines.sign import SignOptions, sign
from accessify.render.draw import Stage
from accessify.render.opengl import open_context

Image = NDArray[np.uint8]
RATE = Rate.parse("25")
SIZE = (480, 360)
_DISTANCE = 1.8


@cache
def signed(word: str, speed: float = 1.0) -> tuple[Image, ...]:
    """Pictures [360, 480, 3] of a German sign from rest to rest, `RATE` a second: `Haus`, `trinken`."""
    return _filmed(sign(word, SignOptions("gsg", speed=speed, mouthing=False, offline=True)), 1.0)


@cache
def spelled(word: str) -> tuple[Image, ...]:
    """Pictures of a word in the American manual alphabet, from rest to rest."""
    return _filmed(sign(word, SignOptions("ase", letters=1.2, mouthing=False)), 0.85)


def resting(pictures: tuple[Image, ...], before: int, behind: int) -> tuple[Image, ...]:
    """The same with so many pictures of rest at both ends."""
    return (pictures[0],) * before + pictures + (pictures[-1],) * behind


def film_of(pictures: tuple[Image, ...], path: Path) -> Path:
    """A film of them."""
    with open_clip(path, SIZE, RATE) as writer:
        for number, picture in enumerate(pictures):
            writer.write(Frame(picture, RATE.at(number)))
    return path


def jpeg(picture: Image) -> bytes:
    """As a page sends it."""
    import cv2

    return cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes()


def _filmed(performance: Performance, shown: float) -> tuple[Image, ...]:
    """`shown` metres from the top to the bottom of the picture; skips where nothing can be drawn."""
    try:
        open_context().release()
    except NoOpenGL as error:
        pytest.skip(str(error))
    shoulders = performance.figure.proportions.shoulders.mean(axis=0)
    eye = (0.0, float(shoulders[1]) - 0.02, float(shoulders[2]) + _DISTANCE)
    focal = SIZE[1] * _DISTANCE / shown
    camera = Projection(SIZE, eye, focal, (SIZE[0] / 2, SIZE[1] / 2))
    with Stage(performance.figure.character, SIZE) as stage:
        return tuple(
            np.ascontiguousarray(frame.image[..., :3]) for frame in stage.draw(performance.motion, camera)
        )
