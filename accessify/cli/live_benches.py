"""`accessify bench live`: how late, how steady and how right live captions are."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from accessify.cli.bench_output import Stages, give_json, print_bench
from accessify.evaluation.live_bench import LiveBenchOptions, bench_live
from accessify.evaluation.live_material import MINUTES
from accessify.evaluation.live_tables import PARTS, figures_rows


def _streams(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        counts = tuple(int(part) for part in value.split(","))
    except ValueError:
        counts = ()
    if not counts or min(counts) < 1:
        raise click.BadParameter("numbers of streams with commas between them, e.g. 1,8,20")
    return tuple(dict.fromkeys(counts))


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True), metavar="AUDIO|FOLDER")
@click.argument(
    "text", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False, metavar="[TEXT]"
)
@click.option(
    "--minutes",
    type=click.FloatRange(0, min_open=True),
    default=MINUTES,
    show_default=True,
    help="Sound taken from FOLDER; of each clip all or nothing.",
)
@click.option(
    "--streams",
    default="1,8,20",
    show_default=True,
    callback=_streams,
    help="Numbers of streams played at once, one run for each.",
)
@click.option(
    "--rival/--no-rival",
    default=find_spec("moonshine_voice") is not None,
    help="Also play moonshine-voice the same.  [default: if it is installed]",
)
@click.option(
    "--hour/--no-hour",
    default=None,
    help="Also listen to an hour, as fast as it can.  [default: for a FOLDER]",
)
@click.option(
    "--quick", is_flag=True, help="One minute of FOLDER, one stream, no hour: to see that it works."
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the runs here; those that are there and the same are not played again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the JSON here.")
def live(
    source: Path,
    text: Path | None,
    hour: bool | None,
    as_json: bool,
    output: Path | None,
    **how: Any,
) -> None:
    """Play sound at true pace into live captions and score when each word came.

    AUDIO is one sound or film file whose words are in TEXT, or beside it with the ending .txt. FOLDER
    holds clips with their texts, as for `bench captions`; they are joined with short pauses.
    """
    options = LiveBenchOptions(hour=source.is_dir() if hour is None else hour, **how)
    bench = bench_live(source, text, options, None if as_json else Stages())
    give_json(bench, as_json, output)
    if not as_json:
        tables = (figures_rows(bench), *(rows(bench) for rows in PARTS.values()))
        print_bench(bench, tables, width=180)


COMMANDS = (live,)
