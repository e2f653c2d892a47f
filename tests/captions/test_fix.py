from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accessify.captions.check import check
from accessify.captions.compose import compose
from accessify.captions.film import Film
from accessify.captions.findings import Finding, Severity
from accessify.captions.fix import SPEEDS, fix
from accessify.captions.formats.srt import read_srt
from accessify.captions.frames import Grid
from accessify.captions.retext import words_of
from accessify.captions.rules import Profile, load_profile
from accessify.core.text import Cue, Document
from accessify.core.timeline import Rate, Span, Track, millis
from tests.builders import make_words
from tests.captions.checking import EN, F24, cue, spoken


def fixed(*cues: Cue, shots: tuple[int, ...] = (), end: int | None = None) -> list[tuple[int, int]]:
    """Frames of `cues` after a repair by netflix-en at 24 fps."""
    film = Film(F24, tuple(map(F24.at, shots)), None if end is None else F24.at(end))
    document = fix(Document(Track.of(cues)), EN, film)
    return [(F24.index(item.span.start), F24.index(item.span.end)) for item in document.cues]


def test_overlap_and_gaps_move_the_end_before() -> None:
    assert fixed(cue(0, 60), cue(57, 117)) == [(0, 55), (57, 117)]
    assert fixed(cue(0, 60), cue(61, 121)) == [(0, 59), (61, 121)]
    assert fixed(cue(0, 60), cue(68, 128)) == [(0, 66), (68, 128)]
    assert fixed(cue(0, 60), cue(80, 140)) == [(0, 60), (80, 140)]


def test_no_caption_is_extended_into_another() -> None:
    fast = "This is far too much to be read in so little time."  # 51 characters: 60 frames
    assert fixed(cue(24, 80, fast), cue(78, 120)) == [(24, 76), (78, 120)]
    assert fixed(cue(24, 60, fast), cue(70, 120)) == [(24, 68), (70, 120)]


def test_an_overlap_is_mended_even_if_the_first_is_too_fast_then() -> None:
    text = "The quick brown fox jumped over two dogs"  # 40 characters: 48 frames
    assert fixed(cue(0, 48, text), cue(44, 104)) == [(0, 42), (44, 104)]


def test_an_overlap_is_shared_where_the_first_needs_its_time() -> None:
    assert fixed(cue(0, 22), cue(18, 78)) == [(0, 20), (22, 78)]
    assert fixed(cue(0, 7), cue(6, 78)) == [(0, 7), (9, 78)]  # too short already: not made shorter
    assert fixed(cue(0, 20), cue(4, 24)) == [(0, 20), (4, 24)]  # no room for both


def test_a_long_caption_ends_before_all_that_follow_in_it() -> None:
    assert fixed(cue(0, 150), cue(60, 100), cue(102, 140), cue(145, 190)) == [
        (0, 58),
        (60, 100),
        (102, 143),
        (145, 190),
    ]


def test_a_short_caption_stays_into_the_silence() -> None:
    assert fixed(cue(0, 10)) == [(0, 20)]
    assert fixed(cue(0, 10), cue(22, 82)) == [(0, 20), (22, 82)]
    assert fixed(cue(0, 10), cue(25, 85)) == [(0, 23), (25, 85)]
    assert fixed(cue(0, 10), cue(15, 75)) == [(0, 13), (15, 75)]  # no room: only the gap is closed


def test_a_caption_that_ends_before_it_starts_gets_its_minimum() -> None:
    text = "1\n00:00:02,000 --> 00:00:01,000\nAll right.\n\n2\n00:00:05,000 --> 00:00:04,000\nNo.\n"
    document, film = read_srt(text), Film(F24, end=F24.at(120))  # no room for the second
    found = [finding for finding in check(document, EN, film) if finding.rule == "negative-duration"]
    assert [(finding.cue, finding.fixable) for finding in found] == [(1, True), (2, False)]
    assert found[0].measured == "line 2: ends at 00:00:01.000, before it starts at 00:00:02.000"
    after = fix(document, EN, film)
    assert [cue.span.duration for cue in after.cues] == [F24.at(20), 0]
    assert [found.cue for found in check(after, EN, film) if found.rule == "negative-duration"] == [2]


