from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.expressions import EXPRESSIONS
from accessify.core.holistic import MESH_POINTS
from accessify.engines.blendshapes import score_expressions
from accessify.engines.session import open_session
from accessify.hub.convert_tflite import convert
from tests.engines.bundles import FACE_TASK, SENTENCE, face_members, needs, needs_face_task

pytestmark = needs_face_task


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("graphs") / "face_blendshapes.onnx"
    path.write_bytes(convert(face_members()["face_blendshapes.tflite"]))
    return open_session(path)


@pytest.fixture(scope="module")
def faces() -> list[tuple[np.ndarray, np.ndarray, list[str]]]:
    """Mesh in pixels, scores and their names, by MediaPipe itself, of pictures throughout the sentence."""
    import av
    from mediapipe import Image, ImageFormat
    from mediapipe.tasks.python import vision
    from mediapipe.tasks.python.core.base_options import BaseOptions

    needs(SENTENCE)
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(FACE_TASK)), output_face_blendshapes=True
    )
    found = []
    with vision.FaceLandmarker.create_from_options(options) as task, av.open(str(SENTENCE)) as film:
        for picture in list(film.decode(video=0))[::12]:
            image = picture.to_ndarray(format="rgb24")
            result = task.detect(Image(ImageFormat.SRGB, image))
            mesh = np.array([(point.x, point.y, point.z) for point in result.face_landmarks[0]], np.float32)
            scores = result.face_blendshapes[0]
            found.append(
                (
                    mesh * np.array([image.shape[1], image.shape[0], image.shape[1]], np.float32),
                    np.array([score.score for score in scores]),
                    [score.category_name for score in scores],
                )
            )
    return found


def test_scores_are_those_of_mediapipe(
    session: Any, faces: list[tuple[np.ndarray, np.ndarray, list[str]]]
) -> None:
    assert len(faces) == 9
    for mesh, expected, names in faces:
        assert tuple(names) == EXPRESSIONS
        np.testing.assert_allclose(score_expressions(session, mesh), expected, atol=1e-5)
    spread = np.ptp([scores for _, scores, _ in faces], axis=0)
    assert (spread > 0.1).sum() > 10  # the faces differ, so the agreement is no accident


def test_size_and_place_of_the_face_do_not_matter(
    session: Any, faces: list[tuple[np.ndarray, np.ndarray, list[str]]]
) -> None:
    mesh, expected, _ = faces[4]
    for scale, shift in ((1.0, 100.0), (4.0, 0.0), (0.5, -30.0)):
        moved = (mesh * scale + shift).astype(np.float32)
        np.testing.assert_allclose(score_expressions(session, moved[:, :2]), expected, atol=2e-3)


def test_a_mesh_without_irises_is_refused(session: Any) -> None:
    with pytest.raises(ValueError, match=r"mesh of 478 points with its irises, not \[468, 3\]"):
        score_expressions(session, np.zeros((468, 3), np.float32))


def test_another_graph_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mesh.onnx"
    path.write_bytes(sum_of_points())
    with pytest.raises(ValueError, match="gives 2 scores, not 52"):
        score_expressions(open_session(path), np.zeros((MESH_POINTS, 3), np.float32))


def sum_of_points() -> bytes:
    """A graph [1, 146, 2] → [1, 2]."""
    import onnx
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [helper.make_node("ReduceSum", ["points", "axes"], ["sums"], keepdims=0)],
        "sum",
        [helper.make_tensor_value_info("points", TensorProto.FLOAT, [1, 146, 2])],
        [helper.make_tensor_value_info("sums", TensorProto.FLOAT, [1, 2])],
        [helper.make_tensor("axes", TensorProto.INT64, [1], [1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
