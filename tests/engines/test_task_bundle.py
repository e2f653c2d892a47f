from __future__ import annotations

from pathlib import Path

import pytest

from accessify.core.errors import ModelError, ModelNotFound
from accessify.engines.task_bundle import JOBS, read_bundle
from tests.engines.bundles import SHARED, needs, store

GRAPH = b"\x1c\0\0\0TFL3" + bytes(200)
HANDS = {"hand_detector.tflite": GRAPH, "hand_landmarks_detector.tflite": GRAPH}


@pytest.mark.parametrize("job", JOBS)
def test_the_job_is_found_from_the_members(tmp_path: Path, job: str) -> None:
    path = store(tmp_path / "any name.bin", dict.fromkeys(JOBS[job], GRAPH))
    bundle = read_bundle(path)
    assert (bundle.job, bundle.blendshapes, bundle.content) == (job, False, path.read_bytes())


def test_expressions_are_there_where_their_graph_is(tmp_path: Path) -> None:
    members = dict.fromkeys([*JOBS["face_landmarker"], "face_blendshapes.tflite"], GRAPH)
    assert read_bundle(store(tmp_path / "face.task", members)).blendshapes


def test_a_gesture_recogniser_has_a_bundle_of_hands_inside(tmp_path: Path) -> None:
    hands = store(tmp_path / "hands.task", HANDS).read_bytes()
    gestures = {"hand_landmarker.task": hands, "hand_gesture_recognizer.task": GRAPH}
    bundle = read_bundle(store(tmp_path / "gestures.task", gestures))
    assert (bundle.job, bundle.content) == ("hand_landmarker", hands)


@pytest.mark.parametrize(
    ("members", "what"),
    [
        (["TF_LITE_PREFILL_DECODE", "TOKENIZER_MODEL", "METADATA"], "is a language model;"),
        (["gesture_embedder.tflite", "canned_gesture_classifier.tflite"], "is a gesture classifier without"),
        (["model.tflite", "vocab.txt"], r"for another job \(it holds model.tflite, vocab.txt\);"),
        (["a", "b", "c", "d", "e"], r"\(it holds a, b, c and 2 more\)"),
        ([], r"\(it holds nothing\)"),
        (["hand_landmarks_detector.tflite"], r"\(it holds hand_landmarks_detector.tflite\)"),
    ],
)
def test_a_bundle_for_another_job_is_named(tmp_path: Path, members: list[str], what: str) -> None:
    path = store(tmp_path / "other.task", dict.fromkeys(members, GRAPH))
    with pytest.raises(
        ModelError, match=rf"other\.task: .*{what}.*accepted are .*holistic, hand, pose and face"
    ):
        read_bundle(path)


def test_a_single_graph_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "classifier.tflite").write_bytes(GRAPH)
    with pytest.raises(ModelError, match=r"classifier\.tflite: holds one TFLite graph, no bundle; accepted"):
        read_bundle(tmp_path / "classifier.tflite")


def test_a_single_graph_is_told_by_the_name_it_gives_itself() -> None:
    needs(SHARED / "mirror" / "yamnet.tflite")
    with pytest.raises(ModelError, match=r"holds one TFLite graph \(yamnet/classification\), no bundle"):
        read_bundle(SHARED / "mirror" / "yamnet.tflite")


def damaged(path: Path) -> bytes:
    content = bytearray(store(path, HANDS).read_bytes())
    content[content.index(GRAPH) + 100] ^= 1
    return bytes(content)


def cut_off(path: Path) -> bytes:
    return store(path, HANDS).read_bytes()[:-30]


def compressed(path: Path) -> bytes:
    return store(path, HANDS, packed=True).read_bytes()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no .task bundle, or one that was cut off"),
        (b"<html>not found</html>", "no .task bundle, or one that was cut off"),
        (cut_off, "no .task bundle, or one that was cut off"),
        (damaged, "hand_detector.tflite in it is damaged; fetch the bundle again"),
        (compressed, "hand_detector.tflite in it is compressed; store the members instead"),
    ],
    ids=["empty", "page", "cut off", "damaged", "compressed"],
)
def test_what_cannot_be_used_is_told_in_one_line(tmp_path: Path, content: object, what: str) -> None:
    path = tmp_path / "hands.task"
    path.write_bytes(content(path) if callable(content) else content)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=rf"hands\.task: {what}") as caught:
        read_bundle(path)
    assert "\n" not in str(caught.value)


def test_a_bundle_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"none\.task: no such file; accepted are"):
        read_bundle(tmp_path / "none.task")
    with pytest.raises(ModelError, match="cannot be read"):
        read_bundle(tmp_path)
