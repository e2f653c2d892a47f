"""The avatar bench as rows of tables: figures, kinds of signs, clips, letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from accessify.evaluation.avatar_figures import AVATAR
from accessify.evaluation.figures import Rows, measured_rows

Bench = dict[str, Any]


def figures_rows(bench: Bench) -> Rows:
    """What was measured beside what it has to reach."""
    return measured_rows(AVATAR, bench["figures"])


def short_rows(bench: Bench) -> Rows:
    """What has to reach something."""
    head, rows = figures_rows(bench)
    return head, [row for row in rows if row[2]]


def kinds_rows(bench: Bench) -> Rows:
    """Kind of sign by kind, beside the reference."""
    head = ("kind of sign", "signs", "first posture", "path", "palm", "direction", "joints")
    kinds = (bench["notation"] or {}).get("kinds", {})
    return head, [
        (
            kind,
            str(row["signs"]),
            f"{row['first_mean']:.3f}",
            f"{row['path_mean']:.3f}",
            *(f"{row[name]:.1f}°" for name in ("palm_mean", "direction_mean", "bend_mean")),
        )
        for kind, row in kinds.items()
    ]


def worst_rows(bench: Bench) -> Rows:
    """The signs farthest from the reference."""
    rows: list[tuple[str, ...]] = [
        (row["gloss"], f"{row['first']:.2f}", f"{row['path']:.2f}")
        for row in (bench["notation"] or {}).get("worst", [])
    ]
    return ("sign", "first posture", "path"), rows


def undone_rows(bench: Bench) -> Rows:
    """What of the strings is not done, and how often."""
    strings = (bench["notation"] or {}).get("strings", {})
    rows: list[tuple[str, ...]] = [(why, str(count)) for why, count in strings.get("not_done", {}).items()]
    return ("what is not done", "signs"), rows


def clips_rows(bench: Bench) -> Rows:
    """Landmarks on the figure, clip by clip."""
    head = ("clip", "hands", "direction", "palm", "too fast for hands", "deepest in the body")
    rows: list[tuple[str, ...]] = [
        (
            f"`{row['clip']}`",
            str(row["hands"]),
            f"{row['direction_mean']:.1f}°",
            f"{row['palm_mean']:.1f}°",
            f"{100 * row['wild']:.0f} %",
            f"{row['deepest']:.1f} mm",
        )
        for row in (bench["retarget"] or {}).get("rows", [])
    ]
    rows += [(f"`{name}`", f"refused: {why}", "", "", "", "") for name, why in _refused(bench).items()]
    return head, rows


def _refused(bench: Bench) -> dict[str, str]:
    return dict((bench["retarget"] or {}).get("refused", {}))


def letters_rows(bench: Bench) -> Rows:
    """The avatar's own letters read back, view by view."""
    rows: list[tuple[str, ...]] = [
        (
            row["view"],
            f"{100 * row['right']:.0f} %",
            f"{100 * row['found']:.0f} %",
            ", ".join(_taken(letter, found) for letter, found in row["wrong"].items()) or "—",
        )
        for row in _letters(bench).get("views", [])
    ]
    return ("pictures", "read right", "hands found", "mistakes"), rows


def confused_rows(bench: Bench) -> Rows:
    """What letters are taken for, the most frequent mistake first."""
    found = _letters(bench).get("confused", [])
    return ("letter", "views"), [(_taken(letter, other), str(times)) for letter, other, times in found]


def _letters(bench: Bench) -> Bench:
    """What is told of the letters; nothing in files of the first layout, which had a list of sizes."""
    found = bench["letters"]
    return found if isinstance(found, dict) else {}


def _taken(letter: str, found: str) -> str:
    return f"{letter} as {found or 'no hand'}"


PARTS: Mapping[str, Callable[[Bench], Rows]] = MappingProxyType(
    {
        "kinds": kinds_rows,
        "worst": worst_rows,
        "undone": undone_rows,
        "clips": clips_rows,
        "letters": letters_rows,
        "confused": confused_rows,
    }
)
"""Part of the bench → its table."""
