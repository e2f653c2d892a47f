"""A clip of evenly timed pictures as MP4, WebM or MOV, encoded beside whatever draws it.

- MP4: H.264. What is clear cannot be kept.
- WebM: VP9, with opacity as a second picture (Matroska's BlockAdditional), as browsers play it.
- MOV: ProRes 4444 at 10 bits with 16 bits of opacity, as editing programs take it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from accessify.core.errors import OptionError
from accessify.core.placing import placed
from accessify.core.timeline import Note, Rate
from accessify.core.video import Cutout, Frame
from accessify.media.film_sound import FilmSound
from accessify.media.film_writer import FilmWriter, add_picture

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

_AHEAD = 3
"""Pictures that may wait to be encoded: enough to even out, few enough for memory."""
_LEAST_UNITS = 1000
"""Units a second in which a film's length is told, at the least."""
_KEY_EVERY = 2
"""Seconds between pictures that a player can jump to."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How one kind of file holds pictures."""

    muxer: str
    """FFmpeg's name of the container."""
    codec: str
    pixels: str
    """FFmpeg's name of the stored layout."""
    clear: str | None
    """The same with opacity; None where it has none."""
    options: Mapping[str, str]
    """For the encoder: fast, and fine enough for fingers at the edge of sight."""


_H264 = {"preset": "superfast", "crf": "19", "tune": "animation", "threads": "1"}
_MP4 = Coding("mp4", "libx264", "yuv420p", None, _H264)
CODINGS = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".webm": Coding(
        *("webm", "libvpx-vp9", "yuv420p", "yuva420p"),
        # With alternative references libvpx refuses opacity.
        {"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "crf": "24", "b": "0", "auto-alt-ref": "0"},
    ),
    ".mov": Coding(
        *("mov", "prores_ks", "yuv444p10le", "yuva444p10le"),
        {"profile": "4444", "alpha_bits": "16", "vendor": "apl0", "qscale": "9", "threads": "2"},
    ),
}
"""Suffix of the target → how pictures go into it."""


def coding_for(target: Path, *, clear: bool) -> Coding:
    """How a file of this suffix holds pictures, with opacity where `clear`. Raises `OptionError`."""
    coding = CODINGS.get(target.suffix.lower())
    if coding is None:
        raise OptionError(f"{target.name}: pictures go into {', '.join(CODINGS)}; give such a name with -o")
    if clear and coding.clear is None:
        kinds = ", ".join(suffix for suffix, one in CODINGS.items() if one.clear)
        raise OptionError(
            f"{target.name}: this kind of file has no opacity; write into {kinds}, or give a --background"
        )
    return coding


def open_clip(
    target: Path,
    size: tuple[int, int],
    rate: Rate,
    *,
    clear: bool = False,
    tags: Mapping[str, str] | None = None,
) -> ClipWriter:
    """Begin a clip at `target` of pictures of `size` (width, height), `rate` a second.

    `clear` keeps the opacity of cut-outs. `tags`, such as `title` and `comment`, go into the file's own.
    The clip is moved into place whole when the writer is left without an error; else nothing stays.
    Raises `OptionError` for a suffix that cannot hold it, `OutputError`, also where no picture was written,
    and `DiskFull`.
    """
    coding = coding_for(target, clear=clear)
    with ExitStack() as stack:
        film = _begun(stack, target, coding, rate, tags)
        stream = _pictures(film, coding, size, rate)
        stream.pix_fmt = coding.clear if clear and coding.clear else coding.pixels
        stream.time_base = stream.codec_context.time_base = 1 / rate.fps  # each picture is one unit long
        writer = FilmWriter(target, film, stream, size)
        film.start_encoding()  # what cannot be written fails here, not after minutes
        writer.resources = stack.pop_all()
        return ClipWriter(writer)


def open_copy(
    target: Path,
    film: Path,
    size: tuple[int, int],
    rate: Rate,
    *,
    tags: Mapping[str, str] | None = None,
) -> ClipWriter:
    """Begin a film at `target` with the sound and the captions of `film` and pictures still to be written.

    Each picture is shown at its own time on the clock of `film`, whose tags are kept beside `tags`.
    Raises `OptionError` where `target` is `film` or of a kind that cannot hold it, `NotMedia`, and what
    `open_clip` raises.
    """
    coding = coding_for(target, clear=False)
    if target.exists() and film.exists() and target.samefile(film):
        raise OptionError(f"{target}: the film itself would be overwritten; give another name with -o")
    with ExitStack() as stack:
        output = _begun(stack, target, coding, rate, tags)
        writer = FilmWriter(target, output, _pictures(output, coding, size, rate), size)
        writer.sound = FilmSound(film, output)
        output.metadata.update({**writer.sound.tags, **(tags or {})})
        stack.push(writer.sound.resources)
        output.start_encoding()
        writer.resources = stack.pop_all()
        return ClipWriter(writer)


def _begun(
    stack: ExitStack, target: Path, coding: Coding, rate: Rate, tags: Mapping[str, str] | None
) -> OutputContainer:
    """An open file that `stack` moves into place."""
    import av

    temporary = stack.enter_context(placed(target))
    flags = _quicktime(rate) if coding.muxer in ("mp4", "mov") else {}
    film = stack.enter_context(
        av.open(f"file:{temporary}", "w", format=coding.muxer, container_options=flags)
    )
    film.metadata.update(tags or {})
    return film


def _pictures(film: OutputContainer, coding: Coding, size: tuple[int, int], rate: Rate) -> VideoStream:
    options = {**coding.options, "g": str(_KEY_EVERY * rate.nominal)}
    stream = add_picture(film, coding.codec, size, rate, options)
    stream.pix_fmt = coding.pixels
    return stream


def _quicktime(rate: Rate) -> dict[str, str]:
    """Browsers can begin before all of it has come, and its length is told in whole pictures."""
    units = rate.fps.numerator * -(-_LEAST_UNITS // rate.fps.numerator)
    return {"movflags": "+faststart", "movie_timescale": str(units)}


class ClipWriter:
    """Writes pictures in a thread of its own, so that the next is drawn meanwhile; a context manager."""

    def __init__(self, film: FilmWriter) -> None:
        self._film = film
        self.notes: tuple[Note, ...] = film.sound.notes if film.sound is not None else ()
        """What of a film's sound and captions could not be copied as it is."""
        self._pool = ThreadPoolExecutor(1, "accessify-encode")
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._pool.shutdown(cancel_futures=True)
            self._film.__exit__(kind, error, trace)
            return
        with self._film, self._pool:
            for written in self._waiting:
                written.result()

    def write(self, picture: Frame | Cutout) -> None:
        """Add `picture`; its memory must not be changed afterwards.

        Raises what went wrong with it or with an earlier one: `ValueError` for one that does not fit,
        `OutputError`, `DiskFull`.
        """
        while len(self._waiting) >= _AHEAD:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._film.write, picture))
