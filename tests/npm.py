"""Packages that tests take from npm, each installed once in a folder of its own below `build/`."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

_FOLDER = Path(__file__).parents[1] / "build" / "node"


def npm_file(package: str, file: str) -> Path:
    """`file` of `package` (`name@version`), which is installed first; skips the test where it cannot be."""
    folder = _FOLDER / package
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):  # other tests run beside these
        reason = _missing(package, folder)
    if reason:
        pytest.skip(reason)
    return folder / "node_modules" / file


@cache
def _missing(package: str, folder: Path) -> str:
    """Why it is not there, or nothing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    if (folder / "package-lock.json").exists():  # npm writes it last
        return ""
    folder.mkdir(exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", ".", package]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return "the npm registry does not answer"
    return "" if done.returncode == 0 else f"npm cannot install {package}: {done.stderr.strip()[-200:]}"
