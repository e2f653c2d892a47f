"""`accessify live`: captions while somebody speaks."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from accessify.captions.formats import WRITABLE, format_for
from accessify.captions.reading import ReadingOptions
from accessify.captions.roll import Roll, RollOptions
from accessify.cli.counting import counted
from accessify.cli.interrupt import ended_by_request, heeded
from accessify.cli.live_mpv import follow_mpv, script_path
from accessify.cli.live_view import NoView, PlainView, TerminalView, View
from accessify.cli.progress import shown
from accessify.cli.recogniser_options import Recognition, recogniser_options
from accessify.core.errors import OptionError
from accessify.core.live import LiveLine, LiveUpdate
from accessify.core.placing import require_writable
from accessify.core.progress import OnProgress, Progress
from accessify.core.timeline import TICKS_PER_SECOND
from accessify.delivery.live_vtt import LiveVtt, require_vtt
from accessify.media.address import is_address
from accessify.media.live_input import LiveInput, RawFormat, open_input
from accessify.media.microphone import Microphone, microphones
from accessify.media.raw_sound import RAW_FORMATS
from accessify.pipelines.live import LiveEngine, LiveOptions
from accessify.pipelines.live_session import LiveSession, Minutes, about_live
from accessify.pipelines.targets import Targets, deliver, keep_earlier

_LOOK = 0.1
"""Seconds between two looks at the pace of reading."""
_LISTENING = Progress("listen", 0, None)
_LOST = {"damaged", "dropped", "overflow", "source-lost", "microphone-lost"}
"""Notes that mean that something is missing."""


@click.command("live", context_settings={"allow_extra_args": True})
@click.option("--mic", is_flag=True, help="Listen to a microphone.")
@click.option("--device", help="Which: its number or part of its name; see --devices.")
@click.option("--devices", is_flag=True, help="List microphones, then exit.")
@click.option("--input", "source", metavar="FILE|URL|-", help="Listen to a file, a stream or standard input.")
@click.option("--paced", is_flag=True, help="Play a file at the pace it was spoken.")
@click.option(
    "--raw", type=click.Choice(tuple(RAW_FORMATS)), help="The input is samples without a container."
)
@click.option("--rate", type=int, help="Hz of --raw.  [default: 16000]")
@click.option("--channels", type=int, help="Channels of --raw.  [default: 1]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="LIVE.vtt",
    help="A file that grows, always valid.",
)
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    help=f"Formats of the transcript: {', '.join(WRITABLE)}.  [default with -o: vtt]",
)
@click.option("--show/--no-show", default=True, help="Show the captions here.  [default: show]")
@click.option("--plain", is_flag=True, help="One line after the other, for screen readers; so are pipes.")
@click.option("--rows", type=click.IntRange(2, 4), default=3, show_default=True, help="Lines on the screen.")
@click.option(
    "--width", type=click.IntRange(min=10), default=37, show_default=True, help="Characters a line."
)
@click.option(
    "--pace", type=click.IntRange(60, 400), default=180, show_default=True, help="Words a minute at most."
)
@click.option("--mpv", metavar="SOCKET", help="Show captions over what mpv --input-ipc-server=SOCKET plays.")
@click.option("--mpv-script", is_flag=True, help="Print the path of a script that does so in any mpv.")
@recogniser_options("--compute")
@click.option("--offline", is_flag=True, help="Never dial out for a model.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads that listen.")
@click.pass_context
def command(ctx: click.Context, /, **options: object) -> None:
    """Caption a speaker while they speak.

    Committed words never change; what may still change is dimmed. Ctrl-C ends: what was begun is heard
    out, everything is written, and the exit code is 0. With -o a transcript lands beside the live file,
    LIVE.transcript.vtt: its captions are composed anew from the last reading of each utterance. Exit
    code 3: something could not be heard.
    """
    if ctx.args:
        raise OptionError(f"{ctx.args[0]}: a file, an address or - is given with --input {ctx.args[0]}")
    wanted = _Wanted(**options)  # type: ignore[arg-type]
    with ended_by_request():
        if wanted.devices:
            _list_devices()
        elif wanted.mpv_script:
            click.echo(script_path())
        elif wanted.mpv is not None:
            if wanted.mic or wanted.source or wanted.output or wanted.formats:
                raise OptionError(
                    "--mpv captions what mpv plays, and writes nothing; leave out --mic, --input, -o and -f "
                    "(a film's captions are written by: accessify caption FILM)"
                )
            follow_mpv(wanted.mpv, wanted.live, wanted.reading(wanted.width), say=wanted.show)
        else:
            ctx.exit(_run(wanted))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The options as they were given."""

    mic: bool
    device: str | None
    devices: bool
    source: str | None
    paced: bool
    raw: str | None
    rate: int | None
    channels: int | None
    output: Path | None
    formats: tuple[str, ...]
    show: bool
    plain: bool
    rows: int
    width: int
    pace: int
    mpv: str | None
    mpv_script: bool
    recognition: Recognition
    offline: bool
    workers: int | None

    @property
    def live(self) -> LiveOptions:
        return LiveOptions(
            **self.recognition,
            offline=self.offline,
            workers=self.workers,
        )

    @property
    def samples(self) -> RawFormat | None:
        return RawFormat(self.raw, self.rate or 16_000, self.channels or 1) if self.raw else None

    def reading(self, width: int) -> ReadingOptions:
        """Lines of at most `width` characters."""
        return ReadingOptions(words_per_minute=self.pace, rows=self.rows, width=width)

    @property
    def transcripts(self) -> tuple[Path, ...]:
        """Where the transcript goes, one file for each format."""
        if self.output is None and not self.formats:
            return ()
        base = self.output.with_suffix("") if self.output else Path(_stem(self.source))
        kinds = dict.fromkeys(format_for(name, writing=True) for name in self.formats or ("vtt",))
        return tuple(base.with_name(f"{base.name}.transcript{kind.suffixes[0]}") for kind in kinds)

    def told(self, name: str) -> str:
        """What files say of the source: no folders of this machine."""
        return Path(name).name if self.source and not is_address(self.source) else name


