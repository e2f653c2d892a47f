from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.timeline import millis
from accessify.engines.hand_sides import HandSides
from accessify.tracking.hands import Hand


def hand_at(x: float, right: float, size: float = 40.0) -> Hand:
    """A hand of `size` pixels about (x, 100), which looks like a right one as much as `right`."""
    grid = np.stack(np.meshgrid(np.linspace(0, size, 7), np.linspace(0, size, 3)), axis=-1).reshape(21, 2)
    points = np.column_stack([grid + np.array([x, 100.0]), np.zeros(21)]).astype(np.float32)
    return Hand(points, points, 1.0, right)


def sides_of(pictures: list[list[Hand]], step: int = 40) -> list[tuple[float | None, float | None]]:
    """Where the left and the right hand of each picture begin."""
    tracker = HandSides()
    pairs = [tracker.push(hands, millis(step * index)) for index, hands in enumerate(pictures)]
    return [tuple(float(hand.points[0, 0]) if hand else None for hand in pair) for pair in pairs]  # type: ignore[misc]


def test_a_hand_keeps_its_side_when_it_looks_like_the_other() -> None:
    looks = [0.9, 0.8, 0.95, 0.9, 0.9, *[0.1] * 30]
    found = sides_of([[hand_at(10 + 5 * index, look)] for index, look in enumerate(looks)])
    assert all(left is None and right is not None for left, right in found)


def test_a_poor_first_look_is_outvoted() -> None:
    found = sides_of([[hand_at(10, look)] for look in (0.4, 0.9, 0.9, 0.9)])
    assert found == [(10, None), (None, 10), (None, 10), (None, 10)]


def test_a_surer_newcomer_does_not_turn_a_decided_hand() -> None:
    weak, sure = [hand_at(10, 0.6)], [hand_at(10, 0.6), hand_at(200, 1.0)]
    assert sides_of([*[weak] * 5, *[sure] * 6]) == [*[(None, 10)] * 5, *[(200, 10)] * 6]
    assert sides_of([*[weak] * 2, sure])[-1] == (10, 200)  # not yet decided


def test_two_hands_that_both_look_left_have_both_sides() -> None:
    found = sides_of([[hand_at(10, 0.2), hand_at(200, 0.1)], [hand_at(201, 0.1), hand_at(11, 0.2)]])
    assert found == [(200, 10), (201, 11)]


def test_hands_are_followed_whatever_their_order() -> None:
    pictures = []
    for n in range(12):
        seen = [hand_at(10 + 4 * n, 0.95), hand_at(120 - 4 * n, 0.05)]
        pictures.append(seen if n % 2 else seen[::-1])
    assert sides_of(pictures) == [(120 - 4 * n, 10 + 4 * n) for n in range(12)]


@pytest.mark.parametrize(("away", "side"), [(5, 1), (50, 0)], ids=["shortly", "for long"])
def test_a_hand_that_was_away_shortly_is_the_same(away: int, side: int) -> None:
    pictures = [*[[hand_at(10, 0.9)]] * 6, *[[]] * away, [hand_at(12, 0.2)]]
    assert sides_of(pictures)[-1][side] == 12


def test_far_away_it_is_another_hand() -> None:
    assert sides_of([*[[hand_at(10, 0.9)]] * 6, [hand_at(300, 0.2)]])[-1] == (300, None)


hands = st.builds(hand_at, st.floats(0, 600), st.floats(0, 1))


@given(st.lists(st.lists(hands, max_size=2), max_size=8))
def test_every_hand_has_a_side_and_no_side_two(pictures: list[list[Hand]]) -> None:
    tracker = HandSides()
    for index, seen in enumerate(pictures):
        pair = tracker.push(seen, millis(40 * index))
        assert sorted(id(hand) for hand in pair if hand) == sorted(map(id, seen))
