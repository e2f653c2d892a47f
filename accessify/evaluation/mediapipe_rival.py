"""MediaPipe's legacy solutions over frames in memory: a script for the other environment.

It is run by a Python that has `mediapipe` and `numpy` and nothing of accessify. One JSON request a
line on standard input, one JSON answer a line on standard output:

    {"system": "holistic" or "hands", "frames": "a.npy", "save": "a.npz" or null}
    {"wall_s": 2.2, "cpu_s": 2.9, "each_s": [0.02, …]}

`frames` is uint8 [n, h, w, 3], RGB. `save` gets the landmarks of a holistic run in the layout of the
reference files (normalised, NaN where missing), of hands `hands` [n, 2, 21, 3].
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from importlib.metadata import version
from typing import Any

import numpy as np


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what native code prints must not get between the answers
    _say(
        answers,
        {"python": platform.python_version(), "mediapipe": version("mediapipe"), "numpy": np.__version__},
    )
    for line in sys.stdin:
        request = json.loads(line)
        _say(answers, _looked(request["system"], request["frames"], request["save"]))


def _say(answers: Any, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer, allow_nan=False) + "\n")
    answers.flush()


def _looked(system: str, source: str, target: str | None) -> dict[str, Any]:
    """Look at all frames with a new instance.

    It is warmed by one black frame, in which there is nothing to track: the networks are loaded, and
    tracking begins with the first real frame.
    """
    frames = np.load(source, mmap_mode="r")
    frames.max()  # every page is in memory before time is taken
    with _opened(system) as solution:
        solution.process(np.zeros(frames.shape[1:], np.uint8))
        found, each = [], []
        cpu, wall = time.process_time(), time.perf_counter()
        for frame in frames:
            began = time.perf_counter()
            found.append(solution.process(frame))
            each.append(time.perf_counter() - began)
        answer = {
            "wall_s": time.perf_counter() - wall,
            "cpu_s": time.process_time() - cpu,
            "each_s": each,
        }
    if target:
        np.savez(target, **(_holistic(found) if system == "holistic" else _hands(found)))
    return answer


def _opened(system: str) -> Any:
    import mediapipe

    if system == "holistic":
        return mediapipe.solutions.holistic.Holistic(model_complexity=1)
    return mediapipe.solutions.hands.Hands(max_num_hands=2, model_complexity=1)


def _holistic(found: list[Any]) -> dict[str, Any]:
    return {
        "pose": _points([one.pose_landmarks for one in found], 33, 4),
        "pose_world": _points([one.pose_world_landmarks for one in found], 33, 4),
        "left_hand": _points([one.left_hand_landmarks for one in found], 21, 3),
        "right_hand": _points([one.right_hand_landmarks for one in found], 21, 3),
        "face": _points([one.face_landmarks for one in found], 468, 3),
    }


def _hands(found: list[Any]) -> dict[str, Any]:
    both = [[*(one.multi_hand_landmarks or ()), None, None][:2] for one in found]
    return {"hands": np.stack([_points([pair[slot] for pair in both], 21, 3) for slot in range(2)], axis=1)}


def _points(lists: list[Any], count: int, width: int) -> Any:
    points = np.full((len(lists), count, width), np.nan, np.float32)
    for row, landmarks in zip(points, lists, strict=True):
        if landmarks is not None:
            row[:, :3] = [(point.x, point.y, point.z) for point in landmarks.landmark]
            if width == 4:
                row[:, 3] = [point.visibility for point in landmarks.landmark]
    return points


if __name__ == "__main__":
    main()
