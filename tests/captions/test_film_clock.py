from __future__ import annotations

from itertools import pairwise

import pytest

from accessify.captions.film import Film
from accessify.captions.film_clock import FilmStart, guessed_start, start_at
from accessify.core.errors import OptionError
from accessify.core.text import Cue
from accessify.core.timecode import parse_timecode
from accessify.core.timeline import Rate, Span, Track, millis, seconds, to_millis

CUTS = (130, 261, 402, 555, 700, 843, 1001, 1204)


def film(rate: str, minutes: int = 1) -> Film:
    fps = Rate.parse(rate)
    return Film(fps, tuple(map(fps.at, CUTS)), seconds(60 * minutes))


def captions(rate: Rate, zero: int) -> Track[Cue]:
    """Captions in whole milliseconds that begin on cuts and end two frames before the next."""
    pairs = pairwise(CUTS)
    times = ((zero + rate.at(first), zero + rate.at(last - 2)) for first, last in pairs)
    return Track.of(Cue(Span(millis(to_millis(a)), millis(to_millis(b))), "All right.") for a, b in times)


@pytest.mark.parametrize(
    ("rate", "zero", "told"),
    [
        ("23.976", millis(3_603_600), "01:00:00:00"),
        ("23.976", seconds(3600), "01:00:00.000 of the clock"),
        ("23.976", millis(36_036_000), "10:00:00:00"),
        ("24", seconds(3600), "01:00:00:00"),
        ("25", seconds(36_000), "10:00:00:00"),
        ("29.97", millis(3_603_600), "01:00:00:00"),
        ("29.97", Rate.parse("29.97").at(107_892), "01:00:00;00"),
        ("59.94", millis(3_603_600), "01:00:00:00"),
        ("23.976", 0, ""),
    ],
)
def test_the_start_that_fits_best(rate: str, zero: int, told: str) -> None:
    found = guessed_start(captions(Rate.parse(rate), zero), film(rate), None)
    assert (found.ticks, found.told, found.is_guess) == (zero, told, bool(told))


def test_the_films_own_timecode_where_captions_count_from_it() -> None:
    rate = Rate.parse("25")
    own = parse_timecode("09:58:30:00", rate)
    found = guessed_start(captions(rate, own), film("25", 2), "09:58:30:00")
    assert (found.ticks, found.told) == (own, "09:58:30:00")
    assert found.timecode(26, rate) == "09:58:31:01"


def test_captions_that_count_from_zero_have_the_films_timecode_too() -> None:
    rate = Rate.parse("29.97")
    found = guessed_start(captions(rate, 0), film("29.97"), "01:00:00;00")
    assert (found.ticks, found.told) == (0, "")
    assert found.timecode(1800, rate) == "01:01:00;02"
    assert FilmStart().timecode(1800, rate) is None


def test_a_long_film_whose_captions_outlast_it_counts_from_an_hour() -> None:
    cues = [Cue(Span(seconds(at), seconds(at + 2)), "All right.") for at in range(3700, 10_700, 500)]
    assert guessed_start(Track.of(cues), film("24", 120), None).ticks == seconds(3600)


def test_a_timecode_that_is_told() -> None:
    assert start_at("01:00:00:00", Rate.parse("23.976")).ticks == millis(3_603_600)
    assert start_at("01:00:00;00", Rate.parse("29.97")).first == 107_892
    with pytest.raises(OptionError, match="not a timecode"):
        start_at("1 h", Rate.parse("24"))


def test_nothing_to_go_by() -> None:
    assert guessed_start(Track(), film("24"), None) == FilmStart()
