from __future__ import annotations

import signal
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from accessify.captions.reading import Row, Screen
from accessify.core.errors import MediaError
from accessify.core.timeline import seconds
from accessify.delivery.mpv.overlay import overlay_events
from accessify.delivery.mpv.player import MpvPlayer
from tests.delivery.mpv.playing import mpv, needs_mpv, wait_for
from tests.media.make_media import Picture, Sound, tone, write_media


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dark = Picture([np.zeros((90, 160, 3), np.uint8)] * 500)
    return write_media(
        tmp_path_factory.mktemp("films") / "a film.mkv", [Sound(tone(20)), Sound(tone(20))], dark
    )


@needs_mpv
def test_what_is_played_and_where(film: Path, tmp_path: Path) -> None:
    with mpv(tmp_path / "s", "--start=5", "--pause", film) as child, MpvPlayer(tmp_path / "s") as player:
        wait_for(lambda: player.position is not None and player.track is not None)
        assert player.film == str(film)
        assert player.position == pytest.approx(seconds(5), abs=seconds(0.2))
        assert player.track == 0
        player.ask("set_property", "aid", 2)
        wait_for(lambda: player.track == 1)
        player.ask("seek", 12, "absolute+exact")
        wait_for(lambda: player.position is not None and player.position > seconds(11))
        assert not player.gone
        child.terminate()
        wait_for(lambda: player.gone)
        player.show("nobody sees this")
        assert player.ask("get_property", "pause") is None


@needs_mpv
def test_mpv_draws_lines_where_they_belong_and_obeys_no_text(film: Path, tmp_path: Path) -> None:
    """Asks mpv's own renderer for the box of what it draws."""

    def box(*rows: Row) -> dict[str, float]:
        events = overlay_events(Screen(rows), 3)
        answer = player.ask("osd-overlay", 9, "ass-events", events, 0, 720, 0, "yes", "yes")
        assert isinstance(answer, dict)
        return answer

    with mpv(tmp_path / "s", "--pause", film), MpvPlayer(tmp_path / "s") as player:
        one = box(Row("Hello there"))
        assert one["x0"] == pytest.approx(110, abs=4)
        assert 480 < one["y0"] < one["y1"] < 550
        assert box(Row("Hello there", " and more"))["x1"] > one["x1"] + 50
        two = box(Row("Hello there"), Row("– you", correction=True))
        assert two["y1"] == pytest.approx(one["y1"] + 54, abs=12)
        for evil in (
            r"{\pos(600,100)}Hello there",
            r"Hello\Nthere\Nagain",
            "{\\fs200}Hello there",
            "Hello\\",
        ):
            there = box(Row(evil))
            assert there["x0"] == pytest.approx(110, abs=4)
            assert 480 < there["y0"] < there["y1"] < 550
        player.show(overlay_events(Screen((Row("Hello"),)), 3))
        player.show("")
        player.tell("{\\fs200}${path} quit")
        assert player.ask("get_property", "path") == str(film)  # it still listens


@needs_mpv
def test_an_mpv_that_hangs_is_given_up(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accessify.delivery.mpv.player._PATIENCE", 0.5)
    with mpv(tmp_path / "s", "--pause", film) as child, MpvPlayer(tmp_path / "s") as player:
        wait_for(lambda: player.film)
        time.sleep(0.6)  # longer than its patience: to say nothing is not to hang
        assert not player.gone
        child.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        while not player.gone:
            player.show("words " * 10_000)
            assert time.monotonic() - began < 30


def test_where_no_mpv_is(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="start it with: mpv --input-ipc-server="):
        MpvPlayer(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(MediaError, match="nothing answers there"):
        MpvPlayer(tmp_path / "file")


def test_a_socket_that_speaks_nonsense(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(
                    b'\xff\xfe{\n[1]\n"x"\n{"event":"property-change","name":"path","data":7}\n'
                )
                connection.sendall(b'{"event":"property-change","name":"time-pos","data":"noon"}\n{}\n')

        thread = threading.Thread(target=answer)
        thread.start()
        with MpvPlayer(tmp_path / "s") as player:
            wait_for(lambda: player.gone)
            assert player.film is None
            assert player.position is None
            assert player.track is None
        thread.join()
