"""Rotations as unit quaternions (x, y, z, w), the order of glTF; arrays of any leading shape.

`rotate(multiply(a, b), v)` turns `v` by `b` first, then by `a`. Angles are radians.
Formulas: K. Shoemake, "Animating rotation with quaternion curves", 1985; swing and twist:
P. Dobrowolski, "Swing-twist decomposition in Clifford algebra", arXiv:1506.05481.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

IDENTITY: Array = np.array([0.0, 0.0, 0.0, 1.0])
_TINY = 1e-12


def unit(vectors: ArrayLike) -> Array:
    """The same directions with length 1 along the last axis; zero stays zero."""
    values = np.asarray(vectors, np.float64)
    length = np.linalg.norm(values, axis=-1, keepdims=True)
    return np.asarray(values / np.maximum(length, _TINY))


def multiply(first: ArrayLike, second: ArrayLike) -> Array:
    """The rotation that turns by `second`, then by `first`; shapes [..., 4] broadcast."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    vector = a[..., 3:] * b[..., :3] + b[..., 3:] * a[..., :3] + np.cross(a[..., :3], b[..., :3])
    scalar = a[..., 3] * b[..., 3] - (a[..., :3] * b[..., :3]).sum(axis=-1)
    return np.concatenate([vector, scalar[..., None]], axis=-1)


def inverse(rotation: ArrayLike) -> Array:
    """The rotation back."""
    turned: Array = np.asarray(rotation, np.float64) * np.array([-1.0, -1.0, -1.0, 1.0])
    return turned


def rotate(rotation: ArrayLike, vectors: ArrayLike) -> Array:
    """`vectors` [..., 3] turned by `rotation` [..., 4]."""
    q, v = np.asarray(rotation, np.float64), np.asarray(vectors, np.float64)
    twice = 2 * np.cross(q[..., :3], v)
    turned: Array = v + q[..., 3:] * twice + np.cross(q[..., :3], twice)
    return turned


def about(axis: ArrayLike, angle: ArrayLike) -> Array:
    """The rotation about `axis` [..., 3] by `angle` [...], right-handed."""
    half = np.asarray(angle, np.float64)[..., None] / 2
    vector = unit(axis) * np.sin(half)
    return np.concatenate([vector, np.broadcast_to(np.cos(half), (*vector.shape[:-1], 1))], axis=-1)


def between(start: ArrayLike, end: ArrayLike) -> Array:
    """The shortest rotation that takes the direction `start` to `end`, both [..., 3].

    Of opposite directions, half a turn about any axis across them.
    """
    a, b = np.broadcast_arrays(unit(start), unit(end))
    cosine = (a * b).sum(axis=-1)
    across = np.cross(a, np.where(np.abs(a[..., :1]) < 0.9, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]))
    opposite = (cosine < -1 + 1e-9)[..., None]
    vector = np.where(opposite, unit(across), np.cross(a, b))
    return unit(np.concatenate([vector, np.where(opposite, 0.0, (1 + cosine)[..., None])], axis=-1))


def of_axes(x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Array:
    """The rotation that takes the world's axes to `x`, `y`, `z` [..., 3], which must be orthonormal."""
    return of_matrix(np.stack(np.broadcast_arrays(*(np.asarray(v, np.float64) for v in (x, y, z))), axis=-1))


def of_matrix(matrix: ArrayLike) -> Array:
    """Of rotation matrices [..., 3, 3]; the largest of four squares is divided by, so it is stable."""
    m = np.asarray(matrix, np.float64)
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    squares = np.stack([1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz], axis=-1)
    xy, xz, yz = m[..., 0, 1] + m[..., 1, 0], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1]
    wx, wy, wz = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    rows = np.stack(
        [
            np.stack([squares[..., 0], xy, xz, wx], axis=-1),
            np.stack([xy, squares[..., 1], yz, wy], axis=-1),
            np.stack([xz, yz, squares[..., 2], wz], axis=-1),
            np.stack([wx, wy, wz, squares[..., 3]], axis=-1),
        ],
        axis=-2,
    )
    best = squares.argmax(axis=-1)[..., None, None]
    return unit(np.take_along_axis(rows, np.broadcast_to(best, (*best.shape[:-1], 4)), axis=-2)[..., 0, :])


def to_matrix(rotation: ArrayLike) -> Array:
    """Matrices [..., 3, 3] whose columns are the turned axes."""
    q = np.asarray(rotation, np.float64)
    columns = [rotate(q, np.eye(3)[axis]) for axis in range(3)]
    return np.stack(columns, axis=-1)


def log(rotation: ArrayLike) -> Array:
    """Rotation vectors [..., 3]: axis times angle, the angle at most half a turn."""
    q = np.asarray(rotation, np.float64)
    q = np.where(q[..., 3:] < 0, -q, q)
    length = np.linalg.norm(q[..., :3], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(length, q[..., 3:])
    return np.asarray(q[..., :3] * np.where(length > _TINY, angle / np.maximum(length, _TINY), 2.0))


def exp(vectors: ArrayLike) -> Array:
    """The rotations of rotation vectors [..., 3]."""
    values = np.asarray(vectors, np.float64)
    return about(values, np.linalg.norm(values, axis=-1))


def slerp(start: ArrayLike, end: ArrayLike, share: ArrayLike) -> Array:
    """From `start` (share 0) to `end` (share 1) the shorter way at even speed; shapes broadcast."""
    step = log(multiply(inverse(start), end))
    return multiply(start, exp(step * np.asarray(share, np.float64)[..., None]))


def swing_twist(rotation: ArrayLike, axis: ArrayLike) -> tuple[Array, Array]:
    """`rotation` = swing ∘ twist: `twist` is about `axis` [..., 3], `swing` about one across it."""
    q, direction = np.asarray(rotation, np.float64), unit(axis)
    along = (q[..., :3] * direction).sum(axis=-1, keepdims=True) * direction
    twist = np.concatenate([along, q[..., 3:]], axis=-1)
    length = np.linalg.norm(twist, axis=-1, keepdims=True)
    twist = np.where(length > 1e-9, twist / np.maximum(length, 1e-9), IDENTITY)
    return multiply(q, inverse(twist)), twist


def continuous(rotations: ArrayLike) -> Array:
    """[frames, ..., 4] with signs chosen so that neighbours in time are near: q and -q are one rotation."""
    q = np.array(rotations, np.float64)
    if len(q) > 1:
        flips = np.where((q[1:] * q[:-1]).sum(axis=-1) < 0, -1.0, 1.0)
        q[1:] *= np.cumprod(flips, axis=0)[..., None]
    return q
