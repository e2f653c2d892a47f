"""Debian's Chromium, beside other tests that use one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.server.site import WAIT

expect.set_options(timeout=1000 * WAIT)  # for all tests of a process, whichever of them come first


def in_a_thread_of_its_own(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test where no other test has a Playwright running, which allows one in a thread."""

    @wraps(test)
    def run(*values: object, **named: object) -> None:
        with ThreadPoolExecutor(1) as threads:
            threads.submit(test, *values, **named).result()

    return run


@contextmanager
def browser_page(*arguments: str, **context: Any) -> Iterator[Page]:
    """A page in Debian's Chromium, started with `arguments`; skips the test where there is none.

    `context` is what the page's owner has: `locale`, `permissions`, `viewport` and the like.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        usual = ("--no-sandbox", "--autoplay-policy=no-user-gesture-required")
        browser = playwright.chromium.launch(executable_path=chromium, args=[*usual, *arguments])
        try:
            page = browser.new_page(**context)
            page.context.set_default_timeout(1000 * WAIT)
            yield page
        finally:
            browser.close()
