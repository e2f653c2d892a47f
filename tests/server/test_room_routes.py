"""Rooms over HTTP: uploads that survive, files that are safe to give out, events."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode

import pytest

from accessify.core.progress import Progress
from accessify.pipelines.live import LiveEngine
from accessify.server import room_routes
from accessify.server.app import create_app
from accessify.server.jobs import Jobs
from accessify.server.options import ServerOptions
from accessify.server.rooms import Room, RoomLimits, Rooms
from accessify.server.running import Server, listen
from tests.server.site import WAIT, wait_for

DATA = bytes(range(256)) * 4_000
LIMITS = RoomLimits(spare_bytes=0, file_bytes=50_000_000, piece_seconds=0.4)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return cast("dict[str, Any]", json.loads(self.body))


@dataclass(frozen=True, slots=True)
class House:
    """A server with rooms, without any network that listens."""

    address: str
    rooms: Rooms
    jobs: Jobs
    server: Server
    thread: threading.Thread

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def ask(self, method: str, path: str, data: bytes | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.address + path, data, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=WAIT) as answer:
                return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except HTTPError as error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    def room(self) -> Room:
        return self.rooms.find(self.ask("POST", "/rooms").json["key"])

    def put(self, room: Room, name: str, data: bytes, **values: object) -> Answer:
        asked = urlencode({"at": 0, "size": len(data), "title": name} | values)
        return self.ask("PUT", f"/rooms/{room.key}/files/{quote(name, safe='')}?{asked}", data)

    def state(self, room: Room) -> dict[str, Any]:
        return self.ask("GET", f"/rooms/{room.key}").json


@contextmanager
def housing(folder: Path, limits: RoomLimits = LIMITS, token: str | None = None) -> Iterator[House]:
    ready, addresses = threading.Event(), list[str]()
    rooms, jobs = Rooms(folder, limits), Jobs()
    engine = cast(LiveEngine, None)  # nobody opens a stream
    app = create_app(ServerOptions(token=token), engine, [], rooms, jobs)
    server = Server(app, lambda address: (addresses.append(address), ready.set())[1])  # type: ignore[func-returns-value]
    thread = threading.Thread(target=server.run, args=([listen("127.0.0.1", 0)],))
    thread.start()
    try:
        assert ready.wait(WAIT)
        yield House(addresses[0], rooms, jobs, server, thread)
    finally:
        server.should_exit = True
        thread.join(WAIT)
        jobs.close()
        rooms.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with housing(tmp_path_factory.mktemp("rooms")) as running:
        yield running


@contextmanager
def listening(house: House, room: Room, after: int | None = None) -> Iterator[list[tuple[str, Any]]]:
    """The events of a room, as (id, message), and comments, while they come; the list is closed by "over"."""
    headers = {"Last-Event-ID": str(after)} if after is not None else {}
    request = urllib.request.Request(f"{house.address}/rooms/{room.key}/events", headers=headers)
    answer, found = urllib.request.urlopen(request, timeout=WAIT), list[tuple[str, Any]]()

    plug = cast(Any, answer).fp.raw._sock

    def read() -> None:
        number = ""
        try:
            for line in answer:
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field == "id":
                    number = value
                elif field == "data":
                    found.append((number, json.loads(value)))
                elif field == "":
                    found.extend([("comment", value)] if value else [])
                    number = ""
        except (OSError, ValueError):
            pass  # it was closed below
        found.append(("over", None))

    reading = threading.Thread(target=read)
    reading.start()
    try:
        wait_for(lambda: bool(found))
        yield found
    finally:
        with suppress(OSError):
            plug.shutdown(socket.SHUT_RDWR)
        reading.join(WAIT)
        answer.close()


def test_a_film_comes_in_pieces(house: House) -> None:
    room = house.room()
    half = len(DATA) // 2
    title = "Unser Film \u202e\n../<b>.mp4"
    first = house.put(room, "film.mp4", DATA[:half], size=len(DATA), title=title)
    assert first.json == {"received": half}
    told = house.state(room)["files"]["film.mp4"]
    assert (told["size"], told["received"]) == (len(DATA), half)
    assert told["title"] == "Unser Film _.._<b>.mp4"  # no folders, no line ends, no turned text
    assert house.ask("GET", f"/rooms/{room.key}/files/film.mp4").status == 404  # not whole yet
    wrong = house.put(room, "film.mp4", DATA[5:], at=5, size=len(DATA))
    assert wrong.status == 409
    assert wrong.json["received"] == half
    assert house.put(room, "film.mp4", DATA[half:], at=half, size=len(DATA)).json == {"received": len(DATA)}
    assert room.file("film.mp4").read_bytes() == DATA
    assert [path.name for path in room.folder.iterdir()] == ["film.mp4"]
    again = house.put(room, "film.mp4", DATA[:1], at=1, size=len(DATA))  # the answer was lost, the page asks
    assert again.json["received"] == len(DATA)


@pytest.mark.parametrize("lost", ["closed", "silent"])
def test_what_came_before_a_connection_was_lost_is_kept(house: House, lost: str) -> None:
    room = house.room()
    with socket.create_connection(("127.0.0.1", house.port)) as plug:
        head = f"PUT /rooms/{room.key}/files/film.mp4?at=0&size={len(DATA)} HTTP/1.1\r\nHost: localhost\r\n"
        plug.sendall(f"{head}Content-Length: {len(DATA)}\r\n\r\n".encode() + DATA[:300_000])
        if lost == "silent":
            assert b"408" in plug.recv(20)
    wait_for(lambda: house.state(room)["files"].get("film.mp4", {}).get("received") == 300_000)
    rest = house.put(room, "film.mp4", DATA[300_000:], at=300_000, size=len(DATA))
    assert rest.json == {"received": len(DATA)}
    assert room.file("film.mp4").read_bytes() == DATA


def test_too_much_is_refused_before_the_first_byte_is_stored(house: House) -> None:
    room = house.room()
    with socket.create_connection(("127.0.0.1", house.port)) as plug:
        head = f"PUT /rooms/{room.key}/files/film.mp4?at=0&size=3000000000000 HTTP/1.1\r\nHost: localhost\r\n"
        plug.sendall(f"{head}Content-Length: 8000000\r\n\r\n".encode())  # and nothing more
        answer = b"".join(iter(lambda: plug.recv(4_000), b""))
    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"code":"too-big"' in answer
    assert b"at most 50.0 MB" in answer
    assert list(room.folder.iterdir()) == []
    assert house.state(room)["files"] == {}


def test_pieces_that_lie_are_refused(house: House) -> None:
    room = house.room()
    assert house.put(room, "a", DATA, size=10).json["problem"]["code"] == "bad-piece"
    assert house.put(room, "a", DATA, size="many").status == 400
    assert house.put(room, "../a", DATA).status in (400, 404)
    big = house.put(room, "b", b"x" * (LIMITS.piece_bytes + 1))
    assert big.json["problem"]["code"] == "bad-piece"
    assert not any(path.is_file() and path.stat().st_size > 10**6 for path in room.folder.iterdir())


def test_a_full_disk_is_told_and_the_upload_can_go_on(house: House) -> None:
    room = house.room()
    house.put(room, "film.mp4", DATA[:1000], size=len(DATA))
    part = room.uploads["film.mp4"].part
    kept = part.rename(part.with_name("kept"))
    part.symlink_to("/dev/full")  # really has no room
    full = house.put(room, "film.mp4", DATA[1000:], at=1000, size=len(DATA))
    assert full.status == 507
    assert full.json["problem"]["code"] == "disk-full"
    assert str(room.folder) not in full.body.decode()
    kept.replace(part)  # somebody made room
    assert house.put(room, "film.mp4", DATA[1000:], at=1000, size=len(DATA)).status == 200
    assert room.file("film.mp4").read_bytes() == DATA


def test_files_are_given_out_so_that_they_can_do_no_harm(house: House) -> None:
    room = house.room()
    house.put(room, "film.mp4", DATA)
    address = f"/rooms/{room.key}/files/film.mp4"
    part = house.ask("GET", address, Range="bytes=100-199")
    assert (part.status, part.body) == (206, DATA[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(DATA)}"
    asked = urlencode({"as": 'Ein Film"; x=.mp4'})
    named = house.ask("GET", f"{address}?{asked}").headers
    assert named["content-disposition"] == "attachment; filename*=utf-8''Ein%20Film%22%3B%20x%3D.mp4"
    for name in ("page.html", "drawing.svg", "captions.xml", "noending"):
        house.put(room, name, b"<html><script>alert(1)</script></html>")
        found = house.ask("GET", f"/rooms/{room.key}/files/{name}")
        assert found.headers["content-type"] == "application/octet-stream"
        assert found.headers["content-disposition"].startswith("attachment")
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert "no-store" in found.headers["cache-control"]
    assert house.ask("HEAD", address).headers["content-length"] == str(len(DATA))


def test_nobody_gets_into_another_room(house: House) -> None:
    one, other = house.room(), house.room()
    house.put(one, "film.mp4", DATA)
    for path in (
        f"/rooms/{other.key}/files/film.mp4",
        f"/rooms/{other.key}/files/..%2F{one.folder.name}%2Ffilm.mp4",
        f"/rooms/{one.folder.name}/files/film.mp4",
        "/rooms/",
        "/rooms",
    ):
        assert house.ask("GET", path).status in (400, 404, 405), path
    gone = house.ask("GET", f"/rooms/{'x' * 43}")
    assert (gone.status, gone.json["problem"]["code"]) == (404, "no-room")
    foreign = house.ask("POST", "/rooms", Origin="https://evil.example")
    assert foreign.status == 403


def test_leaving_removes_what_was_there(house: House) -> None:
    room = house.room()
    house.put(room, "film.mp4", DATA[:100], size=len(DATA))
    house.put(room, "film.srt", b"1")
    assert house.ask("DELETE", f"/rooms/{room.key}/files/film.mp4").status == 204
    assert list(house.state(room)["files"]) == ["film.srt"]
    assert room.awaited == 0
    assert house.ask("DELETE", f"/rooms/{room.key}").status == 204
    assert not room.folder.exists()
    assert house.ask("GET", f"/rooms/{room.key}").status == 404


def test_two_pages_of_a_room_are_told_the_same(house: House) -> None:
    room, done = house.room(), threading.Event()
    evil = 'a\n\ndata: {"type":"job"}\n\n\u2028</script>'

    def work(report: Any) -> dict[str, Any]:
        report.progress(Progress("transcribe", 1, 2))
        report.cues([{"start": 0.0, "end": 1.0, "text": evil, "confidence": None}])
        done.wait(WAIT)
        return {"version": 1}

    with listening(house, room) as one, listening(house, room) as two:
        assert one[0] == ("", {"type": "state", "files": {}, "jobs": [], "draft": None, "cues": []})
        house.put(room, "film.mp4", DATA)
        house.jobs.submit(room, "film", "caption", work)
        wait_for(lambda: any(message["type"] == "cues" for _, message in one))
        with listening(house, room) as late:  # a page that was loaded anew in the middle of it
            assert late[0][1]["files"]["film.mp4"]["received"] == len(DATA)
            assert late[0][1]["jobs"][0]["status"] == "running"
            assert late[0][1]["cues"][0]["cues"][0]["text"] == evil
        done.set()
        wait_for(
            lambda: all(each[-1][1]["type"] == "job" and each[-1][1]["job"]["result"] for each in (one, two))
        )
        assert one[1:] == two[1:]
        numbers = [int(number) for number, _ in one[1:]]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_page_that_comes_back_gets_what_it_missed(house: House) -> None:
    room = house.room()
    for number in range(3):
        room.tell({"type": "sign", "number": number})
        room.tell({"type": "draft", "version": number})
    with listening(house, room, after=1) as found:
        wait_for(lambda: len(found) == 3)
        assert [message.get("number") for _, message in found] == [None, 1, 2]  # drafts: see the state
    with listening(house, room, after=999) as found:
        room.tell({"type": "sign", "number": 9})
        wait_for(lambda: len(found) == 2)
        assert found[1][1]["number"] == 9


def test_a_slow_page_is_told_the_state_again(tmp_path: Path) -> None:
    with housing(tmp_path, RoomLimits(events=5)) as house:
        room = house.room()
        with listening(house, room) as found:
            for number in range(5_000):  # faster than anybody reads
                room.tell({"type": "sign", "number": number})
            wait_for(lambda: found[-1] == ("5000", {"type": "sign", "number": 4_999}))
            assert [message["type"] for _, message in found].count("state") >= 2
            assert len(found) < 5_000


def test_signs_of_life(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_routes, "KEEP_ALIVE", 0.05)
    room = house.room()
    with listening(house, room) as found:
        wait_for(lambda: ("comment", "still here") in found)
        assert room.idle == 0  # a page that is open keeps its room
    wait_for(lambda: room.idle > 0)


def test_the_stop_of_the_server_ends_what_is_open(tmp_path: Path) -> None:
    with housing(tmp_path) as house:
        room = house.room()
        house.put(room, "film.mp4", DATA)
        with listening(house, room) as found:
            began = time.monotonic()
            house.server.should_exit = True
            house.thread.join(WAIT)
            wait_for(lambda: found[-1][0] == "over")
            assert time.monotonic() - began < 5
    assert list(tmp_path.iterdir()) == []


def test_rooms_are_behind_the_token_too(tmp_path: Path) -> None:
    with housing(tmp_path, token="sesame") as house:  # noqa: S106
        assert house.ask("POST", "/rooms").status == 401
        key = house.ask("POST", "/rooms", Authorization="Bearer sesame").json["key"]
        assert house.ask("GET", f"/rooms/{key}").status == 401
        assert house.ask("GET", f"/rooms/{key}/events").status == 401
        assert house.ask("GET", f"/rooms/{key}?token=sesame").status == 200
