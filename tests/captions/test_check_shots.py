from __future__ import annotations

import pytest

from accessify.captions.findings import Severity
from tests.captions.checking import BBC, broken, cue, findings, spoken, the

CUT = 240


@pytest.mark.parametrize("start", [CUT, CUT + 12, CUT - 12, CUT - 40])
def test_starts_on_a_cut_or_clear_of_it(start: int) -> None:
    assert broken(cue(start, start + 60), shots=(CUT,), end=400) in ([], [("shot-end", 1)])
    assert ("shot-start", 1) not in broken(cue(start, start + 60), shots=(CUT,))


@pytest.mark.parametrize(
    ("start", "wanted"),
    [
        (CUT + 1, "at 00:00:10.000, on the cut"),
        (CUT + 11, "at 00:00:10.000, on the cut"),
        (CUT - 7, "at 00:00:10.000, on the cut"),
        (CUT - 8, "at 00:00:09.500, clear of the cut"),
        (CUT - 11, "at 00:00:09.500, clear of the cut"),
    ],
)
def test_starts_near_a_cut_are_pulled_as_the_timing_guide_says(start: int, wanted: str) -> None:
    found = the("shot-start", findings(cue(start, start + 60), shots=(CUT,)))
    assert found.allowed == wanted
    assert (found.fixable, found.severity) == (True, Severity.ERROR)


def test_ends_two_frames_before_a_cut_or_clear_of_it() -> None:
    for end in (CUT - 2, CUT - 12, CUT + 12):
        assert broken(cue(end - 60, end), shots=(CUT,)) == []
    for end in (CUT - 11, CUT - 3, CUT - 1, CUT, CUT + 11):
        assert broken(cue(end - 60, end), shots=(CUT,)) == [("shot-end", 1)]
    found = the("shot-end", findings(cue(CUT - 60, CUT), shots=(CUT,)))
    assert (found.measured, found.fix) == ("ends on a shot change", "end at 00:00:09.916")


def test_a_chain_across_a_cut_is_reported_once() -> None:
    pair = cue(CUT - 60, CUT + 3), cue(CUT + 5, CUT + 65)
    assert broken(*pair, shots=(CUT,)) == [("shot-start", 2)]


def test_speech_across_a_cut_makes_it_advice() -> None:
    pair = spoken(CUT - 60, CUT + 9, CUT - 60, CUT + 11), spoken(CUT + 11, CUT + 71, CUT + 11, CUT + 60)
    (found,) = findings(*pair, shots=(CUT,))
    assert (found.rule, found.fixable, found.severity) == ("shot-start", False, Severity.ADVICE)


def test_a_guide_without_a_zone_snaps_only() -> None:
    assert broken(cue(CUT - 9, CUT + 60), shots=(CUT,), profile=BBC) == []
    assert broken(cue(CUT - 8, CUT + 60), shots=(CUT,), profile=BBC) == [("shot-start", 1)]
    assert broken(cue(CUT + 8, CUT + 68), shots=(CUT,), profile=BBC) == [("shot-start", 1)]
    assert broken(cue(CUT - 60, CUT - 5), shots=(CUT,), profile=BBC) == []
