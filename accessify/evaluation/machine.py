"""What a figure was measured on: hardware, software, state of the source."""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from accessify.core.cores import count_cores
from accessify.evaluation.matching import bench_package

_PACKAGES = (
    *("accessify", "numpy", "onnxruntime", "av", "pocketsphinx", "loky"),
    *("jiwer", "whisper-normalizer", "psutil", "moonshine-voice"),
)


def hardware() -> dict[str, Any]:
    """Processor, cores this process may use, memory, operating system, and how busy it all was."""
    psutil = bench_package("psutil")
    told = processor()
    return {
        "cpu": told["cpu"],
        "cores": told["cores"],
        "ram_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "os": told["os"],
        "load_before": [round(load, 2) for load in psutil.getloadavg()],
    }


def processor() -> dict[str, Any]:
    """Processor, cores this process may use, operating system: what can be told without an extra."""
    return {
        "cpu": _cpu_model(),
        "cores": count_cores(),
        "os": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def software(packages: Iterable[str] = _PACKAGES) -> dict[str, Any]:
    """Python and package versions, and the commit of the source where it is a git checkout."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: _version(name) for name in packages},
        **_commit(Path(__file__).resolve().parents[2]),
    }


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text("utf-8"), re.MULTILINE)
        if found:
            return found[1].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit(checkout: Path) -> dict[str, Any]:
    """The commit, and whether tracked files differ from it."""
    head = _git(checkout, "rev-parse", "HEAD") if (checkout / ".git").exists() else None
    if head is None:
        return {"commit": None, "dirty": None}
    return {"commit": head, "dirty": bool(_git(checkout, "status", "--porcelain", "--", "accessify"))}


def _git(checkout: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(checkout), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