def test_a_fast_caption_takes_the_time_it_needs() -> None:
    text = "The quick brown fox jumped over two dogs"  # 40 characters: 48 frames
    assert fixed(cue(0, 40, text)) == [(0, 48)]
    assert fixed(cue(0, 40, text), cue(55, 115)) == [(0, 53), (55, 115)]


def test_a_long_caption_is_cut_at_seven_seconds() -> None:
    assert fixed(cue(0, 200)) == [(0, 168)]


def test_shot_changes() -> None:
    assert fixed(cue(100, 160), shots=(95,)) == [(95, 160)]
    assert fixed(cue(90, 160), shots=(95,)) == [(95, 160)]
    assert fixed(cue(85, 160), shots=(95,)) == [(83, 160)]
    assert fixed(cue(0, 93), cue(98, 160), shots=(95,)) == [(0, 93), (95, 160)]
    assert fixed(cue(0, 60), shots=(66,)) == [(0, 64)]
    assert fixed(cue(0, 60), shots=(59,)) == [(0, 57)]


def test_speech_limits_every_move() -> None:
    assert fixed(spoken(110, 180, 100, 160)) == [(100, 172)]
    text = "The quick brown fox jumped over two dogs and went"
    tight = replace(spoken(0, 40, 0, 38), text=text), spoken(42, 102, 42, 100)
    assert fixed(*tight) == [(0, 40), (42, 102)]


def test_times_lie_on_frames_afterwards() -> None:
    crooked = Cue(Span(millis(1017), millis(3988)), "All right.")
    (span,) = (item.span for item in fix(Document(Track.of([crooked]), rate=F24), EN).cues)
    assert span == Span(F24.at(24), F24.at(96))


def test_the_film_ends() -> None:
    assert fixed(cue(0, 70), end=60) == [(0, 60)]


def test_text_and_time_together() -> None:
    first = Cue(Span(0, millis(2000)), "(sighs)  Well,\nall right...")
    document = fix(Document(Track.of([first]), rate=F24), EN)
    assert [item.text for item in document.cues] == ["[sighs] Well, all right…"]
    assert check(document, EN) == ()


def test_everything_else_is_kept() -> None:
    document = Document(Track.of([cue(0, 10)]), language="en", title="A film", origin="by hand", rate=F24)
    after = fix(document, EN)
    assert (after.language, after.title, after.origin, after.rate) == ("en", "A film", "by hand", F24)


def test_what_fixable_says_is_true() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen"
    document = Document(Track.of([cue(0, 10), cue(12, 20), cue(21, 40, words)]), rate=F24)
    left = {(found.rule, found.cue) for found in check(fix(document, EN), EN)}
    said = {(found.rule, found.cue): found.fixable for found in check(document, EN)}
    assert said
    assert all(fixable == (name not in left) for name, fixable in said.items())


PROFILES = tuple(map(load_profile, ("netflix-en", "bbc", "dcmp", "vertical-9x16", "netflix-zh-hans")))
ENGLISH = "a the of dog house goes quickly I 3 Well, No. Stop! (sighs) [door] -You -Me - Hi... Wait… ♪"
PIECES = (
    *ENGLISH.split(),
    *("extraordinarily", "<i>", "</b>", "你好，世界。", "我们明天再去", "“so”", "\n", "\n\n", "", "\t"),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    cues, clock = [], 0
    for _ in range(draw(st.integers(1, 6))):
        clock = max(0, clock + draw(st.integers(-900, 2500)))
        length = draw(st.sampled_from((0, 10, 300, 700, 1000, 2000, 4000, 9000)))
        text = " ".join(draw(st.lists(st.sampled_from(PIECES), max_size=14)))
        cues.append(Cue(Span(millis(clock), millis(clock + length)), text))
        clock += length
    return Document(Track.of(cues), rate=draw(st.sampled_from((None, Rate.parse("25"), Rate.parse("29.97")))))


@st.composite
def films(draw: st.DrawFn) -> Film | None:
    if draw(st.booleans()):
        return None
    rate = Rate.parse(draw(st.sampled_from(("23.976", "24", "25", "60"))))
    frames = sorted(draw(st.sets(st.integers(1, 400), max_size=8)))
    return Film(rate, tuple(map(rate.at, frames)), draw(st.sampled_from((None, rate.at(500)))))


def _errors(findings: tuple[Finding, ...], cues: tuple[str, ...]) -> set[tuple[str, str]]:
    return {
        (found.rule, cues[found.cue - 1] if found.cue else "")
        for found in findings
        if found.severity == Severity.ERROR and found.rule not in SPEEDS
    }


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), films(), st.sampled_from(PROFILES))
def test_repairs_never_harm(document: Document, film: Film | None, profile: Profile) -> None:
    named = _with_ids(document)
    after = fix(named, profile, film)
    assert _words(after) == _words(named)
    assert _letters(after) == _letters(named)
    before_found, after_found = check(named, profile, film), check(after, profile, film)
    speeds = _speeds(before_found), _speeds(after_found)
    assert len(after_found) - speeds[1] <= len(before_found) - speeds[0]
    assert speeds[1] <= speeds[0] or any(found.rule == "overlap" for found in before_found)
    ids = [tuple(cue.id or "" for cue in part.cues) for part in (named, after)]
    assert _errors(after_found, ids[1]) <= _errors(before_found, ids[0])
    assert not [found for found in after_found if found.fixable]
    assert fix(after, profile, film) == after


