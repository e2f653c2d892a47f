"""Where captions stand in the picture: what a signer must not cover.

Rules for the places of cues: WebVTT, https://www.w3.org/TR/webvtt1/ §7.2. How large letters are is up to the
player: a row of 6.5 % of the height holds WebVTT's usual 5.33 % with its background.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accessify.core.text import Cue, Placement, Region, is_wide

ROW = 0.065
"""Height of a row of captions, of the picture's height."""
_LETTER = 0.017
"""Width of a letter, of the picture's width: 42 and some air take the whole of it; wide ones take two."""
_CENTERED = Placement()


@dataclass(frozen=True, slots=True, order=True)
class Zone:
    """A rectangle of a picture, in shares of its width and height, from the top left."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Zone) -> bool:
        """Whether both share more than an edge."""
        return max(self.left, other.left) < min(self.right, other.right) and max(self.top, other.top) < min(
            self.bottom, other.bottom
        )


USUAL = Zone(0.0, 0.80, 1.0, 1.0)
"""Two rows at the bottom with the air below them, where nobody says where captions are: burnt in, or drawn by
a player."""


def caption_zones(cues: Iterable[Cue], regions: Sequence[Region] = ()) -> tuple[Zone, ...]:
    """All places that `cues` ever take, without repeats; `regions` are those that their document defines."""
    named = {region.id: region for region in regions}
    return tuple(sorted({_zone(cue, named) for cue in cues if cue.text.strip()}))


def _zone(cue: Cue, regions: dict[str, Region]) -> Zone:
    placement = cue.placement or _CENTERED
    region = regions.get(placement.region or "")
    if region is not None:
        return _of_region(region)
    left, right = _across(placement)
    rows = sum(_rows(line, right - left) for line in cue.lines)
    top, bottom = _along(placement, rows)
    if placement.vertical:  # columns of text: what was down is across; from the right unless told otherwise
        if placement.line is None and placement.line_number is None:
            top, bottom = 0.0, 1.0
        elif placement.vertical == "rl":
            top, bottom = 1 - bottom, 1 - top
        return Zone(top, left, bottom, right)
    return Zone(left, top, right, bottom)


def _of_region(region: Region) -> Zone:
    width, height = region.width / 100, region.lines * ROW
    left = region.viewport_anchor[0] / 100 - width * region.region_anchor[0] / 100
    top = region.viewport_anchor[1] / 100 - height * region.region_anchor[1] / 100
    return _inside(left, top, left + width, top + height)


def _across(placement: Placement) -> tuple[float, float]:
    """From where to where a cue may reach, of the picture's width."""
    usual = {"start": 0.0, "left": 0.0, "end": 100.0, "right": 100.0}.get(placement.align or "", 50.0)
    position = min(100.0, max(0.0, usual if placement.position is None else placement.position))
    by_text = {"start": "line-left", "left": "line-left", "end": "line-right", "right": "line-right"}
    edge = placement.position_align or by_text.get(placement.align or "", "center")
    room = {"line-left": 100 - position, "line-right": position}.get(edge, 2 * min(position, 100 - position))
    size = min(room, 100.0 if placement.size is None else placement.size)
    left = position - {"line-left": 0.0, "line-right": size}.get(edge, size / 2)
    return left / 100, (left + size) / 100


def _rows(line: str, width: float) -> int:
    """Rows that `line` takes where it may be `width` wide."""
    letters = sum(2 if is_wide(letter) else 1 for letter in line)
    return max(1, -(-round(1000 * letters * _LETTER) // max(1, round(1000 * width))))


def _along(placement: Placement, rows: int) -> tuple[float, float]:
    """From where to where a cue of so many rows reaches, of the picture's height."""
    height = rows * ROW
    if placement.line_number is not None:
        first = placement.line_number * ROW
        top = first if placement.line_number >= 0 else 1 + first - (rows - 1) * ROW
    elif placement.line is None:
        return max(0.0, min(USUAL.top, 1 - height)), 1.0  # and the air below, which players set as they like
    else:
        shift = {"center": height / 2, "end": height}.get(placement.line_align or "", 0.0)
        top = placement.line / 100 - shift
    top = max(0.0, min(top, 1 - height))
    return top, min(1.0, top + height)


def _inside(left: float, top: float, right: float, bottom: float) -> Zone:
    left, top = min(max(left, 0.0), 1.0), min(max(top, 0.0), 1.0)
    return Zone(left, top, min(max(right, left), 1.0), min(max(bottom, top), 1.0))
