"""Where one shot is cut to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from accessify.core.progress import OnProgress, Progress
from accessify.core.timeline import millis, seconds, to_seconds
from accessify.media.container import FilmClock, listen_only_to, opened, packets, picture
from accessify.media.probe import describe

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

WIDTH, HEIGHT = 160, 90
"""The picture is compared at this size: grain and small movement average out, cuts do not."""
THRESHOLD = 8.0
"""Percent of full scale. FFmpeg recommends 8 to 14; on a dark battle scene with explosions, judged by
eye, 8 finds 22 of 24 cuts and one explosion, 10 (the default) finds 20 and the same explosion."""
SHORTEST = millis(200)
"""Hits closer together than this are one cut with a flash beside it: the strongest counts."""


def find_shots(path: Path, on_progress: OnProgress | None = None) -> tuple[int, ...]:
    """Ticks of the first frame of each new shot (not of the film's first), in order of time.

    FFmpeg's `scdet`: the mean absolute difference to the frame before, held against how much that
    difference itself changed, so that steady movement is no cut. Times are the frames' own, whatever
    the rate. Frames that cannot be decoded are passed over; empty where there is no picture.
    Raises `NotMedia`.
    """
    with opened(path) as container:
        stream = picture(container)
        if stream is None:
            return ()
        total = to_seconds(describe(path, container).span.end) or None
        clock = FilmClock.of(container)
        listen_only_to(container, stream)
        hits: list[tuple[int, float]] = []
        due = 0
        for frame, score in _scored(_frames(container, stream)):
            at = clock.ticks(frame.pts or 0, frame.time_base or Fraction(1))
            if score >= THRESHOLD and at > 0:
                hits.append((at, score))
            if on_progress and at >= due:
                due = at + seconds(1)
                on_progress(Progress("find shots", to_seconds(at), total))
        return tuple(_strongest(hits))


def _strongest(hits: Iterable[tuple[int, float]]) -> Iterator[int]:
    """The time of the highest score in each cluster of hits."""
    best: tuple[int, float] | None = None
    for hit in hits:
        if best and hit[0] - best[0] >= SHORTEST:
            yield best[0]
            best = None
        if best is None or hit[1] > best[1]:
            best = hit
    if best:
        yield best[0]


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """The frames that can be decoded and have a time."""
    import av

    stream.thread_type = "AUTO"
    try:
        for packet in packets(container, stream):
            try:
                frames = stream.decode(packet)
            except av.FFmpegError:
                continue
            yield from (frame for frame in frames if frame.pts is not None)
    except av.FFmpegError:  # the rest of the file cannot be read
        return


def _scored(frames: Iterable[VideoFrame]) -> Iterator[tuple[VideoFrame, float]]:
    """Each frame with how much it looks like a new shot, 0 to 100."""
    from av.filter import Graph

    shape = None
    for frame in frames:
        if shape != (shape := (frame.width, frame.height, frame.format.name)):
            graph = Graph()
            source = graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
            )
            graph.link_nodes(
                source,
                graph.add("scale", f"{WIDTH}:{HEIGHT}:flags=area"),
                graph.add("scdet", f"threshold={THRESHOLD}"),
                graph.add("buffersink"),
            ).configure()
        graph.vpush(frame)
        judged = graph.vpull()
        yield judged, float(judged.metadata.get("lavfi.scd.score", 0.0))
