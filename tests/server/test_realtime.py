"""Live captions over real sockets: sound in, lines out, and everything that can go wrong."""

from __future__ import annotations

import io
import json
import socket
import time
import urllib.request
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from accessify.pipelines.live import LiveEngine
from accessify.server.options import Limits
from tests.server.site import (
    WAIT,
    Site,
    beckett,
    hear,
    hear_all,
    hear_until,
    pcm16,
    pieces,
    send,
    serving,
    shown,
    wait_for,
)
from tests.spoken import BECKETT, agreement

pytestmark = pytest.mark.models

FINISH = json.dumps({"type": "finish"})


def opus_webm(samples: NDArray[np.float32], container: str = "webm") -> bytes:
    """As a browser records it: Opus at 48 kHz in a container that is written while it grows."""
    import av

    target = io.BytesIO()
    with av.open(target, "w", format=container, options={"live": "1"} if container == "webm" else {}) as film:
        track = film.add_stream("libopus", rate=48_000, layout="mono")
        for at in range(0, len(samples), 1_600):
            frame = av.AudioFrame.from_ndarray(samples[None, at : at + 1_600], format="flt", layout="mono")
            frame.sample_rate = 16_000
            film.mux(track.encode(frame))
        film.mux(track.encode(None))
    return target.getvalue()


def stereo_48k(samples: NDArray[np.float32]) -> bytes:
    """Three times as many samples, on two channels."""
    longer = np.interp(np.arange(3 * len(samples)) / 3, np.arange(len(samples)), samples)
    return np.repeat(longer.astype("<f4"), 2).tobytes()


FORMS: dict[str, tuple[dict[str, Any], Any]] = {
    "pcm16": ({"format": "pcm16", "rate": 16_000}, pcm16),
    "float32, 48 kHz, stereo": ({"format": "float32", "rate": 48_000, "channels": 2}, stereo_48k),
    "webm": ({"format": "webm"}, opus_webm),
    "ogg": ({"format": "webm"}, lambda samples: opus_webm(samples, "ogg")),
}


@pytest.mark.parametrize("name", FORMS)
def test_sound_becomes_lines(site: Site, name: str) -> None:
    start, encode = FORMS[name]
    with site.talk(**start) as client:
        for piece in pieces(encode(beckett()), 5_001):  # cut inside samples and inside blocks
            client.send(piece)
        client.send(FINISH)
        messages = hear_all(client)
    assert messages[0] | {"id": ""} == {
        "type": "started", "id": "", "seq": 0, "resumed": False, "clock": 0.0, "missed": 0,
    }  # fmt: skip
    assert agreement(shown(messages), BECKETT) > 0.6
    assert [each["seq"] for each in messages[1:] if "seq" in each] == list(range(1, messages[-1]["seq"] + 1))
    assert messages[-1]["type"] == "ended"
    assert all("seq" not in each for each in messages if each["type"] == "tail")
    assert agreement(" ".join(each["text"] for each in messages if each["type"] == "final"), BECKETT) > 0.6


def test_lines_only_grow_and_times_are_within_the_sound(site: Site) -> None:
    with site.talk(width=20) as client:
        for piece in pieces(pcm16(beckett())):
            client.send(piece)
        client.send(FINISH)
        lines = [each for each in hear_all(client) if each["type"] == "line"]
    texts: dict[int, str] = {}
    for line in lines:
        before = texts.get(line["line"], "")
        assert line["text"].startswith(before)
        assert line["text"] == " ".join(filter(None, (before, line["new"])))
        assert len(line["text"]) <= 20 or line["correction"]
        assert 0 <= line["start"] <= line["end"] <= len(beckett()) / 16_000 + 1
        texts[line["line"]] = line["text"]
    assert {line["line"] for line in lines if line["closed"]} == set(texts)


