"""`accessify caption`: films in, caption files out."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import Any

import click

from accessify.captions.doubt import unsure_words
from accessify.captions.findings import Severity
from accessify.captions.formats import FORMATS, READABLE, WRITABLE
from accessify.captions.formats.clock import clock_text
from accessify.captions.rules import profile_names
from accessify.captions.unify import SCRIPTS
from accessify.cli.counting import counted
from accessify.cli.interrupt import heeded
from accessify.cli.progress import shown
from accessify.cli.recogniser_options import Recognition, recogniser_options
from accessify.core.errors import AccessifyError, OptionError
from accessify.core.timecode import format_timecode
from accessify.core.timeline import Span
from accessify.pipelines.caption import Captioned, CaptionOptions, caption_film
from accessify.pipelines.targets import plan_targets

_FIRST_CUES = 3
_LEAST_SURE = 3
_CHECKED = frozenset(suffix for name in READABLE for suffix in FORMATS[name].suffixes)


@click.command("caption")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder, or one file whose suffix gives the format.",
)
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    help=f"One of {', '.join(WRITABLE)}; may be given several times.",
)
@click.option("-p", "--profile", help=f"Style guide: {', '.join(profile_names())}.")
@recogniser_options()
@click.option("--script", type=click.Choice(SCRIPTS), help="Write Chinese in one script, whatever was heard.")
@click.option("--audio-track", type=click.IntRange(min=0), help="Which sound track, counted from 0.")
@click.option(
    "--start-timecode",
    metavar="TC",
    help="Timecode of the first frame: 01:00:00:00 (;00 for drop-frame), or `film` for its own.",
)
@click.option(
    "--shots/--no-shots",
    default=None,
    help="Fit captions to shot changes; decodes the picture, slow. Default: where the guide asks.",
)
@click.option("--mux", is_flag=True, help="Also write the film with the captions as a track.")
@click.option("--offline", is_flag=True, help="Never dial out.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that recognise.")
@click.option(
    "--progress", type=click.Choice(["bar", "json", "none"]), help="Default: bar on a terminal, else none."
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    inputs: tuple[Path, ...],
    output: Path | None,
    formats: tuple[str, ...],
    recognition: Recognition,
    **options: Any,
) -> None:
    """Caption films or sound files.

    Without -o the files land beside the film, as SRT unless --format says otherwise. A run that was
    stopped goes on where it was when the same command is given again. Exit code 3: a part of the
    sound was damaged; the captions cover the rest.
    """
    progress: str | None = options.pop("progress")
    settings = CaptionOptions(**recognition, **options)
    if output is None and not formats:
        formats = ("srt",)
    inputs = tuple(dict.fromkeys(inputs))
    _require_distinct(inputs, output, formats)
    codes = [0]
    for path in inputs:
        try:
            with shown(progress, str(path)) as show, heeded(show) as on_progress:
                done = caption_film(path, settings, output=output, formats=formats, on_progress=on_progress)
            _report(path, done)
            codes.append(3 if any(note.kind == "damaged" for note in done.document.cues.notes) else 0)
        except AccessifyError as error:
            if len(inputs) == 1:
                raise
            click.echo(f"accessify: {error}", err=True)
            codes.append(2)
    ctx.exit(2 if 2 in codes else max(codes))  # a film that failed weighs more than a damaged one


def _require_distinct(inputs: tuple[Path, ...], output: Path | None, formats: tuple[str, ...]) -> None:
    """Raise `OptionError` where the captions of one film would overwrite another's."""
    owners: dict[Path, Path] = {}
    for path in inputs:
        for target in plan_targets(path, output, formats).captions:
            owner = owners.setdefault(target, path)
            if owner != path:
                raise OptionError(
                    f"{target}: the captions of both {owner} and {path} would be written there; "
                    "give -o a folder of its own for each film"
                )


def _report(path: Path, done: Captioned) -> None:
    cues, words = done.document.cues, done.document.words
    click.echo(
        f"{path}: {counted(len(cues), 'caption')}, {counted(len(words), 'word')}, {done.profile.title}"
    )
    for file in done.delivered.files:
        click.echo(f"  wrote {file}")
    for file in done.delivered.kept:
        click.echo(f"  kept the captions that were there as {file}")
    for cue in cues[:_FIRST_CUES]:
        click.echo(f"  {_when(done, cue.span)}  {cue.text.replace(chr(10), ' / ')}")
    if len(cues) > _FIRST_CUES:
        click.echo(f"  … and {len(cues) - _FIRST_CUES} more")
    for note in cues.notes:
        click.echo(f"  {note.kind} {_when(done, note.span)}: {note.text}")
    unsure = sorted(unsure_words(words), key=lambda word: word.confidence or 0)
    if unsure:
        least = ", ".join(f"{word.text} at {_time(done, word.span.start)}" for word in unsure[:_LEAST_SURE])
        click.echo(f"  listen to {counted(len(unsure), 'unsure word')} first, e.g. {least}")
    click.echo(f"  check: {_verdict(path, done)}")
    click.echo("  Made by a machine: let a person read the captions before anyone relies on them.")


def _when(done: Captioned, span: Span) -> str:
    return f"{_time(done, span.start)} – {_time(done, span.end)}"


def _time(done: Captioned, ticks: int) -> str:
    """As the files say it: a clock time, or a timecode where one was asked for."""
    if done.start is None or done.document.rate is None:
        return clock_text(max(ticks, 0))
    return format_timecode(max(ticks, 0) + done.start, done.document.rate)


def _verdict(path: Path, done: Captioned) -> str:
    errors = [finding for finding in done.findings if finding.severity is Severity.ERROR]
    advice = len(done.findings) - len(errors)
    also = f"; {counted(advice, 'hint')}" if advice else ""
    if not errors:
        return f"passes {done.profile.name}{also}"
    counts = Counter(finding.rule for finding in errors)
    told = ", ".join(f"{rule} {count}" for rule, count in counts.most_common())
    files = [file for file in done.delivered.files if file.suffix in _CHECKED]
    command = ("accessify", "check", *map(str, files[:1]), "-p", done.profile.name, "--video", str(path))
    see = f"; see: {shlex.join(command)}" if files else ""
    return f"{counted(len(errors), 'finding')} against {done.profile.name} ({told}){also}{see}"
