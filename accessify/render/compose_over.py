"""A signer over or beside a film, picture by picture, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra
from accessify.core.timeline import Note, Rate, Span, millis, seconds, to_seconds
from accessify.core.video import Cutout, Frame
from accessify.render.lettering import blend
from accessify.render.signer_place import Layout

REST = seconds(1)
"""Ticks that the signer stays, at rest, when all is signed."""
FADE = millis(500)
"""Ticks in which the signer then goes."""
_ROUND = 0.05
"""Radius of the panel's corners, of its shorter side."""
_SOFT = 0.10
"""Of the signer's height: how softly a figure ends that neither panel nor edge of the picture cuts off."""


class OverFilm:
    """The pictures of a film with a signer in them; iterated once.

    The film keeps its times. The signer is there from the film's first picture on, waiting; when all is
    signed it rests, then fades out. Where the signing is longer than the film, the film's last picture is
    held; `notes` says for how long (`held`).
    """

    def __init__(
        self,
        film: Iterable[Frame],
        rate: Rate,
        signer: Iterable[Cutout],
        layout: Layout,
        end: int,
    ) -> None:
        """`rate` of the film; `signer`: pictures as large as the layout's place for it, in order of time;
        `end`: the tick at which all is signed.
        """
        self._film, self._rate, self._layout, self._end = film, rate, layout, end
        self._signer = iter(signer)
        self._now: Cutout | None = None
        self._next = next(self._signer, None)
        self._panel = _panel(layout) if layout.backing else None
        self._ramp = None if layout.backing else _ramp(layout)
        self.notes: tuple[Note, ...] = layout.notes
        """What could not be done as asked; whole once all pictures were given."""

    def __iter__(self) -> Iterator[Frame]:
        last = None
        for frame in self._film:
            last = frame
            yield self._composed(frame, frame.start)
        if last is None:
            return
        over = last.start + self._rate.at(1)
        if over >= self._end:
            return
        longer = to_seconds(self._end - over)
        text = f"the signing is {longer:.1f} s longer than the film, whose last picture is held for that long"
        self.notes = (*self.notes, Note(Span(over, self._end), "held", text))
        number = 1
        while (time := last.start + self._rate.at(number)) < self._end:
            yield self._composed(last, time)
            number += 1

    def _composed(self, frame: Frame, time: int) -> Frame:
        if frame.size != self._layout.size:
            raise ValueError(f"the film's pictures are {self._layout.size}, not {frame.size}")
        picture = self._film_part(frame.image)
        signer = self._signer_at(time)
        there = np.float32(min(1.0, 1 - (time - self._end - REST) / FADE))
        if signer is not None and there > 0:
            for tile in (self._panel, self._softened(signer.image)):
                if tile is not None:
                    blend(picture, _faded(tile, there), self._layout.signer.left, self._layout.signer.top)
        return Frame(picture, time)

    def _signer_at(self, time: int) -> Cutout | None:
        """The picture of the signer at `time`; before its first one that one."""
        while self._next is not None and (self._now is None or self._next.start <= time):
            if self._next.size != self._layout.signer.size:
                raise ValueError(
                    f"the signer's pictures are {self._layout.signer.size}, not {self._next.size}"
                )
            self._now, self._next = self._next, next(self._signer, None)
        return self._now

    def _softened(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return image if self._ramp is None else _faded(image, self._ramp)

    def _film_part(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A new picture with the film's in its place."""
        place, (width, height) = self._layout.film, self._layout.size
        if place.size == (width, height):
            return image.copy()
        try:
            import cv2
        except ImportError as error:
            raise MissingExtra("opencv-python", "avatar") from error
        picture = np.zeros((height, width, 3), np.uint8)
        picture[:] = self._layout.ground
        smaller = cv2.resize(image, place.size, interpolation=cv2.INTER_AREA)
        picture[place.top : place.top + place.height, place.left : place.left + place.width] = smaller
        return picture


def _ramp(layout: Layout) -> NDArray[np.float32] | None:
    """[height, 1], 0 to 1: how a figure fades towards a lower edge inside the picture; None at its end."""
    place = layout.signer
    if place.top + place.height >= layout.size[1]:
        return None
    rows = np.arange(place.height, dtype=np.float32)
    share = np.clip((place.height - 0.5 - rows) / (_SOFT * place.height), 0, 1)
    return np.asarray((share * share * (3 - 2 * share))[:, None], np.float32)


def _panel(layout: Layout) -> NDArray[np.uint8]:
    """A plain rectangle with round corners, as large as the signer."""
    size = width, height = layout.signer.size
    radius = _ROUND * min(size)
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    beyond_x = np.maximum(np.maximum(radius - x, x - (width - radius)), 0)
    beyond_y = np.maximum(np.maximum(radius - y, y - (height - radius)), 0)
    tile = np.empty((height, width, 4), np.uint8)
    tile[..., :3] = layout.ground
    tile[..., 3] = np.rint(255 * layout.backing * np.clip(radius + 0.5 - np.hypot(beyond_x, beyond_y), 0, 1))
    return tile


def _faded(tile: NDArray[np.uint8], share: NDArray[np.float32] | np.float32) -> NDArray[np.uint8]:
    """The same with `share` of its opacity; a number, or one for each row [height, 1]."""
    if isinstance(share, np.float32) and share == 1:
        return tile
    faded = tile.copy()
    faded[..., 3] = np.rint(tile[..., 3] * share)
    return faded
