"""Bench files as Markdown, and documents whose tables are made from them.

A document holds `<!-- bench:NAME -->` … `<!-- /bench:NAME -->`; what stands between is replaced by
the table of `docs/benchmarks/NAME.json`, so that no figure is ever typed by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from accessify.core.errors import FormatError
from accessify.core.placing import placed
from accessify.evaluation import (
    app_tables,
    avatar_tables,
    device_tables,
    landmark_tables,
    live_tables,
    sign_tables,
    whisper_tables,
)
from accessify.evaluation.app_figures import APP
from accessify.evaluation.avatar_figures import AVATAR
from accessify.evaluation.figures import CAPTIONS, Figure, Rows
from accessify.evaluation.landmark_figures import LANDMARKS
from accessify.evaluation.live_figures import LIVE
from accessify.evaluation.sign_figures import SIGNS
from accessify.evaluation.systems import TITLES
from accessify.evaluation.whisper_figures import WHISPER

BENCHES: Mapping[str, tuple[Figure, ...]] = MappingProxyType(
    {
        "captions": CAPTIONS,
        "landmarks": LANDMARKS,
        "signs": SIGNS,
        "avatar": AVATAR,
        "live": LIVE,
        "whisper": WHISPER,
        "app": APP,
    }
)
"""Name of a bench → its figures."""

_MARKED = re.compile(r"(<!-- bench:([\w:-]+) -->\n).*?(<!-- /bench:\2 -->)", re.DOTALL)


def read_benches(folder: Path) -> dict[str, dict[str, Any]]:
    """Every bench file in `folder`, by name; raises `FormatError` for one that is damaged.

    Other JSON there, from which a bench took figures, is passed over.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            told = json.loads(path.read_text("utf-8"))
        except json.JSONDecodeError as error:
            raise FormatError(
                f"not JSON ({error.msg}); run the bench again", line=error.lineno, source=str(path)
            ) from error
        if "bench" in told:
            found[path.stem] = told
    return found


def update_document(path: Path, benches: Mapping[str, dict[str, Any]], *, write: bool = True) -> bool:
    """Bring the tables in the document at `path` up to date; whether they were not."""
    before = path.read_text("utf-8")
    after = fill(before, benches, str(path))
    if after == before:
        return False
    if write:
        with placed(path) as temporary:
            temporary.write_text(after, "utf-8")
    return True


def fill(text: str, benches: Mapping[str, dict[str, Any]], source: str = "document") -> str:
    """`text` with a fresh table between each pair of markers.

    `bench:captions` gives the figures, `bench:captions:PART` one of the parts that `PARTS` has for such a
    bench. Raises `FormatError` for a marker whose bench file or part does not exist.
    """

    def table(match: re.Match[str]) -> str:
        name, _, part = match[2].partition(":")
        parts = PARTS[benches[name]["bench"]] if name in benches else {}
        if (part or "figures") not in parts:
            line = text.count("\n", 0, match.start()) + 1
            raise FormatError(
                f"nothing to fill bench:{match[2]} with; benches: {', '.join(benches)}; "
                f"parts: {', '.join(parts) or 'none'}",
                line=line,
                source=source,
            )
        return f"{match[1]}{parts[part or 'figures'](benches[name])}{match[3]}"

    return _MARKED.sub(table, text)


def figures_table(bench: dict[str, Any]) -> str:
    """What was measured beside what it has to reach, and on what."""
    rows = [
        figure.row(bench["figures"][figure.name], bench["intervals"].get(figure.name))
        for figure in BENCHES[bench["bench"]]
        if figure.name in bench["figures"]
    ]
    told = " ".join((provenance(bench), *bench.get("notes", ())))
    return _markdown(("", "measured", "95 %", "target", ""), rows) + "\n" + told + "\n"


def systems_table(bench: dict[str, Any]) -> str:
    """The systems of one run beside each other."""
    return _markdown(*systems_rows(bench))


