"""The Whisper bench: ours beside openai-whisper and faster-whisper; what precisions and exports cost."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import AccessifyError, OptionError
from accessify.core.progress import OnProgress, Progress
from accessify.evaluation.machine import hardware, software
from accessify.evaluation.matching import bench_package
from accessify.evaluation.measuring import last_line
from accessify.evaluation.run import work_folder
from accessify.evaluation.whisper_figures import SIZES, WHISPER
from accessify.evaluation.whisper_loss import HeldOut, measure_losses
from accessify.evaluation.whisper_report import TOGETHER, Subject, figures, subject_row
from accessify.evaluation.whisper_systems import FASTER, OPENAI, OURS
from accessify.evaluation.whisper_weights import write_weights
from accessify.hub.whisper_random import SIZES as DIMS

SCHEMA = 1
"""Version of the bench file's layout."""
WINDOW_S = 30
_PACKAGES = ("accessify", "numpy", "onnxruntime", "torch", "openai-whisper", "faster-whisper", "ctranslate2")
_MOST_ROUNDS = 2
"""Of the largest size, which takes half of the time."""
_BUSY = 0.5
"""Load before the bench that is worth a word."""

Values = dict[str, Any]
Stage = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WhisperBenchOptions:
    """How much to measure."""

    sizes: tuple[str, ...] = SIZES
    """Of Whisper, from the smallest to the largest."""
    tokens: int = 100
    """That each system writes for each window: what half a minute of brisk English has."""
    threads: int = 2
    """Cores that each system may use."""
    rounds: int = 3
    """Times that each system is started, in turns."""
    quick: bool = False
    """The smallest size, one round: to see that it works."""
    keep: Path | None = None
    """Folder that keeps checkpoints and exports, and from which those that are there are taken."""


def bench_whisper(
    sound: tuple[str, np.ndarray[Any, Any]],
    trained: tuple[Path, Sequence[HeldOut]] | None = None,
    options: WhisperBenchOptions | None = None,
    on_progress: OnProgress | None = None,
) -> Values:
    """All figures of the Whisper bench, ready for JSON.

    `sound` is what all systems hear: a name, and samples [n] at 16 kHz that are repeated as needed.
    `trained` is a checkpoint that really transcribes, with utterances that it has not learnt from; without it
    losses are not measured. Raises `OptionError`, and `MissingExtra` for what is not installed.
    """
    options = options or WhisperBenchOptions()
    if not options.sizes or not set(options.sizes) <= set(SIZES):
        raise OptionError(f"sizes must be among {', '.join(SIZES)}")
    bench_package("psutil"), bench_package("jiwer")

    def stage(said: str) -> None:
        if on_progress:
            on_progress(Progress(said, 0, None))

    machine, name, windows = hardware(), sound[0], _windows(sound[1])
    with work_folder(options.keep) as work:
        np.save(work / "windows.npy", windows)
        bench = _Bench(work, options, stage)
        rows, exports = list[Values](), list[Values]()
        for size in options.sizes[:1] if options.quick else options.sizes:
            subjects = bench.prepared(size, exports)
            rows += bench.measured(size, subjects)
        losses = measure_losses(*trained, work, stage) if trained else []
    reached = figures(rows, exports, losses)
    return {
        "bench": "whisper",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "options": {**asdict(options), "keep": None, "sizes": list(options.sizes)},
        "hardware": machine,
        "software": software(_PACKAGES),
        "data": {"name": name, "sha256": _digest(windows), "windows": len(windows), "window_s": WINDOW_S},
        "figures": reached,
        "intervals": {},
        "formulas": {one.name: one.formula for one in WHISPER if one.name in reached},
        "rows": rows,
        "exports": exports,
        "losses": [asdict(loss) for loss in losses],
        "utterances": len(trained[1]) if trained else 0,
        "notes": _notes(machine, options),
    }


