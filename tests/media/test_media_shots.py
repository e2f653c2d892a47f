from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.progress import Progress
from accessify.core.timeline import Rate, seconds
from accessify.media.shots import find_shots
from tests.media.make_media import Picture, Sound, tone, write_media

CUTS = (37, 60, 95)


def scenes(count: int, cuts: tuple[int, ...] = CUTS) -> list[NDArray[np.uint8]]:
    """Textured scenes that pan steadily; each has a texture of its own."""
    pictures = []
    for index in range(count):
        scene = sum(index >= cut for cut in cuts)
        x, y = np.meshgrid(np.arange(160) + 2 * index, np.arange(96))
        tile = np.random.default_rng(scene).integers(40, 216, (12, 20)).repeat(16, 0).repeat(16, 1)
        pictures.append(tile[y % 192, x % 320].astype(np.uint8))
    return pictures


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25)])
def test_cuts_are_found_at_their_frames(tmp_path: Path, suffix: str, rate: Fraction) -> None:
    path = write_media(tmp_path / f"a{suffix}", picture=Picture(scenes(120), rate))
    shots = find_shots(path)
    assert tuple(Rate(rate).nearest(shot) for shot in shots) == CUTS
    if suffix == ".ts":  # a 90 kHz clock: frames are on whole ticks
        exact = [round(cut / rate * 90_000) * 7840 for cut in CUTS]
        assert list(shots) == exact


def test_cuts_are_where_uneven_frames_are(tmp_path: Path) -> None:
    steps = [Fraction(1, 30) if index % 7 else Fraction(1, 10) for index in range(120)]
    times = [sum(steps[:index], Fraction(0)) for index in range(120)]
    path = write_media(tmp_path / "a.mp4", picture=Picture(scenes(120), Fraction(30), times))
    assert find_shots(path) == tuple(seconds(times[cut]) for cut in CUTS)


def test_sound_that_starts_earlier_moves_the_cuts(tmp_path: Path) -> None:
    """00:00:00 is where the earliest stream starts."""
    picture = Picture(scenes(120), start=Fraction(1, 2))
    path = write_media(tmp_path / "a.mp4", [Sound(tone(2))], picture)
    assert find_shots(path) == tuple(seconds(Fraction(cut, 25) + Fraction(1, 2)) for cut in CUTS)


def test_movement_is_no_cut(tmp_path: Path) -> None:
    assert find_shots(write_media(tmp_path / "a.mp4", picture=Picture(scenes(120, ())))) == ()


def test_a_cut_beside_a_flash_is_one_cut(tmp_path: Path) -> None:
    pictures = scenes(60, (30,))
    pictures[31] = np.minimum(pictures[31].astype(int) + 90, 255).astype(np.uint8)
    assert len(find_shots(write_media(tmp_path / "a.mp4", picture=Picture(pictures)))) == 1


def test_no_picture_no_shots(tmp_path: Path) -> None:
    assert find_shots(write_media(tmp_path / "a.m4a", [Sound(tone(1))])) == ()


def test_damage_is_passed_over(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mp4", picture=Picture(scenes(120), codec="mpeg4"))
    data = bytearray(path.read_bytes())
    data[len(data) // 8 : len(data) // 6] = bytes(len(data) // 6 - len(data) // 8)
    path.write_bytes(data)
    found = {Rate(Fraction(25)).nearest(shot) for shot in find_shots(path)}
    assert {60, 95} <= found


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    steps: list[Progress] = []
    find_shots(write_media(tmp_path / "a.mp4", picture=Picture(scenes(100, (50,)))), steps.append)
    assert [step.stage for step in steps] == ["find shots"] * 4
    assert [step.done for step in steps] == [0, 1, 2, 3]
    assert all(step.total == 4 for step in steps)


FILMS = Path(__file__).parents[3] / "shared/data/speech/video"


@pytest.mark.skipif(not FILMS.is_dir(), reason="the real films are not here")
def test_real_films() -> None:
    """Frames of the cuts, judged by eye: 22 of a battle scene's 24 are found, and one explosion."""
    by_eye = [
        2.17, 5.08, 6.58, 9.21, 12.88, 29.79, 32.83, 36.33, 37.54, 41.12, 46.96, 48.21, 50.12, 51.42,
        51.92, 53.5, 56.04, 57.42, 59.58, 63.54, 65.46, 67.42, 68.75, 70.38,
    ]  # fmt: skip
    found = [shot / seconds(1) for shot in find_shots(FILMS / "tears_of_steel_battle.webm")]
    hits = [shot for shot in found if min(abs(shot - cut) for cut in by_eye) < 0.02]
    assert len(hits) >= 22
    assert len(found) - len(hits) <= 1
