from __future__ import annotations

import ctypes.util
import fcntl
import io
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import webvtt
from rich.console import Console

from accessify.captions.reading import ReadingOptions
from accessify.cli import main
from accessify.cli.live_view import TerminalView
from accessify.core.live import Correction, LiveState, LiveUpdate
from accessify.core.text import Word
from accessify.core.timeline import Note, Span, millis, seconds
from accessify.delivery.files import read_captions
from accessify.pipelines.live_session import LiveSession
from tests.spoken import BECKETT, agreement, clip, plain, sound

Run = Callable[..., tuple[int, str, str]]
COMMAND = (sys.executable, "-m", "accessify", "live", "--offline")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `accessify live …` in this process; gives the exit code, standard output and error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["accessify", "live", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        assert isinstance(end.value.code, int)
        return (end.value.code, *capfd.readouterr())

    return call


def _said(path: Path) -> str:
    return plain(" ".join(cue.text for cue in read_captions(path).cues))


@pytest.mark.models
def test_a_file_a_live_file_and_a_transcript(run: Run, tmp_path: Path) -> None:
    live = tmp_path / "shows" / "LIVE.vtt"
    code, out, err = run("--input", clip("beckett.wav"), "--offline", "-o", live, "-f", "srt", "-f", "json")
    assert code == 0, err
    assert agreement(out.replace("–", " "), BECKETT) > 0.7
    assert len(webvtt.read(str(live))) == len(read_captions(live).cues) > 3
    assert agreement(_said(live.with_name("LIVE.transcript.srt")), BECKETT) > 0.8
    document = read_captions(live.with_name("LIVE.transcript.json"))
    assert agreement(_said(live.with_name("LIVE.transcript.json")), BECKETT) > 0.8
    assert "Machine-made live captions" in str(document.origin)
    assert document.source == "beckett.wav"
    assert str(clip("beckett.wav").parent) not in live.read_text()
    assert f"wrote {live}" in err

    code, _, err = run("--input", clip("beckett.wav"), "--offline", "-o", live, "--no-show")
    assert code == 0
    assert "kept the captions that were there as" in err
    assert live.with_name("LIVE.earlier.vtt").exists()
    assert live.with_name("LIVE.transcript.vtt").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what to listen to"),
        (("a.wav",), "is given with --input a.wav"),
        (("--mic", "--input", "a.wav"), "--mic and --input a.wav are two sources"),
        (("--input", "a.wav", "--no-show"), "-o LIVE.vtt"),
        (("--input", "a.wav", "--raw", "pcm16"), "begins as a WAV file does"),
        (("--input", "a.wav", "--device", "1"), "give --mic with it"),
        (("--mic", "--paced"), "a microphone has its own pace"),
        (("--input", "-", "--rate", "8000"), "--raw pcm16"),
        (("--input", "no such.wav"), "there is no such file"),
        (("--input", "a.wav", "-o", "LIVE.srt"), "ends in .vtt"),
        (("--input", "a.wav", "-f", "docx"), "unknown format"),
        (("--input", "a.wav", "--language", "tlh"), "tlh"),
        (("--mpv", "m.sock", "-o", "LIVE.vtt"), "--mpv captions what mpv plays"),
    ],
)
@pytest.mark.models
def test_what_cannot_be_done_is_said_in_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(clip("beckett.wav"), "a.wav")
    code, _, err = run("--offline", *arguments)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.models
