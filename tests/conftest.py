"""What every test shares: no time limit on examples, and models only where they are."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

import pytest
from hypothesis import HealthCheck, settings

from accessify.core.errors import ModelError

# Training makes torch load Triton where it is installed. Its LLVM crashes in a process where Mesa has drawn
# before, because Mesa offers its own LLVM to whatever is loaded later; the other way round both work.
with suppress(ImportError):
    import_module("triton._C.libtriton")

EMBEDDED = ("moonshine-tiny-en", "silero-vad", "holistic-landmarks", "sample-speech", "hamnosys-signs")

# A slow machine is not a wrong answer.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files that run models first: who has a long one last keeps all other processes waiting."""
    long = {item.path for item in items if item.get_closest_marker("models")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def embedded_models() -> None:
    """Skip where the embedded models have not been fetched; never dials out."""
    model_files = import_module("accessify.hub.fetch").model_files
    try:
        for name in EMBEDDED:
            model_files(name, offline=True)
    except ModelError as error:
        pytest.skip(f"run `make models` first: {error}")


@pytest.fixture(autouse=True)
def _models_where_marked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("models"):
        request.getfixturevalue("embedded_models")
