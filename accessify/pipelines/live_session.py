"""A source of live sound to live captions and, in the end, a transcript."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from accessify.captions.compose import compose
from accessify.captions.film import Film
from accessify.captions.rules import profile_for
from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import NoAudio
from accessify.core.live import LiveState, LiveUpdate
from accessify.core.text import Cue, Document, Word
from accessify.core.timeline import Note, Track, seconds
from accessify.media.languages import UNDETERMINED
from accessify.media.live_input import LiveInput, open_input
from accessify.pipelines.heard_language import spoken_language, written_language
from accessify.pipelines.live import LiveEngine, LiveOptions, LiveStream

_MOST_BEHIND = seconds(10)
"""Ticks of sound that are read ahead of the listener from a source that has all of it at once."""
_NOTES_EVERY = seconds(1)
"""Ticks of sound between two looks at the source's notes, which are many after hours of bad reception."""
_GRACE = 0.5
"""Seconds to wait for a source that gives nothing, when the session is stopped."""


class LiveSession:
    """Listens to one source in a thread of its own; updates are taken from it one by one.

    The last update has the state `ENDED`. Errors of the source (`MediaError`) are raised behind it: what
    was heard until then is there.
    """

    def __init__(self, engine: LiveEngine, source: LiveInput, *, paced: bool = False) -> None:
        """`paced`: play a source that has all sound at once at the pace it was spoken."""
        self._source, self._paced = source, paced
        self._updates: SimpleQueue[LiveUpdate | None] = SimpleQueue()
        self._stream: LiveStream = engine.open(self._updates.put)
        self._stopping = Event()
        self._finishing = Lock()
        self._finished = self._over = False
        self._trouble = _Trouble()
        self._told: set[tuple[str, int]] = set()
        self._noted_at = 0  # tick of the clock
        self._thread = Thread(target=self._listen, name=f"live {source.name}", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[LiveUpdate]:
        """All updates, as they come, to the last one; then raises what went wrong, if anything did."""
        while (update := self.next(None)) is not None or not self._over:
            if update is not None:
                yield update

    def next(self, timeout: float | None) -> LiveUpdate | None:
        """The next update; None where none comes within `timeout` seconds, or no more will (`over`)."""
        if self._over:
            return None
        try:
            update = self._updates.get(timeout=timeout)
        except Empty:
            return None
        if update is not None:
            return self._with_notes(update)
        self._over = True
        if self._trouble.error is not None:
            raise self._trouble.error
        return None

    @property
    def over(self) -> bool:
        """Whether the last update was taken."""
        return self._over

    @property
    def behind(self) -> int:
        """Ticks of sound that were not listened to yet."""
        return self._stream.behind

    @property
    def notes(self) -> tuple[Note, ...]:
        """What could not be heard of the source so far."""
        return self._source.notes

    def stop(self) -> None:
        """No more sound: hear out what is there. Blocks until the last update is there to be taken."""
        self._stopping.set()
        self._thread.join(_GRACE)
        self._finish()  # the source may be stuck in a wait for sound
        self._updates.put(None)

    def close(self) -> None:
        """Stop at once, without hearing out."""
        self._stopping.set()
        self._stream.close()
        self._updates.put(None)
        self._thread.join(_GRACE)

    def _listen(self) -> None:
        """What the thread does."""
        with self._trouble, closing(self._source):
            for block in self._in_pace():
                try:
                    self._stream.push(block)
                except RuntimeError:  # finished from outside, or listening failed: `_finish` tells which
                    break
                if self._stopping.is_set():
                    break
            if not self._stream.clock and not self._stopping.is_set():
                raise NoAudio(self._source.name, "no sound came")
        with self._trouble:
            self._finish()
        self._updates.put(None)

    def _in_pace(self) -> Iterator[NDArray[np.float32]]:
        """Blocks of the source when they are due: those that are all there at once are held back."""
        began, given = time.monotonic(), 0
        for block in self._source:
            yield block
            given += len(block)
            if self._paced and not self._source.live:
                self._stopping.wait(max(0.0, began + given / SPEECH_RATE - time.monotonic()))
            while not self._source.live and not self._paced and self._stream.behind > _MOST_BEHIND:
                if self._stopping.wait(0.02):
                    return

    def _finish(self) -> None:
        with self._finishing:
            if self._finished:
                return
            self._finished = True
            self._stream.finish()

    def _with_notes(self, update: LiveUpdate) -> LiveUpdate:
        """With what the source could not give, each told once."""
        due = update.clock - self._noted_at >= _NOTES_EVERY
        if not due and update.state not in {LiveState.STALLED, LiveState.ENDED}:
            return update
        self._noted_at = update.clock
        new = [note for note in self._source.notes if (note.kind, note.span.start) not in self._told]
        self._told |= {(note.kind, note.span.start) for note in new}
        return replace(update, notes=(*update.notes, *new)) if new else update


class _Trouble:
    """Keeps the first error raised inside, for the thread that asks for updates."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = self.error or error
        return True


def live(
    source: str | Path | LiveInput,
    options: LiveOptions = LiveOptions(),  # noqa: B008 - a value
    *,
    paced: bool = False,
) -> Generator[LiveUpdate]:
    """Live captions of `source`: a file, an address, `-` (standard input) or any `LiveInput`.

    Gives each `LiveUpdate` as soon as it is there; closing the generator stops listening. `paced` plays a
    file at the pace it was spoken. Raises `MediaError`, `OptionError` and `ModelError`.
    """
    opened = open_input(str(source)) if isinstance(source, str | Path) else source
    with LiveEngine(options) as engine:
        session = LiveSession(engine, opened, paced=paced)
        try:
            yield from session
        finally:
            session.close()


class Minutes:
    """What was said, for the transcript: the final reading of each utterance, else what was committed."""

    def __init__(self) -> None:
        self._words: list[Word] = []
        self._open: list[Word] = []
        self._notes: list[Note] = []

    def push(self, update: LiveUpdate) -> None:
        """Take in the next update."""
        self._open += update.committed
        self._notes += update.notes
        if update.ended:
            self._words += update.final or self._open
            self._open.clear()

    @property
    def words(self) -> Track[Word]:
        """All words so far."""
        return Track.of((*self._words, *self._open), self._notes)

    def document(self, options: LiveOptions, source: str | None = None) -> Document:
        """Captions composed as those of a film are, by the language's usual style guide."""
        words = self.words
        about = about_live(options, source)
        profile = profile_for(about.language or UNDETERMINED)
        return replace(about, cues=compose(words, profile, Film()), words=words)


def about_live(options: LiveOptions, source: str | None = None) -> Document:
    """A document without captions that says how live ones are made."""
    model = options.choose().model
    kind = "live translation" if options.whisper.task == "translate" else "live captions"
    made_by = f"Machine-made {kind}: {model}, accessify {version('accessify')}; not checked by a person"
    language = written_language(spoken_language(options.language), options.whisper.task)
    return Document(Track[Cue](), language=language, source=source, origin=made_by)
