"""From what the systems saw and how long it took to the figures of the bench file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

import numpy as np

from accessify.evaluation.landmark_error import (
    VISIBLE,
    Finds,
    body_error,
    finds,
    hand_error,
    largest_distance,
    mean_distance,
    median_distance,
)
from accessify.evaluation.landmark_figures import HALF_GATE
from accessify.evaluation.landmark_jitter import Jitter, calming, jitter
from accessify.evaluation.landmark_material import Clip
from accessify.evaluation.landmark_rounds import (
    HOLISTIC,
    HOLISTIC_CORE,
    OUR_CORE,
    OUR_HANDS,
    OUR_LIVE,
    OUR_PAIR,
    OUR_STAGES,
    OURS,
    RIVAL_HANDS,
    Looked,
    Run,
)
from accessify.evaluation.landmark_tracks import SIDES, Tracks, found
from accessify.tracking.graphs import BODY_LANDMARKS

Values = dict[str, Any]

_COMPARED = {
    "speed": (OURS, HOLISTIC),
    "speed_one_core": (OUR_CORE, HOLISTIC_CORE),
    "speed_two_processes": (OUR_PAIR, HOLISTIC),
    "speed_hands": (OUR_HANDS, RIVAL_HANDS),
}
"""Figure → the systems whose pictures a second are compared."""


def report_clip(clip: Clip, looked: Looked, runs: Mapping[str, Sequence[Run]]) -> Values:
    """Everything about one clip."""
    parity = compare(looked.ours, clip.reference or looked.theirs)
    figures = speed_figures(runs) | parity.pop("figures") | _other_figures(clip, looked)
    return {
        "frames": len(clip),
        "size": list(clip.size),
        "fps": float(clip.rate.fps),
        "reference": "file" if clip.reference else "mediapipe of this run" if looked.theirs else None,
        "figures": figures,
        **parity,
        "hands_only": _hands_only(looked),
        "systems": {system: system_row(taken) for system, taken in runs.items()},
        "stages": stages(runs.get(OUR_STAGES, ())),
    }


def speed_figures(runs: Mapping[str, Sequence[Run]]) -> Values:
    """Ratios round by round, and the latency."""
    figures: Values = {}
    for name, (ours, theirs) in _COMPARED.items():
        if ours in runs and theirs in runs:
            pairs = zip(runs[ours], runs[theirs], strict=True)
            figures[name] = median(mine.fps / other.fps for mine, other in pairs)
            if name == "speed":
                pairs = zip(runs[ours], runs[theirs], strict=True)
                figures["speed_settled"] = median(mine.fps / other.settled_fps for mine, other in pairs)
    waits = [1000 * np.array(run.each_s) for run in runs.get(OUR_LIVE, ())]
    if waits:
        figures["latency_p50"] = median(float(np.percentile(wait, 50)) for wait in waits)
        figures["latency_p95"] = median(float(np.percentile(wait, 95)) for wait in waits)
    return figures


def system_row(runs: Sequence[Run]) -> Values:
    """One system on one clip."""
    row: Values = {
        "fps": median(run.fps for run in runs),
        "cpu_ms": median(1000 * run.cpu_s / run.frames for run in runs),
        "wall_s": [run.wall_s for run in runs],
    }
    waits = [1000 * np.array(run.each_s) for run in runs if run.each_s]
    if waits:
        row["wait_p50_ms"] = median(float(np.percentile(wait, 50)) for wait in waits)
        row["wait_p95_ms"] = median(float(np.percentile(wait, 95)) for wait in waits)
    return row


def stages(runs: Sequence[Run]) -> Values:
    """Milliseconds a picture of each network, crop included, and of all the rest, one after another."""
    if not runs:
        return {}
    rows: Values = {}
    for name in runs[0].graphs:
        rows[name] = {
            "ms": median(1000 * run.graphs[name][1] / run.frames for run in runs),
            "runs": runs[0].graphs[name][0] / runs[0].frames,
        }
    rest = [run.wall_s - sum(taken for _, taken in run.graphs.values()) for run in runs]
    rows["rest"] = {"ms": median(1000 * one / run.frames for one, run in zip(rest, runs, strict=True))}
    return dict(sorted(rows.items(), key=lambda row: -row[1]["ms"] if row[0] != "rest" else 1))


def compare(ours: Tracks, theirs: Tracks | None) -> Values:
    """Parity with the reference: figures, and the counts and values behind them."""
    if theirs is None:
        return {"figures": {}, "hands": {}, "jitter": {}}
    figures: Values = {}
    body, face = body_error(ours, theirs), mean_distance(ours.face, theirs.face)
    if body:
        figures["body_error"] = body[1]
    if face is not None:
        figures["face_error"] = face
    hands: Values = {}
    for side in SIDES:
        who, error = finds(ours.hand(side), theirs.hand(side)), hand_error(ours.hand(side), theirs.hand(side))
        hands[side] = _found_row(who) | (asdict(error) if error else {})
        if error:
            figures |= {
                f"{side}_median": error.median_px,
                f"{side}_close": error.close_percent,
                f"{side}_box": error.box_percent,
            }
    figures["hands_more"] = sum(hands[side]["ours"] - hands[side]["theirs"] for side in SIDES)
    trembling = _trembling(ours, theirs)
    if trembling:
        figures["jitter"] = max(one.ratio for one in trembling.values())
    return {
        "figures": figures,
        "body_px": body[0] if body else None,
        "hands": hands,
        "jitter": {part: asdict(one) | {"ratio": one.ratio} for part, one in trembling.items()},
    }


def _trembling(ours: Tracks, theirs: Tracks) -> dict[str, Jitter]:
    parts = {
        "body": jitter(ours.body, theirs.body, theirs.visibility >= VISIBLE),
        "left": jitter(ours.left, theirs.left),
        "right": jitter(ours.right, theirs.right),
        "face": jitter(ours.face, theirs.face),
    }
    return {part: one for part, one in parts.items() if one}


def _found_row(who: Finds) -> Values:
    return asdict(who) | {"ours": who.ours, "theirs": who.theirs}


def _other_figures(clip: Clip, looked: Looked) -> Values:
    figures: Values = {}
    calm = calming([looked.ours.left, looked.ours.right], [looked.smoothed.left, looked.smoothed.right])
    if calm:
        figures |= {
            "smoothing_jitter": calm.jitter_ratio,
            "smoothing_lag": calm.lag_px,
            "smoothing_lag_frames": calm.lag_frames,
        }
    if clip.reference and looked.theirs:
        away, alone = largest_distance(looked.theirs, clip.reference)
        figures |= {"rival_repeats": away} if away is not None else {}
        figures["rival_finds"] = alone
    counts = _hands_only(looked)
    if "theirs" in counts:
        figures["hands_only_more"] = counts["ours"] - counts["theirs"]
    half = [
        median_distance(one, other)
        for one, other in (
            (looked.half.body, looked.ours.body),
            (looked.half.left, looked.ours.left),
            (looked.half.right, looked.ours.right),
            (looked.half.face, looked.ours.face),
        )
    ]
    known = [distance for distance in half if distance is not None]
    if known:
        figures["half_error"] = max(known)
    return figures


def _hands_only(looked: Looked) -> Values:
    """Hands found in all pictures without a body."""
    ours = sum(int(found(looked.our_hands.hand(side)).sum()) for side in SIDES)
    if looked.their_hands is None:
        return {"ours": ours}
    return {"ours": ours, "theirs": int(np.isfinite(looked.their_hands).all(axis=(2, 3)).sum())}


def report_graphs(checks: Sequence[Mapping[str, Any]]) -> Values:
    """What the checks of single networks on all clips come to: the worst error, the median pace."""
    half = {name: _half_row(rows) for name, rows in _by_network([check["half"] for check in checks]).items()}
    figures = {"half_moves": max(row["mean_px"] for row in half.values())} if half else {}
    if any(check["tflite"] is None for check in checks):
        return {"figures": figures, "graphs": None, "half": half}
    tflite = _by_network([check["tflite"] for check in checks])
    graphs = {name: _graph_row(rows) for name, rows in tflite.items()}
    figures |= {
        "graph_error": 1e6 * max(row["error"] for row in graphs.values()),
        "graph_error_fast": 1e6 * max(row["fast_error"] for row in graphs.values()),
        "graph_error_own": 1e6 * max(row["own_error"] for row in graphs.values()),
        "graph_pace": max(row["ratio"] for row in graphs.values()),
    }
    if BODY_LANDMARKS.name in graphs:
        figures["graph_pace_body"] = graphs[BODY_LANDMARKS.name]["ratio"]
    return {"figures": figures, "graphs": graphs, "half": half}


def _by_network(checks: Sequence[Mapping[str, Values]]) -> dict[str, list[Values]]:
    """Network → its rows of all clips that it ran in and found something in."""
    found_rows: dict[str, list[Values]] = {}
    for check in checks:
        for name, row in check.items():
            if row.get("mean_px", 0.0) is not None:
                found_rows.setdefault(name, []).append(row)
    return found_rows


def _half_row(rows: Sequence[Values]) -> Values:
    mean = max(row["mean_px"] for row in rows)
    return {
        "mean_px": mean,
        "largest_px": max(row["largest_px"] for row in rows),
        "allowed_px": HALF_GATE,
        "passed": mean <= HALF_GATE,
    }


def _graph_row(rows: Sequence[Mapping[str, Any]]) -> Values:
    """One network over all clips; errors are those of the worst output, and of each."""
    errors = {
        which: {name: max(row[f"{which}s"][name] for row in rows) for name in rows[0][f"{which}s"]}
        for which in ("error", "fast_error", "own_error")
    }
    return {
        **{which: max(each.values()) for which, each in errors.items()},
        **{f"{which}s": each for which, each in errors.items()},
        "crops": sum(row["crops"] for row in rows),
        **{name: median(row[name] for row in rows) for name in ("ours_ms", "tflite_ms", "ratio")},
    }