def test_a_client_that_comes_back_receives_what_it_missed(site: Site) -> None:
    data = pcm16(beckett())
    half = len(data) // 2
    with site.talk() as client:
        name = hear(client)["id"]
        for piece in pieces(data[:half]):
            client.send(piece)
        before = hear_until(client, "line")
        last = before[-1]["seq"]
        client.socket.shutdown(socket.SHUT_RDWR)  # no close frame: the cable was pulled
    with site.talk(resume={"id": name, "seq": 999}) as client:
        (error,) = hear_all(client)
        assert error["code"] == "bad-start"
        assert "no message 999 yet" in error["message"]
    with site.talk(resume={"id": name, "seq": last}, format="float32", rate=48_000, channels=2) as client:
        started = hear(client)
        assert started["resumed"]
        assert started["id"] == name
        for piece in pieces(stereo_48k(beckett()[half // 2 :]), 38_400):  # another microphone
            client.send(piece)
        client.send(FINISH)
        after = hear_all(client)
    numbers = [each["seq"] for each in before + after if "seq" in each]
    assert numbers == list(range(1, len(numbers) + 1))
    assert agreement(shown(before + after), BECKETT) > 0.6
    with site.talk(resume={"id": name, "seq": 0}) as client:  # even at the end everything can be had again
        again = hear_all(client)[1:]
    assert [each["seq"] for each in again if "seq" in each] == numbers


def test_of_two_clients_with_one_id_the_newer_is_heard(site: Site) -> None:
    data = pcm16(beckett())
    with site.talk() as first:
        name = hear(first)["id"]
        for piece in pieces(data):
            first.send(piece)
        heard = hear_until(first, "line")
        with site.talk(resume={"id": name, "seq": heard[-1]["seq"]}) as second:
            assert hear(second)["resumed"]
            rest = hear_all(first)
            assert rest[-1]["type"] == "error"
            assert rest[-1]["code"] == "replaced"
            assert first.close_code == 4409
            second.send(FINISH)
            heard += hear_all(second)
    assert heard[-1]["type"] == "ended"
    numbers = [each["seq"] for each in heard if "seq" in each]
    assert numbers == list(range(1, len(numbers) + 1))
    assert agreement(shown(heard), BECKETT) > 0.6


def test_who_does_not_know_the_key_cannot_take_a_stream_over(site: Site) -> None:
    with site.talk(key="only mine") as client:
        name = hear(client)["id"]
        with site.talk(resume={"id": name, "seq": 0}) as thief:
            assert hear(thief)["code"] == "unknown-stream"
        with site.talk(resume={"id": name, "seq": 0}, key="only mine") as owner:
            assert hear(owner)["resumed"]


@pytest.mark.parametrize(
    ("said", "code", "close", "told"),
    [
        ("no JSON", "bad-start", 4400, "JSON"),
        ("[1]", "bad-start", 4400, "JSON"),
        ('{"type":"finish"}', "bad-start", 4400, "start"),
        (b"sound at once", "bad-start", 4400, "not sound"),
        ('{"type":"start","rate":100}', "bad-start", 4400, "8000 to 192000"),
        ('{"type":"start","rate":true}', "bad-start", 4400, "8000 to 192000"),
        ('{"type":"start","rate":1e999}', "bad-start", 4400, "rate"),
        ('{"type":"start","channels":99}', "bad-start", 4400, "1 to 8"),
        ('{"type":"start","format":"mp3"}', "bad-start", 4400, "pcm16, float32, webm"),
        ('{"type":"start","language":"tlh"}', "bad-start", 4400, "'en'"),
        ('{"type":"start","with":5}', "bad-start", 4400, "'with'"),
        ('{"type":"start","resume":"x"}', "bad-start", 4400, "resume"),
        ('{"type":"start","resume":{"id":"x","seq":-1}}', "bad-start", 4400, "resume"),
        ('{"type":"start","resume":{"id":"never","seq":3}}', "unknown-stream", 4404, "start a new one"),
    ],
)
def test_a_bad_start_is_told(site: Site, said: str | bytes, code: str, close: int, told: str) -> None:
    with connect(site.socket_address) as client:
        client.send(said)
        (error,) = hear_all(client)
        assert (error["type"], error["code"], client.close_code) == ("error", code, close)
        assert told in error["message"]


@pytest.mark.parametrize(
    ("start", "data", "told"),
    [
        ({"format": "webm"}, pcm16, "WebM"),
        ({"format": "pcm16"}, opus_webm, "webm"),
        ({"format": "pcm16"}, lambda samples: samples.astype("<f4").tobytes(), "float32"),
        ({"format": "float32"}, pcm16, "pcm16"),
    ],
)
def test_sound_that_is_not_what_was_declared_is_told(
    site: Site, start: dict[str, Any], data: Any, told: str
) -> None:
    with site.talk(**start) as client:
        send(client, [*pieces(data(beckett()[16_000:48_000])), FINISH])
        started, *_, error = hear_all(client)
        assert error["type"] == "error"
        assert error["code"] == "bad-sound"
        assert told in error["message"]
        assert client.close_code == 4400
    wait_for(lambda: site.session(started["id"]).log.over)  # it takes nobody's place


def test_an_unknown_message_and_a_frame_that_is_too_big_are_told(site: Site) -> None:
    with site.talk() as client:
        client.send('{"type":"dance"}')
        assert "finish" in hear_all(client)[-1]["message"]
    with site.talk() as client:
        client.send(bytes((1 << 20) + 2))
        assert hear_all(client)[-1]["code"] == "too-big"
        assert client.close_code == 4413


def test_half_a_frame_at_the_end_is_noted_and_no_word_is_lost(site: Site) -> None:
    with site.talk() as client:
        for piece in pieces(pcm16(beckett()) + b"\x01"):
            client.send(piece)
        client.send(FINISH)
        messages = hear_all(client)
    (note,) = [each for each in messages if each["type"] == "note"]
    assert "1 bytes" in note["text"]
    assert messages[-1]["type"] == "ended"
    assert agreement(shown(messages), BECKETT) > 0.6


def test_a_client_that_sends_nothing_is_closed_with_a_reason(live_engine: LiveEngine) -> None:
    limits = Limits(start_seconds=0.3, idle_seconds=0.3)
    with serving(live_engine, limits) as site:
        with connect(site.socket_address) as client:
            (error,) = hear_all(client)
            assert (error["code"], client.close_code) == ("no-start", 4408)
        with site.talk() as client:
            error = hear_all(client)[-1]
            assert (error["code"], client.close_code) == ("idle", 4408)


def test_a_flood_has_to_wait_and_is_told_why(live_engine: LiveEngine) -> None:
    with serving(live_engine, Limits(burst_seconds=1, pace=10)) as site, site.talk() as client:
        began = time.monotonic()
        for piece in pieces(pcm16(beckett())):
            client.send(piece)
        client.send(FINISH)
        messages = hear_all(client)
        assert time.monotonic() - began > (len(beckett()) / 16_000 - 1) / 10 * 0.9
    (note,) = [each for each in messages if each["type"] == "note"]
    assert note["kind"] == "too-fast"
    assert agreement(shown(messages), BECKETT) > 0.6


def test_a_stream_whose_client_never_comes_back_is_heard_out(live_engine: LiveEngine) -> None:
    with serving(live_engine, Limits(linger_seconds=0.2, kept_seconds=600)) as site:
        with site.talk() as client:
            name = hear(client)["id"]
            for piece in pieces(pcm16(beckett())):
                client.send(piece)
            hear_until(client, "line")
            client.socket.shutdown(socket.SHUT_RDWR)
        with urllib.request.urlopen(f"{site.address}/v1/live/{name}/events", timeout=WAIT) as events:
            told = [json.loads(line[6:]) for line in events if line.startswith(b"data: ")]
    assert told[-1]["type"] == "ended"
    assert agreement(shown(told), BECKETT) > 0.6


def open_without_reading(site: Site, said: bytes, more: bytes = b"") -> socket.socket:
    """A connection whose client sends, where there is more to say reads once, and then never again."""
    opened = socket.create_connection(("127.0.0.1", site.port))
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    opened.sendall(said)
    if more:
        assert opened.recv(4_096).startswith(b"HTTP/1.1 101 ")
        opened.sendall(more)
    return opened


def test_slow_readers_are_let_go_and_can_come_back(live_engine: LiveEngine) -> None:
    limits = Limits(send_seconds=0.5, log_events=5_000)
    with serving(live_engine, limits) as site, site.talk() as quick:
        name = hear(quick)["id"]
        log = site.session(name).log
        start = json.dumps({"type": "start", "resume": {"id": name, "seq": 0}}).encode()
        upgrade = (
            b"GET /v1/captions HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        frame = bytes([0x81, 0x80 | len(start), 0, 0, 0, 0]) + start  # masked with zeros
        reads = f"GET /v1/live/{name}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        with open_without_reading(site, upgrade, frame), open_without_reading(site, reads):
            assert hear_until(quick, "error")[-1]["code"] == "replaced"
            wait_for(lambda: log.readers == 2)
            loop = site.server.servers[0].get_loop()
            for _ in range(2_000):
                loop.call_soon_threadsafe(log.append, {"type": "note", "text": "x" * 20_000})
            wait_for(lambda: log.readers == 0)
        with site.talk(resume={"id": name, "seq": 1_990}) as back:
            assert hear(back)["resumed"]
            assert hear(back)["seq"] == 1_991


def test_a_restart_in_mid_stream_loses_nothing_that_was_said(live_engine: LiveEngine) -> None:
    with serving(live_engine) as site, site.talk() as client:
        name = hear(client)["id"]
        for piece in pieces(pcm16(beckett())):
            client.send(piece)
        heard = hear_until(client, "line")
        site.stop()
        heard += hear_all(client)
        port = site.port
        assert (heard[-1]["code"], client.close_code) == ("restarting", 1012)
    assert agreement(shown(heard), BECKETT) > 0.6  # the utterance that was open was finished first
    with serving(live_engine, port=port) as site:
        with site.talk(resume={"id": name, "seq": heard[-2].get("seq", 0)}) as client:
            (error,) = hear_all(client)
            assert (error["code"], client.close_code) == ("unknown-stream", 4404)
        with site.talk() as client:
            assert not hear(client)["resumed"]


def test_streams_and_addresses_are_limited(live_engine: LiveEngine) -> None:
    with serving(live_engine, Limits(streams=1, per_address=2)) as site, site.talk() as first:
        hear(first)
        with site.talk() as second:
            assert hear_all(second)[-1]["code"] == "too-many"
            assert second.close_code == 4429
        with connect(site.socket_address):
            with pytest.raises(InvalidStatus) as refused:
                connect(site.socket_address)
            assert refused.value.response.status_code == 429


def test_a_client_that_leaves_at_any_moment_does_no_harm(site: Site) -> None:
    for messages in (
        [],
        ["{"],
        [json.dumps({"type": "start"})],
        [json.dumps({"type": "start"}), b"\0" * 999],
    ):
        with connect(site.socket_address) as client:
            for message in messages:
                client.send(message)
            client.socket.shutdown(socket.SHUT_RDWR)
            hear_all(client)  # what was on its way may still arrive
    with site.talk() as client:
        assert hear(client)["type"] == "started"


def test_words_come_at_a_readers_pace_where_that_is_asked_for(site: Site) -> None:
    with site.talk(pace=400) as client:
        send(client, pieces(pcm16(beckett())))
        messages = hear_until(client, "line")
        began, words = time.monotonic(), 0
        while words < 8:
            messages.append(hear(client))
            if messages[-1]["type"] == "line" and not messages[-1]["correction"]:
                words += len(messages[-1]["new"].split())
        assert time.monotonic() - began > (words - 5) * 60 / 400 * 0.9  # five may come at once
        client.send(FINISH)
        messages += hear_all(client)
    assert agreement(shown(messages), BECKETT) > 0.6
    assert [each["seq"] for each in messages[1:] if "seq" in each] == list(range(1, messages[-1]["seq"] + 1))


def test_a_client_is_told_at_once_when_listening_has_failed(site: Site) -> None:
    with site.talk() as client:
        stream = site.session(hear(client)["id"])._stream
        assert stream is not None
        stream.close()
        client.send(pcm16(beckett()[:16_000]))
        assert hear_all(client)[-1]["code"] == "failed"
        assert client.close_code == 1011


@pytest.mark.parametrize("form", ["pcm16", "float32", "webm"])
def test_noise_of_any_kind_ends_with_an_end_or_a_reason(site: Site, form: str) -> None:
    noise = np.random.default_rng(7)
    whole = opus_webm(beckett()[:48_000])
    heads = [
        b"",
        b"\x1aE\xdf\xa3",
        b"OggS\0",
        b"ID3\4",
        b"#EXTM3U\nhttp://127.0.0.1:9/",
        b"\0\0\0\x18ftypisom",
    ]
    cuts = [whole[:200] + noise.bytes(3_000) + whole[3_200:], whole[: len(whole) // 2]]
    for data in [head + noise.bytes(4_001) for head in heads] + cuts:
        with site.talk(format=form, channels=2) as client:
            send(client, [*pieces(data, 777), FINISH])
            started, *_, last = hear_all(client)
            assert last["type"] == "ended" or last["code"] == "bad-sound"
        session = site.session(started["id"])
        wait_for(lambda: session.log.over)  # noqa: B023 - at once
    with site.talk() as client:
        assert hear(client)["type"] == "started"
