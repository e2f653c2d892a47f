"""Fingers that meet each other."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.motion.finger_contacts import with_contacts
from accessify.motion.hand_model import hand_points
from accessify.motion.hand_shapes import FINGERS, shape_angles
from accessify.motion.notated_hand import FingerContact, HandShape, Where
from tests.motion.signers import SIGNER, signed

HERE = Where(0, 0)


def joints(shape: HandShape) -> tuple[np.ndarray, np.ndarray]:
    """The 21 joints without what meets, and with it."""
    plain = shape_angles([shape])
    met = with_contacts(shape, plain, SIGNER.hand)
    return hand_points(SIGNER.hand, *plain), hand_points(SIGNER.hand, *met)


def shape(base: str, *contacts: FingerContact, between: tuple[str, ...] = ()) -> HandShape:
    return HandShape(base, "", "", (), contacts, between, HERE)


def test_without_contacts_nothing_changes() -> None:
    plain, met = joints(shape("two"))
    assert np.array_equal(plain, met)


@pytest.mark.parametrize("finger", ["index", "middle", "ring"])
def test_the_thumb_reaches_a_bent_finger(finger: str) -> None:
    hand = HandShape("flat", "opposed", "bent", (), (FingerContact(finger, "tip", "thumb", HERE),), (), HERE)
    plain, met = joints(hand)
    tip = 4 + 4 * FINGERS.index(finger)
    gap = float(np.linalg.norm(met[4] - met[tip]))
    assert gap < 0.03
    assert gap <= float(np.linalg.norm(plain[4] - plain[tip])) + 0.02
    assert np.array_equal(plain[5:], met[5:])


def test_crossed_fingers_change_sides() -> None:
    plain, met = joints(shape("two", FingerContact("index", "nail", "middle", HERE)))
    index, middle = 8, 12
    assert plain[index, 2] > plain[middle, 2]
    assert met[index, 2] < met[middle, 2]
    assert met[middle, 1] < met[index, 1]


def test_a_thumb_between_two_fingers() -> None:
    plain, met = joints(shape("fist", between=("index", "middle")))
    middle = (met[6] + met[10]) / 2
    assert np.linalg.norm(met[4] - middle) < np.linalg.norm(plain[4] - middle)
    assert np.linalg.norm(met[4] - middle) < 0.035


def test_signs_with_fingers_that_meet() -> None:
    made = signed("finger23 indexfinger fingernail middlefinger extfingeru palmd chest")
    usual = signed("finger23 extfingeru palmd chest")
    assert not np.allclose(made.spread[0, 1], usual.spread[0, 1])
