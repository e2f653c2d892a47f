"""Hand shapes as numbers: how far each finger bends, where the thumb tip is, and from where it is seen.

What the tables of `alphabets/*.toml` say about the hands of a letter, as values. Angles are degrees; points
are in hand axes (x towards the thumb's side, y towards the fingertips, z out of the palm) where the middle
knuckle is 1 from the wrist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accessify.core.errors import FormatError
from accessify.core.holistic import HAND_POINTS

Vector = tuple[float, float, float]
Bends = tuple[Vector, Vector, Vector, Vector]


@dataclass(frozen=True, slots=True)
class View:
    """From where a hand is seen: two directions in a viewer's axes (x right, y down, z away)."""

    fingers: Vector
    """Where wrist to middle knuckle points."""
    palm: Vector
    """Where the palm faces; need not be square to `fingers`."""
    weight: float = 1.0
    """How common it is among the views of a shape."""


@dataclass(frozen=True, slots=True)
class HandShape:
    """One way to form a hand."""

    bends: Bends
    """Index to little finger: bend of knuckle, middle and end joint (MCP, PIP, DIP); 0 is straight,
    positive towards the palm."""
    spread: tuple[float, float, float, float]
    """Index to little finger: turn at the knuckle in the palm's plane, positive towards the thumb."""
    thumb_near: int
    """Number of the hand point that the thumb tip is placed from."""
    thumb_offset: Vector
    """From that point to the thumb tip."""
    thumb_bulge: Vector
    """Direction to which the thumb's joints stand out."""
    views: tuple[View, ...]
    vary: float = 7.0
    """Standard deviation of the bends from person to person."""


def parse_views(table: Any) -> dict[str, tuple[View, ...]]:
    """The named sets of views of an alphabet; raises `FormatError`."""
    if not isinstance(table, dict):
        raise FormatError("views must be a table of named sets; write [views.front] with seen = […]")
    return {name: _views(name, entry) for name, entry in table.items()}


def parse_hands(entries: Any, views: Mapping[str, tuple[View, ...]], where: str) -> tuple[HandShape, ...]:
    """The hand shapes in the list `entries`, `where` named in errors; raises `FormatError`."""
    if not isinstance(entries, list):
        raise FormatError(f"{where}: hands must be a list of tables")
    return tuple(_shape(entry, views, where) for entry in entries)


def _views(name: str, entry: Any) -> tuple[View, ...]:
    seen = entry.get("seen") if isinstance(entry, dict) else None
    if not isinstance(seen, list) or not seen:
        raise FormatError(f"views {name}: write seen = [{{ fingers = […], palm = […] }}]")
    found = []
    for one in seen:
        where = f"views {name}"
        _keys(one, {"fingers", "palm"}, {"weight"}, where)
        weight = one.get("weight", 1.0)
        if not isinstance(weight, int | float) or weight <= 0:
            raise FormatError(f"{where}: weight must be a positive number")
        view = View(_vector(one["fingers"], where), _vector(one["palm"], where), float(weight))
        if not _spans_a_plane(view.fingers, view.palm):
            raise FormatError(f"{where}: fingers and palm must be two different directions")
        found.append(view)
    return tuple(found)


def _shape(entry: Any, views: Mapping[str, tuple[View, ...]], where: str) -> HandShape:
    _keys(entry, {"bends", "spread", "thumb", "view"}, {"vary"}, where)
    thumb = entry["thumb"]
    _keys(thumb, {"near", "offset", "bulge"}, set(), f"{where}, thumb")
    if thumb["near"] not in HAND_POINTS:
        raise FormatError(f"{where}: thumb is near no point of a hand; known: {', '.join(HAND_POINTS)}")
    if entry["view"] not in views:
        raise FormatError(f"{where}: no views {entry['view']!r}; known: {', '.join(views)}")
    bends, spread = entry["bends"], entry["spread"]
    if not isinstance(bends, list) or len(bends) != 4:
        raise FormatError(f"{where}: bends must be four fingers of three angles")
    first, second, third, fourth = (_vector(one, where) for one in bends)
    vary = entry.get("vary", 7.0)
    if not isinstance(vary, int | float) or vary < 0:
        raise FormatError(f"{where}: vary must be degrees, 0 or more")
    return HandShape(
        (first, second, third, fourth),
        _four(spread, where),
        HAND_POINTS.index(thumb["near"]),
        _vector(thumb["offset"], where),
        _vector(thumb["bulge"], where),
        views[entry["view"]],
        float(vary),
    )


def _keys(entry: Any, needed: set[str], optional: set[str], where: str) -> None:
    if not isinstance(entry, dict):
        raise FormatError(f"{where} must be a table, not {entry!r}")
    missing, unknown = sorted(needed - entry.keys()), sorted(entry.keys() - needed - optional)
    if missing or unknown:
        what = f"lacks the key {missing[0]!r}" if missing else f"has no key {unknown[0]!r}"
        raise FormatError(f"{where} {what}; known: {', '.join(sorted(needed | optional))}")


def _numbers(value: Any, count: int, where: str) -> list[float]:
    good = isinstance(value, list) and all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in value
    )
    if not good or len(value) != count:
        raise FormatError(f"{where}: expected {count} numbers, not {value!r}")
    return [float(one) for one in value]


def _vector(value: Any, where: str) -> Vector:
    x, y, z = _numbers(value, 3, where)
    return x, y, z


def _four(value: Any, where: str) -> tuple[float, float, float, float]:
    a, b, c, d = _numbers(value, 4, where)
    return a, b, c, d


def _spans_a_plane(a: Vector, b: Vector) -> bool:
    cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    return sum(part * part for part in cross) > 1e-6
