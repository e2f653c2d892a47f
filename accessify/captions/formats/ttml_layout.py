"""Regions of TTML to and from placements: an area of the picture and where text stands in it.

Text keeps 10 % away from every edge (the safe area of SMPTE ST 2046-1 is 5 %; delivery files use
10 %). The bottom and the top region do not overlap, as IMSC 1.1 "Region – Dimensions and Position"
asks of regions that may be shown together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from accessify.core.text import Placement, Region

_SAFE = 10.0
_ROW = 6.75
"""Height of a row of text in percent of the picture: font 5.4 %, line height 125 %."""
_DEEP = 35.0
"""Height of a region in percent; room for five rows."""
_LEFT, _CENTER, _RIGHT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Area:
    """A TTML region: everything in percent of the picture."""

    x: float = _SAFE
    y: float = 55.0
    width: float = 100 - 2 * _SAFE
    height: float = _DEEP
    display_align: str = "after"
    """Which edge the text grows from: `before` (top), `center` or `after` (bottom)."""
    text_align: str = "center"
    """`left`, `center`, `right`, `start` or `end`."""
    vertical: str | None = None
    """`rl` or `lr` for vertical text."""

    @property
    def point(self) -> tuple[float, float]:
        """The point of the picture that the text grows from."""
        x = (self.x, self.x + self.width / 2, self.x + self.width)[_side(self.text_align)]
        share = {"before": 0.0, "center": 0.5}.get(self.display_align, 1.0)
        return x, self.y + share * self.height


def _side(align: str) -> int:
    return {"left": _LEFT, "start": _LEFT, "right": _RIGHT, "end": _RIGHT}.get(align, _CENTER)


BOTTOM = Area()
TOP = Area(y=_SAFE, display_align="before")


def area_of(placement: Placement | None, regions: dict[str, Region]) -> Area:
    """The area a placement asks for, kept inside the picture."""
    if placement is None or placement == Placement():
        return BOTTOM
    region = regions.get(placement.region or "")
    if region and placement.line is None and placement.line_number is None:
        return _region_area(region, placement)
    align = placement.align or "center"
    x, width = _columns(placement, align)
    y, height, display_align = _rows(placement)
    return _area((x, y, width, height), display_align, placement)


def _columns(placement: Placement, align: str) -> tuple[float, float]:
    """Left edge and width (WebVTT §7.2: position, its alignment, then as wide as there is room)."""
    edge = {"line-left": _LEFT, "center": _CENTER, "line-right": _RIGHT}.get(
        placement.position_align or "", _side(align)
    )
    position = placement.position
    if position is None:
        position = (_SAFE, 50.0, 100 - _SAFE)[edge]
    room = (100 - position, 2 * min(position, 100 - position), position)[edge]
    wanted = 100 - 2 * _SAFE if placement.size is None else placement.size
    width = max(min(wanted, room), 10.0)
    x = (position, position - width / 2, position - width)[edge]
    return min(max(x, 0.0), 100 - width), width


def _rows(placement: Placement) -> tuple[float, float, str]:
    """Top edge, height, and the edge text grows from."""
    number, line = placement.line_number, placement.line
    if number is not None:
        far = min(abs(number + (number < 0)) * _ROW, 100 - 2 * _SAFE - _ROW)
        if number >= 0:
            return _SAFE + far, min(_DEEP, 100 - _SAFE - far), "before"
        line, align = 100 - _SAFE - far, "end"
    elif line is None:
        return BOTTOM.y, BOTTOM.height, BOTTOM.display_align
    else:
        align = placement.line_align or "start"
    if align == "center":
        height = max(2 * min(line, 100 - line, _DEEP / 2), _ROW)
        return min(max(line - height / 2, 0.0), 100 - height), height, "center"
    if align == "end":
        height = max(min(_DEEP, line), _ROW)
        return max(line - height, 0.0), height, "after"
    height = max(min(_DEEP, 100 - line), _ROW)
    return min(line, 100 - height), height, "before"


def _region_area(region: Region, placement: Placement) -> Area:
    """A WebVTT region: `lines` rows high, its anchor pinned to a point of the picture (§3.4)."""
    width = min(max(region.width, 10.0), 100.0)
    height = min(max(region.lines, 1) * _ROW, 100.0)
    left = region.viewport_anchor[0] - region.region_anchor[0] * width / 100
    top = region.viewport_anchor[1] - region.region_anchor[1] * height / 100
    x, y = min(max(left, 0.0), 100 - width), min(max(top, 0.0), 100 - height)
    return _area((x, y, width, height), "after", placement)


def _area(box: tuple[float, float, float, float], display_align: str, placement: Placement) -> Area:
    x, y, width, height = (round(number, 3) for number in box)
    return Area(x, y, width, height, display_align, placement.align or "center", placement.vertical)


def placement_of(area: Area) -> Placement | None:
    """The placement that an area asks for: None for ours at the bottom, row 0 for ours at the top."""
    edge, line = area.point
    is_ours = (area.x, area.width) == (BOTTOM.x, BOTTOM.width)
    placement = Placement(
        position=None if is_ours else round(edge, 3),
        size=None if is_ours else round(area.width, 3),
        align=None if area.text_align == "center" else area.text_align,
        vertical=area.vertical,
    )
    rows = (area.y, area.height, area.display_align)
    if rows == (BOTTOM.y, BOTTOM.height, BOTTOM.display_align):
        return None if placement == Placement() else placement
    if rows == (TOP.y, TOP.height, TOP.display_align):
        return replace(placement, line_number=0)
    line_align = {"before": None, "center": "center"}.get(area.display_align, "end")
    return replace(placement, line=round(line, 3), line_align=line_align)
