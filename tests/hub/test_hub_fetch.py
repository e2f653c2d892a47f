from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import ChecksumMismatch, DownloadFailed, Offline, UnknownName
from accessify.hub import catalog
from accessify.hub.cache import is_whole, path_of
from accessify.hub.catalog import Model, UrlSource
from accessify.hub.fetch import fetch_models, model_files
from tests.hub.local_models import TOKENS, WEIGHTS, make_model, make_wheel, write_catalog
from tests.hub.local_server import LocalServer

FETCH = """
import logging, sys
from accessify.hub.catalog import UrlSource
from accessify.hub.fetch import fetch_models
from tests.hub.local_models import make_model
logging.basicConfig(level=logging.INFO, format="%(message)s")
fetch_models([make_model(UrlSource(sys.argv[1]))])
"""


def from_site(server: LocalServer) -> Model:
    return make_model(UrlSource(server.address + "/"))


def is_here(model: Model) -> bool:
    return all(is_whole(path_of(file), file, thorough=True) for file in model.files)


def start(server: LocalServer) -> subprocess.Popen[str]:
    """A process of its own that fetches the model from `server`."""
    command = [sys.executable, "-c", FETCH, server.address + "/"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def test_files_come_once_and_are_then_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = make_wheel(tmp_path / "index")
    write_catalog(tmp_path / "catalog.toml", make_model(wheel), wheel)
    monkeypatch.setattr(catalog, "CATALOG", tmp_path / "catalog.toml")
    paths = model_files("tiny")
    assert {name: path.read_bytes() for name, path in paths.items()} == {
        "weights.onnx": WEIGHTS,
        "tokens.txt": TOKENS,
    }
    (tmp_path / "index" / wheel.name).unlink()
    assert model_files("tiny", offline=True) == paths
    with pytest.raises(UnknownName, match="known: tiny"):
        model_files("small")


def test_nothing_but_whole_files_is_left(server: LocalServer) -> None:
    server.acts = ["cut"]
    model = from_site(server)
    fetch_models([model])
    left = [path for path in cache_folder().rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert sorted(left) == sorted(path_of(file) for file in model.files)


def test_what_is_here_is_not_asked_for(server: LocalServer) -> None:
    model = from_site(server)
    fetch_models([model])
    asked = len(server.requests)
    fetch_models([model], thorough=True)
    assert len(server.requests) == asked == 2


@pytest.mark.parametrize("damage", [b"short", WEIGHTS[::-1], WEIGHTS + b"x"])
def test_a_damaged_file_is_fetched_again(
    server: LocalServer, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    model = from_site(server)
    fetch_models([model])
    path_of(model.files[0]).write_bytes(damage)
    fetch_models([model])
    assert is_here(model)
    assert "weights.onnx is damaged" in caplog.text
    assert server.paths.count("/tiny_models/weights.onnx") == 2
    assert server.paths.count("/tiny_models/tokens.txt") == 1


def test_hidden_damage_is_mended_when_thorough(server: LocalServer) -> None:
    model = from_site(server)
    fetch_models([model])
    path = path_of(model.files[0])
    before = path.stat()
    path.write_bytes(WEIGHTS[::-1])
    os.utime(path, (before.st_atime, before.st_mtime))
    fetch_models([model], thorough=True)
    assert is_here(model)


def test_damage_that_cannot_be_mended_stays_damage(server: LocalServer) -> None:
    model = from_site(server)
    fetch_models([model])
    path = path_of(model.files[0])
    before = path.stat()
    path.write_bytes(WEIGHTS[::-1])
    os.utime(path, (before.st_atime, before.st_mtime))
    for _ in range(2):
        with pytest.raises(Offline):
            fetch_models([model], offline=True, thorough=True)
    with pytest.raises(Offline):
        fetch_models([model], offline=True)


def test_models_of_one_wheel_are_one_download(
    server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = make_wheel(tmp_path, {"a.bin": b"a", "b.bin": b"b"})
    page = f'<a href="{wheel.name}">{wheel.name}</a>'.encode()
    server.files = {
        "/simple/tiny-models/": page,
        f"/simple/tiny-models/{wheel.name}": (tmp_path / wheel.name).read_bytes(),
    }
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple/")
    models = [make_model(wheel, name="one", a=b"a"), make_model(wheel, name="two", b=b"b")]
    fetch_models(models)
    assert all(is_here(model) for model in models)
    assert server.paths.count(f"/simple/tiny-models/{wheel.name}") == 1


def test_the_next_source_is_tried(server: LocalServer) -> None:
    server.acts = ["403"]
    folders = ("/closed/", "/empty/", "/")
    model = make_model(*(UrlSource(server.address + folder) for folder in folders))
    fetch_models([model])
    assert is_here(model)
    assert server.paths == [
        "/closed/tiny_models/weights.onnx",
        "/empty/tiny_models/weights.onnx",
        "/tiny_models/weights.onnx",
        "/tiny_models/tokens.txt",
    ]


def test_the_mirror_comes_first_and_what_it_lacks_comes_from_elsewhere(
    server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weights.onnx").write_bytes(WEIGHTS)
    monkeypatch.setenv("ACCESSIFY_MIRROR", str(tmp_path))
    model = from_site(server)
    fetch_models([model])
    assert is_here(model)
    assert server.paths == ["/tiny_models/tokens.txt"]


def test_a_failure_of_all_sources_names_each_and_the_fix(
    server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCESSIFY_MIRROR", str(tmp_path / "gone"))
    wheel = make_wheel(tmp_path)
    server.files = {}
    model = make_model(wheel, UrlSource(server.address + "/"))
    with pytest.raises(DownloadFailed) as caught:
        fetch_models([model])
    text = str(caught.value)
    assert text.startswith("tiny could not be fetched: ")
    assert "gone: no such folder; " in text
    assert "package index: tiny-models==1.2: No matching distribution" in text
    assert f"{server.address}/tiny_models/weights.onnx: the server answered 404" in text
    assert "HTTPS_PROXY" in text
    assert "ACCESSIFY_MIRROR" in text
    assert "\n" not in text


def test_wrong_bytes_from_the_only_source_are_told_as_such(server: LocalServer) -> None:
    server.always = "corrupt"
    with pytest.raises(ChecksumMismatch, match="run the same command again"):
        fetch_models([from_site(server)])
    assert not path_of(from_site(server).files[0]).exists()


@pytest.mark.parametrize("by_environment", [False, True])
def test_offline_never_dials(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, by_environment: bool
) -> None:
    monkeypatch.setenv("ACCESSIFY_OFFLINE", str(int(by_environment)))
    monkeypatch.setenv("ACCESSIFY_MIRROR", server.address)
    with pytest.raises(Offline, match="accessify models pull tiny"):
        fetch_models([from_site(server)], offline=not by_environment)
    assert server.requests == []


def test_offline_still_takes_from_a_folder(
    server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(tmp_path)
    monkeypatch.setenv("ACCESSIFY_MIRROR", str(tmp_path))
    wheel = make_wheel(tmp_path)
    model = make_model(wheel)
    fetch_models([model], offline=True)
    assert is_here(model)
    assert server.requests == []


def test_two_processes_fetch_once(server: LocalServer) -> None:
    server.acts = ["stall"]  # the first holds the lock until the second has come
    first = start(server)
    assert server.stalled.wait(10)
    second = start(server)
    assert second.stderr
    assert "waiting for another process" in second.stderr.readline()
    server.release()
    for process in (first, second):
        _, log = process.communicate(timeout=20)
        assert process.returncode == 0, log
    assert is_here(from_site(server))
    # the stalled request, its resumption, the other file: nothing twice
    half = len(WEIGHTS) // 2
    assert server.requests == [
        ("/tiny_models/weights.onnx", None),
        ("/tiny_models/weights.onnx", f"bytes={half}-"),
        ("/tiny_models/tokens.txt", None),
    ]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_a_killed_process_is_resumed_by_the_next(server: LocalServer) -> None:
    server.acts = ["stall"]
    process = start(server)
    half = len(WEIGHTS) // 2
    parts: list[Path] = []
    while not parts or parts[0].stat().st_size < half:  # the half sent has arrived
        assert process.poll() is None
        parts = list(cache_folder().glob("downloads/*.part"))
    process.kill()
    process.communicate()
    model = from_site(server)
    assert not path_of(model.files[0]).exists()
    fetch_models([model])
    assert is_here(model)
    assert server.requests[1] == ("/tiny_models/weights.onnx", f"bytes={half}-")
