"""Sheets of the avatar for people to look at: hand shapes from two sides, expressions, a sentence.

Drawn as viewers see it, by the same stage; made for judging by eye, so nothing here is scored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra
from accessify.core.placing import placed
from accessify.core.projection import Projection
from accessify.core.timeline import Rate, Span, seconds
from accessify.motion.face import Shape, Signal, drawn, with_face
from accessify.motion.grammar import EMPHASIS, NEGATION, QUESTION_CONTENT, QUESTION_POLAR, both
from accessify.motion.hamnosys import parse
from accessify.motion.pose import pose
from accessify.motion.posture import Postures
from accessify.motion.stretch import picked
from accessify.motion.synthesize import synthesize
from accessify.motion.visemes import VISEMES
from accessify.pipelines.figures import figure
from accessify.pipelines.performance import Figure
from accessify.pipelines.sign import SignOptions, sign
from accessify.render.camera import framing
from accessify.render.draw import Stage
from accessify.render.lettering import blend, lettered

Image = NDArray[np.uint8]

SHAPES = {
    "flat": "hamflathand",
    "spread": "hamfinger2345 hamthumboutmod",
    "fist": "hamfist",
    "thumb across": "hamfist hamthumbacrossmod",
    "thumb out": "hamfist hamthumboutmod",
    "index": "hamfinger2",
    "two": "hamfinger23",
    "two spread": "hamfinger23spread",
    "pinch": "hampinch12open",
    "C": "hamceeall",
    "bent": "hamflathand hamfingerbendmod",
    "hooked": "hamfinger2 hamfingerhookmod",
}
"""What is written under a hand → its hand shape in HamNoSys."""
FACES = {
    "at rest": Shape(),
    "yes-no question": QUESTION_POLAR,
    "wh question": QUESTION_CONTENT,
    "no": replace(NEGATION, swing=(0, 0, 0)),
    "surprise, mouth o": Shape((*EMPHASIS.expressions, *VISEMES["o"].expressions, *both(("eyeWide", 0.8)))),
    "puffed cheeks": Shape((("cheekPuff", 1.0),)),
}
SENTENCE = "Wo ist das Haus?"
_LANGUAGE = "gsg"
_TILE, _GAP = 240, 4
"""Pixels of a picture's sides and between two: hands must be readable at 240 pixels' height."""
_PICTURES = 8
"""Of the sentence, in each of two rows."""
_RATE = Rate(SignOptions().rate)


def draw_sheets(folder: Path) -> tuple[Path, ...]:
    """Draw `avatar-hands.png`, `avatar-faces.png` and `avatar-sentence.png` into `folder`.

    Raises `NoOpenGL` where nothing can draw, and `MissingExtra`.
    """
    who = figure()
    sheets = {
        "avatar-hands.png": _sheet(tuple(_hands(who)), 6),
        "avatar-faces.png": _sheet(tuple(_faces(who)), 6),
        "avatar-sentence.png": _sheet(tuple(_sentence()), _PICTURES),
    }
    paths = []
    for name, image in sheets.items():
        paths.append(folder / name)
        _save(image, paths[-1])
    return tuple(paths)


def _hands(who: Figure) -> Iterator[Image]:
    """Each shape with the palm to the viewer, then with the back."""
    with Stage(who.character, (_TILE, _TILE)) as stage:
        for facing in ("hampalmd", "hampalmu"):
            for name, shape in SHAPES.items():
                made = synthesize(parse(f"{shape} hamextfingeru {facing}"), who.proportions, rate=_RATE)
                first = picked(made, np.array([0]))
                place = who.proportions.shoulders[1] + np.array([-0.03, -0.02, 0.26])
                palms = np.stack([first.palms[:, 0], place[None]], axis=1)
                motion = pose(replace(first, palms=palms, notes=()), who.character.rig, who.proportions)
                camera = _camera(place + np.array([0, 0.02, 0]), 0.30)
                yield _labelled(stage.picture(motion, 0, camera).image, name)


def _faces(who: Figure) -> Iterator[Image]:
    still = pose(_resting(who), who.character.rig, who.proportions)
    nose = who.proportions.places["nose"]
    with Stage(who.character, (_TILE, _TILE)) as stage:
        for name, shape in FACES.items():
            span = Span(0, seconds(1))
            face = drawn([Signal(span, shape)], len(still), still.rate)
            motion = with_face(still, face)
            yield _labelled(
                stage.picture(motion, 0, _camera(nose + np.array([0, 0.01, 0]), 0.36)).image, name
            )


def _resting(who: Figure) -> Postures:
    some = synthesize(parse("hamflathand hamextfingeru hampalmd"), who.proportions, rate=_RATE)
    return replace(some, active=np.zeros_like(some.active), notes=())


def _sentence() -> Iterator[Image]:
    """Pictures through a sentence, with the word of each."""
    performance = sign(SENTENCE, SignOptions(language=_LANGUAGE, offline=True))
    motion = performance.motion
    last = performance.glosses[len(performance.glosses) - 1].span.end
    numbers = np.linspace(4, motion.rate.index(last), 2 * _PICTURES).astype(int)
    camera = framing(performance.figure.character, motion, (_TILE, _TILE))
    with Stage(performance.figure.character, (_TILE, _TILE)) as stage:
        for number in map(int, numbers):
            picture = stage.picture(motion, number, camera)
            now = Span(picture.start, picture.start + 1)
            words = " ".join(gloss.text for gloss in performance.glosses.within(now))
            yield _labelled(picture.image, words, top=True)


def _camera(middle: NDArray[np.float64], height: float) -> Projection:
    """A camera at `middle` that shows `height` metres."""
    distance = 2.2
    eye = (float(middle[0]), float(middle[1]), float(middle[2]) + distance)
    return Projection((_TILE, _TILE), eye, _TILE * distance / height, (_TILE / 2, _TILE / 2))


def _labelled(image: Image, text: str, *, top: bool = False) -> Image:
    """With its text where no hand is: at the bottom, or at the top where hands rest below."""
    picture = image.copy()
    if text:
        tile, _ = lettered(text, 15, _TILE - 8)
        down = 2 if top else _TILE - tile.shape[0] - 4
        blend(picture, tile, (_TILE - tile.shape[1]) // 2, down)
    return picture[..., :3]


def _sheet(pictures: Sequence[Image], columns: int) -> Image:
    rows = -(-len(pictures) // columns)
    step = _TILE + _GAP
    sheet = np.full((rows * step - _GAP, columns * step - _GAP, 3), 255, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * step, number % columns * step
        sheet[top : top + _TILE, left : left + _TILE] = picture
    return sheet


def _save(image: Image, path: Path) -> None:
    try:
        from PIL import Image as Pictures
    except ImportError as error:
        raise MissingExtra("pillow", "avatar") from error
    with placed(path) as temporary:
        few = Pictures.fromarray(image).quantize(192)
        few.save(temporary, "png", optimize=True)
