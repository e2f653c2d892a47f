"""The sign encoder on onnxruntime, and the signs it is measured against: a `SignEncoder` and its cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import ModelError
from accessify.engines.session import open_on, open_session, run_session
from accessify.signs.encoding import Cohort, Floats, SignCodes
from accessify.signs.samples import Samples

_BATCH = 64


class OnnxSignEncoder:
    """Sees signs with a network that `accessify train signs` made."""

    def __init__(self, path: Path, device: str = "cpu") -> None:
        """Raises `ModelError` for a file that is no such network."""
        self._name = path.name
        self._session: Any = open_on(device, lambda found: open_session(path, device=found))
        if [one.name for one in self._session.get_inputs()] != ["hands", "seen", "places"]:
            raise ModelError(f"{path}: not a sign encoder; give one that accessify train signs made")
        shapes = [one.shape for one in self._session.get_outputs()]
        self._empty = SignCodes(
            np.zeros((0, *shapes[0][1:]), np.float32), np.zeros((0, *shapes[1][1:]), np.float32)
        )

    def __call__(self, samples: Samples) -> SignCodes:
        """Codes of `samples`; raises `ModelError` where the network fails."""
        parts = [self._empty]
        for start in range(0, len(samples), _BATCH):
            here = slice(start, start + _BATCH)
            feed = {"hands": samples.hands[here], "seen": samples.seen[here], "places": samples.places[here]}
            parts.append(SignCodes(*run_session(self._session, self._name, feed)))
        return SignCodes(
            np.concatenate([part.moments for part in parts]), np.concatenate([part.wholes for part in parts])
        )


def read_cohort(path: Path) -> Cohort:
    """What `accessify train signs` wrote beside the network; raises `ModelError` where it is damaged."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            codes = SignCodes(*(_full(held[name]) for name in ("moments", "wholes")))
            return Cohort(
                codes, *(float(held[name]) for name in ("whole", "spread", "stranger", "stranger_sd"))
            )
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ModelError(
            f"{path}: damaged ({error}); run: pip install --force-reinstall accessify"
        ) from error


def _full(stored: NDArray[np.int8]) -> Floats:
    """Vectors 1 long, of such in steps of 1/127 and less."""
    vectors = stored.astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)
