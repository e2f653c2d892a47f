"""Opens what lies in a folder of sherpa-onnx.

Each graph is opened first by onnxruntime, which tells damage: sherpa-onnx ends the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from accessify.core.audio import SPEECH_RATE
from accessify.core.cores import count_cores
from accessify.core.errors import MissingExtra, ModelError, ModelNotFound, OptionError
from accessify.engines.session import open_session
from accessify.engines.whisper_tokens import LANGUAGES
from accessify.speech.whisper_options import WhisperOptions

_SINGLE = {
    "paraformer": ("from_paraformer", "paraformer"),
    "sense_voice_ctc": ("from_sense_voice", "model"),
    "EncDecCTCModelBPE": ("from_nemo_ctc", "model"),
    "EncDecCTCModel": ("from_nemo_ctc", "model"),
    "EncDecHybridRNNTCTCBPEModel": ("from_nemo_ctc", "model"),
    "zipformer2_ctc": ("from_zipformer_ctc", "model"),
    "wenet_ctc": ("from_wenet_ctc", "model"),
    "telespeech_ctc": ("from_telespeech_ctc", "model"),
}
"""What a graph calls itself → sherpa-onnx's function for it, and its name of the graph."""
_SENSES = ("zh", "en", "ja", "ko", "yue")
"""What SenseVoice can be told to hear."""
_HOUR, _WINDOW = 3600 * SPEECH_RATE, 30 * SPEECH_RATE
_PARTS = ("encoder", "decoder", "joiner")


@dataclass(frozen=True, slots=True)
class Kind:
    """Which recogniser a folder holds."""

    factory: str
    """The function of `sherpa_onnx.OfflineRecognizer` that opens it."""
    paths: Mapping[str, str]
    """Its arguments that are files."""
    codes: tuple[str, ...] = ()
    """Languages it can be told to hear; empty where it cannot be told any."""
    window: int = _HOUR
    """Samples it hears at once."""


def find_kind(files: Mapping[str, Path]) -> Kind:
    """Which recogniser `files` (name → path) are.

    Raises `ModelNotFound`, and `ModelError` for a damaged or unknown one.
    """
    tokens = next((str(path) for name, path in files.items() if name.endswith("tokens.txt")), None)
    graphs = {part: path for part in _PARTS if (path := _graph(files, part))}
    if tokens is None or not (graphs or _graph(files, "")):
        raise ModelNotFound(
            f"no tokens.txt and graphs among {', '.join(files) or 'no files'}; give a folder for sherpa-onnx"
        )
    said = {part: _said(path) for part, path in graphs.items()}
    paths = {part: str(path) for part, path in graphs.items()} | {"tokens": tokens}
    if len(graphs) == len(_PARTS):
        return Kind("from_transducer", paths)
    if set(graphs) == {"encoder", "decoder"} and said["encoder"].startswith("whisper"):
        english = said["encoder"].endswith(".en")
        return Kind("from_whisper", paths, ("en",) if english else LANGUAGES, _WINDOW)
    whole = _graph(files, "")
    name = _said(whole) if whole and not graphs else ""
    if name not in _SINGLE:
        raise ModelError(
            f"{whole or tokens}: no model of sherpa-onnx that is known here; known are transducers, Whisper, "
            f"{', '.join(_SINGLE)}"
        )
    factory, argument = _SINGLE[name]
    codes = _SENSES if factory == "from_sense_voice" else ()
    return Kind(factory, {argument: str(whole), "tokens": tokens}, codes)


def open_kind(kind: Kind, options: WhisperOptions) -> Any:
    """The `sherpa_onnx.OfflineRecognizer`. Raises `OptionError` for the device, and `MissingExtra`."""
    try:
        package: Any = import_module("sherpa_onnx")
    except ImportError as error:
        raise MissingExtra("sherpa-onnx", "sherpa-onnx") from error
    if options.device not in {"auto", "cpu", "cuda"}:
        raise OptionError(f"device {options.device!r} is none for sherpa-onnx; choose auto, cpu or cuda")
    able = "cuda" in package.__version__
    if options.device == "cuda" and not able:
        raise OptionError("this sherpa-onnx was built for the CPU; install its build for CUDA, or use cpu")
    arguments: dict[str, Any] = {**kind.paths, "num_threads": count_cores()}
    arguments["provider"] = "cuda" if able and options.device != "cpu" else "cpu"
    if kind.factory == "from_transducer":
        arguments["model_type"] = ""  # told by the graph
    if kind.factory == "from_sense_voice":
        arguments |= {"language": options.code or "auto", "use_itn": True}
    if kind.factory == "from_whisper":
        arguments |= {"language": options.code or "", "task": options.task}
    return getattr(package.OfflineRecognizer, kind.factory)(**arguments)


def _graph(files: Mapping[str, Path], part: str) -> Path | None:
    """The graph with `part` in its name, in 8 bits where it is there."""
    names = [name for name in files if name.endswith(".onnx") and part in name]
    return files[min(names, key=lambda name: ("int8" not in name, name))] if names else None


def _said(path: Path) -> str:
    """What a graph calls itself; raises `ModelError` for one that onnxruntime cannot load."""
    about: Mapping[str, str] = open_session(path).get_modelmeta().custom_metadata_map
    return about.get("model_type", "")
