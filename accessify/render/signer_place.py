"""Where the signer stands: over the film's picture or beside it, large enough, and never over captions.

The signer takes at least a sixth of the picture, as Ofcom's guidelines on access services ask for
interpreters on British television. Captions stay where they are: the
signer stands above or below them, at the other side where that is the only room, and beside a smaller picture
where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt

from accessify.core.errors import OptionError
from accessify.core.timeline import Note, Span
from accessify.render.caption_zones import USUAL, Zone
from accessify.render.draw import GROUND

_MARGIN = 0.02
"""Of the picture's width, between the signer and the edge."""
_SHAPES = (1.0, 0.85, 0.7, 1.2)
"""Width of the signer over height, where the one asked for finds no room: the first that does is taken."""
_EXTREME = (0.6, 1.6)
"""No signer is narrower or wider than that."""
_COLUMN = 0.28
"""Of the picture's longer side, for a signer beside it."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A part of a picture in whole pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height


@dataclass(frozen=True, slots=True)
class Wanted:
    """How people want the signer to stand. Raises `OptionError` for a side or a share that there is not."""

    side: str = "right"
    """`left` or `right`."""
    share: float = 1 / 6
    """Of the picture's area, at least; a sixth to a half."""
    beside: bool = False
    """Beside a smaller picture of the film instead of over it."""
    backing: float = 0.6
    """Opacity of a panel behind a signer over the film, 0 to 1: hands stand out on any film, which is still
    seen."""
    ground: tuple[int, int, int] = GROUND
    """The sRGB values of that panel, and of what is free beside a smaller picture."""

    def __post_init__(self) -> None:
        if self.side not in ("left", "right"):
            raise OptionError(f"the signer stands left or right, not {self.side!r}")
        if not 1 / 6 <= self.share <= 1 / 2:
            raise OptionError(
                f"the signer takes a sixth to a half of the picture, not {self.share:.3g} of it"
            )
        if not 0 <= self.backing <= 1:
            raise OptionError(f"the opacity of the panel behind the signer lies in 0..1, not {self.backing}")


@dataclass(frozen=True, slots=True)
class Layout:
    """How film and signer share a picture."""

    size: tuple[int, int]
    """Width and height of the whole."""
    film: Rectangle
    """Where the film's picture goes: all of it, or a smaller one."""
    signer: Rectangle
    backing: float = 0.0
    """Opacity of the panel behind the signer; 0 where the film does not lie there."""
    ground: tuple[int, int, int] = GROUND
    """The sRGB values of that panel, and of what is free beside a smaller picture."""
    notes: tuple[Note, ...] = ()
    """What could not be done as asked (`beside`)."""


def place_signer(
    size: tuple[int, int],
    wanted: Wanted | None = None,
    *,
    shape: float = 1.0,
    zones: Sequence[Zone] = (USUAL,),
) -> Layout:
    """A place for the signer in pictures of `size` (width, height).

    `shape` is width over height of the signer's part, as `accessify.render.camera.shape` gives it; `zones`
    are where captions may stand, () where there are none. Low places are preferred.
    """
    wanted = wanted or Wanted()
    if wanted.beside:
        return _beside(size, wanted)
    sides = (wanted.side, "left" if wanted.side == "right" else "right")
    for tried in (min(max(shape, _EXTREME[0]), _EXTREME[1]), *_SHAPES):
        for side in sides:
            for signer in _places(size, (tried, wanted.share), side, zones):
                return Layout(size, Rectangle(0, 0, *size), signer, wanted.backing, wanted.ground)
    text = "captions leave no room for the signer over the picture: it stands beside a smaller one"
    return replace(_beside(size, wanted), notes=(Note(Span(0, 0), "beside", text),))


def _places(
    size: tuple[int, int], wanted: tuple[float, float], side: str, zones: Sequence[Zone]
) -> Iterator[Rectangle]:
    """Free places for a signer of the `wanted` shape and share, the lowest first."""
    shape, share = wanted
    width = _even(sqrt(share * size[0] * size[1] * shape))
    height = _even(share * size[0] * size[1] / width)
    margin = round(_MARGIN * size[0])
    left = size[0] - margin - width if side == "right" else margin
    if left < 0 or height > size[1]:
        return
    column = Zone(left / size[0], 0.0, (left + width) / size[0], 1.0)
    blocked = sorted((zone.top, zone.bottom) for zone in zones if zone.overlaps(column))
    free, end = [], 0.0
    for top, bottom in [*blocked, (1.0, 1.0)]:
        free.append((ceil(end * size[1]), int(top * size[1])))
        end = max(end, bottom)
    for top_row, bottom_row in reversed(free):
        if bottom_row - top_row >= height:
            yield Rectangle(left, bottom_row - height, width, height)


def _beside(size: tuple[int, int], wanted: Wanted) -> Layout:
    """The signer in a column at its side, or, of an upright picture, in a row at the bottom."""
    upright = size[1] > size[0]
    long, short = (size[1], size[0]) if upright else size
    taken = _even(max(_COLUMN, wanted.share) * long)
    left = long - taken, min(short, _even((long - taken) * short / long))
    middle = (short - left[1]) // 2
    if upright:
        film, signer = Rectangle(middle, 0, left[1], left[0]), Rectangle(0, left[0], short, taken)
    elif wanted.side == "right":
        film, signer = Rectangle(0, middle, *left), Rectangle(left[0], 0, taken, short)
    else:
        film, signer = Rectangle(taken, middle, *left), Rectangle(0, 0, taken, short)
    return Layout(size, film, signer, 0.0, wanted.ground)


def _even(value: float) -> int:
    """The next whole even number that is no smaller."""
    return 2 * ceil(round(value / 2, 6))