def _stem(source: str | None) -> str:
    if source is None or source == "-" or "://" in source:
        return "live"
    return Path(source).stem


def _list_devices() -> None:
    known = microphones()
    for each in known:
        click.echo(str(each))
    if not known:
        click.echo("no microphone is connected", err=True)


def _run(wanted: _Wanted) -> int:
    """Listen to the end; the exit code."""
    _require_clear(wanted)
    targets = wanted.transcripts
    for target in (*targets, *((wanted.output,) if wanted.output else ())):
        require_writable(target)
    source: LiveInput | None = open_input(wanted.source, wanted.samples) if wanted.source else None
    with (
        shown(None if wanted.show else "none") as on_progress,
        LiveEngine(wanted.live, on_progress) as engine,
    ):
        source = source or Microphone(wanted.device)  # on only when somebody can listen
        name = wanted.told(source.name)
        if wanted.output and wanted.output.is_file():
            click.echo(f"kept the captions that were there as {keep_earlier(wanted.output)}", err=True)
        file = LiveVtt(wanted.output, about_live(wanted.live, name)) if wanted.output else None
        job = _Job(wanted, _view(wanted, source), file)
        try:
            job.follow(LiveSession(engine, source, paced=wanted.paced))
        except BaseException:
            if job.minutes.words:
                job.deliver(targets, name)
            raise
        job.deliver(targets, name)
    return 3 if any(note.kind in _LOST for note in job.minutes.words.notes) else 0


