"""A cancel takes effect at once, even where work reports nothing for long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from accessify.server.job import CANCELLED, DONE, FAILED, Job
from accessify.server.jobs import Cancelled, Jobs, Report, Work
from accessify.server.rooms import Rooms
from accessify_app.signing_apart import apart
from tests.server.site import WAIT, wait_for

Submit = Callable[[Work], tuple[Jobs, Job]]


@pytest.fixture
def submit(tmp_path: Path) -> Iterator[Submit]:
    jobs, rooms = Jobs(), Rooms(tmp_path)
    yield lambda work: (jobs, jobs.submit(rooms.open(), "signs", "sign", apart(work)))
    jobs.close()
    rooms.close()


def ended(job: Job) -> str:
    wait_for(lambda: job.status in (CANCELLED, DONE, FAILED))
    return job.status


def test_work_is_left_in_the_midst_of_a_step_and_ends_at_its_next_report(submit: Submit) -> None:
    began, go_on, left = threading.Event(), threading.Event(), threading.Event()

    def work(report: Report) -> dict[str, Any]:
        began.set()
        go_on.wait(WAIT)  # a step that tells nothing
        try:
            report.stage("next")
        except Cancelled:
            left.set()
            raise
        return {}

    jobs, job = submit(work)
    assert began.wait(WAIT)
    jobs.cancel(job.room, job.id)
    assert ended(job) == CANCELLED
    go_on.set()
    assert left.wait(WAIT)


def test_what_work_gives_and_what_it_raises_are_the_jobs(submit: Submit) -> None:
    def fail(report: Report) -> dict[str, Any]:
        raise TimeoutError

    assert ended(submit(lambda report: {"done": True})[1]) == DONE
    assert ended(submit(fail)[1]) == FAILED
