"""Signs from notation: what each rule says, and that whatever can be parsed can be moved."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accessify.core.errors import FormatError
from accessify.core.timeline import Rate
from accessify.motion.hamnosys import parse
from accessify.motion.places import SPACE
from accessify.motion.posture import Postures
from accessify.motion.symbols import symbols
from accessify.motion.synthesize import synthesize
from accessify.motion.timing import NATURAL, Timing
from tests.motion.signers import FREE, LEFT, RIGHT, SIGNER, signed, signer, told
from tests.motion.written_trees import read

WIDTH = SIGNER.width
HAND = "flathand extfingeru palml chest"
BOTH = "symmlr flathand extfingeru palml chest"


def way(postures: Postures, side: int = RIGHT) -> np.ndarray:
    """From the first to the last palm point, in shoulder widths."""
    return (postures.palms[-1, side] - postures.palms[0, side]) / WIDTH


def test_a_still_sign_is_one_posture_held() -> None:
    made = signed(HAND)
    assert len(made) >= 2
    assert np.ptp(made.palms, axis=0).max() == 0
    assert made.active[:, RIGHT].min() == 1
    assert made.active[:, LEFT].max() == 0
    assert np.allclose(made.directions[0, RIGHT], [0, 1, 0])
    assert np.allclose(made.normals[0, RIGHT], [1, 0, 0], atol=1e-6)


def test_movement_starts_and_stops_gently() -> None:
    made = synthesize(read(f"{HAND} movel"), SIGNER, NATURAL, Rate(Fraction(100)))
    speed = np.linalg.norm(np.diff(made.palms[:, RIGHT], axis=0), axis=-1) * 100
    assert speed[0] < 0.01
    assert speed[-1] < 0.01
    assert 0.5 < speed.max() < 2.5
    assert np.abs(np.diff(speed)).max() < 0.25 * speed.max()


def test_mirrored_hands_mirror_each_other_all_the_way() -> None:
    made = signed(f"{BOTH} moveul arcr circleo smallmod")
    mirror = np.array([-1, 1, 1])
    for name in ("palms", "directions", "normals"):
        values = getattr(made, name)
        assert np.allclose(values[:, LEFT], values[:, RIGHT] * mirror, atol=1e-6)
    assert np.allclose(made.bends[:, LEFT], made.bends[:, RIGHT])


def test_parallel_hands_go_the_same_way() -> None:
    made = signed("symmpar flathand extfingeru palmd chest mover")
    assert np.allclose(way(made, LEFT), way(made, RIGHT))
    assert np.allclose(made.directions[:, LEFT], made.directions[:, RIGHT])


def test_swapped_sides_of_symmetry() -> None:
    out, back = (way(signed(f"symmlr fingerstraightmod {HAND} moveo"), side)[2] for side in (RIGHT, LEFT))
    assert out == pytest.approx(-back)
    up, down = (way(signed(f"symmlr largemod {HAND} moveu"), side)[1] for side in (RIGHT, LEFT))
    assert up == pytest.approx(-down)


def test_alternating_circles_are_half_a_turn_apart_and_do_not_jump() -> None:
    made = signed(f"symmlr alternatingmotion {HAND} circlel smallmod repeatfromstart")
    right, left = made.palms[:, RIGHT], made.palms[:, LEFT] * [-1, 1, 1]
    centre = (right.max(axis=0) + right.min(axis=0)) / 2
    assert np.allclose(right - centre, centre - left, atol=0.01)
    assert np.linalg.norm(np.diff(made.palms, axis=0), axis=-1).max() < 0.08


def test_alternating_strokes_go_against_each_other() -> None:
    made = signed(f"symmlr alternatingmotion {HAND} moveu smallmod repeatfromstart")
    heights = made.palms[:, :, 1]
    assert np.corrcoef(heights[:, LEFT], heights[:, RIGHT])[0, 1] < -0.95


def test_a_hand_without_symmetry_stays() -> None:
    made = signed(
        "parbegin fist plus flathand parend parbegin extfingeru palml plus extfingerr palmu parend moveu"
    )
    assert np.allclose(way(made, LEFT), 0)
    assert way(made, RIGHT)[1] > 0.3
    assert made.active.min() == 1


def test_the_nondominant_hand_alone() -> None:
    made = signed("nondominant flathand extfingeru palmr chest moveu")
    assert made.active[:, LEFT].min() == 1
    assert made.active[:, RIGHT].max() == 0
    assert way(made, LEFT)[1] > 0.3


def test_each_hand_its_own_movement() -> None:
    made = signed(f"{BOTH} parbegin moveu plus moved parend")
    assert way(made, RIGHT)[1] > 0.3
    assert way(made, LEFT)[1] < -0.3


def test_a_place_after_a_move_is_where_it_ends() -> None:
    made = signed("finger2 extfingerul palmd nose moved chin touch")
    assert np.allclose(way(made) * WIDTH, SIGNER.places["chin"] - SIGNER.places["nose"], atol=0.002)


def test_an_arc_turns_with_the_way_it_takes() -> None:
    made = signed("flathand extfingeru palmd chest lrat moveu arcr lrat chest")
    assert way(made)[0] > 0.8
    assert made.palms[:, RIGHT, 1].max() > made.palms[0, RIGHT, 1] + 0.1 * WIDTH


def test_repetition_from_the_start_returns_and_continuing_goes_on() -> None:
    once, again, on = (
        signed(f"{HAND} moveu smallmod{how}") for how in ("", " repeatfromstart", " repeatcontinue")
    )
    assert np.allclose(way(again), way(once), atol=1e-6)
    assert np.allclose(way(on), 2 * way(once), atol=1e-6)
    assert len(again) > 1.8 * len(once) - 10
    tops = again.palms[:, RIGHT, 1]
    assert len(np.flatnonzero(np.diff(np.sign(np.diff(tops[::2]))) < 0)) >= 1


def test_reversed_and_several_repetitions() -> None:
    assert np.allclose(way(signed(f"{HAND} moveu repeatreverse")), 0, atol=1e-6)
    once, several = (
        signed(f"{HAND} moveu smallmod {how}") for how in ("repeatfromstart", "repeatfromstartseveral")
    )
    assert len(several) > len(once) + 10
    grown = signed(f"{HAND} moveu smallmod repeatfromstart increasing")
    assert np.linalg.norm(way(grown)) > 1.2 * np.linalg.norm(way(once))


def test_hands_take_turns_in_repetition() -> None:
    made = signed(f"{BOTH} moveu smallmod repeatfromstart alternatingmotion")
    highest = made.palms[:, :, 1].argmax(axis=0)
    assert highest[LEFT] > highest[RIGHT] + 3


def test_what_happens_together_is_added() -> None:
    made = signed(f"{HAND} parbegin moveu replace fist parend")
    assert way(made)[1] > 0.3
    assert made.bends[-1, RIGHT, 1, 1] > 90
    middle = len(made) // 2
    assert 5 < made.bends[middle, RIGHT, 1, 1] < 100
    assert made.palms[0, RIGHT, 1] < made.palms[middle, RIGHT, 1] < made.palms[-1, RIGHT, 1]


def test_a_change_of_turn_keeps_the_wrist() -> None:
    made = signed("flathand extfingeru palmd chest replace extfingerl")
    along, out = SIGNER.hand.palm[:2]
    wrists = made.palms[:, RIGHT] - along * made.directions[:, RIGHT] - out * made.normals[:, RIGHT]
    assert np.ptp(wrists, axis=0).max() < 0.002
    assert np.allclose(made.directions[-1, RIGHT], [1, 0, 0], atol=1e-6)


def test_a_sequence_is_repeated_as_a_whole() -> None:
    made = signed(f"{HAND} seqbegin moveu smallmod movel smallmod seqend repeatcontinue")
    assert way(made)[1] == pytest.approx(2 * way(signed(f"{HAND} moveu smallmod"))[1], abs=1e-3)
    assert way(made)[0] == pytest.approx(2 * way(signed(f"{HAND} movel smallmod"))[0], abs=1e-3)


def test_fused_moves_do_not_stop_and_round_the_corner() -> None:
    row, fused = (
        synthesize(read(f"{HAND} {start} moveu movel {end}"), SIGNER, NATURAL, Rate(Fraction(100)))
        for start, end in (("seqbegin", "seqend"), ("fusionbegin", "fusionend"))
    )
    assert np.allclose(way(row), way(fused), atol=1e-6)

    def slowest(postures: Postures) -> float:
        speed = np.linalg.norm(np.diff(postures.palms[:, RIGHT], axis=0), axis=-1)
        moving = np.flatnonzero(speed > 0.3 * speed.max())
        return float(speed[moving[0] : moving[-1]].min())

    assert slowest(row) < 1e-3 < slowest(fused)


def test_a_relative_hand_turns_along_with_its_way() -> None:
    made = signed("finger2 extfingerl orirelative palml chest circleo")
    turned = made.directions[:, RIGHT]
    assert np.allclose(turned[0], turned[-1], atol=1e-6)
    assert turned.min() < -0.9
    assert np.abs(turned[:, 2]).max() < 1e-6
    stays = signed("finger2 extfingerl palml chest circleo")
    assert np.ptp(stays.directions[:, RIGHT], axis=0).max() < 1e-9


def test_relative_hands_stay_mirrored() -> None:
    made = signed("symmlr finger2 extfingeru orirelative palmd chest movel arcu")
    assert np.allclose(made.directions[:, LEFT], made.directions[:, RIGHT] * [-1, 1, 1], atol=1e-6)
    assert np.ptp(made.directions[:, RIGHT], axis=0).max() > 0.3


def test_what_is_brushed_is_passed_half_way() -> None:
    made = synthesize(
        read("flathand extfingeru palmu chest moved largemod seqbegin brushing chin seqend"),
        SIGNER,
        NATURAL,
        Rate(Fraction(100)),
    )
    gaps = np.linalg.norm(made.palms[:, RIGHT] - SIGNER.places["chin"], axis=-1)
    assert gaps.min() < 0.01
    assert gaps[0] > 0.1 < gaps[-1]


def test_manner() -> None:
    usual, fast, slow = (len(signed(f"{HAND} moveu{how}")) for how in ("", " fast", " slow"))
    assert fast < usual < slow
    assert len(signed(f"{HAND} moveu rest mover")) > len(signed(f"{HAND} moveu mover"))
    made = synthesize(read(f"{HAND} moveu halt"), SIGNER, NATURAL, Rate(Fraction(100)))
    speed = np.linalg.norm(np.diff(made.palms[:, RIGHT], axis=0), axis=-1)
    assert speed.argmax() > 0.8 * (speed > 1e-6).sum()


def test_longer_ways_take_longer() -> None:
    assert (
        len(signed(f"{HAND} moveu smallmod"))
        < len(signed(f"{HAND} moveu"))
        < len(signed(f"{HAND} moveu largemod"))
    )


def test_compounds_are_signed_one_after_the_other() -> None:
    made = signed(f"{HAND} moveu plus symmlr fist extfingero palmd stomach moved")
    assert made.active[0].tolist() == [0, 1]
    assert made.active[-1].tolist() == [1, 1]
    assert np.linalg.norm(np.diff(made.palms[:, RIGHT], axis=0), axis=-1).max() < 0.1
    assert made.bends[-1, RIGHT, 1, 1] > 90


def test_hands_stay_within_reach_and_it_is_told() -> None:
    made = signed(f"{HAND} armextended moveo largemod moveo largemod")
    shoulder = SIGNER.shoulders[RIGHT]
    assert np.linalg.norm(made.palms[:, RIGHT] - shoulder, axis=-1).max() < 0.75
    assert any(note.kind == "reach" for note in made.notes)


def test_sizes_follow_the_signer() -> None:
    small, large = (signed(f"{BOTH} moveul circleo", signer(scale)) for scale in (1.0, 1.3))
    assert np.allclose(1.3 * small.palms, large.palms, atol=1e-6)


def test_timing_is_a_value() -> None:
    slow = synthesize(read(f"{HAND} moveu"), SIGNER, Timing(straight=1.0, first=0.5, last=0.5))
    assert len(slow) == 51
    assert np.ptp(slow.palms[:12], axis=0).max() == 0


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ("flathand extfingeru palml chest mime", "mime"),
        ("flathand chest moveu", "no finger direction"),
        (f"{HAND} moveu increasing", "increasing size"),
    ],
)
def test_what_is_not_done_is_told(names: str, reason: str) -> None:
    assert reason in told(signed(names))


def test_recoveries_of_the_parser_are_kept() -> None:
    parsed = parse("hamflathand hamextfingeru hampalml hamchest hamseqend")
    assert parsed.recoveries
    notes = synthesize(parsed, SIGNER).notes
    assert [note.text for note in notes if note.kind == "notation"] == [
        one.message for one in parsed.recoveries
    ]


def test_brackets_in_brackets_stay_within_bounds() -> None:
    names = f"{HAND} {'seqbegin ' * 20}moveu{' seqend repeatfromstartseveral' * 20}"
    made = signed(names)
    assert len(made) < 20_000
    assert "repeating what takes more" in told(made)
    deep = signed(f"{HAND} {'fusionbegin ' * 20}moveu{' fusionend' * 20}")
    assert way(deep)[1] == pytest.approx(0.48, abs=1e-6)


@pytest.mark.parametrize(
    "names",
    [
        f"moveu{' largemod' * 1500}",
        f"circleo{' clockfull' * 2000}",
        f"moveu{' slow' * 1500}",
        f"moveu repeatfromstart{' increasing' * 1500}",
        f"moveu{' repeatfromstartseveral' * 1500}",
        f"moveu arcr{' largemod' * 1500}",
        "moveu " * 1500,
    ],
)
def test_symbols_in_masses_stay_within_bounds(names: str) -> None:
    made = signed(f"{HAND} {names}")
    assert 1 < len(made) <= 15_001
    assert np.isfinite(made.palms).all()


NAMES = [symbol.name for symbol in symbols()]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=14))
def test_whatever_can_be_parsed_can_be_signed(names: list[str]) -> None:
    try:
        parsed = parse(" ".join(["hamfist", "hamextfingeru", "hampalml", *names]))
    except FormatError:
        return
    made = synthesize(parsed, SIGNER, space=FREE if len(names) > 4 else SPACE)
    assert len(made) >= 1
    assert np.isfinite(made.palms).all()
    assert np.allclose(np.linalg.norm(made.directions, axis=-1), 1)
    assert np.abs((made.directions * made.normals).sum(axis=-1)).max() < 1e-6
