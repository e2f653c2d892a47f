"""Rooms: keys, names, space, and what is removed when."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from accessify.core.errors import DiskFull, NotMedia, UnknownName
from accessify.server import rooms as rooms_module
from accessify.server.problem import problem_of
from accessify.server.refusal import Refused
from accessify.server.room_log import RoomLog
from accessify.server.rooms import Room, RoomLimits, Rooms
from accessify.server.uploads import Upload

LIMITS = RoomLimits(spare_bytes=0)


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return Rooms(tmp_path / "rooms", LIMITS)


def refusal(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.code


def test_a_room_is_found_by_its_key_alone(rooms: Rooms) -> None:
    one, other = rooms.open(), rooms.open()
    assert rooms.find(one.key) is one
    assert len(one.key) >= 32
    assert one.key not in str(one.folder)
    assert one.folder != other.folder
    assert one.folder.stat().st_mode & 0o077 == 0  # nobody else on the machine may look
    for guess in ("", one.key[:-1], one.folder.name, ".", "*"):
        with pytest.raises(Refused) as error:
            rooms.find(guess)
        assert refusal(error) == "no-room"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "../x",
        "a/b",
        "a\\b",
        "x\0",
        "x\n",
        "x" * 81,
        "fílm.mp4",
        "film.mp4.part",
        "C:x",
    ],
)
def test_hostile_names_are_refused(rooms: Rooms, name: str) -> None:
    room = rooms.open()
    with pytest.raises(Refused) as error:
        room.file(name)
    assert refusal(error) == "bad-name"


def test_files_are_told_by_the_name_the_user_gave(rooms: Rooms) -> None:
    room = rooms.open()
    room.file("film.mp4").write_bytes(b"12345")
    room.titles["film.mp4"] = "My film.mp4"
    (room.folder / ".hidden").write_text("x")
    upload = Upload("other.mov", 10, room.folder, 0)
    upload.begin()
    upload.write(upload.take_over(), b"123")
    room.uploads["other.mov"] = upload
    assert room.files() == {
        "film.mp4": {"size": 5, "received": 5, "title": "My film.mp4"},
        "other.mov": {"size": 10, "received": 3, "title": "other.mov"},
    }


def test_space_is_asked_for_before_a_byte_is_stored(tmp_path: Path) -> None:
    free = 10**6 * (os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize // 10**6)
    limits = RoomLimits(file_bytes=free * 2, room_bytes=free * 3, spare_bytes=free // 2, files=2)
    rooms = Rooms(tmp_path, limits)
    room, other = rooms.open(), rooms.open()
    rooms.require_space(room, free // 4)

    def refused(where: Room, size: int) -> str:
        with pytest.raises(Refused) as error:
            rooms.require_space(where, size)
        return refusal(error)

    assert refused(room, free * 2 + 1) == "too-big"
    assert refused(room, free) == "disk-full"
    other.uploads["film"] = Upload("film", free // 3, other.folder)
    assert refused(room, free // 4) == "disk-full"  # what is still to come in another room is not free
    other.uploads.clear()
    room.file("a").write_bytes(b"1")
    room.file("b").write_bytes(b"1")
    assert refused(room, 1) == "room-full"
    rooms.close()


def test_rooms_go_when_nobody_has_used_them_for_long(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path, replace(LIMITS, kept_seconds=-1))
    left, used = rooms.open(), rooms.open()
    left.file("film.mp4").write_bytes(b"1")
    with used.in_use():
        rooms.find(left.key)
        used._used_at -= 10**6
        rooms.limits = replace(LIMITS, kept_seconds=3600)
        rooms.sweep()
        assert rooms.has(left)
        left._used_at -= 3601
        rooms.sweep()
        assert rooms.has(used)
    assert not rooms.has(left)
    assert not left.folder.exists()
    assert left.log.over


def test_an_empty_room_gives_way_where_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms_module, "_FORGOTTEN", -1.0)
    rooms = Rooms(tmp_path, replace(LIMITS, rooms=2))
    full, empty = rooms.open(), rooms.open()
    full.file("film.mp4").write_bytes(b"1")
    third = rooms.open()
    assert rooms.has(full)
    assert not rooms.has(empty)
    third.file("film.mp4").write_bytes(b"1")
    with pytest.raises(Refused) as error:
        rooms.open()
    assert refusal(error) == "too-many"


def test_everything_is_removed_at_the_end_from_any_thread(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path, LIMITS)
    rooms.open().file("film.mp4").write_bytes(b"1")
    closing = threading.Thread(target=rooms.close)
    closing.start()
    closing.join()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_application_left_is_removed_by_the_next(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from accessify.server.rooms import Rooms\n"
        "Rooms(Path(sys.argv[1])).open().file('film.mp4').write_bytes(b'1'); print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    living = Rooms(tmp_path, LIMITS)
    living.open().file("film.mp4").write_bytes(b"1")
    child = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
    with child:
        assert child.stdout
        assert child.stdout.readline() == b"ready\n"
        assert len(list(tmp_path.rglob("film.mp4"))) == 2
        child.send_signal(signal.SIGKILL)
    fresh = Rooms(tmp_path, LIMITS)
    (left,) = tmp_path.rglob("film.mp4")
    assert living._folder in left.parents
    fresh.close()
    living.close()
    assert list(tmp_path.iterdir()) == []


class TestLog:
    def test_progress_of_jobs_pushes_nothing_else_out(self) -> None:
        log = RoomLog(3)
        log.tell({"type": "file", "name": "a"})
        for done in range(10):
            log.tell({"type": "job", "done": done})
        assert [told.seq for told in log.after(0)] == [1, 9, 10, 11]
        assert not log.knows(0)
        assert log.knows(8)
        assert not log.knows(12)


class TestUploads:
    def test_the_connection_that_came_back_goes_on_and_the_old_one_does_not(self, tmp_path: Path) -> None:
        upload = Upload("a", 6, tmp_path)
        upload.begin()
        old = upload.take_over()
        upload.write(old, b"12")
        new = upload.take_over()
        with pytest.raises(Refused, match="another connection"):
            upload.write(old, b"34")
        upload.write(new, b"3456")
        with pytest.raises(Refused, match="more bytes came"):
            upload.write(new, b"7")
        with pytest.raises(Refused, match="another connection"):
            upload.finish(old)
        upload.finish(new)
        assert (tmp_path / "a").read_bytes() == b"123456"
        assert not upload.part.exists()

    def test_a_full_disk_keeps_what_was_there(self, tmp_path: Path) -> None:
        upload = Upload("a", 100, tmp_path)
        upload.begin()
        upload.write(upload.take_over(), b"1" * 10)
        upload.part.unlink()
        upload.part.symlink_to("/dev/full")  # really has no room
        with pytest.raises(DiskFull):
            upload.write(upload.take_over(), b"2" * 10)
        assert upload.received == 10


class TestProblems:
    def test_paths_of_the_server_are_not_told(self, rooms: Rooms) -> None:
        room = rooms.open()
        room.titles["film-1.mp4"] = "Our film (1).mp4"
        told = problem_of(NotMedia(room.file("film-1.mp4"), "it is text"), room)
        assert told == {
            "code": "not-media",
            "text": "Our film (1).mp4: not a media file (it is text); give a film or recording such as "
            ".mp4, .mov or .mkv",
            "data": {},
        }
        other = problem_of(DiskFull("/var/lib/secret/models/x.bin", 5_000_000), room)
        assert "secret" not in str(other)
        assert "x.bin: the disk is full (5 MB needed)" in other["text"]
        assert other["data"] == {"needed": 5_000_000}
        for place in (f"{Path.home()}/a b/secret/x.bin", "file:///var/lib/secret/x.bin"):
            assert "secret" not in problem_of(NotMedia(place, "it is text"), room)["text"]
        kept = problem_of(NotMedia("x", "see https://example.org/a/b"), room)["text"]
        assert "https://example.org/a/b" in kept

    def test_data_is_json(self) -> None:
        told = problem_of(UnknownName("format", "docx", ("srt", "vtt")))
        assert told["code"] == "unknown-name"
        assert told["data"] == {"kind": "format", "name": "docx", "known": ["srt", "vtt"]}

    def test_of_a_fault_only_the_kind_is_told(self) -> None:
        assert problem_of(RuntimeError("/secret/path")) == {
            "code": "failed",
            "text": "this failed (RuntimeError); please try again",
            "data": {},
        }
