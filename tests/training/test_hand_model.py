from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from accessify.signs.hand_shapes import HandShape, View  # noqa: E402
from accessify.training.chance import Chance, axes, turn  # noqa: E402
from accessify.training.hand_model import Bones, Shapes, pose_hands  # noqa: E402

FRONT = (View((0, -1, 0), (0, 0, -1)),)
FLAT = HandShape(((0, 0, 0),) * 4, (0, 0, 0, 0), 5, (0.3, 0.1, 0.1), (0.8, -0.2, 0.4), FRONT)
FIST = HandShape(((90, 100, 60),) * 4, (0, 0, 0, 0), 10, (0, 0, 0.2), (0.8, -0.2, 0.6), FRONT)


def posed(*shapes: HandShape, seed: int = 0) -> torch.Tensor:
    return pose_hands(Shapes.of(shapes), Bones.varied(len(shapes), Chance(seed)))


def test_bones_keep_their_lengths_whatever_the_shape() -> None:
    bones = Bones.varied(1, Chance(3))
    both = [pose_hands(Shapes.of([shape]), bones)[0] for shape in (FLAT, FIST)]
    for first, second in ((5, 6), (6, 7), (7, 8), (17, 18), (1, 2), (2, 3), (3, 4)):
        lengths = [float((hand[first] - hand[second]).norm()) for hand in both]
        assert lengths[0] == pytest.approx(lengths[1], abs=2e-3)


def test_a_straight_finger_is_straight_and_a_fist_ends_in_the_palm() -> None:
    flat, fist = posed(FLAT, FIST)
    steps = [flat[joint + 1] - flat[joint] for joint in (9, 10, 11)]
    for step in steps:
        assert torch.allclose(step / step.norm(), torch.tensor([0.0, 1.0, 0.0]), atol=1e-5)
    assert fist[12, 2] > 0.05  # in front of the palm
    assert (fist[12] - fist[9]).norm() < (flat[12] - flat[9]).norm() / 2


def test_the_thumb_reaches_what_it_can_and_is_straight_where_it_cannot() -> None:
    (hand,) = posed(FIST)
    assert torch.allclose(hand[4], hand[10] + torch.tensor([0, 0, 0.2]), atol=2e-3)
    far = HandShape(FLAT.bends, FLAT.spread, 1, (5.0, 0.0, 0.0), FLAT.thumb_bulge, FRONT)
    (hand,) = posed(far)
    one, two = hand[2] - hand[1], hand[4] - hand[3]
    assert float(torch.dot(one / one.norm(), two / two.norm())) == pytest.approx(1, abs=1e-3)


def test_bends_beyond_a_joint_stop_there() -> None:
    beyond = HandShape(((300, 300, 300),) * 4, FLAT.spread, 5, (0.3, 0.1, 0.1), FLAT.thumb_bulge, FRONT)
    most = HandShape(((98, 115, 85),) * 4, FLAT.spread, 5, (0.3, 0.1, 0.1), FLAT.thumb_bulge, FRONT)
    assert torch.equal(posed(beyond), posed(most))


def test_people_differ_and_the_same_seed_gives_the_same_people() -> None:
    assert torch.equal(posed(FLAT, seed=1), posed(FLAT, seed=1))
    assert not torch.allclose(posed(FLAT, seed=1), posed(FLAT, seed=2), atol=1e-2)


def test_turns_are_turns() -> None:
    turns = Chance(0).turns(50, degrees=40)
    assert torch.allclose(turns @ turns.transpose(1, 2), torch.eye(3).expand(50, 3, 3), atol=1e-5)
    assert torch.allclose(torch.linalg.det(turns), torch.ones(50), atol=1e-5)
    quarter = turn(torch.tensor([0.0, 0.0, torch.pi / 2]))
    assert torch.allclose(quarter @ torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0]), atol=1e-6)


def test_a_right_hand_with_its_palm_to_the_viewer_has_its_thumb_at_the_viewers_right() -> None:
    seen = axes(torch.tensor([0.0, -1.0, 0.0]), torch.tensor([0.0, 0.0, -1.0])) @ posed(FLAT)[0].T
    thumb, little = seen[:, 4], seen[:, 17]
    assert thumb[0] > 0.2
    assert little[0] < 0
    assert seen[1, 12] < -1.5  # fingers up
