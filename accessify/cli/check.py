"""`accessify check`: caption files against a style guide."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import click

from accessify.captions.check import check
from accessify.captions.check_file import language_of
from accessify.captions.film import Film
from accessify.captions.film_clock import FilmStart, guessed_start, start_at
from accessify.captions.fix import REPAIRED_NOTES, fix
from accessify.captions.formats import format_for
from accessify.captions.frames import Grid, rate_of_times
from accessify.captions.rules import Profile, load_profile, profile_for, profile_names
from accessify.cli.counting import counted
from accessify.cli.findings import Report, as_json, changes, show
from accessify.cli.progress import shown
from accessify.core.errors import AccessifyError, OptionError, UnknownName
from accessify.core.text import Document
from accessify.core.timeline import Rate
from accessify.delivery.files import read_captions, write_captions
from accessify.media.probe import MediaInfo, VideoTrack, probe
from accessify.media.shots import find_shots

HELP = """Check the captions in each FILE against a customer's style guide.

Every rule that a caption breaks is listed with what was measured, what is allowed and what
repairs it; the verdict stands at the end. Errors fail the check. Advice does not: it is for a
person to judge.

Times are judged in whole frames. The frame rate is that of the film (--video), else the one that
FILE states, else the one on whose frames all its times lie; where none of these is known, times are
judged in milliseconds, and nothing is reported that could be right at some rate. With --video,
captions are also judged by the film's shot changes and its end.

Captions may count from the film's beginning or from its timecode. What they count from is found by
what fits best, which the report says; --start-timecode says it for sure.

--fix repairs what needs no change of words: gaps and overlaps, captions that are too short, too
long or, with silence behind them, too fast; starts and ends on frames and shot changes; line breaks,
white space, ellipses, dashes, brackets and italics; empty captions go. FILE itself is rewritten,
in its own format and only if something changes, unless -o names another.

Exit code: 0 when no error is left, 1 when there is one, 2 when a FILE or an option cannot be used.

\b
Examples:
  accessify check film.srt
  accessify check film.srt --video film.mp4 --fix
  accessify check reel1.srt reel2.srt -p netflix-en
  accessify check film.vtt -p bbc --fix -o film.bbc.vtt
  accessify check film.ttml --json > findings.json
