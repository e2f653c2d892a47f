from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from accessify.cli.check import command
from accessify.core.errors import FormatError, OptionError, UnknownName
from accessify.core.text import Cue, Document
from accessify.core.timeline import Rate, Span, Track, millis
from accessify.delivery.files import read_captions, write_captions
from tests.media.make_media import Picture, Sound, tone, write_media

GOOD = """1
00:00:01,000 --> 00:00:03,000
Good morning.

2
00:00:03,083 --> 00:00:05,000
Good night.
"""
BAD = """1
00:00:01,000 --> 00:00:03,100
Good morning...

2
00:00:03,083 --> 00:00:05,000
I have 3 dogs.

3
00:00:08,000 --> 00:00:08,400
Nobody could ever read as many words as these in so little time.

4
00:00:08,500 --> 00:00:10,000
Well, well, well.
"""


def run(*options: str | Path, code: int) -> Result:
    result = CliRunner().invoke(command, list(map(str, options)), catch_exceptions=True)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.srt"
    path.write_text(GOOD, "utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.srt"
    path.write_text(BAD, "utf-8")
    return path


def test_a_good_file_passes(good: Path) -> None:
    result = run(good, code=0)
    assert result.stdout.splitlines() == [
        f"{good}: 2 captions, Netflix, English (USA), "
        "in milliseconds, since the frame rate is not known (--video FILM tells it)",
        "counted: each character counts 1, spaces too; line breaks and marks on letters count nothing",
        "",
        "Passed: nothing was found.",
    ]


def test_the_page_is_plain_text_grouped_by_rule(bad: Path) -> None:
    page = run(bad, code=1).stdout
    assert "Ellipsis (ellipsis): 1, 1 can be repaired. Rule: NFLX 217350977, Continuity: U+2026\n" in page
    assert "  #1  00:00:01,000  “...”, should be “…” (U+2026)  repair: write “Good morning…”\n" in page
    assert "Numbers in figures (numbers): 1, advice." in page
    assert "Failed: 6 errors, 1 advice.\n" in page
    assert page.endswith("can be repaired without changing a word: run the same with --fix.\n")
    assert page.isprintable() is False  # it has line feeds ...
    assert all(line.isprintable() for line in page.splitlines())  # ... and no control characters
    assert not set(page) & set("│─┃━┌┐└┘╭╮")


def test_json_says_the_same_to_machines(bad: Path) -> None:
    data = json.loads(run(bad, "--json", code=1).stdout)
    assert (data["schema"], data["version"], data["profile"]) == ("accessify.check", 1, "netflix-en")
    assert (data["captions"], data["passed"], data["rate"], data["fixed"]) == (4, False, None, None)
    assert data["errors"] + data["advice"] == len(data["findings"])
    (found,) = (item for item in data["findings"] if item["rule"] == "ellipsis")
    assert found == {
        "rule": "ellipsis",
        "severity": "error",
        "cue": 1,
        "start": 1.0,
        "end": 3.1,
        "start_time": "00:00:01,000",
        "end_time": "00:00:03,100",
        "start_timecode": None,
        "end_timecode": None,
        "measured": "“...”",
        "allowed": "“…” (U+2026)",
        "message": "has an ellipsis in another form",
        "fix": "write “Good morning…”",
        "fixable": True,
        "source": "NFLX 217350977, Continuity: U+2026",
    }


def test_fix_rewrites_the_file_and_says_what_is_left(bad: Path) -> None:
    page = run(bad, "--fix", code=1).stdout
    assert "Repaired: " in page
    assert "What is left needs a person" in page
    texts = [cue.text for cue in read_captions(bad).cues]
    assert texts[0] == "Good morning…"
    assert [path.name for path in bad.parent.iterdir()] == ["bad.srt"]
    again = bad.read_bytes()
    assert "Nothing could be repaired without changing words." in run(bad, "--fix", code=1).stdout
    assert bad.read_bytes() == again


def test_fix_leaves_a_good_file_untouched(good: Path) -> None:
    good.write_bytes(GOOD.replace("\n", "\r\n").encode("utf-8-sig"))
    before = good.read_bytes()
    run(good, "--fix", code=0)
    assert good.read_bytes() == before


def test_fix_into_another_file_and_format(bad: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "fixed.vtt"
    data = json.loads(run(bad, "--fix", "--json", "-o", target, code=1).stdout)
    assert bad.read_text("utf-8") == BAD
    assert target.read_text("utf-8").startswith("WEBVTT")
    assert data["fixed"]["file"] == str(target)
    assert data["fixed"]["repaired"]["ellipsis"] == 1
    assert data["fixed"]["changed"] >= 2
    assert data["fixable"] == 0


def test_the_language_chooses_the_guide(tmp_path: Path) -> None:
    document = Document(Track.of([Cue(Span(0, 2 * 705_600_000), "好的，我来了")]), language="zh-CN")
    path = tmp_path / "film.ttml"
    write_captions(document, path)
    data = json.loads(run(path, "--json", code=1).stdout)
    assert data["profile"] == "netflix-zh-hans"
    assert data["counting"].startswith("a full-width character counts 1, any other ½")
    assert [item["rule"] for item in data["findings"]] == ["punctuation"]
    run(path, "--profile", "web", code=0)


def test_the_rate_is_read_from_the_times(tmp_path: Path) -> None:
    rate = Rate(Fraction(30000, 1001))
    cues = (Cue(Span(rate.at(70 * n), rate.at(70 * n + 61)), "All right.") for n in range(12))
    path = tmp_path / "film.srt"
    write_captions(Document(Track.of(cues)), path)
    data = json.loads(run(path, "--json", code=1).stdout)
    assert data["rate"] == {"fps": "30000/1001", "drop": False}
    assert {item["measured"] for item in data["findings"]} == {"9 frames (0.30 s)"}
    assert "on whose frames all times lie" in run(path, code=1).stdout


def test_ten_findings_of_a_rule_are_listed_unless_all_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    second = 705_600_000
    cues = (Cue(Span(2 * n * second, (2 * n + 1) * second), "Wait...") for n in range(14))
    write_captions(Document(Track.of(cues)), path)
    assert "… and 4 more (--all lists them)" in run(path, code=1).stdout
    full = run(path, "--all", code=1).stdout
    assert "#14" in full
    assert "more (" not in full


def test_a_file_out_of_order(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    path.write_text("\n\n".join(reversed(GOOD.strip().split("\n\n"))), "utf-8")
    page = run(path, code=1).stdout
    assert "Out of order (order): 1, 1 can be repaired." in page
    assert "note:" not in page
    assert "Repaired: order 1." in run(path, "--fix", code=0).stdout
    assert path.read_text("utf-8") == GOOD


def scenes(count: int, cut: int) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """Two still pictures of coarse noise, the second from frame `cut`."""
    noise = np.random.default_rng(7).integers(30, 226, (2, 6, 10), dtype=np.uint8)
    pictures = noise.repeat(16, 1).repeat(16, 2)
    return [pictures[int(index >= cut)] for index in range(count)]


@pytest.mark.parametrize("hour", [0, 1])
def test_the_film_gives_rate_shots_and_end(tmp_path: Path, hour: int) -> None:
    film = write_media(tmp_path / "film.mp4", picture=Picture(scenes(120, 60), Fraction(24)))
    path, rate = tmp_path / "film.srt", Rate(Fraction(24))
    first, second = Span(rate.at(4), rate.at(54)), Span(rate.at(63), rate.at(130))
    cues = [Cue(span.shift(hour * 3600 * 705_600_000), "All right.") for span in (first, second)]
    write_captions(Document(Track.of(cues)), path)
    data = json.loads(run(path, "--video", film, "--json", code=1).stdout)
    assert data["rate"] == {"fps": "24", "drop": False}
    assert [(item["rule"], item["cue"]) for item in data["findings"]] == [
        ("shot-end", 1),
        ("gap", 2),
        ("shot-start", 2),
        ("beyond-film-end", 2),
    ]
    run(path, "--video", film, "--fix", code=0)
    zero = hour * 3600 * 24
    spans = [cue.span for cue in read_captions(path).cues]
    frames = [(rate.nearest(span.start) - zero, rate.nearest(span.end) - zero) for span in spans]
    assert frames == [(4, 58), (60, 120)]


@pytest.fixture(scope="module")
def ntsc_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    picture = Picture(scenes(144, 60), Fraction(24000, 1001))
    return write_media(tmp_path_factory.mktemp("film") / "film.mp4", picture=picture)


def on_the_cut(tmp_path: Path, zero: int) -> Path:
    """Captions of the 23.976 fps film that keep every rule where it begins at `zero` ticks."""
    rate, path = Rate(Fraction(24000, 1001)), tmp_path / "film.srt"
    spans = Span(rate.at(4), rate.at(58)), Span(rate.at(60), rate.at(120))
    write_captions(Document(Track.of(Cue(span.shift(zero), "All right.") for span in spans)), path)
    return path


def test_captions_count_from_the_frames_of_an_hour(tmp_path: Path, ntsc_film: Path) -> None:
    path = on_the_cut(tmp_path, millis(3_603_600))
    data = json.loads(run(path, "--video", ntsc_film, "--json", code=0).stdout)
    assert (data["start_timecode"], data["findings"]) == ("01:00:00:00", [])
    guess = "captions count from 01:00:00:00 (a guess, it fits best: --start-timecode says it)"
    assert guess in run(path, "--video", ntsc_film, code=0).stdout
    before = path.read_bytes()
    run(path, "--video", ntsc_film, "--fix", code=0)
    assert path.read_bytes() == before


def test_captions_count_from_a_plain_hour(tmp_path: Path, ntsc_film: Path) -> None:
    path = on_the_cut(tmp_path, millis(3_600_000))
    page = run(path, "--video", ntsc_film, code=0).stdout
    assert "captions count from 01:00:00.000 of the clock (a guess" in page


def test_the_start_timecode_is_told(tmp_path: Path, ntsc_film: Path) -> None:
    path = on_the_cut(tmp_path, millis(3_603_600))
    told = run(path, "--video", ntsc_film, "--start-timecode", "01:00:00:00", code=0).stdout
    assert "captions count from 01:00:00:00\n" in told
    wrong = run(path, "--video", ntsc_film, "--start-timecode", "01:00:00:05", code=1).stdout
    assert "#2  01:00:06,102 (frame 55, 01:00:02:12)  starts 5 frames (0.21 s) before" in wrong
    for options in (("--start-timecode", "01:00:00:00"), ("--video", ntsc_film, "--start-timecode", "film")):
        assert isinstance(run(path, *options, code=1).exception, OptionError)


def test_findings_stand_where_the_file_has_them(tmp_path: Path) -> None:
    path, rate = tmp_path / "film.ass", Rate(Fraction(25))
    cues = [Cue(Span(rate.at(30), rate.at(40)), "All right.")]
    write_captions(Document(Track.of(cues), rate=rate), path)
    page = run(path, code=1).stdout
    assert "  #1  0:00:01.20 (frame 30)  10 frames (0.40 s), should be at least 21 frames (0.84 s)" in page
    assert "repair: end at 00:00:02.040" in page


def test_what_a_format_cannot_say_is_no_change(tmp_path: Path) -> None:
    path, rate = tmp_path / "film.ass", Rate(Fraction(24000, 1001))
    cues = (Cue(Span(rate.at(101 * n), rate.at(101 * n + 61)), "All right.") for n in range(14))
    write_captions(Document(Track.of(cues), rate=rate), path)
    before = path.read_bytes()
    page = run(path, "--fix", code=0).stdout
    assert "changed" not in page
    assert "Nothing could be repaired" in page
    assert path.read_bytes() == before


def test_a_caption_that_ends_before_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    path.write_text(GOOD.replace("00:00:05,000", "00:00:02,000"), "utf-8")
    page = run(path, code=1).stdout
    assert "Ends before it starts (negative-duration): 1, 1 can be repaired." in page
    assert "line 6: ends at 00:00:02.000, before it starts at 00:00:03.083" in page
    assert "negative-duration 1" in run(path, "--fix", code=0).stdout
    assert "00:00:03,083 --> 00:00:03,916" in path.read_text("utf-8")


def test_a_file_without_captions_fails(tmp_path: Path) -> None:
    path = tmp_path / "film.vtt"
    path.write_text("WEBVTT\n", "utf-8")
    page = run(path, code=1).stdout
    assert "0 captions" in page
    assert "No captions (no-captions): 1." in page
    assert "Failed: 1 error, 0 advice." in page


def test_a_guide_for_another_language_is_told(good: Path) -> None:
    page = run(good, "-p", "Netflix-zh-Hans", code=0).stdout
    assert "  file    text in another script, should be zh-Hans  by hand: choose the guide" in page


def test_several_files(good: Path, bad: Path, tmp_path: Path) -> None:
    page = run(good, bad, code=1).stdout
    assert page.count("captions, Netflix") == 2
    data = json.loads(run(good, bad, "--json", code=1).stdout)
    assert [item["file"] for item in data] == [str(good), str(bad)]
    missing = run(tmp_path / "none.srt", good, code=2)
    assert "there is no such file" in missing.stderr
    assert "Passed" in missing.stdout
    assert isinstance(run(good, bad, "--fix", "-o", "out.srt", code=1).exception, OptionError)


def test_a_film_without_picture(good: Path, tmp_path: Path) -> None:
    sound = write_media(tmp_path / "film.m4a", [Sound(tone(1))])
    result = run(good, "--video", sound, code=1)
    assert isinstance(result.exception, OptionError)
    assert "no picture" in str(result.exception)


def test_bad_input_is_told_in_one_line(good: Path, tmp_path: Path) -> None:
    missing = run(tmp_path / "none.srt", code=1)
    assert isinstance(missing.exception, FormatError)
    unknown = run(good, "--profile", "netflx", code=1)
    assert isinstance(unknown.exception, UnknownName)
    assert "netflix-en" in str(unknown.exception)
    alone = run(good, "-o", tmp_path / "out.srt", code=1)
    assert isinstance(alone.exception, OptionError)
    assert "--fix" in str(alone.exception)


def test_a_name_that_would_lose_the_times_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "film.txt"
    path.write_text(BAD, "utf-8")
    result = run(path, "--fix", code=1)
    assert isinstance(result.exception, OptionError)
    assert path.read_text("utf-8") == BAD


def test_help_speaks_to_people() -> None:
    page = run("--help", code=0).stdout
    for said in ("--fix", "--video", "-o OUT", "Exit code", "milliseconds", "netflix-zh-hans"):
        assert said in page
