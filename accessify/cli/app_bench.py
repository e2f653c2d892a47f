"""`accessify bench app`: how soon the app is there, and what people wait in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from accessify.cli.bench_output import Stages, give_json, print_bench
from accessify.evaluation.app_bench import AppBenchOptions, bench_app
from accessify.evaluation.app_tables import figures_rows


@click.command()
@click.option(
    "--minutes", type=click.FloatRange(0.5), default=10.0, show_default=True, help="Of the long film."
)
@click.option("--users", type=click.IntRange(2), default=10, show_default=True, help="People at once.")
@click.option(
    "--starts", type=click.IntRange(1), default=3, show_default=True, help="Times the app is started."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the JSON here.")
def app(as_json: bool, output: Path | None, **how: Any) -> None:
    """Measure the app in a real browser: its start, the captions of a long film, many people at once.

    Needs Chromium. Run it while nothing else does.
    """
    bench = bench_app(AppBenchOptions(**how), None if as_json else Stages())
    give_json(bench, as_json, output)
    if not as_json:
        print_bench(bench, [figures_rows(bench)])


COMMANDS = (app,)