"""


@click.command(help=HELP)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-p",
    "--profile",
    "name",
    metavar="NAME",
    help=f"Style guide: {', '.join(profile_names())}. Default: the one usual for the captions' language.",
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
    "--start-timecode",
    "timecode",
    metavar="TC",
    help="With --video: timecode of its first frame that the captions count from, e.g. 01:00:00:00 "
    "(;00 for drop-frame), `film` for its own, 00:00:00:00 for none.",
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
    paths: tuple[Path, ...],
    *,
    name: str | None,
    repair: bool,
    as_data: bool,
    every: bool,
    film_path: Path | None,
    timecode: str | None,
    target: Path | None,
) -> None:
    """Read, judge, repair if asked, report; exit with 1 while an error is left."""
    _require_sense(paths, repair=repair, target=target)
    if timecode and film_path is None:
        raise OptionError("--start-timecode says where a film begins; name the film with --video")
    if name:
        load_profile(name)  # raises before the film is looked through
    picture = _picture(film_path, timecode) if film_path else None
    reports, codes = [], [0]
    for path in paths:
        try:
            report = _report(path, name, picture)
            report = _repaired(report, target or _writable(path)) if repair else _checked(report)
        except AccessifyError as error:
            if len(paths) == 1:
                raise
            click.echo(f"accessify: {error}", err=True)
            codes.append(2)
            continue
        codes.append(1 if report.errors else 0)
        reports.append(report)
        if not as_data:
            if len(reports) > 1:
                click.echo()
            show(report, every=every)
    if as_data:
        data = [as_json(report) for report in reports]
        click.echo(json.dumps(data if len(paths) > 1 else data[0], ensure_ascii=False, indent=2))
    ctx.exit(max(codes))


def _require_sense(paths: tuple[Path, ...], *, repair: bool, target: Path | None) -> None:
    if target and not repair:
        raise OptionError("-o says where --fix writes to; add --fix, or leave -o out")
    if target and len(paths) > 1:
        raise OptionError("-o names one file; give one FILE, or leave -o out to rewrite each")


def _report(path: Path, name: str | None, picture: _Picture | None) -> Report:
    """What is known of a file before it is judged."""
    document = read_captions(path, picture.video.rate if picture else None)
    language = language_of(document)
    profile = profile_for(language, name) if language else load_profile(name or "netflix-en")
    if picture:
        return picture.report(path, document, profile)
    film, basis = _film(document)
    grid = Grid(film.rate if film else document.rate)
    return Report(path, document, profile, grid, basis, film)


def _checked(report: Report) -> Report:
    return replace(report, findings=check(report.document, report.profile, report.film))


def _repaired(report: Report, target: Path) -> Report:
    """The report on the repaired file, which is written where anything changes in it."""
    before, profile, film = report.document, report.profile, report.film
    after = fix(before, profile, film)
    found = check(before, profile, film), check(after, profile, film)
    old, new = (_as_written(document, target) for document in (before, after))
    if target != report.path or old != new:
        write_captions(after, target)
    return replace(report, document=after, findings=found[1], fixed=changes(old, new, found, target))


def _as_written(document: Document, target: Path) -> Document:
    """What a reader finds in the file once it is written: times move by less than some formats can say."""
    entry = format_for(target, writing=True)
    if entry.read is None:
        return document
    notes = [note for note in document.cues.notes if note.kind in REPAIRED_NOTES]
    written = entry.read(entry.writer()(document), str(target))
    return replace(written, cues=written.cues.with_notes(notes))


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


def _film(document: Document) -> tuple[Film | None, str]:
    """What the captions themselves tell of the film, and where its rate comes from."""
    if document.rate:
        return None, f"{_fps(document.rate)} as the file states"
    rate = rate_of_times(document.cues)
    if rate:
        return Film(rate), f"{_fps(rate)}, on whose frames all times lie"
    return None, "in milliseconds, since the frame rate is not known (--video FILM tells it)"


@dataclass(frozen=True, slots=True)
class _Picture:
    """A film that was looked through, on its own clock."""

    path: Path
    info: MediaInfo
    video: VideoTrack
    film: Film
    start: FilmStart | None
    """Where the captions have it begin, if that was said."""

    def report(self, path: Path, document: Document, profile: Profile) -> Report:
        """What is known of a caption file of this film."""
        start = self.start or guessed_start(document.cues, self.film, self.info.start_timecode)
        film = replace(self.film, start=start.ticks)
        basis = f"{_fps(film.rate)} and {counted(len(film.shots), 'shot change')} as in {self.path.name}"
        if self.video.variable:
            basis += " (its frame rate varies: frames are approximate)"
        if start.told:
            basis += f", captions count from {start.told}"
            basis += " (a guess, it fits best: --start-timecode says it)" if start.is_guess else ""
        grid = Grid(film.rate, film.start)
        return Report(path, document, profile, grid, basis, film, start)


def _picture(path: Path, timecode: str | None) -> _Picture:
    """The film at `path`, looked through for shot changes."""
    info = probe(path)
    if info.video is None:
        raise OptionError(f"{path}: there is no picture in it; give the film, or leave --video out")
    rate = info.video.rate
    if timecode == "film":
        timecode = info.start_timecode
        if timecode is None:
            raise OptionError(f"{path}: it has no start timecode of its own; give one, e.g. 01:00:00:00")
    start = start_at(timecode, rate) if timecode else None
    with shown() as on_progress:
        shots = find_shots(path, on_progress)
    return _Picture(path, info, info.video, Film(rate, shots, info.span.end or None), start)


def _fps(rate: Rate) -> str:
    return f"judged at {float(rate.fps):.6g} frames a second"
