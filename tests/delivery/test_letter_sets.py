"""Files of letters: three layouts give one kind of hand, and what they leave open can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import FormatError
from accessify.delivery.letter_sets import LetterSet, read_letters
from accessify.signs.normalize import palm_size

DATA = Path(__file__).parents[3] / "shared" / "data" / "sign"
LABELS = np.array(["a", "B ", "C", "J"])


def right_hands() -> np.ndarray:
    """Four hands in pixels of a picture of 640x360, as a viewer sees right hands."""
    return np.random.default_rng(1).uniform(20, 300, (4, 21, 3))


def save(path: Path, **arrays: Any) -> Path:
    np.savez(path, **{"label": LABELS, **arrays})
    return path


def fractions(hands: np.ndarray, flip: bool = False) -> np.ndarray:
    """MediaPipe's numbers in a picture of 640x360; mirrored, the hands are in the other half."""
    found = hands / [640, 360, 640]
    if flip:
        found[..., 0] = 1 - found[..., 0]
    return found.astype(np.float32)


def test_three_layouts_of_the_same_hands_are_the_same(tmp_path: Path) -> None:
    hands = right_hands()
    plain = read_letters(save(tmp_path / "a.npz", x=fractions(hands), aspect=640 / 360, mirrored=False))
    selfie = read_letters(
        save(tmp_path / "b.npz", x=fractions(hands, flip=True), aspect=640 / 360, mirrored=True)
    )
    pixels = hands / [1, 1, 640]
    second = read_letters(save(tmp_path / "c.npz", hand=pixels, width_height=[640, 360], mirrored=False))
    sides = np.array(["Left"] * 4)
    third = read_letters(save(tmp_path / "d.npz", lm=fractions(hands), mp_label=sides), aspect=640 / 360)
    for found in (plain, selfie, second, third):
        assert found.hands == pytest.approx(plain.hands, abs=1e-4)
        assert found.labels == ("A", "B", "C", "J")
        assert found.hands.dtype == np.float32
        assert palm_size(found.hands) == pytest.approx(np.ones(4), abs=1e-4)
        assert (found.hands[:, 0] == 0).all()
    assert [found.name for found in (plain, selfie)] == ["a", "b"]
    right = hands[:, 5] - hands[:, 0]
    assert (np.sign(plain.hands[:, 5]) == np.sign(right)).all()


def test_what_is_given_goes_before_what_the_file_says(tmp_path: Path) -> None:
    hands = right_hands()
    true = read_letters(save(tmp_path / "true.npz", x=fractions(hands), aspect=640 / 360, mirrored=False))
    wrong = save(tmp_path / "wrong.npz", x=fractions(hands), aspect=1.0, mirrored=True)
    assert read_letters(wrong, aspect=640 / 360, mirrored=False).hands == pytest.approx(true.hands, abs=1e-4)
    assert np.abs(read_letters(wrong, mirrored=False).hands - true.hands).max() > 0.1
    other = read_letters(wrong, aspect=640 / 360)
    assert other.hands == pytest.approx(true.hands * [-1, 1, 1], abs=1e-4)


def test_pixels_of_a_stretched_picture(tmp_path: Path) -> None:
    """The picture was 16:9 and was made 640x480, as was every x."""
    hands = right_hands()
    true = read_letters(save(tmp_path / "true.npz", x=fractions(hands), aspect=16 / 9))
    stretched = fractions(hands) * [640, 480, 1]
    path = save(tmp_path / "stretched.npz", hand=stretched, width_height=[640, 480])
    assert read_letters(path, aspect=16 / 9).hands == pytest.approx(true.hands, abs=1e-4)
    assert np.abs(read_letters(path).hands - true.hands).max() > 0.05


def test_photographs_of_either_hand(tmp_path: Path) -> None:
    hands = right_hands()
    seen = fractions(hands)
    seen[[1, 3], :, 0] = 1 - seen[[1, 3], :, 0]  # left hands
    sides = np.array(["Left", "Right", "Left", "Right"])
    path = save(tmp_path / "photos.npz", lm=seen, mp_label=sides)
    true = read_letters(save(tmp_path / "true.npz", x=fractions(hands), aspect=1.0))
    assert read_letters(path).hands == pytest.approx(true.hands, abs=1e-4)
    told = read_letters(path, mirrored=False).hands
    assert told[[0, 2]] == pytest.approx(true.hands[[0, 2]], abs=1e-4)
    assert told[[1, 3]] == pytest.approx(true.hands[[1, 3]] * [-1, 1, 1], abs=1e-4)


def test_rows_without_a_hand_are_counted(tmp_path: Path) -> None:
    seen = fractions(right_hands())
    seen[1] = np.nan
    seen[2, 20, 0] = np.nan
    found = read_letters(save(tmp_path / "a.npz", x=seen))
    assert (found.labels, found.missed) == (("A", "J"), 2)
    assert len(found.hands) == 2
    only = found.only(("J", "Z"))
    assert (only.labels, only.missed, len(only.hands)) == (("J",), 2, 1)
    assert found.only(()).hands.shape == (0, 21, 3)


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"other": np.zeros(3)}, "no file of letters: it has no array 'lm'"),
        ({"x": np.zeros((4, 20, 3))}, r"hands must be \[n, 21, 3\], not \[4, 20, 3\]"),
        ({"x": np.zeros((3, 21, 3))}, "and 4 labels"),
        ({"hand": np.zeros((4, 21, 3))}, "no array 'width_height'"),
        ({"hand": np.zeros((4, 21, 3)), "width_height": np.zeros((4, 2))}, "damaged"),
        ({"x": np.array(["a", "b", "c", "d"])}, r"not \[4\]; datasets/letters.md"),
        ({"x": np.zeros((4, 21, 2))}, r"not \[4, 21, 2\]; datasets/letters.md"),
    ],
)
def test_another_layout_says_what_is_wanted(tmp_path: Path, arrays: dict[str, Any], told: str) -> None:
    path = save(tmp_path / "letters.npz", **arrays)
    with pytest.raises(FormatError, match=told) as raised:
        read_letters(path)
    assert str(path) in str(raised.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "unnamed.npz", x=fractions(right_hands()))
    with pytest.raises(FormatError, match=r"no array 'label'; datasets/letters\.md"):
        read_letters(tmp_path / "unnamed.npz")
    whole = save(tmp_path / "whole.npz", x=fractions(right_hands())).read_bytes()
    (tmp_path / "half.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match=r"half\.npz"):
        read_letters(tmp_path / "half.npz")
    with pytest.raises(FormatError, match="no such file"):
        read_letters(tmp_path / "none.npz")


@pytest.mark.parametrize(
    ("name", "rows", "missed"),
    [
        ("letters_graudt.npz", 10508, 0),
        ("letters_kjt.npz", 519, 1),
        ("letters_images/hands_mediapipe.npz", 637, 83),
    ],
)
def test_published_sets_show_right_hands(name: str, rows: int, missed: int) -> None:
    """Letter B, palm to the camera: the index finger of a right hand is right of the little one."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not here")
    found = read_letters(path)
    assert (len(found.hands), found.missed) == (rows, missed)
    flat: LetterSet = found.only(("B",))
    assert np.mean(flat.hands[:, 5, 0] > flat.hands[:, 17, 0]) > 0.9
