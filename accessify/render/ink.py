"""Ink on a transparent sheet: smooth strokes of any width and opacity, laid over a picture at once.

The sheet holds colours already multiplied by their opacity (Porter and Duff, "Compositing Digital
Images", 1984), so that OpenCV's anti-aliasing, which mixes old and new, also mixes opacities right.
A new stroke takes the place of what lies below it. Colours are RGB; places are pixels, the corner of
the first pixel 0, 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra

Color = tuple[int, int, int]
Place = tuple[float, float]

_FRACTION_BITS = 4
"""Places are drawn to a sixteenth of a pixel."""
_FRINGE = 0.65
"""Pixels that anti-aliasing adds at each edge of a filled polygon (measured: 0.6 to 0.8)."""
_DASHES = 12
_HALF_TURN = np.linspace(-np.pi / 2, np.pi / 2, 7)


@dataclass(frozen=True, slots=True, eq=False)
class Strokes:
    """Straight strokes with round ends, the first lowest; those without length are dots."""

    ends: NDArray[np.floating]
    """Shape [strokes, 2, 2]: x, y of both ends."""
    widths: NDArray[np.floating]
    """Shape [strokes], pixels; nothing gets thinner than about one."""
    colors: NDArray[np.integer]
    """Shape [strokes, 3]."""
    opacity: NDArray[np.floating]
    """Shape [strokes], 0 to 1."""

    @classmethod
    def alike(
        cls, ends: NDArray[np.floating], width: float, color: Color, opacity: float | NDArray[np.floating]
    ) -> Strokes:
        """Strokes of one width and colour."""
        count = len(ends)
        return cls(ends, np.full(count, width), np.tile(color, (count, 1)), np.broadcast_to(opacity, count))

    @classmethod
    def joined(cls, sets: Sequence[Strokes]) -> Strokes:
        """All strokes of `sets`, one set above the other."""
        return cls(
            np.concatenate([each.ends for each in sets]),
            np.concatenate([each.widths for each in sets]),
            np.concatenate([each.colors for each in sets]),
            np.concatenate([each.opacity for each in sets]),
        )

    def __getitem__(self, order: NDArray[np.intp]) -> Strokes:
        return Strokes(self.ends[order], self.widths[order], self.colors[order], self.opacity[order])


class Sheet:
    """A transparent sheet as large as a picture. Raises `MissingExtra` without OpenCV."""

    def __init__(self, width: int, height: int) -> None:
        try:
            import cv2  # noqa: F401
        except ImportError as error:
            raise MissingExtra("opencv-python", "signs") from error
        self._ink = np.zeros((height, width, 4), np.uint8)
        self._texts: list[tuple[str, Place, float, Color]] = []

    def draw(self, strokes: Strokes) -> None:
        """Draw strokes."""
        import cv2

        outlines = _fixed(_outlines(strokes.ends, strokes.widths / 2))
        for outline, paint in zip(outlines, _paints(strokes.colors, strokes.opacity), strict=True):
            cv2.fillConvexPoly(self._ink, outline, paint, cv2.LINE_AA, _FRACTION_BITS)

    def dot(self, center: Place, radius: float, color: Color, opacity: float = 1.0) -> None:
        """Draw a disc."""
        self.draw(Strokes.alike(np.array([[center, center]]), 2 * radius, color, opacity))

    def ring(self, center: Place, radius: float, width: float, color: Color, opacity: float = 1.0) -> None:
        """Draw a dashed circle."""
        step = 2 * np.pi / _DASHES
        turns = np.arange(_DASHES)[:, None] * step + np.array([0, step / 2])
        ends = np.array(center) + radius * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
        self.draw(Strokes.alike(ends, width, color, opacity))

    def panel(self, corner: Place, size: Place, color: Color, opacity: float = 1.0) -> None:
        """Fill a rectangle with rounded corners."""
        import cv2

        radius = min(size) / 8
        left, top = np.array(corner) + radius
        right, bottom = np.array(corner) + np.array(size) - radius
        quarters = np.array([(right, bottom), (left, bottom), (left, top), (right, top)]).repeat(7, axis=0)
        turns = np.concatenate([np.linspace(0, np.pi / 2, 7) + turn * np.pi / 2 for turn in range(4)])
        outline = quarters + radius * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
        (paint,) = _paints(np.array([color]), np.array([opacity]))
        cv2.fillConvexPoly(self._ink, _fixed(outline), paint, cv2.LINE_AA, _FRACTION_BITS)

    def text(self, text: str, baseline: Place, height: float, color: Color) -> None:
        """Write `text` from its left end on the baseline, above all strokes.

        `height` is that of a capital.
        """
        self._texts.append((text, baseline, height, color))

    def over(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture [height, width, 3] as large as the sheet, with the sheet on it; a new one."""
        import cv2

        height, width = self._ink.shape[:2]
        if image.shape[:2] == (height, width):
            result = image.copy()
        else:
            result = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        pixels = result.reshape(-1, 3)
        inked = np.flatnonzero(cv2.extractChannel(self._ink, 3) != 0)
        ink = self._ink.reshape(-1, 4).take(inked, axis=0).astype(np.uint16)  # faster than [inked]
        times = pixels.take(inked, axis=0) * (255 - ink[:, 3:]) + np.uint16(128)
        below = (times + (times >> 8)) >> 8  # divided by 255, rounded
        pixels[inked] = np.minimum(below + ink[:, :3], 255)
        for text in self._texts:  # OpenCV 5 does not mix the opacity of letters as it does that of strokes
            _write(result, *text)
        return result


