"""Nothing leaves the machine: not a request of the page, not a connection of the program.

The program is started as users start it, without `--offline`. Python tells every connection and every look-up
of a name, in it and in its worker processes, to a hook that refuses and writes down what is not this machine.
Libraries that open sockets past Python are not seen by the hook; for those, the system's list of connections
is looked at all the while, which can miss what lives for less than a tenth of a second. The browser's
requests are recorded, and its complaints: what the page's policy forbids would not even become a request.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page

from accessify_app.app import TABS
from tests.server.chromium import browser_page, in_a_thread_of_its_own

ROOT = Path(__file__).parents[2]
WAIT = 60
pytestmark = pytest.mark.models

HOOK = """
import ipaddress, os, socket, sys

def is_here(host):
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost", "ip6-localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False

def watch(event, values):
    if event in ("socket.connect", "socket.sendto"):
        address = values[1]
        if values[0].family in (socket.AF_INET, socket.AF_INET6) and not is_here(address[0]):
            refuse(f"{event} {address}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not is_here(values[0]):
        refuse(f"{event} {values[0]}")

def refuse(what):
    with open(os.environ["SEEN_LEAVING"], "a") as log:
        log.write(f"{what} by {sys.argv}\\n")
    raise OSError(f"this test lets nothing out: {what}")

sys.addaudithook(watch)
"""
"""A sitecustomize.py: Python runs it before anything else."""


@dataclass(slots=True)
class Watched:
    """A program that runs, and what it was seen to do."""

    address: str
    left: Path
    """What the hook refused, one line each."""
    remote: set[str] = field(default_factory=set)
    """Addresses of other machines in the system's list of its connections."""


def watched_environment(folder: Path) -> dict[str, str]:
    (folder / "sitecustomize.py").write_text(HOOK)
    paths = os.pathsep.join(map(str, (folder, ROOT, ROOT / "demos")))
    return os.environ | {
        "PYTHONPATH": paths,
        "SEEN_LEAVING": str(folder / "left.txt"),
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def app(folder: Path) -> Iterator[Watched]:
    """`accessify app`, watched from its first instruction to its last."""
    command = [sys.executable, "-m", "accessify", "app", "--port", "0", "--folder", str(folder / "rooms")]
    told = (folder / "told.txt").open("w+")
    process = subprocess.Popen(
        command, env=watched_environment(folder), stdout=told, stderr=subprocess.STDOUT
    )
    watched, done = Watched("", folder / "left.txt"), threading.Event()
    looking = threading.Thread(target=look, args=(process.pid, watched.remote, done))
    looking.start()
    try:
        watched.address = address_in(folder / "told.txt", process)
        yield watched
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(WAIT)
        done.set()
        looking.join()
        told.close()


def address_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + WAIT
    while True:
        found = re.search(r"http://\S+", log.read_text())
        if found:
            return found[0]
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until
        time.sleep(0.1)


def look(pid: int, remote: set[str], done: threading.Event) -> None:
    """Gather the far ends of the connections of a process and all that it starts."""
    while not done.wait(0.1):
        with suppress(psutil.Error):
            family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
            for process in family:
                with suppress(psutil.Error):
                    ends = [each.raddr.ip for each in process.net_connections("inet") if each.raddr]
                    remote.update(end for end in ends if not ip_address(end).is_loopback)


def use(page: Page, address: str) -> None:
    """Every tab, in both languages, and the sample film from the first word to a file."""
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    for language in ("zh-Hans", "en"):
        page.select_option("#choose-language", language)
        for tab in TABS:
            page.click(f"#tab-{tab}")
            page.wait_for_timeout(150)
    page.click("#tab-film")
    page.get_by_role("button", name="Try the sample film").click()
    page.get_by_role("button", name="Make captions").click()
    page.locator("#film textarea").first.wait_for()  # captions to edit


@in_a_thread_of_its_own
def test_nothing_leaves_the_machine(tmp_path: Path) -> None:
    asked: list[str] = []
    said: list[str] = []
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with app(tmp_path) as watched, browser_page(nowhere) as page:
        page.context.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda socket: asked.append(socket.url))
        page.on("console", lambda message: said.append(message.text))
        use(page, watched.address)
    assert len(asked) > 20
    ours = (watched.address, watched.address.replace("http", "ws", 1), "blob:" + watched.address, "data:")
    assert [url for url in asked if not url.startswith(ours)] == []
    assert [text for text in said if "Content Security Policy" in text or "ERR_NAME_NOT" in text] == []
    assert not watched.left.exists(), watched.left.read_text()
    assert watched.remote == set()


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
        "import urllib.request; urllib.request.urlopen('http://accessify.invalid/')",
        "import asyncio; asyncio.run(asyncio.open_connection('192.0.2.1', 443))",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', '"
        'import socket; socket.socket(type=2).sendto(b"1", ("192.0.2.1", 53))\'], check=True)',
    ],
    ids=["socket", "name", "asyncio", "child"],
)
def test_the_hook_sees_what_it_is_for(attempt: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", attempt],
        env=watched_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "lets nothing out" in done.stderr
    assert (tmp_path / "left.txt").read_text()


def test_the_hook_lets_this_machine_talk_to_itself(tmp_path: Path) -> None:
    code = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())"
    )
    subprocess.run([sys.executable, "-c", code], env=watched_environment(tmp_path), check=True)
    assert not (tmp_path / "left.txt").exists()
