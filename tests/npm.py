"""Packages that tests take from npm, installed once below `build/`."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "build" / "node"


def npm_file(package: str, file: str) -> Path:
    """`file` of `package` (`name@version`), which is installed first; skips the test where it cannot be."""
    reason = _missing(package, file)
    if reason:
        pytest.skip(reason)
    return FOLDER / "node_modules" / file


@cache
def _missing(package: str, file: str) -> str:
    """Why it is not there, or nothing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    if (FOLDER / "node_modules" / file).exists():
        return ""
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", ".", package]
    try:
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return "the npm registry does not answer"
    return "" if done.returncode == 0 else f"npm cannot install {package}: {done.stderr.strip()[-200:]}"
