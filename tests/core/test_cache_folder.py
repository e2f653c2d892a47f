from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from accessify.core.cache_folder import cache_folder


def test_the_environment_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    assert not cache_folder().exists()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACCESSIFY_CACHE", "here")
    assert cache_folder() == tmp_path / "here"


@pytest.mark.parametrize("told", [None, ""])
def test_the_platform_says_where_else(monkeypatch: pytest.MonkeyPatch, told: str | None) -> None:
    monkeypatch.delenv("ACCESSIFY_CACHE", raising=False)
    if told is not None:
        monkeypatch.setenv("ACCESSIFY_CACHE", told)
    assert cache_folder() == platformdirs.user_cache_path("accessify", appauthor=False)
