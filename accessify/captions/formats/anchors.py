"""The nine places of the numeric keypad, which SubRip and ASS know, to and from a `Placement`.

`7 8 9` stand at the top, `4 5 6` in the middle, `1 2 3` at the bottom; 2 is where players put
captions by themselves.
"""

from __future__ import annotations

from accessify.captions.formats.ttml_layout import area_of
from accessify.core.text import Placement

_COLUMNS: tuple[str | None, ...] = ("left", None, "right")


def place(anchor: int) -> Placement | None:
    """The placement of keypad number `anchor` (1 to 9), None for bottom centre."""
    row, column = divmod(anchor - 1, 3)
    align = _COLUMNS[column]
    if row == 2:
        return Placement(line_number=0, align=align)
    if row == 1:
        return Placement(line=50.0, line_align="center", align=align)
    return Placement(align=align) if align else None


def anchor(placement: Placement | None) -> int:
    """The keypad number of the third of the picture that the text of `placement` stands in."""
    x, y = text_point(placement)
    row = 2 if y < 100 / 3 else 1 if y < 200 / 3 else 0
    column = 0 if x < 100 / 3 else 1 if x <= 200 / 3 else 2
    return 3 * row + column + 1


def text_point(placement: Placement | None) -> tuple[float, float]:
    """The point that the text grows from, in percent of the picture: where it is aligned to in its box."""
    return area_of(placement, {}).point


def is_between(placement: Placement | None) -> bool:
    """Whether `placement` asks for more than the nine places can say."""
    if placement is None:
        return False
    is_middle = (placement.line, placement.line_align) == (50.0, "center")
    is_line_free = placement.line is None or is_middle
    return not is_line_free or placement.position is not None or placement.line_number not in (None, 0, -1)
