"""Captions into a film's container as a track that players can switch on: nothing is re-encoded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accessify.core.errors import OptionError, OutputError
from accessify.core.placing import placed
from accessify.core.progress import OnProgress, Progress
from accessify.core.text import Cue
from accessify.core.timeline import TICKS_PER_SECOND, Track, nearest_standard
from accessify.media.container import FilmClock, opened, packets
from accessify.media.languages import quicktime_language, three_letters
from accessify.media.payload import Sample, subrip, timed_text, webvtt

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Carrier:
    """How one kind of container carries captions."""

    muxer: str
    """FFmpeg's name of the container."""
    codec: str
    units: int
    """Ticks per second of the caption stream."""
    samples: Callable[[Iterable[Cue]], Iterator[Sample]]


_MP4 = Carrier("mp4", "mov_text", 90_000, timed_text)
CARRIERS = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": Carrier("mov", "mov_text", 90_000, timed_text),
    ".mkv": Carrier("matroska", "subrip", 1000, subrip),
    ".webm": Carrier("webm", "webvtt", 1000, webvtt),
}
"""Suffix of the target → how it carries captions."""

_PACKETS_PER_STEP = 200
"""Packets between two reports of progress."""
_OWN_TAGS = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration"}
"""Tags that describe the old container; the new one writes its own."""
_STYLES = b"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, BackColour, Bold, Italic, Underline, Alignment
Style: Default,Arial,16,&Hffffff,&H0,0,0,0,2
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
"""What FFmpeg's caption encoders ask for to write a track's default look; white, bottom centre."""


def carrier_for(target: Path) -> Carrier:
    """How a file of this suffix carries captions. Raises `OptionError` where it cannot."""
    carrier = CARRIERS.get(target.suffix.lower())
    if carrier is None:
        raise OptionError(
            f"{target.name}: captions cannot be muxed into this kind of file; use {', '.join(CARRIERS)}"
        )
    return carrier


def mux_captions(  # noqa: PLR0913 - what goes in, where to, and what is said of it
    film: Path,
    cues: Track[Cue],
    target: Path,
    *,
    language: str | None,
    title: str | None,
    on_progress: OnProgress | None = None,
) -> None:
    """Copy `film` to `target` with `cues` as one more track, on by default.

    MP4, M4V and MOV carry 3GPP timed text, MKV SubRip, WebM WebVTT. Sound, picture, other caption
    tracks and attachments are copied packet by packet with their tags and dispositions, chapters too;
    timecode tracks are written anew from the start timecode. Other data tracks (telemetry) are left
    out with a warning. `language` is a BCP 47 tag; `on_progress`
    is told of bytes of `film`.
    Raises `OptionError` for a target that is the film itself or of another kind, `OutputError` where
    the target's kind cannot hold what is in the film, `NotMedia`.
    """
    import av

    carrier = carrier_for(target)
    if target.exists() and film.exists() and target.samefile(film):
        raise OptionError(f"{target}: the film itself would be overwritten; give another name with -o")
    tags = {"language": three_letters(language), "title": title or ""}
    with opened(film) as source, placed(target) as temporary:
        try:
            _copy(source, _Captions(cues, carrier, tags), temporary, on_progress)
        except av.FFmpegError as error:
            if isinstance(error, OSError):  # disk full and the like: `placed` knows what to say
                raise
            reason = f"{film.name} cannot be copied into a {target.suffix} file as it is ({error.strerror})"
            raise OutputError(f"{reason}; mux into .mkv, or repair the film") from error


@dataclass(frozen=True, slots=True)
class _Captions:
    """The track that is added."""

    cues: Track[Cue]
    carrier: Carrier
    tags: dict[str, str]


def _copy(source: InputContainer, added: _Captions, target: Path, on_progress: OnProgress | None) -> None:
    import av

    carrier = added.carrier
    options = {"movflags": "+use_metadata_tags"} if _has_quicktime_tags(source) else {}
    with av.open(f"file:{target}", "w", format=carrier.muxer, container_options=options) as output:
        copies = _copy_streams(source, output)
        captions = _add_captions(output, carrier, added.tags)
        if carrier.muxer == "mov":
            for stream in output.streams:
                stream.metadata["language"] = quicktime_language(stream.metadata.get("language", ""))
        output.metadata.update(_tags(source.metadata))
        output.set_chapters(source.chapters())
        output.start_encoding()
        # Captions go in beside the picture they belong to: a player need not read ahead for them.
        timed = _caption_packets(carrier, added.cues, captions, FilmClock.of(source).start)
        for packet in merge(timed, _film_packets(source, copies, on_progress), key=_time):
            output.mux(packet)


