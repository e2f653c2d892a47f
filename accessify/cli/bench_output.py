"""What benches say while they run, and where their results go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from accessify.core.placing import placed
from accessify.core.progress import Progress


class Stages:
    """Says each stage once, however often it tells how far it is."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, progress: Progress) -> None:
        if progress.stage != self._last:
            self._last = progress.stage
            click.echo(f"{progress.stage} …", err=True)


def give_json(bench: dict[str, Any], as_json: bool, output: Path | None) -> None:
    """Write the result where it was asked for, and print it where that was asked for."""
    text = json.dumps(bench, indent=1, ensure_ascii=False, allow_nan=False)
    if output:
        with placed(output) as temporary:
            temporary.write_text(text + "\n", "utf-8")
    if as_json:
        click.echo(text)
