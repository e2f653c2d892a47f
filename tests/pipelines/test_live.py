"""Live captions with the real networks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pytest

from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import UnknownName
from accessify.core.live import LiveState, LiveUpdate
from accessify.core.timeline import Span, seconds
from accessify.pipelines.live import LiveEngine, LiveOptions, LiveStream
from tests.spoken import BECKETT, TWO_CITIES, agreement, sound

pytestmark = pytest.mark.models
OFFLINE = LiveOptions(offline=True)


@pytest.fixture(scope="module")
def engine() -> Iterator[LiveEngine]:
    with LiveEngine(OFFLINE) as opened:
        yield opened


class Screen:
    """Keeps what a stream says."""

    def __init__(self) -> None:
        self.updates: list[LiveUpdate] = []
        self.threads: set[int] = set()

    def __call__(self, update: LiveUpdate) -> None:
        self.threads.add(threading.get_ident())
        self.updates.append(update)

    def __str__(self) -> str:
        return " ".join(word.text for update in self.updates for word in update.committed)

    @property
    def final(self) -> str:
        return " ".join(word.text for update in self.updates for word in update.final)

    def wait(self, state: LiveState, limit: float = 30) -> None:
        until = time.monotonic() + limit
        while not any(update.state is state for update in self.updates):
            assert time.monotonic() < until, f"never {state}: {self.updates[-3:]}"
            time.sleep(0.05)


def play(stream: LiveStream, samples: np.ndarray, pace: float = 4.0, block: int = 512) -> None:
    """Push `samples` `pace` times as fast as they were spoken."""
    started = time.monotonic()
    for at in range(0, len(samples), block):
        stream.push(samples[at : at + block])
        time.sleep(max(0.0, started + at / SPEECH_RATE / pace - time.monotonic()))


def in_order(updates: Sequence[LiveUpdate]) -> bool:
    numbers = [update.number for update in updates]
    return numbers == list(range(1, len(numbers) + 1)) and all(
        one.clock <= other.clock for one, other in pairwise(updates)
    )


def test_real_speech_is_committed_while_it_comes(engine: LiveEngine) -> None:
    screen = Screen()
    stream = engine.open(screen)
    play(stream, sound("beckett.wav").samples)
    stream.finish()
    assert agreement(str(screen), BECKETT) > 0.7
    assert agreement(screen.final, BECKETT) > 0.8
    assert in_order(screen.updates)
    assert screen.updates[-1].state is LiveState.ENDED
    assert sum(bool(update.committed) for update in screen.updates) > 4
    assert stream.behind == 0
    assert stream.clock == sound("beckett.wav").span.end


def test_streams_share_networks_and_do_not_hear_each_other(engine: LiveEngine) -> None:
    screens = [Screen(), Screen(), Screen()]
    cities = sound("two_cities.wav").cut(Span(0, seconds(13))).samples
    sounds = [sound("beckett.wav").samples, cities, np.zeros(5 * SPEECH_RATE, np.float32)]
    streams = [engine.open(screen) for screen in screens]
    assert engine.streams == 3
    players = [threading.Thread(target=play, args=pair) for pair in zip(streams, sounds, strict=True)]
    for player in players:
        player.start()
    for player, stream in zip(players, streams, strict=True):
        player.join()
        stream.finish()
    assert agreement(screens[0].final, BECKETT) > 0.8
    assert agreement(screens[1].final, TWO_CITIES) > 0.8
    assert not str(screens[2])
    assert all(in_order(screen.updates) for screen in screens)
    assert engine.streams == 0


def test_all_at_once_is_heard_too(engine: LiveEngine) -> None:
    """A client that sends a whole recording in one message is behind at once, and says so."""
    screen = Screen()
    stream = engine.open(screen)
    stream.push(sound("beckett.wav").samples)
    stream.finish()
    assert agreement(screen.final, BECKETT) > 0.8
    assert agreement(str(screen), BECKETT) > 0.8
    assert screen.updates[0].lag >= 0


def test_when_the_sound_stops_in_mid_speech_the_words_come_and_it_goes_on(engine: LiveEngine) -> None:
    screen, spoken = Screen(), sound("beckett.wav").samples
    stream = engine.open(screen)
    play(stream, spoken[: 2 * SPEECH_RATE])
    screen.wait(LiveState.STALLED)
    told = str(screen)
    assert "tried" in told.lower()
    play(stream, spoken[2 * SPEECH_RATE :])
    stream.finish()
    assert str(screen).startswith(told)
    assert agreement(str(screen), BECKETT) > 0.7
    assert in_order(screen.updates)


def test_a_closed_stream_says_nothing_more(engine: LiveEngine) -> None:
    screen = Screen()
    stream = engine.open(screen)
    stream.push(sound("beckett.wav").samples)
    stream.close()
    time.sleep(0.3)
    count = len(screen.updates)
    time.sleep(0.3)
    assert len(screen.updates) == count
    with pytest.raises(RuntimeError, match="open a new one"):
        stream.push(np.zeros(10, np.float32))


def test_an_error_of_the_listener_reaches_who_finishes(engine: LiveEngine) -> None:
    def refuse(update: LiveUpdate) -> None:
        raise OSError("no room")

    stream = engine.open(refuse)
    stream.push(sound("beckett.wav").samples)
    with pytest.raises(RuntimeError, match="listening failed"):
        play(stream, np.zeros(30 * SPEECH_RATE, np.float32), pace=1)
    with pytest.raises(OSError, match="no room"):
        stream.finish()
    assert engine.streams == 0


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 2), np.float32), np.zeros(4, np.float64), np.zeros(4, np.int16)]
)
def test_other_arrays_are_refused(engine: LiveEngine, wrong: np.ndarray) -> None:
    stream = engine.open(Screen())
    with pytest.raises(ValueError, match=r"float32 \[n\]"):
        stream.push(wrong)
    stream.close()


def test_a_language_that_no_engine_knows_is_refused() -> None:
    with pytest.raises(UnknownName, match="language"):
        LiveEngine(LiveOptions(language="zh", offline=True))


def test_a_closed_engine_opens_nothing() -> None:
    with LiveEngine(OFFLINE) as opened:
        stream = opened.open(Screen())
    with pytest.raises(RuntimeError):
        opened.open(Screen())
    with pytest.raises(RuntimeError):
        stream.push(np.zeros(10, np.float32))
