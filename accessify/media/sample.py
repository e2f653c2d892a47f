"""The sample film: a speech recording over six drawn scenes, with a timecode burnt into the picture."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MediaError, NoAudio
from accessify.core.placing import placed
from accessify.core.timecode import frame_timecode
from accessify.core.timeline import Rate
from accessify.media.container import opened, packets
from accessify.media.layers import HEIGHT, WIDTH, Frame, compose
from accessify.media.probe import probe
from accessify.media.scenes import SCENES

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.container import OutputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

RATE = Rate(Fraction(24))
SHOT = 178
"""Frames in a shot (7.4 s); scenes begin again when the speech is longer than all of them."""
TITLE = "accessify sample film"
START = "00:00:00:00"
"""Timecode of the first frame: what the picture shows is what caption files say."""

_GLYPHS = {
    "0": (0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E),
    "1": (0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E),
    "2": (0x0E, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1F),
    "3": (0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E),
    "4": (0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02),
    "5": (0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E),
    "6": (0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E),
    "7": (0x1F, 0x01, 0x02, 0x04, 0x04, 0x04, 0x04),
    "8": (0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E),
    "9": (0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C),
    ":": (0x00, 0x04, 0x04, 0x00, 0x04, 0x04, 0x00),
}
"""Rows of five pixels, the leftmost in the highest bit."""
_SCALE = 4
_BOX = slice(32, 80), slice(WIDTH - 328, WIDTH - 40)
"""Rows and columns of the timecode's dark box: 48 by 288 pixels, top right."""
_INK, _PAPER = 220, 26
_SOUND_RATE = 48_000


def build_sample(speech: Path, target: Path) -> None:
    """Write the sample film, 1280×720 H.264 at 24 fps with AAC, as long as `speech`.

    The same speech gives the same film. Raises `NotMedia` or `NoAudio` for an unusable recording and
    `OutputError` for a target that cannot be written.
    """
    import av

    count = _frame_count(speech)
    with placed(target) as temporary, av.open(f"file:{temporary}", "w", format="mp4") as film:
        film.metadata.update(title=TITLE, timecode=START)
        picture = _picture_stream(film)
        sound = film.add_stream("aac", rate=_SOUND_RATE, bit_rate=96_000)
        sound.layout = "mono"
        pieces = _sound(speech)
        heard = Fraction(0)
        for index, frame in enumerate(_pictures(count)):
            while heard <= index / RATE.fps and (piece := next(pieces, None)):
                heard += Fraction(piece.samples, _SOUND_RATE)
                film.mux(sound.encode(piece))
            film.mux(picture.encode(_video_frame(frame, index)))
        for piece in pieces:
            film.mux(sound.encode(piece))
        film.mux(sound.encode(None))
        film.mux(picture.encode(None))


def is_sample(path: Path, speech: Path) -> bool:
    """Whether `path` is the sample film made from `speech`, whole: every frame of it is there."""
    try:
        with opened(path) as film:
            if film.metadata.get("title") != TITLE or not film.streams.video:
                return False
            frames = sum(packet.size > 0 for packet in packets(film, film.streams.video[0]))
    except MediaError:
        return False
    return frames == _frame_count(speech)


def _frame_count(speech: Path) -> int:
    """Frames that cover the recording."""
    info = probe(speech)
    if not info.audio:
        raise NoAudio(speech)
    if not info.span.end:
        raise NoAudio(speech, "its sound has zero length")
    return RATE.index(info.span.end - 1) + 1


def _picture_stream(film: OutputContainer) -> VideoStream:
    # One thread: x264's output depends on how many there are, and the film shall be the same everywhere.
    options = {"preset": "ultrafast", "crf": "20", "threads": "1", "g": str(2 * RATE.nominal)}
    stream = film.add_stream("libx264", rate=RATE.fps, options=options)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context = stream.codec_context
    context.color_range = 1  # video range
    context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
    return stream


def _pictures(count: int) -> Iterator[Frame]:
    """The film's pictures with their timecode."""
    for first in range(0, count, SHOT):
        layers = SCENES[first // SHOT % len(SCENES)]()
        for index in range(first, min(first + SHOT, count)):
            frame = compose(layers, index - first)
            _burn_in(frame, frame_timecode(index, RATE))
            yield frame


def _burn_in(frame: Frame, timecode: str) -> None:
    """Write `timecode` into a picture."""
    rows, columns = _BOX
    frame.y[rows, columns] = _PAPER
    for plane in (frame.u, frame.v):
        plane[rows.start // 2 : rows.stop // 2, columns.start // 2 : columns.stop // 2] = 128
    ink = np.concatenate([_glyph(character) for character in timecode], axis=1)
    top, left = rows.start + (48 - ink.shape[0]) // 2, columns.start + (288 - ink.shape[1]) // 2
    frame.y[top : top + ink.shape[0], left : left + ink.shape[1]][ink] = _INK


def _glyph(character: str) -> NDArray[np.bool_]:
    """A character's ink, with a pixel column of space on its right."""
    rows = np.array(_GLYPHS[character], np.uint8)[:, None]
    pixels = (rows >> np.arange(4, -2, -1).clip(0)) & 1
    pixels[:, 5] = 0
    return np.kron(pixels, np.ones((_SCALE, _SCALE), np.uint8)).astype(bool)


def _video_frame(frame: Frame, index: int) -> VideoFrame:
    from av.video.frame import PictureType, VideoFrame

    stacked = np.concatenate([frame.y.ravel(), frame.u.ravel(), frame.v.ravel()]).reshape(-1, WIDTH)
    picture = VideoFrame.from_ndarray(stacked, format="yuv420p")
    picture.pts, picture.time_base = index, 1 / RATE.fps
    if index % SHOT == 0:
        picture.pict_type = PictureType.I
    return picture


def _sound(speech: Path) -> Iterator[AudioFrame]:
    """The recording at the film's rate, counted from 0."""
    from av.audio.resampler import AudioResampler

    resampler = AudioResampler(format="fltp", layout="mono", rate=_SOUND_RATE)
    position = 0
    with opened(speech) as recording:
        for frame in chain(recording.decode(audio=0), [None]):
            for piece in resampler.resample(frame):
                piece.pts, piece.time_base = position, Fraction(1, _SOUND_RATE)
                position += piece.samples
                yield piece
