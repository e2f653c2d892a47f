from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import DiskFull, OutputError
from accessify.delivery.journal import fingerprint, open_journal


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_what_was_written_is_there_in_the_next_run(tmp_path: Path) -> None:
    with open_journal("job", tmp_path) as journal:
        assert "a" not in journal
        journal.write("a", [1, "zwei", None, 0.1])
        journal.write("b", {"deep": [True]})
        assert "a" in journal
    with open_journal("job", tmp_path) as journal:
        assert len(journal) == 2
        assert journal["a"] == [1, "zwei", None, 0.1]
        assert journal["b"] == {"deep": [True]}


def test_a_line_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    with open_journal("job", tmp_path) as journal:
        journal.write("a", "x")
        assert json.loads((tmp_path / "job.jsonl").read_text()) == ["a", "x"]


def test_floats_survive_exactly(tmp_path: Path) -> None:
    values = [0.1, 1 / 3, 1e-300, 0.8347121080627, 123456789.123456789]
    with open_journal("job", tmp_path) as journal:
        journal.write("a", values)
    with open_journal("job", tmp_path) as journal:
        assert journal["a"] == values


@pytest.mark.parametrize("torn", ['["b", [1, 2', '["b", [1, 2]', "[", '["b"', '["b", "ä'])
def test_a_line_that_a_kill_tore_is_ignored_and_does_not_spoil_the_next(tmp_path: Path, torn: str) -> None:
    path = tmp_path / "job.jsonl"
    path.write_bytes(b'["a", 1]\n' + torn.encode()[: len(torn)])
    for _ in range(2):
        with open_journal("job", tmp_path) as journal:
            assert journal["a"] == 1
            assert "b" not in journal
            journal.write("c", 3)
    with open_journal("job", tmp_path) as journal:
        assert journal["c"] == 3


