"""The app in a process of its own, as users start it, and people in browsers who use it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accessify.core.errors import MissingExtra, OptionError
from accessify.evaluation.matching import bench_package

PATIENCE_S = 300.0
"""What anything may take."""
READY = "html[data-ready]"
"""All tabs of the page are filled."""
WRONG = "#film .problem p:visible"
"""What the page says where it could not do as it was told."""
FIRST = "#film .coming li, #film li.cue"
"""A caption of the film on the screen: one that has just come, or one that can be edited."""
ALL = "#film li.cue"


@dataclass(slots=True)
class AppProcess:
    """An app that runs."""

    process: subprocess.Popen[str]
    address: str
    folder: Path
    address_s: float
    """Seconds from the command to the printed address."""
    printed_at: float
    """When it was printed, on the clock of `time.perf_counter`."""
    peak: int = 0
    """Bytes of memory, its workers included."""
    stopped: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look at the memory until it has stopped; the work of a thread."""
        psutil = bench_package("psutil")
        parent = psutil.Process(self.process.pid)
        while not self.stopped.wait(0.5):
            try:
                family = [parent, *parent.children(recursive=True)]
                self.peak = max(self.peak, sum(one.memory_info().rss for one in family))
            except psutil.Error:
                continue

    def left(self) -> int:
        """Bytes in its folder."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())


@contextmanager
def running_app(folder: Path) -> Iterator[AppProcess]:
    """`accessify app` on a free port, its rooms in `folder`; stopped as a service is (SIGTERM)."""
    bench_package("psutil")  # what is missing is told here, not by the thread
    command = [sys.executable, "-m", "accessify", "app", "--port", "0", "--offline", "--folder", str(folder)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = _address(process)
        now = time.perf_counter()
        app = AppProcess(process, address, folder, now - began, now)
        watcher = threading.Thread(target=app.watch, daemon=True)
        watcher.start()
        try:
            yield app
        finally:
            app.stopped.set()
            watcher.join()
    finally:
        process.terminate()
        process.wait(60)
        if process.stdout:
            process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str:
    """Where it says that it is; raises `OptionError` where it ends without."""
    for line in process.stdout or ():
        if found := re.search(r"http://\S+", line):
            return found[0]
    raise OptionError("the app did not start; run `accessify app --offline` and read what it says")


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser of Playwright's."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - needs the extra
    except ImportError:
        raise MissingExtra("playwright", "dev") from None
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Any, address: str) -> Any:
    """The app in a context of its own, as another person has it; waits until it can be used."""
    page = browser.new_context(locale="en-GB").new_page()
    page.set_default_timeout(1000 * PATIENCE_S)
    page.goto(address)
    page.wait_for_selector(READY)
    return page


def give_film(page: Any, film: Path) -> None:
    """Choose a film and have it captioned; comes back at once, the upload goes on."""
    page.set_input_files("#film input[name=film]", film)
    page.click("#film form.card button[type=submit]")


def arrive(page: Any, what: str) -> None:
    """Wait for `what` in the page; raises `OptionError` where a problem is shown instead."""
    page.wait_for_selector(f"{what}, {WRONG}")
    require_well(page)


def require_well(page: Any) -> None:
    """Raise `OptionError` where the page shows a problem."""
    if problem := page.query_selector(WRONG):
        raise OptionError(f"the app did not caption the film: {problem.inner_text().strip()}")
