"""Text as a small clear picture: light letters in a dark outline, readable on any ground."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra
from accessify.core.text import is_unspaced
from accessify.render.fonts import font_for

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_LETTERS = (250, 250, 250)
_OUTLINE = (16, 18, 24)
_OUTLINE_OPACITY = 0.85
_OUTLINE_WIDTH = 0.09
"""Of the height of the font."""
_SMALLEST = 0.6
"""Of the height asked for: letters get no smaller."""
_LEADING = 1.25
"""From line to line, in heights of the font."""


def lettered(
    text: str, height: int, width: int, *, font: Path | None = None
) -> tuple[NDArray[np.uint8], str]:
    """`text` as a picture [h, w, 4], uint8, not multiplied by opacity, and the characters nothing could draw.

    Letters are of a font `height` pixels high; lines are broken, and centred, where they would be wider than
    `width` pixels, and letters get smaller, to three fifths, where a word alone would be.
    Raises `OptionError` for a `font` that is none, `MissingExtra` without Pillow.
    """
    chosen, missing = font_for(text, height, font)
    outline = max(1, round(_OUTLINE_WIDTH * height))
    room = max(1, width - 2 * outline)
    longest = max((chosen.getlength(piece.rstrip()) for piece in _pieces(text)), default=0.0)
    if longest > room:
        height = max(1, ceil(height * max(_SMALLEST, room / longest)) - 1)
        chosen, _ = font_for(text, height, font)
    lines = list(_lines(text, chosen, room))
    return _painted(*(_sheet(lines, chosen, (height, outline), stroke) for stroke in (0, outline))), missing


def _sheet(lines: list[str], font: FreeTypeFont, sizes: tuple[int, int], stroke: int) -> NDArray[np.float32]:
    """How much of each pixel is covered [h, w, 1] by `lines` with `stroke` pixels around their letters.

    `sizes`: pixels of the font's height and of the widest stroke, for which there is room.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise MissingExtra("pillow", "avatar") from error
    height, air = sizes
    widths = [font.getlength(line) for line in lines]
    ascent, descent = font.getmetrics()
    size = (
        ceil(max(widths)) + 2 * air,
        round((len(lines) - 1) * _LEADING * height) + ascent + descent + 2 * air,
    )
    sheet = Image.new("L", size)
    pen = ImageDraw.Draw(sheet)
    for number, (line, width) in enumerate(zip(lines, widths, strict=True)):
        place = (size[0] - width) / 2, air + ascent + round(number * _LEADING * height)
        pen.text(place, line, fill=255, font=font, anchor="ls", stroke_width=stroke)
    return np.asarray(np.asarray(sheet, np.float32)[..., None] / np.float32(255))


def _painted(letters: NDArray[np.float32], outline: NDArray[np.float32]) -> NDArray[np.uint8]:
    around = outline * np.float32(_OUTLINE_OPACITY) * (1 - letters)
    opacity = letters + around
    color = letters * np.array(_LETTERS, np.float32) + around * np.array(_OUTLINE, np.float32)
    color = np.where(opacity > 0, color / np.maximum(opacity, 1e-6), np.array(_OUTLINE, np.float32))
    return np.asarray(np.rint(np.concatenate([color, 255 * opacity], axis=-1)), np.uint8)


def _lines(text: str, font: FreeTypeFont, width: int) -> Iterator[str]:
    """Lines no wider than `width`, broken between words, within one only where it alone is wider."""
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in _pieces(paragraph):
            if font.getlength((line + piece).rstrip()) <= width:
                line += piece
                continue
            if line.strip():
                yield line.rstrip()
            line = ""
            for letter in piece:
                if line and font.getlength(line + letter) > width:
                    yield line
                    line = ""
                line += letter
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Words with the spaces behind them; characters of scripts without spaces one by one."""
    piece = ""
    for letter in text:
        if (
            piece
            and not letter.isspace()
            and (piece[-1].isspace() or is_unspaced(letter) or is_unspaced(piece[-1]))
        ):
            yield piece
            piece = ""
        piece += letter
    if piece:
        yield piece


def blend(image: NDArray[np.uint8], tile: NDArray[np.uint8], left: int, top: int) -> None:
    """Lay `tile` [h, w, 4] over `image` [height, width, 3 or 4] in place, from its corner; what does not fit
    is left out.
    """
    height, width = image.shape[:2]
    first_row, first_column = max(0, -top), max(0, -left)
    tile = tile[first_row : height - top, first_column : width - left]
    top, left = top + first_row, left + first_column
    below = image[top : top + tile.shape[0], left : left + tile.shape[1]]
    if tile.size == 0 or below.size == 0:
        return
    share = tile[..., 3:] / np.float32(255)
    if image.shape[2] == 3:
        below[:] = np.rint(below + share * (tile[..., :3] - below.astype(np.float32)))
        return
    rest = (1 - share) * (below[..., 3:] / np.float32(255))
    opacity = share + rest
    color = (share * tile[..., :3] + rest * below[..., :3]) / np.maximum(opacity, 1e-6)
    below[..., :3] = np.rint(np.where(opacity > 0, color, below[..., :3]))
    below[..., 3:] = np.rint(255 * opacity)
