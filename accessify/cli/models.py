"""`accessify models`: list, fetch, verify and locate model files."""

from __future__ import annotations

import json
import sys

import click

from accessify.cli import export, models_optimize
from accessify.cli.progress import shown
from accessify.core.errors import UnknownName
from accessify.hub.cache import path_of
from accessify.hub.catalog import Model, find_model, load_catalog
from accessify.hub.fetch import fetch_models, model_files
from accessify.hub.graphs import convertible, graph_files
from accessify.hub.verify import Health, Verdict, verify_model

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
@click.argument("names", nargs=-1, metavar="[NAME…]")
@_AS_JSON
@click.pass_context
def verify(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Hash the models on this machine, or those named; exit with 1 where one is not whole."""
    models = [find_model(name) for name in dict.fromkeys(names)] or list(load_catalog().values())
    results = {model.name: verify_model(model) for model in models}
    if not names:  # what was never fetched is no fault
        results = {
            name: verdicts
            for name, verdicts in results.items()
            if any(verdict.health is not Health.MISSING for verdict in verdicts)
        }
    verdicts = [verdict for found in results.values() for verdict in found]
    if as_json:
        click.echo(json.dumps([_verdict_row(verdict) for verdict in verdicts], indent=2, ensure_ascii=False))
    else:
        _print_verdicts(verdicts)
    faulty = dict.fromkeys(item.file.model for item in verdicts if item.health is not Health.WHOLE)
    if faulty:
        click.echo(f"to mend: accessify models pull {' '.join(faulty)}", err=True)
        ctx.exit(1)


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


def _verdict_row(verdict: Verdict) -> dict[str, str]:
    return {
        "model": verdict.file.model,
        "file": verdict.file.name,
        "path": str(verdict.path),
        "health": verdict.health.value,
    }


def _print_verdicts(verdicts: list[Verdict]) -> None:
    if not verdicts:
        click.echo("no models on this machine yet; fetch some with: accessify models pull NAME")
    for verdict in verdicts:
        click.echo(f"{verdict.health.value:<8} {verdict.path}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
