"""The reader for exports opens what `speech.whisper_checkpoint` reads."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from accessify.core.errors import MissingExtra, ModelError, ModelNotFound
from accessify.hub.whisper_checkpoint import read_whisper, whisper_package
from tests.hub.whisper_models import SMALL_ENGLISH, random_whisper, save_whisper

pytest.importorskip("torch")
pytest.importorskip("whisper")


def test_a_checkpoint_is_read_from_its_path(tmp_path: Path) -> None:
    path = save_whisper(random_whisper(SMALL_ENGLISH), tmp_path / "w.pt", half=True)
    checkpoint = read_whisper(path)
    assert (checkpoint.path, checkpoint.dims) == (path, SMALL_ENGLISH)
    assert checkpoint.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_not_there_or_no_whisper_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.pt", tmp_path):
        with pytest.raises(ModelNotFound, match="no such file"):
            read_whisper(path)
    (tmp_path / "w.pt").write_bytes(b"")
    with pytest.raises(ModelError, match=r"w\.pt: not a checkpoint of openai-whisper"):
        read_whisper(tmp_path / "w.pt")


@pytest.mark.parametrize("package", ["whisper", "torch"])
def test_without_the_extra_its_pip_line_is_told(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r"pip install 'accessify\[export\]'"):
        whisper_package()
