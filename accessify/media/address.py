"""Films and streams behind an address, through FFmpeg."""

from __future__ import annotations

import re
from collections.abc import Generator
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MediaError, NoPicture, OptionError
from accessify.core.timeline import Rate, nearest_standard, to_seconds
from accessify.media.camera import PATIENCE, LostError
from accessify.media.container import listen_only_to, packets, picture
from accessify.media.probe import VideoTrack
from accessify.media.upright import Upright

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "rtmps", "rtp", "udp", "tcp", "srt")
"""Kinds of address that are dialled."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://.+")
_WHITELIST = ",".join((*SCHEMES, "srtp", "tls", "crypto", "httpproxy", "data"))
"""What a playlist at the address may point to: not files of this machine."""
_LOOK = 1_000_000
"""Microseconds of a stream that may be looked at before its pictures are given."""
_USUAL_RATE = Fraction(25)


def is_address(source: str) -> bool:
    """Whether `source` is an address, not a file or camera: `rtsp://…`, `http://…`."""
    return _SCHEME.fullmatch(source) is not None


def shown(address: str) -> str:
    """`address` for people, without the name, password and query it may hold.

    Passwords with a `/`, `?` or `@` that should have been escaped go as well: nothing before the last `@`
    stays, also where that is part of a path, and nothing at all where it may be part of a query.
    """
    scheme, _, rest = address.partition("://")
    rest, _, query = rest.partition("?")
    place = "…" if "@" in query else rest.rpartition("@")[2].partition("#")[0]
    return f"{scheme}://{place}"


def open_address(address: str, patience: int = PATIENCE) -> InputContainer:
    """`dial` for its picture; raises `NoPicture` too."""
    container = dial(address, patience)
    if picture(container) is None:
        container.close()
        raise NoPicture(shown(address))
    return container


def dial(address: str, patience: int = PATIENCE) -> InputContainer:
    """Dial `address`, waiting at most `patience` ticks for an answer and later for each packet.

    Raises `OptionError` for a kind of address that is not dialled or one that is not well formed, and
    `MediaError` which says what to check.
    """
    import av

    _check(address)
    options = {
        "protocol_whitelist": _WHITELIST,
        "rtsp_transport": "tcp",  # datagrams get lost, and pictures with them
        "analyzeduration": str(_LOOK),
    }
    try:
        return av.open(address, options=options, timeout=to_seconds(patience), metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{shown(address)}: {_reason(error)}", path=shown(address)) from error


def _check(address: str) -> None:
    """Raise `OptionError` for what is not dialled; one that cannot be taken apart is not repeated."""
    scheme = address.partition(":")[0].lower()
    if scheme not in SCHEMES:
        known = ", ".join(SCHEMES)
        raise OptionError(f"{shown(address)}: {scheme} is not dialled; give a file's path, or use {known}")
    try:
        _ = urlsplit(address).port
    except ValueError:
        raise OptionError(
            "the address cannot be taken apart; check its brackets and port, "
            "and write / as %2F, ? as %3F, @ as %40 and : as %3A within a password"
        ) from None


def is_film(container: InputContainer) -> bool:
    """Whether what was dialled has an end, so that every frame can be waited for."""
    return bool(container.duration and container.duration > 0)


def declared_track(container: InputContainer) -> VideoTrack:
    """The picture as the container declares it; reads nothing."""
    stream = _stream(container)
    fps = stream.average_rate or stream.guessed_rate or _USUAL_RATE
    return VideoTrack(Rate(nearest_standard(fps)), False, stream.width, stream.height)


class LiveStream:
    """A stream without an end; a `LiveSource`."""

    def __init__(self, address: str, container: InputContainer) -> None:
        self.name = shown(address)
        self.damaged = 0
        self.rate = declared_track(container).rate
        self._container = container
        stream = _stream(container)
        self._upright = Upright(stream.sample_aspect_ratio)
        listen_only_to(container, stream)
        stream.codec_context.thread_count = 1  # each further one holds back a picture
        self._frames = self._decoded(stream)

    def read(self) -> VideoFrame:
        """The next frame that could be decoded."""
        import av

        try:
            return next(self._frames)
        except StopIteration:
            raise LostError("the stream ended") from None
        except av.FFmpegError as error:
            late = isinstance(error, (av.ExitError, av.TimeoutError))
            reason = "nothing came in time" if late else f"the connection was cut ({error.strerror})"
            raise LostError(reason) from error

    def picture(self, raw: VideoFrame) -> NDArray[np.uint8]:
        """As RGB, upright. Raises `MediaError` for a layout nothing can convert."""
        import av

        try:
            return self._upright.picture(raw)
        except av.FFmpegError as error:
            reason = f"its pictures ({raw.format.name}) cannot be converted; set another format there"
            raise MediaError(f"{self.name}: {reason}", path=self.name) from error

    def close(self) -> None:
        self._frames.close()
        self._container.close()

    def _decoded(self, stream: VideoStream) -> Generator[VideoFrame]:
        """Frames; what comes before the first one, in the middle of a group of pictures, is no damage."""
        import av

        begun = False
        for packet in packets(self._container, stream):
            try:
                for frame in stream.decode(packet):
                    begun = True
                    yield frame
            except av.EOFError:
                continue
            except av.FFmpegError:
                self.damaged += begun


def _stream(container: InputContainer) -> VideoStream:
    stream = picture(container)
    assert stream is not None  # noqa: S101 - open_address has looked
    return stream


def _reason(error: Exception) -> str:
    """What went wrong and what to check, in a few words."""
    import av

    table: dict[Any, str] = {
        av.HTTPNotFoundError: "there is nothing at this address; check its spelling",
        av.HTTPUnauthorizedError: "it asks for a name and password; write them as http://name:password@…",
        av.HTTPForbiddenError: "it refuses access; check the name and password",
        av.ConnectionRefusedError: "nothing answers there; check the address and that the camera is on",
        av.ExitError: "nothing came in time; check the network and that the camera is on",
        av.TimeoutError: "nothing came in time; check the network and that the camera is on",
        av.InvalidDataError: "what comes from there is neither film nor stream; check the address",
        av.ProtocolNotFoundError: "this kind of address is not built in; use http or rtsp",
    }
    for kind, text in table.items():
        if isinstance(error, kind):
            return text
    known = getattr(error, "strerror", None) or "unknown reason"
    return f"it cannot be reached ({known}); check the address and the network"
