"""`accessify check`: a caption file against a style guide."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from accessify.captions.check import check
from accessify.captions.film import Film
from accessify.captions.fix import fix
from accessify.captions.formats import format_for
from accessify.captions.frames import Grid, rate_of_times
from accessify.captions.rules import load_profile, profile_names
from accessify.cli.findings import Report, as_json, changes, show
from accessify.cli.progress import shown
from accessify.core.errors import OptionError, UnknownName
from accessify.core.text import Document
from accessify.core.timecode import parse_timecode
from accessify.core.timeline import Rate, seconds
from accessify.delivery.files import read_captions, write_captions
from accessify.media.probe import probe
from accessify.media.shots import find_shots

_PROGRAMME_START = seconds(3600)
"""Where the timecode of a film usually begins."""

HELP = """Check the captions in FILE against a customer's style guide.

Every rule that a caption breaks is listed with what was measured, what is allowed and what
repairs it; the verdict stands at the end. Errors fail the check. Advice does not: it is for a
person to judge.

Times are judged in whole frames. The frame rate is that of the film (--video), else the one that
FILE states, else the one on whose frames all its times lie; where none of these is known, times are
judged in milliseconds, and nothing is reported that could be right at some rate. With --video,
captions are also judged by the film's shot changes and its end.

--fix repairs what needs no change of words: gaps and overlaps, captions that are too short, too
long or, with silence behind them, too fast; starts and ends on frames and shot changes; line breaks,
white space, ellipses, dashes, brackets and italics; empty captions go. FILE itself is rewritten,
in its own format and only if something changes, unless -o names another.

Exit code: 0 when no error is left, 1 when there is one, 2 when FILE or an option cannot be used.

\b
Examples:
  accessify check film.srt
  accessify check film.srt --video film.mp4 --fix
  accessify check film.vtt --profile bbc --fix -o film.bbc.vtt
  accessify check film.ttml --json > findings.json
"""


@click.command(help=HELP)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--profile",
    "name",
    metavar="NAME",
    help=f"Style guide: {', '.join(profile_names())}. Default: netflix-zh-hans for Chinese, else netflix-en.",
)
@click.option("--fix", "repair", is_flag=True, help="Repair what needs no change of words.")
@click.option("--json", "as_data", is_flag=True, help="Print JSON for machines instead of the page.")
@click.option("--all", "every", is_flag=True, help="List every finding; by default ten of each rule.")
@click.option(
    "--video",
    "film_path",
    metavar="FILM",
    type=click.Path(path_type=Path),
    help="The film: rate, shots, end.",
)
@click.option(
    "-o",
    "target",
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="With --fix: write here and leave FILE as it is.",
)
@click.pass_context
def command(  # noqa: PLR0913 - one argument for each option
    ctx: click.Context,
    path: Path,
    *,
    name: str | None,
    repair: bool,
    as_data: bool,
    every: bool,
    film_path: Path | None,
    target: Path | None,
) -> None:
    """Read, judge, repair if asked, report; exit with 1 while an error is left."""
    if target and not repair:
        raise OptionError("-o says where --fix writes to; add --fix, or leave -o out")
    document = read_captions(path)
    profile = load_profile(name or default_profile(document))
    film, basis = _film(film_path, document)
    report = Report(path, document, profile, Grid(film.rate if film else document.rate), basis, ())
    report = _repaired(report, film, target or _writable(path)) if repair else _checked(report, film)
    if as_data:
        click.echo(json.dumps(as_json(report), ensure_ascii=False, indent=2))
    else:
        show(report, every=every)
    ctx.exit(1 if report.errors else 0)


def default_profile(document: Document) -> str:
    """Name of the profile for a document's language."""
    chinese = (document.language or "").lower().split("-")[0] in ("zh", "zho", "chi", "cmn")
    return "netflix-zh-hans" if chinese else "netflix-en"


def _checked(report: Report, film: Film | None) -> Report:
    return replace(report, findings=check(report.document, report.profile, film))


def _repaired(report: Report, film: Film | None, target: Path) -> Report:
    """The report on the repaired file, which is written where anything changed."""
    before = report.document
    after = fix(before, report.profile, film)
    found = check(before, report.profile, film), check(after, report.profile, film)
    if after != before or target != report.path:
        write_captions(after, target)
    return replace(report, document=after, findings=found[1], fixed=changes(before, after, found, target))


def _writable(path: Path) -> Path:
    """`path`, if captions can be written under its name without loss of times."""
    try:
        entry = format_for(path)
        known = entry.is_read and entry.write is not None
    except UnknownName:
        known = False
    if not known:
        raise OptionError(
            f"{path}: its name does not say a caption format that can be written; add -o NAME.srt or the like"
        )
    return path


def _film(path: Path | None, document: Document) -> tuple[Film | None, str]:
    """What is known of the film, and where its rate comes from."""
    if path is not None:
        return _watched(path, document)
    if document.rate:
        return None, f"{_fps(document.rate)} as the file states"
    rate = rate_of_times(document.cues)
    if rate:
        return Film(rate), f"{_fps(rate)}, on whose frames all times lie"
    return None, "in milliseconds, since the frame rate is not known (--video FILM tells it)"


def _watched(path: Path, document: Document) -> tuple[Film, str]:
    """The film at `path`, on the clock of the captions."""
    info = probe(path)
    if info.video is None:
        raise OptionError(f"{path}: there is no picture in it; give the film, or leave --video out")
    with shown() as on_progress:
        shots = find_shots(path, on_progress)
    rate, end = info.video.rate, info.span.end or None
    offset = _offset(document, end, info.start_timecode, rate)
    film = Film(rate, tuple(shot + offset for shot in shots), None if end is None else end + offset)
    basis = f"{_fps(rate)} and {len(shots)} shot changes as in {path.name}"
    if info.video.variable:
        basis += " (its frame rate varies: frames are approximate)"
    return film, basis


def _offset(document: Document, end: int | None, timecode: str | None, rate: Rate) -> int:
    """Ticks from the film's zero to that of the captions, which may count from its start timecode."""
    span = document.cues.span
    if span is None or end is None or span.start < end:
        return 0
    start = parse_timecode(timecode, rate) if timecode else _PROGRAMME_START
    return start if start <= span.start else 0


def _fps(rate: Rate) -> str:
    return f"judged at {float(rate.fps):.6g} frames a second"
