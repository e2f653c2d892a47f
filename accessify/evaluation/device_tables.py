"""The device bench as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from accessify.evaluation.device_bench import fast_enough
from accessify.evaluation.figures import Rows


def advice_rows(bench: dict[str, Any]) -> Rows:
    """What to choose."""
    rows: list[tuple[str, ...]] = [
        (row["task"], row["choice"], row["why"], row["sure"]) for row in bench["advice"]
    ]
    return ("for", "choose", "because", "how sure"), rows


def captions_rows(bench: dict[str, Any]) -> Rows:
    """Every engine and size."""
    head = ("captions", "precision", "device", "threads", "MB", "× speech", "live, s", "good for", "")
    return head, [_caption(row) for row in bench["captions"]]


def _caption(row: Mapping[str, Any]) -> tuple[str, ...]:
    if "missing" in row:
        return (row["what"], *[""] * 7, row["missing"])
    good = [word for word, live in (("live", True), ("files", False)) if fast_enough(dict(row), live=live)]
    return (
        row["what"],
        row["precision"],
        row["device"],
        str(row["threads"]),
        f"{row['bytes'] / 1e6:.0f}",
        f"{row['file_x']:.1f}",
        f"{row['live_s']:.2f}",
        ", ".join(good) or "neither",
        "" if row["measured"] else "reckoned",
    )


def parts_rows(bench: dict[str, Any]) -> Rows:
    """Everything else."""
    rows: list[tuple[str, ...]] = [
        (row["what"], "", "", row["missing"])
        if "missing" in row
        else (row["what"], f"{row['value']:.0f}", row["unit"], row["how"])
        for row in bench["parts"]
    ]
    return ("part", "", "", ""), rows


def devices_rows(bench: dict[str, Any]) -> Rows:
    """What onnxruntime can compute on here."""
    rows: list[tuple[str, ...]] = [
        (row["device"], row["state"], f"{row['ms']:.1f}" if "ms" in row else "", row["told"])
        for row in bench["devices"]
    ]
    return ("device", "", "sign encoder, 8 clips, ms", ""), rows


PARTS: Mapping[str, Callable[[dict[str, Any]], Rows]] = MappingProxyType(
    {"advice": advice_rows, "captions": captions_rows, "parts": parts_rows, "devices": devices_rows}
)
"""Part of the bench → its table, in the order in which they are printed."""
