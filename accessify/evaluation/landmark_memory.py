"""Peak memory of `accessify landmarks` on a minute and on ten minutes of 1280 × 720."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from accessify.core.errors import AccessifyError
from accessify.evaluation.landmark_material import Clip, clip_pictures
from accessify.evaluation.measuring import last_line, run_watched
from accessify.evaluation.repeated_film import write_repeated

SHORT, LONG = 60, 600
"""Seconds."""
_EVERY = 0.1
"""Seconds between two samples of the memory."""


def memory_figures(
    clip: Clip, folder: Path, stage: Callable[[str], None], device: str = "cpu"
) -> dict[str, float]:
    """The figures of memory; the films are made of `clip` and removed again.

    Raises `AccessifyError` with the command's own words where it fails.
    """
    peaks = []
    for length in (SHORT, LONG):
        stage(f"memory, {length // 60} min")
        peaks.append(_peak(clip, length, folder, device))
    short, long = peaks
    return {"memory_1_min": short / 1e6, "memory_10_min": long / 1e6, "memory_growth": long / short}


def _peak(clip: Clip, length: int, folder: Path, device: str) -> int:
    film, poses, complaint = (folder / f"memory{suffix}" for suffix in (".mp4", ".pose", ".txt"))
    write_repeated(clip_pictures(clip), clip.rate, length, film)
    command = [sys.executable, "-m", "accessify", "landmarks", str(film), "-o", str(poses)]
    peak, code = run_watched([*command, "--device", device, "--progress", "none"], complaint, _EVERY)
    if code:
        raise AccessifyError(f"accessify landmarks failed on a film of {length} s: {last_line(complaint)}")
    for path in (film, poses, complaint):
        path.unlink()
    return peak
