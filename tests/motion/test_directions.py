"""Ways and palms as vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.rotation import rotate
from accessify.motion.directions import (
    across,
    letters_vector,
    mirrored_turn,
    palm_vector,
    sides_along,
    turn_of,
    way_vector,
)

LETTERS = st.sampled_from(
    ["u", "d", "l", "r", "o", "i", "ul", "ur", "dl", "dr", "ol", "or", "il", "ir", "uo", "ui"]
)


@pytest.mark.parametrize(
    ("letters", "vector"),
    [
        ("u", (0, 1, 0)),
        ("l", (1, 0, 0)),
        ("o", (0, 0, 1)),
        ("ir", (-0.7071, 0, -0.7071)),
        ("do", (0, -0.7071, 0.7071)),
    ],
)
def test_a_way_is_told_from_the_signer(letters: str, vector: tuple[float, ...]) -> None:
    assert np.allclose(letters_vector(letters), vector, atol=1e-4)


def test_two_ways_in_a_row_or_between_lie_in_the_middle() -> None:
    middle = np.array([0.5, np.sqrt(0.5), 0.5])
    assert np.allclose(way_vector((("u", "ol"),)), middle, atol=1e-6)
    assert np.allclose(way_vector((("u",), ("ol",))), middle, atol=1e-6)


def test_opposite_ways_leave_the_first() -> None:
    assert np.allclose(way_vector((("u",), ("d",))), (0, 1, 0))


@pytest.mark.parametrize(
    ("fingers", "palm", "vector"),
    [
        ("u", "l", (1, 0, 0)),  # a hand held up, palm to the signer's left
        ("u", "d", (0, 0, 1)),  # palm away from the signer
        ("u", "u", (0, 0, -1)),
        ("o", "d", (0, -1, 0)),  # as on a table
        ("o", "l", (1, 0, 0)),
        ("l", "l", (0, 0, -1)),  # to the signer
        ("d", "u", (0, 0, 1)),
    ],
)
def test_a_palm_is_told_from_behind_the_fingers(fingers: str, palm: str, vector: tuple[float, ...]) -> None:
    assert np.allclose(palm_vector(((palm,),), letters_vector(fingers)), vector, atol=1e-6)


@given(LETTERS, st.sampled_from(["u", "d", "l", "r", "ul", "ur", "dl", "dr"]))
def test_a_palm_is_across_the_fingers_and_mirrors_with_them(fingers: str, palm: str) -> None:
    swap = str.maketrans("lr", "rl")
    along = letters_vector(fingers)
    normal = palm_vector(((palm,),), along)
    assert abs(normal @ along) < 1e-6
    assert np.linalg.norm(normal) == pytest.approx(1)
    mirrored = palm_vector(((palm.translate(swap),),), letters_vector(fingers.translate(swap)))
    assert np.allclose(mirrored, normal * [-1, 1, 1], atol=1e-6)


def test_a_palm_along_the_fingers_is_made_to_stand_across() -> None:
    normal = across(np.array([0.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    assert abs(normal[1]) < 1e-9


def test_sides_of_what_points_down_turn_with_it() -> None:
    up, left = sides_along(np.array([0.0, -1.0, 0.0]))
    assert np.allclose(up, (0, 0, 1))
    assert np.allclose(left, (1, 0, 0))


@given(LETTERS)
def test_a_mirrored_turn_mirrors_both_axes(fingers: str) -> None:
    along = letters_vector(fingers)
    normal = palm_vector((("ul",),), along)
    other = mirrored_turn(turn_of(along, normal))
    assert np.allclose(rotate(other, [1, 0, 0]), along * [-1, 1, 1], atol=1e-6)
    assert np.allclose(rotate(other, [0, 1, 0]), normal * [-1, 1, 1], atol=1e-6)
