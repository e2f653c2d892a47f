"""Connections that take room and bring nothing."""

from __future__ import annotations

import socket

import pytest

from accessify.pipelines.live import LiveEngine
from accessify.server.options import Limits
from tests.server.site import WAIT, hear, serving

pytestmark = pytest.mark.models


HALF = b"GET /healthz HTTP/1.1\r\nHost: localh"


def test_who_never_brings_a_request_is_hung_up_on(live_engine: LiveEngine) -> None:
    with serving(live_engine, Limits(start_seconds=0.5)) as site, site.talk() as busy:
        hear(busy)
        for said in (b"", HALF, HALF + b"ost\r\n\r\n" + HALF):
            with socket.create_connection(("127.0.0.1", site.port), WAIT) as client:
                client.sendall(said)
                while client.recv(65_536):  # to its end
                    pass
        assert len(site.server.server_state.connections) == 1  # who says something stays
