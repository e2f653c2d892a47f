"""Jobs: turns, progress, ends."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accessify.core.errors import NoAudio
from accessify.core.progress import Progress
from accessify.server.job import Job, Terms
from accessify.server.jobs import Jobs, Report
from accessify.server.refusal import Refused
from accessify.server.rooms import Room, RoomLimits, Rooms
from tests.server.site import wait_for


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    rooms = Rooms(tmp_path)
    yield rooms
    rooms.close()


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    jobs = Jobs()
    yield jobs
    jobs.close()


class Gate:
    """Work that goes on until it is let go, or told to stop."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go = threading.Event()

    def __call__(self, report: Report) -> dict[str, Any]:
        self.began.set()
        while not self.go.wait(0.01):
            report.progress(Progress("work", 1, 2))
        return {"version": 3}


def told(room: Room, kind: str = "job") -> list[dict[str, Any]]:
    """What the pages of a room were told."""
    messages = [json.loads(message.text) for message in room.log.after(0)]
    return [message for message in messages if message["type"] == kind]


def status(job: Job) -> str:
    return str(job.row()["status"])


def test_a_job_tells_how_it_comes_on(rooms: Rooms, jobs: Jobs) -> None:
    room = rooms.open()

    def work(report: Report) -> dict[str, Any]:
        report.stage("open")
        report.progress(Progress("transcribe", 5.0, 600.0))
        report.cues([{"start": 0, "end": 1, "text": "a", "confidence": None}])
        report.cues([{"start": 1, "end": 2, "text": "b", "confidence": 0.5}])
        return {"version": 1}

    job = jobs.submit(room, "film", "caption", work)
    wait_for(lambda: status(job) == "done")
    rows = [message["job"] for message in told(room)]
    assert [row["status"] for row in rows] == ["queued", "running", "running", "running", "done"]
    assert [row["stage"] for row in rows][2:] == ["open", "transcribe", "transcribe"]
    assert rows[3] | {"id": ""} == {
        "id": "",
        "kind": "caption",
        "status": "running",
        "ahead": 0,
        "wait": None,
        "stage": "transcribe",
        "done": 5.0,
        "total": 600.0,
        "unit": "s",
        "left": None,
        "problem": None,
        "result": None,
    }
    assert rows[-1]["result"] == {"version": 1}
    assert [(each["from"], each["cues"][0]["text"]) for each in told(room, "cues")] == [(0, "a"), (1, "b")]


def test_turns_go_round_the_rooms(rooms: Rooms, jobs: Jobs) -> None:
    """Who comes with a second job waits for everybody's first."""
    one, two, three = rooms.open(), rooms.open(), rooms.open()
    order: list[str] = []

    def work(name: str) -> Callable[[Report], dict[str, Any]]:
        return lambda _: order.append(name) or {}  # type: ignore[func-returns-value]

    gate = Gate()
    jobs.submit(one, "film", "caption", gate)
    gate.began.wait()
    second = jobs.submit(one, "film", "mux", work("one again"))
    assert second.row()["ahead"] == 1
    jobs.submit(two, "film", "caption", work("two"))
    last = jobs.submit(three, "film", "caption", work("three"))
    assert second.row()["ahead"] == 3
    assert last.row()["ahead"] == 2
    gate.go.set()
    wait_for(lambda: status(second) == "done")
    assert order == ["two", "three", "one again"]
    gate.go.clear()
    gate.began.clear()
    jobs.submit(one, "film", "caption", gate)
    gate.began.wait()
    jobs.submit(one, "film", "mux", work("one yet again"))
    jobs.submit(two, "film", "mux", work("two again"))
    gate.go.set()
    wait_for(lambda: len(order) == 5)
    assert order[3:] == ["two again", "one yet again"]
    assert [row["job"]["ahead"] for row in told(one) if row["job"]["kind"] == "mux"][:3] == [1, 2, 3]


def test_lanes_do_not_wait_for_each_other(rooms: Rooms, jobs: Jobs) -> None:
    room, gate = rooms.open(), Gate()
    jobs.submit(room, "film", "caption", gate)
    other = jobs.submit(room, "signs", "sign", lambda _: {})
    wait_for(lambda: status(other) == "done")
    gate.go.set()


def test_one_job_of_a_kind_and_room(rooms: Rooms, jobs: Jobs) -> None:
    room, other, gate = rooms.open(), rooms.open(), Gate()
    running = jobs.submit(room, "film", "caption", gate)
    gate.began.wait()
    with pytest.raises(Refused) as error:
        jobs.submit(room, "film", "caption", gate)
    assert error.value.code == "busy"
    assert error.value.data == {"job": running.id}
    waiting = jobs.submit(other, "film", "caption", gate)
    instead = jobs.submit(other, "film", "caption", lambda _: {"version": 9})
    assert status(waiting) == "cancelled"
    gate.go.set()
    wait_for(lambda: status(instead) == "done")
    assert jobs.of(other) == [instead]
    assert jobs.of(room) == [running]


