"""From runs and landmarks to figures and tables, counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from accessify.engines.holistic import HolisticOptions
from accessify.evaluation.graph_check import Crops, moved, paces, points, relative_error, relative_errors
from accessify.evaluation.landmark_choices import CHOICES, USUAL, Cost, choice_row, run_choices
from accessify.evaluation.landmark_figures import CLIP_TARGETS, CLIPS, HALF_GATE, LANDMARKS, figure_for
from accessify.evaluation.landmark_report import (
    compare,
    report_graphs,
    speed_figures,
    stages,
    system_row,
)
from accessify.evaluation.landmark_rounds import (
    HOLISTIC,
    OUR_HANDS,
    OUR_LIVE,
    OUR_PAIR,
    OURS,
    RIVAL_HANDS,
    Run,
)
from accessify.evaluation.landmark_tables import PARTS, figures_rows, run_rows
from accessify.evaluation.landmark_tracks import Tracks
from accessify.evaluation.tables import PARTS as DOCUMENT_PARTS
from accessify.evaluation.tables import fill


def run(wall: float, *, frames: int = 100, **more: Any) -> Run:
    return Run(wall, 2 * wall, frames, **more)


# speed


def test_ratios_are_taken_round_by_round() -> None:
    runs = {
        OURS: [run(1.0), run(2.0), run(1.0)],
        # 2, 1.5 and 1.5 times; all but the first: 98 pictures in 1.96 and 98 in 0.98 s
        HOLISTIC: [run(2.0, each_s=(0.03, 0.01)), run(3.0), run(1.5, each_s=(0.5, 0.02, 0.01))],
        OUR_HANDS: [run(0.5)] * 3,
        RIVAL_HANDS: [run(1.0)] * 3,
        OUR_PAIR: [run(1.0, frames=200)] * 3,  # 200 fps beside 50, 33 and 67
    }
    figures = speed_figures(runs)
    assert figures["speed"] == pytest.approx(1.5)
    assert figures["speed_settled"] == pytest.approx(1.5)  # 2.0, 1.5 and 1.0 times
    assert figures["speed_hands"] == pytest.approx(2.0)
    assert figures["speed_two_processes"] == pytest.approx(4.0)
    assert "speed_one_core" not in figures
    assert "latency_p95" not in figures


def test_latency_is_the_median_of_the_rounds_percentiles() -> None:
    waits = tuple(number / 1000 for number in range(101))  # 0 to 100 ms
    figures = speed_figures({OUR_LIVE: [run(1, each_s=waits), run(1, each_s=waits), run(1, each_s=(9.0,))]})
    assert figures == {"latency_p50": pytest.approx(50), "latency_p95": pytest.approx(95)}


def test_a_row_of_a_system() -> None:
    row = system_row([run(2.0), run(1.0), run(4.0, each_s=(0.01, 0.03))])
    assert row == {
        "fps": 50.0,
        "cpu_ms": pytest.approx(40),  # 2 × 2 s for 100 pictures
        "wall_s": [2.0, 1.0, 4.0],
        "wait_p50_ms": pytest.approx(20),
        "wait_p95_ms": pytest.approx(29),
    }


def test_what_no_network_takes_is_the_rest() -> None:
    graphs = {"face_landmark": (100, 0.2), "hand_landmark_full": (150, 0.9)}
    table = stages([run(1.5, graphs=graphs)])
    assert list(table) == ["hand_landmark_full", "face_landmark", "rest"]
    assert table["hand_landmark_full"] == {"ms": pytest.approx(9), "runs": 1.5}
    assert table["rest"]["ms"] == pytest.approx(4)
    assert stages(()) == {}


# parity


def tracks(shift: float = 0.0, *, without_left: slice | None = None, trembles: float = 1.0) -> Tracks:
    """Six pictures of a person who trembles by a pixel, off by `shift`."""
    beat = trembles * np.array([0.0, 1.0] * 3)[:, None, None]

    def part(count: int) -> np.ndarray:
        grid = np.column_stack([np.arange(count) * 2.0, np.zeros(count)])
        return grid + beat * (0, 1) + (shift, 0)

    body, left = part(33), part(21)
    if without_left is not None:
        left[without_left] = np.nan
    return Tracks(body, np.ones((6, 33)), left, part(21), part(468))


def test_parity_of_a_clip() -> None:
    found = compare(tracks(0.25, trembles=1.5), tracks(without_left=slice(0, 2)))
    figures = found["figures"]
    # every other picture is higher by 0.5 px, all are off by 0.25 px
    off = (0.25 + (0.25**2 + 0.5**2) ** 0.5) / 2
    assert figures["body_error"] == pytest.approx(100 * off / 2)  # shoulders 2 px apart
    assert figures["face_error"] == pytest.approx(off)
    assert figures["right_box"] == pytest.approx(100 * off / 40)  # 20 steps of 2 px
    assert figures["right_close"] == 50
    assert figures["hands_more"] == 2
    assert figures["jitter"] == pytest.approx(1.5)
    assert (found["hands"]["left"]["both"], found["hands"]["left"]["only_ours"]) == (4, 2)
    assert found["jitter"]["left"]["theirs_px"] == pytest.approx(2)
    assert compare(tracks(), None) == {"figures": {}, "hands": {}, "jitter": {}}


# single networks


def test_errors_are_relative_to_the_largest_value_of_an_output() -> None:
    theirs = [{"output0": np.array([1.0, -8.0]), "output1": np.array([0.0])}] * 2
    ours = [theirs[0], {"output0": np.array([1.5, -8.0]), "output1": np.array([0.0])}]
    assert relative_errors(ours, theirs) == {"output0": 0.5 / 8, "output1": 0.0}
    large = [{"output0": np.array([1.0, 100.0])}, {"output0": np.array([1.0, 2.0])}]
    assert relative_errors([large[0], {"output0": np.array([1.5, 2.0])}], large) == {"output0": 0.25}
    assert relative_error(np.array([2e-9]), np.array([1e-9])) == pytest.approx(1e-9)  # a presence


def test_points_are_taken_out_of_each_kind_of_output() -> None:
    hand = points("hand_landmark_full", {"output0": np.arange(63.0, dtype=np.float32).reshape(1, 63)})
    assert hand.shape == (21, 2)
    assert hand[1].tolist() == [3, 4]
    assert points("pose_landmark_full", {"output0": np.zeros((1, 195), np.float32)}).shape == (39, 2)
    palms = np.arange(36.0, dtype=np.float32).reshape(1, 2, 18)  # x, y, w, h and 7 keypoints each
    places = points("palm_detection_full", {"output0": palms})
    assert places.shape == (2, 8, 2)
    assert places[0, :2].tolist() == [[0, 1], [4, 5]]


def test_only_what_a_detector_is_sure_of_counts() -> None:
    def outputs(shift: float) -> dict[str, np.ndarray]:
        boxes = np.zeros((1, 3, 18), np.float32)
        boxes[0, 1] = shift  # by the diagonal
        boxes[0, 2] = 99 * shift
        return {"output0": boxes, "output1": np.array([[[-3.0], [0.1], [-0.1]]], np.float32)}

    assert moved("palm_detection_full", [outputs(0)], [outputs(3)]) == {
        "mean_px": pytest.approx(3 * 2**0.5),
        "largest_px": pytest.approx(3 * 2**0.5),
    }
    nobody = {"output0": np.zeros((1, 3, 18), np.float32), "output1": np.full((1, 3, 1), -9, np.float32)}
    assert moved("palm_detection_full", [nobody], [nobody]) == {"mean_px": None, "largest_px": None}


def test_two_networks_take_turns_crop_by_crop() -> None:
    turns: list[str] = []

    def network(name: str) -> Any:
        def call(crop: np.ndarray) -> dict[str, np.ndarray]:
            turns.append(f"{name}{int(crop[0])}")
            return {}

        return call

    crops = [np.array([number], np.float32) for number in range(2)]
    found = paces((network("a"), crops), (network("b"), crops), 2)
    assert turns == ["a0", "b0", "a1", "b1"] * 2
    assert found["ours_ms"] > 0
    assert set(found) == {"ours_ms", "tflite_ms", "ratio"}


def test_crops_are_kept_from_all_over_the_clip() -> None:
    crops = Crops(None)  # type: ignore[arg-type]
    for number in range(1000):
        crops.keep("face", np.array([number], np.float32))
    kept = [int(crop[0]) for crop in crops.kept["face"]]
    assert 24 <= len(kept) < 48
    assert set(np.diff(kept)) == {kept[1]}
    assert kept[0] == 0
    assert kept[-1] > 900


def check(**tflite: float) -> dict[str, Any]:
    def row(error: float) -> dict[str, Any]:
        errors = {"output0": error, "output1": 1e-7}
        fast = {name: 2 * value for name, value in errors.items()}
        times = {"ours_ms": 1.0, "tflite_ms": 2.0, "ratio": 0.5}
        own = {name: 3 * value for name, value in errors.items()}
        return {"crops": 24, "errors": errors, "fast_errors": fast, "own_errors": own} | times

    half = {"mean_px": HALF_GATE / 2, "largest_px": 1.0}
    return {"tflite": {name: row(error) for name, error in tflite.items()}, "half": {"hand_recrop": half}}


def test_networks_are_judged_over_all_clips() -> None:
    first, second = check(hand_recrop=3e-6, pose_landmark_full=1e-6), check(hand_recrop=2e-6)
    second["half"] = {
        "hand_recrop": {"mean_px": HALF_GATE * 1.1, "largest_px": 0.5},
        "palm_detection_full": {"mean_px": None, "largest_px": None},
    }
    found = report_graphs([first, second])
    assert found["graphs"]["hand_recrop"]["error"] == 3e-6
    assert found["graphs"]["hand_recrop"]["fast_errors"] == {"output0": 6e-6, "output1": 2e-7}
    assert found["graphs"]["hand_recrop"]["crops"] == 48
    assert found["half"] == {
        "hand_recrop": {
            "mean_px": HALF_GATE * 1.1,
            "largest_px": 1.0,
            "allowed_px": HALF_GATE,
            "passed": False,
        }
    }
    assert found["figures"] == {
        "half_moves": HALF_GATE * 1.1,
        "graph_error": pytest.approx(3.0),
        "graph_error_fast": pytest.approx(6.0),
        "graph_error_own": pytest.approx(9.0),
        "graph_pace": 0.5,
        "graph_pace_body": 0.5,
    }
    without = report_graphs([first | {"tflite": None}])
    assert without["graphs"] is None
    assert without["figures"] == {"half_moves": HALF_GATE / 2}


def test_choices_are_beside_the_defaults_before_and_behind() -> None:
    asked: list[str] = []

    def once(name: str, options: HolisticOptions) -> Cost:
        asked.append(name)
        return Cost(len(asked), 10 * len(asked))  # the machine gets slower with every run

    rows = run_choices(once)
    assert asked[0] == asked[3] == asked[-1] == USUAL
    assert [name for name in asked if name != USUAL] == list(CHOICES)
    first, second = list(CHOICES)[:2]
    assert rows[first] == {"wall": 2 / 2.5, "cpu": 20 / 25}  # between the runs 1 and 4
    assert rows[second]["wall"] == 3 / 2.5
    assert rows[USUAL]["wall"] == pytest.approx(sum(range(1, 20, 3)) / 7)
    defaults = HolisticOptions()
    assert all(options != defaults for options in CHOICES.values())


def test_a_choice_is_judged_by_both_hands() -> None:
    row = choice_row({"wall": 0.9, "cpu": 1.0}, tracks(0.25), tracks(without_left=slice(0, 2)))
    assert row == {"wall": 0.9, "cpu": 1.0, "hands": 12, "median_px": pytest.approx(0.25)}
    assert choice_row({}, tracks(), None) == {"hands": 12, "median_px": None}


# tables


def bench() -> dict[str, Any]:
    def clip(speed: float, body: float) -> dict[str, Any]:
        return {
            "figures": {"speed": speed, "body_error": body},
            "hands": {"left": {"both": 3, "only_ours": 1, "only_theirs": 0}},
            "jitter": {},
            "systems": {OURS: {"fps": 88.04, "cpu_ms": 19.0, "wait_p50_ms": 12.34, "wait_p95_ms": 14.0}},
            "verdicts": {
                "by": None,
                "only_ours": {"hands": 2, "none": 1, "not_looked_at": 0},
                "only_theirs": {"hands": 0, "none": 0, "not_looked_at": 3},
            },
            "choices": {
                "defaults": {"wall": 0.0115, "cpu": 0.019, "hands": 7, "median_px": 0.0214},
                "palms never looked for": {"wall": 0.9, "cpu": 0.85, "hands": 5, "median_px": None},
            },
            "stages": {"face_landmark": {"ms": 0.6, "runs": 1.0}, "rest": {"ms": 1.4}},
        }

    return {
        "bench": "landmarks",
        "date": "2026-11-20T10:00:00+00:00",
        "options": {"quick": False},
        "hardware": {"cpu": "Some CPU", "cores": 2, "ram_gb": 24.9},
        "software": {"python": "CPython 3.11.7", "commit": "0123456789abcdef", "dirty": False},
        "data": {"name": "sentence_320x240, own", "sha256": "fedcba9876543210"},
        "notes": ["MediaPipe was left out."],
        "formulas": {"speed": "theirs / ours"},
        "figures": {"memory_growth": 1.05},
        "clips": {"sentence_320x240": clip(1.8, 0.2), "own": clip(1.7, 0.3)},
        "graphs": None,
        "half": {},
    }


def test_each_clip_has_a_column_and_is_judged_by_its_own_target() -> None:
    head, rows = figures_rows(bench())
    assert head == ("", "sentence_320x240", "own", "target", "")
    assert rows == [
        ("Speed", "1.80 × MediaPipe Holistic", "1.70 × MediaPipe Holistic", "≥ 1.75", "missed on own"),
        ("Body, off by", "0.200 % of shoulder width", "0.300 % of shoulder width", "≤ 0.1", "missed"),
    ]
    assert run_rows(bench())[1] == [("  10 minutes compared with 1", "1.05 ×", "≤ 1.2", "reached")]


def test_the_other_tables() -> None:
    assert PARTS["systems"](bench())[1][0] == (
        "accessify, body, hands and face",
        "sentence_320x240",
        "88.0",
        "19.0",
        "12.3 ms",
        "14.0 ms",
    )
    assert PARTS["hands"](bench())[1][1] == ("own", "left", "3", "1", "0", "—", "—", "—")
    assert PARTS["stages"](bench())[1] == [
        ("`face_landmark`", "0.60", "1.00", "0.60", "1.00"),
        ("tracking, hand-over and Python", "1.40", "—", "1.40", "—"),
        ("all", "2.00", "", "2.00", ""),
    ]
    assert PARTS["networks"](bench())[1] == []
    assert PARTS["verdicts"](bench())[1][:2] == [
        ("sentence_320x240", "only accessify", "2", "1", "0", "nobody"),
        ("sentence_320x240", "only reference", "0", "0", "3", "nobody"),
    ]
    head, rows = PARTS["choices"](bench())
    assert head[1:3] == ("sentence_320x240, time", "sentence_320x240, CPU")
    assert rows == [
        ("defaults", *("11.5 ms", "19.0 ms", "7", "0.021") * 2),
        ("palms never looked for", *("0.90 ×", "0.85 ×", "5", "—") * 2),
    ]


def test_documents_are_filled() -> None:
    parts = (
        "",
        ":systems",
        ":hands",
        ":verdicts",
        ":jitter",
        ":stages",
        ":choices",
        ":networks",
        ":half",
        ":formulas",
    )
    text = "".join(f"<!-- bench:landmarks{part} -->\n<!-- /bench:landmarks{part} -->\n" for part in parts)
    filled = fill(text, {"landmarks": bench()})
    assert {part.removeprefix(":") or "figures" for part in parts} == set(DOCUMENT_PARTS["landmarks"])
    assert "| Speed | 1.80 × MediaPipe Holistic |" in filled
    assert "| &nbsp;&nbsp;10 minutes compared with 1 | 1.05 × | ≤ 1.2 | reached |\n" in filled
    assert "made by `accessify bench landmarks`. MediaPipe was left out.\n" in filled
    assert "Not measured in this run.\n" in filled
    assert "| Speed | theirs / ours |" in filled


def test_every_figure_has_its_own_name_and_formula() -> None:
    names = [figure.name for figure in LANDMARKS]
    assert len(set(names)) == len(names)
    assert all(figure.formula and figure.title for figure in LANDMARKS)
    assert {name for targets in CLIP_TARGETS.values() for name in targets} <= {
        figure.name for figure in CLIPS
    }
    body = next(figure for figure in CLIPS if figure.name == "body_error")
    assert str(figure_for(body, "test_video").target) == "≤ 0.6"
    assert figure_for(body, "own").target is None
