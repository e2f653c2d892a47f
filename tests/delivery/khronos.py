"""The Khronos glTF validator, installed once by npm below `build/`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.npm import npm_file

_PACKAGE = "gltf-validator@2.0.0-dev.3.10"
_SCRIPT = """
const validator = require('gltf-validator'), files = require('fs'), path = process.argv[1];
validator.validateBytes(new Uint8Array(files.readFileSync(path))).then(
  report => process.stdout.write(JSON.stringify(report)), error => { throw error; });
"""


def report_of(path: Path) -> dict[str, Any]:
    """What the validator says of a file; skips the test where there is none."""
    validator = npm_file(_PACKAGE, "gltf-validator")
    command = ["node", "-e", _SCRIPT, str(path)]
    done = subprocess.run(
        command, cwd=validator.parent, capture_output=True, text=True, timeout=60, check=True
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def complaints(path: Path) -> list[str]:
    """Errors and warnings, one line each; that it does not know VRM is neither."""
    messages = report_of(path)["issues"]["messages"]
    return [f"{one['code']} {one['pointer']}: {one['message']}" for one in messages if one["severity"] < 2]
