"""A person's movement: the turn of every bone and the face, picture by picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.expressions import EXPRESSIONS
from accessify.core.humanoid import Rig
from accessify.core.rotation import IDENTITY, multiply, rotate
from accessify.core.timeline import Note, Rate, Span


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Turns of the bones of `rig` at an even rate."""

    rig: Rig
    rotations: NDArray[np.float32]
    """Shape [frames, bones, 4], float32: unit quaternions (x, y, z, w), each bone's turn against its parent;
    the identity is the T-pose."""
    hips: NDArray[np.float32]
    """Shape [frames, 3], float32, metres: how far the root is from its place at rest."""
    expressions: NDArray[np.float32]
    """Shape [frames, 52], float32, 0 to 1, in the order of `EXPRESSIONS`."""
    rate: Rate
    start: int = 0
    """Tick of the first picture."""
    notes: tuple[Note, ...] = ()
    """What was asked for and could not be done."""

    def __post_init__(self) -> None:
        frames = len(self.rotations)
        shapes = {
            "rotations": (self.rotations, (frames, len(self.rig.bones), 4)),
            "hips": (self.hips, (frames, 3)),
            "expressions": (self.expressions, (frames, len(EXPRESSIONS))),
        }
        for name, (array, shape) in shapes.items():
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(
                    f"{name} must be float32 {list(shape)}, not {array.dtype} {list(array.shape)}"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"{name} must be finite")
        if frames and np.abs(np.linalg.norm(self.rotations, axis=-1) - 1).max() > 1e-3:
            raise ValueError("rotations must be unit quaternions")

    @classmethod
    def at_rest(cls, rig: Rig, frames: int, rate: Rate) -> Motion:
        """The T-pose with a still face."""
        return cls(
            rig,
            np.tile(IDENTITY.astype(np.float32), (frames, len(rig.bones), 1)),
            np.zeros((frames, 3), np.float32),
            np.zeros((frames, len(EXPRESSIONS)), np.float32),
            rate,
        )

    def __len__(self) -> int:
        return len(self.rotations)

    @property
    def span(self) -> Span:
        """From the first picture to one frame behind the start of the last."""
        return Span(self.start, self.start + self.rate.at(len(self)))

    def with_notes(self, notes: tuple[Note, ...]) -> Motion:
        """The same movement with further notes, in order of time."""
        return replace(self, notes=tuple(sorted((*self.notes, *notes), key=lambda note: note.span)))


def placed_bones(
    rig: Rig, rotations: NDArray[np.floating], hips: NDArray[np.floating] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the bones are in the world (forward kinematics).

    Args:
        rig: the bones.
        rotations: [..., bones, 4] as in `Motion`.
        hips: [..., 3] as in `Motion`, or None for none.

    Returns:
        Places of the joints [..., bones, 3] in metres, and turns of the bones in the world [..., bones, 4].
    """
    turns = np.empty(rotations.shape, np.float64)
    places = np.empty((*rotations.shape[:-1], 3), np.float64)
    offsets = rig.offsets
    for number, parent in enumerate(rig.parents):
        if parent < 0:
            turns[..., number, :] = rotations[..., number, :]
            places[..., number, :] = offsets[number] + (0 if hips is None else hips)
            continue
        above = turns[..., parent, :]
        turns[..., number, :] = multiply(above, rotations[..., number, :])
        places[..., number, :] = places[..., parent, :] + rotate(above, offsets[number])
    return places, turns
