"""`accessify landmarks`: a film or camera in, the signer's points out."""

from __future__ import annotations

import filecmp
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from accessify.captions.formats.clock import clock_text
from accessify.cli.counting import counted
from accessify.cli.interrupt import heeded
from accessify.cli.progress import shown
from accessify.core.errors import NotMedia, OptionError
from accessify.core.holistic import BODY, FACE, LEFT_HAND, RIGHT_HAND
from accessify.core.placing import placed
from accessify.core.progress import OnProgress, Progress
from accessify.engines.session import PROVIDERS
from accessify.media.address import is_address
from accessify.media.address import shown as without_password
from accessify.media.decode import clock_text as short_clock
from accessify.media.device import is_device
from accessify.pipelines.landmarks import PRECISIONS, SUFFIXES, Landmarked, LandmarkOptions, landmarks_film
from accessify.pipelines.targets import keep_earlier

_PARTS = {BODY: "body", FACE: "face", LEFT_HAND: "left hand", RIGHT_HAND: "right hand"}
_PLACES = {"largest": None, "left": (0.0, 0.5), "middle": (0.5, 0.5), "right": (1.0, 0.5)}
INCOMPLETE = frozenset({"damaged", "camera-lost", "empty"})
"""Kinds of notes that say that pictures are missing."""
_SWITCH_INTERVAL = 1e-4
"""Seconds after which a thread of Python lets another run. With the usual 5 ms, networks wait for each
other: 7 % slower."""


def _signer(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[float, float] | None:
    if value in _PLACES:
        return _PLACES[value]
    try:
        x, y = (float(part) for part in value.split(","))
    except ValueError:
        x = y = -1.0
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise click.BadParameter(
            f"{value!r} is no place; give {', '.join(_PLACES)} or X,Y from 0 to 1, e.g. 0.3,0.5"
        )
    return x, y


@click.command("landmarks")
@click.argument("source")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"File to write, {' or '.join(SUFFIXES)}. Default: .pose beside the film.",
)
@click.option(
    "--preview",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write a film (.mp4) with the points drawn in.",
)
@click.option("--hands-only", is_flag=True, help="Look for hands alone; faster.")
@click.option(
    "--face",
    type=click.Choice(["mesh", "none", "expressions"]),
    default="mesh",
    show_default=True,
    help="468 points of the face; none, which is faster; or also irises and 52 scores of what it does.",
)
@click.option(
    "--signer",
    "near",
    default="largest",
    show_default=True,
    metavar="WHO",
    callback=_signer,
    help="Who, if several: largest, left, middle, right (as you see them) or a place X,Y from 0 to 1.",
)
@click.option(
    "--smooth",
    type=click.Choice(["none", "body", "all"]),
    default="body",
    show_default=True,
    help="What is calmed: nothing, the body, or hands and face too, which then lag a little.",
)
@click.option(
    "--engine",
    type=click.Choice(["onnx", "mediapipe"]),
    default="onnx",
    show_default=True,
    help="Our networks, or MediaPipe with a bundle of yours (--task).",
)
@click.option("--task", type=click.Path(path_type=Path), help="Your .task bundle, for --engine mediapipe.")
@click.option(
    "--device",
    type=click.Choice(["auto", *PROVIDERS]),
    default="auto",
    show_default=True,
    help="What computes.",
)
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default="float32",
    show_default=True,
    help="What the networks compute in; float16 is for GPUs.",
)
@click.option("--threads", type=click.IntRange(min=1), help="Networks that run at the same time.")
@click.option("--offline", is_flag=True, help="Never dial out.")
@click.option(
    "--progress", type=click.Choice(["bar", "json", "none"]), help="Default: bar on a terminal, else none."
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    source: str,
    output: Path | None,
    preview: Path | None,
    progress: str | None,
    **options: object,
) -> None:
    """Find body, hands and face of a signer in every picture.

    SOURCE is a film, or a camera: its number (0), its device or an address (rtsp://…). A camera is
    recorded until Ctrl-C. Exit code 3: pictures were damaged, or the camera went away; the file holds
    the rest.
    """
    live = is_device(source) or is_address(source)
    name = without_password(source) if is_address(source) else source
    settings = LandmarkOptions(**options)  # type: ignore[arg-type]
    target = _target(source, output, live=live)
    watch = _Stopwatch()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    try:
        with (
            shown(progress, name) as show,
            heeded(show, between=live) as step,
            _kept_apart(target) as (temporary, kept),
        ):
            done = landmarks_film(
                source, settings, output=temporary, preview=preview, on_progress=watch.before(step)
            )
    except KeyboardInterrupt:
        click.echo("accessify: stopped; nothing was written", err=True)
        ctx.exit(130)
    _report(name, done, watch.elapsed, live=live)
    _tell_files([target, *([preview] if preview else [])], kept)
    _tell_notes(done)
    ctx.exit(3 if any(note.kind in INCOMPLETE for note in done.notes) else 0)


