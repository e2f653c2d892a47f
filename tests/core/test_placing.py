"""Files are whole or not there: through errors, kills, full disks and folders that refuse."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from accessify.core.errors import DiskFull, OutputError
from accessify.core.placing import placed, write_error

WRITE_AND_WAIT = """
import sys, time
from pathlib import Path
from accessify.core.placing import placed
with placed(Path(sys.argv[1])) as path:
    with path.open("w") as file:
        file.write("half of it")
        file.flush()
        print(path.name, flush=True)
        time.sleep(600)
"""

AS_NOBODY = """
import os, sys
from pathlib import Path
from accessify.core.errors import OutputError
from accessify.core.placing import placed
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    with placed(Path(sys.argv[1])) as path:
        path.write_text("text")
except OutputError as error:
    print(error)
"""

LIMITED = """
import resource, signal, sys
from pathlib import Path
from accessify.core.errors import OutputError
from accessify.core.placing import placed
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with placed(Path(sys.argv[1])) as path:
        path.write_bytes(bytes(5000))
except OutputError as error:
    print(error)
"""


def run(script: str, *arguments: str | Path) -> str:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def killed_while_writing(target: Path) -> str:
    """Start a writer of `target`, kill it in the middle; the name of what it left."""
    command = [sys.executable, "-c", WRITE_AND_WAIT, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        name = writer.stdout.readline().strip()
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    return name


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_appears_whole_under_its_name_only(tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "film.srt"
    with placed(target) as path:
        assert path.parent == target.parent  # on the same disk, so that moving is one step
        assert path.suffix == ".srt"
        path.write_text("text")
        assert not target.exists()
    assert target.read_text() == "text"
    assert names(target.parent) == ["film.srt"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "film.srt"
    target.write_text("old")

    def fail() -> None:
        with placed(target) as path:
            path.write_text("half")
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        fail()
    assert target.read_text() == "old"
    assert names(tmp_path) == ["film.srt"]


def test_a_killed_writer_leaves_the_old_file_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    target = tmp_path / "film.srt"
    target.write_text("old")
    left = killed_while_writing(target)
    assert target.read_text() == "old"
    assert names(tmp_path) == sorted([left, "film.srt"])

    with placed(target) as path:
        path.write_text("new")
    assert target.read_text() == "new"
    assert names(tmp_path) == ["film.srt"]


def test_only_leftovers_of_the_same_file_and_of_dead_writers_go(tmp_path: Path) -> None:
    other = killed_while_writing(tmp_path / "other.srt")
    same_stem = killed_while_writing(tmp_path / "film.vtt")
    command = [sys.executable, "-c", WRITE_AND_WAIT, str(tmp_path / "film.srt")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as alive:
        assert alive.stdout is not None
        still_written = alive.stdout.readline().strip()
        with placed(tmp_path / "film.srt") as path:
            path.write_text("new")
        assert names(tmp_path) == sorted([other, same_stem, still_written, "film.srt"])
        alive.kill()


def test_two_processes_may_write_the_same_file(tmp_path: Path) -> None:
    target = tmp_path / "film.txt"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_often, args=(target, letter)) for letter in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert target.read_text() in {"a" * 100_000, "b" * 100_000}
    assert names(tmp_path) == ["film.txt"]


def _write_often(target: Path, letter: str) -> None:
    for _ in range(20):
        with placed(target) as path:
            path.write_text(letter * 100_000)


def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs a system with /dev/full")
    target = tmp_path / "film.srt"

    def fill() -> None:
        with placed(target) as path:
            path.symlink_to("/dev/full")  # the kernel answers every write with ENOSPC
            path.write_text("text")

    with pytest.raises(DiskFull, match=r"disk is full.*free some space"):
        fill()
    assert names(tmp_path) == []


def test_a_limit_on_file_size_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    said = run(LIMITED, tmp_path / "film.mp4")
    assert "too big" in said
    assert "choose another folder" in said
    assert names(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs POSIX accounts")
def test_a_folder_that_refuses_is_named(tmp_path: Path) -> None:
    # pytest's folders admit their owner only, so another account fails at the first of them.
    tmp_path.chmod(0o500)
    said = run(AS_NOBODY, tmp_path / "film.srt")
    assert "this folder cannot be written; choose another with -o" in said
    assert str(tmp_path) in said
    assert "\n" not in said
    tmp_path.chmod(0o700)
    assert names(tmp_path) == []


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with (
        pytest.raises(OutputError, match=r"taken/film\.srt: a file or folder of that name"),
        placed(tmp_path / "taken" / "film.srt"),
    ):
        pass
    assert (tmp_path / "taken").read_text() == "a file"


def test_folders_and_devices_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "film.srt").mkdir()
    for target in (tmp_path / "film.srt", Path(os.devnull)):
        with pytest.raises(OutputError, match="in the way"), placed(target) as path:
            path.write_text("text")
    assert names(tmp_path) == ["film.srt"]
    assert not Path(os.devnull).is_file()


def test_the_longest_names_can_be_written_and_longer_ones_are_named(tmp_path: Path) -> None:
    longest = tmp_path / ("影" * 83 + ".srt")  # 253 of the 255 bytes most disks allow
    with placed(longest) as path:
        path.write_text("text")
    assert names(tmp_path) == [longest.name]
    with pytest.raises(OutputError, match="too long"), placed(tmp_path / ("影" * 90 + ".srt")):
        pass


def test_names_that_begin_alike_do_not_share_a_temporary_file(tmp_path: Path) -> None:
    alike = "a" * 60
    with placed(tmp_path / f"{alike}1.srt") as one, placed(tmp_path / f"{alike}2.srt") as two:
        assert one != two
        one.write_text("1")
        two.write_text("2")
    assert names(tmp_path) == [f"{alike}1.srt", f"{alike}2.srt"]


def test_an_error_about_another_file_is_not_blamed_on_the_target(tmp_path: Path) -> None:
    source = tmp_path / "film.mov"
    error = PermissionError(errno.EACCES, "Permission denied", str(source))

    def read_while_writing() -> None:
        with placed(tmp_path / "film.srt"):
            raise error

    with pytest.raises(PermissionError) as caught:
        read_while_writing()
    assert caught.value is error


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EROFS, OutputError),
        (errno.EIO, OutputError),
    ],
)
def test_what_the_system_says_becomes_what_helps(number: int, kind: type[OSError]) -> None:
    assert type(write_error(Path("folder/film.srt"), OSError(number, os.strerror(number)))) is kind


def test_a_link_stays_and_what_it_stands_for_is_written_with_its_rights(tmp_path: Path) -> None:
    real, link = tmp_path / "real.srt", tmp_path / "link.srt"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    with placed(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_writer_may_be_given_a_temporary_name(tmp_path: Path) -> None:
    """Whoever asked for it looks at the whole file before it takes the old one's place."""
    target = tmp_path / "film.srt"
    with placed(target) as outer:
        with placed(outer) as inner:
            assert inner == outer
            inner.write_text("text")
        assert names(tmp_path) == [outer.name]
    assert names(tmp_path) == ["film.srt"]


def test_a_temporary_name_is_named_in_no_error(tmp_path: Path) -> None:
    target = tmp_path / "film.srt"

    def fill() -> None:
        with placed(target) as outer, placed(outer):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(DiskFull) as caught:
        fill()
    assert caught.value.message.startswith(f"{target}: the disk is full")
    assert names(tmp_path) == []
