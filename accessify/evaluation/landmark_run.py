"""The landmarks bench: from videos to one JSON value with every figure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accessify.core.progress import OnProgress, Progress
from accessify.evaluation.landmark_child import GRAPHS
from accessify.evaluation.landmark_choices import choice_row
from accessify.evaluation.landmark_figures import LANDMARKS
from accessify.evaluation.landmark_material import Clip, clip_pictures, load_clip, pair_films
from accessify.evaluation.landmark_memory import memory_figures
from accessify.evaluation.landmark_report import Values, report_clip, report_graphs
from accessify.evaluation.landmark_rounds import Cast, Looked, look, look_by_choice, open_cast, play_rounds
from accessify.evaluation.landmark_sheets import write_sheets
from accessify.evaluation.landmark_verdicts import judged, read_verdicts
from accessify.evaluation.machine import hardware, software
from accessify.evaluation.rival_environment import rival_python
from accessify.evaluation.run import work_folder
from accessify.hub.graphs import HOLISTIC, graph_files

SCHEMA = 1
"""Version of the bench file's layout."""
PACE_ROUNDS = 3
"""Rounds in which single networks are timed."""
_PACKAGES = ("accessify", "numpy", "onnxruntime", "av", "opencv-python", "ai-edge-litert", "psutil")


@dataclass(frozen=True, slots=True)
class LandmarkBenchOptions:
    """How much to measure."""

    rivals: bool = True
    """Whether MediaPipe is measured too."""
    quick: bool = False
    """The beginning of each clip, one round, no memory runs: to see that it works."""
    rounds: int = 5
    """Rounds of the speed measurement; a quick run has one."""
    memory: bool = True
    """Whether memory is measured on a minute and on ten minutes of video, which takes as long to look at."""
    device: str = "cpu"
    """What accessify runs its networks on in all measurements (`accessify.engines.session.PROVIDERS`);
    MediaPipe and TensorFlow Lite have the CPU."""
    looked_at: Path | None = None
    """Verdicts on hands that only one side found (`landmark_verdicts`), beside those next to a video."""
    keep: Path | None = None
    """Folder that keeps pictures, landmarks and contact sheets; None keeps nothing."""


def bench_landmarks(
    paths: Sequence[Path],
    options: LandmarkBenchOptions | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """All figures of the landmarks bench on videos, ready for JSON.

    `paths` are videos, each perhaps followed by its reference landmarks (`.npz`); without one, a
    `NAME.holistic.npz` beside it is taken, and without that what MediaPipe finds in this run. Raises
    `OptionError`, `MediaError` or `FormatError` for what cannot be measured, `MissingExtra`, and what
    `rival_python` raises.
    """
    options = options or LandmarkBenchOptions()

    def stage(text: str) -> None:
        if on_progress:
            on_progress(Progress(text, 0, None))

    films = pair_films(paths)
    for half in (False, True):
        graph_files(HOLISTIC, half=half, on_progress=on_progress)
    rival = rival_python(stage) if options.rivals else None
    machine = hardware()
    with work_folder(options.keep) as work:
        stage("decode the clips")
        clips = [load_clip(film, work, quick=options.quick) for film in films]
        with open_cast(rival, options.device) as cast:
            result = _measure(clips, cast, options, work, stage)
        if options.memory and not options.quick:
            result["figures"] |= memory_figures(clips[0], work, stage, options.device)
    return {
        "bench": "landmarks",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "options": _options(options),
        "hardware": machine,
        "software": software(_PACKAGES) | {"rival": cast.theirs.versions if cast.theirs else None},
        "data": _describe(clips),
        "notes": _notes(options, cast, result),
        "formulas": _formulas(result),
        **result,
    }


def _measure(
    clips: Sequence[Clip],
    cast: Cast,
    options: LandmarkBenchOptions,
    work: Path,
    stage: Callable[[str], None],
) -> Values:
    """Everything but memory."""
    stage("look at every clip once with every system")
    looked = {clip.name: look(clip, cast, work) for clip in clips}
    rounds = 1 if options.quick else options.rounds
    runs = play_rounds(clips, cast, rounds, stage)
    stage("run every choice beside the defaults")
    chosen = {clip.name: look_by_choice(clip, cast, work) for clip in clips}
    stage("compare single networks")
    checks = [cast.ours.ask(cast.request(GRAPHS, clip) | {"rounds": PACE_ROUNDS}) for clip in clips]
    stage("score")
    if options.keep:
        for clip in clips:
            _draw_sheets(clip, looked[clip.name], options.keep)
    rows = {clip.name: report_clip(clip, looked[clip.name], runs[clip.name]) for clip in clips}
    for clip in clips:
        reference = clip.reference or looked[clip.name].theirs
        if reference:
            verdicts = read_verdicts(clip.film.video, options.looked_at)
            rows[clip.name]["verdicts"] = judged(verdicts, looked[clip.name].ours, reference)
        rows[clip.name]["choices"] = {
            name: choice_row(cost, tracks, reference) for name, (cost, tracks) in chosen[clip.name].items()
        }
    faces = all(check["faces"] for check in checks)
    return {**report_graphs(checks), "faces": faces, "clips": rows}


def _draw_sheets(clip: Clip, looked: Looked, folder: Path) -> None:
    theirs = clip.reference or looked.theirs
    if theirs:
        write_sheets(clip.name, clip_pictures(clip), looked.ours, theirs, folder)


def _options(options: LandmarkBenchOptions) -> dict[str, Any]:
    return {
        "quick": options.quick,
        "rounds": 1 if options.quick else options.rounds,
        "rivals": options.rivals,
        "memory": options.memory and not options.quick,
        "device": options.device,
    }


def _notes(options: LandmarkBenchOptions, cast: Cast, result: Values) -> list[str]:
    """What was left out, and why."""
    notes = []
    if not options.rivals:
        notes.append("MediaPipe was left out.")
    if cast.our_core is None:
        notes.append("One core was left out: this system cannot keep a process to one.")
    if result["graphs"] is None:
        notes.append("TensorFlow Lite was left out: ai-edge-litert is not installed.")
    if not result["faces"]:
        notes.append(
            "The networks of expressions were left out: run `accessify models pull face-landmarker`."
        )
    return notes


def _describe(clips: Sequence[Clip]) -> dict[str, Any]:
    total = hashlib.sha256("".join(clip.sha256 for clip in clips).encode()).hexdigest()
    return {
        "name": ", ".join(clip.name for clip in clips),
        "sha256": total,
        "clips": {clip.name: clip.sha256 for clip in clips},
    }


def _formulas(result: Values) -> dict[str, str]:
    """The formula of every figure that there is."""
    there = set(result["figures"]).union(*(row["figures"] for row in result["clips"].values()))
    return {figure.name: figure.formula for figure in LANDMARKS if figure.name in there}