def systems_rows(bench: dict[str, Any]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The same as cells: head and rows."""
    head = ("", "WER", "speech missed", "invented words a minute", "× real time", "CPU s per s of sound")
    rows: list[tuple[str, ...]] = [
        (
            TITLES.get(name, name),
            _number(row.get("wer"), 2, " %"),
            _number(row.get("missed"), 2, " %"),
            _number(row.get("invented_joined", row.get("invented_clips")), 1, ""),
            _number(row.get("speed"), 0, ""),
            _number(row.get("cpu_share"), 3, ""),
        )
        for name, row in bench["systems"].items()
    ]
    return head, rows


def corpora_table(bench: dict[str, Any]) -> str:
    """Word error rates corpus by corpus."""
    systems = [name for name, row in bench["systems"].items() if row.get("corpora")]
    corpora = bench["systems"][systems[0]]["corpora"] if systems else {}
    rows = [
        (
            corpus,
            str(counts["spoken"]),
            *(_number(bench["systems"][name]["corpora"][corpus]["wer"], 1, " %") for name in systems),
        )
        for corpus, counts in corpora.items()
    ]
    return _markdown(("corpus", "words", *systems), rows)


def findings_table(bench: dict[str, Any]) -> str:
    """Findings of the style-guide check, rule by rule."""
    quality = bench["captions"]
    if quality is None:
        return "No captions were checked.\n"
    rows = [
        (rule, group, str(count), f"{100 * count / quality['cues']:.2f}")
        for group in ("meetable", "too_fast", "advice")
        for rule, count in quality[group].items()
    ]
    if not rows:
        return f"No finding on {quality['cues']} cues (profile {quality['profile']}).\n"
    return _markdown(("rule", "kind", "findings", "per 100 cues"), rows)


def formulas_table(bench: dict[str, Any]) -> str:
    """How each figure is computed."""
    titles = {figure.name: figure.title.strip() for figure in BENCHES[bench["bench"]]}
    rows = [(titles.get(name, name), text) for name, text in bench["formulas"].items()]
    return _markdown(("figure", "formula"), rows)


def landmark_figures_table(bench: dict[str, Any]) -> str:
    """The figures of every clip, then those of the whole run, and on what they were measured."""
    tables = (landmark_tables.figures_rows(bench), landmark_tables.run_rows(bench))
    shown = "\n".join(_markdown(*rows) for rows in tables if rows[1])
    return shown + "\n" + " ".join((provenance(bench), *bench["notes"])) + "\n"


def sign_figures_table(bench: dict[str, Any]) -> str:
    """The figures of the signs bench, and on what they were measured."""
    return _told_table(sign_tables.figures_rows(bench), bench)


def sign_short_table(bench: dict[str, Any]) -> str:
    """Only those that have to reach something."""
    return _told_table(sign_tables.short_rows(bench), bench)


def avatar_figures_table(bench: dict[str, Any]) -> str:
    """The figures of the avatar bench, and on what they were measured."""
    return _told_table(avatar_tables.figures_rows(bench), bench)


def avatar_short_table(bench: dict[str, Any]) -> str:
    """Only those that have to reach something."""
    return _told_table(avatar_tables.short_rows(bench), bench)


def device_advice_table(bench: dict[str, Any]) -> str:
    """What to choose on that machine."""
    return _told_table(device_tables.advice_rows(bench), bench)


def live_short_table(bench: dict[str, Any]) -> str:
    """Only those of the live bench that have to reach something."""
    return _told_table(live_tables.short_rows(bench), bench)


def whisper_short_table(bench: dict[str, Any]) -> str:
    """Only those of the Whisper bench that have to reach something."""
    return _told_table(whisper_tables.short_rows(bench), bench)


def app_figures_table(bench: dict[str, Any]) -> str:
    """The figures of the app's bench, and on what they were measured."""
    return _told_table(app_tables.figures_rows(bench), bench)


def _told_table(rows: Rows, bench: dict[str, Any]) -> str:
    return _markdown(*rows) + "\n" + " ".join((provenance(bench), *bench["notes"])) + "\n"


def _table(rows: Callable[[dict[str, Any]], Rows]) -> Callable[[dict[str, Any]], str]:
    def table(bench: dict[str, Any]) -> str:
        head, body = rows(bench)
        return _markdown(head, body) if body else "Not measured in this run.\n"

    return table


PARTS: Mapping[str, Mapping[str, Callable[[dict[str, Any]], str]]] = MappingProxyType(
    {
        "captions": {
            "figures": figures_table,
            "systems": systems_table,
            "corpora": corpora_table,
            "findings": findings_table,
            "formulas": formulas_table,
        },
        "landmarks": {
            "figures": landmark_figures_table,
            "formulas": formulas_table,
            **{part: _table(rows) for part, rows in landmark_tables.PARTS.items()},
        },
        "signs": {
            **{part: _table(rows) for part, rows in sign_tables.PARTS.items()},
            "figures": sign_figures_table,
            "short": sign_short_table,
            "formulas": formulas_table,
        },
        "avatar": {
            **{part: _table(rows) for part, rows in avatar_tables.PARTS.items()},
            "figures": avatar_figures_table,
            "short": avatar_short_table,
            "formulas": formulas_table,
        },
        "device": {
            **{part: _table(rows) for part, rows in device_tables.PARTS.items()},
            "figures": device_advice_table,
        },
        "live": {
            **{part: _table(rows) for part, rows in live_tables.PARTS.items()},
            "figures": figures_table,
            "short": live_short_table,
            "formulas": formulas_table,
        },
        "whisper": {
            **{part: _table(rows) for part, rows in whisper_tables.PARTS.items()},
            "figures": figures_table,
            "short": whisper_short_table,
            "formulas": formulas_table,
        },
        "app": {"figures": app_figures_table, "formulas": formulas_table},
    }
)
"""Name of a bench → part of it → the table that shows it."""


def provenance(bench: dict[str, Any]) -> str:
    """One line: when, where and on what the figures were measured."""
    machine, software, data = bench["hardware"], bench["software"], bench["data"]
    commit = (software["commit"] or "unknown")[:10] + (" with local changes" if software["dirty"] else "")
    quick = " Quick run on part of the data." if bench["options"]["quick"] else ""
    return (
        f"Measured {bench['date'][:10]} on {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['ram_gb']:.0f} GB; {software['python']}; commit {commit}; data `{data['name']}` "
        f"{data['sha256'][:10]}; made by `accessify bench {bench['bench']}`.{quick}"
    )


def _number(value: float | None, digits: int, unit: str) -> str:
    return "—" if value is None else f"{value:.{digits}f}{unit}"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines)


def _cell(text: str) -> str:
    indented = "&nbsp;&nbsp;" + text.strip() if text.startswith("  ") else text
    return indented.replace("|", "\\|")
