"""The signs bench as rows of tables: figures, letters set by set, words, kinds of idleness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from accessify.evaluation.figures import Rows, measured_rows
from accessify.evaluation.sign_figures import LETTER_SETS, SIGNS

Bench = dict[str, Any]
_ALSO = ("live_found", "live_wrong")
"""Figures without a target that the short table has too."""
_SHARES = ("accuracy", "by_letter", "top3", "answered_90", "answered_70")


def figures_rows(bench: Bench) -> Rows:
    """What was measured beside what it has to reach."""
    return measured_rows(SIGNS, bench["figures"])


def short_rows(bench: Bench) -> Rows:
    """What has to reach something, and how well signs are found while somebody is filmed."""
    head, rows = figures_rows(bench)
    there = [figure for figure in SIGNS if figure.name in bench["figures"]]
    kept = [figure.target is not None or figure.name in _ALSO for figure in there]
    return head, [row for row, is_kept in zip(rows, kept, strict=True) if is_kept]


def letters_rows(bench: Bench) -> Rows:
    """Letters by networks that did not learn from the people, then by the shipped one that did."""
    head = ("hands of", "network", "hands", "right", "mean over letters", "right in 3", "surest 90 %", "70 %")
    rows: list[tuple[str, ...]] = []
    for name, row in (bench["left_out"] or {}).items():
        rows.append(_letters_row(name, "did not learn from them", row))
    for name, row in bench["letters"].items():
        kinds = {True: "shipped, **trained on them**", False: "shipped, not trained on them"}
        rows.append(_letters_row(name, kinds.get(row["trained_on"], "shipped, does not say"), row))
    return head, rows


def _letters_row(name: str, network: str, row: Bench) -> tuple[str, ...]:
    shares = (_percent(row.get(share)) for share in _SHARES)
    who = f"{LETTER_SETS[name]} (`{name}`)" if name in LETTER_SETS else f"`{name}`"
    return who, network, str(row["rows"]), *shares


def confused_rows(bench: Bench) -> Rows:
    """Which letters strangers' hands are taken for, most often first."""
    rows: list[tuple[str, ...]] = [
        (f"`{name}`", ", ".join(f"{mistake} {count} ×" for mistake, count in row["confused"].items()))
        for name, row in (bench["left_out"] or {}).items()
        if row.get("confused")
    ]
    return ("hands of", "mistakes"), rows


def words_rows(bench: Bench) -> Rows:
    """Words by number of clips enrolled, with the standard deviation over draws."""
    runs = bench["words"].get("references", {})
    names = list(dict.fromkeys(name for row in runs.values() for name in row["sd"]))
    titles = {figure.name: figure.title.strip().rpartition(": ")[2] for figure in SIGNS}
    head = ("", *(f"{count} enrolled" for count in runs))
    rows: list[tuple[str, ...]] = []
    for name in names:
        title = titles.get(f"words_1_{name}")
        if title:
            cells = (f"{_percent(row.get(name))} ± {_percent(row['sd'].get(name))}" for row in runs.values())
            rows.append((title, *cells))
    return head, rows


def idle_rows(bench: Bench) -> Rows:
    """Signs told while nobody signs."""
    rows: list[tuple[str, ...]] = [
        (kind, f"{row['known']:.2f}", f"{row['unknown']:.2f}")
        for kind, row in bench["idle"].get("kinds", {}).items()
    ]
    return ("what people do", "known signs a minute", "unknown signs a minute"), rows


PARTS: Mapping[str, Callable[[Bench], Rows]] = MappingProxyType(
    {
        "short": short_rows,
        "letters": letters_rows,
        "confused": confused_rows,
        "words": words_rows,
        "idle": idle_rows,
    }
)
"""Part of a signs bench → its table, beside the figures."""


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.1f} %"
