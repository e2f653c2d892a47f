import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from accessify.cli.convert import command
from accessify.core.errors import FormatError, OptionError, UnknownName

VTT = """\
WEBVTT

NOTE
Origin: Machine-made captions

a
00:00:01.000 --> 00:00:02.500 line:0
<v Mary>Hello, <i>world</i>!
"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.vtt"
    path.write_text(VTT, "utf-8")
    return path


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(item) for item in arguments], catch_exceptions=False)


def test_losses_are_told_in_one_line(film: Path) -> None:
    target = film.with_suffix(".srt")
    result = _run(film, target)
    assert result.exit_code == 0
    assert result.stdout == f"{target}: 1 captions, SubRip\n"
    assert result.stderr == (
        f"{target}: lost, since SubRip cannot hold it: the note on how the text was made, cue ids, speakers\n"
    )
    assert target.read_text("utf-8") == ("1\n00:00:01,000 --> 00:00:02,500\n{\\an8}Hello, <i>world</i>!\n")


def test_nothing_is_said_when_nothing_is_lost(film: Path) -> None:
    result = _run(film, film.with_suffix(".json"))
    assert result.stderr == ""
    back = film.with_name("back.vtt")
    _run(film.with_suffix(".json"), back)
    assert back.read_text("utf-8") == VTT


def test_format_and_rate_and_offset(film: Path) -> None:
    target = film.with_name("film.xml")
    _run(film, target, "--format", "ttml", "--rate", "23.976", "--offset", "01:00:00:00")
    text = target.read_text("utf-8")
    assert 'ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"' in text
    assert 'begin="01:00:04.600"' in text  # an hour of timecode is 3603.6 s there
    _run(film, target, "--offset", "-0.5")
    assert 'begin="00:00:00.500" end="00:00:02.000"' in target.read_text("utf-8")


def test_stretch_keeps_the_frames(film: Path) -> None:
    target = film.with_suffix(".ttml")
    _run(film, target, "--stretch", "24:25", "--offset", "10")
    text = target.read_text("utf-8")
    assert 'begin="00:00:10.960" end="00:00:12.400"' in text  # 24 and 60 frames of 1/25 s
    assert 'ttp:frameRate="25"' in text
    _run(target, target, "--stretch", "25:23.976")
    assert 'begin="00:00:11.428"' in target.read_text("utf-8")  # 10.96 s * 25 * 1001 / 24000


def test_what_the_reader_ignored_is_told(film: Path) -> None:
    film.write_text(VTT.replace("line:0", "line:soon"), "utf-8")
    assert "line 7: line:soon is not kept" in _run(film, film.with_suffix(".json")).stderr


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        (["--offset", "soon"], OptionError, "write seconds such as 1.5, or a timecode together with --rate"),
        (["--offset", "nan"], OptionError, "write seconds"),
        (["--offset", "00:00:01:99", "--rate", "24"], OptionError, "frame 99 does not exist"),
        (["--rate", "fast"], OptionError, "--rate: not a frame rate"),
        (["--stretch", "25"], OptionError, "--stretch '25': write two frame rates, e.g. 23.976:25"),
        (["--stretch", "25:0"], OptionError, "--stretch: a frame rate must be positive"),
        (["--stretch", "PAL:25"], OptionError, "--stretch: not a frame rate"),
        (["--offset", "-5"], FormatError, "before the film does"),
    ],
)
def test_bad_options_name_the_fix(film: Path, options: list[str], error: type[Exception], words: str) -> None:
    target = film.with_suffix(".srt")
    with pytest.raises(error, match=words):
        _run(film, target, *options)
    assert not target.exists()


def test_formats_are_known_in_capitals(film: Path) -> None:
    target = film.with_name("film.out")
    assert _run(film, target, "--format", "SRT").exit_code == 0
    assert target.read_text("utf-8").startswith("1\n00:00:01,000")


def test_unknown_target_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="unknown format 'cap'"):
        _run(tmp_path / "none.srt", tmp_path / "a.cap")
    with pytest.raises(
        OptionError, match="Scenarist SCC can be read but not written; choose one of: srt, vtt"
    ):
        _run(tmp_path / "none.srt", tmp_path / "a.scc")


def test_frames_of_microdvd_are_counted_at_the_rate_given(tmp_path: Path) -> None:
    (tmp_path / "a.sub").write_text("{24}{48}Hi\n", "utf-8")
    _run(tmp_path / "a.sub", tmp_path / "a.srt", "--rate", "23.976")
    assert (tmp_path / "a.srt").read_text("utf-8") == "1\n00:00:01,001 --> 00:00:02,002\nHi\n"


def test_captions_go_to_elan_and_back(film: Path) -> None:
    target = film.with_suffix(".eaf")
    result = _run(film, target)
    assert result.stdout == f"{target}: 1 captions, ELAN\n"
    assert result.stderr == f"{target}: lost, since ELAN cannot hold it: cue ids, italics, placement\n"
    assert "Machine-made captions" in target.read_text("utf-8")
    back = film.with_name("back.srt")
    assert _run(target, back, "--offset", "1").stdout == f"{back}: 1 captions, SubRip\n"
    assert back.read_text("utf-8") == "1\n00:00:02,000 --> 00:00:03,500\nHello, world!\n"


def test_words_and_confidence_go_to_elan_and_back(tmp_path: Path) -> None:
    first = tmp_path / "a.json"
    first.write_text(
        '{"schema": "accessify.captions", "version": 1, "words": ['
        '{"start": 1.0, "end": 1.25, "text": "HOUSE", "confidence": 0.75, "timing": "aligned"}]}',
        "utf-8",
    )
    assert _run(first, tmp_path / "a.eaf").stderr == ""
    assert _run(tmp_path / "a.eaf", tmp_path / "b.json").stderr == ""
    (word,) = json.loads((tmp_path / "b.json").read_text("utf-8"))["words"]
    assert (word["text"], word["start"], word["end"]) == ("HOUSE", 1.0, 1.25)
    assert (word["confidence"], word["timing"]) == (0.75, "aligned")


def test_a_damaged_elan_file_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.eaf").write_text("<ANNOTATION_DOCUMENT>\n<TIER>\n</ANNOTATION_DOCUMENT>", "utf-8")
    with pytest.raises(FormatError, match=r"a\.eaf: line 3: not well-formed XML: mismatched tag"):
        _run(tmp_path / "a.eaf", tmp_path / "a.srt")
    assert not (tmp_path / "a.srt").exists()
