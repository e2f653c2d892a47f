"""axe-core, installed once by npm below `build/`, run inside a page."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

FOLDER = Path(__file__).parents[3] / "build" / "node"
_PACKAGE = "axe-core@4.14.1"
_SCRIPT = FOLDER / "node_modules" / "axe-core" / "axe.min.js"


@cache
def _installed() -> str:
    """Why it is not there, or nothing."""
    if _SCRIPT.is_file():
        return ""
    if shutil.which("npm") is None:
        return "npm is not installed"
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", _PACKAGE]
    try:
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return "the npm registry does not answer"
    return "" if done.returncode == 0 else f"npm cannot install {_PACKAGE}: {done.stderr.strip()[-200:]}"


def grave(page: Page) -> list[str]:
    """Serious and critical findings, one line each; skips the test where there is no axe-core."""
    reason = _installed()
    if reason:
        pytest.skip(reason)
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_SCRIPT.read_text("utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    report: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", tags
    )
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['failureSummary']}"
        for one in report["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
