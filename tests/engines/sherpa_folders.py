"""Recognisers for sherpa-onnx made by hand: they hear tones, low as `la`, middle as `lo` and high as `hi`.

Each is a linear map from the spectrum: how much louder its bands are than all together.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE, Audio

WORDS = ("la", "lo", "hi")
PITCHES = {"la": 300.0, "lo": 1200.0, "hi": 5000.0}
_BANDS = ((0, 20), (30, 45), (60, 80))
LANGUAGES = ("auto", "zh", "en", "yue", "ja", "ko")


def melody(*notes: tuple[str, float]) -> Audio:
    """Tones one after another; a word not in `PITCHES` is a pause."""
    parts = []
    for word, length in notes:
        at = np.arange(round(length * SPEECH_RATE)) / SPEECH_RATE
        parts.append(0.3 * np.sin(2 * np.pi * PITCHES.get(word, 0) * at))
    return Audio(np.concatenate(parts).astype(np.float32))


def ctc(folder: Path) -> dict[str, Path]:
    """A CTC as NeMo's."""
    tokens = [*(f"▁{word}" for word in WORDS), "<blk>"]
    loudness = _loudness(80, tokens)
    nodes = [
        ("Transpose", ["audio_signal"], ["frames"], {"perm": [0, 2, 1]}),
        ("MatMul", ["frames", "loudness"], ["louder"], {}),
        ("Add", ["louder", "bias"], ["scores"], {}),
        ("LogSoftmax", ["scores"], ["logprobs"], {"axis": -1}),
    ]
    about = {
        "model_type": "EncDecCTCModelBPE",
        "vocab_size": 3,
        "subsampling_factor": 1,
        "normalize_type": "",
    }
    ports = (
        [("audio_signal", 1, ["N", 80, "T"]), ("length", 7, ["N"])],
        [("logprobs", 1, ["N", "T", 4])],
    )
    _write(folder / "model.onnx", nodes, ports, {"loudness": loudness, "bias": _bias(tokens)}, about)
    return _files(folder, tokens)


def transducer(folder: Path) -> dict[str, Path]:
    """An encoder that is a linear map, a decoder that remembers the last token, a joiner that forbids it."""
    tokens = ["<blk>", *(f"▁{word}" for word in WORDS)]
    count, forbidden = len(tokens), -100 * np.eye(len(tokens), dtype=np.float32)
    forbidden[0] = 0
    _write(
        folder / "encoder.onnx",
        [
            ("MatMul", ["x", "loudness"], ["louder"], {}),
            ("Add", ["louder", "bias"], ["all"], {}),
            ("Slice", ["all", "zero", "most", "one", "four"], ["encoder_out"], {}),
            ("Div", ["x_lens", "four"], ["encoder_out_lens"], {}),
        ],
        (
            [("x", 1, ["N", "T", 80]), ("x_lens", 7, ["N"])],
            [("encoder_out", 1, ["N", "T", count]), ("encoder_out_lens", 7, ["N"])],
        ),
        {"loudness": _loudness(80, tokens), "bias": _bias(tokens, 2.5)}
        | {
            name: np.array([value]) for name, value in (("zero", 0), ("one", 1), ("four", 4), ("most", 10**9))
        },
        {"model_type": "zipformer2", "version": "1"},
    )
    _write(
        folder / "decoder.onnx",
        [
            ("Gather", ["y", "last"], ["token"], {"axis": 1}),
            ("Gather", ["forbidden", "token"], ["decoder_out"], {"axis": 0}),
        ],
        ([("y", 7, ["N", 2])], [("decoder_out", 1, ["N", count])]),
        {"forbidden": forbidden, "last": np.array(1)},
        {"context_size": 2, "vocab_size": count},
    )
    _write(
        folder / "joiner.onnx",
        [("Add", ["encoder_out", "decoder_out"], ["logit"], {})],
        (
            [("encoder_out", 1, ["N", count]), ("decoder_out", 1, ["N", count])],
            [("logit", 1, ["N", count])],
        ),
        {},
        {"joiner_dim": count},
    )
    return _files(folder, tokens)


