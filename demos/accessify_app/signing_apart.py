"""Work that can be left in the midst of a step: to build a figure or to write a movement takes a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from accessify.server.jobs import Cancelled, Report, Work

_LOOK = 0.2
"""Seconds after which it is looked whether the job is to stop."""


def apart(work: Work) -> Work:
    """`work` in a thread of its own, so that its job ends at once when it is cancelled.

    What is left does not go on for long: the next report of how far it is ends it.
    """

    def done(report: Report) -> dict[str, Any]:
        pool = ThreadPoolExecutor(1, thread_name_prefix="accessify-apart")
        future = pool.submit(work, report)
        pool.shutdown(wait=False)
        while not wait([future], _LOOK).done:
            if report.is_cancelled:
                raise Cancelled
        return future.result()

    return done