def _target(source: str, output: Path | None, *, live: bool) -> Path:
    """The file of landmarks; raises `MediaError` or `OptionError` before any work."""
    if not live and not (source and Path(source).exists()):  # before a folder is made for what is beside it
        raise NotMedia(source or "''", "there is no such file; check the spelling")
    if not live and Path(source).is_dir():  # some, such as /, have no name that an ending could be put to
        raise NotMedia(source, "it is a folder; name a file in it")
    if output is None and live:
        raise OptionError("say where the recording goes with -o, e.g. -o signing.pose")
    target = output or Path(source).with_suffix(".pose")
    if target.suffix.lower() not in SUFFIXES:
        raise OptionError(f"-o {target}: end the name in {' or '.join(SUFFIXES)}")
    return target


@contextmanager
def _kept_apart(target: Path) -> Iterator[tuple[Path, list[Path]]]:
    """A temporary file that takes the place of `target` in the end; what was there and differs is kept.

    Gives the temporary file, and a list that then holds the new name of the earlier file.
    """
    kept: list[Path] = []
    with placed(target) as temporary:
        yield temporary, kept
        if target.is_file() and not filecmp.cmp(target, temporary, shallow=False):
            kept.append(keep_earlier(target))


class _Stopwatch:
    """Times the last stage: looking at pictures, not fetching models."""

    def __init__(self) -> None:
        self._stage = ""
        self._began = time.perf_counter()

    def before(self, on_progress: OnProgress) -> OnProgress:
        """The same callback, watched."""

        def watched(step: Progress) -> None:
            if step.stage != self._stage:
                self._stage, self._began = step.stage, time.perf_counter()
            on_progress(step)

        return watched

    @property
    def elapsed(self) -> float:
        """Seconds since the stage began."""
        return max(time.perf_counter() - self._began, 1e-9)


def _report(source: str, done: Landmarked, elapsed: float, *, live: bool) -> None:
    width, height = done.size
    rate = float(done.rate.fps)
    click.echo(f"{source}: {counted(done.frames, 'frame')} of {width}×{height} at {rate:.5g} a second")
    found = (
        f"{label} in {done.seen[name]:,} ({100 * done.seen[name] / max(done.frames, 1):.0f} %)"
        for name, label in _PARTS.items()
        if name in done.seen
    )
    click.echo(f"  found {', '.join(found) or 'nobody'}")
    speed = done.frames / elapsed
    ratio = "" if live else f", {speed / rate:.1f} × real time"
    click.echo(f"  looked at {speed:.1f} frames a second{ratio}")


def _tell_files(written: list[Path], kept: list[Path]) -> None:
    for file in written:
        click.echo(f"  wrote {file}")
    for file in kept:
        click.echo(f"  kept the landmarks that were there as {file}")


def _tell_notes(done: Landmarked) -> None:
    for note in done.notes:
        times = f" {clock_text(max(note.span.start, 0))} – {clock_text(max(note.span.end, 0))}"
        if f"from {short_clock(note.span.start)} to " in note.text:
            times = ""  # the text tells them
        click.echo(f"  {note.kind}{times}: {note.text}")