def _require_clear(wanted: _Wanted) -> None:
    """Raise `OptionError` for options that do not go together."""
    if wanted.mic and wanted.source is not None:
        raise OptionError(f"--mic and --input {wanted.source} are two sources of sound; give one of them")
    if not wanted.mic and wanted.source is None:
        raise OptionError("say what to listen to: --mic, or --input with a file, an address or -")
    if not wanted.show and wanted.output is None and not wanted.formats:
        raise OptionError("with --no-show nothing would be left of it; name a file: -o LIVE.vtt")
    if wanted.raw is None and (wanted.rate is not None or wanted.channels is not None):
        raise OptionError(
            "--rate and --channels describe samples without a container; say which: --raw pcm16"
        )
    if wanted.mic and (wanted.paced or wanted.raw):
        raise OptionError("--paced and --raw are for --input; a microphone has its own pace and format")
    if wanted.device is not None and not wanted.mic:
        raise OptionError("--device names a microphone; give --mic with it")
    if wanted.output is not None:
        require_vtt(wanted.output)


def _view(wanted: _Wanted, source: LiveInput) -> View:
    """The calm block needs a terminal, and sound that comes no faster than it is spoken."""
    if not wanted.show:
        return NoView()
    at_pace = source.live or wanted.paced
    if wanted.plain or not at_pace or not sys.stdout.isatty():
        return PlainView(wanted.width)
    width = max(10, min(wanted.width, Console().width - 8))
    return TerminalView(wanted.reading(width), wanted.told(source.name))


class _Job:
    """Where the updates of a session go."""

    def __init__(self, wanted: _Wanted, view: View, file: LiveVtt | None) -> None:
        self.minutes = Minutes()
        self._wanted, self._view, self._file = wanted, view, file
        self._roll = Roll(RollOptions(wanted.width))

    def follow(self, session: LiveSession) -> None:
        """Show and keep all updates until the source ends, or Ctrl-C; a second Ctrl-C strikes at once.

        Raises what the session raises, once all that was heard is kept.
        """
        with self._view, heeded(None, between=True) as step:
            try:
                self._watch_until_stopped(session, step)
            except BrokenPipeError:  # nobody reads what is shown; files are still finished
                self._view = NoView()
                self._hear_out(session)
                raise
            finally:
                session.close()
                self._write(self._roll.finish())
                if self._file:
                    self._file.close()
                self._view.finish()

    def deliver(self, targets: tuple[Path, ...], source: str) -> None:
        """Write the transcript and tell what was written."""
        document = self.minutes.document(self._wanted.live, source)
        if targets:
            done = deliver(document, 0, Path(source), Targets(targets))
            for file in (*((self._wanted.output,) if self._wanted.output else ()), *done.files):
                click.echo(f"wrote {file}", err=True)
            for file in done.kept:
                click.echo(f"kept the captions that were there as {file}", err=True)
        click.echo(f"{counted(len(document.words), 'word')}; made by a machine", err=True)

    def _watch_until_stopped(self, session: LiveSession, step: OnProgress) -> None:
        try:
            self._watch(session, step)
        except KeyboardInterrupt:
            self._hear_out(session)

    def _watch(self, session: LiveSession, step: OnProgress) -> None:
        """Take all updates; Ctrl-C ends it between two of them, so that none is lost on its way."""
        while not session.over:
            step(_LISTENING)
            update = session.next(_LOOK)
            if update is not None:
                self._take(update)
            self._view.look(_now())
        while self._view.look(_now()):  # words that wait for a reader
            step(_LISTENING)
            time.sleep(_LOOK)

    def _hear_out(self, session: LiveSession) -> None:
        session.stop()
        while (update := session.next(None)) is not None:
            self._take(update)

    def _take(self, update: LiveUpdate) -> None:
        self.minutes.push(update)
        self._write(self._roll.push(update))
        self._view.push(update, _now())

    def _write(self, lines: Iterable[LiveLine]) -> None:
        for line in lines if self._file else ():
            assert self._file is not None  # noqa: S101 - for the type checker
            self._file.write(line)


def _now() -> int:
    return time.monotonic_ns() * TICKS_PER_SECOND // 1_000_000_000
