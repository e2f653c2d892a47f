from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import accessify
from accessify.core.errors import MediaError, NoAudio, NotMedia
from accessify.core.live import LiveState, LiveUpdate
from accessify.core.text import Word
from accessify.core.timeline import Note, Span, seconds
from accessify.engines import registry
from accessify.media.live_input import RawFormat, open_input
from accessify.pipelines.live import LiveEngine, LiveOptions
from accessify.pipelines.live_session import LiveSession, Minutes, about_live
from accessify.speech.whisper_options import WhisperOptions
from tests.fakes import BILINGUAL
from tests.spoken import BECKETT, agreement, clip, sound

OFFLINE = LiveOptions(offline=True)


@pytest.fixture(scope="module")
def engine(embedded_models: None) -> Iterator[LiveEngine]:
    with LiveEngine(OFFLINE) as opened:
        yield opened


class Lectern:
    """A source that gives `blocks` at once, then waits, or fails, as microphones do."""

    name = "lectern"
    live = True

    def __init__(self, samples: NDArray[np.float32], error: Exception | None = None) -> None:
        self._notes: tuple[Note, ...] = ()
        self.looks = 0
        self.closed = threading.Event()
        self.given = threading.Event()
        self._samples, self._error = samples, error

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        for at in range(0, len(self._samples), 512):
            yield self._samples[at : at + 512]
        self.given.set()
        if self._error is not None:
            raise self._error
        self.closed.wait(60)

    @property
    def notes(self) -> tuple[Note, ...]:
        self.looks += 1
        return self._notes

    @notes.setter
    def notes(self, notes: tuple[Note, ...]) -> None:
        self._notes = notes

    def close(self) -> None:
        self.closed.set()


def _text(updates: list[LiveUpdate]) -> str:
    return " ".join(word.text for update in updates for word in update.committed)


def _collect(session: LiveSession, updates: list[LiveUpdate]) -> None:
    for update in session:
        updates.append(update)


@pytest.mark.models
def test_a_file_is_heard_to_its_end_in_order() -> None:
    updates = list(accessify.live(clip("beckett.wav"), OFFLINE))
    assert [update.number for update in updates] == list(range(1, len(updates) + 1))
    assert updates[-1].state is LiveState.ENDED
    assert agreement(_text(updates), BECKETT) > 0.7
    minutes = Minutes()
    for update in updates:
        minutes.push(update)
    document = minutes.document(OFFLINE, "beckett.wav")
    assert agreement(" ".join(cue.text for cue in document.cues), BECKETT) > 0.8
    assert "Machine-made live captions: moonshine-tiny-en" in str(document.origin)


@pytest.mark.models
def test_a_paced_file_takes_its_time(engine: LiveEngine) -> None:
    began = time.monotonic()
    session = LiveSession(engine, open_input(str(clip("beckett.wav"))), paced=True)
    while session.next(0.1) is None or time.monotonic() < began + 2:
        pass
    assert session._stream.clock <= seconds(time.monotonic() - began) + seconds(0.5)
    session.close()


@pytest.mark.models
def test_stopping_hears_out_what_was_said_though_the_source_is_stuck(engine: LiveEngine) -> None:
    source = Lectern(sound("beckett.wav").samples)
    session = LiveSession(engine, source)
    assert source.given.wait(30)
    session.stop()
    updates = list(session)
    assert updates[-1].state is LiveState.ENDED
    assert agreement(_text(updates), BECKETT) > 0.7
    assert session.over
    assert session.next(0) is None


@pytest.mark.models
def test_what_a_source_raises_comes_behind_what_was_heard(engine: LiveEngine) -> None:
    source = Lectern(sound("beckett.wav").samples, MediaError("it broke; mend it", path="lectern"))
    updates: list[LiveUpdate] = []
    with pytest.raises(MediaError, match="it broke"):
        _collect(LiveSession(engine, source), updates)
    assert updates[-1].state is LiveState.ENDED
    assert agreement(_text(updates), BECKETT) > 0.7


@pytest.mark.models
def test_a_source_that_gave_no_sound_is_told(engine: LiveEngine, tmp_path: Path) -> None:
    (tmp_path / "nothing.pcm").touch()
    with pytest.raises(NoAudio, match="no sound came"):
        list(LiveSession(engine, open_input(str(tmp_path / "nothing.pcm"), RawFormat("pcm16"))))


@pytest.mark.models
def test_what_a_source_could_not_give_is_told_once(engine: LiveEngine) -> None:
    source = Lectern(sound("beckett.wav").samples)
    source.notes = (Note(Span(0, 1), "overflow", "a little is missing"),)
    session = LiveSession(engine, source)
    assert source.given.wait(30)
    session.stop()
    updates = list(session)
    assert [note.kind for update in updates for note in update.notes] == ["overflow"]
    assert source.looks < len(updates)  # after hours of bad reception there are many to look through


@pytest.mark.models
def test_closing_the_generator_stops_at_once() -> None:
    source = Lectern(sound("beckett.wav").samples)
    before = _workers()
    updates = accessify.live(source, OFFLINE)
    next(updates)
    assert _workers() > before
    began = time.monotonic()
    updates.close()
    assert time.monotonic() - began < 5
    assert _workers() == before


def _workers() -> int:
    return sum(thread.name.startswith("accessify-live_") for thread in threading.enumerate())


def test_a_source_that_is_not_there() -> None:
    with pytest.raises(NotMedia):
        next(accessify.live("no such film.mp4", OFFLINE))


def _word(text: str, at: float) -> Word:
    return Word(Span(seconds(at), seconds(at + 0.3)), text)


def test_where_a_final_reading_is_missing_the_committed_words_stand_in() -> None:
    minutes = Minutes()
    minutes.push(LiveUpdate(1, 0, LiveState.SPEECH, committed=(_word("One", 0), _word("too.", 1))))
    minutes.push(LiveUpdate(2, 0, LiveState.SILENT, ended=True, final=(_word("One", 0), _word("two.", 1))))
    minutes.push(LiveUpdate(3, 0, LiveState.SPEECH, committed=(_word("Three.", 2),)))
    minutes.push(LiveUpdate(4, 0, LiveState.SILENT, ended=True))
    minutes.push(
        LiveUpdate(5, 0, LiveState.SPEECH, committed=(_word("Four", 4),), notes=(Note(Span(0, 1), "x", "y"),))
    )
    words = minutes.words
    assert [word.text for word in words] == ["One", "two.", "Three.", "Four"]
    assert [note.kind for note in words.notes] == ["x"]
    document = minutes.document(OFFLINE)
    assert " ".join(cue.text for cue in document.cues).split() == ["One", "two.", "Three.", "Four"]


def test_what_is_heard_live_is_told_by_the_language_it_is_written_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.ENGINES, "bilingual", BILINGUAL)
    told = LiveOptions(engine="bilingual", language="zh")
    assert about_live(told).language == "zh"
    assert about_live(replace(told, language="auto")).language == "und"
    translated = about_live(replace(told, whisper=WhisperOptions(task="translate")))
    assert translated.language == "en"
    assert (translated.origin or "").startswith("Machine-made live translation: tones, ")
    assert Minutes().document(replace(told, language="auto")).language == "und"
