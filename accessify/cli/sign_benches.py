"""`accessify bench letters` and `words`: figures on files of letters and words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.table import Table

from accessify.cli.bench_output import Stages, give_json, roomy_console
from accessify.delivery.word_sets import ASPECT
from accessify.evaluation.letter_bench import LetterBenchOptions, bench_letters
from accessify.evaluation.word_bench import WordBenchOptions, bench_words

_FILE = click.Path(path_type=Path, dir_okay=False)

_LETTERS = {
    "accuracy": "named right",
    "top3": "right letter among the first three",
    "by_letter": "named right, mean over letters",
    "answered_90": "right among the surest 90 %",
    "answered_70": "right among the surest 70 %",
}
_WORDS = {
    "top1": "right word first",
    "top5": "right word among the first five",
    "answered_50": "right among the half with the highest confidence",
    "equal_error_rate": "equal error rate, half of the words enrolled",
    "right_accepted": "right and accepted, at 10 % false accepts",
    "false_accepts": "signs not enrolled that are taken for one, at our own threshold",
    "false_rejects": "enrolled signs that are refused, at our own threshold",
    "right_told": "enrolled signs that are told rightly, at our own threshold",
    "calibration_error": "expected calibration error of the confidence",
}
"""Figure → what it tells."""


@click.command()
@click.argument("file", type=_FILE)
@click.option("--aspect", type=click.FloatRange(0.1, 10), help="Width of the pictures by their height.")
@click.option(
    "--mirrored/--not-mirrored",
    default=None,
    help="Whether the pictures are a selfie's, or left hands.  [default: what the file says]",
)
@click.option("--model", type=_FILE, help="A network of accessify train letters.  [default: the one shipped]")
@click.option("--alphabet", default="ase", show_default=True, help="Whose still letters are scored.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON; shares are 0 to 1.")
@click.option("-o", "--output", type=_FILE, help="Write the JSON here.")
def letters(file: Path, as_json: bool, output: Path | None, **how: Any) -> None:
    """Score the letter network on the still letters in FILE.npz (layouts: datasets/letters.md).

    Only rows in which a hand was found are scored. On the people it was trained on it is nearly always
    right, which says nothing about others.
    """
    bench = bench_letters(file, LetterBenchOptions(**how))
    give_json(bench, as_json, output)
    if as_json:
        return
    _print_shares(bench, _LETTERS)
    worst = sorted(bench["letters"].items(), key=lambda item: item[1])[:5]
    if bench["trained_on"]:
        click.echo("The network was trained on these very hands: this says nothing about other people.")
    click.echo(f"{bench['rows']} hands; {bench['missed']} rows of the file had none.")
    click.echo("Worst letters: " + ", ".join(f"{letter} {share:.0%}" for letter, share in worst))
    for mistake, count in bench["confused"].items():
        click.echo(f"{count:6} × {mistake}")


@click.command()
@click.argument("file", type=_FILE)
@click.option(
    "--aspect",
    type=click.FloatRange(0.1, 10),
    default=ASPECT,
    help="Width of the pictures by their height.  [default: 4/3]",
)
@click.option(
    "--references", type=click.IntRange(1), default=1, show_default=True, help="Clips enrolled of each word."
)
@click.option(
    "--draws", type=click.IntRange(1), default=20, show_default=True, help="Random choices of them."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the random choices.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON; shares are 0 to 1.")
@click.option("-o", "--output", type=_FILE, help="Write the JSON here.")
def words(file: Path, as_json: bool, output: Path | None, **how: Any) -> None:
    """Score enrolled signs on the clips in FILE.npz (layout: datasets/words.md).

    Every clip is looked for with clips of other takes enrolled, first all words, then half of them.
    """
    bench = bench_words(file, WordBenchOptions(**how), None if as_json else Stages())
    give_json(bench, as_json, output)
    if as_json:
        return
    _print_shares(bench, _WORDS)
    data = bench["data"]
    click.echo(
        f"{data['words']} words, {data['clips']} clips of {data['takes']} takes; left out: "
        f"{data['too_short']} that are too short; never found: {data['no_hand']} without a hand."
    )


COMMANDS = (letters, words)


def _print_shares(bench: dict[str, Any], titles: dict[str, str]) -> None:
    console = roomy_console(120)
    spread = bench.get("sd")
    table = Table("", "%", *(["sd over draws"] if spread else []), box=SIMPLE)
    for name, title in ((name, title) for name, title in titles.items() if name in bench):
        more = [f"{100 * spread[name]:.1f}"] if spread else []
        table.add_row(title, f"{100 * bench[name]:.1f}", *more)
    console.print(table)
