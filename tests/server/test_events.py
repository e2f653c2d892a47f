"""Captions as server-sent events."""

from __future__ import annotations

import json
import threading
import urllib.request
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.server.site import WAIT, Site, beckett, hear, hear_all, pcm16, pieces, send, wait_for
from tests.spoken import BECKETT, agreement

pytestmark = pytest.mark.models


def read_events(address: str, last: str | None = None) -> list[dict[str, str]]:
    """The events of a stream to its end, as a browser takes them apart."""
    request = urllib.request.Request(address, headers={"Last-Event-ID": last} if last else {})
    with urllib.request.urlopen(request, timeout=WAIT) as answer:
        if answer.status == 204:
            return []
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        blocks = answer.read().decode().split("\n\n")
    events = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks if block]
    return [event for event in events if "data" in event]


def said(events: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [json.loads(event["data"]) for event in events]


def test_readers_get_what_the_speaker_gets_while_it_is_said(site: Site) -> None:
    found: list[dict[str, str]] = []
    with site.talk() as client:
        name = hear(client)["id"]
        address = f"{site.address}/v1/live/{name}/events"
        reading = threading.Thread(target=lambda: found.extend(read_events(address)))
        reading.start()
        wait_for(lambda: site.session(name).log.readers == 2)
        send(client, [*pieces(pcm16(beckett())), json.dumps({"type": "finish"})])
        told = [message for message in hear_all(client) if "seq" in message]
    reading.join(WAIT)
    assert [message for message in said(found)[1:] if "seq" in message] == told
    assert all(event["event"] == message["type"] for event, message in zip(found, said(found), strict=True))
    assert [event.get("id") for event in found[1:] if "id" in event] == [str(each["seq"]) for each in told]
    finals = [message["text"] for message in said(found) if message["type"] == "final"]
    assert agreement(" ".join(finals), BECKETT) > 0.6
    half = told[len(told) // 2]["seq"]
    again = [message for message in said(read_events(address, str(half)))[1:] if "seq" in message]
    assert [message["seq"] for message in again] == list(range(half + 1, told[-1]["seq"] + 1))
    assert read_events(address, str(told[-1]["seq"])) == []  # a browser that comes back is told to stay away


def test_a_caption_cannot_begin_an_event_of_its_own(site: Site) -> None:
    evil = "x\n\nevent: ended\ndata: {}\n\n</script>\u2028\r\rid: 9"
    with site.talk() as client:
        name = hear(client)["id"]
        loop = site.server.servers[0].get_loop()
        loop.call_soon_threadsafe(site.session(name).log.append, {"type": "note", "text": evil})
        client.send(json.dumps({"type": "finish"}))
        hear_all(client)
    events = read_events(f"{site.address}/v1/live/{name}/events")
    assert [event["event"] for event in events] == ["started", "note", "ended"]
    assert said(events)[1]["text"] == evil


@pytest.mark.parametrize(
    ("path", "last", "code"), [("never", None, 404), (None, "x", 400), (None, "-1", 400)]
)
def test_what_is_not_there_is_told(site: Site, path: str | None, last: str | None, code: int) -> None:
    with site.talk() as client:
        name = path or hear(client)["id"]
        with pytest.raises(HTTPError) as refused:
            read_events(f"{site.address}/v1/live/{name}/events", last)
    with refused.value as error:
        assert error.code == code
        assert json.load(error)["error"]["message"]
