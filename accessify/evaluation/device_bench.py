"""`accessify bench device`: what this machine can run in real time, measured on it, and what to choose."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from accessify.core.errors import MissingExtra
from accessify.core.progress import OnProgress, Progress
from accessify.engines.providers import CPU
from accessify.engines.session import find_device
from accessify.evaluation import device_parts
from accessify.evaluation.device_advice import FILE_X, LIVE_S, advise
from accessify.evaluation.device_whisper import (
    TOKENS_A_SECOND,
    UTTERANCE_S,
    WhisperSpeed,
    measure_torch,
    measure_whisper,
    reckon,
)
from accessify.evaluation.machine import processor, software
from accessify.hub.whisper_quantize import Precision
from accessify.hub.whisper_random import SIZES

SCHEMA = 1
"""Version of the bench file's layout."""
_PACKAGES = ("accessify", "numpy", "onnxruntime", "torch", "openai-whisper")
_MEASURED = {True: ("tiny", "base"), False: ("tiny", "base", "small")}
"""Whether it is a quick run → the sizes of Whisper that are run; the others are reckoned."""
_BUDGET_S = {True: 18.0, False: 75.0}
"""Whether it is a quick run → seconds in which networks may be begun; what does not fit is reckoned."""
_TORCH = 12
"""How much longer openai-whisper takes, at most."""
_OTHERS = {True: (Precision.FP32, Precision.INT4), False: (Precision.FP32,)}
"""Whether the CPU computes → the precisions that base is also run in."""
_IDLE = 0.3
"""Share of the cores that may be busy before."""
_BUSY = (
    "The machine was busy before (load {load:.1f}): it can do more than this; measure again when it rests."
)
Row = dict[str, Any]

FORMULAS = {
    "file": "seconds of speech / seconds to hear it, 30 s windows one after the other, "
    f"{TOKENS_A_SECOND} tokens a second of speech without pauses, greedy; moonshine: utterances of 10 s of "
    "real speech on one thread",
    "live": f"seconds to hear an utterance of {UTTERANCE_S:.0f} s: the encoder and its tokens; at most "
    f"{LIVE_S:g}",
    "reckoned": "from the largest size that was run: the encoder by its multiplications, a step of the "
    "decoder by the bytes that it reads",
}


@dataclass(frozen=True, slots=True)
class DeviceBenchOptions:
    """What is measured."""

    device: str = CPU
    """See `accessify.engines.session.PROVIDERS`; `auto` takes CUDA if it is there."""
    quick: bool = False
    """About 30 seconds instead of two minutes: smaller networks, fewer pictures."""


def bench_device(
    options: DeviceBenchOptions | None = None, on_progress: OnProgress | None = None
) -> dict[str, Any]:
    """All figures, ready for JSON. What is not installed is told in its row under `missing`.

    Raises `OptionError` for a device that there is not.
    """
    options = options or DeviceBenchOptions()
    device, began, load = find_device(options.device), time.perf_counter(), _load()

    def stage(text: str) -> None:
        if on_progress:
            on_progress(Progress(text, 0, None))

    stage("devices")
    known = device_parts.devices()
    captions = _captions(options, device, stage)
    parts = _parts(options, device, stage)
    notes = [f"Took {time.perf_counter() - began:.0f} s.", *_reckoning(captions)]
    memory, busy = _memory_gb(), load > _IDLE * processor()["cores"]
    return {
        "bench": "device",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "options": {"quick": options.quick, "device": device},
        "hardware": {**processor(), "ram_gb": memory or 0.0},
        "software": software(_PACKAGES),
        "data": {
            "name": "random weights of true size",
            "sha256": hashlib.sha256(repr(SIZES).encode()).hexdigest(),
        },
        "notes": [*notes, *([_BUSY.format(load=load)] if busy else [])],
        "formulas": FORMULAS,
        "devices": known,
        "captions": captions,
        "parts": parts,
        "advice": advise(captions, parts, memory, busy=busy),
    }


def _captions(options: DeviceBenchOptions, device: str, stage: Callable[[str], None]) -> list[Row]:
    """Moonshine, and every size of Whisper."""
    stage("moonshine")
    rows = [device_parts.attempt("moonshine tiny-en", device_parts.moonshine)]
    until = time.perf_counter() + _BUDGET_S[options.quick]
    try:
        speeds = _whispers(options, device, stage, until)
    except MissingExtra as error:
        return [*rows, {"what": "whisper-onnx", "missing": str(error)}]
    rows += [_row(speed) for speed in speeds]
    if not options.quick:
        stage("whisper tiny")
        rows.append(_spoken(until - time.perf_counter() > _TORCH * _cost(speeds[0])))
    return rows


