from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import NoAudio, NotMedia, OutputError
from accessify.core.timeline import Rate
from accessify.media.layers import HEIGHT, WIDTH, compose
from accessify.media.probe import probe
from accessify.media.read import open_audio
from accessify.media.sample import _GLYPHS, SHOT, build_sample, is_sample
from accessify.media.scenes import SCENES
from accessify.media.shots import find_shots
from tests.media.make_media import Picture, Sound, grey, tone, write_media

SECONDS = 8.3
"""One cut."""


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    return write_media(path, [Sound(tone(SECONDS, 500), "pcm_s16le")])


@pytest.fixture(scope="module")
def film(speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "sample.mp4"
    build_sample(speech, path)
    return path


def test_the_film_is_what_it_says(film: Path) -> None:
    info = probe(film)
    assert info.video
    assert (info.video.width, info.video.height) == (1280, 720)
    assert info.video.rate == Rate(Fraction(24))
    assert not info.video.variable
    assert info.start_timecode == "00:00:00:00"
    assert [(track.channels, track.rate) for track in info.audio] == [(1, 48_000)]
    assert info.span.end == Rate(Fraction(24)).at(200)  # 8.3 s in whole frames


def test_the_speech_is_in_it(film: Path) -> None:
    with open_audio(film) as reader:
        sound = np.concatenate([block.samples for block in reader])
    assert len(sound) / 16_000 == pytest.approx(SECONDS, abs=0.03)
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)
    assert reader.notes == ()


def test_its_cuts_are_found(film: Path) -> None:
    assert tuple(Rate(Fraction(24)).nearest(shot) for shot in find_shots(film)) == (SHOT,)


def read_digits(luma: NDArray[np.uint8]) -> str:
    """The timecode burnt into a picture, by comparing each cell with every glyph."""
    box = luma[32:80, WIDTH - 328 : WIDTH - 40] > 128
    rows, columns = np.flatnonzero(box.any(1)), np.flatnonzero(box.any(0))
    left = columns[0]  # the first digit, 0, fills all five pixel columns
    text = ""
    for cell in range(11):
        area = box[rows[0] : rows[0] + 28, left + 24 * cell : left + 24 * cell + 20]
        pixels = area[2::4, 2::4]
        scores = {
            character: np.mean(pixels == (np.array(glyph)[:, None] >> np.arange(4, -1, -1) & 1))
            for character, glyph in _GLYPHS.items()
        }
        text += max(scores, key=lambda character: scores[character])
    return text


def test_the_burnt_in_timecode_counts_frames(film: Path) -> None:
    import av

    with av.open(str(film)) as source:
        pictures = [frame.to_ndarray()[:HEIGHT] for frame in source.decode(video=0)]
    assert len(pictures) == 200
    for index in (0, 23, 24, 59, 131, 178, 199):
        assert read_digits(pictures[index]) == f"00:00:{index // 24:02}:{index % 24:02}"


def test_the_same_speech_gives_the_same_film(tmp_path: Path) -> None:
    speech = write_media(tmp_path / "short.wav", [Sound(tone(1), "pcm_s16le")])
    build_sample(speech, tmp_path / "1.mp4")
    build_sample(speech, tmp_path / "2.mp4")
    assert (tmp_path / "1.mp4").read_bytes() == (tmp_path / "2.mp4").read_bytes()


def test_a_whole_film_is_recognised(film: Path, speech: Path, tmp_path: Path) -> None:
    assert is_sample(film, speech)
    longer = write_media(tmp_path / "longer.wav", [Sound(tone(9), "pcm_s16le")])
    assert not is_sample(film, longer)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(film.read_bytes()[:-5000])
    assert not is_sample(cut, speech)
    other = write_media(tmp_path / "other.mp4", [Sound(tone(1))], Picture(grey(24)))
    assert not is_sample(other, speech)
    assert not is_sample(tmp_path / "missing.mp4", speech)


def test_bad_speech_leaves_nothing(tmp_path: Path) -> None:
    silent = write_media(tmp_path / "a.wav", [Sound(np.zeros((1, 0), np.float32), "pcm_s16le")])
    with pytest.raises(NoAudio):
        build_sample(silent, tmp_path / "film.mp4")
    with pytest.raises(NotMedia):
        build_sample(tmp_path / "missing.wav", tmp_path / "film.mp4")
    with pytest.raises(NoAudio):
        build_sample(write_media(tmp_path / "b.mp4", picture=Picture(grey(5))), tmp_path / "film.mp4")
    assert not (tmp_path / "film.mp4").exists()


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    speech = write_media(tmp_path / "short.wav", [Sound(tone(1), "pcm_s16le")])
    with pytest.raises(OutputError):
        build_sample(speech, speech / "film.mp4")


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_scenes_are_calm_and_leave_room_for_captions(scene: object) -> None:
    """Frame to frame little changes; the lower third has no bright or busy spots."""
    layers = scene()  # type: ignore[operator]
    frames = [compose(layers, index).y.astype(int) for index in (0, 1, 90, SHOT - 1)]
    assert np.abs(frames[1] - frames[0]).mean() < 2
    assert np.abs(frames[3].mean() - frames[0].mean()) < 12
    for frame in frames:
        lower = frame[HEIGHT * 3 // 4 :]
        assert lower.mean() < 140
        assert np.abs(np.diff(lower, axis=1)).mean() < 1.5
        assert 16 <= frame.min() <= frame.max() <= 240
