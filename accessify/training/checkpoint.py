"""The state of a training run in a file, so that a run that was stopped goes on to the same end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from accessify.core.placing import placed
from accessify.training.chance import Chance


class Checkpoint:
    """Saves and restores what a run has come to; does nothing without a file."""

    def __init__(self, path: Path | None, parts: Mapping[str, Any], chance: Chance, key: str) -> None:
        """`parts` have `state_dict` and `load_state_dict`; `key` tells runs apart that must not be mixed."""
        self._path, self._parts, self._chance, self._key = path, parts, chance, key

    def restore(self) -> int:
        """Steps done so far: those of the file where it is of the same run, else 0."""
        if self._path is None or not self._path.is_file():
            return 0
        try:
            state = torch.load(self._path, weights_only=True)
        except (RuntimeError, UnpicklingError, EOFError, ValueError):
            return 0  # damaged: the run starts anew and writes a whole one
        if not isinstance(state, dict) or state.get("key") != self._key:
            return 0
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        self._chance.generator.set_state(state["chance"])
        torch.set_rng_state(state["torch"])
        return int(state["steps"])

    def save(self, steps: int) -> None:
        """Keep the state after `steps`."""
        if self._path is None:
            return
        state = {name: part.state_dict() for name, part in self._parts.items()}
        random = {"chance": self._chance.generator.get_state(), "torch": torch.get_rng_state()}
        with placed(self._path) as temporary:
            torch.save({**state, **random, "steps": steps, "key": self._key}, temporary)
