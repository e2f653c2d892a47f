"""A finger's skin: a tapered tube with thicker joints, pads between its creases, a nail.

A finger lies straight along its bones. Its own coordinates, all in metres: along it from its first joint,
back (towards the nail; the pad's side is negative) and side. Shares of widths follow T. Greiner, "Hand
anthropometry of U.S. Army personnel", 1991: the middle joint is wider than the bone before and after it,
the end joint four fifths as wide, the nail three fifths of the tip.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import Points, Values, bump, curve, step

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Finger:
    """A finger as it lies when the hand is meshed, in the hand's axes."""

    root: Array
    """Shape [3], metres: its first joint that bends here (of the thumb, the one after the metacarpal)."""
    along: Array
    """Shape [3], unit vector."""
    back: Array
    """Shape [3], unit vector across `along`: where its nail faces."""
    joints: tuple[float, ...]
    """Metres along it: the joints after the root, then the tip."""
    radii: tuple[float, float, float]
    """Metres: at the root, at the last joint, at the tip."""

    def coordinates(self, points: Points) -> tuple[Values, Values, Values]:
        """Of `points` [n, 3]: along, back, side."""
        offset = points - self.root.astype(np.float32)
        axes = np.stack([self.along, self.back, np.cross(self.along, self.back)]).astype(np.float32)
        along, back, side = (offset @ axes.T).T
        return along, back, side

    @property
    def length(self) -> float:
        return self.joints[-1]

    def radius(self, along: Values) -> Values:
        """Half the width without joints and pads."""
        root, last, tip = self.radii
        return curve(along, (-0.02, 0.0, self.joints[-2], self.length), (root, root, last, tip))

    def distance(self, points: Points) -> Values:
        """To the skin of the whole finger, which goes on below its root without end: the palm takes it in."""
        along, back, side = self.coordinates(points)
        radius = self.radii[2]
        over = np.maximum(along - np.float32(self.length - radius * 1.05), 0) / np.float32(1.05)
        around = np.hypot(back, side)
        dorsal = _backward(back, around)
        thick = self.radius(along) + self._swelling(along, dorsal)
        flat = np.float32(1) - np.float32(0.07) * np.abs(dorsal)  # a finger is wider than it is thick
        skin = np.sqrt(over * over + around * around) - thick * flat
        return np.asarray(skin - self._nail_height(along, back, side), np.float32)

    def _swelling(self, along: Values, dorsal: Values) -> Values:
        """What joints, pads and creases add to the radius."""
        sideways, palmar, above = 1 - np.abs(dorsal), np.maximum(-dorsal, 0), np.maximum(dorsal, 0)
        unit = self.radii[0] / 0.0092
        grown = np.zeros_like(along)
        for number, joint in enumerate(self.joints[:-1]):
            strength = unit * (0.00085 if number == 0 else 0.00045)
            grown += strength * bump(along, joint, 0.0050) * (0.35 + 0.65 * sideways + 0.5 * above)
            grown -= np.float32(0.00075 * unit) * bump(along, joint - 0.0005, 0.0013) * palmar
        starts = (0.0, *self.joints[:-1])
        for start, end, height in zip(
            starts, self.joints, (0.0009, 0.0009, 0.0011)[-len(starts) :], strict=True
        ):
            grown += np.float32(height * unit) * bump(along, (start + end) / 2, (end - start) * 0.3) * palmar
        tip = self.length
        grown -= np.float32(0.0011 * unit) * step(along, tip - 0.015, tip - 0.004) * above
        return grown

    def nail(self, points: Points) -> Values:
        """How much of each point is nail, 0 to 1."""
        return self._nail_share(*self.coordinates(points))

    def _nail_share(self, along: Values, back: Values, side: Values) -> Values:
        level = self._nail_level(along, side)
        near = 1 - step(back, 1.3 * self.radii[2], 1.6 * self.radii[2])
        return (1 - step(level, 0.86, 1.06)) * step(back, 0.0, 0.25 * self.radii[2]) * near

    def _nail_level(self, along: Values, side: Values) -> Values:
        """1 on the nail's edge, less within."""
        radius = self.radii[2]
        half = 0.74 * radius
        reach = min(0.82 * radius, 0.36 * (self.length - self.joints[-2]))
        center = self.length - 0.12 * radius - reach
        u = np.abs(along - np.float32(center)) / np.float32(reach)
        v = np.abs(side) / np.float32(half)
        return np.asarray((u**3.2 + v**3.2) ** np.float32(1 / 3.2), np.float32)

    def _nail_height(self, along: Values, back: Values, side: Values) -> Values:
        """The plate stands out of a groove."""
        level = self._nail_level(along, side)
        above = step(back, 0.0, 0.4 * self.radii[2])
        plate = np.float32(0.00022) * (1 - step(level, 0.8, 1.0))
        groove = (
            np.float32(0.00030)
            * bump(level, 1.08, 0.09)
            * (1 - step(along, self.length - 0.004, self.length))
        )
        return np.asarray((plate - groove) * above, np.float32)

    def creases(self, points: Points) -> Values:
        """How deep in a crease each point lies, 0 to 1: across the pad's side at joints, faintly behind."""
        along, back, side = self.coordinates(points)
        dorsal = _backward(back, np.hypot(back, side))
        palmar = step(-dorsal, -0.15, 0.45)
        lines = np.zeros_like(along)
        for number, joint in enumerate(self.joints[:-1]):
            double = 0.0012 if number == 0 else 0.0
            for shift in {-double, double}:
                lines = np.maximum(lines, bump(along, joint - 0.0005 + shift, 0.0013) * palmar)
            wrinkles = bump(along, joint, 0.0034) * step(dorsal, 0.35, 0.9)
            lines = np.maximum(lines, np.float32(0.45) * wrinkles)
        return np.asarray(
            lines * (1 - step(np.hypot(back, side), 1.2 * self.radii[0], 1.5 * self.radii[0])), np.float32
        )


def _backward(back: Values, around: Values) -> Values:
    """1 on the nail's side, -1 on the pad's, 0 on the sides."""
    return np.asarray(back / np.maximum(around, np.float32(1e-6)), np.float32)
