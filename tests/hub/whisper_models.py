"""Whispers of random weights, as openai-whisper saves them, and that package as the oracle."""

from __future__ import annotations

import math
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.speech.whisper_sizes import WhisperDims

TINY = WhisperDims(80, 1500, 384, 6, 4, 51865, 448, 384, 6, 4)
BASE = WhisperDims(80, 1500, 512, 8, 6, 51865, 448, 512, 8, 6)
SMALL_ENGLISH = WhisperDims(80, 50, 36, 3, 2, 51864, 61, 36, 3, 3)
SMALL_MANY = WhisperDims(128, 75, 40, 5, 3, 51866, 100, 40, 2, 1)


def random_whisper(dims: WhisperDims, seed: int = 0) -> Any:
    """A `whisper.model.Whisper` whose tokens depend on what it hears.

    As torch begins them, the embedding of a token outweighs everything and each token calls for
    itself; here the layers' weights keep the variance of what goes through them, and embeddings are small.
    """
    torch, model = import_module("torch"), import_module("whisper.model")
    made = model.Whisper(model.ModelDimensions(**asdict(dims))).eval()
    source = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, values in made.named_parameters():
            noise = torch.randn(values.shape, generator=source)
            if "_ln" in name or ".ln" in name:
                values.copy_(0.1 * noise + (1.0 if name.endswith("weight") else 0.0))
            elif "embedding" in name:
                values.copy_(0.1 * noise)
            elif name.endswith("weight"):
                gain = 3.0 if "query" in name or "key" in name else 1.0
                values.copy_(gain * noise / math.sqrt(values[0].numel()))
            else:
                values.copy_(0.1 * noise)
    return made


def save_whisper(whisper: Any, path: Path, *, half: bool = False) -> Path:
    """Write a checkpoint as openai-whisper's are: dims, and the state in float16 or float32."""
    torch = import_module("torch")
    state = {name: values.half() if half else values for name, values in whisper.state_dict().items()}
    torch.save({"dims": asdict(whisper.dims), "model_state_dict": state}, path)
    return path


def greedy(whisper: Any, mel: NDArray[np.float32], start: list[int], count: int) -> tuple[list[int], Any]:
    """Tokens after `start` by the largest logit each, and the logits of all positions [n, n_vocab]."""
    torch = import_module("torch")
    tokens = list(start)
    with torch.no_grad():
        heard = whisper.encoder(torch.from_numpy(mel[None]))
        cache, hooks = whisper.install_kv_cache_hooks()
        new, rows = tokens, []
        for _ in range(count):
            logits = whisper.decoder(torch.tensor([new]), heard, kv_cache=cache)[0]
            rows.append(logits.numpy())
            new = [int(logits[-1].argmax())]
            tokens += new
    for hook in hooks:
        hook.remove()
    return tokens[len(start) :], np.concatenate(rows)


def graph_greedy(
    encoder: Any, decoder: Any, mel: NDArray[np.float32], start: list[int], count: int
) -> tuple[list[int], NDArray[np.float32]]:
    """As `greedy`, by onnxruntime sessions of the two graphs."""
    cross = outputs(encoder, {"mel": mel[None]})
    cache = empty_cache(decoder, 1, len(start) + count)
    new, tokens, rows = start, list(start), []
    for _ in range(count):
        offset = np.array([len(tokens) - len(new)])
        made = outputs(decoder, {"tokens": np.array([new]), "offset": offset, **cache, **cross})
        cache = {name: made[f"{name}_out"] for name in cache}
        rows.append(made["logits"][0])
        new = [int(made["logits"][0, -1].argmax())]
        tokens += new
    return tokens[len(start) :], np.concatenate(rows)


def outputs(session: Any, feeds: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What a session gives, by name."""
    names = [port.name for port in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def empty_cache(decoder: Any, batch: int, length: int) -> dict[str, NDArray[Any]]:
    """A cache for a decode, of numbers that would be seen in what comes out if they were looked at."""
    kinds = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
    return {
        port.name: np.full((batch, port.shape[1], length, port.shape[3]), 1e3, kinds[port.type])
        for port in decoder.get_inputs()
        if port.name.startswith("self_")
    }


def session(path: Path) -> Any:
    """The graph at `path`, on one thread of the CPU."""
    onnxruntime = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def start_of(dims: WhisperDims) -> list[int]:
    """The tokens that a transcript begins with: English, without timestamps."""
    if not dims.multilingual:
        return [50257, 50362]
    transcribe = 50259 + dims.languages + 1  # after the languages and `translate`
    return [50258, 50259, transcribe, transcribe + 4]
