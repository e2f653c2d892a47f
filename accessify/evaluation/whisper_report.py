"""What the Whisper bench makes of its runs: a row for each system and model, and the figures."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accessify.evaluation.whisper_figures import LOSSES
from accessify.evaluation.whisper_loss import REFERENCE, Loss
from accessify.evaluation.whisper_systems import FASTER, OPENAI, OURS

TOGETHER = 8
"""Windows at once where a system hears several."""

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """One system with one model."""

    system: str
    precision: str
    batch: int
    model: Path
    calls: int
    """How often it is asked in a round, after once that is not counted."""


def subject_row(size: str, subject: Subject, rounds: Sequence[Values]) -> Values:
    """What came of one subject: seconds for a window, bytes of memory, tokens for a window."""
    medians = [statistics.median(told["seconds"]) / subject.batch for told in rounds]
    return {
        "size": size,
        "system": subject.system,
        "precision": subject.precision,
        "batch": subject.batch,
        "seconds": statistics.median(medians),
        "rounds": medians,
        "peak": max(told["peak"] for told in rounds),
        "ready_s": statistics.median(told["ready_s"] for told in rounds),
        "tokens": rounds[0]["tokens"][0],
    }


def figures(rows: Sequence[Values], exports: Sequence[Values], losses: Sequence[Loss]) -> dict[str, float]:
    """The figures by their names, as far as they were measured."""
    found: dict[str, float] = {}
    by = {(row["size"], row["system"], row["precision"], row["batch"]): row for row in rows}
    for size in dict.fromkeys(row["size"] for row in rows):
        ours, faster = by[size, OURS, "int8", 1], by[size, FASTER, "int8", 1]
        found[f"over_openai_{size}"] = ratio(by[size, OPENAI, "fp32", 1], ours)
        found[f"over_faster_{size}"] = ratio(faster, ours)
        together = [by[size, system, "int8", TOGETHER] for system in (FASTER, OURS)]
        found[f"over_faster_batch_{size}"] = ratio(*together)
        found[f"memory_{size}"] = ours["peak"] / faster["peak"]
    for made in exports:
        if (made["size"], made["precision"]) == ("base", "int8"):
            found |= {"export_minutes": made["seconds"] / 60, "export_gb": made["peak"] / 1e9}
    known = {loss.name: loss for loss in losses}
    for precision in LOSSES if known else ():
        before, after = known[REFERENCE].errors, known[precision].errors
        found[f"loss_{precision}"] = max(after[language] - before[language] for language in before)
    return found


def ratio(slower: Values, faster: Values) -> float:
    """How many times as long `slower` takes: the median over rounds."""
    pairs = zip(slower["rounds"], faster["rounds"], strict=True)
    return float(statistics.median(one / other for one, other in pairs))
