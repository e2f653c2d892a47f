"""Sound of a live source in blocks of 32 ms: bytes fed from outside, standard input, files, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Condition, Thread
from typing import IO, TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import MediaError, NotMedia
from accessify.core.timeline import Note
from accessify.media.live_container import BLOCK, ContainerSound
from accessify.media.raw_sound import RAW_FORMATS, RawSound

if TYPE_CHECKING:
    from av.container import InputContainer

CONTAINER = "webm"
"""Format of a feed of WebM, Ogg, MP4, WAV, FLAC or MP3: what browsers record, and what files are."""
FEED_FORMATS = (*RAW_FORMATS, CONTAINER)
_MOST_AT_ONCE = 120 * SPEECH_RATE
"""Samples that may wait to be taken: more than any honest piece of a recording holds."""
_DEMUXERS = {
    (0, b"\x1aE\xdf\xa3"): "matroska",
    (0, b"OggS"): "ogg",
    (4, b"ftyp"): "mov",
    (0, b"RIFF"): "wav",
    (0, b"fLaC"): "flac",
    (0, b"ID3"): "mp3",
}
"""Where a mark stands in the first bytes, and the demuxer it asks for. Demuxers that open what other
bytes name (playlists) are none of these."""
MARK = 12
LOOK = {"protocol_whitelist": "", "analyzeduration": "1", "fpsprobesize": "0", "probesize": "2048"}
"""Options that keep FFmpeg from looking far ahead, and from opening anything else."""


class SoundFeed:
    """Bytes in, 16 kHz mono sound out; for one thread at a time.

    `push` gives all sound that its bytes complete: nothing waits for the next push that need not.
    """

    def __init__(self, format: str, rate: int = SPEECH_RATE, channels: int = 1) -> None:
        """`format`: `pcm16`, `float32` or `webm`; `rate` (Hz) and `channels` are those of raw sound.

        Raises `OptionError`.
        """
        self._feed: RawSound | _ContainerFeed
        self._feed = _ContainerFeed() if format == CONTAINER else RawSound(format, rate, channels)

    def push(self, data: bytes) -> Iterator[NDArray[np.float32]]:
        """Take in `data`, cut anywhere; blocks [n] of float32, full scale -1 to 1, mostly 512 long.

        Raises `MediaError` where the bytes are not of the format declared, or its sound has ended.
        """
        return self._feed.push(data)

    def finish(self) -> Iterator[NDArray[np.float32]]:
        """The sound still held back; raises `MediaError` where all that came was no sound."""
        return self._feed.finish()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What could not be heard so far (`damaged`, `discontinuity`)."""
        return self._feed.notes

    def close(self) -> None:
        """Let go of what `finish` was not called for; may be called at any time, from any thread."""
        if isinstance(self._feed, _ContainerFeed):
            self._feed.close()


class _ContainerFeed:
    """A demuxer in a thread of its own, which is given bytes and stopped when it wants more."""

    def __init__(self) -> None:
        self._pipe = _Pipe()
        self._sound: ContainerSound | None = None
        self._thread: Thread | None = None
        self._heard = 0

    @property
    def notes(self) -> tuple[Note, ...]:
        return self._sound.notes if self._sound is not None else ()

    def push(self, data: bytes) -> Iterator[NDArray[np.float32]]:
        if self._thread is None:
            self._thread = Thread(target=self._work, name="accessify-feed", daemon=True)
            self._thread.start()
        self._pipe.feed(data)
        return self._given()

    def finish(self) -> Iterator[NDArray[np.float32]]:
        self._pipe.end()
        if self._thread is not None:
            self._thread.join()
        return self._given()

    def close(self) -> None:
        self._pipe.end()

    def _given(self) -> Iterator[NDArray[np.float32]]:
        blocks, error = self._pipe.taken()
        if error is not None and not blocks:
            raise error
        return iter(blocks)

    def _work(self) -> None:
        """What the thread does."""
        import av

        error: MediaError | None = None
        try:
            with _opened(self._pipe, self._pipe.head()) as container:
                self._sound = ContainerSound("sound", container)
                for block in self._sound.blocks():
                    self._pipe.give(block)
        except MediaError as known:
            error = known
        except (av.FFmpegError, ValueError):
            error = NotMedia("sound", "what was sent is of no known container, or damaged from the start")
        finally:  # whatever happens, who feeds must not wait for ever
            self._pipe.over(error)


class _Pipe:
    """A file for FFmpeg to read, and what became of its bytes.

    `feed` comes back when everything fed was read and more is wanted: then all sound is out.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._data = bytearray()
        self._ended = self._hungry = self._over = False
        self._blocks: list[NDArray[np.float32]] = []
        self._error: MediaError | None = None

    def read(self, size: int) -> bytes:
        """What FFmpeg calls; waits for bytes."""
        with self._changed:
            while not self._data and not self._ended:
                self._hungry = True
                self._changed.notify_all()
                self._changed.wait()
            part = bytes(self._data[:size])
            del self._data[:size]
            return part

    def head(self) -> bytes:
        """The first bytes, which stay; fewer than asked for only at the end."""
        with self._changed:
            while len(self._data) < MARK and not self._ended:
                self._hungry = True
                self._changed.notify_all()
                self._changed.wait()
            return bytes(self._data[:MARK])

    def feed(self, data: bytes) -> None:
        with self._changed:
            if self._over:
                return
            self._data += data
            self._hungry = False
            self._changed.notify_all()
            while not (self._hungry or self._over or self._ended):
                self._changed.wait()

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def give(self, block: NDArray[np.float32]) -> None:
        """Raises `MediaError` where a few bytes claim to be so much sound that memory would fill with it."""
        with self._changed:
            self._blocks.append(block)
            if len(self._blocks) * BLOCK > _MOST_AT_ONCE:
                text = "more than two minutes of sound in one piece; send smaller ones"
                raise MediaError(text, path="sound")

    def over(self, error: MediaError | None) -> None:
        with self._changed:
            if error is None and not self._ended:
                error = MediaError("the recording in the sound has ended; open a new stream", path="sound")
            self._error, self._over = error, True
            self._changed.notify_all()

    def taken(self) -> tuple[list[NDArray[np.float32]], MediaError | None]:
        """Blocks that were not taken yet, and why no more can come."""
        with self._changed:
            blocks, self._blocks = self._blocks, []
            return blocks, self._error


def _opened(pipe: _Pipe, head: bytes) -> InputContainer:
    """What the bytes in `pipe`, which begin with `head`, hold; raises `NotMedia` and `av.FFmpegError`."""
    import av

    demuxer = demuxer_for(head)
    if demuxer is None:
        raise NotMedia("sound", "what was sent is neither WebM, Ogg, MP4, WAV, FLAC nor MP3")
    return av.open(cast("IO[bytes]", pipe), "r", demuxer, LOOK, metadata_errors="replace", buffer_size=4096)


def demuxer_for(head: bytes) -> str | None:
    """FFmpeg's name of the demuxer that bytes beginning with `head` [12] ask for, where it is known."""
    for (at, mark), name in _DEMUXERS.items():
        if head[at:].startswith(mark):
            return name
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "mp3" if head[1] & 0x06 else "aac"
    return None