def test_cancelling(rooms: Rooms, jobs: Jobs) -> None:
    room, other, gate = rooms.open(), rooms.open(), Gate()
    running = jobs.submit(room, "film", "caption", gate)
    gate.began.wait()
    waiting = jobs.submit(other, "film", "caption", gate)
    jobs.cancel(room, waiting.id)  # another room's: nothing happens
    assert status(waiting) == "queued"
    jobs.cancel(other, waiting.id)
    assert status(waiting) == "cancelled"
    jobs.cancel(room, running.id)
    wait_for(lambda: status(running) == "cancelled")
    assert room.idle > 0  # nothing holds the room any more


def test_a_failure_is_told_as_a_problem(rooms: Rooms, jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    room = rooms.open()
    room.titles["film-1.mp4"] = "Silent film.mp4"

    def silent(report: Report) -> dict[str, Any]:
        raise NoAudio(report.room.file("film-1.mp4"))

    def broken(_: Report) -> dict[str, Any]:
        raise ZeroDivisionError("/secret")

    failed = jobs.submit(room, "film", "caption", silent)
    wait_for(lambda: status(failed) == "failed")
    problem = failed.row()["problem"]
    assert problem["code"] == "no-audio"
    assert problem["text"].startswith("Silent film.mp4: nothing to caption")
    assert not caplog.records
    failed = jobs.submit(room, "film", "caption", broken)
    wait_for(lambda: status(failed) == "failed")
    assert failed.row()["problem"]["code"] == "failed"
    assert "secret" not in str(failed.row())
    assert "ZeroDivisionError" in caplog.text  # whoever runs the server can see why
    after = jobs.submit(room, "film", "caption", lambda _: {})
    wait_for(lambda: status(after) == "done")  # the worker lives on


def test_progress_is_told_four_times_a_second_and_says_how_long(
    rooms: Rooms, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = rooms.open()
    monkeypatch.setattr("accessify.server.job._TOO_SOON", 0.2)

    def work(report: Report) -> dict[str, Any]:
        began = time.monotonic()
        while (past := time.monotonic() - began) < 1.0:
            report.progress(Progress("transcribe", 10 * past, 100.0))
            time.sleep(0.005)
        return {}

    job = jobs.submit(room, "film", "caption", work)
    wait_for(lambda: status(job) == "done")
    rows = [message["job"] for message in told(room) if message["job"]["stage"] == "transcribe"]
    assert 2 <= len(rows) <= 6
    lefts = [row["left"] for row in rows if row["left"] is not None]
    assert lefts[-1] == pytest.approx((100 - rows[-2]["done"]) / 10, rel=0.1)
    assert rows[0]["left"] is None


def test_who_waits_is_told_how_long_where_it_is_known(
    rooms: Rooms, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = rooms.open(), rooms.open(), rooms.open()
    now = 1000.0
    for module in ("job", "jobs"):
        clock = SimpleNamespace(monotonic=lambda: now)
        monkeypatch.setattr(f"accessify.server.{module}.time", clock)
    go: dict[str, threading.Event] = {name: threading.Event() for name in ("first", "one", "two")}
    reports: dict[str, Report] = {}

    def work(name: str) -> Callable[[Report], dict[str, Any]]:
        def wait(report: Report) -> dict[str, Any]:
            reports[name] = report
            go[name].wait()
            return {}

        return wait

    first = jobs.submit(one, "film", "caption", work("first"), Terms(100.0, "tiny"))
    wait_for(lambda: "first" in reports)
    second = jobs.submit(two, "film", "caption", work("two"), Terms(30.0, "tiny"))
    other = jobs.submit(three, "film", "caption", lambda _: {}, Terms(30.0, "large"))
    assert (second.wait, other.wait) == (None, None), "nobody knows how long the first of its kind takes"
    reports["first"].progress(Progress("fetch tiny", 0, 9, "B"))
    now += 500
    reports["first"].progress(Progress("transcribe", 0, 100))
    now += 50
    go["first"].set()
    wait_for(lambda: status(first) == "done" and "two" in reports)  # 0.5 s for each second, without the model
    assert other.wait == 15
    fourth = jobs.submit(one, "film", "caption", work("one"), Terms(30.0, "tiny"))
    assert (fourth.ahead, fourth.wait) == (2, None), "nobody knows how long the other model takes"
    now += 8
    reports["two"].progress(Progress("transcribe", 20, 30))
    assert other.wait == 10
    assert [row["job"]["wait"] for row in told(three)] == [None, 15, 10]
    now += 8
    reports["two"].progress(Progress("find shots", 1, 30))
    assert other.wait is None, "it takes longer than others: nobody knows how long"
    for event in go.values():
        event.set()
    wait_for(lambda: status(fourth) == "done")


def test_the_pace_of_a_last_stage_tells_how_long(
    rooms: Rooms, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    for module in ("job", "jobs"):
        clock = SimpleNamespace(monotonic=lambda: now)
        monkeypatch.setattr(f"accessify.server.{module}.time", clock)
    monkeypatch.setattr("accessify.server.jobs._TOLD_EVERY", 0)
    gate, reports = threading.Event(), list[Report]()

    def work(report: Report) -> dict[str, Any]:
        reports.append(report)
        gate.wait()
        return {}

    jobs.submit(rooms.open(), "film", "caption", work, Terms(last="transcribe"))
    wait_for(lambda: bool(reports))
    waiting = jobs.submit(rooms.open(), "film", "caption", lambda _: {})
    for seconds in range(11):
        now = 1000.0 + seconds
        reports[0].progress(Progress("transcribe", seconds, 100))
    assert waiting.wait == 90
    gate.set()


def test_who_is_away_lets_others_go_first(
    rooms: Rooms, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    left, here, away_too, gate, runs = rooms.open(), rooms.open(), rooms.open(), Gate(), list[str]()
    source = tmp_path / "film"
    source.write_text("needed again")

    def work(report: Report) -> dict[str, Any]:
        runs.append(source.read_text())
        report.cues([{"start": 0, "end": 1, "text": "a", "confidence": None}])
        return gate(report)

    job = jobs.submit(left, "film", "caption", work, Terms(over=source.unlink))
    gate.began.wait()
    left._seen_at = away_too._seen_at = time.monotonic() - 10**6
    other = jobs.submit(away_too, "film", "mux", lambda _: {})
    wait_for(lambda: job.row()["done"] == 1)  # who is away as well does not come first
    assert (status(job), status(other)) == ("running", "queued")
    with left.watched():  # a page that was loaded anew
        first = jobs.submit(here, "film", "caption", lambda _: {})
        steps = len(job._steps)
        wait_for(lambda: len(job._steps) > steps + 3)
        assert status(job) == "running"
        jobs.cancel(here, first.id)
    gate.began.clear()
    left._seen_at = time.monotonic() - 10**6
    first = jobs.submit(here, "film", "caption", lambda _: {})
    wait_for(lambda: status(first) == "done")
    gate.began.wait()
    assert runs == ["needed again", "needed again"], "it begins anew"
    assert job.cues == told(left, "cues")[-1]["cues"]
    states = [row["job"]["status"] for row in told(left)]
    assert [state for state, _ in groupby(states)] == ["queued", "running", "queued", "running"]
    gate.go.set()
    wait_for(lambda: status(job) == "done")
    assert not source.exists()


def test_what_a_job_needs_goes_with_it_even_where_it_never_began(rooms: Rooms, jobs: Jobs) -> None:
    gate, gone = Gate(), threading.Event()
    jobs.submit(rooms.open(), "film", "caption", gate)
    gate.began.wait()
    room = rooms.open()
    waiting = jobs.submit(room, "film", "watch", lambda _: {}, Terms(over=gone.set))
    jobs.cancel(room, waiting.id)
    assert gone.is_set()
    gate.go.set()


def test_a_job_has_an_end(tmp_path: Path, jobs: Jobs) -> None:
    rooms = Rooms(tmp_path, replace(RoomLimits(), job_seconds=0.05))
    job = jobs.submit(rooms.open(), "film", "caption", Gate())
    wait_for(lambda: status(job) == "failed")
    assert job.row()["problem"]["code"] == "too-long"
    rooms.close()


def test_a_room_with_a_job_is_not_swept_and_one_that_goes_takes_its_jobs_along(
    tmp_path: Path, jobs: Jobs
) -> None:
    rooms, gate = Rooms(tmp_path), Gate()
    room = rooms.open()
    job = jobs.submit(room, "film", "caption", gate)
    waiting = jobs.submit(rooms.open(), "film", "caption", gate)
    for held in (room, waiting.room):
        held._used_at -= 10**6
    rooms.sweep()
    assert rooms.has(room)
    assert rooms.has(waiting.room)
    rooms.remove(room)
    jobs.sweep(rooms.has)
    wait_for(lambda: status(job) == "cancelled")
    assert jobs.of(room) == []
    assert status(waiting) in ("queued", "running")
    rooms.close()


def test_the_end_of_the_application_stops_all(rooms: Rooms) -> None:
    jobs, room, gate = Jobs(), rooms.open(), Gate()
    running = jobs.submit(room, "film", "caption", gate)
    gate.began.wait()
    waiting = jobs.submit(rooms.open(), "film", "caption", gate)
    began = time.monotonic()
    jobs.close()
    assert time.monotonic() - began < 5
    assert (status(running), status(waiting)) == ("cancelled", "cancelled")
    with pytest.raises(Refused) as error:
        jobs.submit(room, "film", "caption", gate)
    assert error.value.code == "restarting"
