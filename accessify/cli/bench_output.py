"""What benches say while they run, and where their results go."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from accessify.core.placing import placed
from accessify.core.progress import Progress
from accessify.evaluation.figures import Rows
from accessify.evaluation.tables import provenance


class Stages:
    """Says each stage once, however often it tells how far it is."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, progress: Progress) -> None:
        if progress.stage != self._last:
            self._last = progress.stage
            click.echo(f"{progress.stage} …", err=True)


def roomy_console(width: int = 160) -> Console:
    """The terminal; a log or a pipe has room for `width` columns."""
    console = Console()
    return console if console.is_terminal else Console(width=width)


def print_bench(bench: dict[str, Any], tables: Iterable[Rows], width: int = 160) -> None:
    """The `tables` that have rows, then what it was measured on; `width` where no terminal says."""
    console = roomy_console(width)
    for head, rows in tables:
        if rows:
            table = Table(*head, box=SIMPLE)
            for row in rows:
                table.add_row(*map(escape, row))  # [signs] of a pip line is no mark-up
            console.print(table)
    click.echo(" ".join((provenance(bench), *bench.get("notes", ()))))


def give_json(bench: dict[str, Any], as_json: bool, output: Path | None) -> None:
    """Write the result where it was asked for, and print it where that was asked for."""
    text = json.dumps(bench, indent=1, ensure_ascii=False, allow_nan=False)
    if output:
        with placed(output) as temporary:
            temporary.write_text(text + "\n", "utf-8")
    if as_json:
        click.echo(text)
