"""`accessify bench notation` and `bench avatar`: figures on signs made from notation, and on the avatar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.table import Table

from accessify.cli.bench_output import Stages, give_json, roomy_console
from accessify.evaluation.avatar_bench import AvatarBenchOptions, bench_avatar
from accessify.evaluation.avatar_sheets import draw_sheets
from accessify.evaluation.notation_bench import FIGURES, bench_notation
from accessify.evaluation.tables import avatar_figures_table
from accessify.hub.fetch import model_files

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


def _print(bench: dict[str, Any]) -> None:
    console = roomy_console()
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


@click.command()
@click.option("--reference", type=_FILE, nargs=2, metavar="FILE.npz FILE.csv", help="Reference signs.")
@click.option(
    "--strings",
    type=_FILE,
    help="HamNoSys to read and sign: .json, .csv, or lines; `published` takes the 1,364 German signs.",
)
@click.option("--clips", type=_FILE, multiple=True, metavar="FILE", help="Landmarks to put on the figure.")
@click.option("--quick", is_flag=True, help="Fewer pictures: to see that it works.")
@click.option("--sheets", type=click.Path(path_type=Path, file_okay=False), help="Only draw sheets into it.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-o", "--output", type=_FILE, help="Write the JSON here.")
def avatar(output: Path | None, *, as_json: bool, sheets: Path | None, **given: Any) -> None:
    """Measure the avatar: notation, landmarks on the figure, its own letters read back, speed.

    With --sheets, draw hand shapes, expressions and a sentence for people to look at instead.
    """
    if sheets is not None:
        for path in draw_sheets(sheets):
            click.echo(f"  {path}")
        return
    strings = given["strings"]
    if str(strings) == "published":
        strings = model_files("hamnosys-signs")["parallel.json"]
    options = AvatarBenchOptions(given["reference"], strings, given["clips"], given["quick"])
    bench = bench_avatar(options, None if as_json else Stages())
    give_json(bench, as_json, output)
    if not as_json:
        click.echo(avatar_figures_table(bench))


COMMANDS = (notation, avatar)
