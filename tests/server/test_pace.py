"""How fast clients may send."""

from __future__ import annotations

from accessify.server.pace import Pace


class Clock:
    """Time that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_free_and_more_has_to_wait() -> None:
    clock = Clock()
    pace = Pace(30, 2, clock)
    pace.add(30)
    assert pace.wait() == 0
    pace.add(10)
    assert pace.wait() == 5  # at twice real time
    clock.now += 5
    assert pace.wait() == 0


def test_who_sends_at_true_pace_never_waits_and_saves_up_no_more_than_a_burst() -> None:
    clock = Clock()
    pace = Pace(3, 2, clock)
    for _ in range(1_000):
        clock.now += 0.1
        pace.add(0.1)
        assert pace.wait() == 0
    clock.now += 3_600
    pace.add(4)
    assert pace.wait() == 0.5


def test_sound_that_comes_too_slowly_is_seen_after_a_while() -> None:
    clock = Clock()
    pace = Pace(30, 2, clock)
    for _ in range(9):
        clock.now += 1
        pace.add(1 / 3)
        assert not pace.slow()
    clock.now += 2
    assert pace.slow()
