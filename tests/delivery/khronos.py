"""The Khronos glTF validator, installed once by npm below `build/`."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "node"
_PACKAGE = "gltf-validator@2.0.0-dev.3.10"
_SCRIPT = """
const validator = require('gltf-validator'), files = require('fs'), path = process.argv[1];
validator.validateBytes(new Uint8Array(files.readFileSync(path))).then(
  report => process.stdout.write(JSON.stringify(report)), error => { throw error; });
"""


@cache
def _installed() -> str:
    """Why it is not there, or nothing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    if (FOLDER / "node_modules" / "gltf-validator").is_dir():
        return ""
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", _PACKAGE]
    try:
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return "the npm registry does not answer"
    return "" if done.returncode == 0 else f"npm cannot install {_PACKAGE}: {done.stderr.strip()[-200:]}"


def report_of(path: Path) -> dict[str, Any]:
    """What the validator says of a file; skips the test where there is none."""
    reason = _installed()
    if reason:
        pytest.skip(reason)
    done = subprocess.run(
        ["node", "-e", _SCRIPT, str(path)], cwd=FOLDER, capture_output=True, text=True, timeout=60, check=True
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def complaints(path: Path) -> list[str]:
    """Errors and warnings, one line each; that it does not know VRM is neither."""
    messages = report_of(path)["issues"]["messages"]
    return [f"{one['code']} {one['pointer']}: {one['message']}" for one in messages if one["severity"] < 2]
