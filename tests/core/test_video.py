from __future__ import annotations

import re

import numpy as np
import pytest

from accessify.core.video import Cutout, Frame


def test_size_is_width_then_height() -> None:
    assert Frame(np.zeros((48, 64, 3), np.uint8)).size == (64, 48)
    assert Frame(np.zeros((1, 1, 3), np.uint8)).size == (1, 1)


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (np.zeros((48, 64), np.uint8), "not uint8 [48, 64]"),
        (np.zeros((48, 64, 4), np.uint8), "not uint8 [48, 64, 4]"),
        (np.zeros((3, 48, 64), np.uint8), "not uint8 [3, 48, 64]"),
        (np.zeros((1, 48, 64, 3), np.uint8), "not uint8 [1, 48, 64, 3]"),
        (np.zeros((48, 64, 3), np.uint16), "not uint16 [48, 64, 3]"),
        (np.zeros((48, 64, 3), np.float32), "not float32 [48, 64, 3]"),
        (np.zeros((0, 64, 3), np.uint8), "not uint8 [0, 64, 3]"),
        (np.zeros((48, 0, 3), np.uint8), "not uint8 [48, 0, 3]"),
    ],
    ids=["grey", "alpha", "planar", "batch", "ten-bit", "float", "flat", "narrow"],
)
def test_what_is_no_picture_is_refused(image: np.ndarray, told: str) -> None:
    with pytest.raises(
        ValueError, match=r"^a picture must be uint8 \[height, width, 3\], " + re.escape(told)
    ):
        Frame(image)


def test_a_frame_is_a_value_but_never_compares_pixels() -> None:
    frame = Frame(np.zeros((2, 2, 3), np.uint8), 7)
    assert frame == frame  # noqa: PLR0124 - no "truth value of an array" error
    assert frame != Frame(frame.image, 7)
    with pytest.raises(AttributeError):
        frame.start = 8


def test_a_cut_out_has_opacity() -> None:
    image = np.zeros((48, 64, 4), np.uint8)
    image[..., 0] = 200
    cutout = Cutout(image, 9)
    assert cutout.size == (64, 48)
    frame = cutout.opaque()
    assert (frame.size, frame.start, frame.image[0, 0].tolist()) == ((64, 48), 9, [200, 0, 0])
    with pytest.raises(ValueError, match=r"must be uint8 \[height, width, 4\], not uint8 \[48, 64, 3\]"):
        Cutout(np.zeros((48, 64, 3), np.uint8))
