"""The letter network on onnxruntime: a `HandReader`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import ModelError
from accessify.engines.session import open_on, open_session, run_session
from accessify.signs.reader import HandReading


class LetterReader:
    """Reads hands with a network that `accessify train letters` made.

    Its probabilities may add up to less than 1: the rest is for hands that show no letter.
    """

    def __init__(self, path: Path, device: str = "cpu") -> None:
        """Raises `ModelError` for a file that is no such network."""
        self._name = path.name
        self._session: Any = open_on(device, lambda found: open_session(path, device=found))
        facts = self._session.get_modelmeta().custom_metadata_map
        if "letters" not in facts:
            raise ModelError(f"{path}: not a letter network; give one that accessify train letters made")
        self.letters: tuple[str, ...] = tuple(facts["letters"].split())
        self.alphabet: str = facts.get("alphabet", "")
        """Name of the alphabet."""
        self.data: str = facts.get("data", "")
        """What it was trained on, as `accessify train letters` tells; '' where it does not say."""

    def __call__(self, hands: NDArray[np.float32]) -> HandReading:
        """Read hands [n, 21, 3]; raises `ModelError` where the network fails."""
        logs, embedding = run_session(self._session, self._name, {"hands": hands.astype(np.float32)})
        return HandReading(logs[:, : len(self.letters)], embedding)
