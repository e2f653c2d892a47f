"""A camera's socket: real pictures to a real server, points and letters back, and what it refuses."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from accessify.core.timeline import to_seconds
from accessify.pipelines.live import LiveOptions
from accessify.server.camera import CameraLimits, camera_routes
from accessify.server.options import ServerOptions
from accessify.server.rooms import Rooms
from accessify.server.running import listen
from tests.server.site import WAIT, wait_for
from tests.signed import RATE, Image, jpeg, spelled

LETTERS = {"type": "settings", "mode": "letters", "dominant": "right"}
BEGAN = 1_000_000.5
"""Milliseconds on the page's clock at which the camera begins."""


class Page:
    """A page with a camera, as far as its socket goes."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def settings(self, **values: Any) -> None:
        self.socket.send(json.dumps(LETTERS | values))

    def send(self, moment: float, picture: bytes) -> None:
        self.socket.send(struct.pack("<d", moment) + picture)

    def hear(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.socket.recv(WAIT))
        return message

    def show(self, pictures: tuple[Image, ...], began: float = BEGAN) -> list[dict[str, Any]]:
        """Everything that is said while each picture waits for the one before to be seen."""
        told: list[dict[str, Any]] = []
        for index, picture in enumerate(pictures):
            moment = began + to_seconds(RATE.at(index)) * 1e3
            self.send(moment, jpeg(picture))
            while not told or told[-1]["type"] != "seen" or told[-1]["at"] < moment - 0.01:
                told.append(self.hear())
        return told

    def refusal(self) -> tuple[dict[str, Any], int]:
        """The problem that is told, and the code with which the socket is closed."""
        message = self.hear()
        while message["type"] != "problem":
            message = self.hear()
        with pytest.raises(ConnectionClosed) as closed:
            self.hear()
        assert closed.value.rcvd is not None
        return message, closed.value.rcvd.code


class Site:
    """A server with rooms and cameras."""

    def __init__(self, folder: Path, limits: CameraLimits) -> None:
        self.rooms = Rooms(folder)
        app = Starlette(routes=camera_routes(limits))
        app.state.rooms = self.rooms
        app.state.options = ServerOptions(live=LiveOptions(offline=True))
        config = uvicorn.Config(app, ws="websockets-sansio", log_config=None, lifespan="off")
        self.server = uvicorn.Server(config)
        self.door = listen("127.0.0.1", 0)
        self.thread = Thread(target=self.server.run, args=([self.door],))

    @contextmanager
    def camera(self, key: str) -> Iterator[Page]:
        address = f"ws://127.0.0.1:{self.door.getsockname()[1]}/rooms/{key}/camera"
        with connect(address, open_timeout=WAIT, close_timeout=WAIT) as socket:
            yield Page(socket)


@contextmanager
def serving(folder: Path, **limits: Any) -> Iterator[Site]:
    site = Site(folder, CameraLimits(**limits))
    site.thread.start()
    try:
        wait_for(lambda: site.server.started)
        yield site
    finally:
        site.server.should_exit = True
        site.thread.join(WAIT)
        site.rooms.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path) as running:
        yield running


@pytest.mark.models
def test_letters_before_a_camera_are_read_on_the_pages_own_clock(site: Site) -> None:
    room = site.rooms.open()
    pictures = spelled("wo")
    with site.camera(room.key) as page:
        page.settings()
        told = page.show(pictures)
        ready = told[0]
        assert (ready["type"], ready["signs"], ready["alphabet"], ready["pause"]) == (
            "ready",
            None,
            "ase",
            800,
        )
        letters = [one for one in told if one["type"] == "letter" and one["known"]]
        assert [one["candidates"][0]["name"] for one in letters] == ["W", "O"]
        lasts = BEGAN + to_seconds(RATE.at(len(pictures))) * 1e3
        assert BEGAN < letters[0]["start"] < letters[0]["end"] <= letters[1]["start"] < lasts
        assert 0.5 < letters[0]["candidates"][0]["confidence"] <= 0.99
        assert [one["type"] for one in told if one["type"] == "sign"] == []
        seen = [one for one in told if one["type"] == "seen"]
        assert len(seen) == len(pictures)
        assert abs(seen[0]["at"] - BEGAN) < 0.01
        check_points(ready["parts"], seen[len(seen) // 2]["points"])
        page.settings(mode="signs")
        again = page.show(pictures[:2], began=lasts + 40)
        assert [one["signs"] for one in again if one["type"] == "ready"] == [0]
        check_newest(page, lasts + 200)
    assert list(room.folder.iterdir()) == []  # no picture is kept


@pytest.mark.models
def test_a_phone_that_is_turned_begins_anew(site: Site) -> None:
    """Places are told in parts of the first picture, so none is told of one that has another shape."""
    with site.camera(site.rooms.open().key) as page:
        page.settings()
        page.show((np.zeros((48, 64, 3), np.uint8),))
        page.send(BEGAN + 40, jpeg(np.zeros((64, 48, 3), np.uint8)))
        problem, code = page.refusal()
        assert (problem["code"], code) == ("camera-turned", 4410)


def check_newest(page: Page, began: float) -> None:
    """Of pictures that come all at once some are passed over, the last is seen, and times rise."""
    picture = jpeg(spelled("wo")[0])
    for number in range(12):
        page.send(began + 40 * number, picture)
    seen: list[float] = []
    while not seen or seen[-1] < began + 40 * 11 - 0.01:
        message = page.hear()
        seen += [message["at"]] if message["type"] == "seen" else []
    assert len(seen) < 12
    assert seen == sorted(set(seen))


def check_points(parts: list[dict[str, Any]], points: list[int | None]) -> None:
    """The hand that spells is seen, within the picture, beside the head: on the left for who looks."""
    assert len(points) == 2 * sum(part["count"] for part in parts)
    begins = dict(
        zip(
            [part["name"] for part in parts], np.cumsum([0] + [part["count"] for part in parts]), strict=False
        )
    )
    first = 2 * int(begins["RIGHT_HAND_LANDMARKS"])
    hand = points[first : first + 42]
    assert None not in hand
    across, down = hand[0::2], hand[1::2]
    nose = points[2 * int(begins["POSE_LANDMARKS"])]
    assert nose is not None
    assert all(value is not None and 0 < value < nose for value in across)
    assert all(value is not None and 0 < value < 10_000 for value in down)
    limbs = {end for part in parts for limb in part["limbs"] for end in limb}
    assert max(limbs) < max(part["count"] for part in parts)


def test_a_room_has_one_camera_and_a_machine_only_some(tmp_path: Path) -> None:
    with serving(tmp_path, cameras=1) as site:
        mine, others = site.rooms.open(), site.rooms.open()
        with site.camera(mine.key) as first:
            first.settings()
            with site.camera(others.key) as refused:
                problem, code = refused.refusal()
                assert (problem["code"], problem["data"], code) == ("cameras-full", {"cameras": 1}, 4429)
                assert "1 cameras are in use" in problem["text"]
            with site.camera(mine.key) as second:
                assert first.refusal()[0]["code"] == "camera-replaced"
                second.settings()
        wait_for(lambda: free(site, others.key))  # both have left
        with site.camera(others.key) as now:
            now.settings()
            now.send(-1.0, b"picture")
            assert now.refusal()[0]["code"] == "bad-picture"


def test_a_picture_before_any_settings_is_refused(site: Site) -> None:
    with site.camera(site.rooms.open().key) as page:
        page.send(BEGAN, b"\xff\xd8\xff picture")
        problem, code = page.refusal()
        assert (problem["code"], code) == ("bad-message", 4400)


def free(site: Site, key: str) -> bool:
    """Whether there is a place for a camera."""
    with site.camera(key) as page:
        page.socket.send("no JSON")
        return str(page.refusal()[0]["code"]) == "bad-message"


@pytest.mark.parametrize(
    ("message", "code", "closed"),
    [
        ("no JSON", "bad-message", 4400),
        ('{"type": "start"}', "bad-message", 4400),
        ('{"type": "settings", "mode": ["signs"]}', "bad-message", 4400),
        ('{"type": "settings", "alphabet": "../../etc"}', "bad-message", 4400),
        ('{"type": "settings", "false_signs": 7}', "bad-message", 4400),
        (b"short", "bad-picture", 4400),
        (struct.pack("<d", float("nan")) + b"picture", "bad-picture", 4400),
        (struct.pack("<d", 1e300) + b"picture", "bad-picture", 4400),
        (struct.pack("<d", 5.0) + bytes(60_000), "too-big", 4413),
    ],
)
def test_what_is_no_message_is_refused_with_a_reason(
    message: str | bytes, code: str, closed: int, tmp_path: Path
) -> None:
    with serving(tmp_path, picture_bytes=50_000) as site, site.camera(site.rooms.open().key) as page:
        if isinstance(message, bytes):
            page.settings()
        page.socket.send(message)
        problem, socket_code = page.refusal()
        assert (problem["code"], socket_code) == (code, closed)
        assert problem["text"]


def test_pictures_that_are_none_end_the_camera_with_a_reason(site: Site) -> None:
    with site.camera(site.rooms.open().key) as page:
        page.settings()
        with suppress(ConnectionClosed):  # in the midst of it
            for number in range(500):
                page.send(BEGAN + number, b"\xff\xd8\xff no picture")
                time.sleep(0.01)  # the newest is looked at
        problem, _ = page.refusal()
        assert problem["code"] == "media-error"
        assert "JPEG or WebP" in problem["text"]


def test_a_room_that_is_not_there_and_a_camera_that_sleeps(tmp_path: Path) -> None:
    with serving(tmp_path, idle_seconds=0.2) as site:
        with site.camera("nobody") as page:
            assert page.refusal()[0]["code"] == "no-room"
        with site.camera(site.rooms.open().key) as page:
            page.settings()
            assert page.refusal()[0]["code"] == "idle"


def test_models_that_are_not_there_are_told(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "empty"))
    with site.camera(site.rooms.open().key) as page:
        page.settings()
        page.send(BEGAN, jpeg(np.zeros((48, 64, 3), np.uint8)))
        problem, _ = page.refusal()
        assert problem["code"] == "offline"
        assert str(tmp_path) not in problem["text"]