class _Bench:
    """The steps of a run, each in a process of its own."""

    def __init__(self, work: Path, options: WhisperBenchOptions, stage: Stage) -> None:
        self._work, self._options, self._stage = work, options, stage

    def prepared(self, size: str, exports: list[Values]) -> list[Subject]:
        """The models of one size, made where they are missing; what the exports took goes to `exports`."""
        folder = self._work / f"{size}-{self._options.tokens}"
        checkpoint, converted = folder / "model.pt", folder / "ctranslate"
        folder.mkdir(exist_ok=True)
        if not checkpoint.exists():
            self._stage(f"{size}: draw weights that end texts after {self._options.tokens} tokens")
            write_weights(DIMS[size], self._options.tokens, checkpoint)
        if not converted.exists():
            self._stage(f"{size}: convert them for faster-whisper")
            self._ask("convert", model=str(checkpoint), folder=str(converted), precision="int8")
        calls = {"tiny": 4, "base": 3, "small": 2}[size]
        precisions = ("int8", "int4", "fp32") if size == "base" else ("int8",)
        subjects = []
        for precision in precisions:
            self._stage(f"{size}: export to {precision}")
            made = self._ask(
                "export", model=str(checkpoint), folder=str(folder / precision), precision=precision
            )
            exports.append({"size": size, "precision": precision, **made})
            subjects.append(Subject(OURS, precision, 1, folder / precision, calls))
        return [
            *subjects,
            Subject(FASTER, "int8", 1, converted, calls),
            Subject(OPENAI, "fp32", 1, checkpoint, calls),
            Subject(OURS, "int8", TOGETHER, folder / "int8", 1),
            Subject(FASTER, "int8", TOGETHER, converted, 1),
        ]

    def measured(self, size: str, subjects: Sequence[Subject]) -> list[Values]:
        """A row for each of `subjects`, which take turns."""
        most = _MOST_ROUNDS if size == SIZES[-1] else self._options.rounds
        count = 1 if self._options.quick else min(self._options.rounds, most)
        rounds: list[list[Values]] = [[] for _ in subjects]
        for number in range(count):
            self._stage(f"{size}: round {number + 1} of {count}")
            places = range(len(subjects))
            for place in places if number % 2 == 0 else reversed(places):
                rounds[place].append(self._heard(size, subjects[place]))
        return [subject_row(size, *pair) for pair in zip(subjects, rounds, strict=True)]

    def _heard(self, size: str, subject: Subject) -> Values:
        told = self._ask(
            "hear",
            system=subject.system,
            model=str(subject.model),
            batch=subject.batch,
            calls=subject.calls,
            windows=str(self._work / "windows.npy"),
        )
        if set(told["tokens"]) != {self._options.tokens}:
            found = ", ".join(map(str, sorted(set(told["tokens"]))))
            raise AccessifyError(
                f"{subject.system} with {size} {subject.precision} wrote {found} tokens for a window, not "
                f"{self._options.tokens}: times would not be of the same work"
            )
        return told

    def _ask(self, work: str, **what: Any) -> Values:
        """Do one step in a process of its own; raises `AccessifyError` with its own words where it fails."""
        request, result = self._work / "request.json", self._work / "result.json"
        complaint, threads = self._work / "stderr.txt", self._options.threads
        result.unlink(missing_ok=True)
        asked = {"work": work, "threads": threads, "result": str(result), **what}
        request.write_text(json.dumps(asked), "utf-8")
        command = [sys.executable, "-m", "accessify.evaluation.whisper_child", str(request)]
        with complaint.open("wb") as errors:
            subprocess.run(
                command,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={**os.environ, "OMP_NUM_THREADS": str(threads)},
                check=False,
            )
        if not result.is_file():
            raise AccessifyError(f"{work} {what.get('system', '')} gave no result: {last_line(complaint)}")
        answer: Values = json.loads(result.read_text("utf-8"))
        if "error" in answer:
            raise AccessifyError(answer["error"])
        return answer


def _windows(samples: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    length = WINDOW_S * SPEECH_RATE
    if not len(samples):
        raise OptionError("there is no sound to hear; give a file with some")
    return np.resize(samples.astype(np.float32), (TOGETHER, length))


def _digest(windows: np.ndarray[Any, Any]) -> str:
    return hashlib.sha256(windows.tobytes()).hexdigest()


def _notes(machine: Values, options: WhisperBenchOptions) -> list[str]:
    notes = [f"{options.tokens} tokens for each window of {WINDOW_S} s, {options.threads} threads."]
    busy = machine["load_before"][0]
    if busy > _BUSY:
        notes.append(
            f"The machine was busy before it began (load {busy:.1f}): these figures are worth little."
        )
    return notes
