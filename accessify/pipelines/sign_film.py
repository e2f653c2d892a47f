"""A performance into a film: the avatar or its skeleton, alone or over a film."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np

from accessify.core.disclosure import disclosure
from accessify.core.errors import MissingExtra, NoOpenGL, OptionError
from accessify.core.placing import require_writable
from accessify.core.progress import OnProgress, Progress
from accessify.core.projection import Projection
from accessify.core.text import Document
from accessify.core.timeline import Note, to_seconds
from accessify.core.video import Cutout, Frame
from accessify.media.clip_writer import CODINGS, coding_for, open_clip, open_copy
from accessify.media.frames import FrameReader, open_frames
from accessify.motion.landmarks import landmarks
from accessify.pipelines.performance import Performance, Written
from accessify.render.background import ground_of
from accessify.render.camera import framing, shape
from accessify.render.caption_zones import USUAL, caption_zones
from accessify.render.compose_over import OverFilm
from accessify.render.draw import GROUND, Stage
from accessify.render.label import Overprint
from accessify.render.opengl import open_context
from accessify.render.signer_place import Layout, Wanted, place_signer
from accessify.render.skeleton2d import draw_pose

FILM_SUFFIXES = tuple(CODINGS)
_LARGEST = 4096
"""Pixels of a side that encoders take."""


@dataclass(frozen=True, slots=True)
class FilmOptions:
    """How a performance is shown."""

    size: tuple[int, int] = (1280, 720)
    """Width and height in pixels, both even; over a film, the film's are taken."""
    style: Literal["avatar", "skeleton"] = "avatar"
    background: str = ""
    """A colour as CSS writes it, `transparent`, or nothing for the usual calm one."""
    label: bool = True
    """Whether a few words in the picture say that this is an avatar; the file's tags always do."""
    words: Literal["missing", "all", "none"] = "missing"
    """Which words are shown on the screen: those without a sign, all, or none."""
    over: Path | None = None
    """A film that the signer stands in."""
    place: Wanted = field(default_factory=Wanted)
    """Where in the film, and how large."""
    captions: Document | None = None
    """Captions of the film, which the signer must not cover; None takes the usual place of captions."""
    font: Path | None = None
    """For words on the screen; None takes one of the system's."""


def film(
    performance: Performance,
    target: Path,
    options: FilmOptions = FilmOptions(),
    on_progress: OnProgress | None = None,
    on_picture: Callable[[Cutout | Frame], None] | None = None,
) -> Written:
    """Draw `performance` into `target`: `.mp4`, `.webm` or `.mov`.

    `on_picture` is given each picture as soon as it is drawn and must not change it.

    Raises:
        OptionError: a suffix, size or colour that cannot be had, or a film kept over itself.
        NoOpenGL: nothing can draw the avatar; the style `skeleton` needs none.
        MediaError: the film below cannot be read.
        MissingExtra: a package of the extra is not installed.
    """
    ground = _ground(options)
    coding_for(target, clear=ground is None and options.over is None)
    require_writable(target)
    if options.over is not None:
        return _over(performance, target, options, _Watched(on_progress, on_picture))
    _check_size(options.size)
    with ExitStack() as stack:
        easel = stack.enter_context(_Easel(performance, options.size, options, ground))
        tags = {"title": "Signing avatar", "comment": _comment(performance)}
        writer = stack.enter_context(
            open_clip(target, options.size, performance.motion.rate, clear=ground is None, tags=tags)
        )
        span, watched = performance.motion.span, _Watched(on_progress, on_picture)
        for picture in easel.pictures():
            writer.write(picture)
            watched.tell(picture, to_seconds(picture.start - span.start), to_seconds(span.duration))
    return Written((target,), easel.notes, easel.renderer)


@dataclass(frozen=True, slots=True)
class _Watched:
    """Who is told how the drawing comes on."""

    on_progress: OnProgress | None
    on_picture: Callable[[Cutout | Frame], None] | None

    def tell(self, picture: Cutout | Frame, done: float, total: float) -> None:
        """That `picture` is drawn, `done` of `total` seconds."""
        if self.on_picture:
            self.on_picture(picture)
        if self.on_progress:
            self.on_progress(Progress("draw", done, total))


