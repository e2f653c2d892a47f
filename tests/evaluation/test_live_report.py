"""Figures of the live bench from runs made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.timeline import Span, seconds
from accessify.evaluation.dataset import Clip
from accessify.evaluation.live_events import Change, HourRun, LiveRun, StreamRun
from accessify.evaluation.live_figures import LIVE
from accessify.evaluation.live_material import LiveMaterial
from accessify.evaluation.live_offline import Offline
from accessify.evaluation.live_report import (
    hour_figures,
    many_figures,
    over_one,
    own_figures,
    run_row,
    seconds_behind,
    waiting_row,
)
from accessify.evaluation.live_score import Shown
from accessify.evaluation.live_tables import WAITING
from accessify.evaluation.recording import Recording
from accessify.evaluation.spoken import Spoken
from accessify.evaluation.tables import PARTS


def material() -> LiveMaterial:
    """Two clips of 4 s, `big dog` and `red green`; words end at 1, 2, 5 and 6 s."""
    spans = (Span(0, seconds(4)), Span(seconds(4), seconds(8)))
    clips = tuple(Clip(Path(text), text, "asr_en", text) for text in ("big, dog", "red green"))
    spoken = tuple(
        Spoken(word, Span(seconds(end - 0.5), seconds(end)), clip, measured=True)
        for word, end, clip in (("big", 1, 0), ("dog", 2, 0), ("red", 5, 1), ("green", 6, 1))
    )
    audio = Audio(np.zeros(8 * SPEECH_RATE, np.float32))
    return LiveMaterial(Recording(audio, clips, spans), spoken)


def stream(*changes: Change, first: int = 0, saved: str = "", notes: tuple[str, ...] = ()) -> StreamRun:
    return StreamRun(first, 8.0, 9.0, changes, tuple(saved.split()), notes)


ALONE = stream(
    Change(1.25, 0, (), ("big",)),
    Change(1.5, 0, ("big",), ("doc",)),
    Change(2.5, 1, ("dog",)),
    Change(5.5, 2, ("red",), ("grin",), "catching-up", 2.5),
    Change(6.75, 3, ("grin",), (), "speech"),
    Change(8.5, 4),
    saved="Big dog. Red green.",
)


def run(*streams: StreamRun) -> LiveRun:
    return LiveRun("accessify", streams, 4.0, 0.02, 0.001, 5000)


def test_a_run_of_one_stream() -> None:
    row = run_row(run(ALONE), [material()])
    assert row["committed"] == pytest.approx({"p50": 0.5, "p95": 0.7125, "mean": 0.5625, "words": 4})
    assert row["shown"]["p50"] == pytest.approx(0.375)  # -0.5, 0.25, 0.5, 0.5
    assert row["changed"] == 0.25  # doc → dog
    assert (row["recommitted"], row["gaps"], row["words"]) == (0, 0, 4)
    assert (row["live"]["wer"], row["saved"]["wer"]) == (25.0, 0.0)
    assert (row["load"], row["cores"]) == (0.5, 4 / 9)
    assert (row["lag"], row["catching_up"]) == (2.5, 1.25 / 9)
    assert row["heard_out"] == 1.0
    assert seconds_behind(ALONE) == 1.25


def test_a_system_with_one_text_has_no_saved_one() -> None:
    row = run_row(run(stream(Change(1.5, 0, ("big",)))), [material()])
    assert row["saved"] is None
    assert row["live"]["deletions"] == 3


def offline() -> Offline:
    screens = (Shown(3.0, ("big", "dog")), Shown(7.0, ("big", "dog", "red", "grin")))
    return Offline(("big", "dog", "red", "grin"), 2, screens, 0.4, ("big", "red", "green"))


def test_waiting_for_the_pause_is_slow_and_steady() -> None:
    row = waiting_row(offline(), material())
    assert (
        row["committed"] == row["shown"] == pytest.approx({"p50": 1.5, "p95": 2.0, "mean": 1.5, "words": 4})
    )
    assert row["changed"] == 0
    assert row["load"] == pytest.approx(0.05)


def test_figures_of_one_stream() -> None:
    figures, intervals = own_figures(run(ALONE), material(), offline())
    assert figures["committed_p50"] == pytest.approx(0.5)
    assert figures["wer_live"] == figures["wer_segments"] == figures["wer_file"] == 25
    assert figures["wer_saved"] == 0
    assert figures["wer_live_over_saved"] == 25
    assert figures["wer_saved_over_segments"] == -25
    assert figures["recommitted"] == 0
    assert intervals["wer_saved"] == (0, 0)
    assert set(figures) <= {figure.name for figure in LIVE}
    assert set(intervals) <= set(figures)


def turned() -> LiveMaterial:
    return material().turned(1)


def test_many_streams_are_compared_with_one_on_the_same_clips() -> None:
    half = material().turned(1, seconds(5))  # `red green` only
    worse = stream(Change(7.0, 0, ("red",)), first=1, saved="red")
    found = over_one(run(worse), [half], run(ALONE), material())
    assert found == {"live": 50 - 50, "saved": 50}  # one stream had grin for green, but saved it right
    again = stream(Change(9.0, 0, ("red", "grin", "big", "dog")), first=1, saved="red green big dog")
    assert over_one(run(again), [turned()], run(ALONE), material()) == {"live": 0, "saved": 0}


def test_figures_of_many_streams() -> None:
    lost = stream(Change(7.0, 0, ("big",), (), "speech", 4.5), saved="big", notes=("dropped", "unsure"))
    rows = {count: run_row(run(lost, ALONE), [material(), material()]) for count in (8, 20)}
    figures = many_figures(rows, {"saved": 1.5, "live": 2.0})
    assert figures["eight_committed_p95"] == rows[8]["committed"]["p95"]
    assert rows[8]["committed_p95_worst_stream"] == 6.0
    assert figures["twenty_dropped"] == 1
    assert figures["twenty_lag"] == 4.5
    assert figures["twenty_saved_over_one"] == 1.5
    assert set(figures) <= {figure.name for figure in LIVE}
    assert many_figures({}, {}) == {}


def test_memory_is_flat_after_five_minutes() -> None:
    rss = (50, 80, 90, 95, 98, 100, 103, 101)
    figures = hour_figures(HourRun(420.0, 60.0, 50.0, tuple(10**6 * one for one in rss), 900, 0.5))
    assert figures == {"memory": 103.0, "memory_growth": pytest.approx(3.0)}
    assert hour_figures(HourRun(60.0, 6.0, 5.0, (10**6, 2 * 10**6), 9, 0.5)) == {"memory": 2.0}


def bench() -> dict[str, Any]:
    row = run_row(run(ALONE), [material()])
    figures, intervals = own_figures(run(ALONE), material(), offline())
    return {
        "bench": "live",
        "date": "2026-11-28T10:00:00+00:00",
        "options": {"quick": False},
        "hardware": {"cpu": "Some CPU", "cores": 2, "ram_gb": 24.9},
        "software": {"python": "CPython 3.11.7", "commit": "0123456789abcdef", "dirty": False},
        "data": {"name": "clips", "sha256": "fedcba9876543210"},
        "formulas": {one.name: one.formula for one in LIVE if one.name in figures},
        "notes": ["The hour took 7 minutes."],
        "figures": figures,
        "intervals": intervals,
        "systems": {"accessify": row, WAITING: waiting_row(offline(), material())},
        "streams": {"1": row},
        "hour": {"rss": [10**6 * minute for minute in range(14)]},
    }


def test_tables_are_made_from_the_file() -> None:
    parts = PARTS["live"]
    figures = parts["figures"](bench())
    assert "| From spoken to committed, median | 0.50 s |  | ≤ 0.7 | reached |" in figures
    assert "| &nbsp;&nbsp;committed minus saved | 25.00 points | 0.00 to 50.00 | ≤ 1 | missed |" in figures
    assert figures.endswith("made by `accessify bench live`. The hour took 7 minutes.\n")
    assert "saved transcript" not in parts["short"](bench())
    systems = parts["systems"](bench()).splitlines()
    assert systems[2] == (
        "| accessify | 0.50 / 0.71 s | 0.38 / 0.50 s | 0.38 / 0.50 s | 0.25 | 25.00 % | 0.00 % | 0.500 |"
    )
    assert systems[3].startswith("| waiting for the pause (computed) | 1.50 / 2.00 s |")
    assert parts["streams"](bench()).splitlines()[2].startswith("| 1 | 0.50 / 0.71 s | 0.71 s |")
    assert [line.split(" | ")[0] for line in parts["hour"](bench()).splitlines()[2:]] == [
        *("| 0", "| 1", "| 5", "| 10", "| 13"),
    ]
    assert "Not measured" in parts["hour"]({**bench(), "hour": None})
    assert "least edit distance" in parts["formulas"](bench())
