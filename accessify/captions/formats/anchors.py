"""The nine places of the numeric keypad, which SubRip and ASS know, to and from a `Placement`.

`7 8 9` stand at the top, `4 5 6` in the middle, `1 2 3` at the bottom; 2 is where players put
captions by themselves.
"""

from __future__ import annotations

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
    """The keypad number nearest to `placement`."""
    if placement is None:
        return 2
    return 3 * _row(placement) + _column(placement) + 1


def _row(placement: Placement) -> int:
    if placement.line_number is not None:
        return 2 if placement.line_number >= 0 else 0
    if placement.line is None:
        return 0
    return 2 if placement.line < 100 / 3 else 1 if placement.line < 200 / 3 else 0


def _column(placement: Placement) -> int:
    if placement.position is not None:
        return 0 if placement.position < 100 / 3 else 1 if placement.position <= 200 / 3 else 2
    if placement.align in ("left", "start"):
        return 0
    return 2 if placement.align in ("right", "end") else 1
