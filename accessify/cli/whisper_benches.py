"""`accessify bench whisper`: how fast, how big and how exact our Whisper is beside others'."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np

from accessify.cli.bench_output import Stages, give_json, print_bench
from accessify.core.errors import MissingExtra
from accessify.evaluation.whisper_bench import WhisperBenchOptions, bench_whisper
from accessify.evaluation.whisper_figures import SIZES
from accessify.evaluation.whisper_loss import HeldOut
from accessify.evaluation.whisper_tables import PARTS, figures_rows
from accessify.hub.fetch import model_files
from accessify.media.read import open_audio

_SAMPLE = "two_cities.wav"
_NEEDED = (
    ("torch", "torch", "whisper"),
    ("whisper", "openai-whisper", "whisper"),
    ("onnx", "onnx", "export"),
)
"""Module, package and extra of what no part of the bench does without."""


@click.command()
@click.argument("sound", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option(
    "--size",
    "sizes",
    type=click.Choice(SIZES),
    multiple=True,
    help="A size; may be repeated.  [default: all]",
)
@click.option(
    "--tokens", type=click.IntRange(1, 220), default=100, show_default=True, help="Written for each 30 s."
)
@click.option(
    "--threads", type=click.IntRange(1), default=2, show_default=True, help="Cores for each system."
)
@click.option(
    "--rounds", type=click.IntRange(1), default=3, show_default=True, help="Times each system is started."
)
@click.option(
    "--trained",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The small trained Whisper (.npz or .pt), on which errors of each precision are counted.",
)
@click.option(
    "--utterances",
    type=click.IntRange(2),
    default=400,
    show_default=True,
    help="That it is to hear; spoken by eSpeak NG.",
)
@click.option("--quick", is_flag=True, help="The smallest size, one round: to see that it works.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep checkpoints here, and take those that are there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the JSON here.")
def whisper(
    sound: Path | None,
    trained: Path | None,
    utterances: int,
    as_json: bool,
    output: Path | None,
    **how: Any,
) -> None:
    """Run Whispers of true size and random weights, ours beside openai-whisper and faster-whisper.

    All hear SOUND (default: a clip that comes with the models) in windows of 30 s and write as many
    tokens for each. Takes a quarter of an hour.
    """
    for module, package, extra in _NEEDED:
        if find_spec(module) is None:
            raise MissingExtra(package, extra)
    if find_spec("faster_whisper") is None:
        raise MissingExtra("faster-whisper", "faster-whisper")
    options = WhisperBenchOptions(**how | {"sizes": how["sizes"] or SIZES})
    path = sound or model_files("sample-speech")[_SAMPLE]
    with open_audio(path) as reader:
        samples = np.concatenate([block.samples for block in reader])
    heard = (path.name, samples)
    with TemporaryDirectory(prefix="accessify-bench-") as folder:
        known = _trained(trained, 10 if options.quick else utterances, Path(folder)) if trained else None
        bench = bench_whisper(heard, known, options, None if as_json else Stages())
    give_json(bench, as_json, output)
    if not as_json:
        print_bench(bench, (figures_rows(bench), *(rows(bench) for rows in PARTS.values())), width=180)


def _trained(path: Path, count: int, folder: Path) -> tuple[Path, Sequence[HeldOut]]:
    """The checkpoint, and utterances that it has not learnt from."""
    from accessify.training.whisper_clips import held_out  # noqa: PLC0415 - needs torch
    from accessify.training.whisper_file import build  # noqa: PLC0415 - needs torch
    from accessify.training.whisper_score import written  # noqa: PLC0415 - needs torch

    checkpoint = build(path, folder / "model.pt") if path.suffix == ".npz" else path
    clips = held_out(count)
    return checkpoint, [HeldOut(clip.samples, written(clip), clip.language) for clip in clips]


COMMANDS = (whisper,)
