"""One system over some files, in a process of its own: `python -m accessify.evaluation.child REQUEST`.

A fresh process gives every system the same empty memory, and one that crashes on its way out (some
native libraries do) has already put its result in place.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from accessify.core.errors import AccessifyError
from accessify.core.placing import placed
from accessify.evaluation.matching import bench_package
from accessify.evaluation.systems import Job, Prepare, open_system


def main(request: Path) -> None:
    """Do what the JSON file `request` asks (see `measuring.measure`) and put the result where it says."""
    asked = json.loads(request.read_text("utf-8"))
    started = time.perf_counter()
    prepare: Prepare | None = None  # outlives the result: some libraries crash when they are freed
    try:
        prepare = open_system(asked["system"], Path(asked["outputs"]))
        if asked["warm_up"]:
            prepare(Path(asked["warm_up"]))()
        ready = time.perf_counter() - started
        answer = {"ready_s": ready, "runs": [_timed(prepare(Path(path))) for path in asked["files"]]}
    except AccessifyError as error:
        answer = {"error": error.message}
    with placed(Path(asked["result"])) as temporary:
        temporary.write_text(json.dumps(answer), "utf-8")


def _timed(job: Job) -> dict[str, Any]:
    cpu, wall = cpu_seconds(), time.perf_counter()
    words = job()
    wall = time.perf_counter() - wall
    return {
        "wall_s": wall,
        "cpu_s": cpu_seconds() - cpu,
        "words": [[word.span.start, word.span.end, word.text] for word in words],
    }


def cpu_seconds() -> float:
    """CPU time used so far by this process, its living descendants and those that it has waited for."""
    psutil = bench_package("psutil")
    process = psutil.Process()
    used = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            used += sum(one.cpu_times()[:4])  # user, system, and both of children that have ended
        except psutil.NoSuchProcess:
            continue
    return used


if __name__ == "__main__":
    main(Path(sys.argv[1]))
