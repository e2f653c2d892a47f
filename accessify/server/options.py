"""What a server is told when it starts: models, who may use it, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from accessify.pipelines.caption import CaptionOptions
from accessify.pipelines.live import LiveOptions


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the server one client, and all of them, may use."""

    upload_bytes: int = 512 << 20
    """Largest request body of a transcription."""
    request_seconds: float = 900.0
    """Seconds after which a transcription is given up."""
    requests: int = 2
    """Transcriptions at work at once."""
    waiting: int = 8
    """Transcriptions that may wait for their turn; one more is refused."""
    streams: int = 32
    """Live streams at once."""
    per_address: int = 24
    """Sockets, event streams and transcriptions at once from one address."""
    start_seconds: float = 10.0
    """Seconds a connection has for a request, and a new socket for its start message."""
    idle_seconds: float = 30.0
    """Seconds without sound after which a socket is closed."""
    linger_seconds: float = 30.0
    """Seconds a stream waits for its client to come back."""
    kept_seconds: float = 300.0
    """Seconds a stream that has ended can still be read."""
    frame_bytes: int = 1 << 20
    """Largest message of sound."""
    burst_seconds: float = 30.0
    """Sound that may come as fast as it likes."""
    pace: float = 2.0
    """Sound beyond the burst is taken this many times faster than real time, no faster."""
    behind_seconds: float = 60.0
    """No more sound is taken from a client while this much of it waits to be listened to."""
    log_events: int = 4_000
    """Messages of a stream that can be sent again."""
    send_seconds: float = 20.0
    """A reader that does not take one message in this time is disconnected."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How captions are made and who may ask for them."""

    live: LiveOptions = field(default_factory=LiveOptions)
    """Live captions."""
    caption: CaptionOptions = field(default_factory=lambda: CaptionOptions(shots=False, workers=1))
    """Captions of uploaded files."""
    token: str | None = None
    """What clients must present; None lets everybody in who reaches the server."""
    origins: tuple[str, ...] = ()
    """Origins of web pages, besides its own, that may use it, e.g. `https://example.org`; `*` is all."""
    hosts: tuple[str, ...] | None = ("localhost", "127.0.0.1", "::1")
    """Host names it answers to; None is any. They keep a foreign page from reaching a local server under a
    name of its own (DNS rebinding)."""
    limits: Limits = field(default_factory=Limits)
