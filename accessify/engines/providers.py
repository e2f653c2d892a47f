"""What onnxruntime can compute on, and the options that each device is opened with.

Option names and meanings are those of onnxruntime 1.31 (onnxruntime.ai/docs/execution-providers). Those
of the CPU were measured (docs/devices.md); those of the others are the documented ones for networks of fixed
shape that should give the numbers of the CPU: none was measured, as none was at hand.

::

    CACHE/engines/DEVICE/VERSION-SOURCE/    what a device compiled of one file, see `compiled_folder`
    CACHE/engines/DEVICE/                   what it learnt from all of them
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from accessify.core.cache_folder import cache_folder

logger = logging.getLogger(__name__)

CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Provider:
    """One device that onnxruntime may have been built for."""

    name: str
    """onnxruntime's name for it."""
    package: str
    """The package that brings it."""
    needs: str = ""
    """What to check where it does not start."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What it is always opened with."""
    exact: Mapping[str, str] = field(default_factory=dict)
    """More of that, so that it computes in 32 bits what a file holds in 32 bits."""
    half: Mapping[str, str] = field(default_factory=dict)
    """Instead of `exact`, so that it may compute in 16 bits."""
    compiled: tuple[str, ...] = ()
    """Options that name the folder for what it compiles of a file."""
    learnt: tuple[str, ...] = ()
    """Options that name the folder for what it can use for every file."""
    memory_pattern: bool = True
    """Whether onnxruntime may plan memory ahead."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How a network is to be run, beside its device and the number of threads."""

    half: bool = False
    """Whether a device may compute in 16 bits what the file holds in 32; the CPU never does."""
    spinning: bool = False
    """Whether CPU threads wait by spinning: 5 to 16 % faster on two threads (docs/devices.md), but they take
    the cores from whoever comes next; for a program that has the machine to itself."""
    arena: bool = True
    """Whether the CPU's scratch memory is kept for the next run; without, Whisper base takes 70 MB less."""
    planned: bool = True
    """Whether memory is planned ahead, for networks of fixed shape: those of many shapes take less without
    (Whisper 10 %, and no more time)."""
    lengths: Mapping[str, int] = field(default_factory=dict)
    """Lengths of axes that the file leaves open, by their names: some devices take only fixed shapes."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of the device itself, by onnxruntime's names; they go before those of the table."""
    cache: Path | None = None
    """Where compiled networks are kept between runs; None takes accessify's cache folder."""


def _openvino(mode: str) -> str:
    """Properties of OpenVINO's own devices, as its option load_config takes them."""
    return json.dumps({device: {"EXECUTION_MODE_HINT": mode} for device in ("CPU", "GPU")})


TABLE: Mapping[str, Provider] = MappingProxyType(
    {
        "tensorrt": Provider(
            "TensorrtExecutionProvider",
            "onnxruntime-gpu",
            "the NVIDIA driver, and that the TensorRT, CUDA and cuDNN libraries are found",
            options={"trt_engine_cache_enable": "1", "trt_timing_cache_enable": "1"},
            exact={"trt_fp16_enable": "0"},
            half={"trt_fp16_enable": "1", "trt_layer_norm_fp32_fallback": "1"},
            compiled=("trt_engine_cache_path",),
            learnt=("trt_timing_cache_path",),
        ),
        "cuda": Provider(
            "CUDAExecutionProvider",
            "onnxruntime-gpu",
            "the NVIDIA driver, and that the CUDA and cuDNN libraries are found",
            # Doubling the arena wastes the memory of small boards; an exhaustive search for convolutions
            # stops for seconds at every new shape.
            options={"arena_extend_strategy": "kSameAsRequested", "cudnn_conv_algo_search": "HEURISTIC"},
            exact={"use_tf32": "0"},  # it keeps 10 bits of a number's 23
            half={"use_tf32": "1"},
        ),
        "coreml": Provider(
            "CoreMLExecutionProvider",
            "onnxruntime",
            "that macOS is new enough for CoreML",
            options={"ModelFormat": "MLProgram", "RequireStaticInputShapes": "1"},
            exact={"AllowLowPrecisionAccumulationOnGPU": "0"},
            half={"AllowLowPrecisionAccumulationOnGPU": "1"},
            compiled=("ModelCacheDirectory",),
        ),
        "directml": Provider(
            "DmlExecutionProvider",
            "onnxruntime-directml",
            "the graphics driver, and that Windows has DirectX 12",
            options={"performance_preference": "high_performance"},
            memory_pattern=False,  # it takes none
        ),
        "openvino": Provider(
            "OpenVINOExecutionProvider",
            "onnxruntime-openvino",
            "that the OpenVINO libraries are found",
            exact={"load_config": _openvino("ACCURACY")},
            half={"load_config": _openvino("PERFORMANCE")},
            compiled=("cache_dir",),
        ),
        CPU: Provider("CPUExecutionProvider", "onnxruntime"),
    }
)
"""Device → how it is opened, the first choice of `auto` first."""


def provider_options(device: str, path: Path, tuning: Tuning) -> dict[str, str]:
    """The options that `device` runs the file at `path` with; their folders exist.

    Where no folder can be made nothing is kept, which a warning in the log tells.
    """
    provider = TABLE[device]
    found = {**provider.options, **(provider.half if tuning.half else provider.exact)}
    if provider.compiled or provider.learnt:
        found |= _folders(device, path, tuning)
    return found


def _folders(device: str, path: Path, tuning: Tuning) -> dict[str, str]:
    provider = TABLE[device]
    learnt = (tuning.cache or cache_folder()) / "engines" / device
    try:
        compiled = learnt / compiled_folder(path, tuning)
        compiled.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        logger.warning(
            "%s: what %s compiles cannot be kept (%s), so that it compiles again in each run; "
            "set ACCESSIFY_CACHE to a folder that can be written",
            *(learnt, device, error.strerror or error),
        )
        return {}
    return {
        **dict.fromkeys(provider.compiled, str(compiled)),
        **dict.fromkeys(provider.learnt, str(learnt)),
    }


def compiled_folder(path: Path, tuning: Tuning | None = None) -> str:
    """Name of the folder for what is compiled of the file at `path`, by this onnxruntime.

    TensorRT and CoreML know a network by the names in it, so that another one with other weights would be
    taken for it: the name is made of the contents, of the lengths that were told, and of name, size and
    time of the files of weights (`*.onnx.data`) that lie beside it, any of which may be its own.
    """
    import onnxruntime

    tuning = tuning or Tuning()
    with path.open("rb") if path.is_file() else BytesIO() as content:
        digest = hashlib.file_digest(content, "sha256")
    for weights in sorted(path.parent.glob("*.onnx.data")):
        status = weights.stat()
        digest.update(f"{weights.name} {status.st_size} {status.st_mtime_ns}".encode())
    digest.update(repr(sorted(tuning.lengths.items())).encode())
    return f"{onnxruntime.__version__}-{digest.hexdigest()[:16]}{'-half' if tuning.half else ''}"
