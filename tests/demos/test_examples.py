"""The examples for people who build on accessify are short, on the front page, and do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from socket import socket
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import pytest
from numpy.typing import NDArray

import accessify
from tests.media.make_media import Picture, Sound, scene, write_media
from tests.server.chromium import browser_page, in_a_thread_of_its_own
from tests.spoken import agreement, sound

ROOT = Path(__file__).parents[2]
DEMOS = ROOT / "demos"
EXAMPLES = (
    "camera_landmarks.py",
    "captions_player.html",
    "captions_player.py",
    "live_player.py",
    "signer_over_film.py",
)
SPOKEN = "ever tried ever failed"
"""What the film's four seconds say."""
SIZE = (320, 180)
pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody speaks over a bright moving picture."""
    pictures = Picture([scene(SIZE[1], SIZE[0], index) // 2 + 100 for index in range(100)])
    speech = Sound(sound("beckett.wav").samples[None, :64_000], rate=16_000)
    return write_media(tmp_path_factory.mktemp("film") / "film.mp4", [speech], pictures)


def command(name: str, *arguments: object) -> list[str]:
    return [sys.executable, str(DEMOS / name), *map(str, arguments)]


def run(name: str, *arguments: object) -> str:
    """What an example prints, started as its docstring says."""
    done = subprocess.run(
        command(name, *arguments),
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pictures(path: Path) -> list[NDArray[np.uint8]]:
    import av

    with av.open(str(path)) as opened:
        return [np.asarray(picture.to_ndarray(format="rgb24")) for picture in opened.decode(video=0)]


def rate(path: Path) -> Fraction | None:
    import av

    with av.open(str(path)) as opened:
        return opened.streams.video[0].average_rate


def test_each_is_under_forty_lines_and_says_how_to_run_it() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {path.name for path in DEMOS.iterdir() if path.is_file()} == set(EXAMPLES)
    for name in EXAMPLES:
        text = (DEMOS / name).read_text("utf-8")
        assert len(text.splitlines()) < 40, name
        assert f"](demos/{name})" in readme, f"README.md does not link to demos/{name}"
        if name.endswith(".py"):
            assert f"python demos/{name} " in text.split('"""')[1]


@in_a_thread_of_its_own
def test_captions_in_a_page(film: Path) -> None:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = film.with_name("server.log")
    with log.open("w") as told, browser_page() as page:
        server = subprocess.Popen(
            command("captions_player.py", film, port),
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=told,
            stderr=told,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/", server)
            page.goto(f"http://127.0.0.1:{port}/")
            player = page.locator("accessify-captions")
            page.evaluate("document.querySelector('video').play()")
            player.get_by_text("Ever tried").first.wait_for(timeout=20_000)
            assert page.evaluate("document.querySelector('video').seekable.end(0)") > 3
        finally:
            server.terminate()
            server.wait(30)
    captions = accessify.read_captions(film.with_suffix(".vtt"))
    assert agreement(" ".join(cue.text for cue in captions.cues), SPOKEN) > 0.7


def test_captions_that_are_there_already_are_shown_and_kept(film: Path, tmp_path: Path) -> None:
    """A person may have made them."""
    mine, captions = tmp_path / "mine.mp4", tmp_path / "mine.vtt"
    mine.write_bytes(film.read_bytes())
    captions.write_text("WEBVTT\n\n00:00.000 --> 00:02.000\nBy a person.\n", "utf-8")
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command("captions_player.py", mine, port), env=environment) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/", server)
            with urlopen(f"http://127.0.0.1:{port}/captions.vtt", timeout=5) as answer:
                assert b"By a person." in answer.read()
        finally:
            server.terminate()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, ConnectionError):
            assert server.poll() is None, "it ended"
            assert time.monotonic() < until
            time.sleep(0.1)


def test_live_captions_in_a_player(film: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    run("live_player.py", film, tmp_path / "live.mp4")
    assert time.monotonic() - began > 3.4  # as long as it is spoken, not faster
    shown, before = pictures(tmp_path / "live.mp4"), pictures(film)
    assert len(shown) == len(before)
    band = [picture[int(SIZE[1] * 0.77) :] for picture in shown]
    letters = [int((part.min(axis=2) > 180).sum()) for part in band]  # white on dark
    assert letters[5] == 0  # nobody has spoken
    assert letters[-1] > 200
    above = slice(0, int(SIZE[1] * 0.7))
    assert np.abs(shown[-1][above].astype(int) - before[-1][above]).mean() < 12


def test_a_signer_over_a_film(film: Path, tmp_path: Path) -> None:
    captions = tmp_path / "film.srt"
    captions.write_text("1\n00:00:00,500 --> 00:00:03,500\nHi Anna.\n", "utf-8")
    said = run("signer_over_film.py", film, captions, tmp_path / "signed.mp4")
    assert said.splitlines()[:2] == ["Hi: spelled", "Anna: spelled"]
    signed, before = pictures(tmp_path / "signed.mp4"), pictures(film)
    assert len(signed) == len(before)
    change = np.abs(signed[50].astype(int) - before[50]).mean(axis=2)
    right = SIZE[0] // 2
    assert change[:, right:].mean() > 4 * change[:, : right - 40].mean()  # the signer stands on the right


def test_landmarks_over_the_pictures_of_somebody_signing(tmp_path: Path) -> None:
    """The avatar is looked at, which everybody has; points are found on it as on people."""
    signing, seen = tmp_path / "signing.mp4", tmp_path / "seen.mp4"
    options = accessify.FilmOptions(size=(320, 320), label=False)
    accessify.write_performance(accessify.sign("Hi"), signing, options)
    said = run("camera_landmarks.py", signing, seen)
    before, after = pictures(signing), pictures(seen)
    assert len(after) == len(before)
    assert after[0].shape == (640, 640, 3)
    assert rate(seen) == rate(signing)
    places = [tuple(map(int, line.rpartition(" at ")[2].split(","))) for line in said.splitlines()]
    assert len(places) > len(before) / 2  # the hand is seen while it spells
    assert all(0 <= x < 320 and 0 <= y < 320 for x, y in places)
    changed = np.abs(after[len(after) // 2][::2, ::2].astype(int) - before[len(before) // 2]).max(axis=2) > 60
    assert 0.005 < changed.mean() < 0.3
