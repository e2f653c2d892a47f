"""Movement into pictures: a figure in the light of a studio, on a plain ground or cut out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Character
from accessify.core.errors import OptionError
from accessify.core.motion import Motion, placed_bones
from accessify.core.projection import Projection
from accessify.core.rotation import rotate, to_matrix, unit
from accessify.core.video import Cutout
from accessify.render.batches import batches
from accessify.render.camera import framing
from accessify.render.canvas import Canvas
from accessify.render.contact import Balls
from accessify.render.extent import Flesh, window
from accessify.render.opengl import open_context

if TYPE_CHECKING:
    from moderngl import Context

Color = tuple[int, int, int]

GROUND: Color = (96, 116, 130)
"""sRGB of the usual ground, a quiet blue grey. Its luminance of 0.16 lies between those of every skin and the
shirt that goes with it, so that hands stand out from both.
"""
_KEY = unit([-0.45, 0.60, 0.66])
"""Towards the key light: from above, before, and the left of the picture."""
_NEAR, _FAR = 0.3, 12.0
"""Metres before the camera between which things are drawn."""
_CHUNK = 64
"""Pictures whose bones are placed at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class _Posed:
    """What the graphics card is told for one picture."""

    bones: NDArray[np.float32]
    """Shape [bones, 3, 4]: the upper rows of matrices from rest to the world."""
    balls: NDArray[np.float32]
    """Shape [balls, 4]."""
    face: NDArray[np.float32]
    """Shape [52]."""

    def key(self) -> tuple[bytes, bytes]:
        """Equal for pictures that look the same."""
        return self.bones.tobytes(), self.face.tobytes()


