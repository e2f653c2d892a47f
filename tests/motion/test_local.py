"""Movements in place."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.core.rotation import rotate
from accessify.motion.local import finger_bends, local_seconds, wrist_turns
from accessify.motion.notation import Local
from accessify.motion.timing import NATURAL
from tests.motion.written_trees import read

SHARE = np.linspace(0, 1, 61)


def local(names: str) -> Local:
    (part,) = read(f"fist extfingeru palml {names}").sign.parts
    action = part.steps[0].action
    assert isinstance(action, Local)
    return action


@pytest.mark.parametrize("names", ["nodding", "swinging", "twisting", "stircw", "stirccw", "fingerplay"])
def test_it_starts_and_ends_where_it_was(names: str) -> None:
    turns = wrist_turns(local(names), SHARE, 1.0)
    assert np.allclose(np.abs(turns[[0, -1], 3]), 1, atol=1e-9)
    assert np.allclose(finger_bends(local(names), SHARE)[[0, -1]], 0, atol=1e-9)
    assert 0.2 < local_seconds(local(names), NATURAL) < 1.5


def test_nodding_goes_towards_palm_and_back() -> None:
    fingers = rotate(wrist_turns(local("nodding"), SHARE, 1.0), [1.0, 0, 0])
    assert fingers[:, 1].max() > 0.3
    assert fingers[:, 1].min() < -0.2
    assert np.allclose(fingers[:, 2], 0)


def test_swinging_goes_to_the_sides_of_either_hand_alike() -> None:
    right = rotate(wrist_turns(local("swinging"), SHARE, 1.0), [1.0, 0, 0])
    left = rotate(wrist_turns(local("swinging"), SHARE, -1.0), [1.0, 0, 0])
    assert np.ptp(right[:, 2]) > 0.3
    assert np.allclose(left[:, 2], -right[:, 2])


def test_twisting_turns_about_the_fingers() -> None:
    turns = wrist_turns(local("twisting"), SHARE, 1.0)
    assert np.allclose(rotate(turns, [1.0, 0, 0]), [1, 0, 0])
    assert np.ptp(rotate(turns, [0, 1.0, 0])[:, 2]) > 0.5


def test_stirring_goes_round_and_the_other_way_round() -> None:
    def area(names: str) -> float:
        fingers = rotate(wrist_turns(local(names), SHARE, 1.0), [1.0, 0, 0])[:, 1:]
        return float(
            np.cross(np.c_[fingers[:-1], np.zeros(60)], np.c_[fingers[1:], np.zeros(60)])[:, 2].sum()
        )

    assert area("stircw") * area("stirccw") < 0


def test_small_is_smaller() -> None:
    usual, small = (
        np.abs(wrist_turns(local(names), SHARE, 1.0)[:, :3]).max()
        for names in ("nodding", "nodding smallmod")
    )
    assert small < 0.6 * usual


def test_fingers_play_one_after_the_other() -> None:
    bends = finger_bends(local("fingerplay"), SHARE)[:, 1:, 0]
    assert bends.max(axis=0).min() > 15
    assert len(set(bends[20:40].argmax(axis=0).tolist())) > 1


@pytest.mark.parametrize(("names", "axis"), [("wristtopulse", 1), ("wristtothumb", 2)])
def test_wrist_bends_stay_bent(names: str, axis: int) -> None:
    fingers = rotate(wrist_turns(local(names), SHARE, 1.0), [1.0, 0, 0])
    assert fingers[-1, axis] > 0.2
