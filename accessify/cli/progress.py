"""Progress on stderr: a bar or a line per stage for people, JSON lines for programs, or nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
from rich.console import Console

from accessify.core.progress import OnProgress, Progress


@contextmanager
def shown(kind: str | None = None, subject: str | None = None) -> Iterator[OnProgress | None]:
    """A callback that shows progress as `bar`, `lines`, `json` or `none`; a bar on a terminal by default."""
    kind = kind or ("bar" if sys.stderr.isatty() else "none")
    if kind == "none":
        yield None
    elif kind == "json":
        yield lambda step: click.echo(json.dumps(_row(step, subject)), err=True)
    elif kind == "lines":
        yield _Lines()
    else:
        with _bar() as on_progress:
            yield on_progress


def _row(step: Progress, subject: str | None) -> dict[str, object]:
    facts = asdict(step)
    del facts["heard"]  # what was said is no progress
    return {"file": subject} | facts


@contextmanager
def _bar() -> Iterator[OnProgress]:
    from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def on_progress(step: Progress) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = bars.add_task(step.stage, total=step.total)
            bars.update(tasks[step.stage], completed=step.done, total=step.total)

        yield on_progress


class _Lines:
    """Prints each stage once, when it begins."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, step: Progress) -> None:
        if step.stage != self._stage:
            self._stage = step.stage
            size = f" ({step.total / 1e6:.1f} MB)" if step.total and step.unit == "B" else ""
            click.echo(step.stage + size, err=True)
