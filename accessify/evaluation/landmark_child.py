"""Our own side of the landmarks bench, a process of its own: `python -m accessify.evaluation.landmark_child`.

It answers as `mediapipe_rival` does, one JSON object a line:

    {"mode": "full", "frames": "a.npy", "starts": [0, …], "rate": "25", "save": "a.npz" or null,
     "device": "cpu", "half": false}
    {"wall_s": 1.2, "cpu_s": 2.1, "each_s": [0.01, …], "graphs": {"hand_recrop": [214, 0.1], …}}

`starts` are the pictures' ticks, `rate` how many there are a second; `save` gets the poses. `each_s` is the
wait for a pose, from handing over its picture, and is given in modes that wait for each; `graphs` is how
often each network ran and the seconds it took with its crop, in the mode `stages`. With `"hold": true`,
`{"ready": true}` is answered first and the pictures wait for a further line.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import AccessifyError
from accessify.core.pose import PoseClip, PoseFrame
from accessify.core.timeline import Rate
from accessify.core.video import Frame
from accessify.delivery.pose_npz import write_npz
from accessify.engines.holistic import Holistic, HolisticOptions, open_networks, worker_count
from accessify.engines.networks import Networks
from accessify.evaluation.graph_check import check_graphs
from accessify.evaluation.landmark_choices import CHOICES, USUAL, Cost, run_choices
from accessify.hub.graphs import HOLISTIC, graph_files
from accessify.tracking.graphs import Graph, Look
from accessify.tracking.holistic import CALM, Smoothing, skeleton_of
from accessify.tracking.regions import Region

FULL, HANDS, LIVE, STAGES, SHARED, SMOOTH = "full", "hands", "live", "stages", "shared", "smooth"
GRAPHS = "graphs"
"""The mode in which single networks are compared (`graph_check`)."""
CHOSEN = "choices"
"""The mode in which every choice is run; its poses land in the folder `save`, numbered in their order."""
WARM_UP = 2
"""Pictures looked at before time is taken, by a landmarker of their own."""

MODES: Mapping[str, HolisticOptions] = MappingProxyType(
    {
        FULL: HolisticOptions(),
        HANDS: HolisticOptions(hands_only=True),
        LIVE: HolisticOptions(ahead=0),
        STAGES: HolisticOptions(ahead=0, workers=1),
        SHARED: HolisticOptions(workers=max(1, worker_count(HolisticOptions()) // 2)),
        SMOOTH: HolisticOptions(smoothing=Smoothing(hands=CALM, face=CALM)),
    }
)
"""How the landmarker is set up; `SHARED` leaves half of the cores to a second process."""


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what native code prints must not get between the answers

    def hold() -> None:
        _say(answers, {"ready": True})
        sys.stdin.readline()

    _say(answers, {"python": platform.python_version()})
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        try:
            answer = _ANSWERS.get(request["mode"], _looked)(request, hold)
        except AccessifyError as error:
            answer = {"error": error.message}
        _say(answers, answer)


def _say(answers: Any, answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer, allow_nan=False) + "\n")
    answers.flush()


def _looked(request: Mapping[str, Any], hold: Callable[[], None]) -> dict[str, Any]:
    """Look at all frames with a new landmarker on networks that are warm."""
    options = replace(MODES[request["mode"]], device=request["device"])
    networks = _networks(options, request["half"])
    pictures = _pictures(request)
    _timed(networks, options, pictures[:WARM_UP])
    if request.get("hold"):
        hold()
    watch = Stopwatch(networks)
    poses, answer = _timed(watch if request["mode"] == STAGES else networks, options, pictures)
    if request["mode"] == STAGES:
        answer["graphs"] = {name: [watch.calls[name], watch.seconds[name]] for name in watch.calls}
    if request["save"]:
        _keep(poses, options, Rate(Fraction(request["rate"])), pictures[0].size, Path(request["save"]))
    return answer


def _chosen(request: Mapping[str, Any], _: Callable[[], None]) -> dict[str, Any]:
    """Run every choice on all frames."""
    pictures, rate = _pictures(request), Rate(Fraction(request["rate"]))

    def once(name: str, choice: HolisticOptions) -> Cost:
        options = replace(choice, device=request["device"])
        networks = _networks(options, half=False)
        _timed(networks, options, pictures[:WARM_UP])
        poses, took = _timed(networks, options, pictures)
        number = [USUAL, *CHOICES].index(name)
        _keep(poses, options, rate, pictures[0].size, Path(request["save"]) / f"{number}.npz")
        return Cost(took["wall_s"] / len(pictures), took["cpu_s"] / len(pictures))

    return run_choices(once)


_ANSWERS: Mapping[str, Callable[[Mapping[str, Any], Callable[[], None]], dict[str, Any]]] = MappingProxyType(
    {GRAPHS: lambda request, _: check_graphs(request), CHOSEN: _chosen}
)
"""Mode → what answers; all others are looks."""


def _pictures(request: Mapping[str, Any]) -> list[Frame]:
    frames = np.load(request["frames"], mmap_mode="r")
    frames.max()  # every page is in memory before time is taken
    return [Frame(np.asarray(image), start) for image, start in zip(frames, request["starts"], strict=True)]


def _keep(
    poses: Sequence[PoseFrame], options: HolisticOptions, rate: Rate, size: tuple[int, int], target: Path
) -> None:
    skeleton = skeleton_of(hands_only=options.hands_only, face=options.face)
    write_npz(PoseClip.of(poses, skeleton, rate, size), target)


def _networks(options: HolisticOptions, half: bool) -> Networks:
    workers = None if options.ahead else options.workers  # elsewhere it changes nothing in a network
    return _opened(HolisticOptions(device=options.device, workers=workers, ahead=min(options.ahead, 1)), half)


@cache
def _opened(options: HolisticOptions, half: bool) -> Networks:
    """Opened once for all modes that run them alike."""
    return open_networks(graph_files(HOLISTIC, half=half), options)


def _timed(
    look: Look, options: HolisticOptions, pictures: Sequence[Frame]
) -> tuple[list[PoseFrame], dict[str, Any]]:
    poses: list[PoseFrame] = []
    each: list[float] = []
    with closing(Holistic(look, options)) as landmarker:
        cpu, wall = time.process_time(), time.perf_counter()
        for picture in pictures:
            began = time.perf_counter()
            poses += landmarker.push(picture)
            each.append(time.perf_counter() - began)
        poses += landmarker.finish()
        answer: dict[str, Any] = {
            "wall_s": time.perf_counter() - wall,
            "cpu_s": time.process_time() - cpu,
        }
    if options.ahead == 0:  # else a picture handed over is not one that was looked at
        answer["each_s"] = each
    return poses, answer


class Stopwatch:
    """A `Look` that times what it passes on, network by network."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.calls: dict[str, int] = defaultdict(int)
        self.seconds: dict[str, float] = defaultdict(float)

    def __call__(
        self, graph: Graph, image: NDArray[np.uint8], region: Region
    ) -> tuple[NDArray[np.float32], ...]:
        began = time.perf_counter()
        outputs = self._look(graph, image, region)
        self.seconds[graph.name] += time.perf_counter() - began
        self.calls[graph.name] += 1
        return outputs


if __name__ == "__main__":
    main()