def test_a_place_that_cannot_be_written_is_found_before_anything_is_heard(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("--offline", "--input", clip("beckett.wav"), "-o", tmp_path / "file" / "LIVE.vtt")
    assert code == 2
    assert "in the way" in err


def _raw_speech() -> bytes:
    return bytes((sound("beckett.wav").samples * 32767).astype("<i2").tobytes())


def _start(folder: Path, **options: object) -> subprocess.Popen[bytes]:
    run = [*COMMAND, "--input", "-", "--raw", "pcm16", "-o", str(folder / "LIVE.vtt")]
    return subprocess.Popen(run, stdin=subprocess.PIPE, **options)  # type: ignore[call-overload, no-any-return]


def _wait_for_cues(path: Path, count: int) -> None:
    until = time.monotonic() + 60
    while not path.exists() or len(read_captions(path).cues) < count:
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.models
def test_ctrl_c_hears_out_what_was_begun_and_writes_everything(tmp_path: Path, how: signal.Signals) -> None:
    child = _start(tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.write(_raw_speech()[: 2 * int(9.2 * 16_000)])  # ends within "fail better"
    child.stdin.flush()
    _wait_for_cues(tmp_path / "LIVE.vtt", 4)
    child.send_signal(how)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    assert "better" in plain(out.decode())
    assert "better" in _said(tmp_path / "LIVE.transcript.vtt")
    assert "better" in _said(tmp_path / "LIVE.vtt")


@pytest.mark.models
def test_ctrl_c_between_two_steps_loses_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []

    class Pressed(LiveSession):
        """Ctrl-C strikes when an update was taken, but not yet kept."""

        def next(self, timeout: float | None) -> LiveUpdate | None:
            update = super().next(timeout)
            if update is not None and update.committed:
                taken.extend(word.text for word in update.committed)
                if len(taken) == len(update.committed):
                    signal.raise_signal(signal.SIGINT)
            return update

    monkeypatch.setattr("accessify.cli.live.LiveSession", Pressed)
    code, _, err = run("--input", clip("beckett.wav"), "--offline", "--no-show", "-o", tmp_path / "LIVE.vtt")
    assert code == 0, err
    said = _said(tmp_path / "LIVE.vtt").split()
    assert [word for word in plain(" ".join(taken)).split() if word not in said] == []


@pytest.mark.models
def test_a_kill_leaves_a_live_file_that_can_be_read(tmp_path: Path) -> None:
    child = _start(tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert child.stdin is not None
    child.stdin.write(_raw_speech())
    child.stdin.flush()
    _wait_for_cues(tmp_path / "LIVE.vtt", 2)
    child.kill()
    child.wait()
    child.stdin.close()
    cues = read_captions(tmp_path / "LIVE.vtt").cues
    assert len(webvtt.read(str(tmp_path / "LIVE.vtt"))) == len(cues) >= 2


@pytest.mark.models
def test_a_pipe_that_closes_keeps_the_files(tmp_path: Path) -> None:
    child = _start(tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdout.close()  # as `| head` does
    child.stdin.write(_raw_speech())
    child.stdin.close()
    assert child.wait(60) == 0
    assert (tmp_path / "LIVE.transcript.vtt").exists()
    assert len(webvtt.read(str(tmp_path / "LIVE.vtt"))) >= 1
    assert child.stderr is not None
    assert child.stderr.read().count(b"\n") == 3  # what was written, and how much; nothing of the pipe
    child.stderr.close()


@pytest.mark.models
def test_on_a_terminal_it_is_a_calm_block(tmp_path: Path) -> None:
    pid, terminal = pty.fork()
    if not pid:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [*COMMAND, "--input", str(clip("beckett.wav")), "--paced"])  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 70, 0, 0))
    text, until = "", time.monotonic() + 60
    while "again" not in text and time.monotonic() < until:
        text += _read(terminal)
    os.kill(pid, signal.SIGINT)
    while part := _read(terminal):
        text += part
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert "\x1b[?1049h" in text  # a screen of its own
    assert "\x1b[?1049l" in text  # given back
    assert text.count("\x1b[2J") <= 1  # not wiped between pictures
    assert "again" in text.partition("\x1b[?1049l")[2]  # the last lines stay to be read
    assert "listening" in text
    assert "made by a machine" in text


def _read(terminal: int) -> str:
    ready, _, _ = select.select([terminal], [], [], 30)
    try:
        return os.read(terminal, 65_536).decode("utf-8", "replace") if ready else ""
    except OSError:  # the other end is closed
        return ""


def _update(text: str, **more: object) -> LiveUpdate:
    words = tuple(Word(Span(0, 1), word) for word in text.split())
    return LiveUpdate(1, millis(700), LiveState.SPEECH, committed=words, **more)  # type: ignore[arg-type]


def test_the_block_is_drawn_only_when_something_changed() -> None:
    page = io.StringIO()
    console = Console(file=page, force_terminal=True, width=60, height=16, legacy_windows=False)
    with TerminalView(ReadingOptions(), "lectern", console) as view:
        view.push(_update("Good evening, ladies", tail=("and", "gentle")), 0)
        view.look(0)
        drawn = len(page.getvalue())
        for now in range(1, 50):
            view.look(now)
        assert len(page.getvalue()) == drawn
        view.push(
            _update(
                "and gentlemen.",
                ended=True,
                corrections=(Correction(("lads",), ("ladies",), place=2),),
                final=tuple(Word(Span(0, 1), w) for w in ("Good", "evening,", "ladies", "and")),
                notes=(Note(Span(0, 1), "gap", "two seconds are missing"),),
            ),
            seconds(1),
        )
        assert not view.look(seconds(1))
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", page.getvalue())
    assert "Good evening, ladies and gentle" in text
    assert "– evening, ladies and" in text
    assert "two seconds are missing" in text
    assert "0.7 s · in time · listening" in text


def test_devices_are_listed_or_what_is_missing_is_said(run: Run) -> None:
    code, out, err = run("--devices")
    assert (code == 0 and (out or "no microphone" in err)) or (code == 2 and "PortAudio" in err)


@pytest.mark.models
def test_samples_that_are_none(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(np.zeros(100, "<i2").tobytes())
    code, _, err = run("--input", path, "--raw", "pcm16", "--rate", "1", "--offline")
    assert code == 2
    assert "sample rate" in err


@pytest.mark.models
def test_no_microphone_is_said_in_one_line(tmp_path: Path) -> None:
    config = tmp_path / "asound.conf"
    config.write_text("</usr/share/alsa/alsa.conf>\n")
    if not sys.platform.startswith("linux") or ctypes.util.find_library("portaudio") is None:
        pytest.skip("needs libportaudio2")
    if Path("/dev/snd").exists():
        pytest.skip("there may be a microphone")
    done = subprocess.run(
        [*COMMAND, "--mic"],
        env=os.environ | {"ALSA_CONFIG_PATH": str(config)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("accessify: no microphone is connected")
    assert done.stderr.count("\n") == 1
