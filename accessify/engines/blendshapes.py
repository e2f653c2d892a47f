"""The 52 facial expression scores (blendshapes) of a face mesh, by MediaPipe's graph for them.

Source: mediapipe/tasks/cc/vision/face_landmarker/face_blendshapes_graph.cc and the "Blendshape V2"
model card; the graph is the MLP-Mixer of Grishchenko et al., arXiv:2309.05782. The names are those of
Apple's ARKit, with `_neutral` before them; left and right are the person's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.expressions import EXPRESSIONS
from accessify.core.holistic import MESH_POINTS
from accessify.engines.session import run_session

_READ = np.array(
    [
        *(
            0,
            1,
            4,
            5,
            6,
            7,
            8,
            10,
            13,
            14,
            17,
            21,
            33,
            37,
            39,
            40,
            46,
            52,
            53,
            54,
            55,
            58,
            61,
            63,
            65,
            66,
            67,
        ),
        *(70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146),
        *(148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181),
        *(185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293),
        *(295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361),
        *(362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398),
        *(400, 402, 405, 409, 415, 454, 466, *range(468, MESH_POINTS)),
    ],
    np.intp,
)
"""The points of the mesh that the graph takes, in its order: eyes, brows, nose, lips, outline, irises."""


def score_expressions(session: Any, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores [52], float32, 0 to 1, in the order of `EXPRESSIONS`, of one face.

    `session` runs the converted face_blendshapes graph (`accessify.engines.session.open_session`);
    `points` [478, 2 or 3] float32 are the mesh with its irises in pixels, as square as the picture's
    (size and place do not matter, aspect does). Raises `ValueError` for a mesh without irises: the
    graph needs them even for scores of the mouth.
    """
    feed = {session.get_inputs()[0].name: expression_points(points)}
    (scores,) = run_session(session, "face_blendshapes", feed)
    found: NDArray[np.float32] = np.asarray(scores, np.float32).reshape(-1)
    if found.shape != (len(EXPRESSIONS),):
        raise ValueError(
            f"this graph gives {found.size} scores, not {len(EXPRESSIONS)}: no face_blendshapes graph"
        )
    return found


def expression_points(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the graph takes of a mesh, shape [1, 146, 2]; `points` and `ValueError` as above."""
    if points.ndim != 2 or len(points) != MESH_POINTS:
        raise ValueError(
            f"expressions need the mesh of {MESH_POINTS} points with its irises, not {list(points.shape)}"
        )
    read: NDArray[np.float32] = points[None, _READ, :2].astype(np.float32)
    return read
