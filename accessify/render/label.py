"""What stands in the picture beside the signer: that this is an avatar, and words shown in place of signs."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from accessify.core.disclosure import disclosure
from accessify.core.text import Cue
from accessify.core.timeline import Note, Span, Track
from accessify.core.video import Cutout, Frame
from accessify.render.fonts import font_for
from accessify.render.lettering import blend, lettered

Picture = TypeVar("Picture", Frame, Cutout)

_MARGIN = 0.05
"""Of the picture's sides that text keeps clear of: the graphics safe area of EBU R 95."""
_LABEL = 0.030
"""Height of the label's font, of the picture's shorter side."""
_LEAST_LABEL = 11
"""Pixels below which nobody can read it."""
_LABEL_OPACITY = 0.8
_WORD = 0.065
"""Height of the font of words, of the picture's shorter side."""
_LEAST_WORD = 16
_KEPT = 8
"""Words whose pictures are kept."""


class Overprint:
    """Writes a label and words over pictures of one size.

    The label stands at the top left all the time, words at the bottom in the middle as long as they last.
    `notes` then says which characters no font here can draw (`glyphs`).
    """

    def __init__(
        self,
        size: tuple[int, int],
        *,
        label: str = "",
        words: Track[Cue] | None = None,
        font: Path | None = None,
    ) -> None:
        """`size`: width and height of the pictures. `label` may be empty; where no font has its letters, the
        English one stands there. `font` is a file; else one of the
        system's. Raises `OptionError` for a font that cannot be read, `MissingExtra` without Pillow.
        """
        self._size, self._font = size, font
        self._word = max(_LEAST_WORD, round(_WORD * min(size)))
        self._words = words if words is not None else Track[Cue]()
        self._tiles: OrderedDict[str, NDArray[np.uint8]] = OrderedDict()
        self._label: NDArray[np.uint8] | None = None
        notes = []
        if label.strip():
            height = max(_LEAST_LABEL, round(_LABEL * min(size)))
            missing = font_for(label, height, font)[1]
            readable = disclosure("en").label if missing else label
            self._label, _ = lettered(readable, height, self._room(), font=font)
            self._label[..., 3] = np.rint(_LABEL_OPACITY * self._label[..., 3])
            notes += _lacking(missing, self._words.span or Span(0, 0))
        for cue in self._words:
            notes += _lacking(font_for(cue.text, self._word, font)[1], cue.span)
        self.notes: tuple[Note, ...] = tuple(sorted(notes, key=lambda note: note.span))
        """What could not be written."""

    def _room(self) -> int:
        return round((1 - 2 * _MARGIN) * self._size[0])

    def over(self, picture: Picture) -> Picture:
        """`picture` with the label and the words of its time written into its own memory."""
        width, height = self._size
        if picture.size != self._size:
            raise ValueError(f"the pictures are {self._size}, not {picture.size}")
        side, end = round(_MARGIN * width), round(_MARGIN * height)
        if self._label is not None:
            blend(picture.image, self._label, side, end)
        now = [cue.text for cue in self._words.within(Span(picture.start, picture.start + 1))]
        if now:
            tile = self._tile("\n".join(now))
            blend(picture.image, tile, (width - tile.shape[1]) // 2, height - end - tile.shape[0])
        return picture

    def _tile(self, text: str) -> NDArray[np.uint8]:
        if text not in self._tiles:
            self._tiles[text], _ = lettered(text, self._word, self._room(), font=self._font)
            if len(self._tiles) > _KEPT:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end(text)
        return self._tiles[text]


def _lacking(missing: str, span: Span) -> list[Note]:
    if not missing:
        return []
    told = " ".join(missing)
    return [Note(span, "glyphs", f"no font here has {told}; install one, e.g. fonts-noto-cjk, or give one")]
