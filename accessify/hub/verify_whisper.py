"""Whether exported graphs still say what the checkpoint says, by openai-whisper itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import ModelError, OptionError
from accessify.hub.whisper_checkpoint import whisper_package
from accessify.hub.whisper_layers import PARTS
from accessify.hub.whisper_quantize import Precision
from accessify.speech.whisper_checkpoint import Checkpoint
from accessify.speech.whisper_sizes import ENCODER, WhisperDims

TOKENS, SPOKEN = 24, 64
"""How many tokens are decoded of each piece of noise, and of each clip at most: its text may end before."""

LIMITS: Mapping[Precision, float] = MappingProxyType(
    {Precision.FP32: 1e-4, Precision.FP16: 0.1, Precision.INT8: 0.7, Precision.INT4: 0.8}
)
"""Largest error of the logits that noise lets through, as `Verified.error` counts it. What is wrongly
exported is off by 1 and more. It has to let random weights through, which multiply what rounding costs: int8
is off by 0.55 at the sizes of base."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What an export must keep to on clips."""

    error: float
    """The most of `Verified.error`."""
    agreement: float
    """The least of `Verified.agreement`, where more than one token differs."""


SPEECH_LIMITS: Mapping[Precision, Limit] = MappingProxyType(
    {
        Precision.FP32: Limit(1e-4, 1.0),
        Precision.FP16: Limit(0.1, 0.97),
        Precision.INT8: Limit(0.2, 0.97),
        Precision.INT4: Limit(0.4, 0.9),
    }
)
"""What clips let through: for weights that were trained. The small trained model of our tests, on 12 clips by
voices that it had not heard: fp16 is off by 0.0007, int8 by 0.10, by 0.14 in the worst clip, int4 by 0.26 and
0.32, and all 312 tokens are the same. With the weights of one layer of the decoder, or only those of its
feed-forward part, times 1.3, both are off by 0.95 to 1.3, and 2 to 9 % of the tokens are others; times 1.1,
by 0.46 and more."""

_FEWEST = 24
"""Of `Verified.tokens`: silence and a tenth of a second give half of it, a short sentence more."""
_HOP = 160
"""Samples of a frame of the spectrogram, at 16 kHz."""

_Step = Callable[[list[int]], NDArray[np.float32]]
"""Logits [n, n_vocab] of the next tokens."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How near an export is to its checkpoint."""

    clips: int
    """Pieces of sound that were decoded; 0 where noise stood in for them."""
    tokens: int
    """Tokens of openai-whisper that were compared, all pieces together."""
    error: float
    """Root mean square of what the logits differ by, divided by how far the logits spread."""
    agreement: float
    """Share of the tokens that both find most likely, 0 to 1."""

    @property
    def judge(self) -> str:
        """What the graphs were compared on: clips or noise, which lets more error through."""
        return "clips" if self.clips else "noise"


def verify_whisper(
    folder: Path, checkpoint: Checkpoint, precision: Precision, clips: Sequence[NDArray[np.float32]] = ()
) -> Verified:
    """Compare the graphs in `folder` with openai-whisper, in float32, on clips or else on noise.

    `precision` is the roughest of the folder's. A clip is sound at 16 kHz, of which the first window is
    taken, in the language that openai-whisper hears. That decodes greedily, and both are asked for the
    logits of its tokens: `decoder.onnx` step by step, `decoder_words.onnx` all at once. Raises `ModelError`
    where clips find more than `SPEECH_LIMITS` let through, or noise more than `LIMITS`; `OptionError` for
    clips with too little speech; `MissingExtra`.
    """
    dims, start = checkpoint.dims, len(_start(checkpoint.dims))
    mels = _spectrograms(dims, clips)
    expected = _references(checkpoint, mels, spoken=bool(clips))
    heard = _heard(folder / ENCODER, mels)
    apart, spread, same, count = 0.0, 0.0, 0, 0
    for name in ("decoder", "decoder_words"):  # one after the other: each holds all weights
        session = _session(folder / f"{name}.onnx")
        for cross, (tokens, theirs) in zip(heard, expected, strict=True):
            stepper = _Stepper(session, cross, dims, len(tokens))
            ours = _forced(stepper, tokens, start) if name == "decoder" else stepper(tokens)
            apart += float(np.square(ours - theirs, dtype=np.float64).sum())
            spread += float(np.square(theirs - theirs.mean(axis=-1, keepdims=True), dtype=np.float64).sum())
            same += int((ours.argmax(axis=-1) == theirs.argmax(axis=-1)).sum())
            count += len(theirs)
    verified = Verified(len(clips), count, float(np.sqrt(apart / spread)), same / count)
    _require(verified, precision)
    return verified


def _require(verified: Verified, precision: Precision) -> None:
    """Raise `ModelError` where an export is not as near as its precision promises."""
    limit = SPEECH_LIMITS[precision]
    if verified.clips and verified.tokens < _FEWEST:
        raise OptionError(
            f"the clips hold too little speech to judge an export by ({verified.tokens // 2} tokens); give "
            "some seconds of speech, or leave --verify out"
        )
    if not verified.clips:
        limit = Limit(LIMITS[precision], 1.0 if precision is Precision.FP32 else 0.0)
    # Written so that what is not a number fails.
    if not verified.error <= limit.error:
        raise ModelError(
            f"the export is off by {verified.error:.2g} of the logits' spread, {precision} "
            f"may be by {limit.error:.2g} on {verified.judge}, so it is not kept; choose --precision fp32"
        )
    others = verified.tokens * (1 - verified.agreement)
    # In a short clip one token, which both decoders are asked for, is more than the share; it may differ.
    if verified.agreement < limit.agreement and (others > 2.5 or precision is Precision.FP32):
        fix = "please report this" if precision is Precision.FP32 else "choose --precision fp32"
        raise ModelError(
            f"the export finds other tokens than openai-whisper in {1 - verified.agreement:.1%} of cases, "
            f"{precision} may in {1 - limit.agreement:.1%} on {verified.judge}, so it is not kept; {fix}"
        )


