"""`accessify bench device`: what this machine can run in real time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from accessify.cli.bench_output import Stages, give_json, print_bench
from accessify.engines.session import PROVIDERS
from accessify.evaluation.device_bench import DeviceBenchOptions, bench_device
from accessify.evaluation.device_tables import PARTS


@click.command()
@click.option(
    "--device",
    default="cpu",
    show_default=True,
    type=click.Choice(["auto", *PROVIDERS]),
    help="What is to compute.",
)
@click.option("--quick", is_flag=True, help="Half a minute instead of two; more is reckoned.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the JSON here.")
def device(as_json: bool, output: Path | None, **how: Any) -> None:
    """Measure what this machine runs in real time, and recommend engine, size, precision and threads.

    Whisper is run with random weights of true size, so that nothing has to be fetched; sizes larger than
    small are reckoned from it. Run it while nothing else does.
    """
    bench = bench_device(DeviceBenchOptions(**how), None if as_json else Stages())
    give_json(bench, as_json, output)
    if not as_json:
        print_bench(bench, [rows(bench) for rows in PARTS.values()], width=180)


COMMANDS = (device,)
