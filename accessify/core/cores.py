"""How many cores this process may use."""

from __future__ import annotations


def count_cores() -> int:
    """Those that the system, or the container, lets it have; all where neither says."""
    from loky import cpu_count

    return int(cpu_count())
