"""`accessify convert`: a caption file in another format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from accessify.captions.formats import READABLE, WRITABLE, format_for
from accessify.core.errors import OptionError
from accessify.core.text import Document
from accessify.core.timecode import parse_timecode
from accessify.core.timeline import Rate, seconds
from accessify.delivery.files import read_captions, write_captions

_MOST_NOTES = 10


@click.command(
    help="Convert a caption file; the endings of the names give the formats. "
    f"Read: {', '.join(READABLE)}; written: {', '.join(WRITABLE)}."
)
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--format", "name", type=click.Choice(WRITABLE, case_sensitive=False), help="Format of OUT.")
@click.option(
    "--rate",
    metavar="FPS",
    help="Frame rate of the film, e.g. 23.976 or 29.97df: a file that counts frames is read at it, "
    "a timecode --offset counts in it, and OUT states it where the format can. It moves no other time.",
)
@click.option(
    "--stretch",
    metavar="FROM:TO",
    help="The film now runs at TO frames a second instead of FROM, e.g. 23.976:25 (PAL speed-up): "
    "times change in that proportion, before --offset.",
)
@click.option(
    "--offset",
    metavar="TIME",
    help="Show everything later by this: seconds, or a timecode (which needs --rate); '-' means earlier.",
)
def command(  # noqa: PLR0913 - one argument for each option
    source: Path,
    target: Path,
    *,
    name: str | None,
    rate: str | None,
    stretch: str | None,
    offset: str | None,
) -> None:
    """Read, stretch, shift, write, and say what the new format cannot hold."""
    entry = format_for(name or target, writing=True)
    film_rate = _rate("--rate", rate) if rate else None
    rates = _rates(stretch) if stretch else None
    document = read_captions(source, film_rate)
    if film_rate:
        document = replace(document, rate=film_rate)
    if rates:
        document = _stretched(document, *rates)
    if offset:
        document = document.shift(_ticks(offset, document.rate))
    write_captions(document, target, entry.name)
    click.echo(f"{target}: {len(document.cues)} captions, {entry.title}")
    _warn(document)
    if losses := entry.losses(document):
        click.echo(f"{target}: lost, since {entry.title} cannot hold it: {', '.join(losses)}", err=True)


def _rate(option: str, text: str) -> Rate:
    try:
        return Rate.parse(text)
    except ValueError as error:
        raise OptionError(f"{option}: {error}") from None


def _rates(text: str) -> tuple[Rate, Rate]:
    before, colon, after = text.partition(":")
    if not colon:
        raise OptionError(f"--stretch {text!r}: write two frame rates, e.g. 23.976:25")
    return _rate("--stretch", before), _rate("--stretch", after)


def _stretched(document: Document, before: Rate, after: Rate) -> Document:
    """The captions of the same frames at another speed."""
    factor = before.fps / after.fps
    return replace(document.retime(lambda tick: round(tick * factor)), rate=after)


def _ticks(text: str, rate: Rate | None) -> int:
    """Ticks of an offset in seconds or as timecode, either with a sign."""
    sign, body = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    try:
        return sign * seconds(float(body))
    except (ValueError, OverflowError):
        if rate is None:
            raise OptionError(
                f"--offset {text!r}: write seconds such as 1.5, or a timecode together with --rate"
            ) from None
    return sign * parse_timecode(body, rate)


def _warn(document: Document) -> None:
    notes = document.cues.notes
    for note in notes[:_MOST_NOTES]:
        click.echo(f"  {note.text}", err=True)
    if len(notes) > _MOST_NOTES:
        click.echo(f"  and {len(notes) - _MOST_NOTES} more of this kind", err=True)
