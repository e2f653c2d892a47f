"""Decoded sound of any shape to 16 kHz mono, laid on the film clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.timeline import TICKS_PER_SECOND, samples
from accessify.media.downmix import pan_expression

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

BLOCK = SPEECH_RATE
"""Samples in a block: one second."""


class Run:
    """One stretch of frames without a gap or a change of shape, resampled as one.

    A filter graph keeps the resampler's memory from frame to frame, so nothing is heard at their
    seams. Its output is counted from the run's first sample: no drift, however long the run.
    """

    def __init__(self, first: AudioFrame, block: int = BLOCK) -> None:
        """A run of frames shaped like `first`, still to be pushed; `block`: samples handed out at a time."""
        from av.filter import Graph

        self._shape = _shape(first)
        self._due = max(1, first.sample_rate * block // SPEECH_RATE)
        self._waiting = 0
        graph = Graph()
        graph.threads = 1
        self._source = graph.add(
            "abuffer",
            sample_rate=str(first.sample_rate),
            sample_fmt=first.format.name,
            channel_layout=first.layout.name,
            time_base=f"1/{first.sample_rate}",
        )
        chain = [self._source, graph.add("aformat", sample_fmts="fltp")]
        if first.layout.nb_channels > 1:
            names = [channel.name for channel in first.layout.channels]
            chain.append(graph.add("pan", pan_expression(names)))
        chain.append(graph.add("aresample", str(SPEECH_RATE)))
        chain.append(graph.add("aformat", sample_fmts="flt", channel_layouts="mono"))
        self._sink = graph.add("abuffersink")
        graph.link_nodes(*chain, self._sink).configure()
        graph.set_audio_frame_size(block)
        self._graph = graph  # owns the filters

    def fits(self, frame: AudioFrame) -> bool:
        """Whether `frame` has the run's sample format, layout and rate."""
        return _shape(frame) == self._shape

    def push(self, frame: AudioFrame) -> Iterable[NDArray[np.float32]]:
        """Take in a frame; hands out arrays [n] of 16 kHz sound about once a block."""
        self._source.push(frame)
        self._waiting += frame.samples
        if self._waiting < self._due:  # asking for what cannot be there yet costs an exception
            return ()
        self._waiting %= self._due
        return self._pull()

    def finish(self) -> Iterable[NDArray[np.float32]]:
        """What is left in the resampler."""
        self._source.push(None)
        return self._pull()

    def _pull(self) -> Iterator[NDArray[np.float32]]:
        import av

        while True:
            try:
                frame = self._sink.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            yield frame.to_ndarray()[0]  # type: ignore[attr-defined]  # a sound filter gives AudioFrames


def _shape(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


class Tape:
    """Sound being laid on the film clock: sample n is at n/16000 s, cut into equal blocks."""

    def __init__(self, block: int = BLOCK) -> None:
        """`block`: samples in a block."""
        self._size = block
        self._block = np.zeros(block, np.float32)
        self._filled = 0
        self._blocks_done = 0
        self._surplus = 0

    @property
    def position(self) -> int:
        """Samples laid so far."""
        return self._blocks_done * self._size + self._filled

    def move_to(self, ticks: int) -> Iterator[Audio]:
        """Have the next sound begin at `ticks`: fills with silence, or drops what is there already."""
        target = (2 * ticks * SPEECH_RATE + TICKS_PER_SECOND) // (2 * TICKS_PER_SECOND)
        self._surplus = max(0, self.position - target)
        while self.position < target:
            yield from self._lay(min(self._size - self._filled, target - self.position))

    def add(self, sound: NDArray[np.float32]) -> Iterator[Audio]:
        """Lay `sound` [n] behind what is there."""
        dropped = min(self._surplus, len(sound))
        self._surplus -= dropped
        sound = sound[dropped:]
        while len(sound):
            part = sound[: self._size - self._filled]
            self._block[self._filled : self._filled + len(part)] = part
            sound = sound[len(part) :]
            yield from self._lay(len(part))

    def finish(self) -> Iterator[Audio]:
        """The last block, shorter than the others, if there is one."""
        if self._filled:
            yield self._take()

    def _lay(self, count: int) -> Iterator[Audio]:
        self._filled += count
        if self._filled == self._size:
            yield self._take()
            self._blocks_done += 1

    def _take(self) -> Audio:
        sound = np.nan_to_num(self._block[: self._filled], nan=0.0)  # damaged float sound
        np.clip(sound, -1.0, 1.0, out=sound)
        start = samples(self._blocks_done * self._size, SPEECH_RATE)
        self._block = np.zeros(self._size, np.float32)
        self._filled = 0
        return Audio(sound, SPEECH_RATE, start)
