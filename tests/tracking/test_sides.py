from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.tracking.hands import Hand
from accessify.tracking.sides import HandTrack, by_side

POINTS = np.zeros((21, 3), np.float32)
LONG = 5
"""Pictures after which a side is decided."""


def track(*looks: float) -> HandTrack:
    """A hand that looked as right as that, picture by picture."""
    hands = [Hand(POINTS, POINTS, 1.0, look) for look in looks]
    followed = HandTrack(hands[0])
    for hand in hands:
        followed.follow(hand)
    return followed


def test_nobody_has_no_hands() -> None:
    assert by_side([]) == (None, None)


@pytest.mark.parametrize(
    ("looks", "side"), [((0.9,), 1), ((0.1,), 0), ((0.4, 0.9), 1), ((0.6, 0.55, 0.1), 0)]
)
def test_the_first_pictures_vote(looks: tuple[float, ...], side: int) -> None:
    one = track(*looks)
    assert by_side([one])[side] is one.hand
    assert one.right is None


def test_after_five_pictures_it_is_decided() -> None:
    early, late = track(*[0.9] * (LONG - 1)), track(*[0.9] * LONG)
    by_side([early])
    by_side([late])
    assert (early.right, late.right) == (None, True)
    for _ in range(50):
        late.follow(Hand(POINTS, POINTS, 1.0, 0.0))
        assert by_side([late]) == (None, late.hand)


def test_votes_beyond_the_first_pictures_do_not_count() -> None:
    assert track(*[0.9] * LONG, *[0.0] * 20).votes == pytest.approx(LONG * 0.4)


def test_of_two_that_look_alike_the_surer_has_the_side() -> None:
    sure, unsure = track(0.95), track(0.6)
    assert by_side([unsure, sure]) == by_side([sure, unsure]) == (unsure.hand, sure.hand)


def test_a_decided_side_is_kept_from_a_surer_hand() -> None:
    old, new = track(*[0.6] * LONG), track(1.0, 1.0, 1.0)
    by_side([old])
    assert by_side([new, old]) == (new.hand, old.hand)


looks = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(st.lists(looks, max_size=2))
def test_each_hand_has_one_side_which_then_stays(hands: list[list[float]]) -> None:
    tracks = [track(*one) for one in hands]
    pair = by_side(tracks)
    assert sorted(id(hand) for hand in pair if hand) == sorted(id(one.hand) for one in tracks)
    decided = [one for one in tracks if one.right is not None]
    assert all(pair[bool(one.right)] is one.hand for one in decided)
    assert by_side(tracks[::-1]) == pair or len({abs(one.votes) for one in tracks}) < len(tracks)
