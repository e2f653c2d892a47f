from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from accessify.cli.interrupt import ended_by_request, heeded
from accessify.core.progress import Progress

STEP = Progress("transcribe", 1.0, 2.0)


def swallow_ctrl_c() -> None:
    """What PyAV does."""
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_steps_pass_through() -> None:
    steps: list[Progress] = []
    with heeded(steps.append) as on_progress:
        on_progress(STEP)
    assert steps == [STEP]


def test_ctrl_c_that_was_swallowed_is_heard_at_the_next_step() -> None:
    steps: list[Progress] = []
    with heeded(steps.append) as on_progress:
        swallow_ctrl_c()
        with pytest.raises(KeyboardInterrupt):
            on_progress(STEP)
    assert steps == []


def test_nothing_to_show_is_no_reason_to_go_on() -> None:
    with heeded(None) as on_progress:
        on_progress(STEP)
        swallow_ctrl_c()
        with pytest.raises(KeyboardInterrupt):
            on_progress(STEP)


def test_between_steps_the_first_ctrl_c_waits_and_the_second_strikes() -> None:
    steps: list[Progress] = []
    with heeded(steps.append, between=True) as on_progress:
        on_progress(STEP)
        signal.raise_signal(signal.SIGINT)  # raises nothing
        with pytest.raises(KeyboardInterrupt):
            on_progress(STEP)
        swallow_ctrl_c()
    assert steps == [STEP]


def test_afterwards_ctrl_c_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with heeded(None):
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_ctrl_c_that_is_ignored_stays_ignored() -> None:
    """As under `nohup`, or in the background of a shell script."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with heeded(None) as on_progress:
            signal.raise_signal(signal.SIGINT)
            on_progress(STEP)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_reader_that_goes_away_is_no_fault() -> None:
    command = [sys.executable, "-m", "accessify", "models", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()  # as `| head` does
        assert child.stderr.read() == b""
        assert child.wait(60) == 0


def test_a_request_to_end_waits_as_ctrl_c_does() -> None:
    with ended_by_request(), heeded(None, between=True) as on_progress:
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            on_progress(STEP)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
