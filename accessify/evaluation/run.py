"""The captions bench: from a folder of clips to one JSON value with every figure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from accessify.core.progress import OnProgress, Progress
from accessify.core.timeline import to_seconds
from accessify.evaluation.dataset import Dataset, load_dataset
from accessify.evaluation.figures import CAPTIONS
from accessify.evaluation.machine import hardware, software
from accessify.evaluation.material import Material, Part, build_material
from accessify.evaluation.play import peak_memory, play
from accessify.evaluation.recording import PAUSE, PAUSE_RMS, SEED
from accessify.evaluation.report import memory_figures, report
from accessify.evaluation.systems import ACCESSIFY, BARE, MOONSHINE_VOICE, POCKETSPHINX, require

SCHEMA = 1
"""Version of the bench file's layout."""


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """How much to measure."""

    rivals: bool = True
    """Whether moonshine-voice and PocketSphinx are measured too."""
    quick: bool = False
    """Three minutes of each kind, one round, no memory runs: to see that it works."""
    rounds: int = 3
    """Rounds of the speed measurement; a quick run has one."""
    keep: Path | None = None
    """Folder that keeps recordings, caption files and `comparison.tsv`; None keeps nothing."""


def bench_captions(
    folder: Path, options: BenchOptions | None = None, on_progress: OnProgress | None = None
) -> dict[str, Any]:
    """All figures of the captions bench on the clips in `folder`, ready for JSON.

    Raises `OptionError` or `FormatError` for a folder that cannot be scored, and `MissingExtra`
    where a package of the `bench` extra is not installed.
    """
    options = options or BenchOptions()

    def stage(text: str) -> None:
        if on_progress:
            on_progress(Progress(text, 0, None))

    rivals = (MOONSHINE_VOICE, POCKETSPHINX) if options.rivals else ()
    require(("psutil", "jiwer", "whisper-normalizer", *rivals))
    dataset = load_dataset(folder)
    machine = hardware()
    rounds = 1 if options.quick else options.rounds
    with work_folder(options.keep) as work:
        stage("prepare the recordings")
        material = build_material(dataset, work, quick=options.quick)
        (work / "captions").mkdir(exist_ok=True)
        played = play(material, (ACCESSIFY, *rivals, BARE), work / "captions", rounds, stage)
        stage("score")
        result = report(material, played, work)
        if material.speech and not options.quick:
            result["figures"] |= memory_figures(*peak_memory(material.speech, work, stage))
    return {
        "bench": "captions",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "options": {"quick": options.quick, "rounds": rounds, "rivals": options.rivals},
        "hardware": machine,
        "software": software(),
        "data": _describe(dataset, material),
        "formulas": {figure.name: figure.formula for figure in CAPTIONS if figure.name in result["figures"]},
        **result,
    }


@contextmanager
def work_folder(keep: Path | None) -> Iterator[Path]:
    """Where a bench puts its files: `keep`, or a folder that is removed in the end."""
    if keep is None:
        with TemporaryDirectory(prefix="accessify-bench-") as folder:
            yield Path(folder)
    else:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep


def _describe(dataset: Dataset, material: Material) -> dict[str, Any]:
    """Which data, how it was joined."""
    return {
        "name": dataset.name,
        "sha256": dataset.sha256(),
        "left_out": len(dataset.left_out),
        "speech": _size(material.speech),
        "noise": _size(material.noise),
        "films": len(material.films),
        "joined": {"seed": SEED, "pause_s": PAUSE, "pause_rms": PAUSE_RMS, "order": "as in the folder"},
    }


def _size(part: Part | None) -> dict[str, float] | None:
    if part is None:
        return None
    recording = part.recording
    return {
        "clips": len(recording.clips),
        "clips_s": round(to_seconds(sum(span.duration for span in recording.spans)), 3),
        "joined_s": round(to_seconds(recording.audio.span.duration), 3),
    }
