"""The app's bench as rows of a table."""

from __future__ import annotations

from typing import Any

from accessify.evaluation.app_figures import APP
from accessify.evaluation.figures import Rows, measured_rows


def figures_rows(bench: dict[str, Any]) -> Rows:
    """What was measured beside what it has to reach."""
    return measured_rows(APP, bench["figures"])
