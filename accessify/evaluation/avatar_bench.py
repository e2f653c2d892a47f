"""The avatar bench: notation, landmarks on the figure, letters read back, speed."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accessify.avatar.proportions import figure_proportions
from accessify.core.errors import NoOpenGL
from accessify.core.motion import Motion
from accessify.core.progress import OnProgress, Progress
from accessify.evaluation.avatar_figures import AVATAR, NOTATION
from accessify.evaluation.letter_round_trip import VIEWS, confused, round_trips
from accessify.evaluation.machine import hardware, software
from accessify.evaluation.notation_bench import bench_notation, read_strings, score_strings
from accessify.evaluation.render_speed import render_speeds
from accessify.evaluation.retarget_error import bench_retarget
from accessify.hub.cache import sha256_of
from accessify.pipelines.figures import figure
from accessify.pipelines.sign import SignOptions, sign
from accessify.render.camera import framing
from accessify.render.draw import Stage

SCHEMA = 2
"""Version of the bench file's layout."""
_PACKAGES = ("accessify", "numpy", "moderngl", "av", "opencv-python", "onnxruntime")
_SENTENCES = (
    "My name is Anna.",
    "Where do you live?",
    "We start at nine.",
    "I do not know him.",
    "Thank you very much!",
)
_FOLLOWED = {
    "retarget_direction": "direction_mean",
    "retarget_direction_median": "direction_median",
    "retarget_direction_most": "direction_most",
    "retarget_palm": "palm_mean",
    "retarget_palm_median": "palm_median",
    "retarget_palm_most": "palm_most",
    "retarget_bones": "bones_mean",
    "retarget_limits": "beyond_limits",
    "retarget_depth": "deepest",
}
"""Figure → its name in the bench of landmarks."""
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AvatarBenchOptions:
    """What is measured; every file may be left out."""

    reference: tuple[Path, Path] | None = None
    """The .npz and .csv of reference signs."""
    strings: Path | None = None
    """HamNoSys to read, without a reference."""
    clips: tuple[Path, ...] = ()
    """Files of landmarks."""
    quick: bool = False
    """Fewer pictures: to see that it works."""


def bench_avatar(options: AvatarBenchOptions, on_progress: OnProgress | None = None) -> Values:
    """All figures of the avatar bench, ready for JSON.

    Where nothing can draw, the figures that need pictures are left out and the notes say so. Raises
    `FormatError` for a file that cannot be scored.
    """

    def stage(text: str) -> None:
        if on_progress:
            on_progress(Progress(text, 0, None))

    machine = hardware()
    result: Values = {"figures": {}, "notation": None, "retarget": None, "letters": None, "renderer": ""}
    notes: list[str] = []
    if options.reference:
        _notation(options, options.reference, result, stage)
    elif options.strings:
        stage("sign the notation")
        strings = score_strings(read_strings(options.strings), figure_proportions())
        result["notation"] = {"strings": strings}
        result["figures"] |= _of_strings(strings)
    if options.clips:
        stage("put landmarks on the figure")
        result["retarget"] = bench_retarget(options.clips)
        found = result["retarget"]["figures"]
        result["figures"] |= {name: found[key] for name, key in _FOLLOWED.items() if key in found}
    try:
        _drawn(options, result, stage)
    except NoOpenGL as error:
        notes.append(f"Nothing drawn: {error}.")
    return {
        "bench": "avatar",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "options": {"quick": options.quick},
        "hardware": machine,
        "software": software(_PACKAGES),
        "data": _data(options),
        "models": {},
        "notes": [*notes, f"Drawn by {result['renderer']}."] if result["renderer"] else notes,
        "formulas": {one.name: one.formula for one in AVATAR if one.name in result["figures"]},
        **result,
    }


def _notation(
    options: AvatarBenchOptions, reference: tuple[Path, Path], result: Values, stage: Callable[[str], None]
) -> None:
    stage("sign the notation")
    bench = bench_notation(*reference, options.strings)
    values = {**bench["figures"], **_of_strings(bench["strings"])}
    result["figures"] |= {one.name: values[one.name] for one in NOTATION}
    result["notation"] = {name: bench[name] for name in ("signs", "kinds", "strings")}
    # Of other people's signs only their names go into a file that is published, not what was written.
    result["notation"]["worst"] = [
        {"gloss": row["gloss"], **{stage: row[stage]["position"] for stage in ("first", "path")}}
        for row in bench["worst"]
    ]


def _of_strings(strings: Values) -> Values:
    return {
        "strings_whole": 100 * strings["whole"],
        "strings_clean": 100 * strings["clean"],
        "strings_failed": len(strings["failed"]),
    }


def _drawn(options: AvatarBenchOptions, result: Values, stage: Callable[[str], None]) -> None:
    stage("draw")
    character = figure().character
    speeds = render_speeds(character, pictures=30 if options.quick else 100, rounds=1 if options.quick else 3)
    result["renderer"], result["triangles"] = speeds.renderer, speeds.triangles
    result["figures"] |= speeds.values
    stage("from text to the first picture")
    result["figures"]["start"] = _start()
    stage("read the avatar's letters")
    trips = round_trips(views=VIEWS[:1]) if options.quick else round_trips()
    result["figures"]["round_trip"] = 100 * statistics.mean(trip.right for trip in trips)
    result["figures"]["round_trip_hands"] = 100 * statistics.mean(trip.found for trip in trips)
    result["letters"] = {
        "views": [
            {"view": str(trip.view), "right": trip.right, "found": trip.found, "wrong": trip.wrong}
            for trip in trips
        ],
        "confused": [[*pair, times] for pair, times in confused(trips).items()],
    }


def _start() -> float:
    """Median seconds from a text to its first picture."""
    character = figure().character
    options = SignOptions()
    times = []
    with Stage(character, (1280, 720)) as stage:
        for text in ("Warm up.", *_SENTENCES):
            begun = time.perf_counter()
            motion = sign(text, options).motion
            camera = framing(character, motion, stage.size)
            next(iter(stage.draw(_beginning(motion, 2), camera)))
            times.append(time.perf_counter() - begun)
    return statistics.median(times[1:])


def _beginning(motion: Motion, pictures: int) -> Motion:
    """The first pictures of a movement."""
    return replace(
        motion,
        rotations=motion.rotations[:pictures],
        hips=motion.hips[:pictures],
        expressions=motion.expressions[:pictures],
    )


def _data(options: AvatarBenchOptions) -> Values:
    paths = [*(options.reference or ()), *([options.strings] if options.strings else ()), *options.clips]
    files = {path.name: sha256_of(path) for path in paths}
    shown = [path.name for path in (*(options.reference or ())[:1], *filter(None, [options.strings]))]
    clips = [f"{len(options.clips)} clips"] if options.clips else []
    return {
        "name": ", ".join((*shown, *clips)) or "made up",
        "sha256": hashlib.sha256("".join(files.values()).encode()).hexdigest(),
        "files": files,
    }
