"""`accessify models`: list, fetch, verify and locate model files."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from accessify.cli import export, models_optimize
from accessify.cli.progress import shown
from accessify.core.errors import UnknownName
from accessify.hub.cache import path_of
from accessify.hub.catalog import Model, find_model, load_catalog
from accessify.hub.fetch import fetch_models, model_files
from accessify.hub.graphs import convertible, graph_files
from accessify.hub.verify import Health, verify_model
from accessify.hub.verify_folder import MANIFEST, read_made

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
_OFFLINE = click.option("--offline", is_flag=True, help="Never dial out; fail where something is missing.")


@click.group()
def command() -> None:
    """List, fetch and verify models.

    ACCESSIFY_CACHE says where they are kept, ACCESSIFY_MIRROR names a folder or address tried first,
    ACCESSIFY_OFFLINE=1 forbids dialling out.
    """


command.add_command(export.command)
command.add_command(models_optimize.command)


@command.command("list")
@_AS_JSON
def list_models(as_json: bool) -> None:
    """List all models and whether they are on this machine."""
    models = load_catalog().values()
    if as_json:
        click.echo(json.dumps([_row(model) for model in models], indent=2, ensure_ascii=False))
        return
    width = max(len(model.name) for model in models)
    words = {Health.WHOLE: "here", Health.MISSING: "not fetched", Health.DAMAGED: "damaged"}
    for model in models:
        click.echo(
            f"{model.name:<{width}}  {_megabytes(model.size):>9}  {words[_health(model)]:<11}  "
            f"{model.licence:<10}  {','.join(model.languages):<5}  {model.title}"
        )


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
@_OFFLINE
@_AS_JSON
def pull(names: tuple[str, ...], offline: bool, as_json: bool) -> None:
    """Fetch models; what is here already is verified, what is damaged is fetched again.

    Networks that must be converted are, where the extra for it is installed.
    """
    models = [find_model(name) for name in dict.fromkeys(names)]
    with shown("bar" if sys.stderr.isatty() else "lines") as on_progress:
        fetch_models(models, offline=offline, thorough=True, on_progress=on_progress)
        for model in filter(convertible, models):
            graph_files(model.name, offline=offline, on_progress=on_progress)
    if as_json:
        paths = {model.name: {file.name: str(path_of(file)) for file in model.files} for model in models}
        click.echo(json.dumps(paths, indent=2, ensure_ascii=False))
        return
    for model in models:
        click.echo(f"{model.name}: {path_of(model.files[0]).parent}")


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME|FOLDER…]")
@_AS_JSON
@click.pass_context
def verify(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Hash the models on this machine, or those named; exit with 1 where one is not whole.

    A FOLDER is one that models export or models optimize wrote: its manifest.json lists the files.
    """
    rows: list[_Row] = []
    fixes: dict[str, str] = {}
    for name in dict.fromkeys(names):
        folder = Path(name)
        if (folder / MANIFEST).exists() or (folder.is_dir() and name not in load_catalog()):
            made = read_made(folder)
            rows += [_Row(name, file.path.name, str(file.path), file.health.value) for file in made.files]
            fixes[name] = f"{made.maker} {folder}"
        else:
            rows += _model_rows(_fetched_model(name))
    if not names:
        for model in load_catalog().values():
            found = _model_rows(model)
            if any(row.health != Health.MISSING for row in found):  # what was never fetched is no fault
                rows += found
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False))
    else:
        _print_rows(rows)
    faulty = dict.fromkeys(row.model for row in rows if row.health != Health.WHOLE)
    for name in (name for name in faulty if name in fixes):
        click.echo(f"to mend: {fixes[name]}", err=True)
    if fetched := [name for name in faulty if name not in fixes]:
        click.echo(f"to mend: accessify models pull {' '.join(fetched)}", err=True)
    ctx.exit(1 if faulty else 0)


@command.command()
@click.argument("name")
@click.argument("file", required=False)
@_OFFLINE
@_AS_JSON
def path(name: str, file: str | None, offline: bool, as_json: bool) -> None:
    """Print the folder of a model, or one of its files; it is fetched first where it is missing."""
    with shown("bar" if sys.stderr.isatty() else "lines") as on_progress:
        paths = model_files(name, offline=offline, on_progress=on_progress)
    if file is not None and file not in paths:
        raise UnknownName(f"file of {name}", file, paths)
    if as_json:
        chosen = {key: str(value) for key, value in paths.items() if file in (None, key)}
        click.echo(json.dumps(chosen, indent=2, ensure_ascii=False))
    else:
        click.echo(str(paths[file] if file else next(iter(paths.values())).parent))


def _health(model: Model) -> Health:
    """Of the model as a whole: damaged where only some of its files are whole."""
    found = {verdict.health for verdict in verify_model(model, thorough=False)}
    return found.pop() if len(found) == 1 else Health.DAMAGED


def _row(model: Model) -> dict[str, str | int | list[str]]:
    return {
        "name": model.name,
        "task": model.task,
        "title": model.title,
        "licence": model.licence,
        "languages": list(model.languages),
        "bytes": model.size,
        "health": _health(model).value,
    }


@dataclass(frozen=True, slots=True)
class _Row:
    """What `verify` tells of one file."""

    model: str
    """A name, or a folder as it was given."""
    file: str
    path: str
    health: str


def _fetched_model(name: str) -> Model:
    catalog = load_catalog()
    if name not in catalog:
        raise UnknownName("model", name, catalog, "or give a folder that an export wrote")
    return catalog[name]


def _model_rows(model: Model) -> list[_Row]:
    return [
        _Row(model.name, verdict.file.name, str(verdict.path), verdict.health.value)
        for verdict in verify_model(model)
    ]


def _print_rows(rows: list[_Row]) -> None:
    if not rows:
        click.echo("no models on this machine yet; fetch some with: accessify models pull NAME")
    for row in rows:
        click.echo(f"{row.health:<8} {row.path}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
