"""Graphs of networks that are published in one bundle."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import AccessifyError, ModelError, Offline
from accessify.hub import catalog
from accessify.hub.cache import path_of
from accessify.hub.catalog import Model, find_model
from accessify.hub.graphs import graph_files
from tests.hub.local_models import make_file, make_wheel, write_catalog
from tests.hub.tflite_files import TfliteFile, farthest, interpreted, run

BUNDLE = "face_landmarker.task"
NETWORKS = ("face_landmarks_detector", "face_blendshapes")
SHARED = Path(__file__).parents[3] / "shared" / "mirror"


def network(channels: int) -> bytes:
    file = TfliteFile()
    return file.build(
        file.convolution(file.input(1, 6, 6, 3), file.weights(channels, 3, 3, 3), (1, 6, 6, channels))
    )


MEMBERS = {
    "face_detector.tflite": b"is not used",
    **{f"{name}.tflite": network(3 + index) for index, name in enumerate(NETWORKS)},
}


def bundle(members: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def publish(folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> Path:
    """A catalogue of one model, a bundle, and a mirror that holds it; the mirror."""
    wheel = make_wheel(folder / "nowhere", {BUNDLE: content})
    model = Model(
        "tiny",
        "keypoint-detection",
        "Tiny",
        "MIT",
        ("*",),
        (make_file(BUNDLE, content, "tiny", f"tiny_models/{BUNDLE}"),),
        (wheel,),
    )
    write_catalog(folder / "catalog.toml", model, wheel)
    monkeypatch.setattr(catalog, "CATALOG", folder / "catalog.toml")
    mirror = folder / "mirror"
    mirror.mkdir()
    (mirror / BUNDLE).write_bytes(content)
    monkeypatch.setenv("ACCESSIFY_MIRROR", str(mirror))
    return mirror


def test_the_networks_in_a_bundle_become_graphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, bundle(MEMBERS))
    found = graph_files("tiny", offline=True)
    assert tuple(found) == NETWORKS
    image = np.random.default_rng(0).random((1, 6, 6, 3), np.float32)
    for name, path in found.items():
        (ours,) = run(path.read_bytes(), image)
        (theirs,) = interpreted(MEMBERS[f"{name}.tflite"], image)
        assert farthest(ours, theirs) < 1e-5


def test_once_converted_the_bundle_is_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = publish(tmp_path, monkeypatch, bundle(MEMBERS))
    before = graph_files("tiny", offline=True)
    (mirror / BUNDLE).unlink()
    path_of(find_model("tiny").files[0]).unlink()
    assert graph_files("tiny", offline=True) == before
    before["face_blendshapes"].unlink()
    with pytest.raises(Offline):
        graph_files("tiny", offline=True)


def test_a_damaged_bundle_in_a_mirror_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bundle(MEMBERS)
    mirror = publish(tmp_path, monkeypatch, content)
    (mirror / BUNDLE).write_bytes(content[:-100] + bytes(100))
    with pytest.raises(ModelError) as caught:
        graph_files("tiny", offline=True)
    assert "\n" not in caught.value.message
    assert not list(cache_folder().rglob("*.onnx"))


def test_a_damaged_bundle_in_the_cache_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, monkeypatch, bundle(MEMBERS))
    kept = path_of(find_model("tiny").files[0])
    kept.parent.mkdir(parents=True)
    kept.write_bytes(bundle(MEMBERS)[:200])
    assert tuple(graph_files("tiny", offline=True)) == NETWORKS


@pytest.mark.parametrize(
    "content", [b"no bundle at all", bundle({"face_landmarks_detector.tflite": network(3)})]
)
def test_what_is_published_as_a_bundle_and_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    publish(tmp_path, monkeypatch, content)
    with pytest.raises(ModelError, match=rf"{BUNDLE}: .*accessify models verify") as caught:
        graph_files("tiny", offline=True)
    assert "\n" not in caught.value.message


@pytest.mark.skipif(not (SHARED / BUNDLE).exists(), reason="needs the face landmarker in a mirror")
def test_the_face_landmarker_gives_its_mesh_and_its_expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    with pytest.raises(AccessifyError):  # nothing is in this test's own cache
        graph_files("face-landmarker", offline=True)
    monkeypatch.setenv("ACCESSIFY_MIRROR", str(SHARED))
    found = graph_files("face-landmarker", offline=True)
    mesh, expressions = (onnxruntime.InferenceSession(found[name]) for name in NETWORKS)
    assert mesh.get_inputs()[0].shape == [1, 3, 256, 256]
    points, presence, *_ = mesh.run(None, {"image": np.zeros((1, 3, 256, 256), np.float32)})
    assert (points.size, presence.size) == (478 * 3, 1)
    name = expressions.get_inputs()[0].name
    (scores,) = expressions.run(None, {name: np.zeros((1, 146, 2), np.float32)})
    assert scores.size == 52
