from __future__ import annotations

from dataclasses import replace

import pytest

from accessify.captions.check import check
from accessify.captions.findings import Severity
from accessify.core.text import Cue, Document, Placement
from accessify.core.timeline import Note, Rate, Span, Track, millis
from tests.captions.checking import BBC, DCMP, EN, F24, broken, cue, findings, the


def test_a_caption_that_keeps_every_rule_is_not_reported() -> None:
    assert findings(cue(24, 72)) == ()


@pytest.mark.parametrize(
    ("rate", "least"),
    [
        ("23.976", 20),
        ("24", 20),
        ("25", 21),
        ("29.97", 25),
        ("30", 25),
        ("50", 42),
        ("59.94", 50),
        ("60", 50),
    ],
)
def test_five_sixths_of_a_second_in_frames(rate: str, least: int) -> None:
    fps = Rate.parse(rate)
    assert broken(cue(10, 10 + least, "Hi.", fps), rate=fps) == []
    assert broken(cue(10, 9 + least, "Hi.", fps), rate=fps) == [("min-duration", 1)]


@pytest.mark.parametrize(
    ("rate", "most"), [("23.976", 168), ("24", 168), ("25", 175), ("29.97", 210), ("60", 420)]
)
def test_seven_seconds_in_frames(rate: str, most: int) -> None:
    fps = Rate.parse(rate)
    assert broken(cue(0, most, rate=fps), rate=fps) == []
    assert broken(cue(0, most + 1, rate=fps), rate=fps) == [("max-duration", 1)]


@pytest.mark.parametrize("rate", ["23.976", "24", "25", "29.97", "59.94"])
def test_milliseconds_of_a_file_are_taken_for_the_frames_they_round(rate: str) -> None:
    fps = Rate.parse(rate)
    ticks = [fps.at(frame) for frame in (1001, 1071, 1073, 1143)]
    first, second, third, fourth = (millis(round(tick / millis(1))) for tick in ticks)
    pair = Cue(Span(first, second), "All right."), Cue(Span(third, fourth), "All right.")
    assert broken(*pair, rate=fps) == []


def test_what_a_finding_says() -> None:
    found = the("min-duration", findings(cue(24, 36, "Hi.")))
    assert found.span == Span(F24.at(24), F24.at(36))
    assert found.measured == "12 frames (0.50 s)"
    assert found.allowed == "at least 20 frames (0.83 s)"
    assert found.source == "NFLX 215758617, Duration"
    assert (found.fixable, found.fix) == (True, "end at 00:00:01.833")
    assert found.severity == Severity.ERROR


@pytest.mark.parametrize("rate", ["23.976", "24", "29.97", "60"])
def test_the_chain_gap_is_two_frames_at_every_rate(rate: str) -> None:
    fps = Rate.parse(rate)
    first, second = cue(0, 60, rate=fps), cue(62, 122, rate=fps)
    assert broken(first, second, rate=fps) == []
    assert broken(first, cue(61, 122, rate=fps), rate=fps) == [("gap", 2)]
    assert broken(first, cue(60, 122, rate=fps), rate=fps) == [("gap", 2)]


@pytest.mark.parametrize(("rate", "opened"), [("24", 12), ("25", 12), ("30", 15), ("60", 30)])
def test_a_gap_is_closed_up_to_half_a_second(rate: str, opened: int) -> None:
    fps = Rate.parse(rate)
    first = cue(0, 60, rate=fps)
    assert broken(first, cue(59 + opened, 159, rate=fps), rate=fps) == [("gap", 2)]
    assert broken(first, cue(60 + opened, 160, rate=fps), rate=fps) == []
    assert broken(first, cue(63, 160, rate=fps), rate=fps) == [("gap", 2)]


def test_the_bbc_wants_no_gap_or_a_second() -> None:
    first = cue(0, 60, "All right")
    assert broken(first, cue(60, 120), profile=BBC) == []
    assert broken(first, cue(62, 120), profile=BBC) == [("gap", 2)]
    assert broken(first, cue(83, 143), profile=BBC) == [("gap", 2)]
    assert broken(first, cue(84, 144), profile=BBC) == []


def test_gaps_say_both_ways_out() -> None:
    found = the("gap", findings(cue(0, 60), cue(65, 125)))
    assert found.measured == "5 frames (0.21 s)"
    assert found.allowed == "2 frames (0.08 s), or 12 frames (0.50 s) and more"
    assert found.fix == "end at 00:00:02.625 (the caption before)"


def test_overlap() -> None:
    found = the("overlap", findings(cue(0, 60), cue(57, 120)))
    assert (found.cue, found.measured) == (2, "3 frames (0.12 s) together")
    assert found.fix == "end at 00:00:02.291 (caption 1)"


def test_overlaps_are_found_with_all_captions_that_begin_before_one_ends() -> None:
    cues = cue(0, 150), cue(60, 100), cue(102, 140), cue(152, 190)
    assert broken(*cues) == [("overlap", 2), ("overlap", 3)]
    found = [finding for finding in findings(*cues) if finding.rule == "overlap"]
    assert [finding.measured for finding in found] == [
        "40 frames (1.67 s) together",
        "38 frames (1.58 s) together",
    ]
    assert found[1].fix == "end at 00:00:02.416 (caption 1)"


def test_captions_at_two_places_may_be_shown_together() -> None:
    high = replace(cue(30, 90), placement=Placement(line=10.0))
    assert broken(cue(0, 60), high) == []
    low = cue(50, 110)
    assert broken(cue(0, 60), high, low) == [("overlap", 3)]


