"""Where on a hand its parts are."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.motion.directions import turn_of
from accessify.motion.hand_model import hand_points
from accessify.motion.hand_shapes import shape_angles
from accessify.motion.hand_sites import Site, default_site, girth, outline, site
from accessify.motion.notated_hand import HandPart, HandShape, Where
from accessify.motion.stance import Stance
from tests.motion.signers import SIGNER

HERE = Where(0, 0)
SIZES = SIGNER.hand


def shape(base: str, bend: str = "") -> HandShape:
    return HandShape(base, "", bend, (), (), (), HERE)


def stance(base: str, bend: str = "") -> Stance:
    turn = turn_of(np.array([0.0, 1, 0]), np.array([0.0, 0, 1]))
    return Stance(np.zeros(3), turn, *shape_angles([shape(base, bend)]))


def found(spots: tuple[str, ...], fingers: tuple[str, ...] = (), base: str = "flat", bend: str = "") -> Site:
    return site(HandPart(fingers, spots, (), False, HERE), shape(base, bend), stance(base, bend), SIZES)


ALL = (
    "tip",
    "nail",
    "pad",
    "mid_joint",
    "base",
    "side",
    "palm",
    "back",
    "thumb_ball",
    "thumb_side",
    "little_side",
)


@pytest.mark.parametrize("spot", [*ALL, "wrist_back", "wrist_pulse"])
@pytest.mark.parametrize("finger", [(), ("thumb",), ("ring", "little")])
def test_every_part_is_on_the_hand(spot: str, finger: tuple[str, ...]) -> None:
    for base in ("flat", "fist", "cee_all"):
        part = found((spot,), finger, base)
        gaps = np.linalg.norm(outline(stance(base), SIZES) - part.point, axis=-1)
        assert gaps.min() < 0.07
        assert np.linalg.norm(part.out) == pytest.approx(1)


def test_tips_nails_and_pads() -> None:
    joints = hand_points(SIZES, stance("flat").bends, stance("flat").spread)
    tip, nail, pad = (found((spot,), ("index",)).point for spot in ("tip", "nail", "pad"))
    assert np.allclose(tip, joints[8])
    assert nail[1] < joints[8][1] < pad[1]
    assert np.linalg.norm(pad - nail) < 0.025


def test_sides_of_the_hand() -> None:
    assert found(("thumb_side",)).point[2] > 0.02 > -0.03 > found(("little_side",)).point[2]
    assert found(("palm",)).point[1] > 0 > found(("back",)).point[1]
    assert found(("wrist_pulse",)).out[1] > 0 > found(("wrist_back",)).out[1]
    assert (
        found(("mid_joint", "palm"), ("middle",)).out[1]
        > 0
        > found(("mid_joint", "back"), ("middle",)).out[1]
    )


def test_no_finger_named_is_the_one_that_the_shape_shows() -> None:
    assert np.allclose(found(("tip",), base="two").point, found(("tip",), ("index",), base="two").point)


def test_what_a_shape_touches_with() -> None:
    joints = outline(stance("index"), SIZES)
    assert np.allclose(default_site(shape("index"), stance("index"), SIZES).point, joints[8])
    assert np.allclose(default_site(shape("flat"), stance("flat"), SIZES).point, SIZES.palm)
    pinch = outline(stance("pinch"), SIZES)
    assert np.allclose(default_site(shape("pinch"), stance("pinch"), SIZES).point, (pinch[4] + pinch[8]) / 2)
    assert np.allclose(default_site(None, stance("flat"), SIZES).point, SIZES.palm)


def test_a_site_is_where_the_hand_is_put_for_it() -> None:
    held = stance("index")
    tip = default_site(shape("index"), held, SIZES)
    for thumb_side in (-1.0, 1.0):
        palm = tip.palm_for(np.array([0.1, 1.4, 0.2]), held, SIZES, thumb_side)
        assert np.allclose(tip.world(held.moved(palm), SIZES, thumb_side), [0.1, 1.4, 0.2])


def test_a_fist_takes_less_room_than_a_spread_hand() -> None:
    def reach(base: str) -> float:
        return float(girth(stance(base), SIZES)[:, 0].max())

    assert girth(stance("fist"), SIZES).shape == (15, 3)
    assert reach("fist") < reach("four_spread") - 0.02
