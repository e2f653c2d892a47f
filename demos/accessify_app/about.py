"""Callbacks of the tab "About and limits": what the page says of models, figures and versions, as data."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from accessify.core.errors import AccessifyError
from accessify.evaluation.figures import CAPTIONS, Figure
from accessify.evaluation.live_figures import LIVE
from accessify.evaluation.sign_figures import SIGNS
from accessify.hub.cache import path_of
from accessify.hub.catalog import Model, WheelSource, load_catalog
from accessify.hub.shipped import LETTERS_ASE, SIGN_COHORT, shipped_model
from accessify.hub.shipped import SIGNS as SIGN_ENCODER
from accessify.server.rooms import Room
from accessify_app.studio import Studio

USED = ("moonshine-tiny-en", "silero-vad", "holistic-landmarks", "hamnosys-signs", "sample-speech")
"""Models of the catalogue that the app works with as it comes; Whisper's are told together."""
SHIPPED = {"letters-ase": (LETTERS_ASE,), "signs": (SIGN_ENCODER, SIGN_COHORT)}
"""Networks that come with the package → their files; of both the licence is ours."""
WHISPER = "whisper-"
CHOSEN: Mapping[str, tuple[str, ...]] = {
    "captions": ("wer", "wer_film", "missed", "invented_clips", "word_starts_close", "speed"),
    "live": ("shown_p50", "committed_p50", "committed_p95", "recommitted", "wer_live"),
    "signs": (
        "hands_mediapipe_left_out",
        "again",
        "words_1_top1",
        "words_3_top1",
        "words_1_false_accepts",
    ),
    "avatar": ("strings_whole", "round_trip", "encoded_720", "start"),
}
"""Bench → which of its figures matter to somebody who uses the app."""
PACKAGES = ("accessify", "gradio", "starlette", "uvicorn", "onnxruntime", "av", "numpy")
_BENCHES = (Path(__file__).parent / "benchmarks", Path(__file__).parents[2] / "docs" / "benchmarks")
"""Where an installed package and a checkout have what was measured."""


def facts(studio: Studio, _room: Room) -> dict[str, Any]:
    """All that the page tells and does not know by itself."""
    limits = studio.options.rooms
    return {
        "versions": {name: found for name in PACKAGES if (found := _version(name))}
        | {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"},
        "keeps": {"hours": limits.kept_seconds / 3600, "bytes": limits.file_bytes},
        "offline": studio.options.offline,
        "models": [*_fetched(), _whisper(), *_shipped()],
        "figures": figures(),
    }


CALLBACKS = (facts,)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a checkout that nobody installed
        return None


def _fetched() -> Iterator[dict[str, Any]]:
    catalog = load_catalog()
    for name in USED:
        model = catalog[name]
        here = all(_is_here(path_of(file), file.size) for file in model.files)
        yield {
            "name": name,
            "licence": model.licence,
            "bytes": [model.size],
            "source": _source(model),
            "here": here,
        }


def _is_here(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _source(model: Model) -> str:
    """The package or the address that it is fetched from."""
    source = model.sources[0]
    return source.requirement if isinstance(source, WheelSource) else source.base.split("/")[2]


def _whisper() -> dict[str, Any]:
    """All sizes of Whisper in one entry: it is fetched by who wants it."""
    sizes = [model for name, model in load_catalog().items() if name.startswith(WHISPER)]
    here = any(_is_here(path_of(file), file.size) for model in sizes for file in model.files)
    return {
        "name": "whisper",
        "licence": sizes[0].licence,
        "bytes": [min(model.size for model in sizes), max(model.size for model in sizes)],
        "source": _source(sizes[0]),
        "here": here,
    }


def _shipped() -> Iterator[dict[str, Any]]:
    for name, files in SHIPPED.items():
        size = sum(shipped_model(file).stat().st_size for file in files)
        yield {"name": name, "licence": "Apache-2.0", "bytes": [size], "source": "accessify", "here": True}


@cache
def figures() -> list[dict[str, Any]]:
    """For each bench: what was measured of `CHOSEN`, on what, and how it is computed."""
    return [_bench(name, chosen) for name, chosen in CHOSEN.items()]


def _bench(name: str, chosen: tuple[str, ...]) -> dict[str, Any]:
    told = json.loads(_bench_file(name).read_text("utf-8"))
    known = {figure.name: figure for figure in _known(name)}
    hardware, software = told["hardware"], told["software"]
    return {
        "bench": name,
        "date": told["date"][:10],
        "hardware": {key: hardware[key] for key in ("cpu", "cores", "ram_gb")},
        "commit": software["commit"][:10],
        "data": told["data"]["name"],
        "notes": told.get("notes", []),
        "rows": [
            _row(known.get(key), key, told["figures"][key], told["formulas"][key])
            for key in chosen
            if key in told["figures"]
        ],
    }


def _row(figure: Figure | None, name: str, value: float, formula: str) -> dict[str, Any]:
    target = figure.target if figure else None
    return {
        "name": name,
        "value": float(f"{value:.{figure.digits if figure else 1}f}"),  # rounded as in the documents
        "digits": figure.digits if figure else 1,
        "formula": formula,
        "goal": target.limit if target else None,
        "at_most": target.at_most if target else None,
        "reached": target.reached(value) if target else None,
    }


def _known(bench: str) -> tuple[Figure, ...]:
    if bench != "avatar":
        return {"captions": CAPTIONS, "live": LIVE, "signs": SIGNS}[bench]
    from accessify.evaluation.avatar_figures import AVATAR  # noqa: PLC0415 - loads what draws

    return AVATAR


def _bench_file(name: str) -> Path:
    for folder in _BENCHES:
        path = folder / f"{name}.json"
        if path.is_file():
            return path
    raise AccessifyError(
        f"{name}.json is missing from this installation; run: pip install --force-reinstall accessify"
    )
