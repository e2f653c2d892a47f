"""Live captions: many streams of sound over shared networks and a few worker threads.

Networks run outside Python's lock, one thread each. Sound that arrives waits in the stream's inbox;
whenever a worker is free for the stream, it takes all of it, so a machine that is behind listens to the
newest sound and skips passes, never sound.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.cores import count_cores
from accessify.core.live import LiveUpdate
from accessify.core.progress import OnProgress
from accessify.core.timeline import Span, samples
from accessify.engines.silero import Silero
from accessify.engines.strand import Strand
from accessify.hub.fetch import model_files
from accessify.pipelines.choosing import Choice, Chosen, choose
from accessify.speech.align import Aligner
from accessify.speech.follow import Follower, FollowOptions
from accessify.speech.whisper_options import WhisperOptions

log = logging.getLogger(__name__)

OnUpdate = Callable[[LiveUpdate], None]

_STALLED_AFTER = 1.0
"""Seconds without sound in mid-speech after which what was said is committed."""
_WORTH = 1024
"""Samples in the inbox that make it worth waking a worker (64 ms)."""
_LOOK_EVERY = 0.25
"""Seconds between two looks for streams that have stalled."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What live captions are made with."""

    language: str = "en"
    """BCP 47 tag of what is spoken."""
    engine: str = "moonshine"
    """Name of the recogniser."""
    model: str | None = None
    """Model of the engine, or a path to one of your own; None is its default."""
    whisper: WhisperOptions = field(default_factory=WhisperOptions)
    """What the recogniser is told beside the language, where it can be told."""
    workers: int | None = None
    """Threads that listen, shared by all streams; None is one for each core this process may use."""
    offline: bool = False
    """Never fetch a model; fail where one is missing."""
    follow: FollowOptions = field(default_factory=FollowOptions)

    def choose(self) -> Choice:
        """The recogniser meant. Raises as `choosing.choose` does."""
        return choose(self.engine, self.model, self.language, self.whisper)


class LiveEngine:
    """Loaded networks and worker threads for any number of streams; a context manager."""

    def __init__(self, options: LiveOptions = LiveOptions(), on_progress: OnProgress | None = None) -> None:
        """Load the networks, fetching them first where they are missing.

        Raises `UnknownName` for an engine, model or language that is not there, and `ModelError`.
        """
        self.options = options
        chosen = options.choose().fetched(offline=options.offline, on_progress=on_progress)
        self._detector = Silero(model_files("silero-vad", offline=options.offline, on_progress=on_progress))
        self._recognizer = chosen.open()
        self._aligner = _WorkersAligner(chosen)
        self._workers = ThreadPoolExecutor(options.workers or count_cores(), "accessify-live")
        self._streams: set[LiveStream] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="accessify-live-watch", daemon=True).start()

    def open(self, on_update: OnUpdate) -> LiveStream:
        """A new stream; `on_update` gets its updates in order, from worker threads."""
        if self._closed.is_set():
            raise RuntimeError("the live engine is closed")
        follower = Follower(self._detector.another(), self._recognizer, self._aligner, self.options.follow)
        stream = LiveStream(follower, Strand(self._workers), on_update, self._forget)
        with self._lock:
            self._streams.add(stream)
        return stream

    @property
    def streams(self) -> int:
        """Streams that are open."""
        return len(self._streams)

    def close(self) -> None:
        """Close all streams at once, without hearing them out, and free the networks."""
        self._closed.set()
        with self._lock:
            streams = tuple(self._streams)
        for stream in streams:
            stream.close()
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._recognizer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _forget(self, stream: LiveStream) -> None:
        with self._lock:
            self._streams.discard(stream)

    def _watch(self) -> None:
        """Tell streams whose sound has stopped coming."""
        while not self._closed.wait(_LOOK_EVERY):
            now = time.monotonic()
            with self._lock:
                quiet = [stream for stream in self._streams if now - stream.heard_at > _STALLED_AFTER]
            for stream in quiet:
                stream.stall()


