"""What live runs are kept as, and what systems write into them."""

from __future__ import annotations

import json
from dataclasses import asdict

from accessify.core.live import LiveState, LiveUpdate
from accessify.core.text import Word
from accessify.core.timeline import Note, Span, seconds
from accessify.evaluation.live_events import (
    Change,
    ChangeLog,
    HourRun,
    LiveRun,
    StreamRun,
    hour_from_json,
    run_from_json,
    run_to_json,
)
from accessify.evaluation.live_score import Shown
from accessify.evaluation.live_systems import note_update, screen_of


def word(text: str) -> Word:
    return Word(Span(0, seconds(1)), text)


def a_run() -> LiveRun:
    changes = (
        Change(0.5, 0, (), ("the",), "speech", 0.25),
        Change(1.0, 0, ("the", "cat"), ("sat",)),
        Change(1.5, 1, ("cap",), ()),  # a system that takes a word back
    )
    stream = StreamRun(3, 2.0, 2.5, changes, ("The", "cat."), ("dropped",), 1)
    return LiveRun("some", (stream, StreamRun(0, 3.0, 3.1, ())), 1.5, 0.01, 0.002, 1000)


def test_screens_are_built_from_changes() -> None:
    stream, empty = a_run().streams
    assert stream.screens() == [
        Shown(0.5, (), ("the",)),
        Shown(1.0, ("the", "cat"), ("sat",)),
        Shown(1.5, ("the", "cap"), ()),
    ]
    assert stream.committed == ("the", "cap")
    assert empty.committed == ()


def test_load_is_for_one_stream() -> None:
    assert a_run().load == 0.3  # 1.5 s of CPU for 5 s of sound


def test_runs_come_back_from_their_files() -> None:
    assert run_from_json(json.loads(json.dumps(run_to_json(a_run())))) == a_run()
    hour = HourRun(60.0, 5.0, 4.0, (100, 200), 7, 0.5, ("unsure",))
    assert hour_from_json(json.loads(json.dumps(asdict(hour)))) == hour


def test_updates_of_a_live_stream_are_written_down() -> None:
    log = ChangeLog()
    note_update(log, LiveUpdate(1, seconds(1), LiveState.SPEECH, seconds(0.5), (word("One"),), ("two",)))
    note = Note(Span(0, 1), "dropped", "…")
    note_update(
        log,
        LiveUpdate(
            2,
            seconds(2),
            LiveState.SILENT,
            0,
            (word("two."),),
            final=(word("One"), word("too.")),
            notes=(note,),
        ),
    )
    note_update(log, LiveUpdate(4, seconds(3), LiveState.ENDED))  # number 3 is missing
    run = log.run(first=2, seconds=3.0, ended=log.start + 4.0)
    assert [(one.kept, one.new, one.tail, one.state, one.lag) for one in run.changes] == [
        (0, ("One",), ("two",), "speech", 0.5),
        (1, ("two.",), (), "silent", 0.0),
        (2, (), (), "ended", 0.0),
    ]
    assert run.saved == ("One", "too.")
    assert run.notes == ("dropped",)
    assert (run.first, run.seconds, run.ended, run.gaps) == (2, 3.0, 4.0, 1)


def test_complete_lines_are_committed_and_open_ones_are_not() -> None:
    assert screen_of([]) == ([], [])
    assert screen_of([("One two.", True), ("three", False)]) == (["One", "two."], ["three"])
    assert screen_of([("one", False), ("Two.", True)]) == ([], ["one", "Two."])
