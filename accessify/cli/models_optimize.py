"""`accessify models optimize`: networks quantised and tuned for this machine."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.table import Table

from accessify.cli.progress import shown
from accessify.engines.session import PROVIDERS
from accessify.hub.graph_variants import Variant

_PRECISIONS = tuple(dict.fromkeys(variant.precision for variant in Variant))


@click.command("optimize")
@click.argument("name", metavar="NAME|FILE.onnx")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the graphs that are faster, and for manifest.json, which tells all figures.",
)
@click.option(
    "--device",
    default="cpu",
    show_default=True,
    type=click.Choice(["auto", *PROVIDERS]),
    help="What they are to run on.",
)
@click.option("--precision", type=click.Choice(_PRECISIONS), help="Try only this.  [default: all]")
@click.option(
    "--example",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Real input to measure and judge with: a film of a person for landmarks, a file of letters or "
    "words for letters-ase and signs, sound for silero-vad.",
)
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1), help="CPU threads.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
def command(name: str, output: Path, as_json: bool, **how: Any) -> None:
    """Write the graphs of a model anew where that makes them faster on this machine.

    NAME is one of letters-ase, signs, silero-vad, holistic-landmarks, face-landmarker; Whisper is written by
    accessify models export. Each graph is tried as onnxruntime optimises it, in 8 bits (dynamic, and
    calibrated on half of the input) and in 16 bits. What a variant says is compared with the original, and
    one that says something else is refused; the others are timed in turns with the original. One is written
    only where it is 5 % faster and more; what an earlier run wrote to the folder goes then.

    No command of accessify uses what is written: it is for programs that open it with onnxruntime themselves.
    """
    # Imported here, so that the other commands on models need not wait for it.
    optimizing = import_module("accessify.evaluation.optimizing")
    with shown("bar" if sys.stderr.isatty() else "lines") as on_progress:
        result = optimizing.optimize(name, output, optimizing.OptimizeOptions(**how), on_progress=on_progress)
    if as_json:
        click.echo(json.dumps(result, indent=2, allow_nan=False))
        return
    console = import_module("accessify.cli.bench_output").roomy_console()
    for graph, row in result["graphs"].items():
        console.print(_table(graph, row))
        click.echo(f"{graph}: {_verdict(row)}")
    if result["files"]:
        click.echo(
            f"written: {', '.join(str(output / file) for file in (*result['files'], 'manifest.json'))}\n"
            "No command of accessify uses them: "
            "they are for programs that open them with onnxruntime themselves"
        )
    else:
        click.echo("nothing was written")


def _table(graph: str, row: dict[str, Any]) -> Table:
    table = Table(graph, "ms", "× faster", "loads in ms", "MB", "change, at most", "", box=SIMPLE)
    first = row["original"]
    table.add_row(
        "original",
        f"{first['ms']:.2f}",
        "1.00",
        f"{first['load_ms']:.0f}",
        f"{first['bytes'] / 1e6:.1f}",
        "",
        "",
    )
    for name, one in row["variants"].items():
        if "bytes" not in one:
            table.add_row(name, "", "", "", "", "", one["refused"])
            continue
        changes = ", ".join(
            f"{'none' if change['value'] is None else format(change['value'], '.3g')} ({change['limit']:g})"
            for change in one["changes"]
        )
        table.add_row(
            name,
            f"{one['ms']:.2f}" if "ms" in one else "",
            f"{one['ratio']:.2f}" if "ratio" in one else "",
            f"{one['load_ms']:.0f}",
            f"{one['bytes'] / 1e6:.1f}",
            changes,
            "refused" if one["refused"] else "",
        )
    return table


def _verdict(row: dict[str, Any]) -> str:
    if row["chosen"]:
        return f"{row['chosen']} is {row['variants'][row['chosen']]['ratio']:.2f} × as fast ({row['data']})"
    return f"nothing beats the original by 5 % ({row['data']})"
