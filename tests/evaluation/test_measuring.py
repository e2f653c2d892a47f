"""Systems in processes of their own: what comes back, and what is said when nothing does."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import AccessifyError, MissingExtra
from accessify.core.timeline import Span, seconds
from accessify.evaluation.child import cpu_seconds
from accessify.evaluation.measuring import MemoryWatch, measure
from accessify.evaluation.recording import write_wav
from accessify.evaluation.systems import POCKETSPHINX, read_wav, require, spread_words


@pytest.fixture
def hiss(tmp_path: Path) -> Path:
    """Two seconds of quiet noise."""
    noise = np.random.default_rng(1).standard_normal(32000) * 1e-3
    write_wav(Audio(noise.astype(np.float32)), tmp_path / "hiss.wav")
    return tmp_path / "hiss.wav"


def test_a_system_answers_from_a_process_of_its_own(hiss: Path, tmp_path: Path) -> None:
    measured = measure(POCKETSPHINX, [hiss, hiss], tmp_path, warm_up=hiss, sample_every=0.02)
    first, second = measured.heard
    assert first.words == second.words
    assert 0 < first.wall_s < measured.ready_s + 60
    assert first.cpu_s >= 0
    assert measured.peak_rss > 20e6  # an interpreter, numpy and a language model


@pytest.mark.skipif(find_spec("moonshine_voice") is None, reason="needs the rivals extra")
def test_a_library_that_may_crash_at_exit_still_answers(hiss: Path, tmp_path: Path) -> None:
    (heard,) = measure("moonshine-voice", [hiss], tmp_path).heard
    assert heard.wall_s > 0
    assert all(word.span.end <= seconds(3) for word in heard.words)


def test_a_child_without_a_result_says_its_last_words(hiss: Path, tmp_path: Path) -> None:
    with pytest.raises(AccessifyError, match=r"nobody stopped before it gave a result: KeyError: 'nobody'"):
        measure("nobody", [hiss], tmp_path)


def test_an_error_on_purpose_comes_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("ACCESSIFY_OFFLINE", "1")
    with pytest.raises(AccessifyError, match="moonshine-tiny-en") as caught:
        measure("bare", [], tmp_path)
    assert "stopped before" not in str(caught.value)


def test_memory_of_the_whole_tree_is_seen() -> None:
    # a parent whose child holds 60 MB
    hog = "import time; held = bytearray(60_000_000); print('ready', flush=True); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hog!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        watch = MemoryWatch(process.pid, 0.01)
        watch.start()
        while not watch.peak:
            time.sleep(0.01)
        watch.stop()
        for one in watch.tree():
            one.kill()
    assert 60e6 < watch.peak < 500e6


def test_cpu_time_counts_children_that_have_ended() -> None:
    before = cpu_seconds()
    work = "import time\nwhile time.process_time() < 0.5: pass"
    subprocess.run([sys.executable, "-c", work], check=True)
    assert cpu_seconds() - before >= 0.4  # the system counts in hundredths, and rounds each count down


def test_a_line_is_spread_over_its_words() -> None:
    words = spread_words("To be  or", Span(0, 9000))  # letters + 1: 3, 3, 3 of 9
    assert [(word.text, word.span) for word in words] == [
        ("To", Span(0, 3000)),
        ("be", Span(3000, 6000)),
        ("or", Span(6000, 9000)),
    ]
    assert spread_words(" ", Span(0, 10)) == ()


def test_files_are_read_as_they_were_written(hiss: Path) -> None:
    sound = np.random.default_rng(1).standard_normal(32000) * 1e-3
    assert np.abs(read_wav(hiss).samples - sound).max() <= 0.5 / 32768 + 1e-9


def test_missing_packages_name_the_pip_line() -> None:
    require(["numpy", "whisper-normalizer"])
    with pytest.raises(
        MissingExtra, match=r"no-such-package is not installed; run: pip install 'accessify\[bench\]'"
    ):
        require(["numpy", "no-such-package"])
