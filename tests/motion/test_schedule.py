"""Signs on the clock: joined, hastened to fit, late ones told."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from accessify.core.timeline import Rate, Span, seconds, to_seconds
from accessify.motion.join import JoinOptions, between, core, transition
from accessify.motion.schedule import Line, ScheduleOptions, schedule
from accessify.motion.stretch import picked
from tests.motion.postures import RATE, some_postures

OPTIONS = ScheduleOptions()


def with_ways(seed: int, frames: int = 12) -> object:
    """A sign with its ways from and to rest, as a synthesiser or a recording gives it."""
    some = some_postures(frames + 10, seed=seed)
    ramp = np.concatenate([np.arange(5) / 5, np.ones(frames), np.arange(5)[::-1] / 5])
    return replace(some, active=np.stack([ramp, ramp], axis=1))


def test_the_ways_from_and_to_rest_are_cut_off() -> None:
    sign = with_ways(1)
    assert len(core(sign)) == 12
    np.testing.assert_array_equal(core(sign).palms, sign.palms[5:17])
    faint = replace(sign, active=sign.active * 0.5)
    assert len(core(faint)) == len(faint)  # never nothing


def test_far_ways_take_longer_within_limits() -> None:
    here = picked(some_postures(3, seed=2), np.array([2]))
    there = [replace(here, palms=here.palms + np.array([0, 0, far])) for far in (0.0, 0.3, 3.0)]
    times = [transition(here, one, JoinOptions()) for one in there]
    assert times[0] == JoinOptions().least
    assert times[0] < times[1] < times[2] == JoinOptions().most
    flipped = replace(here, normals=-here.normals)
    assert transition(here, flipped, JoinOptions()) == pytest.approx(180 / JoinOptions().turn)


def test_between_two_signs_hands_never_jump() -> None:
    first, second = some_postures(8, seed=4), some_postures(8, seed=5)
    way = between(first, second, 10)
    whole = np.concatenate([first.palms[-1:], way.palms, second.palms[:1]])
    steps = np.linalg.norm(np.diff(whole, axis=0), axis=-1)
    straight = np.linalg.norm(second.palms[0] - first.palms[-1], axis=-1)
    np.testing.assert_allclose(steps.sum(axis=0), straight, rtol=1e-6)  # the shortest way
    assert (steps.max(axis=0) < straight * 1.875 / 10).all()
    turned = np.linalg.norm(way.bends - first.bends[-1], axis=(2, 3))
    assert (turned[4] / turned[-1] > 0.5).all()  # fingers are ahead of the hand


def test_signs_keep_their_postures_and_say_when_they_are() -> None:
    signs = (with_ways(1), with_ways(2))
    done = schedule([Line(signs)], RATE, OPTIONS)
    (spans,) = done.signs
    assert spans[0].end < spans[1].start
    for sign, span in zip(signs, spans, strict=True):
        first, last = RATE.index(span.start), RATE.index(span.end) - 1
        np.testing.assert_allclose(done.postures.palms[first], sign.palms[5])
        np.testing.assert_allclose(done.postures.palms[last], sign.palms[16])
    assert done.postures.active[0].max() == 0
    assert done.postures.active[-1].max() == pytest.approx(0)
    assert not done.postures.notes


def test_a_line_begins_with_its_cue_and_rests_between_far_ones() -> None:
    lines = [
        Line((with_ways(1),), Span(seconds(2), seconds(4))),
        Line((with_ways(2),), Span(seconds(8), seconds(10))),
        Line((with_ways(3),), Span(seconds(10), seconds(12))),
    ]
    done = schedule(lines, RATE, OPTIONS)
    assert [to_seconds(spans[0].start) for spans in done.signs] == pytest.approx([2, 8, 10], abs=0.021)
    assert done.postures.active[RATE.index(seconds(6))].max() == 0
    assert done.postures.active[RATE.index(seconds(9.5))].min() == 1  # no rest in so short a pause
    assert done.speeds == (1.0, 1.0, 1.0)


def test_a_short_cue_is_signed_faster_and_what_is_late_is_told_and_pushes_the_next() -> None:
    signs = tuple(with_ways(seed, 40) for seed in range(4))
    easy = schedule([Line(signs, Span(0, seconds(100)))], RATE, OPTIONS)
    natural = easy.signs[0][-1].end - easy.signs[0][0].start
    snug = Span(seconds(1), seconds(1) + int(natural / 1.15))
    hastened = schedule([Line(signs, snug)], RATE, OPTIONS)
    assert 1.1 < hastened.speeds[0] < 1.3
    assert hastened.signs[0][-1].end <= snug.end + RATE.at(2)
    assert not hastened.postures.notes
    short = Span(seconds(1), seconds(1) + natural // 3)
    late = schedule(
        [Line(signs, short, "too much"), Line(signs[:1], Span(short.end, short.end + 1))], RATE, OPTIONS
    )
    assert late.speeds[0] == OPTIONS.fastest
    (note, *_) = late.postures.notes
    over = late.signs[0][-1].end - short.end
    assert (note.kind, note.span.end) == ("late", late.signs[0][-1].end)
    assert f"too much: ends {to_seconds(over):.1f} s behind its caption" in note.text
    assert late.signs[1][0].start > late.signs[0][-1].end


def test_speed_and_rates() -> None:
    signs = (with_ways(1, 50), replace(with_ways(2, 50), rate=Rate(Fraction(50))))
    slow, fast = (
        schedule([Line(signs)], Rate(Fraction(30)), ScheduleOptions(speed=speed)) for speed in (0.5, 2)
    )
    assert len(slow.postures) == pytest.approx(4 * len(fast.postures), rel=0.05)
    first, second = (span.duration for span in slow.signs[0])
    assert first == pytest.approx(2 * second, rel=0.03)
    with pytest.raises(ValueError, match="nothing to sign"):
        schedule([Line(())], RATE, OPTIONS)
    assert schedule([Line(()), Line(signs)], RATE, OPTIONS).signs[0] == ()
