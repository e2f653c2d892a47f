"""The profiles: every value known, with its source, and sane on frames."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest

from accessify.captions.layout import LEAN
from accessify.captions.rules import (
    COUNTS,
    Length,
    Profile,
    default_profile,
    load_profile,
    profile_for,
    profile_names,
)
from accessify.core.errors import UnknownName
from accessify.core.timeline import Rate

RATES = [Rate.parse(text) for text in ("23.976", "24", "25", "29.97", "30", "50", "59.94", "60")]


def test_the_profiles_are_there() -> None:
    assert profile_names() == (
        "amazon", "bbc", "dcmp", "netflix", "netflix-ar", "netflix-de", "netflix-en", "netflix-he",
        "netflix-ja", "netflix-ja-sdh", "netflix-ko", "netflix-zh-hans", "netflix-zh-hans-sdh",
        "netflix-zh-hant", "vertical-9x16", "web",
    )  # fmt: skip


@pytest.mark.parametrize("name", profile_names())
def test_every_stated_value_names_its_source(name: str) -> None:
    profile = load_profile(name)
    assert {"title", "language", "max_lines", "line_length", "count"} <= profile.sources.keys()
    assert all(source.strip() for source in profile.sources.values())
    known = {item.name for item in dataclasses.fields(Profile)}
    assert profile.sources.keys() <= known


@pytest.mark.parametrize("name", profile_names())
@pytest.mark.parametrize("rate", RATES, ids=lambda rate: str(rate.fps))
def test_times_fit_each_other_at_every_rate(name: str, rate: Rate) -> None:
    profile = load_profile(name)
    assert 0 < profile.min_duration.frames_at(rate) < profile.max_duration.frames_at(rate)
    if profile.open_gap:
        assert profile.chain_gap.frames_at(rate) < profile.open_gap.frames_at(rate)
        # Any pause can be closed or left open without staying longer than `linger`.
        room = profile.linger.frames_at(rate) + profile.chain_gap.frames_at(rate)
        assert profile.open_gap.frames_at(rate) <= room + 1
    if profile.shot_snap and profile.shot_zone:
        assert profile.shot_snap.frames_at(rate) < profile.shot_zone.frames_at(rate)


@pytest.mark.parametrize("name", profile_names())
def test_words_of_choice_are_known_words(name: str) -> None:
    profile = load_profile(name)
    assert profile.count in COUNTS
    assert profile.heavy_line in LEAN
    assert len(profile.sound_brackets) in (0, 2)
    assert profile.max_cps or profile.max_wpm
    assert not (profile.target_cps and profile.max_cps and profile.target_cps > profile.max_cps)


def test_netflix_figures() -> None:
    """The figures everybody quotes: 42 characters, 2 lines, 20 frames of 24, 2 frames, 7 s."""
    profile, film = load_profile("netflix-en"), Rate(Fraction(24))
    assert (profile.line_length, profile.max_lines, profile.max_cps) == (42, 2, 20)
    assert profile.min_duration.frames_at(film) == 20
    assert profile.min_duration.frames_at(Rate.parse("29.97")) == 25
    assert [profile.chain_gap.frames_at(rate) for rate in RATES] == [2] * 8
    assert profile.open_gap is not None
    assert profile.open_gap.frames_at(film) == 12
    assert profile.open_gap.frames_at(Rate(Fraction(30))) == 15
    assert profile.max_duration.frames_at(film) == 168


def test_lengths_in_seconds_and_frames() -> None:
    assert Length.parse("2f") == Length(frames=2)
    assert Length.parse("5/6").seconds == Fraction(5, 6)
    assert Length.parse(1.5).seconds == Fraction(3, 2)


def test_an_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'netflix-en'"):
        load_profile("netflix_en")


def test_profiles_are_known_in_capitals_too() -> None:
    assert load_profile("BBC") == load_profile("bbc")


def test_figures_of_other_languages() -> None:
    figures = {
        name: (profile.line_length, profile.max_cps, profile.italics)
        for name, profile in ((name, load_profile(f"netflix-{name}")) for name in FIGURES)
    }
    assert figures == FIGURES


FIGURES = {
    "zh-hans": (16, 9, False),
    "zh-hans-sdh": (16, 11, False),
    "zh-hant": (16, 9, False),
    "ja": (13, 4, True),
    "ja-sdh": (13, 7, True),
    "ko": (16, 12, False),
    "ar": (42, 20, False),
    "he": (42, 17, False),
    "de": (42, 17, True),
}


def test_a_profile_has_what_its_base_says() -> None:
    sdh, zh, every = (load_profile(name) for name in ("netflix-zh-hans-sdh", "netflix-zh-hans", "netflix"))
    assert (sdh.wide_marks, sdh.sources["wide_marks"]) == (zh.wide_marks, zh.sources["wide_marks"])
    assert sdh.chain_gap == zh.chain_gap == every.chain_gap == Length(frames=2)
    assert "base" not in sdh.sources


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en-GB", "netflix-en"),
        ("zh", "netflix-zh-hans"),
        ("zh-CN", "netflix-zh-hans"),
        ("zh-Hant", "netflix-zh-hant"),
        ("zh-TW", "netflix-zh-hant"),
        ("zh-Hans-HK", "netflix-zh-hans"),
        ("yue", "netflix-zh-hant"),
        ("ja", "netflix-ja-sdh"),
        ("ko-KR", "netflix-ko"),
        ("ar-EG", "netflix-ar"),
        ("he", "netflix-he"),
        ("de-AT", "netflix-de"),
        ("fi", "web"),
    ],
)
def test_the_usual_guide_of_a_language(language: str, name: str) -> None:
    assert default_profile(language) == profile_for(language).name == name


def test_a_guide_for_all_languages_breaks_lines_by_the_one_that_is_spoken() -> None:
    assert profile_for("fi").language == "fi"
    assert profile_for("fi", "bbc").language == load_profile("bbc").language
