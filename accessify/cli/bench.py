"""`accessify bench`: figures on your own data, and the tables of the documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from accessify.core.placing import placed
from accessify.core.progress import Progress
from accessify.evaluation.figures import BENCHES
from accessify.evaluation.run import BenchOptions, bench_captions
from accessify.evaluation.tables import provenance, read_benches, systems_rows, update_document


@click.group("bench")
def command() -> None:
    """Measure accuracy, speed and memory; every figure comes with its formula."""


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the JSON here.")
@click.option("--rivals/--no-rivals", default=True, help="Also measure moonshine-voice and PocketSphinx.")
@click.option("--quick", is_flag=True, help="Part of the data, one round, no memory runs.")
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(1), help="Rounds of the speed test."
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep recordings, caption files and a comparison of texts here.",
)
def captions(folder: Path, as_json: bool, output: Path | None, **how: Any) -> None:
    """Score captioning on the clips in FOLDER.

    FOLDER holds sound or film files, each with its transcript beside it (talk.wav and talk.txt; an
    empty transcript says that nobody speaks), or a manifest.jsonl.
    """
    bench = bench_captions(folder, BenchOptions(**how), None if as_json else _say)
    if output:
        with placed(output) as temporary:
            temporary.write_text(json.dumps(bench, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if as_json:
        click.echo(json.dumps(bench, indent=1, ensure_ascii=False))
    else:
        _print(bench)


@command.command()
@click.argument("documents", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("docs/benchmarks"),
    show_default=True,
    help="Folder of the bench files.",
)
@click.option("--check", is_flag=True, help="Change nothing; exit 1 where a table is out of date.")
@click.pass_context
def tables(ctx: click.Context, documents: tuple[Path, ...], folder: Path, check: bool) -> None:
    """Write the tables of DOCUMENTS (default README.md and docs/benchmarks.md) from the bench files."""
    benches = read_benches(folder)
    usual = (Path("README.md"), folder.with_suffix(".md"))
    chosen = documents or tuple(path for path in usual if path.is_file())
    stale = False
    for path in chosen:
        changed = update_document(path, benches, write=not check)
        stale |= changed
        click.echo(
            f"{path}: {'out of date' if changed and check else 'written' if changed else 'up to date'}"
        )
    ctx.exit(1 if check and stale else 0)


def _say(progress: Progress) -> None:
    click.echo(f"{progress.stage} …", err=True)


def _print(bench: dict[str, Any]) -> None:
    """The figures with their targets, then the systems beside each other."""
    console = Console()
    if not console.is_terminal:  # a log or a pipe has room
        console = Console(width=140)
    figures = Table("", "measured", "95 %", "target", "", box=SIMPLE)
    for figure in BENCHES[bench["bench"]]:
        if figure.name in bench["figures"]:
            figures.add_row(*figure.row(bench["figures"][figure.name], bench["intervals"].get(figure.name)))
    console.print(figures)
    head, rows = systems_rows(bench)
    systems = Table(*head, box=SIMPLE)
    for row in rows:
        systems.add_row(*row)
    console.print(systems)
    click.echo(provenance(bench))
