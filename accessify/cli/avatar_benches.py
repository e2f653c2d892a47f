"""`accessify bench notation`: figures on signs made from notation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from accessify.cli.bench_output import Stages, give_json
from accessify.evaluation.notation_bench import FIGURES, bench_notation

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("arrays", type=_FILE, metavar="FILE.npz")
@click.argument("table", type=_FILE, metavar="FILE.csv")
@click.option(
    "--strings",
    type=_FILE,
    help="Signs in HamNoSys to read and synthesise without a reference: .csv with a column hamnosys, "
    ".json, or lines.  [default: those of FILE.csv]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-o", "--output", type=_FILE, help="Write the JSON here.")
def notation(arrays: Path, table: Path, strings: Path | None, as_json: bool, output: Path | None) -> None:
    """Score signs made from HamNoSys beside the reference signs in FILE.npz and FILE.csv.

    They are made for the body in the file and compared in its shoulder widths. The reference is one other
    engine's reading of the notation, not a signer.
    """
    bench = bench_notation(arrays, table, strings, None if as_json else Stages())
    give_json(bench, as_json, output)
    if not as_json:
        _print(bench)


COMMANDS = (notation,)


def _print(bench: dict[str, Any]) -> None:
    console = Console()
    if not console.is_terminal:  # a log or a pipe has room
        console = Console(width=160)
    for table in (_figures(bench), _kinds(bench), _worst(bench)):
        console.print(table)
    for reason in bench["unread"]:
        click.echo(f"not read: {reason}")
    _print_strings(bench["strings"])


def _figures(bench: dict[str, Any]) -> Table:
    table = Table("", "measured", "at most", "", box=SIMPLE)
    for figure in FIGURES:
        target = bench["targets"].get(figure.name)
        value = bench["figures"][figure.name]
        table.add_row(figure.title, f"{value:.3f}", f"{target:g}" if target else "", figure.unit)
    return table


def _kinds(bench: dict[str, Any]) -> Table:
    table = Table("kind of sign", "signs", "first", "path", "palm °", "direction °", "joints °", box=SIMPLE)
    names = ("first_mean", "path_mean", "palm_mean", "direction_mean", "bend_mean")
    for kind, row in bench["kinds"].items():
        table.add_row(kind, str(row["signs"]), *(f"{row[name]:.3f}" for name in names))
    return table


def _worst(bench: dict[str, Any]) -> Table:
    table = Table("worst signs", "first", "path", "pictures more", "symbols", box=SIMPLE)
    for row in bench["worst"]:
        first, path = (f"{row[stage]['position']:.2f}" for stage in ("first", "path"))
        table.add_row(row["gloss"], first, path, str(row["longer"]), row["tags"][:90])
    return table


def _print_strings(strings: dict[str, Any]) -> None:
    click.echo(
        f"{strings['texts']} signs in notation: {strings['whole']:.1%} read with no symbol lost, "
        f"{strings['clean']:.1%} without a warning, {strings['synthesised']} synthesised, "
        f"{len(strings['failed'])} failed."
    )
    for reason, count in strings["not_done"].items():
        click.echo(f"{count:6} × not done: {reason}")