def _film_packets(
    source: InputContainer, copies: dict[int, Stream], on_progress: OnProgress | None
) -> Iterator[Packet[Any]]:
    """The film's packets, addressed to the streams that copy theirs."""
    streams = (source.streams[index] for index in copies)
    for number, packet in enumerate(packets(source, *streams)):
        if on_progress and number % _PACKETS_PER_STEP == 0 and packet.pos is not None:
            on_progress(Progress("mux", float(packet.pos), source.size or None, "B"))
        if packet.size or packet.dts is not None:  # not PyAV's flush marker
            packet.stream = copies[packet.stream_index]
            yield packet


def _has_quicktime_tags(source: InputContainer) -> bool:
    """Cameras write tags such as com.apple.quicktime.model, which only survive if asked for."""
    return any(key.startswith("com.") for key in source.metadata)


def _copy_streams(source: InputContainer, output: OutputContainer) -> dict[int, Stream]:
    """Index in the source → stream in the output."""
    copies = {}
    for stream in source.streams:
        if stream.type == "data" or (stream.type == "attachment" and output.format.name != "matroska"):
            if "timecode" not in stream.metadata and stream.name != "bin_data":  # bin_data: chapters
                log.warning("%s track %s of the film is left out", stream.type, stream.index)
            continue
        try:
            # Of `opaque` only this matters: a decoder suffices, an encoder need not be there.
            copy = output.add_stream_from_template(stream, opaque=True)
        except ValueError as error:
            kind = f"{stream.codec_context.name if stream.codec_context else 'unknown'} {stream.type}"
            raise OutputError(
                f"{Path(output.name).suffix} cannot hold this film's {kind} track; mux into .mkv"
            ) from error
        if stream.type == "video" and stream.average_rate:  # without it, timecode tracks are miscounted
            picture: Any = copy.codec_context
            picture.framerate = nearest_standard(stream.average_rate)
        copy.metadata.update(_tags(stream.metadata))
        copy.disposition = stream.disposition
        copies[stream.index] = copy
    return copies


def _tags(tags: dict[str, str]) -> dict[str, str]:
    """Tags worth copying. MP4 gives a track's title back as `name`."""
    kept = {key: value for key, value in tags.items() if key.lower().split("-")[0] not in _OWN_TAGS}
    if "name" in kept:
        kept.setdefault("title", kept.pop("name"))
    return kept


def _add_captions(output: OutputContainer, carrier: Carrier, tags: dict[str, str]) -> Stream:
    from av.stream import Disposition

    stream: Any = output.add_stream(carrier.codec)
    stream.codec_context.time_base = Fraction(1, carrier.units)
    stream.codec_context.subtitle_header = _STYLES
    stream.time_base = Fraction(1, carrier.units)
    stream.metadata.update({key: value for key, value in tags.items() if value})
    stream.disposition = Disposition.default
    added: Stream = stream
    return added


def _caption_packets(
    carrier: Carrier, cues: Track[Cue], stream: Stream, start: Fraction
) -> Iterator[Packet[Any]]:
    """The caption track's packets; `start` is the timestamp of 00:00:00 in seconds."""
    from av.packet import Packet

    def stamp(ticks: int) -> int:
        return round((Fraction(ticks, TICKS_PER_SECOND) + start) * carrier.units)

    for sample in carrier.samples(cue for cue in cues if cue.text.strip()):
        packet: Packet[Any] = Packet(sample.payload)
        packet.stream = stream
        packet.time_base = Fraction(1, carrier.units)
        packet.pts = packet.dts = stamp(sample.span.start)
        packet.duration = max(1, stamp(sample.span.end) - stamp(sample.span.start))
        yield packet


def _time(packet: Packet[Any]) -> Fraction:
    stamp = packet.dts if packet.dts is not None else packet.pts
    return (stamp or 0) * packet.time_base
