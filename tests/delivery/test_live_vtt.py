from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
import webvtt

from accessify.core.errors import OptionError, OutputError
from accessify.core.live import LiveLine
from accessify.core.text import Cue, Document
from accessify.core.timeline import Span, Track, millis, seconds
from accessify.delivery.files import read_captions
from accessify.delivery.live_vtt import LiveVtt

ABOUT = Document(Track[Cue](), language="en", origin="Machine-made captions: test")


def _line(number: int, start: int, end: int, text: str) -> LiveLine:
    return LiveLine(number, Span(millis(start), millis(end)), text, closed=True)


def test_the_file_is_whole_after_every_line(tmp_path: Path) -> None:
    path = tmp_path / "LIVE.vtt"
    with LiveVtt(path, ABOUT) as file:
        assert len(webvtt.read(str(path))) == 0
        for number in range(1, 60):
            file.write(_line(number, number * 2000, number * 2000 + 1500, f"Line {number} & <b> --> ärger"))
            assert len(webvtt.read(str(path))) == number
            cues = read_captions(path).cues
            assert cues[-1].text == f"Line {number} & <b> --> ärger"
    document = read_captions(path)
    assert document.origin == "Machine-made captions: test"
    assert document.language == "en"


def test_no_cue_crosses_a_page(tmp_path: Path) -> None:
    """So that no reader ever sees a part of one: a page's bytes become visible together."""
    path = tmp_path / "LIVE.vtt"
    with LiveVtt(path, ABOUT) as file:
        for number in range(1, 500):
            file.write(_line(number, number * 2000, number * 2000 + 1500, f"Line {number}"))
    data = path.read_bytes()
    for cut in range(4096, len(data), 4096):
        part = tmp_path / "part.vtt"
        part.write_bytes(data[:cut])
        assert read_captions(part).cues[-1].text.startswith("Line ")
        assert len(webvtt.read(str(part))) == len(read_captions(part).cues)
    assert len(read_captions(path).cues) == 499


def test_times_never_overlap_and_never_run_away(tmp_path: Path) -> None:
    path = tmp_path / "fast.vtt"
    lines = [_line(n, n * 1100, n * 1100 + 1050, "thirty-seven characters are one line.") for n in range(90)]
    with LiveVtt(path, ABOUT) as file:
        for line in lines:
            file.write(line)
    cues = read_captions(path).cues
    assert all(before.span.end <= after.span.start for before, after in pairwise(cues))
    assert all(cue.span.duration >= seconds(1) for cue in cues)
    assert max(cue.span.start - line.span.start for cue, line in zip(cues, lines, strict=True)) <= seconds(2)


def test_open_lines_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "LIVE.vtt"
    with LiveVtt(path, ABOUT) as file:
        file.write(LiveLine(1, Span(0, 1), "still open"))
    assert len(read_captions(path).cues) == 0


def test_a_writer_that_is_killed_leaves_whole_cues(tmp_path: Path) -> None:
    path = tmp_path / "LIVE.vtt"
    code = (
        "import sys, time; from pathlib import Path; from tests.delivery.test_live_vtt import *\n"
        "with LiveVtt(Path(sys.argv[1]), ABOUT) as file:\n"
        "    for n in range(1, 5000):\n"
        "        file.write(LiveLine(n, Span(n, n), f'Line {n}', closed=True))\n"
        "        time.sleep(0.002)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
    while not path.exists() or path.stat().st_size < 20_000:
        time.sleep(0.01)
        assert writer.poll() is None
    for _ in range(20):  # a reader beside it
        texts = [cue.text for cue in read_captions(path).cues]
        assert texts == [f"Line {n}" for n in range(1, len(texts) + 1)]
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    texts = [cue.text for cue in read_captions(path).cues]
    assert texts == [f"Line {n}" for n in range(1, len(texts) + 1)]
    assert len(webvtt.read(str(path))) == len(texts)


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"ends in \.vtt"):
        LiveVtt(tmp_path / "LIVE.srt", ABOUT)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        LiveVtt(tmp_path / "file" / "LIVE.vtt", ABOUT)


def _write_many(file: LiveVtt) -> None:
    for number in range(1, 50):
        file.write(_line(number, number * 2000, number * 2000 + 900, f"Line {number}"))


def test_a_disk_that_is_full_leaves_a_valid_file(tmp_path: Path) -> None:
    path = tmp_path / "LIVE.vtt"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with LiveVtt(path, ABOUT) as file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (300, before[1]))
            with pytest.raises(OutputError):
                _write_many(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert len(read_captions(path).cues) == len(webvtt.read(str(path))) > 2