class _Easel:
    """Draws pictures of a performance in either style, with what stands in the picture."""

    def __init__(
        self,
        performance: Performance,
        size: tuple[int, int],
        options: FilmOptions,
        ground: tuple[int, int, int] | None,
    ) -> None:
        self._performance, self._ground = performance, ground
        character, motion = performance.figure.character, performance.motion
        self._camera = framing(character, motion, size)
        label = disclosure(performance.language).label if options.label else ""
        words = performance.words(options.words)
        self._print = Overprint(size, label=label, words=words, font=options.font)
        self._stage = Stage(character, size, ground=ground) if options.style == "avatar" else None
        self.renderer = self._stage.renderer if self._stage else "OpenCV"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stage:
            self._stage.close()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What could not be written into the pictures."""
        return self._print.notes

    def pictures(self) -> Iterator[Cutout]:
        """All of them in order."""
        if self._stage is not None:
            drawn = self._stage.draw(self._performance.motion, self._camera)
        else:
            drawn = skeleton_pictures(self._performance, self._camera, self._ground)
        return map(self._print.over, drawn)


def skeleton_pictures(
    performance: Performance, camera: Projection, ground: tuple[int, int, int] | None
) -> Iterator[Cutout]:
    """The joints of a performance, drawn with OpenCV; clear around them where `ground` is None."""
    clip = landmarks(performance.motion, performance.figure.proportions, camera)
    width, height = camera.size
    paper = np.zeros((height, width, 3), np.uint8)
    for number in range(len(clip)):
        pose = clip[number]
        if ground is not None:
            paper[:] = ground
            image = draw_pose(paper, pose, clip.skeleton, legend=False)
            yield Cutout(np.dstack([image, np.full((height, width), 255, np.uint8)]), pose.start)
            continue
        # What shows through differs between a black and a white ground: that is the opacity.
        paper[:] = 0
        dark = draw_pose(paper, pose, clip.skeleton, legend=False).astype(np.int32)
        paper[:] = 255
        light = draw_pose(paper, pose, clip.skeleton, legend=False).astype(np.int32)
        opacity = np.clip(255 - (light - dark).max(axis=2), 0, 255)
        color = np.where(opacity[..., None] > 0, dark * 255 // np.maximum(opacity, 1)[..., None], 0)
        yield Cutout(np.dstack([np.clip(color, 0, 255), opacity]).astype(np.uint8), pose.start)


def _over(performance: Performance, target: Path, options: FilmOptions, watched: _Watched) -> Written:
    assert options.over is not None  # noqa: S101 - for the type checker
    with ExitStack() as stack:
        reader = stack.enter_context(open_frames(options.over))
        layout = _layout(performance, reader, options)
        easel = stack.enter_context(_Easel(performance, layout.signer.size, options, None))
        together = OverFilm(reader, reader.rate, easel.pictures(), layout, performance.motion.span.end)
        writer = stack.enter_context(
            open_copy(target, options.over, layout.size, reader.rate, tags={"comment": _comment(performance)})
        )
        total = to_seconds(max(reader.duration, performance.motion.span.end))
        for picture in together:
            writer.write(picture)
            watched.tell(picture, to_seconds(picture.start), total)
        notes = (*layout.notes, *easel.notes, *together.notes, *reader.notes, *writer.notes)
    return Written((target,), tuple(dict.fromkeys(notes)), easel.renderer)


def _layout(performance: Performance, reader: FrameReader, options: FilmOptions) -> Layout:
    given = options.captions
    zones = (USUAL,) if given is None else caption_zones(given.cues, given.regions)
    aspect = shape(performance.figure.character, performance.motion)
    wanted = options.place
    if options.background.strip():
        ground = _ground(options)
        if ground is None:
            raise OptionError("a film has no clear background; leave out --background or --over")
        wanted = replace(wanted, ground=ground)
    return place_signer(reader.size, wanted, shape=aspect, zones=zones)


def _comment(performance: Performance) -> str:
    return disclosure(performance.language).comment


def _check_size(size: tuple[int, int]) -> None:
    if min(size) < 64 or max(size) > _LARGEST or size[0] % 2 or size[1] % 2:
        raise OptionError(f"--size {size[0]}x{size[1]}: give even sides from 64 to {_LARGEST}, e.g. 1280x720")


def _ground(options: FilmOptions) -> tuple[int, int, int] | None:
    """The background's sRGB values; None for none."""
    return ground_of(options.background) if options.background.strip() else GROUND


@cache
def why_no_avatar() -> str:
    """Why this machine cannot draw the avatar, but only the style `skeleton`; empty where it can."""
    try:
        open_context().release()
    except (NoOpenGL, MissingExtra) as error:
        return error.message
    return ""


def parse_size(text: str) -> tuple[int, int]:
    """Read `1280x720`; raises `OptionError`."""
    match = re.fullmatch(r"\s*(\d+)\s*[x×]\s*(\d+)\s*", text)
    if not match:
        raise OptionError(f"--size {text}: give width and height, e.g. 1280x720")
    return int(match[1]), int(match[2])
