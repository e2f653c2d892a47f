"""`accessify convert`: a caption file, or landmarks, in another format."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from accessify.captions.formats import READABLE, WRITABLE, format_for
from accessify.core.errors import OptionError
from accessify.core.text import Document
from accessify.core.timecode import parse_timecode
from accessify.core.timeline import Note, Rate, seconds, to_seconds
from accessify.delivery import poses
from accessify.delivery.files import read_captions, write_captions

_MOST_NOTES = 10


@click.command(
    help="Convert a caption file or landmarks; the endings of the names give the formats. "
    f"Captions read: {', '.join(READABLE)}; written: {', '.join(WRITABLE)}. "
    f"Landmarks read: {', '.join(poses.READABLE)}, folders of MediaPipe .npy frames or OpenPose JSON; "
    f"written: {', '.join(poses.WRITABLE)}."
)
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--format", "name", type=click.Choice(WRITABLE, case_sensitive=False), help="Format of OUT.")
@click.option(
    "--rate",
    "--fps",
    metavar="FPS",
    help="Frame rate of the film, e.g. 23.976 or 29.97df: a file that counts frames is read at it, "
    "a timecode --offset counts in it, and OUT states it where the format can. It moves no other time. "
    "Landmarks of frames by number, as in .pose files, are at that rate.",
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
@click.option("--size", metavar="WxH", help="Landmarks: width and height of the pictures, e.g. 1280x720.")
@click.option(
    "--mirrored/--not-mirrored",
    default=None,
    help="Landmarks: whether the pictures are a selfie's, with left and right swapped.",
)
@click.option(
    "--z",
    type=click.Choice(["pixels", "widths"]),
    help="Landmarks: what depths in a .pose file are in; accessify writes pixels, other tools mostly "
    "picture widths.",
)
@click.option(
    "--person",
    metavar="N",
    type=click.IntRange(min=0),
    help="Landmarks: which person of a file with several, counted from 0.",
)
def command(  # noqa: PLR0913 - one argument for each option
    source: Path,
    target: Path,
    *,
    name: str | None,
    rate: str | None,
    stretch: str | None,
    offset: str | None,
    **known: Any,
) -> None:
    """Read, stretch, shift, write, and say what the new format cannot hold; `known` is of landmarks."""
    film_rate = _rate("--rate", rate) if rate else None
    if name is None and target.suffix.lower() in poses.WRITABLE:
        _refuse("captions, not for landmarks", {"--stretch": stretch, "--offset": offset})
        _convert_poses(source, target, known | {"rate": film_rate})
        return
    entry = format_for(name or target, writing=True)
    _refuse("landmarks, not for captions", {f"--{option}": value for option, value in known.items()})
    document = _read_captions(source, film_rate, stretch, offset)
    write_captions(document, target, entry.name)
    click.echo(f"{target}: {len(document.cues)} captions, {entry.title}")
    _warn(document.cues.notes)
    if losses := entry.losses(document):
        click.echo(f"{target}: lost, since {entry.title} cannot hold it: {', '.join(losses)}", err=True)


def _read_captions(source: Path, rate: Rate | None, stretch: str | None, offset: str | None) -> Document:
    """The captions at their new times."""
    if source.is_dir() or source.suffix.lower() in poses.READABLE:
        raise OptionError(
            f"{source}: landmarks cannot become captions; "
            f"write them to a name that ends in {' or '.join(poses.WRITABLE)}"
        )
    rates = _rates(stretch) if stretch else None
    document = read_captions(source, rate)
    if rate:
        document = replace(document, rate=rate)
    if rates:
        document = _stretched(document, *rates)
    if offset:
        document = document.shift(_ticks(offset, document.rate))
    return document


def _convert_poses(source: Path, target: Path, known: dict[str, Any]) -> None:
    """Convert landmarks; `known` is what the user tells of the pictures behind them."""
    size = _size(known["size"]) if known["size"] else None
    clip = poses.read_poses(source, **known | {"size": size})
    losses = poses.write_poses(clip, target)
    length = to_seconds(clip.span.duration)
    other = "from " if any(note.kind == "resampled" for note in losses) else ""  # the file has another number
    click.echo(
        f"{target}: {other}{len(clip)} poses of {len(clip.skeleton)} points, {length:.2f} s, "
        f"{clip.size[0]}x{clip.size[1]} at {float(clip.rate.fps):.6g} fps"
    )
    _warn(clip.notes)
    _warn(losses)


def _refuse(kind: str, options: dict[str, object]) -> None:
    """Raise where one of `options` was given."""
    for option, value in options.items():
        if value is not None:
            raise OptionError(f"{option} is for {kind}; leave it out")


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d{0,4})[x×]([1-9]\d{0,4})", text.strip().lower())
    if not match:
        raise OptionError(f"--size {text!r}: write width x height in pixels, e.g. 1280x720")
    return int(match[1]), int(match[2])


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


def _warn(notes: tuple[Note, ...]) -> None:
    for note in notes[:_MOST_NOTES]:
        click.echo(f"  {note.text}", err=True)
    if len(notes) > _MOST_NOTES:
        click.echo(f"  and {len(notes) - _MOST_NOTES} more of this kind", err=True)
