"""`accessify train`: the networks that accessify ships, made again or for another alphabet."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import Any

import click

from accessify.cli.progress import shown
from accessify.core.errors import MissingExtra, OptionError
from accessify.core.placing import placed, require_writable
from accessify.delivery.letter_sets import LetterSet, read_letters
from accessify.delivery.poses import read_poses
from accessify.signs.alphabet import Alphabet, alphabet_names, load_alphabet

_STATES = Path("build/training")
"""Where runs keep their state on the way."""


@click.group("train")
def command() -> None:
    """Train the networks that read signs, and the test Whisper; needs the extra `train`.

    A run that is stopped goes on when the same command is given again (--leave-one-out
    starts anew). What is exported is compared with what was trained, and not kept where they differ.
    """


def _common(run: Callable[..., None]) -> Callable[..., None]:
    """The options of both commands."""
    seed = click.option("--seed", default=0, show_default=True, help="Another seed gives another network.")
    steps = click.option("--steps", type=click.IntRange(1), help="Batches to learn from.")
    alphabet = click.option(
        "--alphabet",
        default="ase",
        show_default=True,
        help=f"Whose hand shapes: {', '.join(alphabet_names())}.",
    )
    return alphabet(steps(seed(run)))


@command.command()
@click.argument(
    "data",
    nargs=-1,
    required=True,
    metavar="FILE.npz …",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@_common
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write: the network (.onnx), or the figures (.json) with --leave-one-out.",
)
@click.option("--leave-one-out", is_flag=True, help="Train without each FILE in turn and score on it.")
def letters(
    data: tuple[Path, ...], alphabet: str, output: Path | None, leave_one_out: bool, **how: Any
) -> None:
    """Train the letter network on hands of FILEs (datasets/letters.md) and synthetic ones.

    Each FILE should hold other people: --leave-one-out then says how well strangers are read.
    """
    table = load_alphabet(alphabet)
    ending = ".json" if leave_one_out else ".onnx"
    if output is None and not leave_one_out:
        raise OptionError("nowhere to write the network to; give -o letters.onnx")
    if output is not None:
        if output.suffix != ending:
            raise OptionError(f"{output}: end the name in {ending}")
        require_writable(output)
    sets = [read_letters(path).only(table.still) for path in data]
    if leave_one_out:
        _leave_one_out(table, sets, _given(how), output)
    else:
        assert output is not None  # noqa: S101 - checked above
        _train_letters(table, sets, _given(how), output)


@command.command()
@_common
@click.option(
    "--strangers",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Landmarks (.pose, .npz) of real signing, each of other signs: how near strangers come. Repeatable.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for signs.onnx and signs-cohort.npz.",
)
def signs(alphabet: str, output: Path, strangers: tuple[Path, ...], **how: Any) -> None:
    """Train the sign encoder on signs that no language has; takes an hour and nobody's data.

    Two encoders are trained, the second on signers who differ more, and a letter network on synthetic
    hands alone. Without --strangers small books take too many unknown signs for enrolled ones.
    """
    table = load_alphabet(alphabet)
    _require_torch()
    from accessify.engines.signs import OnnxSignEncoder  # noqa: PLC0415
    from accessify.training.sign_cohort import make_cohort, write_cohort  # noqa: PLC0415 - needs torch
    from accessify.training.signs import export_signs, train_ensemble  # noqa: PLC0415 - needs torch
    from accessify.training.strangers import pieces  # noqa: PLC0415 - needs torch

    network, cohort = output / "signs.onnx", output / "signs-cohort.npz"
    for target in (network, cohort):
        require_writable(target)
    real = [pieces(read_poses(path)) for path in strangers]
    with shown() as on_progress:
        ensemble, trainings = train_ensemble(
            table, _given(how), keep=_STATES / "signs", on_progress=on_progress
        )
    gap = export_signs(ensemble, table, network, _facts(trainings, ()))
    write_cohort(make_cohort(OnnxSignEncoder(network), table, real), cohort)
    rmtree(_STATES / "signs", ignore_errors=True)
    click.echo(f"wrote {network} (differs from torch by {gap:.1e} at most) and {cohort}")


@command.command()
@click.option("--seed", default=0, show_default=True, help="Another seed gives another network.")
@click.option("--steps", type=click.IntRange(1), help="Batches to learn from.")
@click.option(
    "--unpack",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE.npz",
    help="Train nothing: make the checkpoint of this compact file.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write: compact (.npz), or openai-whisper's checkpoint (.pt).",
)
def whisper(output: Path, unpack: Path | None, **how: Any) -> None:
    """Train the small Whisper that our tests hear with (models/whisper-test-en-zh.md).

    Numbers and a few hundred words in English and Mandarin, from synthetic voices: needs eSpeak NG, the
    extra `whisper`, and an hour of one core. It is no product.
    """
    if output.suffix not in (".npz", ".pt") or (unpack and output.suffix != ".pt"):
        raise OptionError(f"{output}: end the name in .pt" + ("" if unpack else " or .npz"))
    for package, extra in (("torch", "train"), ("whisper", "whisper")):
        if find_spec(package) is None:
            raise MissingExtra(package, extra)
    require_writable(output)
    from accessify.training.whisper_file import build  # noqa: PLC0415 - needs torch

    build(unpack, output) if unpack else _train_whisper(_given(how), output)
    click.echo(f"wrote {output}")


def _train_whisper(options: dict[str, Any], output: Path) -> None:
    from accessify.training.whisper_file import build, pack  # noqa: PLC0415 - needs torch
    from accessify.training.whisper_training import WhisperTraining, train_whisper  # noqa: PLC0415 - needs torch

    training = WhisperTraining(**options)
    with shown() as on_progress:
        pupil = train_whisper(training, keep=_STATES / "whisper.pt", on_progress=on_progress)
    compact = output if output.suffix == ".npz" else _STATES / "whisper.npz"
    pack(pupil, compact, _facts(training, ()) | {"data": "voices of eSpeak NG"})
    if output.suffix == ".pt":
        build(compact, output)
        compact.unlink()
    (_STATES / "whisper.pt").unlink(missing_ok=True)


def _train_letters(table: Alphabet, sets: list[LetterSet], options: dict[str, Any], output: Path) -> None:
    _require_torch()
    from accessify.training.letters import LetterTraining, export_letters, train_letters  # noqa: PLC0415 - needs torch

    training = LetterTraining(**options)
    with shown() as on_progress:
        network = train_letters(table, sets, training, keep=_STATES / "letters.pt", on_progress=on_progress)
    gap = export_letters(network, table, output, _facts(training, sets))
    (_STATES / "letters.pt").unlink(missing_ok=True)
    click.echo(f"wrote {output} (differs from torch by {gap:.1e} at most)")


def _leave_one_out(
    table: Alphabet, sets: list[LetterSet], options: dict[str, Any], output: Path | None
) -> None:
    if len(sets) < 2:
        raise OptionError("--leave-one-out needs two files or more, of different people")
    _require_torch()
    from accessify.training.letters import LetterTraining, leave_one_out  # noqa: PLC0415 - needs torch

    training = LetterTraining(**options)
    with shown() as on_progress:
        found = leave_one_out(table, sets, training, on_progress=on_progress)
    for name, figures in found.items():
        click.echo(
            f"{name}: {figures['accuracy']:.1%} of {figures['rows']} hands right, among three answers "
            f"{figures['top3']:.1%}; of the surest 70 % {figures['answered_70']:.1%}"
        )
    if output is not None:
        text = json.dumps({**found, "facts": _facts(training, sets)}, indent=1, ensure_ascii=False)
        with placed(output) as temporary:
            temporary.write_text(text + "\n", "utf-8")
        click.echo(f"wrote {output}")


def _given(how: dict[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in how.items() if value is not None}


def _facts(training: object, sets: list[LetterSet] | tuple[()]) -> dict[str, str]:
    """What goes into a network's file: how it was made, from what, with what."""
    data = ", ".join(f"{one.name} {sha256(one.hands.tobytes()).hexdigest()[:10]}" for one in sets)
    return {
        "licence": "Apache-2.0",
        "recipe": str(training),
        "data": f"{data}, synthetic hands" if data else "synthetic signs",
        "made with": f"accessify {version('accessify')}, torch {version('torch')}",
    }


def _require_torch() -> None:
    """Raise `MissingExtra` where nothing can be trained."""
    for package in ("torch", "onnx", "onnxscript"):
        if find_spec(package) is None:
            raise MissingExtra(package, "train")