def _speeds(findings: tuple[Finding, ...]) -> int:
    """How often a caption is too fast, which mending an overlap may bring about."""
    return sum(found.rule in SPEEDS for found in findings)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), films(), st.sampled_from(PROFILES))
def test_no_repair_takes_time_that_captions_need(
    document: Document, film: Film | None, profile: Profile
) -> None:
    grid = Grid(film.rate if film else document.rate)
    shortest = grid.limit(profile.min_duration).aim
    named = _with_ids(document)
    old, new = (_counts(part, grid) for part in (named, fix(named, profile, film)))
    assert _shared(new.values()) <= _shared(old.values())
    for name, (start, end) in new.items():
        length = old[name][1] - old[name][0]
        assert end - start >= min(length, shortest)


def _counts(document: Document, grid: Grid) -> dict[str, tuple[int, int]]:
    return {cue.id or "": (grid.count(cue.span.start), grid.count(cue.span.end)) for cue in document.cues}


def _shared(spans: Iterable[tuple[int, int]]) -> int:
    """Counts that any two captions share."""
    pairs = combinations(spans, 2)
    return sum(max(0, min(one[1], two[1]) - max(one[0], two[0])) for one, two in pairs)


def _with_ids(document: Document) -> Document:
    cues = (replace(cue, id=f"c{number}") for number, cue in enumerate(document.cues))
    return replace(document, cues=Track(tuple(cues)))


def _letters(document: Document) -> list[str]:
    """The letters and figures of each cue, by other means than the repair has."""
    bare = (cue.text.replace("<i>", "").replace("</b>", "") for cue in document.cues)
    return sorted(filter(None, ("".join(filter(str.isalnum, text)) for text in bare)))


def _words(document: Document) -> list[tuple[str, list[str]]]:
    """The words of each cue that has any, by its name; cues may change places only as files do."""
    return sorted((cue.id or "", words_of(cue.text)) for cue in document.cues if words_of(cue.text))


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(("24", "25", "29.97")), st.sampled_from((1.8, 2.5, 3.5)), st.sampled_from(PROFILES[:3])
)
def test_composed_captions_need_little(rate: str, pace: float, profile: object) -> None:
    assert isinstance(profile, type(EN))
    words = make_words(
        "I told him that we would come back. [1.2] He never answered, and the door of the house was "
        "closed when we arrived. [3] Nobody had been there for years! Stop. [0.6] Who is it?",
        pace,
    )
    film = Film(Rate.parse(rate))
    document = Document(compose(words, profile, film), rate=film.rate)
    after = fix(document, profile, film)
    assert _words(after) == _words(document)
    assert len(check(after, profile, film)) <= len(check(document, profile, film))


@pytest.mark.parametrize("text", ["好的，我来了。", "Well -  so"])
def test_words_are_told_apart_from_marks(text: str) -> None:
    assert words_of(text) == (["好", "的", "我", "来", "了"] if "好" in text else ["Well", "so"])
