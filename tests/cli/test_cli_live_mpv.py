from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from accessify.cli.live_mpv import script_path
from tests.delivery.mpv.playing import mpv, needs_mpv, wait_for
from tests.spoken import BECKETT, clip, plain

COMMAND = (sys.executable, "-m", "accessify", "live", "--offline")


@needs_mpv
@pytest.mark.models
def test_it_follows_mpv_to_its_end(tmp_path: Path) -> None:
    with mpv(tmp_path / "s", "--loop=inf", clip("beckett.wav")) as player:
        run = [*COMMAND, "--mpv", str(tmp_path / "s")]
        with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            text = ""
            while known(text) < 3 and (line := child.stdout.readline()):
                text += line
            player.terminate()
            _, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    assert known(text) >= 3


@pytest.mark.models
def test_no_mpv_is_said_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--mpv", str(tmp_path / "s")], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"mpv --input-ipc-server=" in done.stderr


@needs_mpv
@pytest.mark.models
def test_the_script_starts_captions_from_within_mpv(tmp_path: Path) -> None:
    script = subprocess.run(
        [*COMMAND, "--mpv-script"], capture_output=True, text=True, timeout=60, check=True
    ).stdout.strip()
    heard = tmp_path / "heard.txt"
    program = tmp_path / "accessify"
    run = f"{sys.executable} -m accessify live --offline"
    program.write_text(f'#!/bin/sh\nshift\ncd "{Path.cwd()}" && exec {run} "$@" --show > "{heard}" 2>&1\n')
    program.chmod(0o755)
    options = f"--script-opts=accessify-command={program}"
    with mpv(tmp_path / "s", f"--script={script}", options, "--loop=inf", clip("beckett.wav")):
        wait_for(lambda: heard.exists() and known(heard.read_text()) >= 3)  # it joins in mid-word


@needs_mpv
@pytest.mark.models
@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("no-such-program", "was not found: give mpv --script-opts=accessify-command=PATH"),
        ("false", "false ended with status 1"),
    ],
)
def test_the_script_says_why_there_are_no_captions_and_leaves_nothing_behind(
    program: str, told: str, tmp_path: Path
) -> None:
    run = ["mpv", "--no-config", "--vo=null", "--ao=null", "--length=1", f"--script={script_path()}"]
    done = subprocess.run(
        [*run, f"--script-opts=accessify-command={program}", str(clip("beckett.wav"))],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert f"Live captions: {program}" in done.stdout + done.stderr
    assert told in done.stdout + done.stderr
    assert not [*tmp_path.iterdir()]


def known(text: str) -> int:
    """How many different words of what is said are in `text`."""
    return len({*plain(text).split()} & {*BECKETT.split()})
