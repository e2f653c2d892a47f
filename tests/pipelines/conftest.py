from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from accessify.pipelines import listen
from tests.fakes import LoudSpeech


@pytest.fixture
def _loud_is_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listen without weights."""
    monkeypatch.setattr(listen, "Silero", LoudSpeech)


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A state folder of the test's own."""
    folder = tmp_path / "state"
    monkeypatch.setenv("ACCESSIFY_STATE", str(folder))
    yield folder
    assert not list(folder.rglob("*.lock"))  # whatever happened, nothing stays locked
