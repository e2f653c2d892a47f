"""What a TTML file's head defines: styles that refer to each other, and regions (TTML2 §10.4, §11)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from accessify.captions.formats.ttml_layout import Area, placement_of
from accessify.captions.formats.xml_tree import XML, Element
from accessify.core.text import Placement

_LENGTH = re.compile(r"(-?\d{1,6}(?:\.\d{1,9})?)(%|px|c|rw|rh)")
_NOT_INHERITED = frozenset({"origin", "extent", "displayAlign", "position", "backgroundColor", "padding"})
_VERTICAL = {"tbrl": "rl", "tb": "rl", "tblr": "lr"}


_NOT_STYLES = frozenset({"style", "region", "begin", "end", "dur", "timeContainer", "agent", "role", "ruby"})


@dataclass(slots=True)
class Styles:
    """Style elements by id."""

    by_id: dict[str, dict[str, str]] = field(default_factory=dict)
    _known: dict[str, dict[str, str]] = field(default_factory=dict)
    """Styles whose references are resolved; empty while one is, so that a circle ends."""

    def resolved(self, own: dict[str, str]) -> dict[str, str]:
        """An element's style properties: those it refers to, the last winning, then its own (TTML2 §10.4)."""
        styles: dict[str, str] = {}
        for name in own.get("style", "").split():
            if name in self.by_id and name not in self._known:
                self._known[name] = {}
                self._known[name] = self.resolved(self.by_id[name])
            styles |= self._known.get(name, {})
        return styles | {key: value for key, value in own.items() if key not in _NOT_STYLES}


@dataclass(slots=True)
class Areas:
    """Styles and regions of one file."""

    styles: Styles
    regions: dict[str, dict[str, str]]
    """Resolved style properties of each region."""
    units: dict[str, tuple[float, float]]
    """What one unit is in percent of the picture's width and height."""

    @classmethod
    def of(cls, head: Element, parameters: dict[str, str]) -> Areas:
        """Read the `styling` and `layout` of a head."""
        styles = Styles()
        for styling in head.elements("styling"):
            for style in styling.elements("style"):
                styles.by_id[style.attributes.get((XML, "id"), "")] = _plain(style)
        regions = {}
        for layout in head.elements("layout"):
            for region in layout.elements("region"):
                nested: dict[str, str] = {}
                for style in region.elements("style"):
                    nested |= styles.resolved(_plain(style))
                regions[region.attributes.get((XML, "id"), "")] = nested | styles.resolved(_plain(region))
        return cls(styles, regions, _units(parameters))

    def inherited(self, region: str | None) -> dict[str, str]:
        """The properties that text inherits from its region."""
        styles = self.regions.get(region or "", {})
        return {key: value for key, value in styles.items() if key not in _NOT_INHERITED}

    def placement(self, region: str | None, styles: dict[str, str]) -> Placement | None:
        """Where a paragraph with the inherited `styles` stands; None without a region."""
        if region not in self.regions:
            return None
        looks = self.regions[region]
        area = Area(
            0,
            0,
            100,
            100,
            display_align=looks.get("displayAlign", "before"),
            text_align=styles.get("textAlign", "start"),
            vertical=_VERTICAL.get(looks.get("writingMode", "")),
        )
        size = self._pair(looks.get("extent"))
        corner = self._pair(looks.get("origin") or looks.get("position"))
        if size:
            area = replace(area, width=size[0], height=size[1])
        if corner:
            area = replace(area, x=corner[0], y=corner[1])
        return placement_of(_inside(area))

    def _pair(self, text: str | None) -> tuple[float, float] | None:
        """Two lengths in percent of the picture, or None for what is no pair of lengths."""
        matches = [_LENGTH.fullmatch(part) for part in (text or "").split()]
        if len(matches) != 2 or not all(matches):
            return None
        values = [float(match[1]) * self.units[match[2]][axis] for axis, match in enumerate(matches) if match]
        return round(values[0], 3), round(values[1], 3)


def _plain(element: Element) -> dict[str, str]:
    return {
        name: value.strip() for (namespace, name), value in element.attributes.items() if namespace != XML
    }


def _units(parameters: dict[str, str]) -> dict[str, tuple[float, float]]:
    """Percent per unit: pixels of the root's extent, cells of `ttp:cellResolution` (32 × 15)."""
    cells = re.fullmatch(r"\s*([1-9]\d{0,4})\s+([1-9]\d{0,4})\s*", parameters.get("cellResolution", "32 15"))
    columns, rows = (int(cells[1]), int(cells[2])) if cells else (32, 15)
    size = re.fullmatch(r"\s*([1-9]\d{0,5})px\s+([1-9]\d{0,5})px\s*", parameters.get("extent", ""))
    width, height = (int(size[1]), int(size[2])) if size else (1920, 1080)
    return {
        "%": (1.0, 1.0),
        "rw": (1.0, 1.0),
        "rh": (1.0, 1.0),
        "c": (100 / columns, 100 / rows),
        "px": (100 / width, 100 / height),
    }


def _inside(area: Area) -> Area:
    x, y = min(max(area.x, 0.0), 100.0), min(max(area.y, 0.0), 100.0)
    width, height = min(max(area.width, 0.0), 100 - x), min(max(area.height, 0.0), 100 - y)
    return replace(area, x=x, y=y, width=width, height=height)
