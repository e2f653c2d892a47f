"""How many cores this process may use."""

from __future__ import annotations

import os


def count_cores() -> int:
    """Those that the system lets it have; all where it does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
