"""Hand shapes as finger bends."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.motion.hand_model import hand_points
from accessify.motion.hand_shapes import FIST, STRAIGHT, chosen_fingers, shape_angles
from accessify.motion.notated_hand import HandShape
from tests.motion.signers import SIGNER
from tests.motion.written_trees import read

THUMB, INDEX, MIDDLE, RING, LITTLE = range(5)


def shapes(names: str) -> tuple[HandShape, ...]:
    (part,) = read(f"{names} extfingeru palml").sign.parts
    return part.dominant.shapes


def bends(names: str) -> np.ndarray:
    return shape_angles(shapes(names))[0]


def spread(names: str) -> np.ndarray:
    return shape_angles(shapes(names))[1]


@pytest.mark.parametrize(
    ("names", "straight"),
    [
        ("fist", []),
        ("flathand", [INDEX, MIDDLE, RING, LITTLE]),
        ("finger2", [INDEX]),
        ("finger23", [INDEX, MIDDLE]),
        ("finger2345", [INDEX, MIDDLE, RING, LITTLE]),
        ("finger2 pinky", [LITTLE]),
        ("finger23 indexfinger pinky", [INDEX, LITTLE]),
    ],
)
def test_a_base_form_stretches_its_fingers(names: str, straight: list[int]) -> None:
    for finger in range(1, 5):
        assert (bends(names)[finger].sum() < 20) == (finger in straight)


def test_bending_acts_on_the_chosen_fingers_only() -> None:
    assert bends("finger2 fingerhookmod")[INDEX, 1] > 90
    assert bends("finger2 fingerhookmod")[INDEX, 0] < 20
    assert np.array_equal(bends("finger2 fingerhookmod")[MIDDLE], FIST)
    assert bends("flathand fingerbendmod")[RING].min() >= 35


def test_a_finger_in_its_own_way_leaves_the_rest() -> None:
    own = bends("finger2345 ringfinger fingerhookmod")
    assert own[RING, 1] > 90
    assert np.array_equal(own[INDEX], STRAIGHT)
    assert bends("fist pinky fingerstraightmod")[LITTLE].tolist() == [95, 0, 0]


def test_between_is_the_middle() -> None:
    middle = (bends("flathand") + bends("fist")) / 2
    assert np.allclose(bends("flathand between fist"), middle)


def test_spread_fingers_stand_apart_and_close_as_they_bend() -> None:
    wide = spread("finger2345")
    assert np.all(np.diff(wide[1:]) < -10)
    assert np.ptp(spread("finger2345 fingerbendmod")[1:]) < np.ptp(wide[1:])
    assert np.ptp(spread("flathand")[1:]) < 15
    assert spread("finger23spread")[INDEX] - spread("finger23spread")[MIDDLE] > 20


def test_the_thumb_goes_where_it_is_written() -> None:
    assert spread("fist thumboutmod")[THUMB] > spread("fist")[THUMB] + 20
    assert spread("fist thumbacrossmod")[THUMB] < 15
    opposed = bends("flathand thumbopenmod")[THUMB, 0], spread("flathand thumbopenmod")[THUMB]
    assert opposed[0] > 40  # out of the palm's plane, so hardly any of it lies in the plane
    assert abs(opposed[1]) < 15
    assert bends("finger2345 thumb fingerhookmod")[THUMB, 2] > bends("finger2345")[THUMB, 2] + 20


def test_a_pinch_brings_thumb_and_index_together_and_a_cee_does_not() -> None:
    def gap(names: str) -> float:
        points = hand_points(SIGNER.hand, *shape_angles(shapes(names)))
        return float(np.linalg.norm(points[4] - points[8]))

    assert gap("pinch12") < 0.04
    assert gap("cee12") > gap("pinch12") + 0.02
    assert gap("flathand") > 0.07


def test_open_pinches_leave_the_other_fingers_open() -> None:
    assert bends("pinch12open")[LITTLE].sum() < 60
    assert bends("pinch12")[LITTLE].sum() > 200
    assert np.allclose(bends("pinchall")[INDEX], bends("pinchall")[LITTLE])


def test_which_fingers_a_shape_is_about() -> None:
    assert chosen_fingers(shapes("finger23")[0]) == ("index", "middle")
    assert chosen_fingers(shapes("finger2 ringfinger")[0]) == ("ring",)


def test_no_shape_is_a_loose_hand() -> None:
    assert 0 < shape_angles(())[0][INDEX].sum() < 90
