from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from accessify.engines.strand import Strand, in_parallel, result_of

PATIENCE = 30.0
"""Seconds after which something that should have come is taken never to come."""


@pytest.fixture(params=[1, 3], ids=["one worker", "three workers"])
def workers(request: pytest.FixtureRequest) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(request.param) as pool:
        yield pool


def finished(strand: Strand) -> None:
    """Wait until all that was submitted so far is done."""
    done = threading.Event()
    strand.submit(done.set)
    assert done.wait(PATIENCE)


# Strands


def test_jobs_are_done_in_order_and_never_two_at_a_time(workers: ThreadPoolExecutor) -> None:
    """Submitted by several threads at once, each thread's jobs keep their order."""
    strand, done, busy = Strand(workers), [], threading.Lock()

    def job(thread: int, number: int) -> None:
        alone = busy.acquire(blocking=False)
        done.append((thread, number, alone))
        if alone:
            busy.release()

    def submit(thread: int) -> None:
        for number in range(200):
            strand.submit(partial(job, thread, number))

    threads = [threading.Thread(target=submit, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    finished(strand)
    assert len(done) == 800
    assert all(alone for *_, alone in done)
    for thread in range(4):
        assert [number for one, number, _ in done if one == thread] == list(range(200))


def test_what_a_job_writes_the_next_one_reads(workers: ThreadPoolExecutor) -> None:
    strand, total = Strand(workers), [0]

    def add() -> None:
        before = total[0]
        threading.Event().wait(0)  # let another thread run
        total[0] = before + 1

    for _ in range(500):
        strand.submit(add)
    finished(strand)
    assert total == [500]


def test_a_job_that_raises_does_not_stop_the_others(workers: ThreadPoolExecutor) -> None:
    strand, done = Strand(workers), []

    def job(number: int) -> None:
        if number % 3 == 0:
            raise RuntimeError(number)
        done.append(number)

    for number in range(30):
        strand.submit(partial(job, number))
    finished(strand)
    assert done == [number for number in range(30) if number % 3]


def test_a_job_may_submit_to_its_own_strand() -> None:
    with ThreadPoolExecutor(1) as workers:
        strand, done = Strand(workers), []

        def job(number: int) -> None:
            done.append(number)
            if number < 5:
                strand.submit(partial(job, number + 1))

        strand.submit(partial(job, 0))
        while len(done) < 6:
            finished(strand)
    assert done == list(range(6))


def test_strands_take_turns_on_one_worker() -> None:
    """None starves, however much another has to do."""
    with ThreadPoolExecutor(1) as workers:
        first, second, done = Strand(workers), Strand(workers), []
        begin = threading.Event()
        workers.submit(begin.wait, PATIENCE)
        for number in range(3):
            first.submit(partial(done.append, ("first", number)))
        for number in range(3):
            second.submit(partial(done.append, ("second", number)))
        begin.set()
        finished(first)
        finished(second)
    assert done == [(name, number) for number in range(3) for name in ("first", "second")]


# Several jobs at once


def test_results_come_in_the_order_of_the_jobs(workers: ThreadPoolExecutor) -> None:
    jobs = [partial(pow, number, 2) for number in range(20)]
    assert in_parallel(workers, jobs) == [number * number for number in range(20)]
    assert in_parallel(workers, jobs[:1]) == [0]
    assert in_parallel(workers, []) == []


def test_jobs_run_at_the_same_time_where_workers_are_free() -> None:
    meeting = threading.Barrier(3, timeout=PATIENCE)
    with ThreadPoolExecutor(2) as workers:
        places = in_parallel(workers, [meeting.wait] * 3)  # two workers and the caller
    assert sorted(places) == [0, 1, 2]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_it_may_be_called_on_a_worker_and_inside_itself(count: int) -> None:
    """Every worker calls it, and no worker is left to help: nobody may wait for one."""

    def tree(depth: int) -> int:
        if depth == 0:
            return 1
        return sum(in_parallel(workers, [partial(tree, depth - 1)] * 2))

    with ThreadPoolExecutor(count) as workers:
        promises = [workers.submit(tree, 4) for _ in range(6)]
        assert [promise.result(PATIENCE) for promise in promises] == [16] * 6


def test_strands_may_run_jobs_in_parallel(workers: ThreadPoolExecutor) -> None:
    strands, done = [Strand(workers) for _ in range(3)], []

    def job(number: int) -> None:
        done.append(in_parallel(workers, [partial(int, number)] * 3))

    for number in range(60):
        strands[number % 3].submit(partial(job, number))
    for strand in strands:
        finished(strand)
    assert sorted(done) == [[number] * 3 for number in range(60)]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_a_job_raises_is_raised_and_nothing_is_still_at_work(
    workers: ThreadPoolExecutor, place: int
) -> None:
    """Whoever comes next may rely on it: trackers are not made for two pictures at once."""
    at_work = [0]
    lock = threading.Lock()

    def works() -> None:
        with lock:
            at_work[0] += 1
        threading.Event().wait(0.02)
        with lock:
            at_work[0] -= 1

    def fails() -> None:
        threading.Event().wait(0.005)
        raise LookupError("no such network")

    jobs: list[Callable[[], None]] = [works, works, works]
    jobs[place] = fails
    for _ in range(5):
        with pytest.raises(LookupError, match="no such network"):
            in_parallel(workers, jobs)
        assert at_work == [0]


def test_a_promise_that_nobody_has_begun_is_kept_here() -> None:
    with ThreadPoolExecutor(1) as workers:
        gate = threading.Event()
        busy = workers.submit(gate.wait)
        waiting = workers.submit(lambda: "there")
        assert result_of(waiting, lambda: "here") == "here"
        gate.set()
        assert busy.result()
        begun = workers.submit(lambda: "there")
        begun.result()
        assert result_of(begun, lambda: "here") == "there"