@dataclass(slots=True)
class _Stepper:
    """A decoder with its cache."""

    session: Any
    cross: Mapping[str, NDArray[Any]]
    dims: WhisperDims
    length: int
    """Positions of the cache."""
    done: int = 0
    cache: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __call__(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Logits [n, n_vocab] of the next tokens."""
        names = [f"self_{part}_{number}" for part in PARTS for number in range(self.dims.n_text_layer)]
        if not self.cache:
            heads = self.dims.n_text_head
            shape = (1, heads, self.length, self.dims.n_text_state // heads)
            self.cache = {name: np.zeros(shape, _type(self.session, name)) for name in names}
        feeds = {"tokens": np.array([tokens], np.int64), "offset": np.array([self.done], np.int64)}
        wanted = ["logits", *(f"{name}_out" for name in names)]
        logits, *after = self.session.run(wanted, {**feeds, **self.cache, **self.cross})
        self.cache = dict(zip(names, after, strict=True))
        self.done += len(tokens)
        first: NDArray[np.float32] = logits[0]
        return first


def _forced(step: _Step, tokens: list[int], start: int) -> NDArray[np.float32]:
    """Logits of all positions, the first `start` tokens at once and the others one by one."""
    rows = [step(tokens[:start]), *(step([token]) for token in tokens[start:])]
    return np.concatenate(rows)


def _heard(path: Path, mels: Sequence[NDArray[np.float32]]) -> list[dict[str, NDArray[Any]]]:
    """What the encoder at `path` gives for each spectrogram, by name."""
    encoder = _session(path)
    names = [port.name for port in encoder.get_outputs()]
    kind = _type(encoder, "mel")
    return [
        dict(zip(names, encoder.run(names, {"mel": mel[None].astype(kind)}), strict=True)) for mel in mels
    ]


def _references(
    checkpoint: Checkpoint, mels: Sequence[NDArray[np.float32]], *, spoken: bool
) -> list[tuple[list[int], NDArray[np.float32]]]:
    """What openai-whisper decodes greedily, its beginning included, and the logits of all."""
    whisper = _oracle(checkpoint)
    return [_reference(whisper, mel, checkpoint.dims, spoken) for mel in mels]


def _reference(
    whisper: Any, mel: NDArray[np.float32], dims: WhisperDims, spoken: bool
) -> tuple[list[int], NDArray[np.float32]]:
    torch = import_module("torch")
    with torch.no_grad():
        heard = whisper.encoder(torch.from_numpy(mel[None]))
        tokens = _start(dims)
        end = tokens[0] - 1 if spoken else None  # what noise makes it say is never over
        if spoken and dims.multilingual:
            first = tokens[0] + 1
            guess = whisper.decoder(torch.tensor([tokens[:1]]), heard)[0, -1, first : first + dims.languages]
            tokens[1] = first + int(guess.argmax())
        cache, hooks = whisper.install_kv_cache_hooks()

        def step(tokens: list[int]) -> NDArray[np.float32]:
            logits: NDArray[np.float32] = whisper.decoder(torch.tensor([tokens]), heard, kv_cache=cache)[
                0
            ].numpy()
            return logits

        rows = [step(tokens)]
        for _ in range(min(SPOKEN if spoken else TOKENS, dims.n_text_ctx - len(tokens))):
            token = int(rows[-1][-1].argmax())
            if token == end:
                break
            tokens.append(token)
            rows.append(step([token]))
    for hook in hooks:
        hook.remove()
    return tokens, np.concatenate(rows)


def _oracle(checkpoint: Checkpoint) -> Any:
    model = whisper_package().model
    whisper = model.Whisper(model.ModelDimensions(**asdict(checkpoint.dims))).eval()
    whisper.load_state_dict(checkpoint.tensors)
    return whisper


def _spectrograms(dims: WhisperDims, clips: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Log-mel spectrograms [n_mels, 2·n_audio_ctx] of the clips by openai-whisper, or two of noise."""
    frames = 2 * dims.n_audio_ctx
    if not clips:
        noise = np.random.default_rng(0).uniform(-1, 1, (2, dims.n_mels, frames))
        return list(noise.astype(np.float32))
    audio = whisper_package().audio
    return [
        audio.log_mel_spectrogram(audio.pad_or_trim(clip, frames * _HOP), n_mels=dims.n_mels).numpy()
        for clip in clips
    ]


def _start(dims: WhisperDims) -> list[int]:
    """What a transcript without times begins with, in English (`whisper.tokenizer.Tokenizer`)."""
    if not dims.multilingual:
        return [50257, 50362]
    transcribe = 50259 + dims.languages + 1  # after the languages and `translate`
    return [50258, 50259, transcribe, transcribe + 4]


def _session(path: Path) -> Any:
    import onnxruntime

    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def _type(session: Any, name: str) -> type[np.floating[Any]]:
    """The type of numbers that a graph takes in its input `name`."""
    kind = next(port.type for port in session.get_inputs() if port.name == name)
    return np.float16 if kind == "tensor(float16)" else np.float32
