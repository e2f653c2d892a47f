"""Errors have one form, whoever finds them."""

from __future__ import annotations

import json
import urllib.request
from urllib.error import HTTPError

import pytest

from tests.server.site import WAIT, Site

pytestmark = pytest.mark.models


@pytest.mark.parametrize(
    ("asked", "status", "code", "told"),
    [
        ("GET /v1/nothing", 404, "not-found", "nothing at this address"),
        ("GET /nothing", 404, "not-found", "no such page"),
        ("GET /v1/captions", 404, "not-found", "nothing at this address"),  # a socket's
        ("GET /v1/audio/transcriptions", 405, "method-not-allowed", "does not take GET, but POST"),
        ("POST /v1/models", 405, "method-not-allowed", "does not take POST"),
    ],
)
def test_what_is_not_there_is_told_as_all_errors_are(
    site: Site, asked: str, status: int, code: str, told: str
) -> None:
    method, path = asked.split()
    request = urllib.request.Request(site.address + path, b"" if method == "POST" else None, method=method)
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(request, timeout=WAIT)
    with refused.value as error:
        assert error.code == status
        assert error.headers["Content-Type"] == "application/json"
        assert ("Allow" in error.headers) == (status == 405)
        said = json.load(error)["error"]
    assert (said["code"], said["type"], said["param"]) == (code, "invalid_request_error", None)
    assert told in said["message"]


def test_a_fault_of_the_server_is_told_the_same_way(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> float:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(site.streams, "lag", fail)
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(f"{site.address}/healthz", timeout=WAIT)
    with refused.value as error:
        assert error.code == 500
        said = json.load(error)["error"]
    assert (said["code"], said["type"]) == ("failed", "server_error")
    assert "secret" not in said["message"]
