from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import ChecksumMismatch, DiskFull, DownloadFailed, OutputError
from accessify.core.progress import Progress
from accessify.hub.cache import is_whole, path_of, place, require_space
from accessify.hub.verify import Health, verify_model
from tests.hub.local_models import TOKENS, WEIGHTS, make_file, make_model

FILE = make_file("weights.onnx", WEIGHTS)


def flip_a_byte(path: Path) -> None:
    with path.open("r+b") as content:
        content.seek(1000)
        content.write(b"\xff")


def place_it() -> Path:
    place(FILE, io.BytesIO(WEIGHTS), "memory")
    return path_of(FILE)


def test_the_cache_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESSIFY_CACHE", "~/elsewhere")
    assert path_of(FILE) == Path.home() / "elsewhere" / "models" / "tiny" / "weights.onnx"


def test_the_cache_is_otherwise_the_platforms_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ACCESSIFY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder().is_relative_to(tmp_path)
    assert cache_folder().name == "accessify"


def test_what_is_placed_is_whole() -> None:
    path = place_it()
    assert path.read_bytes() == WEIGHTS
    assert is_whole(path, FILE)
    assert is_whole(path, FILE, thorough=True)


def test_progress_counts_what_is_placed() -> None:
    steps: list[Progress] = []
    place(FILE, io.BytesIO(WEIGHTS), "memory", steps.append)
    assert steps[-1] == Progress("fetch tiny/weights.onnx", len(WEIGHTS), len(WEIGHTS), "B")


def test_a_file_that_is_not_there_is_not_whole(tmp_path: Path) -> None:
    assert not is_whole(tmp_path / "none", FILE)
    (tmp_path / "file").write_bytes(b"")
    assert not is_whole(tmp_path / "file" / "none", FILE)


def test_a_file_cut_short_is_not_whole() -> None:
    path = place_it()
    os.truncate(path, 10)
    assert not is_whole(path, FILE)


def test_a_file_that_was_written_to_is_noticed_without_being_asked() -> None:
    path = place_it()
    flip_a_byte(path)
    assert not is_whole(path, FILE)


def test_a_file_that_was_only_copied_is_still_whole(tmp_path: Path) -> None:
    path = place_it()
    copy = tmp_path / "copy"
    copy.write_bytes(path.read_bytes())
    assert is_whole(copy, FILE)


def test_rot_that_leaves_no_trace_is_found_by_hashing_and_remembered() -> None:
    path = place_it()
    before = path.stat()
    flip_a_byte(path)
    os.utime(path, (before.st_atime, before.st_mtime))
    assert is_whole(path, FILE)
    assert not is_whole(path, FILE, thorough=True)
    assert not is_whole(path, FILE)


@pytest.mark.parametrize("content", [WEIGHTS[:-1], WEIGHTS + b"x", b"", bytes(len(WEIGHTS))])
def test_wrong_content_is_not_placed(content: bytes) -> None:
    with pytest.raises(ChecksumMismatch, match="nothing was placed") as caught:
        place(FILE, io.BytesIO(content), "somewhere/weights.onnx")
    assert caught.value.path == "somewhere/weights.onnx"
    assert list(path_of(FILE).parent.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without an end")
def test_an_endless_source_is_read_no_further_than_needed() -> None:
    with Path("/dev/zero").open("rb") as endless, pytest.raises(ChecksumMismatch):
        place(FILE, endless, "/dev/zero")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file whose reading fails")
def test_content_that_cannot_be_read_is_told_and_leaves_nothing() -> None:
    told = f"memory: cannot be read .{os.strerror(errno.EIO)}"
    with Path("/proc/self/mem").open("rb", buffering=0) as failing, pytest.raises(DownloadFailed, match=told):
        place(FILE, failing, "memory")
    assert list(path_of(FILE).parent.iterdir()) == []


def test_a_cache_in_the_way_of_a_file_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "file"))
    with pytest.raises(OutputError, match=r"the model cache cannot be written .*set ACCESSIFY_CACHE"):
        place_it()


def test_more_than_the_disk_holds_is_refused(tmp_path: Path) -> None:
    require_space(1)
    with pytest.raises(DiskFull) as caught:
        require_space(10**18)
    assert caught.value.needed == 10**18


def test_verdicts_tell_whole_damaged_and_missing() -> None:
    model = make_model()
    place_it()
    assert [verdict.health for verdict in verify_model(model)] == [Health.WHOLE, Health.MISSING]
    place(model.files[1], io.BytesIO(TOKENS), "memory")
    path_of(model.files[1]).write_bytes(TOKENS.upper())
    assert [verdict.health for verdict in verify_model(model)] == [Health.WHOLE, Health.DAMAGED]


def test_trouble_of_a_callback_is_not_taken_for_the_caches() -> None:
    def gone(_: Progress) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        place(FILE, io.BytesIO(WEIGHTS), "memory", gone)
    assert list(path_of(FILE).parent.iterdir()) == []
