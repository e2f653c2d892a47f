"""One live run in a process of its own: `python -m accessify.evaluation.live_child REQUEST`.

REQUEST is a JSON file: system, file (16 kHz WAV), streams (for each, the number of its first clip and the
stretches of the file that it is played, in ticks), cores to keep to, long (seconds of one stream, None for
true pace), result (file that is written).
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.errors import AccessifyError
from accessify.core.placing import placed
from accessify.core.timeline import Span
from accessify.evaluation.companion import own_cores
from accessify.evaluation.live_events import ChangeLog, run_to_json
from accessify.evaluation.live_play import Sound, play_live, play_long, warm_up
from accessify.evaluation.live_systems import LiveSystem, open_live
from accessify.evaluation.matching import bench_package
from accessify.evaluation.systems import read_wav
from accessify.pipelines.live import LiveStream


def main(request: Path) -> None:
    """Do what `request` asks."""
    asked = json.loads(request.read_text("utf-8"))
    keep_to(asked["cores"])
    system: LiveSystem | None = None  # outlives the result: some libraries crash when they are freed
    try:
        system = open_live(asked["system"])
        answer = _played(system, asked)
    except AccessifyError as error:
        answer = {"error": error.message}
    with placed(Path(asked["result"])) as temporary:
        temporary.write_text(json.dumps(answer), "utf-8")
    if system is not None:
        system.close()


def keep_to(cores: int | None) -> None:
    """Use this many of our cores only, where the system can do that."""
    ours = own_cores()
    if cores and len(ours) > cores:
        bench_package("psutil").Process().cpu_affinity(ours[:cores])


def _played(system: LiveSystem, asked: dict[str, Any]) -> dict[str, Any]:
    audio = read_wav(Path(asked["file"]))
    sounds = [
        Sound(np.concatenate([audio.cut(Span(*span)).samples for span in spans]), first)
        for first, spans in asked["streams"]
    ]
    warm_up(system, sounds[0])
    if asked["long"] is None:
        return run_to_json(play_live(asked["system"], system, sounds))
    log = ChangeLog(time.perf_counter())
    stream = system.open(log)
    assert isinstance(stream, LiveStream)  # noqa: S101 - only accessify is played an hour
    return asdict(play_long(stream, log, sounds[0], asked["long"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
