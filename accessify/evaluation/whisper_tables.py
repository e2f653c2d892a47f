"""The Whisper bench as rows of tables: speed and memory, losses, exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from accessify.evaluation.figures import Rows, measured_rows
from accessify.evaluation.whisper_figures import WHISPER
from accessify.evaluation.whisper_report import ratio
from accessify.evaluation.whisper_systems import OURS, TITLES

Bench = dict[str, Any]


def figures_rows(bench: Bench) -> Rows:
    """What was measured beside what it has to reach."""
    return measured_rows(WHISPER, bench["figures"])


def short_rows(bench: Bench) -> Rows:
    """What has to reach something."""
    head, rows = figures_rows(bench)
    return head, [row for row in rows if row[2]]


def speed_rows(bench: Bench) -> Rows:
    """Who heard the same windows and wrote as many tokens, beside each other."""
    head = (
        *("model", "system", "precision", "windows at once", "s for 30 s of sound", "real-time factor"),
        *("time, ours int8 = 1", "peak memory"),
    )
    ours = {(row["size"], row["batch"]): row for row in bench["rows"] if _is_ours(row)}
    window = bench["data"]["window_s"]
    return head, [
        (
            row["size"],
            TITLES.get(row["system"], row["system"]),
            row["precision"],
            str(row["batch"]),
            f"{row['seconds']:.2f} s",
            f"{row['seconds'] / window:.3f}",
            f"{ratio(row, ours[row['size'], row['batch']]):.2f}",
            f"{row['peak'] / 1e6:.0f} MB",
        )
        for row in bench["rows"]
    ]


def loss_rows(bench: Bench) -> Rows:
    """Errors in each precision on true speech."""
    losses = bench["losses"]
    if not losses:
        return ("precision", "errors"), []
    names = {"en": "English, words", "zh": "Mandarin, characters"}
    languages = list(losses[0]["errors"])
    head = ("", *(f"wrong in {names.get(one, one)}" for one in languages), "texts that differ")
    return head, [
        (
            loss["name"] if loss is losses[0] else f"whisper-onnx {loss['name']}",
            *(f"{loss['errors'][one]:.2f} %" for one in languages),
            f"{loss['differ']} of {bench['utterances']}",
        )
        for loss in losses
    ]


def export_rows(bench: Bench) -> Rows:
    """What an export takes, verification included."""
    return ("model", "precision", "time", "peak memory", "the folder"), [
        (
            made["size"],
            made["precision"],
            f"{made['seconds']:.0f} s",
            f"{made['peak'] / 1e9:.2f} GB",
            f"{made['bytes'] / 1e6:.0f} MB",
        )
        for made in bench["exports"]
    ]


def _is_ours(row: Mapping[str, Any]) -> bool:
    return bool(row["system"] == OURS and row["precision"] == "int8")


PARTS: Mapping[str, Callable[[Bench], Rows]] = MappingProxyType(
    {"speed": speed_rows, "losses": loss_rows, "exports": export_rows}
)
"""Part of the bench → its table."""
