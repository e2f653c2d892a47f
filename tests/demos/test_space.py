"""The folder for Hugging Face Spaces, started as a Space starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from socket import socket
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).parents[2]
SPACE = ROOT / "demos" / "space"
NAME = "somebody-accessify.hf.space"
WAIT = 60
pytestmark = pytest.mark.models


@contextmanager
def space(log: Path) -> Iterator[str]:
    """The address of a Space that runs, with what its platform sets."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        "PORT": str(port),
        "SYSTEM": "spaces",
        "SPACE_ID": "somebody/accessify",
        "SPACE_HOST": NAME,
        "GRADIO_SERVER_NAME": "0.0.0.0",  # noqa: S104 - as the platform does
        "ACCESSIFY_OFFLINE": "1",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'demos'}",
    }
    with (
        log.open("w") as told,
        subprocess.Popen(
            [sys.executable, "app.py"], cwd=SPACE, env=os.environ | variables, stdout=told, stderr=told
        ) as process,
    ):
        try:
            yield wait_for(f"http://127.0.0.1:{port}", process, log)
        finally:
            process.send_signal(signal.SIGTERM)  # as the platform does
            assert process.wait(WAIT) in (0, -signal.SIGTERM)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + WAIT
    while True:
        try:
            ask(address + "/healthz").close()
        except (URLError, ConnectionError):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.2)
        else:
            return address


def ask(address: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> HTTPResponse:
    """As the Space's proxy asks."""
    told = {"Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-Host": NAME} | dict(headers or {})
    answer: HTTPResponse = urlopen(Request(address, method=method, headers=told), timeout=WAIT)
    return answer


def test_a_space_starts_and_its_page_works_in_the_frame(tmp_path: Path) -> None:
    with space(tmp_path / "log") as address:
        with ask(address) as answer:
            page, headers = answer.read().decode(), answer.headers
        assert "frame-ancestors https://huggingface.co" in headers["content-security-policy"]
        assert headers["x-frame-options"] is None
        assert re.search(rf'"root": ?"https://{NAME}', page)  # or the browser would refuse what is not https
        assert not re.findall(r"""<(?:script|link)[^>]+(?:src|href)=["']https?://(?!somebody)""", page)
        with ask(f"{address}/rooms", "POST", {"Origin": f"https://{NAME}"}) as answer:
            assert len(json.load(answer)["key"]) >= 32
        with ask(f"{address}/web/words.zh-Hans.json") as answer:
            assert json.load(answer)["shell.tab.film"]
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_what_a_space_is_made_of() -> None:
    front = (SPACE / "README.md").read_text("utf-8").split("---\n")[1]
    about = dict(line.split(": ", 1) for line in front.splitlines())
    assert about["sdk"] == "gradio"
    assert (SPACE / about["app_file"]).is_file()
    assert len(about["short_description"]) <= 60  # or Spaces refuse it
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert float(about["python_version"].strip('"')) >= 3.11
    (wanted,) = [text for text in project["optional-dependencies"]["demo"] if text.startswith("gradio")]
    low = re.search(r">=([\d.]+)", wanted)
    assert low is not None
    assert about["sdk_version"].startswith(low[1])
    wanted = (SPACE / "requirements.txt").read_text("utf-8")  # the index has another project of this name
    found = re.fullmatch(
        r"accessify\[([\w,-]+)\] @ https://\S+/accessify-([\d.]+)-py3-none-any\.whl\n", wanted
    )
    assert found is not None
    assert set(found[1].split(",")) <= set(project["optional-dependencies"])
    assert found[2] == project["version"]
