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
from playwright.sync_api import Browser, Playwright, expect

from accessify.hub.fetch import model_files
from tests.delivery.web.axe import grave
from tests.delivery.web.conftest import ARGUMENTS
from tests.delivery.web.pages import log_lines

pytestmark = pytest.mark.models
ROOT = Path(__file__).parents[3]
SAID = {"ever", "tried", "failed", "matter", "again", "better"}
"""Words of the recording."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a server that runs while the tests of this module do."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "accessify", "serve", "--offline", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", process)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture
def speaker(player: Playwright) -> Iterator[Browser]:
    """A browser whose microphone hears the sample recording once."""
    speech = next(
        path for name, path in model_files("sample-speech", offline=True).items() if "beckett" in name
    )
    arguments = [*ARGUMENTS, f"--use-file-for-fake-audio-capture={speech}%noloop"]
    browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
    yield browser
    browser.close()


def test_speech_becomes_captions_on_the_page_and_in_the_log(address: str, speaker: Browser) -> None:
    page = speaker.new_context(permissions=["microphone"]).new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    page.goto(address)
    page.get_by_role("button", name="Start captions").click()
    expect(page.locator("#state")).to_have_text(re.compile("Listening|no sound"), timeout=30_000)
    expect(page.get_by_role("log")).to_contain_text(re.compile("better", re.IGNORECASE), timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#state")).to_contain_text("Stopped", timeout=20_000)
    logged = _words(" ".join(log_lines(page)))
    assert len(SAID & set(logged)) >= 5, logged
    shown = page.locator(".line:not(.next) .word").all_text_contents()
    assert _words(" ".join(shown)) == logged, "the log has what was shown"
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as text").click()
    assert "better" in Path(download.value.path()).read_text("utf-8").lower()
    assert grave(page) == []
    assert refused == []


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 90
    while time.monotonic() < ends:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    pytest.fail("the server does not answer")