class Stage:
    """Draws one figure; a context manager, to be used in the thread that made it.

    Raises `MissingExtra` without moderngl, `NoOpenGL` where nothing can draw, and `OptionError` for a size
    that cannot be drawn.
    """

    def __init__(
        self,
        character: Character,
        size: tuple[int, int],
        *,
        ground: Color | None = GROUND,
        smoothness: int = 2,
    ) -> None:
        """`size`: width and height of the pictures. `ground` is sRGB; None leaves all but the figure clear.
        Pictures are drawn `smoothness` as wide and high and then made smaller, which gives smooth edges; 1
        is fast and rough.
        """
        self._character, self._ground, self._smoothness = character, ground, smoothness
        self.size = size
        """Width and height of the pictures."""
        self._flesh = Flesh.of(character)
        self._balls = Balls.of(character, self._flesh)
        with ExitStack() as stack:
            self._context: Context = open_context()
            stack.callback(self._context.release)
            with self._context:
                limit = int(self._context.info["GL_MAX_RENDERBUFFER_SIZE"]) // smoothness
                self.renderer = str(self._context.info["GL_RENDERER"])
                """What draws, as OpenGL says it: a graphics card, or `llvmpipe` on the processor."""
                self._batches = batches(self._context, character, self._balls)
            if smoothness < 1 or not 1 <= min(size) <= max(size) <= limit:
                raise OptionError(f"pictures are 1 to {limit} pixels wide and high here, not {size}")
            self._resources = stack.pop_all()
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the context and all its buffers back."""
        self._open = False
        self._resources.close()

    def draw(self, motion: Motion, projection: Projection | None = None) -> Iterator[Cutout]:
        """All pictures of `motion` in order, opaque where there is a ground.

        `motion` must be of the figure's rig, or of one with the same bones: raises `ValueError`. Without
        `projection` the camera takes in all of the movement.
        """
        if motion.rig.bones != self._character.rig.bones:
            raise ValueError("the movement is of other bones than the figure's; retarget it first")
        camera = projection or framing(self._character, motion, self.size)
        if camera.size != self.size:
            raise ValueError(f"the camera's pictures are {camera.size}, not {self.size}")
        left, top, width, height = self._window(camera, motion)
        lens = camera.window(left, top, (width, height))
        empty = np.zeros((self.size[1], self.size[0], 4), np.uint8)
        empty[:] = (0, 0, 0, 0) if self._ground is None else (*self._ground, 255)
        for number, part in enumerate(self._parts(motion, lens)):
            image = empty.copy()
            image[top : top + height, left : left + width] = part
            yield Cutout(image, motion.start + motion.rate.at(number))

    def picture(self, motion: Motion, number: int = 0, projection: Projection | None = None) -> Cutout:
        """One picture of `motion` alone, framed as all of it."""
        camera = projection or framing(self._character, motion, self.size)
        piece = slice(number, number + 1)
        one = Motion(
            motion.rig,
            motion.rotations[piece],
            motion.hips[piece],
            motion.expressions[piece],
            motion.rate,
            motion.start + motion.rate.at(number),
        )
        return next(iter(self.draw(one, camera)))

    def _parts(self, motion: Motion, lens: Projection) -> Iterator[NDArray[np.uint8]]:
        """The window's part of every picture; what does not move is drawn once."""
        with self._context:
            canvas = Canvas(self._context, lens.size, self._smoothness, self._ground)
        try:
            yield from self._drawn(motion, lens, canvas)
        finally:
            if self._open:  # else it went with the context
                with self._context:
                    canvas.release()

    def _drawn(self, motion: Motion, lens: Projection, canvas: Canvas) -> Iterator[NDArray[np.uint8]]:
        counts: deque[int] = deque()
        before: tuple[bytes, bytes] | None = None
        for posed in self._posed(motion):
            same, before = posed.key() == before, posed.key()
            if same:
                counts[-1] += 1
                continue
            with self._context:
                ready = canvas.push(partial(self._render, posed, lens))
            counts.append(1)
            if ready is not None:
                yield from [ready] * counts.popleft()
        with self._context:
            last = canvas.rest()
        for image in last:
            yield from [image] * counts.popleft()

    def _render(self, posed: _Posed, lens: Projection) -> None:
        clip = lens.matrix(_NEAR, _FAR).T.astype(np.float32).tobytes()
        for batch in self._batches:
            batch.express(posed.face)
            code: Any = batch.program  # its members' types differ
            code["clip"].write(clip)
            code["bones"].write(posed.bones.tobytes())
            code["balls"].write(posed.balls.tobytes())
            code["key"].value = tuple(_KEY)
            code["eye"].value = lens.eye
            batch.vertices.render()

    def _posed(self, motion: Motion) -> Iterator[_Posed]:
        rig = self._character.rig
        for piece, places, turns in self._placed(motion):
            matrices = to_matrix(turns)
            moved = places - np.einsum("...ij,...j->...i", matrices, rig.heads)
            bones = np.concatenate([matrices, moved[..., None]], axis=-1).astype(np.float32)
            balls = self._balls.placed(places, turns)
            for one in zip(bones, balls, motion.expressions[piece], strict=True):
                yield _Posed(*one)

    def _window(self, camera: Projection, motion: Motion) -> tuple[int, int, int, int]:
        """The part of the picture that the figure fills in any picture of `motion`."""
        rig = self._character.rig
        found = []
        for _, places, turns in self._placed(motion):
            tails = places + rotate(turns, rig.tails - rig.heads)
            left, top, width, height = window(camera, places, tails, self._flesh)
            found.append((left, top, -left - width, -top - height))
        left, top, right, bottom = np.min(found, axis=0).tolist() if found else (0, 0, -1, -1)
        return left, top, -right - left, -bottom - top

    def _placed(self, motion: Motion) -> Iterator[tuple[slice, NDArray[np.float64], NDArray[np.float64]]]:
        for first in range(0, len(motion), _CHUNK):
            piece = slice(first, first + _CHUNK)
            rig = self._character.rig
            yield piece, *placed_bones(rig, motion.rotations[piece], motion.hips[piece])
