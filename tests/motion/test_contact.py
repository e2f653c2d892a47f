"""Where hands are put: contact sites, parts of two hands, hands beside each other."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.core.rotation import rotate
from accessify.motion.hand_axes import THUMB_SIDES, sided
from accessify.motion.hand_model import hand_points
from accessify.motion.posture import Postures
from accessify.motion.stretch import held
from tests.motion.signers import LEFT, RIGHT, SIGNER, signed, told

INDEX_TIP, MIDDLE_TIP, THUMB_TIP = 8, 12, 4


def joints(postures: Postures, side: int, picture: int = 0) -> np.ndarray:
    """The 21 joints of one hand in space."""
    points = hand_points(SIGNER.hand, postures.bends[picture, side], postures.spread[picture, side])
    turn = held(postures.directions[picture, side], postures.normals[picture, side])
    return postures.palms[picture, side] + rotate(turn, sided(points - SIGNER.hand.palm, THUMB_SIDES[side]))


def test_a_pointing_hand_touches_with_its_fingertip() -> None:
    made = signed("finger2 extfingerul palmd chin touch")
    assert np.allclose(joints(made, RIGHT)[INDEX_TIP], SIGNER.places["chin"], atol=0.002)


def test_a_flat_hand_touches_with_its_palm() -> None:
    made = signed("flathand extfingerl palmu chest touch")
    assert np.allclose(made.palms[0, RIGHT], SIGNER.places["chest"], atol=0.002)


def test_a_pinch_touches_between_its_tips() -> None:
    made = signed("pinch12 extfingeru palmu lips touch")
    tips = joints(made, RIGHT)[[THUMB_TIP, INDEX_TIP]]
    assert np.allclose(tips.mean(axis=0), SIGNER.places["lips"], atol=0.002)


def test_a_named_part_touches_instead() -> None:
    made = signed("flathand extfingeru palml nose seqbegin touch middlefinger fingertip seqend")
    assert np.allclose(joints(made, RIGHT)[MIDDLE_TIP], SIGNER.places["nose"], atol=0.002)


def test_close_is_clear_of_the_face() -> None:
    made = signed("finger2 extfingerul palmd nose close")
    gap = np.linalg.norm(joints(made, RIGHT)[INDEX_TIP] - SIGNER.places["nose"])
    assert 0.03 < gap < 0.15


def test_parts_of_two_hands_meet() -> None:
    made = signed(
        "symmlr finger2 extfingerul palmd parbegin fingertip indexfinger plus fingertip indexfinger parend "
        "touch chest"
    )
    left, right = joints(made, LEFT)[INDEX_TIP], joints(made, RIGHT)[INDEX_TIP]
    assert np.allclose(left, right, atol=0.002)
    assert abs(left[0]) < 0.002


def test_parts_of_two_hands_keep_their_distance() -> None:
    names = "symmlr flathand extfingeru palml parbegin palm plus palm parend {}chest"
    touching, close, usual = (signed(names.format(how)).palms[0] for how in ("touch ", "close ", ""))
    gaps = [np.linalg.norm(palms[LEFT] - palms[RIGHT]) for palms in (touching, close, usual)]
    assert gaps[0] < 0.002
    assert 0.02 < gaps[1] < 0.08 < gaps[2]


def test_the_first_part_is_of_the_other_hand() -> None:
    made = signed(
        "parbegin finger2 plus flathand parend parbegin extfingerd palml plus extfingero palmu parend "
        "parbegin palm plus fingertip indexfinger parend touch chest"
    )
    assert np.allclose(joints(made, RIGHT)[INDEX_TIP], made.palms[0, LEFT], atol=0.002)
    assert made.palms[0, LEFT, 0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    "names", ["flathand extfingero palml", "fist extfingero palmd", "finger2345 extfingeru palmd"]
)
def test_hands_beside_each_other_do_not_overlap(names: str) -> None:
    made = signed(f"symmlr {names} chest")
    assert joints(made, LEFT)[1:, 0].min() > 0 > joints(made, RIGHT)[1:, 0].max()
    close = signed(f"symmlr {names} chest close")
    assert 0 < close.palms[0, LEFT, 0] < made.palms[0, LEFT, 0]


def test_crossed_hands_change_sides() -> None:
    assert signed("symmlr fist extfingeru palmd cross chest").palms[0, LEFT, 0] < 0


def test_a_part_of_the_other_hand_makes_that_hand_come() -> None:
    made = signed("finger2 extfingerd palml palm touch")
    assert made.active.min() == 1
    assert np.allclose(joints(made, RIGHT)[INDEX_TIP], made.palms[0, LEFT], atol=0.002)
    assert made.normals[0, LEFT, 1] > 0.5


def test_the_side_of_a_part_of_the_other_hand() -> None:
    middle, left, right = (
        signed(f"finger2 extfingerd palml {names} touch").palms[0, RIGHT, 0]
        for names in ("palm", "lrbeside palm", "palm lrbeside")
    )
    assert right < middle - 0.02 < middle + 0.02 < left


def test_the_other_arm_is_touched_where_it_is() -> None:
    made = signed("flathand extfingerl palmd lowerarm touch")
    assert made.active.min() == 1
    assert 0.02 < made.palms[0, RIGHT, 0] < 0.3


def test_each_hand_has_its_place() -> None:
    made = signed("symmpar flathand extfingeru palmd parbegin chest touch plus lrat stomach parend")
    assert np.allclose(made.palms[0, RIGHT], SIGNER.places["chest"], atol=0.002)
    assert made.palms[0, LEFT, 0] > 0.1


def test_what_is_only_nearly_done_is_told() -> None:
    assert "behind the body" in told(signed("flathand extfingeru palmd stomach behind"))
    tips = "parbegin fingertip indexfinger plus fingertip indexfinger parend"
    assert "hands that cross" in told(signed(f"symmlr finger2 extfingerul palmd {tips} cross"))


def test_interlocked_fingers_go_between_each_other() -> None:
    names = "symmlr finger2345 extfingerl palmu parbegin mid_joint plus mid_joint parend {} chest"
    names = names.replace("mid_joint", "fingermidjoint middlefinger")
    touching, locked = (signed(names.format(how)) for how in ("touch", "interlock"))
    shift = np.linalg.norm(touching.palms[0, RIGHT] - locked.palms[0, RIGHT])
    assert 0.005 < shift < 0.02
    assert "interlock" not in told(locked)


def test_a_place_that_was_named_is_found_again() -> None:
    made = signed("finger2 extfingerul palmd chin coreftag moveo smallmod corefref")
    assert np.allclose(made.palms[-1, RIGHT], made.palms[0, RIGHT], atol=0.01)
    assert "named before" in told(signed("finger2 extfingerul palmd chest moveo corefref"))
