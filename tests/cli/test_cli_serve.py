"""`accessify serve` as a program: what it refuses, and that it stops in good order."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from click.testing import CliRunner
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from accessify.cli import program
from accessify.core.errors import OptionError
from tests.server.site import WAIT, beckett, hear, hear_all, hear_until, pcm16, pieces, shown
from tests.spoken import BECKETT, agreement


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "0.0.0.0"], "--token"),  # noqa: S104
        (["--host", "somewhere.example"], "--token"),
        (["--token", "short"], "8 to 200"),
        (["--token", "with spaces in it"], "letters"),
    ],
)
def test_what_would_be_unsafe_is_refused(arguments: list[str], told: str) -> None:
    result = CliRunner().invoke(program, ["serve", *arguments])
    assert isinstance(result.exception, OptionError)
    assert told in result.exception.message


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(program, ["serve", "--port", str(port)])
    assert isinstance(result.exception, OptionError)
    assert f"port {port}: address already in use" in result.exception.message


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.models
def test_a_server_that_is_stopped_finishes_what_is_being_said(how: signal.Signals) -> None:
    command = [sys.executable, "-m", "accessify", "serve", "--port", "0", "--offline"]
    secret = {"ACCESSIFY_TOKEN": "a-secret-of-the-environment"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | secret) as program:
        try:
            assert program.stdout
            said = program.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert found
            assert secret["ACCESSIFY_TOKEN"] not in said
            with urllib.request.urlopen(f"{found[0]}/healthz", timeout=WAIT) as answer:
                assert json.load(answer)["status"] == "ok"
            address = f"{found[0].replace('http', 'ws')}/v1/captions?token={secret['ACCESSIFY_TOKEN']}"
            with connect(address) as client:
                client.send(json.dumps({"type": "start"}))
                assert hear(client)["type"] == "started"
                for piece in pieces(pcm16(beckett())):
                    client.send(piece)
                heard = hear_until(client, "line")
                program.send_signal(how)
                heard += hear_all(client)
                assert heard[-1]["code"] == "restarting"
                with pytest.raises(ConnectionClosed):
                    client.recv(WAIT)
            assert program.wait(WAIT) == 0
        finally:
            program.terminate()
    assert agreement(shown(heard), BECKETT) > 0.6
