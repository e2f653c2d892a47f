"""One step of the Whisper bench in a process of its own: `python -m …whisper_child REQUEST`.

REQUEST is a JSON file: work (`hear`, `export`, `convert`), what that needs, and result (a file).
A fresh process gives every system the same empty memory, and its high-water mark is that of this system.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.errors import AccessifyError
from accessify.core.placing import placed
from accessify.evaluation.live_child import keep_to
from accessify.evaluation.matching import bench_package
from accessify.evaluation.whisper_ctranslate import convert_whisper
from accessify.evaluation.whisper_systems import open_system
from accessify.hub.export_whisper import Export, export_whisper
from accessify.hub.whisper_quantize import Precision


def main(request: Path) -> None:
    """Do what `request` asks and put the answer where it says."""
    asked = json.loads(request.read_text("utf-8"))
    keep_to(asked["threads"])
    try:
        answer = {"hear": hear, "export": export, "convert": convert}[asked["work"]](asked)
    except AccessifyError as error:
        answer = {"error": error.message}
    with placed(Path(asked["result"])) as temporary:
        temporary.write_text(json.dumps(answer), "utf-8")


def hear(asked: dict[str, Any]) -> dict[str, Any]:
    """Seconds of each call on a batch of windows, tokens of each window, peak memory in bytes."""
    began = time.perf_counter()
    windows = np.load(asked["windows"])[: asked["batch"]]
    system = open_system(asked["system"], Path(asked["model"]), asked["batch"], asked["threads"])
    tokens = system(windows[:1])  # not counted: what is set up when it is first needed
    ready = time.perf_counter() - began
    seconds = []
    for _ in range(asked["calls"]):
        began = time.perf_counter()
        tokens += system(windows)
        seconds.append(time.perf_counter() - began)
    return {"ready_s": ready, "seconds": seconds, "tokens": tokens, "peak": peak_memory()}


def export(asked: dict[str, Any]) -> dict[str, Any]:
    """Export as `accessify models export whisper` does; seconds, peak memory in bytes, and what it weighs."""
    began = time.perf_counter()
    folder = Path(asked["folder"])
    export_whisper(Path(asked["model"]), folder, Export(Precision(asked["precision"])))
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "peak": peak_memory(), "bytes": _weight(folder)}


def convert(asked: dict[str, Any]) -> dict[str, Any]:
    """Make faster-whisper's folder."""
    folder = convert_whisper(Path(asked["model"]), Path(asked["folder"]), asked["precision"])
    return {"bytes": _weight(folder)}


def peak_memory() -> int:
    """The most memory (resident set size, bytes) that this process has had.

    `getrusage` would tell no less than the process had that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    info = bench_package("psutil").Process().memory_info()
    return int(getattr(info, "peak_wset", info.rss))  # Windows; macOS tells only what it has now


def _weight(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
