"""`accessify bench`: figures on your own data, and the tables of the documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from accessify.cli import app_bench, avatar_benches, device_bench, live_benches, sign_benches, whisper_benches
from accessify.cli.bench_output import Stages, give_json, print_bench
from accessify.delivery.word_sets import ASPECT
from accessify.evaluation import landmark_tables, sign_tables
from accessify.evaluation.figures import Rows
from accessify.evaluation.landmark_run import LandmarkBenchOptions, bench_landmarks
from accessify.evaluation.run import BenchOptions, bench_captions
from accessify.evaluation.sign_bench import SignBenchOptions, bench_signs
from accessify.evaluation.tables import BENCHES, read_benches, systems_rows, update_document


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
    _give(bench_captions(folder, BenchOptions(**how), None if as_json else Stages()), as_json, output)


@command.command()
@click.argument(
    "videos", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="VIDEO [REFERENCE.npz] …"
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the JSON here.")
@click.option(
    "--rivals/--no-rivals",
    default=True,
    help="Also measure MediaPipe 0.10.21, in an environment made for it.",
)
@click.option("--quick", is_flag=True, help="The beginning of each clip, one round, no memory runs.")
@click.option(
    "--rounds", default=5, show_default=True, type=click.IntRange(1), help="Rounds of the speed test."
)
@click.option("--memory/--no-memory", default=True, help="Also look at ten minutes of 720p.")
@click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="What accessify runs on in all measurements; MediaPipe and TensorFlow Lite have the CPU.",
)
@click.option(
    "--looked-at",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("docs/benchmarks/looked-at/hands.json"),
    show_default=True,
    help="Verdicts on hands that only one side found; those in VIDEO.hands.json beside a video go first.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep landmarks here, and contact sheets of hands that only one side found.",
)
def landmarks(videos: tuple[Path, ...], as_json: bool, output: Path | None, **how: Any) -> None:
    """Score landmarks on each VIDEO beside MediaPipe Holistic and Hands.

    They are compared with REFERENCE.npz, else with VIDEO.holistic.npz beside the video, else with what
    MediaPipe finds in this run. A reference holds pose [n, 33, 4], left_hand and right_hand [n, 21, 3] and
    face [n, 468, 3], in widths and heights of the picture.
    """
    progress = None if as_json else Stages()
    _give(bench_landmarks(videos, LandmarkBenchOptions(**how), progress), as_json, output)


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


@command.command()
@click.option(
    "--letters",
    "letters",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of letters for the shipped network; may be given again.",
)
@click.option(
    "--left-out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What accessify train letters --leave-one-out -o wrote.",
)
@click.option("--words", type=click.Path(path_type=Path, dir_okay=False), help="A file of words.")
@click.option(
    "--aspect",
    type=click.FloatRange(0.1, 10),
    default=ASPECT,
    help="Width of the words' pictures by their height.  [default: 4/3]",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all that is drawn.")
@click.option("--quick", is_flag=True, help="Fewer draws and less time, to see that it works.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the JSON here.")
def signs(as_json: bool, output: Path | None, **how: Any) -> None:
    """Score all that reads signs; without files, on made-up signing only.

    Made up are the people who perform signs, idle about or sign again another day. Letters and words are of
    people, in the layouts of datasets/letters.md and datasets/words.md.
    """
    _give(bench_signs(SignBenchOptions(**how), None if as_json else Stages()), as_json, output)


for _one in (
    *(*sign_benches.COMMANDS, *avatar_benches.COMMANDS, *live_benches.COMMANDS, *whisper_benches.COMMANDS),
    *app_bench.COMMANDS,
    *device_bench.COMMANDS,
):
    command.add_command(_one)


def _give(bench: dict[str, Any], as_json: bool, output: Path | None) -> None:
    """Write the result where it was asked for, and print it."""
    give_json(bench, as_json, output)
    if not as_json:
        print_bench(bench, _ROWS[bench["bench"]](bench))


def _captions(bench: dict[str, Any]) -> list[Rows]:
    """The figures with their targets, then the systems beside each other."""
    figures: list[tuple[str, ...]] = [
        figure.row(bench["figures"][figure.name], bench["intervals"].get(figure.name))
        for figure in BENCHES[bench["bench"]]
        if figure.name in bench["figures"]
    ]
    return [(("", "measured", "95 %", "target", ""), figures), systems_rows(bench)]


def _landmarks(bench: dict[str, Any]) -> list[Rows]:
    """The figures of the clips and of the run, then everything behind them."""
    parts = [rows(bench) for rows in landmark_tables.PARTS.values()]
    return [landmark_tables.figures_rows(bench), landmark_tables.run_rows(bench), *parts]


def _signs(bench: dict[str, Any]) -> list[Rows]:
    """The figures, then everything behind them."""
    parts = [rows(bench) for part, rows in sign_tables.PARTS.items() if part != "short"]
    return [sign_tables.figures_rows(bench), *parts]


_ROWS = {"captions": _captions, "landmarks": _landmarks, "signs": _signs}
"""Name of a bench → the tables that are printed."""
