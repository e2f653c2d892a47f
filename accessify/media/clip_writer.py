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
from typing import Self

from accessify.core.errors import OptionError
from accessify.core.placing import placed
from accessify.core.timeline import Rate
from accessify.core.video import Cutout, Frame
from accessify.media.film_writer import FilmWriter, add_picture

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
    import av

    coding = coding_for(target, clear=clear)
    with ExitStack() as stack:
        temporary = stack.enter_context(placed(target))
        flags = _quicktime(rate) if coding.muxer in ("mp4", "mov") else {}
        film = stack.enter_context(
            av.open(f"file:{temporary}", "w", format=coding.muxer, container_options=flags)
        )
        film.metadata.update(tags or {})
        options = {**coding.options, "g": str(_KEY_EVERY * rate.nominal)}
        stream = add_picture(film, coding.codec, size, rate, options)
        stream.pix_fmt = coding.clear if clear and coding.clear else coding.pixels
        stream.time_base = stream.codec_context.time_base = 1 / rate.fps  # each picture is one unit long
        writer = FilmWriter(target, film, stream, size)
        film.start_encoding()  # what cannot be written fails here, not after minutes
        writer.resources = stack.pop_all()
        return ClipWriter(writer)


def _quicktime(rate: Rate) -> dict[str, str]:
    """Browsers can begin before all of it has come, and its length is told in whole pictures."""
    units = rate.fps.numerator * -(-_LEAST_UNITS // rate.fps.numerator)
    return {"movflags": "+faststart", "movie_timescale": str(units)}


class ClipWriter:
    """Writes pictures in a thread of its own, so that the next is drawn meanwhile; a context manager."""

    def __init__(self, film: FilmWriter) -> None:
        self._film = film
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