def text_width(text: str, height: float) -> int:
    """Pixels that `text` takes where a capital is `height` pixels high."""
    import cv2

    scale, weight = _font(height)
    (width, _), _ = cv2.getTextSize(_writable(text), cv2.FONT_HERSHEY_SIMPLEX, scale, weight)
    return int(width)


def _write(image: NDArray[np.uint8], text: str, baseline: Place, height: float, color: Color) -> None:
    import cv2

    scale, weight = _font(height)
    origin = round(baseline[0]), round(baseline[1])
    cv2.putText(image, _writable(text), origin, cv2.FONT_HERSHEY_SIMPLEX, scale, color, weight, cv2.LINE_AA)


def _font(height: float) -> tuple[float, int]:
    """OpenCV's scale and stroke: a capital of its plain font is 21 pixels high at scale 1."""
    return height / 21, max(1, round(height / 10))


def _writable(text: str) -> str:
    """OpenCV writes with an outline font since 5.0; the strokes before it knew ASCII only."""
    import cv2

    return text if hasattr(cv2, "FontFace") else text.replace("–", "-")


def _outlines(ends: NDArray[np.floating], radii: NDArray[np.floating]) -> NDArray[np.floating]:
    """Strokes [strokes, 2, 2] as polygons [strokes, corners, 2]: half a circle about each end."""
    along = ends[:, 1] - ends[:, 0]
    turn = np.arctan2(along[:, 1], along[:, 0])[:, None] + _HALF_TURN
    radii = np.maximum(radii - _FRINGE, 0.05)  # a hairline is a bit over a pixel wide
    cap = radii[:, None, None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    return np.concatenate([ends[:, 1:] + cap, ends[:, :1] - cap], axis=1)


def _fixed(places: NDArray[np.floating]) -> NDArray[np.int32]:
    """As OpenCV takes them: whole sixteenths, counted from the middle of the first pixel."""
    return np.asarray(np.rint((places - 0.5) * (1 << _FRACTION_BITS)), np.int32)


def _paints(colors: NDArray[np.integer], opacity: NDArray[np.floating]) -> Sequence[Sequence[float]]:
    premultiplied = np.concatenate([colors, np.full((len(colors), 1), 255)], axis=1) * opacity[:, None]
    paints: Sequence[Sequence[float]] = np.rint(premultiplied).tolist()
    return paints
