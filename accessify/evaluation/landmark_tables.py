"""The landmarks bench as rows of tables: figures clip by clip, systems, hands, stages, single networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from accessify.evaluation.figures import Figure, Rows
from accessify.evaluation.landmark_choices import USUAL
from accessify.evaluation.landmark_figures import CLIPS, RUN, figure_for
from accessify.evaluation.landmark_rounds import TITLES

Bench = dict[str, Any]


def figures_rows(bench: Bench) -> Rows:
    """What was measured on each clip beside what it has to reach."""
    clips = bench["clips"]
    head = ("", *clips, "target", "")
    rows = [
        _figure_row(figure, bench)
        for figure in CLIPS
        if any(figure.name in clip["figures"] for clip in clips.values())
    ]
    return head, rows


def _figure_row(figure: Figure, bench: Bench) -> tuple[str, ...]:
    cells, limits, missed = [], [], []
    for name, clip in bench["clips"].items():
        own, value = figure_for(figure, name), clip["figures"].get(figure.name)
        cells.append("—" if value is None else own.show(value))
        if own.target is None or value is None:
            continue
        limits.append(str(own.target))
        if not own.target.reached(value):
            missed.append(name)
    judged = dict.fromkeys(limits)
    verdict = "missed" if len(missed) == len(limits) else f"missed on {', '.join(missed)}"
    return figure.title, *cells, ", ".join(judged), "" if not limits else verdict if missed else "reached"


def run_rows(bench: Bench) -> Rows:
    """The figures of the whole run."""
    rows: list[tuple[str, ...]] = []
    for figure in RUN:
        if figure.name in bench["figures"]:
            title, value, _, target, verdict = figure.row(bench["figures"][figure.name])
            rows.append((title, value, target, verdict))
    return ("", "measured", "target", ""), rows


def systems_rows(bench: Bench) -> Rows:
    """The systems of one run beside each other, clip by clip."""
    head = ("", "clip", "pictures a second", "CPU ms a picture", "wait for a pose, median", "95 %")
    rows: list[tuple[str, ...]] = []
    for system, title in TITLES.items():
        for name, clip in bench["clips"].items():
            row = clip["systems"].get(system)
            if row:
                waits = (_number(row.get(f"wait_{part}_ms"), 1, " ms") for part in ("p50", "p95"))
                rows.append((title, name, f"{row['fps']:.1f}", f"{row['cpu_ms']:.1f}", *waits))
    return head, rows


def hands_rows(bench: Bench) -> Rows:
    """Who finds hands how often, and how far apart they are."""
    head = ("clip", "hand", "both", "only accessify", "only reference", "mean px", "median px", "< 0.5 px")
    rows: list[tuple[str, ...]] = []
    for name, clip in bench["clips"].items():
        for side, row in clip["hands"].items():
            counts = (str(row[key]) for key in ("both", "only_ours", "only_theirs"))
            away = (_number(row.get(key), 3, "") for key in ("mean_px", "median_px"))
            rows.append((name, side, *counts, *away, _number(row.get("close_percent"), 0, " %")))
    return head, rows


def verdicts_rows(bench: Bench) -> Rows:
    """Which of the hands that only one side found are hands."""
    head = ("clip", "found by", "a hand", "none", "not looked at", "looked at by")
    rows: list[tuple[str, ...]] = []
    for name, clip in bench["clips"].items():
        told = clip.get("verdicts", {})
        for key, title in (("only_ours", "only accessify"), ("only_theirs", "only reference")):
            if key in told:
                counts = (str(told[key][count]) for count in ("hands", "none", "not_looked_at"))
                rows.append((name, title, *counts, told["by"] or "nobody"))
    return head, rows


def jitter_rows(bench: Bench) -> Rows:
    """How much each part trembles, unsmoothed."""
    rows: list[tuple[str, ...]] = [
        (name, part, f"{row['ours_px']:.2f}", f"{row['theirs_px']:.2f}", f"{row['ratio']:.2f}")
        for name, clip in bench["clips"].items()
        for part, row in clip["jitter"].items()
    ]
    return ("clip", "part", "accessify, px", "reference, px", "ratio"), rows


def stages_rows(bench: Bench) -> Rows:
    """Where the time goes when one network runs at a time."""
    clips = bench["clips"]
    names = list(dict.fromkeys(name for clip in clips.values() for name in clip["stages"] if name != "rest"))
    head = ("", *(f"{clip}, {what}" for clip in clips for what in ("ms a picture", "runs a picture")))
    rows: list[tuple[str, ...]] = []
    for name in (*names, "rest"):
        cells: list[str] = []
        for clip in clips.values():
            row = clip["stages"].get(name, {})
            cells += [_number(row.get("ms"), 2, ""), _number(row.get("runs"), 2, "")]
        rows.append(("tracking, hand-over and Python" if name == "rest" else f"`{name}`", *cells))
    sums = [sum(row["ms"] for row in clip["stages"].values()) for clip in clips.values()]
    rows.append(("all", *(cell for total in sums for cell in (f"{total:.2f}", ""))))
    return head, rows


def choices_rows(bench: Bench) -> Rows:
    """What each choice costs beside the defaults, and what it gives."""
    clips = bench["clips"]
    parts = ("time", "CPU", "hands", "off by, px")
    head = ("", *(f"{clip}, {part}" for clip in clips for part in parts))
    rows: list[tuple[str, ...]] = []
    for name in dict.fromkeys(name for clip in clips.values() for name in clip["choices"]):
        cells: list[str] = []
        for clip in clips.values():
            row = clip["choices"][name]
            for cost in (row["wall"], row["cpu"]):
                cells.append(f"{1000 * cost:.1f} ms" if name == USUAL else f"{cost:.2f} ×")
            cells += [str(row["hands"]), _number(row["median_px"], 3, "")]
        rows.append((name, *cells))
    return head, rows


def graphs_rows(bench: Bench) -> Rows:
    """Each converted network beside TensorFlow Lite's interpreter, on one thread."""
    head = (
        *("network", "crops", "off by", "from XNNPACK", "XNNPACK itself"),
        *("onnxruntime, ms", "TensorFlow Lite, ms", "ratio"),
    )
    rows: list[tuple[str, ...]] = [
        (
            f"`{name}`",
            str(row["crops"]),
            f"{row['error']:.1e}",
            f"{row['fast_error']:.1e}",
            f"{row['own_error']:.1e}",
            f"{row['ours_ms']:.2f}",
            f"{row['tflite_ms']:.2f}",
            f"{row['ratio']:.2f}",
        )
        for name, row in (bench["graphs"] or {}).items()
    ]
    return head, rows


def half_rows(bench: Bench) -> Rows:
    """How far the points of each network move in 16 bits, and whether that is allowed."""
    head = ("network", "mean, px of the crop", "largest", "allowed mean", "")
    rows: list[tuple[str, ...]] = [
        (
            f"`{name}`",
            f"{row['mean_px']:.3f}",
            f"{row['largest_px']:.3f}",
            f"≤ {row['allowed_px']:g}",
            "passed" if row["passed"] else "failed",
        )
        for name, row in bench["half"].items()
    ]
    return head, rows


PARTS: Mapping[str, Callable[[Bench], Rows]] = MappingProxyType(
    {
        "systems": systems_rows,
        "hands": hands_rows,
        "verdicts": verdicts_rows,
        "jitter": jitter_rows,
        "stages": stages_rows,
        "choices": choices_rows,
        "networks": graphs_rows,
        "half": half_rows,
    }
)
"""Part of a landmarks bench → its table; the figures have two."""


def _number(value: float | None, digits: int, unit: str) -> str:
    return "—" if value is None else f"{value:.{digits}f}{unit}"
