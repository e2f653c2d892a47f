"""One set of networks for all servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accessify.pipelines.live import LiveEngine, LiveOptions
from tests.server.site import Site, serving


@pytest.fixture(scope="session")
def live_engine(embedded_models: None) -> Iterator[LiveEngine]:
    """Loaded once; each server opens its streams on it."""
    with LiveEngine(LiveOptions(offline=True)) as engine:
        yield engine


@pytest.fixture(scope="module")
def site(live_engine: LiveEngine) -> Iterator[Site]:
    """A server with its usual limits."""
    with serving(live_engine) as running:
        yield running
