"""The live bench as rows of tables: systems, streams at once, an hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from accessify.evaluation.figures import Rows, measured_rows
from accessify.evaluation.live_figures import LIVE
from accessify.evaluation.systems import ACCESSIFY, MOONSHINE_VOICE

Bench = dict[str, Any]

WAITING = "waiting"
"""Name of the system that shows nothing before a pause."""
TITLES = {
    ACCESSIFY: "accessify",
    MOONSHINE_VOICE: "moonshine-voice `Stream`, an update each 0.5 s",
    WAITING: "waiting for the pause (computed)",
}


def figures_rows(bench: Bench) -> Rows:
    """What was measured beside what it has to reach."""
    return measured_rows(LIVE, bench["figures"])


def short_rows(bench: Bench) -> Rows:
    """What has to reach something."""
    head, rows = figures_rows(bench)
    return head, [row for row in rows if row[2]]


def systems_rows(bench: Bench) -> Rows:
    """Who was played the same sound, beside each other."""
    head = (
        *("", "committed", "on the screen", "wherever on it", "changed for each word"),
        *("WER", "saved WER", "part of a core"),
    )
    return head, [
        (
            TITLES.get(name, name),
            _delay(row["committed"]),
            _delay(row["shown"]),
            _delay(row["seen"]),
            f"{row['changed']:.2f}",
            f"{row['live']['wer']:.2f} %",
            _wer(row.get("saved")),
            f"{row['load']:.3f}",
        )
        for name, row in bench["systems"].items()
    ]


def streams_rows(bench: Bench) -> Rows:
    """Several streams at once."""
    head = (
        *("streams", "committed", "95 % in the worst stream", "on the screen", "changed for each word"),
        *("WER", "saved WER", "cores", "most lag", "catching up", "left out"),
    )
    return head, [
        (
            count,
            _delay(row["committed"]),
            "—"
            if row["committed_p95_worst_stream"] is None
            else f"{row['committed_p95_worst_stream']:.2f} s",
            _delay(row["shown"]),
            f"{row['changed']:.2f}",
            f"{row['live']['wer']:.2f} %",
            _wer(row["saved"]),
            f"{row['cores']:.2f}",
            f"{row['lag']:.1f} s",
            f"{100 * row['catching_up']:.0f} %",
            str(row["notes"].get("dropped", 0)),
        )
        for count, row in bench["streams"].items()
    ]


def hour_rows(bench: Bench) -> Rows:
    """Memory as an hour goes by."""
    hour = bench["hour"]
    if not hour:
        return ("minute", "memory"), []
    shown = sorted({0, 1, 5, *range(10, len(hour["rss"]), 10), len(hour["rss"]) - 1})
    rows: list[tuple[str, ...]] = [
        (str(minute), f"{hour['rss'][minute] / 1e6:.0f} MB") for minute in shown if minute < len(hour["rss"])
    ]
    return ("minute", "memory"), rows


def _delay(delay: Mapping[str, float] | None) -> str:
    return "—" if delay is None else f"{delay['p50']:.2f} / {delay['p95']:.2f} s"


def _wer(errors: Mapping[str, float] | None) -> str:
    return "—" if errors is None else f"{errors['wer']:.2f} %"


PARTS: Mapping[str, Callable[[Bench], Rows]] = MappingProxyType(
    {"systems": systems_rows, "streams": streams_rows, "hour": hour_rows}
)
"""Part of the bench → its table."""
