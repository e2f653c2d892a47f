"""The live bench: how late, how steady and how right live captions are, alone and many at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accessify.core.errors import OptionError
from accessify.core.progress import OnProgress, Progress
from accessify.evaluation.live_figures import LIVE, TWENTY
from accessify.evaluation.live_material import MINUTES, PAUSE, SEED, LiveMaterial, dataset_material
from accessify.evaluation.live_report import (
    hour_figures,
    many_figures,
    over_one,
    own_figures,
    run_row,
    waiting_row,
)
from accessify.evaluation.live_runs import Runs
from accessify.evaluation.live_split import file_material
from accessify.evaluation.live_tables import WAITING
from accessify.evaluation.machine import hardware, software
from accessify.evaluation.run import work_folder
from accessify.evaluation.systems import ACCESSIFY, MOONSHINE_VOICE, require

SCHEMA = 1
"""Version of the bench file's layout."""
AT_ONCE = 180.0
"""Seconds that each of several streams is played at most; together they hear everything."""
_QUICK = 1.0
_MUCH = 0.1
"""Cores of other work that are worth a word."""
_LATE = 0.05
"""Seconds by which sound may come late without a word."""

Values = dict[str, Any]
Stage = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LiveBenchOptions:
    """How much to measure."""

    minutes: float = MINUTES
    """Sound taken from a folder, in minutes."""
    streams: tuple[int, ...] = (1, 8, 20)
    """Numbers of streams that are played at once, one run for each."""
    rival: bool = True
    """Whether moonshine-voice is played the same."""
    hour: bool = True
    """Whether one stream is listened to for an hour."""
    quick: bool = False
    """One minute, one stream, no hour: to see that it works."""
    keep: Path | None = None
    """Folder that keeps runs, and from which those that are the same are taken; None keeps nothing."""


def bench_live(
    source: Path,
    text: Path | None = None,
    options: LiveBenchOptions | None = None,
    on_progress: OnProgress | None = None,
) -> Values:
    """All figures of the live bench, ready for JSON.

    `source` is a folder of clips (`dataset`) or one sound file, whose words are in the file `text`. Raises
    `OptionError`, `FormatError` and `MediaError` for what cannot be scored and `MissingExtra` where a
    package of the `bench` or `rivals` extra is not installed.
    """
    options = options or LiveBenchOptions()

    def stage(said: str) -> None:
        if on_progress:
            on_progress(Progress(said, 0, None))

    require(("psutil", "jiwer", "whisper-normalizer", *([MOONSHINE_VOICE] if options.rival else [])))
    machine = hardware()
    with work_folder(options.keep) as work:
        stage("prepare the recording")
        material = _material(source, text, options, work)
        result = _measured(Runs(material, work), options, stage)
    return {
        "bench": "live",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "options": {**asdict(options), "keep": None, "streams": list(options.streams)},
        "hardware": machine,
        "software": software(),
        "data": _describe(source, material),
        "formulas": {one.name: one.formula for one in LIVE if one.name in result["figures"]},
        **result,
    }


def _material(source: Path, text: Path | None, options: LiveBenchOptions, work: Path) -> LiveMaterial:
    if source.is_dir():
        if text is not None:
            raise OptionError(f"{text}: a folder has its texts inside; give a text with a sound file only")
        return dataset_material(source, _QUICK if options.quick else options.minutes, cache=work)
    return file_material(source, text or source.with_suffix(".txt"), cache=work)


def _measured(runs: Runs, options: LiveBenchOptions, stage: Stage) -> Values:
    """Every run, scored."""
    counts = (1,) if options.quick else options.streams
    stage("hear it offline")
    offline = runs.offline()
    material, notes = runs.material, list[str]()
    result: Values = {"figures": {}, "intervals": {}, "systems": {}, "streams": {}, "hour": None}
    length = _length(material.seconds)
    one = None
    if 1 in counts:
        stage(f"play one stream at true pace ({length})")
        one = runs.play(ACCESSIFY, 1)
        row = run_row(one, [material])
        result["systems"][ACCESSIFY] = result["streams"]["1"] = row
        result["figures"], result["intervals"] = own_figures(one, material, offline)
        notes += _warnings(row)
    if options.rival:
        stage(f"play moonshine-voice the same ({length})")
        rival = runs.play(MOONSHINE_VOICE, 1)
        row = result["systems"][MOONSHINE_VOICE] = run_row(rival, [material])
        notes += _warnings(row, "moonshine-voice was")
    result["systems"][WAITING] = waiting_row(offline, material)
    rows: dict[int, Values] = {}
    compared: Values = {}
    for count in (count for count in counts if count > 1):
        stage(f"play {count} streams at once ({_length(min(AT_ONCE, material.seconds))})")
        run = runs.play(ACCESSIFY, count, AT_ONCE)
        parts = runs.parts(run, AT_ONCE)
        rows[count] = result["streams"][str(count)] = run_row(run, parts)
        notes += _warnings(rows[count])
        if count == TWENTY and one is not None:
            compared = over_one(run, parts, one, material)
    result["figures"] |= many_figures(rows, compared)
    if options.hour and not options.quick:
        stage("listen for an hour, as fast as it can")
        hour = runs.hour()
        result["hour"] = asdict(hour)
        result["figures"] |= hour_figures(hour)
        notes.append(f"The hour took {hour.wall_s / 60:.0f} minutes.")
    return {**result, "notes": notes}


def _warnings(row: Values, who: str = "") -> list[str]:
    """What of the machine made a run worse than the system is."""
    who = who or ("one stream was" if row["streams"] == 1 else f"{row['streams']} streams were")
    found: list[str] = []
    if row["others"] > _MUCH:
        found.append(f"While {who} played, other work took {row['others']:.1f} cores.")
    if row["late_p95"] > _LATE:
        found.append(
            f"While {who} played, sound was taken late: up to {row['late']:.1f} s, "
            f"{row['late_p95']:.2f} s for 5 % of the pieces."
        )
    return found


def _length(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02} min"


def _describe(source: Path, material: LiveMaterial) -> Values:
    recording = material.recording
    return {
        "name": source.resolve().name,
        "sha256": material.key,
        "clips": len(recording.clips),
        "speakers": len({clip.speaker for clip in recording.clips if clip.speaker}),
        "corpora": sorted({clip.corpus for clip in recording.clips}),
        "seconds": round(material.seconds, 3),
        "words": len(material.spoken),
        "words_timed": sum(word.measured for word in material.spoken),
        "joined": {"seed": SEED, "pause_s": PAUSE} if source.is_dir() else None,
    }
