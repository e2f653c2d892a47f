from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.local_models import TOKENS, WEIGHTS, isolate
from tests.hub.local_server import LocalServer


@pytest.fixture(autouse=True)
def _own_cache(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every test has a cache of its own, except those of the models that `make models` fetched."""
    if request.node.get_closest_marker("models") is None:
        isolate(monkeypatch, tmp_path)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    serving = LocalServer({"/tiny_models/weights.onnx": WEIGHTS, "/tiny_models/tokens.txt": TOKENS})
    yield serving
    serving.close()
