"""The landmark networks on onnxruntime, each fed with a crop of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra
from accessify.engines.blendshapes import score_expressions
from accessify.engines.session import open_on, open_session, run_session
from accessify.tracking.graphs import BODY_LANDMARKS, Graph
from accessify.tracking.regions import Region

EXPRESSION_GRAPH = "face_blendshapes"


class Networks:
    """Runs the graphs on crops of the picture: a `Look`."""

    def __init__(self, files: Mapping[str, Path], device: str = "auto", body_threads: int = 1) -> None:
        """`files`: graph name → ONNX file; `body_threads` are for the network that all others wait for.

        All run on one device (`accessify.engines.session.open_on`).
        """
        try:
            import cv2
        except ImportError as error:
            raise MissingExtra("opencv-python", "signs") from error
        self._cv2 = cv2
        self._sessions: dict[str, Any] = open_on(
            device,
            lambda found: {
                name: open_session(path, body_threads if name == BODY_LANDMARKS.name else 1, found)
                for name, path in files.items()
            },
        )

    def __call__(
        self, graph: Graph, image: NDArray[np.uint8], region: Region
    ) -> tuple[NDArray[np.float32], ...]:
        """Outputs of `graph` for `region` of `image`, in the file's order."""
        return self.run(graph, self.crop(graph, image, region))

    def crop(self, graph: Graph, image: NDArray[np.uint8], region: Region) -> NDArray[np.float32]:
        """`region` of `image` as `graph` takes it: [1, 3, size, size]."""
        cv2 = self._cv2
        crop = cv2.warpPerspective(  # as MediaPipe samples; warpAffine rounds a little differently
            image,
            np.vstack([region.affine(graph.size), (0, 0, 1)]),
            (graph.size, graph.size),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE if graph.replicate else cv2.BORDER_CONSTANT,
        )
        step = (1 - graph.low) / 255
        blob: NDArray[np.float32] = cv2.dnn.blobFromImage(crop, step, mean=(-graph.low / step,) * 3)
        return blob

    def run(self, graph: Graph, crop: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Outputs of `graph` for a crop made for it; raises `ModelError`."""
        return tuple(run_session(self._sessions[graph.name], graph.name, {"image": crop}))

    def score(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Expression scores of a face's points [478, 3]."""
        return score_expressions(self._sessions[EXPRESSION_GRAPH], points)