def sense_voice(folder: Path) -> dict[str, Path]:
    """A CTC that begins with the language it is told (English, where it is told none), as SenseVoice does."""
    marks = [f"<|{name}|>" for name in (*LANGUAGES[1:], "NEUTRAL", "Speech", "withitn")]
    tokens = ["<unk>", *(f"▁{word}" for word in WORDS), *marks]
    count, places = len(tokens), {name: at for at, name in enumerate(tokens)}
    spoken = np.zeros((len(LANGUAGES), 1, count), np.float32)
    for at, name in enumerate(LANGUAGES):
        spoken[at, 0, places["<|en|>" if name == "auto" else f"<|{name}|>"]] = 9
    rest = np.zeros((len(LANGUAGES), 3, count), np.float32)
    for at, name in enumerate(marks[-3:]):
        rest[:, at, places[name]] = 9
    _write(
        folder / "model.onnx",
        [
            ("MatMul", ["x", "loudness"], ["louder"], {}),
            ("Add", ["louder", "bias"], ["text"], {}),
            ("Gather", ["spoken", "language"], ["first"], {"axis": 0}),
            ("Gather", ["rest", "language"], ["marks"], {"axis": 0}),
            ("Concat", ["first", "marks", "text"], ["logits"], {"axis": 1}),
        ],
        (
            [
                ("x", 1, ["N", "T", 560]),
                *((name, 6, ["N"]) for name in ("x_length", "language", "text_norm")),
            ],
            [("logits", 1, ["N", "T4", count])],
        ),
        {"loudness": _loudness(560, tokens), "bias": _bias(tokens), "spoken": spoken, "rest": rest},
        {
            "model_type": "sense_voice_ctc",
            "vocab_size": count,
            "lfr_window_size": 7,
            "lfr_window_shift": 6,
            "normalize_samples": 0,
            "with_itn": 14,
            "without_itn": 15,
            "neg_mean": ",".join(["0"] * 560),
            "inv_stddev": ",".join(["1"] * 560),
            **{f"lang_{name}": at for at, name in enumerate(LANGUAGES)},
        },
    )
    return _files(folder, tokens)


def _loudness(width: int, tokens: Sequence[str]) -> NDArray[np.float32]:
    """[width, tokens]: the mean of a word's bands; of all bands for a blank."""
    made = np.full((80, len(tokens)), -1 / 8, np.float32)
    for token, column in zip(tokens, made.T, strict=True):
        word = token.removeprefix("▁")
        if word in WORDS:
            first, last = _BANDS[WORDS.index(word)]
            column[:] = 0
            column[first:last] = 1 / (last - first)
        elif token in {"<blk>", "<unk>"}:
            column[:] = 1 / 80
        else:
            column[:] = 0
    return np.tile(made, (width // 80, 1)) / (width // 80)


def _bias(tokens: Sequence[str], blank: float = 1.5) -> NDArray[np.float32]:
    """By how much, as a logarithm, a band must be louder; marks are never said."""
    values = {"<blk>": blank, "<unk>": blank}
    return np.array([values.get(token, 0 if token.startswith("▁") else -1e3) for token in tokens], np.float32)


def _files(folder: Path, tokens: Sequence[str]) -> dict[str, Path]:
    lines = [f"{token} {number}\n" for number, token in enumerate(tokens)]
    (folder / "tokens.txt").write_text("".join(lines), "utf-8")
    return {path.name: path for path in sorted(folder.iterdir())}


def _write(path: Path, nodes: Any, ports: Any, constants: dict[str, Any], about: dict[str, Any]) -> None:
    onnx = import_module("onnx")
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node(kind, takes, gives, **how) for kind, takes, gives, how in nodes],
        path.stem,
        *([helper.make_tensor_value_info(*port) for port in side] for side in ports),
        [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {name: str(value) for name, value in about.items()})
    onnx.save(model, path)
