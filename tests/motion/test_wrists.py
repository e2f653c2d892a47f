"""Hands turned only as far as wrists go."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.motion.posture import Postures
from accessify.motion.synthesize import synthesize
from accessify.motion.wrists import within_wrists
from tests.motion.signers import RIGHT, SIGNER, signed, told
from tests.motion.test_contact import INDEX_TIP, joints
from tests.motion.written_trees import read

PALM = SIGNER.hand.palm


def limited(names: str) -> Postures:
    return synthesize(read(names), SIGNER)


def turned(first: Postures, second: Postures) -> float:
    """Degrees between the finger directions of the first postures."""
    cosine = (first.directions[0, RIGHT] * second.directions[0, RIGHT]).sum()
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def test_easy_turns_stay_exact_and_nothing_is_told() -> None:
    names = "flathand extfingeruo palml chest lrat"
    assert turned(limited(names), signed(names)) < 0.1
    assert np.allclose(limited(names).palms, signed(names).palms, atol=1e-4)
    assert "wrist" not in told(limited(names))


def test_an_impossible_turn_is_done_as_far_as_it_goes_and_told() -> None:
    names = "flathand extfingerr palmu chest close"
    assert turned(limited(names), signed(names)) > 10
    assert "less than is written" in told(limited(names))


@pytest.mark.parametrize(
    "names", ["finger2 extfingerr palmd chin touch", "finger2 extfingerd palmu lips touch"]
)
def test_what_touches_stays_where_it_touches(names: str) -> None:
    made = limited(names)
    assert turned(made, signed(names)) > 5
    place = SIGNER.places["chin" if "chin" in names else "lips"]
    assert np.linalg.norm(joints(made, RIGHT)[INDEX_TIP] - place) < 0.003


def test_a_hand_at_rest_is_left_alone() -> None:
    made = signed("flathand extfingerr palmu chest close")
    anchors = np.broadcast_to(PALM, (len(made), 2, 3))
    done = within_wrists(made, anchors, SIGNER)
    assert np.array_equal(done.palms[:, 0], made.palms[:, 0])
    assert np.allclose(np.linalg.norm(done.directions, axis=-1), 1)
    assert np.abs((done.directions * done.normals).sum(axis=-1)).max() < 1e-9
