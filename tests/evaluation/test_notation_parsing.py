"""Counting what our parser reads of a corpus."""

from __future__ import annotations

import pytest

from accessify.evaluation.notation_parsing import parse_rates

GOOD = "hamfist hamextfingeru hampalml"


def test_each_text_counts_once_and_reasons_tell_how_often() -> None:
    late = "hamfist hamchest hamextfingeru hampalml"
    dropped = f"{GOOD} hammoved hamfingerhookmod hamfingerhookmod"
    rates = parse_rates([GOOD, late, dropped, f"{GOOD} {dropped}", "house"])
    assert (rates.texts, rates.whole, rates.clean, rates.failed) == (5, 2, 1, 1)
    assert (rates.whole_share, rates.clean_share) == pytest.approx((0.4, 0.2))
    reasons = dict(rates.reasons)
    assert rates.reasons[0][1] == 2
    hooked = [text for text in reasons if text.startswith("hamfingerhookmod")]
    assert [reasons[text] for text in hooked] == [2]
    assert not any("symbol 1" in text or "symbol 6" in text for text in reasons)


def test_a_reason_is_told_without_its_place() -> None:
    ((end, _),) = parse_rates([f"{GOOD} hamreplace"]).reasons
    assert end == "at the end: expected a hand shape, direction or palm after hamreplace; nothing changes"
    ((middle, _),) = parse_rates([f"{GOOD} hamlips hambetween"]).reasons
    assert middle.startswith("hambetween: expected a movement; ")


def test_no_texts_are_read_wholly() -> None:
    rates = parse_rates([])
    assert (rates.texts, rates.whole_share, rates.clean_share, rates.reasons) == (0, 1.0, 1.0, ())
