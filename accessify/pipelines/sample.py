"""The sample film, built once and kept: for people who want to see captions before they have a film."""

from __future__ import annotations

import shutil
from pathlib import Path

from accessify.core.cache_folder import cache_folder
from accessify.core.placing import placed
from accessify.core.progress import OnProgress
from accessify.hub.cache import path_of
from accessify.hub.catalog import find_model
from accessify.hub.fetch import model_files
from accessify.media.sample import build_sample

SAMPLE_SPEECH = "two_cities.wav"


def sample_is_built() -> bool:
    """Whether `sample_film` only has to copy."""
    speech = next(file for file in find_model("sample-speech").files if file.name == SAMPLE_SPEECH)
    found = path_of(speech), _kept()
    return all(path.is_file() for path in found) and found[0].stat().st_mtime <= found[1].stat().st_mtime


def sample_film(target: Path, *, offline: bool = False, on_progress: OnProgress | None = None) -> None:
    """Write the sample film (MP4, 44 s) to `target`. Raises as `model_files` and `build_sample` do."""
    speech = model_files("sample-speech", offline=offline, on_progress=on_progress)[SAMPLE_SPEECH]
    if not sample_is_built():
        build_sample(speech, _kept())
    with placed(target) as temporary:
        shutil.copyfile(_kept(), temporary)


def _kept() -> Path:
    return cache_folder() / "sample.mp4"
