"""The sound and caption tracks of a film into another one, at the same times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from accessify.core.errors import OutputError
from accessify.core.timeline import TICKS_PER_SECOND, Note, Span
from accessify.media.container import FilmClock, opened, packets

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream

_QUICKTIME = {"aac", "mp3", "ac3", "eac3", "alac"}
_COPIED = {
    "mp4": _QUICKTIME | {"opus", "flac", "mov_text"},
    "mov": _QUICKTIME | {"pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_f32le", "mov_text"},
    "webm": {"opus", "vorbis", "webvtt"},
}
"""Container → codecs that are copied as they are, since its players know them."""
_ENCODED = {"mp4": "aac", "mov": "aac", "webm": "libopus"}
"""Container → what all other sound is encoded with."""
_KEPT = {"title", "artist", "album", "date", "copyright", "genre", "description", "show"}
"""Tags of a film that stay true."""
_BITS_PER_CHANNEL = 96_000
_OPUS_RATE = 48_000


class FilmSound:
    """Copies all sound and chapters of a film, and captions that the new container knows, packet by packet.

    Sound that it does not know is encoded anew; both are told in `notes` (`sound-encoded`,
    `captions-left-out`). Times are kept on the film's clock.
    """

    def __init__(self, film: Path, output: OutputContainer) -> None:
        """Adds its streams to `output`, which must not have begun. Raises `NotMedia`."""
        self.resources = ExitStack()
        """What is closed when all is copied."""
        self.notes: tuple[Note, ...] = ()
        """What could not be copied as it is."""
        source = self.resources.enter_context(opened(film))
        self.tags = {key: value for key, value in source.metadata.items() if key.lower() in _KEPT}
        """What the film says of itself."""
        output.set_chapters(source.chapters())
        self._output, self._clock = output, FilmClock.of(source)
        self._copies: dict[int, Stream] = {}
        self._encoded: dict[int, AudioStream] = {}
        for stream in source.streams:
            if stream.type in ("audio", "subtitle"):
                self._take(stream)
        self._packets = self._read(source)
        self._waiting: Packet[Any] | None = None

    def _take(self, stream: Stream) -> None:
        muxer = self._output.format.name
        codec = stream.codec_context.name if stream.codec_context else "an unknown codec"
        if codec in _COPIED[muxer]:
            try:
                self._copies[stream.index] = self._output.add_stream_from_template(stream, opaque=True)
            except ValueError as error:
                raise OutputError(f"this film's {codec} {stream.type} cannot be copied; repair it") from error
            _copy_tags(stream, self._copies[stream.index])
        elif stream.type == "audio" and stream.codec_context:
            self._encoded[stream.index] = self._encoder(cast("AudioStream", stream))
            _copy_tags(stream, self._encoded[stream.index])
            fewer = ", in stereo" if cast("AudioStream", stream).channels > 2 else ""
            text = f"the film's {codec} sound is encoded anew as {_ENCODED[muxer]}{fewer}"
            self._tell("sound-encoded", text)
        else:
            text = f"the film's {codec} {stream.type} track does not fit into this kind of file"
            self._tell("captions-left-out" if stream.type == "subtitle" else "sound-left-out", text)

    def _encoder(self, stream: AudioStream) -> AudioStream:
        codec = _ENCODED[self._output.format.name]
        rate = _OPUS_RATE if codec == "libopus" else stream.rate
        added = cast("AudioStream", self._output.add_stream(codec, rate=rate))
        added.layout = "mono" if stream.channels == 1 else "stereo"
        added.bit_rate = _BITS_PER_CHANNEL * min(2, stream.channels)
        return added

    def _tell(self, kind: str, text: str) -> None:
        self.notes = (*self.notes, Note(Span(0, 0), kind, text))

    def copy_until(self, ticks: int) -> None:
        """Copy what begins before `ticks` and was not copied yet."""
        end = Fraction(ticks, TICKS_PER_SECOND)
        while True:
            packet, self._waiting = self._waiting or next(self._packets, None), None
            if packet is None:
                return
            stamp = packet.dts if packet.dts is not None else packet.pts
            if stamp is not None and stamp * packet.time_base - self._clock.start > end:
                self._waiting = packet
                return
            self._copy(packet)

    def copy_rest(self) -> None:
        """Copy all that is left, and close the film."""
        with self.resources:
            if self._waiting is not None:
                self._copy(self._waiting)
            for packet in self._packets:
                self._copy(packet)
            for added in self._encoded.values():
                self._output.mux(added.encode(None))

    def _read(self, source: InputContainer) -> Iterator[Packet[Any]]:
        wanted = [source.streams[index] for index in (*self._copies, *self._encoded)]
        if wanted:
            yield from packets(source, *wanted)

    def _copy(self, packet: Packet[Any]) -> None:
        encoder = self._encoded.get(packet.stream_index)
        if encoder is not None:
            for frame in self._decoded(packet):
                frame.pts = self._shifted(frame.pts, frame.time_base)
                self._output.mux(encoder.encode(frame))
        elif packet.size and packet.dts is not None:
            copy = self._copies[packet.stream_index]
            packet.pts = self._shifted(packet.pts, packet.time_base)
            packet.dts = self._shifted(packet.dts, packet.time_base)
            packet.stream = copy
            self._output.mux(packet)

    def _decoded(self, packet: Packet[Any]) -> list[AudioFrame]:
        import av

        try:
            return cast("list[AudioFrame]", packet.decode())
        except av.FFmpegError:
            if packet.size and not any(note.kind == "sound-damaged" for note in self.notes):
                self._tell("sound-damaged", "some of the film's sound is damaged and is left out")
            return []

    def _shifted(self, stamp: int | None, unit: Fraction | None) -> int | None:
        """A timestamp as if the film began at 0."""
        return None if stamp is None or unit is None else stamp - round(self._clock.start / unit)


def _copy_tags(stream: Stream, copy: Stream) -> None:
    for key in ("language", "title"):
        if key in stream.metadata:
            copy.metadata[key] = stream.metadata[key]
    copy.disposition = stream.disposition
