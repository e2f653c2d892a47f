"""`accessify models export`: checkpoints as folders of ONNX graphs for small devices."""

from __future__ import annotations

import json
import sys
from itertools import islice
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from accessify.cli.progress import shown
from accessify.core.errors import UnknownName
from accessify.engines.registry import ENGINES, find_name
from accessify.hub.export_whisper import Export, export_whisper, require_exportable
from accessify.hub.fetch import model_files
from accessify.hub.whisper_quantize import Precision
from accessify.media.read import open_audio
from accessify.speech.whisper_options import SHORT_SIZES
from accessify.speech.whisper_sizes import MANIFEST

_ENGINE = ENGINES["whisper"]
_WINDOW = 30
"""Seconds of a clip that are listened to, at most."""


@click.group("export")
def command() -> None:
    """Turn a checkpoint into a folder that runs on a small device, with proof that nothing was lost."""


@command.command()
@click.option(
    "--model",
    required=True,
    metavar="SIZE|PATH",
    help="tiny, base, small, medium, large-v3, turbo, one of English only such as base.en (fetched where "
    "it is missing), or a checkpoint of openai-whisper.",
)
@click.option(
    "--precision",
    type=click.Choice([kind.value for kind in Precision]),
    default=Precision.INT8.value,
    show_default=True,
    help="How the weights are held.",
)
@click.option(
    "--encoder",
    type=click.Choice([kind.value for kind in Precision if kind is not Precision.INT4]),
    help="How those of the encoder are held: int8 is for CPUs, the others for all devices.  "
    "[default: as --precision; int8 for int4]",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder to write; an earlier export there is replaced.",
)
@click.option(
    "--verify",
    "clips",
    multiple=True,
    metavar="CLIP",
    type=click.Path(path_type=Path),
    help="A film or recording whose first half minute the export is verified with, any number of times; "
    "noise, which lets more error through, where there is none.",
)
@click.option("--offline", is_flag=True, help="Never dial out; fail where the checkpoint is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
def whisper(  # noqa: PLR0913 - one argument for each option
    model: str,
    precision: str,
    encoder: str | None,
    output: Path,
    *,
    clips: tuple[Path, ...],
    offline: bool,
    as_json: bool,
) -> None:
    """Export a Whisper to ONNX graphs and compare these with openai-whisper.

    What differs too much is not kept; only clips of speech are a strict judge. The engine whisper-onnx runs
    the folder.
    """
    require_exportable(output)
    heard = tuple(_sound(clip) for clip in clips)
    wanted = Export(Precision(precision), Precision(encoder) if encoder else None, heard)
    with shown("bar" if sys.stderr.isatty() else "lines") as on_progress:
        name = None if Path(model).is_file() else _name_of(model)
        source = (
            next(iter(model_files(name, offline=offline, on_progress=on_progress).values()))
            if name
            else Path(model)
        )
        export_whisper(source, output, wanted, on_progress=on_progress)
    manifest = json.loads((output / MANIFEST).read_text("utf-8"))
    click.echo(json.dumps(manifest, indent=2) if as_json else _closing(output, manifest))


def _name_of(model: str) -> str:
    """The name in the catalogue of a size; raises `UnknownName`."""
    name = find_name(_ENGINE, model)
    if name is None:
        sizes = [*(known.removeprefix("whisper-") for known in _ENGINE.models), *SHORT_SIZES]
        raise UnknownName("size of Whisper", model, sizes, hint="or give a checkpoint's path")
    return name


def _sound(clip: Path) -> NDArray[np.float32]:
    """The first window of a clip."""
    with open_audio(clip) as reader:  # in blocks of a second
        return np.concatenate([block.samples for block in islice(reader, _WINDOW)])


def _closing(folder: Path, manifest: dict[str, dict[str, object]]) -> str:
    """What was written and how near it is, in one line."""
    files, verified, precision = (manifest[key] for key in ("files", "verified", "precision"))
    size = sum(file["size"] for file in files.values() if isinstance(file, dict)) / 1e6
    clips = verified["clips"]
    subject = (
        f"{clips} clip{'s' if clips != 1 else ''}" if clips else "noise: give --verify CLIP for a real proof"
    )
    return (
        f"{folder}: {size:.1f} MB, encoder {precision['encoder']}, decoder {precision['decoder']}; "
        f"{verified['agreement']:.1%} of {verified['tokens']} tokens as openai-whisper's, "
        f"logits off by {verified['error']:.2g} of their spread; judged on {subject}"
    )