@given(st.binary(max_size=200), st.integers(0, 200))
def test_no_content_whatever_breaks_it(garbage: bytes, cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.jsonl"
        path.write_bytes(b'["a", 1]\n["b", 2]\n'[:cut] + garbage)
        with open_journal("job", Path(folder)) as journal:
            journal.write("new", "value")
        with open_journal("job", Path(folder)) as journal:
            assert journal["new"] == "value"


@pytest.mark.parametrize(
    "line", ["5", "null", '"a"', "[]", "[1, 2]", '["a", 1, 2]', '{"a": 1, "b": 2}', "[[1], 2]"]
)
def test_lines_of_another_kind_are_ignored(tmp_path: Path, line: str) -> None:
    (tmp_path / "job.jsonl").write_text(f'{line}\n["b", 2]\n')
    with open_journal("job", tmp_path) as journal:
        assert len(journal) == 1
        assert journal["b"] == 2


def test_a_finished_job_leaves_nothing(tmp_path: Path) -> None:
    with open_journal("job", tmp_path) as journal:
        journal.write("a", 1)
        journal.remove()
    assert names(tmp_path) == []


def test_a_job_that_did_nothing_leaves_nothing(tmp_path: Path) -> None:
    with open_journal("job", tmp_path):
        pass
    assert names(tmp_path) == []


def test_an_unfinished_job_leaves_its_journal_only(tmp_path: Path) -> None:
    def work() -> None:
        with open_journal("job", tmp_path) as journal:
            journal.write("a", 1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert names(tmp_path) == ["job.jsonl"]


def test_a_line_is_kept_when_ctrl_c_strikes_right_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    def work() -> None:
        with open_journal("job", tmp_path) as journal:
            journal.write("a", 1)

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        work()
    with open_journal("job", tmp_path) as journal:
        assert journal["a"] == 1


def test_jobs_are_apart(tmp_path: Path) -> None:
    with open_journal("one", tmp_path) as one, open_journal("two", tmp_path) as two:
        one.write("a", 1)
        assert "a" not in two


HOLD = """
import sys
from pathlib import Path
from accessify.delivery.journal import open_journal
with open_journal("job", Path(sys.argv[1])) as journal:
    journal.write("a", 1)
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that works on the job."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_on_the_same_job_is_told_to_wait(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(OutputError, match=r"another accessify is captioning this file.*; wait"):
        open_journal("job", tmp_path).__enter__()
    with open_journal("another job", tmp_path):
        pass
    holder.communicate("", timeout=20)
    assert holder.returncode == 0
    with open_journal("job", tmp_path) as journal:
        assert journal["a"] == 1


def test_a_killed_process_holds_nothing(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.communicate(timeout=20)
    with open_journal("job", tmp_path) as journal:
        assert journal["a"] == 1
    assert names(tmp_path) == ["job.jsonl"]


def test_the_same_process_cannot_work_on_a_job_twice(tmp_path: Path) -> None:
    with (
        open_journal("job", tmp_path),
        pytest.raises(OutputError, match="another accessify"),
        open_journal("job", tmp_path),
    ):
        pass


def test_the_state_folder_is_the_users_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESSIFY_STATE", str(tmp_path / "chosen"))
    with open_journal("job") as journal:
        journal.write("a", 1)
    assert names(tmp_path / "chosen" / "jobs") == ["job.jsonl"]


def test_a_state_folder_that_cannot_be_made_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(
            OutputError, match=r"cannot be kept there .*; set ACCESSIFY_STATE to a folder"
        ) as caught,
        open_journal("job", tmp_path / "file" / "below"),
    ):
        pass
    assert str(tmp_path / "file" / "below") in str(caught.value)


def test_a_journal_that_cannot_be_opened_names_the_way_out_and_locks_nothing(tmp_path: Path) -> None:
    (tmp_path / "job.jsonl").mkdir()
    for _ in range(2):
        with pytest.raises(OutputError, match="set ACCESSIFY_STATE"), open_journal("job", tmp_path):
            pass
    (tmp_path / "job.jsonl").rmdir()
    with open_journal("job", tmp_path):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_called_that(tmp_path: Path) -> None:
    with open_journal("job", tmp_path) as journal:
        journal.write("a", 1)
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, journal._stream.fileno())
        os.close(full)
        with pytest.raises(DiskFull, match=r"the disk is full.*; free some space"):
            journal.write("b", 2)
        assert "b" not in journal
    with open_journal("job", tmp_path) as journal:
        assert len(journal) == 1


class TestFingerprint:
    def film(self, folder: Path, size: int = 20_000_000) -> Path:
        path = folder / "film.mov"
        with path.open("wb") as stream:
            stream.truncate(size)
        return path

    def test_the_same_bytes_give_the_same(self, tmp_path: Path) -> None:
        first = fingerprint(self.film(tmp_path))
        assert fingerprint(self.film(tmp_path).rename(tmp_path / "renamed.mov")) == first

    @pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 1_000_000])
    def test_files_of_any_size(self, tmp_path: Path, size: int) -> None:
        assert len(fingerprint(self.film(tmp_path, size))) == 64

    @pytest.mark.parametrize("size", [1, 65_536, 4_000_000])
    def test_every_byte_of_a_small_file_counts(self, tmp_path: Path, size: int) -> None:
        path = self.film(tmp_path, size)
        before = fingerprint(path)
        for at in {0, size // 2, size // 3, size - 1}:
            changed = bytearray(size)
            changed[at] = 1
            path.write_bytes(changed)
            assert fingerprint(path) != before

    def test_length_head_and_tail_of_a_large_file_count(self, tmp_path: Path) -> None:
        path = self.film(tmp_path)
        found = {fingerprint(path)}
        for at in (0, 20_000_000 - 1):
            with path.open("r+b") as stream:
                stream.seek(at)
                stream.write(b"x")
            found.add(fingerprint(path))
        with path.open("r+b") as stream:
            stream.truncate(19_999_999)
        found.add(fingerprint(path))
        assert len(found) == 4
