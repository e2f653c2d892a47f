"""The header of `.pose` files: picture size, components, names of points, limbs, colours.

Little-endian throughout: f32 version; u16 width, height, depth; u16 components; then of each component
its name, point format (`XYZC`: the letters of the numbers of a point, C the confidence), u16 points,
limbs and colours, the points' names, the limbs as pairs of u16 numbered within the component, the
colours as triples of u16. A text is its length in bytes, u16, and UTF-8.
Source: the specification v0.1 and v0.2 of https://github.com/sign-language-processing/pose and its files.
"""

from __future__ import annotations

import math
import os
import struct
from dataclasses import dataclass
from fractions import Fraction
from io import BufferedReader
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.pose import Component, Skeleton
from accessify.core.timeline import Rate, nearest_standard

VERSIONS = (0.0, 0.1, 0.2)
_MOST = 0xFFFF
_SLOWEST, _FASTEST = 0.01, 10_000.0
"""Frames per second; anything outside is a damaged number, not a film."""


@dataclass(frozen=True, slots=True)
class PoseHeader:
    """What stands in front of the numbers."""

    version: float
    """0.0, 0.1 or 0.2."""
    size: tuple[int, int]
    """Width and height in pixels, as written; 0 in files that do not know."""
    skeleton: Skeleton
    formats: tuple[str, ...]
    """Point format of each component, e.g. `XYZC`."""
    lost_limbs: int = 0
    """Limbs that named points which do not exist."""

    @property
    def dimensions(self) -> int:
        """Numbers of a point without its confidence: the most of any component."""
        return max(len(form) for form in self.formats) - 1


class Cursor:
    """The bytes of a file in order, never more than there are."""

    def __init__(self, stream: BufferedReader, source: str) -> None:
        self._stream = stream
        self._source = source
        self.left = stream.seek(0, os.SEEK_END)
        """Bytes not read yet."""
        stream.seek(0)

    def take(self, count: int, what: str) -> bytes:
        """The next `count` bytes; raises `FormatError` saying that the file ends within `what`."""
        self._need(count, what)
        data = self._stream.read(count)
        if len(data) < count:
            raise self._end(count - len(data), 0, what)
        return data

    def unpack(self, layout: str, what: str) -> tuple[Any, ...]:
        """The next numbers, as `struct` lays them out."""
        return struct.unpack(layout, self.take(struct.calcsize(layout), what))

    def text(self, what: str) -> str:
        """The next text; bytes that are no UTF-8 are replaced, since some writers cut names short."""
        (length,) = self.unpack("<H", what)
        return self.take(length, what).decode("utf-8", "replace")

    def floats(self, shape: tuple[int, ...], what: str) -> NDArray[np.float32]:
        """The next numbers as an array that may be changed; nothing is allocated that is not there."""
        size = 4 * math.prod(shape)
        self._need(size, what)
        data = bytearray(size)
        read = self._stream.readinto(data)
        if read < size:
            raise self._end(size - read, 0, what)
        values = np.frombuffer(data, "<f4")
        return values.astype(np.float32, copy=False).reshape(shape)

    def error(self, text: str) -> FormatError:
        """An error about this file."""
        return FormatError(text, source=self._source)

    def _need(self, count: int, what: str) -> None:
        if count > self.left:
            raise self._end(count, self.left, what)
        self.left -= count

    def _end(self, needed: int, left: int, what: str) -> FormatError:
        return self.error(
            f"the file ends within {what} at byte {self._stream.tell()}: {needed} more bytes are needed, "
            f"{left} are left; get a whole copy"
        )


def read_header(cursor: Cursor) -> PoseHeader:
    """The header; raises `FormatError` for a file that is no `.pose` file, or a damaged one."""
    if not cursor.left:
        raise cursor.error("the file is empty; give a .pose file")
    (number,) = cursor.unpack("<f", "the version")
    version = next((known for known in VERSIONS if abs(number - known) < 1e-3), None)
    if version is None:
        raise cursor.error(
            f"not a .pose file of a known version (it begins with {number:.4g}); "
            "versions 0.0, 0.1 and 0.2 are read"
        )
    width, height, _, count = cursor.unpack("<4H", "the header")
    parts = [_component(cursor, f"component {index + 1} of {count}") for index in range(count)]
    skeleton = Skeleton(tuple(component for component, _, _ in parts))
    _check_names(cursor, skeleton)
    formats = tuple(form for _, form, _ in parts)
    return PoseHeader(version, (width, height), skeleton, formats, sum(lost for _, _, lost in parts))


def _component(cursor: Cursor, what: str) -> tuple[Component, str, int]:
    """A component, its point format, and how many limbs name points that it has not."""
    name, form = cursor.text(what), cursor.text(what)
    if not form.endswith("C") or "X" not in form or "Y" not in form or len(set(form)) != len(form):
        raise cursor.error(f"{what} has points of format {form!r}; XYC and XYZC are read")
    points, limbs, colors = cursor.unpack("<3H", what)
    names = tuple(cursor.text(what) for _ in range(points))
    pairs = [cursor.unpack("<2H", what) for _ in range(limbs)]
    drawn = tuple((start, end) for start, end in pairs if max(start, end) < points)
    # pose-format's own hand colours run up to 297
    shades = [cursor.unpack("<3H", what) for _ in range(colors)]
    clipped = tuple((min(red, 255), min(green, 255), min(blue, 255)) for red, green, blue in shades)
    component = Component(name, names, drawn, clipped) if clipped else Component(name, names, drawn)
    return component, form, limbs - len(drawn)


def _check_names(cursor: Cursor, skeleton: Skeleton) -> None:
    names = [component.name for component in skeleton.components]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise cursor.error(f"two components are called {twice!r}; correct the file's header")
    if not len(skeleton):
        raise cursor.error("its header names no points; give a file with poses")


def header_bytes(skeleton: Skeleton, size: tuple[int, int], version: float) -> bytes:
    """A header with all points as `XYZC`; the depth is the width, since z is in the same pixels.

    Raises `FormatError` where a number or text is too large for its two bytes.
    """
    if not len(skeleton):
        raise FormatError("a .pose file needs at least one point; keep a component")
    width, height = size
    parts = [struct.pack("<f", version), _shorts(width, height, width), _shorts(len(skeleton.components))]
    for part in skeleton.components:
        parts += [_text(part.name), _text("XYZC")]
        parts.append(_shorts(len(part.points), len(part.limbs), len(part.colors)))
        parts += map(_text, part.points)
        parts += (_shorts(*numbers) for numbers in (*part.limbs, *part.colors))
    return b"".join(parts)


def _shorts(*numbers: int) -> bytes:
    if not all(0 <= number <= _MOST for number in numbers):
        raise FormatError(f"a .pose file cannot hold {max(numbers)}: its header counts to {_MOST}; use .npz")
    return struct.pack(f"<{len(numbers)}H", *numbers)


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return _shorts(len(data)) + data


def rate_of(fps: float) -> Rate | None:
    """The frame rate that a number of a file stands for, or None where it cannot be one.

    A 32-bit float is taken for the shortest decimal that gives it, and 29.97 for 30000/1001.
    """
    if not _SLOWEST <= fps <= _FASTEST:  # also NaN
        return None
    return Rate(nearest_standard(Fraction(str(np.float32(fps)))))
