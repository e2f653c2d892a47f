"""Places as points, for one signer."""

from __future__ import annotations

import numpy as np
import pytest

from accessify.motion.arm_places import arm_spot, elbow_of, lent_palm
from accessify.motion.notated_hand import At, BodyPlace
from accessify.motion.places import HEAD, Spot, body_spot, height
from tests.motion.signers import LEFT, RIGHT, SIGNER, signer
from tests.motion.written_trees import read

PLACE_SYMBOLS = (
    *("headtop", "forehead", "eyebrows", "eyes", "nose", "nostrils", "ear", "earlobe", "cheek", "lips"),
    *("tongue", "teeth", "chin", "underchin", "neck", "shouldertop", "shoulders", "chest", "stomach"),
    *("belowstomach", "head", "neutralspace"),
)


def at(names: str) -> At:
    (part,) = read(f"fist extfingeru palml {names}").sign.parts
    (location,) = part.location
    assert isinstance(location, At)
    return location


def spot(names: str, own: float = -1.0) -> Spot:
    location = at(names)
    (place,) = location.ends
    assert isinstance(place, BodyPlace)
    return body_spot(place, location.contact.kind if location.contact else "", own, SIGNER)


@pytest.mark.parametrize("name", PLACE_SYMBOLS)
def test_every_place_is_somewhere(name: str) -> None:
    for distance in ("", " close", " touch", " armextended"):
        found = spot(name + distance)
        assert np.isfinite(found.point).all()
        assert np.linalg.norm(found.out) == pytest.approx(1, abs=1e-6)


def test_places_go_down_from_head_to_belly() -> None:
    heights = [
        spot(name).point[1]
        for name in ("headtop", "forehead", "nose", "chin", "shoulders", "chest", "stomach")
    ]
    assert heights == sorted(heights, reverse=True)


def test_distance_tells_how_far_out() -> None:
    near, usual, far = (spot(f"chest{how}").point[2] for how in (" close", "", " armextended"))
    assert near < usual < far
    assert spot("chest touch").point[2] == pytest.approx(SIGNER.places["chest"][2])
    assert spot("chest touch").on_body
    assert not spot("chest").on_body


def test_a_face_place_without_distance_is_touched() -> None:
    assert np.allclose(spot("chin").point, spot("chin touch").point)
    assert spot("nose close").point[2] > spot("nose").point[2] + 0.05
    assert spot("underchin close").point[1] < spot("underchin").point[1] - 0.05


def test_a_side_before_the_place_is_the_left_one() -> None:
    assert spot("lrat chest").point[0] > 0.1
    assert spot("chest lrat").point[0] < -0.1
    assert spot("chest lrbeside").point[0] < spot("chest lrat").point[0]
    assert spot("lrat cheek").point[0] == pytest.approx(-spot("cheek lrat").point[0])


def test_a_hand_finds_a_paired_place_on_its_own_side() -> None:
    assert spot("ear", own=-1.0).point[0] < 0 < spot("ear", own=1.0).point[0]
    assert spot("nose", own=1.0).point[0] == 0


def test_all_sizes_grow_with_the_signer() -> None:
    place = at("chest lrat").ends[0]
    assert isinstance(place, BodyPlace)
    small, large = (body_spot(place, "", -1.0, signer(scale)).point for scale in (1.0, 1.5))
    assert np.allclose(large, 1.5 * small)


def test_heights_of_unnamed_places() -> None:
    assert SIGNER.places["chin"][1] < height("head", SIGNER) < SIGNER.places["head_top"][1]
    assert height("neutral", SIGNER) == SIGNER.places["chest"][1]
    assert "chin" in HEAD
    assert "chest" not in HEAD


def test_places_of_an_arm_lie_along_it() -> None:
    wrist = np.array([0.05, 1.2, 0.3])
    shoulder = SIGNER.shoulders[LEFT]
    elbow = elbow_of(shoulder, wrist, 1.0, SIGNER)
    assert np.linalg.norm(elbow - shoulder) == pytest.approx(SIGNER.upper_arm)
    assert np.linalg.norm(elbow - wrist) == pytest.approx(SIGNER.forearm)
    assert elbow[0] > 0
    for symbol, middle in (
        ("upperarm", (shoulder + elbow) / 2),
        ("lowerarm", (elbow + wrist) / 2),
        ("elbow", elbow),
    ):
        (place,) = at(symbol).ends
        assert isinstance(place, BodyPlace)
        assert np.linalg.norm(arm_spot(place, LEFT, wrist, SIGNER).point - middle) < 0.05


def test_a_lent_hand_is_before_the_body_on_its_side() -> None:
    left, right = lent_palm(LEFT, SIGNER), lent_palm(RIGHT, SIGNER)
    assert np.allclose(left, right * [-1, 1, 1])
    assert left[2] > 0.2
