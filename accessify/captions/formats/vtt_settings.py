"""Settings of WebVTT cues and regions, to and from `Placement` and `Region`.

Syntax: WebVTT §4.3 and §4.4; parsing: §6.2 and §6.3; defaults: §3.3 and §3.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from accessify.core.text import Placement, Region

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,12})?)%")
_NUMBER = re.compile(r"-?\d{1,9}")
_LINE_ALIGNS = ("start", "center", "end")
_POSITION_ALIGNS = ("line-left", "center", "line-right")
_ALIGNS = ("start", "center", "end", "left", "right")
_OLD_ALIGNS = {"middle": "center"}  # drafts before 2015


def parse_settings(text: str) -> tuple[Placement | None, list[str]]:
    """Placement and the settings that were not understood, of the rest of a timing line."""
    placement = Placement()
    ignored = []
    for item in text.split():
        name, _, value = item.partition(":")
        try:
            placement = replace(placement, **_SETTINGS[name](value))
        except (KeyError, ValueError):
            ignored.append(item)
    return (None if placement == Placement() else placement), ignored


def spell_settings(placement: Placement | None) -> str:
    """Cue settings with a leading space, or an empty string."""
    if placement is None:
        return ""
    line = number_text(placement.line, "%")
    if placement.line_number is not None:
        line = str(placement.line_number)
    parts = {
        "region": _region_id(placement.region or ""),
        "vertical": placement.vertical,
        "line": _with_align(line, placement.line_align),
        "position": _with_align(number_text(placement.position, "%"), placement.position_align),
        "size": number_text(placement.size, "%"),
        "align": placement.align,
    }
    return "".join(f" {name}:{value}" for name, value in parts.items() if value)


def parse_region(text: str) -> tuple[Region | None, list[str]]:
    """The region that the settings of a REGION block define (None without an id), and what was ignored."""
    values: dict[str, Any] = {}
    ignored = []
    for item in text.split():
        name, _, value = item.partition(":")
        try:
            values |= _REGION_SETTINGS[name](value)
        except (KeyError, ValueError):
            ignored.append(item)
    return (Region(**values) if "id" in values else None), ignored


def spell_region(region: Region) -> str:
    """The lines of a REGION block; values at their default (§3.4) are left out."""
    default = Region(region.id)
    lines = ["REGION", f"id:{_region_id(region.id)}"]
    if region.width != default.width:
        lines.append(f"width:{number_text(region.width, '%')}")
    if region.lines != default.lines:
        lines.append(f"lines:{region.lines}")
    for name in ("region_anchor", "viewport_anchor"):
        pair = getattr(region, name)
        if pair != getattr(default, name):
            spelled = ",".join(number_text(value, "%") for value in pair)
            lines.append(f"{name.replace('_', '')}:{spelled}")
    return "\n".join([*lines, *(["scroll:up"] if region.scroll else [])])


def number_text(value: float | None, unit: str = "") -> str:
    """A number without needless zeros, at most six decimals; empty for None."""
    if value is None:
        return ""
    return f"{value:.6f}".rstrip("0").rstrip(".") + unit


def _region_id(text: str) -> str:
    return re.sub(r"\s+|-->", "-", text)


def _with_align(value: str, align: str | None) -> str:
    return f"{value},{align}" if value and align else value


def _percent(text: str) -> float:
    match = _PERCENT.fullmatch(text)
    if not match or float(match[1]) > 100:
        raise ValueError(text)
    return float(match[1])


def _one_of(text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise ValueError(text)
    return text


def _line(text: str) -> dict[str, Any]:
    value, _, align = text.partition(",")
    aligned = _one_of(align, _LINE_ALIGNS) if align else None
    if _NUMBER.fullmatch(value):
        return {"line_number": int(value), "line": None, "line_align": aligned}
    return {"line": _percent(value), "line_number": None, "line_align": aligned}


def _position(text: str) -> dict[str, Any]:
    value, _, align = text.partition(",")
    aligned = _one_of(align, _POSITION_ALIGNS) if align else None
    return {"position": _percent(value), "position_align": aligned}


def _anchor(text: str) -> tuple[float, float]:
    x, _, y = text.partition(",")
    return _percent(x), _percent(y)


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text):
        raise ValueError(text)
    return int(text)


def _named(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


_SETTINGS: dict[str, Callable[[str], dict[str, Any]]] = {
    "vertical": lambda text: {"vertical": _one_of(text, ("rl", "lr"))},
    "line": _line,
    "position": _position,
    "size": lambda text: {"size": _percent(text)},
    "align": lambda text: {"align": _one_of(_OLD_ALIGNS.get(text, text), _ALIGNS)},
    "region": lambda text: {"region": _named(text)},
}
_REGION_SETTINGS: dict[str, Callable[[str], dict[str, Any]]] = {
    "id": lambda text: {"id": _named(text)},
    "width": lambda text: {"width": _percent(text)},
    "lines": lambda text: {"lines": _count(text)},
    "regionanchor": lambda text: {"region_anchor": _anchor(text)},
    "viewportanchor": lambda text: {"viewport_anchor": _anchor(text)},
    "scroll": lambda text: {"scroll": bool(_one_of(text, ("up",)))},
}