def test_order_is_what_the_reader_noted() -> None:
    late = cue(100, 160)
    document = Document(Track.of([cue(0, 60), late], [Note(late.span, "order", "line 1: out of order")]))
    (found,) = check(document, EN)
    assert (found.rule, found.cue, found.fixable) == ("order", 2, True)


# 40 characters with spaces; 39 without the one that a line break takes the place of
FORTY = "The quick brown fox jumped over two dogs"


@pytest.mark.parametrize(("rate", "frames"), [("24", 48), ("25", 50), ("30", 60), ("60", 120)])
def test_twenty_characters_a_second_are_allowed(rate: str, frames: int) -> None:
    fps = Rate.parse(rate)
    assert len(FORTY) == 40
    assert broken(cue(0, frames, FORTY, fps), rate=fps) == []
    assert broken(cue(0, frames - 1, FORTY, fps), rate=fps) == [("reading-speed", 1)]


def test_speed_is_judged_to_one_decimal() -> None:
    fps = Rate.parse("1000")
    assert broken(cue(0, 1996, FORTY, fps), rate=fps) == []  # 20.04, which is 20.0
    assert broken(cue(0, 1995, FORTY, fps), rate=fps) == [("reading-speed", 1)]  # 20.05, which is 20.1


def test_line_breaks_are_no_characters() -> None:
    text = "A line of the forty-two characters allowed\nand one of nineteen"
    assert [len(line) for line in text.split("\n")] == [42, 19]
    assert ("reading-speed", 1) not in broken(cue(0, 74, text))  # 61 in 3.083 s = 19.8
    found = the("reading-speed", findings(cue(0, 72, text)))
    assert found.measured == ("20.3 characters a second (61 with spaces, without line breaks, in 3.00 s)")
    assert found.allowed == "at most 20.0 characters a second"


def test_too_fast_with_no_room_is_for_a_person() -> None:
    found = the("reading-speed", findings(cue(0, 24, FORTY), cue(26, 74, FORTY)))
    assert (found.cue, found.fixable) == (1, False)
    assert found.fix == "shorten it to 20 characters, or show it for 2.00 s"


def test_words_a_minute() -> None:
    text = "one two three four five six seven eight"  # 8 words at 160 a minute: 3 s
    assert broken(cue(0, 72, text), profile=replace(DCMP, line_length=60)) == []
    found = findings(cue(0, 71, text), cue(71, 200), profile=replace(DCMP, line_length=60))
    assert the("word-rate", found).measured == "162.3 words a minute (8 words in 2.96 s)"
    assert the("word-rate", found).fix == "shorten it to 7 words, or show it for 3.00 s"


def test_where_nothing_can_be_read_no_cut_is_asked_for() -> None:
    blink = findings(cue(0, 1, "So it goes"), cue(2, 80, "So it goes"), profile=DCMP)
    assert (
        the("word-rate", blink).fix
        == "join it with a neighbour, or show it for 1.12 s: in this time nothing can be read"
    )
    short = findings(cue(0, 8, "So it goes"), cue(9, 80, "So it goes"), profile=replace(BBC, max_wpm=None))
    assert the("min-word-duration", short).fix == "shorten it to 1 word, or show it longer"


@pytest.mark.parametrize(("rate", "least"), [("24", 72), ("25", 75), ("29.97", 90)])
def test_three_tenths_of_a_second_for_each_word(rate: str, least: int) -> None:
    fps = Rate.parse(rate)
    profile = replace(BBC, max_wpm=None, line_length=60)
    text = "one two three four five six seven eight nine ten"
    assert broken(cue(0, least, text, fps), profile=profile, rate=fps) == []
    assert broken(cue(0, least - 1, text, fps), profile=profile, rate=fps) == [("min-word-duration", 1)]


def test_no_caption_outlives_the_film() -> None:
    assert broken(cue(0, 60), end=60) == []
    found = the("beyond-film-end", findings(cue(0, 61), end=60))
    assert found.measured == "ends at 00:00:02.541"
    assert found.fix == "end at 00:00:02.500"


def test_without_a_rate_nothing_is_reported_that_is_right_at_some_rate() -> None:
    def in_millis(*times: int) -> list[tuple[str, int]]:
        pairs = zip(times[::2], times[1::2], strict=True)
        return broken(*(Cue(Span(millis(a), millis(b)), "Hi.") for a, b in pairs), rate=None)

    assert in_millis(1000, 1833) == []  # 20 frames at 24
    assert in_millis(1000, 1800) == [("min-duration", 1)]
    for gap in (33, 40, 67, 80, 83):  # two frames at 60, 50, 30, 25 and 24
        assert in_millis(0, 1000, 1000 + gap, 2000 + gap) == []
    assert in_millis(0, 1000, 1020, 2000) == [("gap", 2)]
    assert in_millis(0, 1000, 1125, 2000) == [("gap", 2)]
    assert in_millis(0, 1000, 1480, 2500) == []  # 12 frames at 25
    assert in_millis(0, 7007) == []  # 168 frames at 23.976
    assert in_millis(0, 7100) == [("max-duration", 1)]


def test_the_rate_of_the_document_counts_where_no_film_is_given() -> None:
    fps = Rate.parse("25")
    document = Document(Track.of([cue(0, 20, "Hi.", fps)]), rate=fps)
    assert [found.measured for found in check(document, EN)] == ["20 frames (0.80 s)"]
