"""Captions over what a real mpv plays."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from accessify.captions.reading import Screen
from accessify.core.errors import MediaError
from accessify.core.live import LiveUpdate
from accessify.core.timeline import seconds
from accessify.delivery.mpv.player import MpvPlayer
from accessify.pipelines.companion import Companion
from accessify.pipelines.live import LiveEngine, LiveOptions
from tests.delivery.mpv.playing import mpv, needs_mpv, wait_for
from tests.media.make_media import Picture, write_media
from tests.spoken import TWO_CITIES, agreement, clip

pytestmark = [pytest.mark.models, needs_mpv]


@pytest.fixture(scope="module")
def engine(embedded_models: None) -> Iterator[LiveEngine]:
    with LiveEngine(LiveOptions(offline=True)) as opened:
        yield opened


class Seat:
    """Somebody who follows `player` and remembers what was seen."""

    def __init__(self, engine: LiveEngine, player: MpvPlayer) -> None:
        self.screens: list[tuple[int | None, Screen]] = []
        self.updates: list[LiveUpdate] = []
        self.troubles: list[str] = []
        self._player = player
        self._companion = Companion(engine, player, self._see)
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    @property
    def said(self) -> str:
        return " ".join(word.text for update in self.updates for word in update.committed)

    def leave(self) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _follow(self) -> None:
        self._companion.follow(self.updates.append, self._hear_of)

    def _see(self, screen: Screen) -> None:
        self.screens.append((self._player.position, screen))

    def _hear_of(self, error: MediaError) -> None:
        self.troubles.append(str(error))


def test_words_are_shown_when_they_are_spoken(engine: LiveEngine, tmp_path: Path) -> None:
    with mpv(tmp_path / "s", "--length=6", clip("two_cities.wav")), MpvPlayer(tmp_path / "s") as player:
        seat = Seat(engine, player)
        wait_for(lambda: player.gone)
        seat.leave()
    assert agreement(seat.said, " ".join(TWO_CITIES.split()[:12])) > 0.5
    assert seat.screens[-1][1].rows == ()  # nothing is left behind
    first = next(at for at, screen in seat.screens if screen.rows and at is not None)
    assert first < seconds(4)


def test_a_jump_begins_anew_and_a_pause_is_waited_for(engine: LiveEngine, tmp_path: Path) -> None:
    with mpv(tmp_path / "s", clip("two_cities.wav")), MpvPlayer(tmp_path / "s") as player:
        seat = Seat(engine, player)
        wait_for(lambda: seat.said)
        before = len(seat.screens)
        player.ask("seek", 20, "absolute+exact")
        wait_for(lambda: any(not screen.rows for _, screen in seat.screens[before:]))
        wait_for(lambda: seat.screens[-1][1].rows)
        assert seat.screens[-1][0] is not None
        assert seat.screens[-1][0] > seconds(19)
        player.ask("set_property", "pause", True)
        time.sleep(1.5)
        part = seat._companion._part
        assert part is not None
        given = part._given
        time.sleep(0.5)
        assert part._given == given
        player.ask("quit")
        seat.leave()
    assert seat.troubles == []


def test_a_film_without_sound_is_told_once_and_the_next_one_is_captioned(
    engine: LiveEngine, tmp_path: Path
) -> None:
    silent = write_media(tmp_path / "silent.mkv", (), Picture([np.zeros((90, 160, 3), np.uint8)] * 25))
    with mpv(tmp_path / "s", silent, clip("beckett.wav")), MpvPlayer(tmp_path / "s") as player:
        seat = Seat(engine, player)
        wait_for(lambda: seat.said)
        player.ask("quit")
        seat.leave()
    assert len(seat.troubles) == 1
    assert "it has no audio track" in seat.troubles[0]


def test_a_film_that_cannot_be_read_for_a_while_is_told_once_and_captioned_then(
    engine: LiveEngine, tmp_path: Path
) -> None:
    film, away = tmp_path / "film.wav", tmp_path / "away.wav"
    shutil.copy(clip("beckett.wav"), film)
    with mpv(tmp_path / "s", "--loop=inf", film), MpvPlayer(tmp_path / "s") as player:
        wait_for(lambda: player.position)
        film.rename(away)
        seat = Seat(engine, player)
        wait_for(lambda: seat._companion._failures == 2)
        assert not seat.said
        away.rename(film)
        wait_for(lambda: seat.said)
        player.ask("quit")
        seat.leave()
    assert len(seat.troubles) == 1
    assert "film.wav" in seat.troubles[0]