def _whispers(
    options: DeviceBenchOptions, device: str, stage: Callable[[str], None], until: float
) -> list[WhisperSpeed]:
    """The sizes that are run, as far as there is time, those that are reckoned, base in other precisions."""
    usual = Precision.INT8 if device == CPU else Precision.FP16
    threads = _thread_counts(options.quick)
    speeds: list[WhisperSpeed] = []
    for size in _MEASURED[options.quick]:
        if speeds and time.perf_counter() + _cost(reckon(speeds[-1], size)) > until:
            break
        stage(f"whisper-onnx {size}")
        speeds.append(measure_whisper(size, usual, device, threads))
        threads = [speeds[-1].threads]  # what is best for a small one is tried for the others too
    run = {speed.size for speed in speeds}
    speeds += [reckon(speeds[-1], size) for size in SIZES if size not in run]
    for precision in () if options.quick else _OTHERS[device == CPU]:
        if time.perf_counter() + 2 * _cost(reckon(speeds[0], "base")) < until:
            stage(f"whisper-onnx base {precision}")
            speeds.append(measure_whisper("base", precision, device, threads))
    return speeds


def _cost(speed: WhisperSpeed) -> float:
    """Seconds that it takes to measure such a network, about."""
    return 5 * speed.encode_s + 100 * speed.step_s


def _spoken(in_time: bool) -> Row:
    """openai-whisper itself."""
    if not in_time:
        return {
            "what": "whisper tiny",
            "missing": "not measured: this machine takes too long for two minutes",
        }
    found = measure_torch("tiny", processor()["cores"])
    told = "openai-whisper and torch are not installed; run: pip install 'accessify[whisper]'"
    return _row(found) if found else {"what": "whisper", "missing": told}


def _reckoning(captions: list[Row]) -> list[str]:
    """How right reckoning is: the largest size that was run, as the next smaller one would have it."""
    run = [row for row in captions if row.get("engine") == "whisper-onnx" and row["measured"]]
    sizes = [row for row in run if row["precision"] == run[0]["precision"]]
    if len(sizes) < 2:
        return []
    smaller, larger = sizes[-2:]
    names = ("engine", "size", "precision", "threads", "device", "encode_s", "measured")
    known = WhisperSpeed(step_s=smaller["step_ms"] / 1000, **{name: smaller[name] for name in names})
    ratio = reckon(known, larger["size"]).file_x / larger["file_x"]
    return [f"Reckoned from {smaller['size']}, {larger['size']} would be {ratio:.2f} × as fast as it was."]


def _thread_counts(quick: bool) -> list[int]:
    cores = processor()["cores"]
    return [cores] if quick else sorted({1, max(1, cores // 2), cores}, reverse=True)


def _row(speed: WhisperSpeed) -> Row:
    return {
        "what": f"{speed.engine} {speed.size}",
        "engine": speed.engine,
        "size": speed.size,
        "precision": speed.precision,
        "threads": speed.threads,
        "device": speed.device,
        "encode_s": speed.encode_s,
        "step_ms": 1000 * speed.step_s,
        "file_x": speed.file_x,
        "live_s": speed.live_s,
        "bytes": speed.bytes,
        "measured": speed.measured,
    }


def _parts(options: DeviceBenchOptions, device: str, stage: Callable[[str], None]) -> list[Row]:
    measures: dict[str, Callable[[], Row]] = {
        "landmarks": partial(device_parts.landmarks, device, 20 if options.quick else 60),
        "letters": partial(device_parts.letters, device),
        "signs": partial(device_parts.signs, device),
        "avatar": partial(device_parts.avatar, options.quick),
    }
    rows = []
    for name, measure in measures.items():
        stage(name)
        rows.append(device_parts.attempt(name, measure))
    return rows


def _load() -> float:
    """Programs that wanted a core in the last minute, on average; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _memory_gb() -> float | None:
    """Memory of the machine; None where the system does not say."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, OSError, ValueError):  # Windows
        return None


def fast_enough(row: Row, *, live: bool) -> bool:
    """Whether what `row` of `captions` tells of is fast enough to be live, or for files."""
    return bool(row["live_s"] <= LIVE_S if live else row["file_x"] >= FILE_X)
