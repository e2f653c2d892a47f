"""Kill -9 and Ctrl-C in the middle of real work: nothing is lost, nothing is left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from accessify.core.placing import placed
from tests.spoken import clip

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them"),
]
FORMATS = ["srt", "vtt", "ass", "ttml", "json", "txt"]
PATIENCE = 60.0
"""Seconds after which a process that should have got somewhere is given up."""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, embedded_models: None) -> Path:
    """A minute and a half of speech: long enough to be caught in the middle."""
    path = tmp_path_factory.mktemp("recording") / "long.wav"
    with wave.open(str(clip("two_cities.wav"))) as speech, wave.open(str(path), "wb") as file:
        file.setparams(speech.getparams())
        sound = speech.readframes(speech.getnframes())
        for _ in range(2):
            file.writeframes(sound)
    return path


@pytest.fixture
def film(recording: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "long.wav").symlink_to(recording)
    return folder / "long.wav"


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `accessify -v caption` on a film in all formats, in a session of its own."""
    started: list[subprocess.Popen[str]] = []

    def begin(film: Path, state: str = "state", workers: int = 2) -> subprocess.Popen[str]:
        formats = [argument for name in FORMATS for argument in ("-f", name)]
        command = [sys.executable, "-m", "accessify", "-v", "caption", film.name, *formats]
        started.append(
            subprocess.Popen(
                [*command, "--workers", str(workers), "--offline"],
                cwd=film.parent,
                env={**os.environ, "ACCESSIFY_STATE": str(tmp_path / state)},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def wait_for_lines(process: subprocess.Popen[str], folder: Path, count: int) -> int:
    """Wait until the journal has `count` lines while the process works; how many it has."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        lines = [
            line for path in folder.glob("jobs/*.jsonl") for line in path.read_text().splitlines() if line
        ]
        if len(lines) >= count:
            return len(lines)
        time.sleep(0.01)
    pytest.fail(f"no {count} batches within {PATIENCE} s, exit code {process.poll()}")


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes it started."""
    return psutil.Process(process.pid).children(recursive=True)


def wait_for_end(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those of `processes` that still work after ten seconds; a zombie only waits to be buried."""

    def works(process: psutil.Process) -> bool:
        try:
            return process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(map(works, processes)):
        time.sleep(0.05)
    return list(filter(works, processes))


def finish(process: subprocess.Popen[str]) -> tuple[int, int]:
    """Batches heard and batches known before, as it tells when it is done."""
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    told = re.search(r"long\.wav: (\d+) batches heard, (\d+) known from a run before", err)
    assert told, err
    return int(told[1]), int(told[2])


def results(film: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in film.parent.iterdir() if path != film}


def test_a_killed_run_goes_on_where_it_was_and_ends_with_the_same_bytes(
    film: Path, tmp_path: Path, start: Start
) -> None:
    killed = start(film)
    done = wait_for_lines(killed, tmp_path / "state", 2)
    workers = family(killed)
    assert len(workers) >= 2
    killed.kill()
    killed.communicate(timeout=PATIENCE)
    assert killed.returncode == -signal.SIGKILL
    assert wait_for_end(workers) == []  # nobody works on for nobody

    heard, known = finish(start(film))
    assert known >= done
    assert heard > 0
    resumed = results(film)
    assert sorted(resumed) == sorted(f"long.{name}" for name in FORMATS)  # and no leftovers
    assert not list((tmp_path / "state" / "jobs").iterdir())

    for path in film.parent.glob("long.[!w]*"):
        path.unlink()
    assert finish(start(film, state="fresh", workers=1)) == (heard + known, 0)
    assert results(film) == resumed


def test_a_run_killed_while_it_writes_leaves_nothing_behind_the_next(film: Path, start: Start) -> None:
    """A part that a killed process left lies beside the film until the next run."""
    film.unlink()
    film.symlink_to(clip("beckett.wav"))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with placed(film.with_suffix(".srt")) as temporary:
        temporary.touch()
        name = temporary.name.replace(str(os.getpid()), str(gone.pid))
    left = film.with_name(name)
    left.write_text("1\n00:00:01,0")
    film.with_suffix(".srt").unlink()
    finish(start(film))
    assert sorted(results(film)) == sorted(f"long.{name}" for name in FORMATS)


def test_ctrl_c_stops_everything_in_one_line_and_can_be_taken_up(
    film: Path, tmp_path: Path, start: Start
) -> None:
    stopped = start(film)
    done = wait_for_lines(stopped, tmp_path / "state", 1)
    workers = family(stopped)
    os.killpg(stopped.pid, signal.SIGINT)  # as a terminal does: to all of them
    out, err = stopped.communicate(timeout=PATIENCE)
    assert stopped.returncode == 130, err
    assert [line for line in err.splitlines() if line] == [
        "accessify: stopped; run the same command again to go on"
    ]
    assert out == ""
    assert results(film) == {}
    assert wait_for_end(workers) == []

    heard, known = finish(start(film))
    assert known >= done
    assert heard > 0


@pytest.mark.parametrize("moment", [0.05, 0.3])
def test_ctrl_c_while_workers_start_is_one_line_too(film: Path, start: Start, moment: float) -> None:
    process = start(film)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and len(family(process)) < 2:
        time.sleep(0.005)
    time.sleep(moment)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert [line for line in err.splitlines() if line] == [
        "accessify: stopped; run the same command again to go on"
    ]
