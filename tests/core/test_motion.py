"""Bones at rest and moved."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from accessify.core.humanoid import BONES, PARENTS, Rig, finger_bones
from accessify.core.motion import Motion, placed_bones
from accessify.core.rotation import about
from accessify.core.timeline import Note, Rate, Span, seconds

RATE = Rate(Fraction(25))


def rig(bones: tuple[str, ...] = BONES) -> Rig:
    heads = np.random.default_rng(1).normal(size=(len(bones), 3))
    return Rig(bones, heads, heads + 0.1)


def test_every_bone_comes_after_its_parent_and_both_hands_have_fifteen() -> None:
    for number, bone in enumerate(BONES):
        assert PARENTS[bone] is None or PARENTS[bone] in BONES[:number]
    for side in ("left", "right"):
        fingers = [
            bone
            for name in ("Thumb", "Index", "Middle", "Ring", "Little")
            for bone in finger_bones(side, name)
        ]
        assert len(set(fingers) & set(BONES)) == 15
    assert finger_bones("left", "Thumb") == ("leftThumbMetacarpal", "leftThumbProximal", "leftThumbDistal")


def test_a_missing_bone_leaves_its_children_on_the_one_above() -> None:
    some = rig(("hips", "spine", "chest", "neck", "head"))
    assert some.parents == (-1, 0, 1, 2, 3)
    with pytest.raises(ValueError, match="in the order of BONES"):
        rig(("spine", "hips"))


def test_bones_at_rest_are_where_the_rig_says() -> None:
    some = rig()
    motion = Motion.at_rest(some, 3, RATE)
    places, turns = placed_bones(some, motion.rotations, motion.hips)
    np.testing.assert_allclose(places, np.broadcast_to(some.heads, places.shape), atol=1e-6)
    np.testing.assert_allclose(turns[..., 3], 1)
    assert motion.span == Span(0, seconds(0.12))


def test_a_turned_bone_carries_what_hangs_on_it() -> None:
    some = rig()
    rotations = np.array(Motion.at_rest(some, 1, RATE).rotations)
    elbow, hand, other = (some.index(name) for name in ("leftLowerArm", "leftHand", "rightHand"))
    rotations[:, elbow] = about([0, 0, 1], np.pi / 2)
    places, _ = placed_bones(some, rotations, np.array([[0, 1.0, 0]]))
    forearm = some.heads[hand] - some.heads[elbow]
    turned = some.heads[elbow] + [-forearm[1], forearm[0], forearm[2]]
    np.testing.assert_allclose(places[0, hand], turned + np.array([0, 1, 0]), atol=1e-6)
    np.testing.assert_allclose(places[0, other], some.heads[other] + [0, 1, 0], atol=1e-6)


def test_a_motion_checks_its_arrays_and_sorts_its_notes() -> None:
    motion = Motion.at_rest(rig(), 2, RATE)
    with pytest.raises(ValueError, match="unit quaternions"):
        replace(motion, rotations=motion.rotations * 2)
    with pytest.raises(ValueError, match=r"hips must be float32 \[2, 3\]"):
        replace(motion, hips=motion.hips[:1])
    with pytest.raises(ValueError, match="finite"):
        replace(motion, expressions=motion.expressions * np.float32(np.nan))
    late, early = Note(Span(5, 6), "a", "b"), Note(Span(1, 2), "c", "d")
    assert motion.with_notes((late, early)).notes == (early, late)
