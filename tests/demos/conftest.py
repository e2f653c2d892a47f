"""One app on loopback for the tests of a module, and a page of it in Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from accessify.pipelines.caption import CaptionOptions
from accessify.pipelines.live import LiveEngine, LiveOptions
from accessify.server.jobs import Report
from accessify.server.running import Server, listen
from accessify_app.app import application, studio
from accessify_app.studio import AppOptions, Studio
from tests.server.chromium import browser_page
from tests.server.site import WAIT


@dataclass(frozen=True, slots=True)
class AppSite:
    """An app that runs."""

    address: str
    studio: Studio
    server: Server
    thread: threading.Thread

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(WAIT)
        assert not self.thread.is_alive()


@contextmanager
def serving_app(engine: LiveEngine, folder: Path, **options: Any) -> Iterator[AppSite]:
    """The app with its usual limits, stopped at the end."""
    ready, addresses = threading.Event(), list[str]()

    def on_ready(address: str) -> None:
        addresses.append(address)
        ready.set()

    heard = {"caption": CaptionOptions(offline=True), "live": LiveOptions(offline=True), "offline": True}
    with studio(AppOptions(folder=folder, **(heard | options))) as shared:
        server = Server(application(shared.options, engine, shared), on_ready)
        thread = threading.Thread(target=server.run, args=([listen("127.0.0.1", 0)],))
        thread.start()
        try:
            assert ready.wait(WAIT)
            yield AppSite(addresses[0], shared, server, thread)
        finally:
            server.should_exit = True
            thread.join(WAIT)


@pytest.fixture(scope="session")
def app_engine(embedded_models: None) -> Iterator[LiveEngine]:
    """Loaded once for all apps."""
    with LiveEngine(LiveOptions(offline=True)) as engine:
        yield engine


@pytest.fixture(scope="module")
def app_site(app_engine: LiveEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppSite]:
    with serving_app(app_engine, tmp_path_factory.mktemp("rooms")) as site:
        yield site


def open_app(page: Page, site: AppSite, tab: str = "film") -> Page:
    """The app in `page`, with all its tabs filled."""
    page.goto(f"{site.address}/#{tab}")
    page.wait_for_selector("html[data-ready]")
    return page


@pytest.fixture(scope="module")
def app_page(app_site: AppSite) -> Iterator[Page]:
    """The app in English, 1280 x 900."""
    with browser_page(locale="en-GB", viewport={"width": 1280, "height": 900}) as page:
        yield open_app(page, app_site)


@pytest.fixture
def page(app_page: Page, app_site: AppSite) -> Iterator[Page]:
    """The app as another person has it, in a room of its own; nothing may fail in it unseen."""
    errors = list[str]()
    browser = app_page.context.browser
    assert browser
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    context.set_default_timeout(1000 * WAIT)
    fresh = context.new_page()
    fresh.on("pageerror", lambda error: errors.append(str(error)))
    yield open_app(fresh, app_site)
    context.close()
    assert errors == []


def busy_with_another(site: AppSite) -> threading.Event:
    """Somebody else's film is being captioned until the event is set."""
    free = threading.Event()

    def slow(report: Report) -> dict[str, Any]:
        while not free.wait(0.1):
            report.check()
        return {}

    site.studio.jobs.submit(site.studio.rooms.open(), "film", "caption", slow)
    return free


def settings(page: Page, **chosen: str) -> None:
    """Choose `language`, `theme` or `text_size` as a reader does, and wait until it is so."""
    for name, value in chosen.items():
        page.select_option(f"#choose-{name.replace('_', '-')}", value)
    if "language" in chosen:
        page.wait_for_selector(f"html[lang={chosen['language']}]")