class _WorkersAligner:
    """An `Aligner` for many threads: each has its own, made when it first needs one (30 MB)."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self._own = threading.local()

    def align(self, audio: Audio, words: Sequence[str]) -> list[Span | None]:
        if not hasattr(self._own, "aligner"):
            self._own.aligner = self._chosen.open_aligner()
        aligner: Aligner = self._own.aligner
        return aligner.align(audio, words)


class LiveStream:
    """One speaker's sound on its way to captions; `LiveEngine.open` makes it. Safe from any thread."""

    def __init__(
        self, follower: Follower, strand: Strand, on_update: OnUpdate, on_end: Callable[[LiveStream], None]
    ) -> None:
        self._follower, self._strand = follower, strand
        self._on_update, self._on_end = on_update, on_end
        self._inbox: list[NDArray[np.float32]] = []
        self._waiting = 0  # samples in the inbox
        self._taken = 0  # samples the follower was given
        self._lock = threading.Lock()
        self._scheduled = False
        self._finishing = False
        self._stalled = True  # nothing to commit before the first sound
        self._error: BaseException | None = None
        self._over = threading.Event()
        self.heard_at = time.monotonic()
        """Monotonic seconds at which sound came last."""

    @property
    def clock(self) -> int:
        """Ticks of sound pushed so far."""
        with self._lock:
            return samples(self._taken + self._waiting, SPEECH_RATE)

    @property
    def behind(self) -> int:
        """Ticks of sound that has not been listened to yet; 0 once the stream is over."""
        if self._over.is_set():
            return 0
        return samples(self._waiting, SPEECH_RATE) + self._follower.lag

    def push(self, sound: NDArray[np.float32]) -> None:
        """Take in the next sound [n], 16 kHz mono float32, full scale -1 to 1. Never blocks.

        Raises `ValueError` for other arrays, and `RuntimeError` behind `finish`, `close` and an error of the
        recogniser, which `finish` then raises.
        """
        if sound.ndim != 1 or sound.dtype != np.float32:
            raise ValueError(f"live sound must be float32 [n], not {sound.dtype} {list(sound.shape)}")
        with self._lock:
            if self._finishing or self._over.is_set():
                raise RuntimeError("the stream was finished, or listening failed; open a new one")
            self._inbox.append(np.nan_to_num(sound))  # a copy: the caller may use its array again
            self._waiting += len(sound)
            self._stalled = False
            self.heard_at = time.monotonic()
            enough = self._waiting >= _WORTH
        if enough:
            self._schedule()

    def finish(self) -> None:
        """No more sound comes: hear out what is there; the last update is `ENDED`. Blocks until it was given.

        Raises what the recogniser or `on_update` raised.
        """
        with self._lock:
            self._finishing = True
        self._do(self._finish)
        self._over.wait()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """End at once: what has not been heard yet is not heard, and no update comes any more."""
        with self._lock:
            self._finishing = True
            self._inbox.clear()
        self._end()

    def stall(self) -> None:
        """Commit what was said, since sound has stopped coming; once until it comes again."""
        with self._lock:
            if self._stalled or self._finishing:
                return
            self._stalled = True
        self._do(self._stall)

    def _schedule(self) -> None:
        with self._lock:
            if self._scheduled:
                return
            self._scheduled = True
        self._do(self._listen)

    def _do(self, job: Callable[[], None]) -> None:
        """Have a worker do `job` behind what was asked for before; nothing once the stream is over."""

        def work() -> None:
            if self._over.is_set():
                return
            try:
                job()
            except BaseException as error:  # `finish` raises it for whoever waits there
                log.warning("a live stream stopped: %s", error)
                self._error = error
                self._end()
                raise

        self._strand.submit(work)

    def _listen(self) -> None:
        """Take in what has arrived and hear one stretch of it; again where more is due."""
        with self._lock:
            self._scheduled = False
        if self._hear():
            self._schedule()

    def _hear(self) -> bool:
        self._take()
        update = self._follower.step()
        if update is not None and not self._over.is_set():
            self._on_update(replace(update, lag=self.behind))  # sound has come in while it listened
        return update is not None

    def _take(self) -> None:
        with self._lock:
            sounds, self._inbox = self._inbox, []
            start, self._taken, self._waiting = self._taken, self._taken + self._waiting, 0
        if sounds:
            self._follower.push(Audio(np.concatenate(sounds), SPEECH_RATE, samples(start, SPEECH_RATE)))

    def _stall(self) -> None:
        while self._hear():
            pass
        with self._lock:
            stalled = self._stalled
        if stalled:
            self._on_update(self._follower.stall())

    def _finish(self) -> None:
        self._take()
        self._follower.end()
        while self._hear():
            pass
        self._on_update(self._follower.last())
        self._end()

    def _end(self) -> None:
        self._over.set()
        self._on_end(self)
