"""`accessify serve` in a process of its own, Chromium with a microphone that hears speech, real networks."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from accessify.hub.fetch import model_files
from tests.delivery.web.axe import grave
from tests.delivery.web.conftest import ARGUMENTS
from tests.delivery.web.pages import log_lines

pytestmark = pytest.mark.models
ROOT = Path(__file__).parents[3]
SAID = {"best", "worst", "times", "age", "wisdom", "foolishness", "epoch", "season", "light", "darkness"}
"""Words of the recording before and after the restart."""


class Served:
    """`accessify serve` on one port, which can be stopped and started again."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}/"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "accessify", "serve", "--offline", "--port", str(self._port)]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet)
        ends = time.monotonic() + 90
        while time.monotonic() < ends:
            assert self._process.poll() is None, "the server ended"
            try:
                with urllib.request.urlopen(f"{self.address}healthz", timeout=5):
                    return
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.2)
        self.stop()
        pytest.fail("the server does not answer")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served()
    yield server
    server.stop()


@pytest.fixture
def speaker(player: Playwright) -> Iterator[Browser]:
    """A browser whose microphone hears the sample recording."""
    speech = model_files("sample-speech", offline=True)["two_cities.wav"]
    arguments = [*ARGUMENTS, f"--use-file-for-fake-audio-capture={speech}"]
    browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
    yield browser
    browser.close()


def test_speech_is_captioned_through_a_restart_of_the_server(served: Served, speaker: Browser) -> None:
    page = speaker.new_context(permissions=["microphone"]).new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    page.goto(served.address)
    page.get_by_role("button", name="Start captions").click()
    _hears(page, "worst")
    before = page.locator(".line:not(.next) .word").all_text_contents()
    served.stop()
    expect(page.locator("#state")).to_contain_text(re.compile("lost|not answer"), timeout=20_000)
    served.start()
    _hears(page, "Connection lost until")
    _hears(page, "darkness")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#state")).to_contain_text("Stopped", timeout=20_000)
    shown = page.locator(".line:not(.next) .word").all_text_contents()
    assert shown[: len(before)] == before, "what was committed stands"
    logged = _words(" ".join(one for one in log_lines(page) if "Connection lost" not in one))
    assert logged == _words(" ".join(shown)), "the log has what was shown"
    assert len(SAID & set(logged)) >= 7, logged
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as text").click()
    saved = Path(download.value.path()).read_text("utf-8")
    assert "worst" in saved
    assert "Connection lost" in saved
    assert grave(page) == []
    assert refused == [], "the server's content security policy is kept"


def _hears(page: Page, text: str) -> None:
    expect(page.get_by_role("log")).to_contain_text(re.compile(text, re.IGNORECASE), timeout=90_000)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())
