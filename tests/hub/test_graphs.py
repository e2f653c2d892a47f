from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import MissingExtra, ModelError, Offline
from accessify.core.progress import Progress
from accessify.hub import catalog, graphs
from accessify.hub.catalog import Model, find_model
from accessify.hub.fetch import model_files
from accessify.hub.graphs import convertible, graph_files
from tests.hub.local_models import make_file, make_wheel, write_catalog
from tests.hub.tflite_files import TfliteFile, farthest, interpreted, run

MAKE = """
import sys
from pathlib import Path
from accessify.hub import catalog
from accessify.hub.graphs import graph_files
catalog.CATALOG = Path(sys.argv[1])
for path in graph_files("tiny").values():
    print(path.stat().st_ino)
"""


def network(channels: int) -> bytes:
    file = TfliteFile()
    return file.build(
        file.convolution(file.input(1, 6, 6, 3), file.weights(channels, 3, 3, 3), (1, 6, 6, channels))
    )


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of one model with two networks, in a wheel on the local index; its path."""
    return publish(tmp_path, monkeypatch, {"small": network(4), "large": network(40)})


def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, networks: dict[str, bytes]) -> Path:
    members = {f"{name}.tflite": content for name, content in networks.items()} | {"labels.txt": b"a hand"}
    wheel = make_wheel(tmp_path / "index", members)
    files = tuple(
        make_file(name, content, "tiny", f"tiny_models/{name}") for name, content in members.items()
    )
    model = Model("tiny", "keypoint-detection", "Tiny", "MIT", ("*",), files, (wheel,))
    write_catalog(tmp_path / "catalog.toml", model, wheel)
    monkeypatch.setattr(catalog, "CATALOG", tmp_path / "catalog.toml")
    return tmp_path / "catalog.toml"


def made() -> list[str]:
    return sorted(path.name for path in (cache_folder() / "graphs" / "tiny").iterdir())


@pytest.mark.usefixtures("published")
def test_networks_are_fetched_and_converted() -> None:
    paths = graph_files("tiny")
    assert list(paths) == ["small", "large"]
    assert made() == sorted(path.name for path in paths.values())
    picture = np.random.default_rng(0).random((1, 6, 6, 3), np.float32)
    for name, content in (("small", network(4)), ("large", network(40))):
        (found,) = run(paths[name].read_bytes(), picture)
        assert farthest(found, interpreted(content, picture)[0]) < 1e-6


@pytest.mark.usefixtures("published")
def test_what_is_converted_already_needs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = graph_files("tiny")
    before = {path: path.stat().st_ino for path in paths.values()}
    for path in [*(tmp_path / "index").iterdir(), *model_files("tiny").values()]:
        path.unlink()
    for package in ("onnx", "tflite"):
        monkeypatch.setitem(sys.modules, package, None)
    assert graph_files("tiny", offline=True) == paths
    assert {path: path.stat().st_ino for path in paths.values()} == before


@pytest.mark.usefixtures("published")
def test_the_extra_is_named_before_anything_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    assert convertible(find_model("tiny"))
    monkeypatch.setitem(sys.modules, "tflite", None)
    with pytest.raises(MissingExtra, match=r"accessify\[signs\]"):
        graph_files("tiny")
    assert not cache_folder().exists()
    assert not convertible(find_model("tiny"))


@pytest.mark.usefixtures("published")
def test_offline_converts_what_was_fetched() -> None:
    with pytest.raises(Offline, match="accessify models pull tiny"):
        graph_files("tiny", offline=True)
    model_files("tiny")
    assert all(path.exists() for path in graph_files("tiny", offline=True).values())


@pytest.mark.usefixtures("published")
def test_both_precisions_lie_side_by_side() -> None:
    plain, half = graph_files("tiny"), graph_files("tiny", half=True)
    assert set(plain.values()).isdisjoint(half.values())
    assert made() == sorted(path.name for path in (*plain.values(), *half.values()))
    assert half["large"].stat().st_size < plain["large"].stat().st_size


@pytest.mark.usefixtures("published")
def test_a_new_converter_takes_the_place_of_the_old(monkeypatch: pytest.MonkeyPatch) -> None:
    old, half = graph_files("tiny"), graph_files("tiny", half=True)
    monkeypatch.setattr(graphs, "VERSION", graphs.VERSION + 1)
    new = graph_files("tiny")
    assert set(new.values()).isdisjoint(old.values())
    assert made() == sorted(path.name for path in (*new.values(), *half.values()))


@pytest.mark.usefixtures("published")
def test_other_weights_take_the_place_of_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = graph_files("tiny")
    publish(tmp_path, monkeypatch, {"small": network(5), "large": network(40)})
    new = graph_files("tiny")
    assert new["large"] == old["large"]
    assert new["small"] != old["small"]
    assert made() == sorted(path.name for path in new.values())


@pytest.mark.usefixtures("published")
def test_a_graph_that_was_written_to_is_made_again() -> None:
    paths = graph_files("tiny")
    whole = paths["small"].read_bytes()
    paths["small"].write_bytes(whole[:-1])
    graph_files("tiny")
    assert paths["small"].read_bytes() == whole


def test_a_network_that_cannot_be_converted_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = TfliteFile()
    odd = file.build(file.operator("HARD_SWISH", [file.input(1, 6)], (1, 6)))
    publish(tmp_path, monkeypatch, {"odd": odd})
    with pytest.raises(ModelError, match=r"^tiny/odd\.tflite: operator HARD_SWISH is not known"):
        graph_files("tiny")
    assert not (cache_folder() / "graphs").exists()


@pytest.mark.usefixtures("published")
def test_progress_is_told() -> None:
    steps: list[Progress] = []
    graph_files("tiny", on_progress=steps.append)
    converted = [step for step in steps if step.stage == "convert tiny"]
    assert [(step.done, step.total) for step in converted] == [(1, 2), (2, 2)]


def test_processes_at_once_make_each_graph_once(published: Path) -> None:
    model_files("tiny")
    command = [sys.executable, "-c", MAKE, str(published)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = {process.communicate(timeout=60)[0] for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(answers) == 1  # nobody replaced what another had placed
    assert made() == sorted(path.name for path in graph_files("tiny").values())


@pytest.mark.skipif(os.name == "nt", reason="needs a folder that cannot be written")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.usefixtures("published")
def test_a_cache_that_cannot_be_written_is_told() -> None:
    model_files("tiny")
    cache_folder().chmod(0o500)
    try:
        with pytest.raises(OSError, match="the model cache cannot be written"):
            graph_files("tiny")
    finally:
        cache_folder().chmod(0o700)
