"""Live captions over a film that another program plays.

The film's sound is read again, from the same file, a little ahead of what is heard: so much that words
are shown when they are spoken, not a second later. Pauses, jumps and other films are followed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from accessify.captions.reading import Reading, ReadingOptions, Screen
from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import MediaError, NoAudio
from accessify.core.live import LiveUpdate
from accessify.core.timeline import samples, seconds
from accessify.media.live_input import StreamInput, open_film
from accessify.pipelines.live import LiveEngine, LiveStream

_AHEAD = seconds(1)
"""Sound that is read before it is heard: what recognition takes."""
_JUMP = seconds(2)
"""A position this far from where it should be was jumped to."""
_KEPT = seconds(6)
"""Lines are taken off the picture when nobody has spoken for so long."""
_LOOK = 0.05
"""Seconds between two looks at the player."""
_AGAIN = (1.0, 4.0, 15.0)
"""Seconds before each new try to read a film; the last one again and again."""
_WELL = seconds(30)
"""Sound after which reading goes well again."""
_AT_ONCE = 64
"""Blocks read between two looks: two seconds of sound."""


class Player(Protocol):
    """A program that plays films."""

    @property
    def gone(self) -> bool:
        """Whether it has ended."""
        ...

    @property
    def film(self) -> str | None:
        """Path or address of what is played; None while nothing is."""
        ...

    @property
    def position(self) -> int | None:
        """Ticks into the film; None while nothing is shown."""
        ...

    @property
    def track(self) -> int | None:
        """0-based number of the sound track that is heard."""
        ...


class Companion:
    """Follows a player, and tells what is to be seen over its picture."""

    def __init__(
        self,
        engine: LiveEngine,
        player: Player,
        show: Callable[[Screen], None],
        options: ReadingOptions = ReadingOptions(),  # noqa: B008 - a value
    ) -> None:
        """`show` is called when the screen has changed; an empty one takes the captions away."""
        self._engine, self._player, self._show, self._options = engine, player, show, options
        self._part: _Part | None = None
        self._film: tuple[str | None, int | None] = (None, None)
        self._shown = Screen()
        self._failures = 0  # since reading went well
        self._again_at = math.inf  # monotonic seconds

    def follow(
        self, on_update: Callable[[LiveUpdate], None], on_trouble: Callable[[MediaError], None]
    ) -> None:
        """Until the player has ended.

        A film that cannot be read is tried again, as long as it is played; `on_trouble` hears once what the
        trouble is. A film without sound is left without captions.
        """
        try:
            while not self._player.gone:
                try:
                    self._step(on_update)
                except MediaError as error:
                    self._leave()
                    self._again_at = time.monotonic() + _AGAIN[min(self._failures, len(_AGAIN) - 1)]
                    if isinstance(error, NoAudio):
                        self._again_at = math.inf
                    self._failures += 1
                    if self._failures == 1:
                        on_trouble(error)
                time.sleep(_LOOK)
        finally:
            self._leave()

    def _step(self, on_update: Callable[[LiveUpdate], None]) -> None:
        position, film = self._player.position, (self._player.film, self._player.track)
        if position is None or film[0] is None:
            self._leave()
            self._film = (None, None)
            return
        if film != self._film:
            self._film, self._failures, self._again_at = film, 0, 0.0
        elsewhere = self._part is not None and self._part.is_elsewhere(position)
        if elsewhere or time.monotonic() >= self._again_at:
            self._leave()
            self._again_at = math.inf
            source = open_film(film[0], position, film[1])
            self._part = _Part(self._engine, source, position, self._options)
        if self._part is not None:
            if self._part.given > _WELL:
                self._failures = 0
            self._part.read_to(position + _AHEAD)
            for update in self._part.updates(position):
                on_update(update)
            self._draw(self._part.look(position))

    def _leave(self) -> None:
        if self._part is not None:
            self._part.close()
            self._part = None
        self._draw(Screen())

    def _draw(self, screen: Screen) -> None:
        if screen.rows != self._shown.rows:
            self._show(screen)
        self._shown = screen


class _Part:
    """A stretch of a film that is played without a jump."""

    def __init__(self, engine: LiveEngine, source: StreamInput, begin: int, options: ReadingOptions) -> None:
        self._source, self._begin = source, begin
        self._blocks: Iterator[NDArray[np.float32]] = iter(source)
        self._given = 0  # samples
        self._ended = False
        self._reading = Reading(replace(options, keep=_KEPT))
        self._updates: SimpleQueue[LiveUpdate] = SimpleQueue()
        self._stream: LiveStream = engine.open(self._updates.put)

    @property
    def given(self) -> int:
        """Ticks of sound that were listened to."""
        return samples(self._given, SPEECH_RATE)

    def is_elsewhere(self, position: int) -> bool:
        """Whether `position` was not reached by playing on."""
        read = self._begin + self.given
        early = position < read - _AHEAD - _JUMP
        return early or (not self._ended and position > read + _JUMP)

    def read_to(self, position: int) -> None:
        """Listen to the sound up to `position`."""
        for _ in range(_AT_ONCE):
            if self._ended or self._begin + self.given >= position:
                return
            block = next(self._blocks, None)
            if block is None:
                self._ended = not self._source.cut  # else it is read again once the player is beyond it
                return
            self._given += len(block)
            self._stream.push(block)

    def updates(self, now: int) -> Iterator[LiveUpdate]:
        """What was heard since the last call; `now`: the film's position, which a pause stops."""
        while True:
            try:
                update = self._updates.get_nowait()
            except Empty:
                return
            self._reading.push(update, now)
            yield update

    def look(self, now: int) -> Screen:
        """What is to be seen at the film's position `now`."""
        return self._reading.look(now)

    def close(self) -> None:
        self._stream.close()
        self._source.close()
