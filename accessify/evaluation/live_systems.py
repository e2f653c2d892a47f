"""Live recognisers that the bench plays sound to: accessify, and moonshine-voice's own streaming.

Each runs in a process of its own (`live_child`). What they show goes to a `ChangeLog`, stamped on the
thread that tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE
from accessify.core.live import LiveUpdate
from accessify.core.timeline import to_seconds
from accessify.evaluation.live_events import ChangeLog
from accessify.evaluation.matching import bench_package
from accessify.evaluation.systems import ACCESSIFY, MOONSHINE_VOICE
from accessify.pipelines.live import LiveEngine, LiveOptions, LiveStream

Samples = NDArray[np.float32]


class Listening(Protocol):
    """One stream that is being listened to."""

    def push(self, samples: Samples) -> None:
        """Take the next 16 kHz mono sound."""
        ...

    def finish(self) -> None:
        """Hear out what is there; everything has been told when this returns."""
        ...


class LiveSystem(Protocol):
    """A loaded recogniser for any number of streams."""

    def open(self, log: ChangeLog) -> Listening:
        """A stream whose screen is written to `log`."""
        ...

    def close(self) -> None:
        """Free it."""
        ...


def open_live(name: str) -> LiveSystem:
    """The system `name`, its networks loaded. Raises `MissingExtra` and `ModelError`."""
    return _OPENERS[name]()


class Accessify:
    """The live pipeline with its usual options."""

    def __init__(self) -> None:
        self._engine = LiveEngine(LiveOptions())

    def open(self, log: ChangeLog) -> LiveStream:
        """A stream of the shared engine."""
        return self._engine.open(lambda update: note_update(log, update))

    def close(self) -> None:
        """Stop its workers."""
        self._engine.close()


def note_update(log: ChangeLog, update: LiveUpdate) -> None:
    """Write what `update` says to `log`."""
    log.updates += 1
    log.gaps += update.number != log.updates
    new = [word.text for word in update.committed]
    log.add(log.count, new, update.tail, update.state, to_seconds(update.lag))
    log.saved += [word.text for word in update.final]
    log.notes += [note.kind for note in update.notes]


class MoonshineVoice:
    """moonshine-voice's `Transcriber` with a `Stream` at its default of an update each half second.

    The model is the one in its wheel. Speaker identification is off, and the copy of all sound into
    Python lists that its binding makes with every update is left out: both in its favour.
    """

    def __init__(self) -> None:
        library = bench_package("moonshine_voice")
        base: Any = library.Transcriber

        class Lean(base):  # type: ignore[misc]  # the library has no types
            def _parse_transcript(self, transcript: Any) -> Any:
                for place in range(transcript.contents.line_count if transcript else 0):
                    transcript.contents.lines[place].audio_data_count = 0
                return super()._parse_transcript(transcript)

        model = str(library.get_model_path("tiny-en"))
        self._model = Lean(model, library.ModelArch.TINY, options={"identify_speakers": "false"})

    def open(self, log: ChangeLog) -> MoonshineStream:
        """A stream of its own."""
        return MoonshineStream(self._model.create_stream(), log)

    def close(self) -> None:
        """Nothing: the library may crash when it is freed, so that is left to the end of the process."""


class MoonshineStream:
    """Its lines as a screen: words of complete lines are committed, those of open lines are the tail."""

    def __init__(self, stream: Any, log: ChangeLog) -> None:
        self._stream, self._log = stream, log
        self._lines: dict[int, tuple[str, bool]] = {}
        self._committed: list[str] = []
        stream.add_listener(self._told)
        stream.start()

    def push(self, samples: Samples) -> None:
        """Add sound; the library recognises inside this call whenever half a second has come."""
        self._stream.add_audio(samples.tolist(), SPEECH_RATE)

    def finish(self) -> None:
        """Stop, which completes the open line."""
        self._stream.stop()

    def _told(self, event: Any) -> None:
        line = getattr(event, "line", None)
        if line is None:
            return
        now = line.text.strip(), line.is_complete
        if self._lines.get(line.line_id) != now:
            self._lines[line.line_id] = now
            self._show()

    def _show(self) -> None:
        committed, tail = screen_of(self._lines.values())
        kept = 0
        for old, new in zip(self._committed, committed, strict=False):
            if old != new:
                break
            kept += 1
        self._committed = committed
        self._log.add(kept, committed[kept:], tail)


def screen_of(lines: Any) -> tuple[list[str], list[str]]:
    """Committed words and tail of `lines` (text, whether it is complete), in the order they began.

    Nothing behind an open line counts as committed yet.
    """
    committed: list[str] = []
    tail: list[str] = []
    for text, complete in lines:
        (committed if complete and not tail else tail).extend(text.split())
    return committed, tail


_OPENERS: Mapping[str, Callable[[], LiveSystem]] = {
    ACCESSIFY: Accessify,
    MOONSHINE_VOICE: MoonshineVoice,
}
