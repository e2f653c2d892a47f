"""Who is let in: host names, origins, tokens; and what every answer says to browsers."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from urllib.error import HTTPError

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from accessify.pipelines.live import LiveEngine
from tests.server.site import WAIT, Site, serving

pytestmark = pytest.mark.models

TOKEN = "a-very-secret-token"  # noqa: S105
PLACES = (
    "/v1/models",
    "/v1/live/x/events",
    "/v1/live/x/captions.m3u8",
    "/v1/audio/transcriptions",
    "/metrics",
)


def ask(address: str, method: str = "GET", **headers: str) -> tuple[int, HTTPMessage]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, headers=named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=WAIT) as answer:
            return answer.status, answer.headers
    except HTTPError as error:
        with error:
            return error.code, error.headers


def refusal(address: str, **options: object) -> int:
    with pytest.raises(InvalidStatus) as refused:
        connect(address, **options)  # type: ignore[arg-type]
    return refused.value.response.status_code


@pytest.fixture(scope="module")
def locked(live_engine: LiveEngine) -> Iterator[Site]:
    with serving(live_engine, token=TOKEN) as running:
        yield running


@pytest.mark.parametrize("path", PLACES)
def test_without_the_token_nothing_is_told(locked: Site, path: str) -> None:
    method = "POST" if "audio" in path else "GET"
    assert ask(locked.address + path, method)[0] == 401
    for wrong in ("Bearer wrong", f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}x", "Bearer ü"):
        status, headers = ask(locked.address + path, method, Authorization=wrong)
        assert status == 401
        assert headers["WWW-Authenticate"] == "Bearer"
    assert ask(locked.address + path, method, Authorization=f"Bearer {TOKEN}")[0] != 401
    assert ask(f"{locked.address}{path}?token={TOKEN}", method)[0] != 401


def test_sockets_show_the_token_as_browsers_can(locked: Site) -> None:
    address = locked.socket_address
    assert refusal(address) == 401
    assert refusal(address, subprotocols=["accessify", "bearer.wrong"]) == 401
    names = [Subprotocol("accessify"), Subprotocol(f"bearer.{TOKEN}")]
    with connect(address, subprotocols=names) as socket:
        assert socket.subprotocol == "accessify"  # the token is not sent back
    with (
        connect(f"{address}?token={TOKEN}"),
        connect(address, additional_headers={"Authorization": f"Bearer {TOKEN}"}),
    ):
        pass


def test_the_token_is_in_no_log(locked: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        with connect(f"{locked.socket_address}?token={TOKEN}"):
            pass
        ask(f"{locked.address}/v1/models?token={TOKEN}")
    assert TOKEN not in caplog.text


def test_health_and_pages_need_no_token(locked: Site) -> None:
    assert ask(f"{locked.address}/healthz")[0] == 200
    assert ask(f"{locked.address}/")[0] == 200


def test_foreign_pages_cannot_drive_a_local_server(site: Site) -> None:
    foreign = "https://evil.example"
    assert refusal(site.socket_address, origin=foreign) == 403
    assert refusal(site.socket_address, origin="null") == 403
    assert ask(f"{site.address}/v1/audio/transcriptions", "POST", Origin=foreign)[0] == 403
    assert ask(f"{site.address}/v1/models", Host="evil.example:8765")[0] == 421  # a name made to point here
    assert ask(f"{site.address}/v1/models", Host="[bad")[0] == 421
    assert "Access-Control-Allow-Origin" not in ask(f"{site.address}/v1/models", Origin=foreign)[1]
    with connect(site.socket_address, origin=site.address):  # type: ignore[arg-type]
        pass


def test_an_origin_that_is_allowed_may_do_everything(live_engine: LiveEngine) -> None:
    friend = "https://friend.example"
    with serving(live_engine, origins=(friend,)) as site:
        status, headers = ask(f"{site.address}/v1/models", Origin=friend)
        assert (status, headers["Access-Control-Allow-Origin"]) == (200, friend)
        with connect(site.socket_address, origin=friend):  # type: ignore[arg-type]
            pass
        assert refusal(site.socket_address, origin="https://evil.example") == 403
        asked = {"Origin": friend, "Access_Control_Request_Method": "POST"}
        assert ask(f"{site.address}/v1/audio/transcriptions", "OPTIONS", **asked)[0] == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/v1/live/x/events"])
def test_every_answer_has_security_headers(site: Site, path: str) -> None:
    headers = ask(site.address + path)[1]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "server" not in {name.lower() for name in headers}


@pytest.mark.parametrize(
    "name", ["%2e%2e%2fapp.py", "..%2f__init__.py", "__init__.py", ".hidden.js", "a%00.js"]
)
def test_only_pages_are_served(site: Site, name: str) -> None:
    assert ask(f"{site.address}/{name}")[0] == 404


def test_the_page_and_the_player_are_served(site: Site) -> None:
    status, headers = ask(f"{site.address}/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    status, headers = ask(f"{site.address}/accessify-captions.js")
    assert (status, headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
