"""Time and memory of a system, measured from outside in a fresh process.

× real time = seconds of sound / wall seconds from the call to the last byte written, after one
warm-up file. CPU seconds are those of the process and all its descendants. Peak memory
is the highest sum of resident set sizes over the process and all its descendants, sampled; pages
that several of them share are counted in each, so that the figure is never too low for that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accessify.core.errors import AccessifyError
from accessify.core.text import Word
from accessify.core.timeline import Span
from accessify.evaluation.matching import bench_package


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one file."""

    words: tuple[Word, ...]
    wall_s: float
    """Seconds from the call to the end."""
    cpu_s: float
    """CPU seconds of the whole process tree."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one process."""

    heard: tuple[Heard, ...]
    """One for each file."""
    ready_s: float
    """Seconds to load the models and do the warm-up file."""
    peak_rss: int
    """Bytes; the whole process tree from start to end."""


def measure(
    system: str,
    files: Sequence[Path],
    outputs: Path,
    *,
    warm_up: Path | None = None,
    sample_every: float = 0.5,
) -> Measured:
    """Run `system` over 16 kHz WAV `files` in a fresh process; memory is sampled `sample_every` seconds.

    Raises `AccessifyError` with the child's own words where it gave no result.
    """
    with tempfile.TemporaryDirectory(prefix="accessify-bench-") as folder:
        request, result = Path(folder, "request.json"), Path(folder, "result.json")
        asked = {
            "system": system,
            "files": [str(path) for path in files],
            "warm_up": str(warm_up) if warm_up else None,
            "outputs": str(outputs),
            "result": str(result),
        }
        request.write_text(json.dumps(asked), "utf-8")
        complaint = Path(folder, "stderr.txt")
        peak = _run(request, complaint, sample_every)
        if not result.is_file():
            raise AccessifyError(f"{system} stopped before it gave a result: {last_line(complaint)}")
        return _measured(json.loads(result.read_text("utf-8")), peak)


def _run(request: Path, complaint: Path, sample_every: float) -> int:
    """Run the child to its end, however it ends; its peak memory in bytes."""
    return run_watched(
        [sys.executable, "-m", "accessify.evaluation.child", str(request)], complaint, sample_every
    )[0]


def run_watched(command: Sequence[str], complaint: Path, sample_every: float) -> tuple[int, int]:
    """Run `command` to its end: its peak memory in bytes and its exit code.

    What it says on standard error is left in `complaint`, beside which it keeps its state. Nothing is
    left running where this is interrupted.
    """
    own_state = {**os.environ, "ACCESSIFY_STATE": str(complaint.parent)}  # never resume an earlier job
    with complaint.open("wb") as errors:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env=own_state)
        watch = MemoryWatch(child.pid, sample_every)
        watch.start()
        try:
            child.wait()
        finally:
            watch.stop()
            if child.poll() is None:  # Ctrl-C here: leave nothing running
                for one in watch.tree():
                    one.kill()
                child.wait()
    return watch.peak, child.returncode


class MemoryWatch(threading.Thread):
    """Samples the resident memory of a process tree until it is stopped."""

    def __init__(self, pid: int, every: float) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._psutil = bench_package("psutil")
        self._pid, self._every, self._stopped = pid, every, threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._every):
            self.peak = max(self.peak, self._now())

    def stop(self) -> None:
        """End sampling."""
        self._stopped.set()
        self.join()

    def tree(self) -> list[Any]:
        """The process and all its descendants, as far as they live."""
        try:
            root = self._psutil.Process(self._pid)
            return [root, *root.children(recursive=True)]
        except self._psutil.NoSuchProcess:
            return []

    def _now(self) -> int:
        rss = 0
        for one in self.tree():
            try:
                rss += one.memory_info().rss
            except self._psutil.NoSuchProcess:
                continue
        return rss


def _measured(answer: dict[str, Any], peak: int) -> Measured:
    if "error" in answer:
        raise AccessifyError(answer["error"])
    heard = tuple(
        Heard(
            tuple(Word(Span(start, end), text) for start, end, text in run["words"]),
            run["wall_s"],
            run["cpu_s"],
        )
        for run in answer["runs"]
    )
    return Measured(heard, answer["ready_s"], peak)


def last_line(path: Path) -> str:
    """What a process said last."""
    lines = path.read_text("utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
