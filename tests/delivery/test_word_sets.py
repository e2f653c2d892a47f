"""Files of clips that show words: points in pixels, missing hands, and layouts that are not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import FormatError
from accessify.core.holistic import BODY, LEFT_HAND, RIGHT_HAND
from accessify.delivery.word_sets import read_words
from accessify.signs.normalize import normalize

WORDS = Path(__file__).parents[3] / "shared" / "data" / "sign" / "words_asl25.npz"
UPPER_BODY = [0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26]


def arrays(**other: Any) -> dict[str, np.ndarray]:
    """Three clips of 12 frames, the last of which has only 7 real ones."""
    x = np.random.default_rng(4).uniform(0.1, 0.9, (3, 12, 170)).astype(np.float32)
    return {
        "x": x,
        "word": np.array(["go", "book", "go"]),
        "n_valid": np.array([12, 8, 7], np.int16),
        "take_group": np.array([5, 6, 6], np.int32),
        **other,
    }


def save(folder: Path, **other: Any) -> Path:
    np.savez(folder / "some_words.npz", **arrays(**other))
    return folder / "some_words.npz"


def test_points_are_pixels_of_a_picture_of_that_shape(tmp_path: Path) -> None:
    raw = arrays()["x"]
    found = read_words(save(tmp_path), aspect=16 / 9)
    assert (found.name, found.short) == ("some_words", 1)
    assert [(one.word, one.take, len(one.clip)) for one in found.clips] == [("go", 5, 12), ("book", 6, 8)]
    clip = found.clips[0].clip
    assert clip.size == (1280, 720)
    assert [part.name for part in clip.skeleton.components] == [BODY, LEFT_HAND, RIGHT_HAND]
    points, confidence = clip.part(BODY)
    assert np.flatnonzero(confidence[3]).tolist() == UPPER_BODY
    assert points[3, 16].tolist() == pytest.approx(raw[0, 3, 24:27] * [1280, 720, 1280])
    assert confidence[3, 16] == pytest.approx(raw[0, 3, 27])
    assert np.isnan(points[:, 1]).all()
    # z of a hand is in picture widths
    assert clip.part(RIGHT_HAND)[0][11, 20].tolist() == pytest.approx(raw[0, 11, -3:] * [1280, 720, 1280])
    assert clip.part(LEFT_HAND)[0][0, 0].tolist() == pytest.approx(raw[0, 0, 44:47] * [1280, 720, 1280])


def test_a_webcam_is_assumed_and_what_is_assumed_is_told(tmp_path: Path) -> None:
    clip = read_words(save(tmp_path)).clips[0].clip
    assert clip.size == (960, 720)
    told = " ".join(note.text for note in clip.notes)
    assert "taken as 30" in told
    assert "mirrored" in told


def test_zeros_are_missing(tmp_path: Path) -> None:
    x = arrays()["x"]
    x[0, 2:5, 44 : 44 + 63] = 0
    clip = read_words(save(tmp_path, x=x)).clips[0].clip
    points, confidence = clip.part(LEFT_HAND)
    gone = (confidence == 0).all(axis=1)
    assert np.flatnonzero(gone).tolist() == [2, 3, 4]
    assert np.isnan(points[gone]).all()
    signing = normalize(clip, "right")
    assert np.flatnonzero(~signing.seen[:, 1]).tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"x": np.zeros((3, 12, 126), np.float32)}, r"x must be floats \[n, frames, 170\]"),
        ({"x": np.zeros((3, 12, 170), np.int64)}, "x must be floats"),
        ({"word": np.array([1, 2, 3])}, "word must be text"),
        ({"word": np.array(["go"])}, "one for each clip of x"),
        ({"n_valid": np.array([12, 8, 13])}, "n_valid must lie between 0 and the 12 frames"),
        ({"n_valid": np.array([-1, 8, 12])}, "n_valid must lie between"),
        ({"take_group": np.array([0.5, 1, 2])}, "take_group must be whole numbers"),
        ({"n_valid": np.array([7, 2, 0])}, "no clip in it has 8 frames"),
    ],
)
def test_another_layout_says_what_is_wanted(tmp_path: Path, other: dict[str, Any], told: str) -> None:
    path = save(tmp_path, **other)
    with pytest.raises(FormatError, match=told) as raised:
        read_words(path)
    assert str(path) in str(raised.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    some = arrays()
    del some["take_group"]
    np.savez(tmp_path / "other.npz", **some)
    with pytest.raises(FormatError, match=r"no array 'take_group'; datasets/words\.md tells the layout"):
        read_words(tmp_path / "other.npz")
    whole = save(tmp_path).read_bytes()
    (tmp_path / "half.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match=r"half\.npz"):
        read_words(tmp_path / "half.npz")
    with pytest.raises(FormatError, match="no such file"):
        read_words(tmp_path / "none.npz")


def test_damaged_numbers_are_missing_points(tmp_path: Path) -> None:
    x = arrays()["x"]
    x[0, 1, 44] = np.nan
    x[1, 0, 50] = np.inf
    found = read_words(save(tmp_path, x=x))
    assert found.clips[0].clip.part(LEFT_HAND)[1][1, 0] == 0
    assert found.clips[1].clip.part(LEFT_HAND)[1][0, 2] == 0


@pytest.mark.skipif(not WORDS.is_file(), reason="the words of several signers are not here")
def test_the_words_of_several_signers() -> None:
    found = read_words(WORDS)
    assert (len(found.clips), found.short) == (204, 2)
    assert len({one.word for one in found.clips}) == 25
    assert len({one.take for one in found.clips}) == 188
    seen = np.concatenate([normalize(one.clip, "right").seen for one in found.clips])
    assert seen.mean(axis=0) == pytest.approx([0.96, 0.45], abs=0.01)
