"""The report on signs that look alike, on the screen."""

from __future__ import annotations

from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from accessify.cli.counting import counted
from accessify.pipelines.recognizing import alike, sign_book
from accessify.signs.confusion import Aspect, Confusion

_ADVICE = {
    Aspect.SHAPE: "form the hand clearly and towards the camera, or enrol more clips of both",
    Aspect.PALM: "turn the palm clearly, or enrol more clips of both from the same side",
    Aspect.PLACE: "keep the shoulders in the picture and the places apart, or enrol more clips of both",
    Aspect.MOVEMENT: "make the whole movement, or enrol more clips of both",
    Aspect.OTHER_HAND: "keep both hands in the picture, or enrol more clips of both",
}
_MOST = 20


def print_report(path: Path) -> None:
    """Which signs of the book at `path` look alike, what differs, and what to do."""
    book = sign_book(path)
    found = alike(book)
    if not found:
        click.echo(f"{path}: no two of {counted(len(book), 'sign')} look alike")
        return
    click.echo(f"{path}: {counted(len(found), 'pair')} of {counted(len(book), 'sign')} look alike")
    _print_table(found[:_MOST])
    if len(found) > _MOST:
        click.echo(f"… and {len(found) - _MOST} more, less alike")
    for pair in found[:_MOST]:
        click.echo(advice(pair))


def advice(pair: Confusion) -> str:
    """One line: what tells the signs apart, and what to change."""
    one, other = pair.names
    if not pair.plain:
        return f"{one} and {other}: nothing measured tells them apart; one sign under two names?"
    only = "only in " if len(pair.plain) == 1 else "most in "
    return f"{one} and {other} differ {only}{pair.plain[0].text}; {_ADVICE[pair.plain[0].aspect]}"


def _print_table(found: tuple[Confusion, ...]) -> None:
    table = Table("signs", "from limit", *Aspect, box=SIMPLE_HEAD, pad_edge=False)
    for pair in found:
        amounts = {one.aspect: one for one in pair.differences}
        cells = []
        for aspect in Aspect:
            one = amounts[aspect]
            text = f"{one.amount:.0f}°" if aspect in (Aspect.SHAPE, Aspect.PALM) else f"{one.amount:.2f}"
            cells.append(f"[bold]{text}[/bold]" if one in pair.plain else text)
        table.add_row(escape(" / ".join(pair.names)), f"{pair.distance - pair.threshold:+.2f}", *cells)
    Console(highlight=False).print(table)
