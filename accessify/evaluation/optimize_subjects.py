"""What can be written anew, and the input that it is measured and judged with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import ModelNotFound, NotMedia, OptionError, UnknownName
from accessify.delivery.letter_sets import read_letters
from accessify.delivery.word_sets import read_words
from accessify.engines.networks import EXPRESSION_GRAPH
from accessify.engines.providers import CPU
from accessify.engines.session import open_session
from accessify.engines.signs import read_cohort
from accessify.evaluation.graph_check import real_crops
from accessify.evaluation.optimize_judges import (
    SCORES,
    SPEECH,
    UNKNOWN,
    Judge,
    landmark_judges,
    letter_judges,
    sign_judges,
)
from accessify.evaluation.sign_film import Camera, film
from accessify.evaluation.sign_motion import Manner, invent_signs, perform
from accessify.hub.fetch import model_files
from accessify.hub.graph_variants import Feed
from accessify.hub.graphs import FACE, HOLISTIC, graph_files
from accessify.hub.shipped import LETTERS_ASE, SIGN_COHORT, SIGNS, shipped_model
from accessify.media.frames import open_frames
from accessify.media.read import open_audio
from accessify.signs.normalize import normalize
from accessify.signs.samples import Samples, sample, stack
from accessify.signs.trim import trim

T = TypeVar("T")

PICTURES = 60
"""Pictures of a film that are looked at."""
_HANDS = 16
"""Hands that are read at a time."""
_CLIPS = 8
"""Clips that are seen at a time."""
_MOST_CLIPS = 160
"""Clips of a file that are looked at."""
_SPEECH_S = 4
"""Seconds of sound that are listened to at a time."""
_FEEDS = 48
"""The most feeds of one network."""
_OPEN = 1
"""Length of an axis that a file leaves open."""
_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}
_WHOLE = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_}


@dataclass(frozen=True, slots=True)
class Subject:
    """One graph with what it is measured and judged with."""

    name: str
    path: Path
    feeds: tuple[Feed, ...]
    """At least two; every other one, from the first, is for calibration, the others judge."""
    data: str
    """What the feeds are, for people."""
    judges: tuple[Judge, ...]

    @property
    def examples(self) -> tuple[Feed, ...]:
        """For calibration."""
        return self.feeds[::2]

    @property
    def trials(self) -> tuple[Feed, ...]:
        """For judging and timing; calibration has not seen them."""
        return self.feeds[1::2]


def subjects(name: str, example: Path | None = None) -> tuple[Subject, ...]:
    """The graphs of a model, or of an ONNX file, with real input: `example`, or what comes with accessify.

    Raises `UnknownName`, `OptionError` where a model needs an example or cannot be rewritten, and as the
    readers of examples do.
    """
    if name in _MODELS:
        return _MODELS[name](example)
    path = Path(name)
    if name.startswith("whisper") and path.suffix != ".onnx":
        raise OptionError(
            f"{name}: Whisper is written in 8, 4 and 16 bits by accessify models export whisper"
        )
    if path.suffix not in {".onnx", ".ort"}:
        raise UnknownName("model", name, _MODELS, "or give a FILE.onnx")
    if not path.is_file():
        raise ModelNotFound(f"{path}: no such file; give an ONNX graph", path=str(path))
    return (_unknown(path),)


def _unknown(path: Path) -> Subject:
    if path.suffix == ".ort":
        raise OptionError(
            f"{path}: a graph in onnxruntime's own format is written ready and cannot be rewritten; give "
            "the .onnx file that it was made from"
        )
    session = open_session(path)
    rng = np.random.default_rng(0)
    feeds = tuple({port.name: _random(port, rng) for port in session.get_inputs()} for _ in range(4))
    return Subject(path.stem, path, feeds, f"random numbers, open axes {_OPEN} long", UNKNOWN)


def _random(port: Any, rng: np.random.Generator) -> NDArray[Any]:
    shape = [size if isinstance(size, int) else _OPEN for size in port.shape]
    if port.type in _TYPES:
        return rng.standard_normal(shape).astype(_TYPES[port.type])
    if port.type in _WHOLE:
        return np.ones(shape, _WHOLE[port.type])
    raise OptionError(f"input {port.name} takes {port.type}; only graphs of numbers can be tried")


def _letters(example: Path | None) -> tuple[Subject, ...]:
    path = shipped_model(LETTERS_ASE)
    if example:
        hands, data = read_letters(example).hands, f"hands of {example.name}"
        rng = np.random.default_rng(0)
        hands = hands[rng.permutation(len(hands))[: _FEEDS * _HANDS]]
    else:
        hands, data = _invented_hands(), "hands of invented signing, as a tracker sees them"
    count = len(open_session(path).get_modelmeta().custom_metadata_map["letters"].split())
    parts = _parts(len(hands), _HANDS)
    feeds = tuple({"hands": hands[part].astype(np.float32)} for part in parts)
    return (Subject(path.stem, path, feeds, data, letter_judges(count)),)


def _invented_hands() -> NDArray[np.float32]:
    clip = normalize(film(perform(invent_signs(10), Manner()), Camera()))
    hands = clip.hands.reshape(-1, *clip.hands.shape[2:])
    return hands[np.isfinite(hands).all(axis=(1, 2))]


def _signs(example: Path | None) -> tuple[Subject, ...]:
    path = shipped_model(SIGNS)
    clips = _words(example) if example else _invented_words()
    data = f"clips of {example.name}" if example else "invented signing, as a tracker sees it"
    parts = _parts(len(clips), _CLIPS)
    feeds = []
    for part in parts:
        found = stack([one.seen for one in clips[part]])
        feeds.append({"hands": found.hands, "seen": found.seen, "places": found.places})
    judging = [one for part in parts[1::2] for one in clips[part]]
    words, takes = [one.word for one in judging], [one.take for one in judging]
    judges = sign_judges(words, takes, read_cohort(shipped_model(SIGN_COHORT)).whole)
    return (Subject(path.stem, path, tuple(feeds), data, judges),)


@dataclass(frozen=True, slots=True)
class _Clip:
    """One clip as the encoder takes it."""

    word: str
    take: int
    seen: Samples


def _invented_words(count: int = 16, takes: int = 4) -> list[_Clip]:
    clips = []
    for number, sign in enumerate(invent_signs(count)):
        for take in range(takes):
            seed = number * takes + take
            poses = film(perform([sign], Manner(seed=seed, speed=0.85 + 0.1 * take)), Camera(seed=seed))
            clips.append(_Clip(sign.name, seed, sample(normalize(poses), trim(poses).span)))
    return _shuffled(clips)


def _words(example: Path) -> list[_Clip]:
    chosen = _shuffled(list(read_words(example).clips))
    clips = [(one, normalize(one.clip)) for one in chosen[:_MOST_CLIPS]]
    return [_Clip(one.word, one.take, sample(clip)) for one, clip in clips if clip.seen[:, 0].any()]


def _shuffled(clips: Sequence[T]) -> list[T]:
    return [clips[index] for index in np.random.default_rng(0).permutation(len(clips))]


def _speech(example: Path | None) -> tuple[Subject, ...]:
    path = model_files("silero-vad")["silero_vad_16k_sequence.onnx"]
    source = example or model_files("sample-speech")["two_cities.wav"]
    sound = _sound(source)
    length = 16_000 * _SPEECH_S // 512 * 512
    pieces = [sound[at : at + length] for at in range(64, len(sound) - length, length)][:_FEEDS]
    if len(pieces) < 2:
        raise OptionError(f"{source}: too short to judge by; give at least {3 * _SPEECH_S} seconds of sound")
    memory = np.zeros((1, 1, 128), np.float32)
    feeds = tuple({"input": _chunks(piece), "h": memory, "c": memory} for piece in pieces)
    return (Subject(path.stem, path, feeds, f"sound of {source.name}", SPEECH),)


def _chunks(piece: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of 512 samples with the 64 before each."""
    chunks = piece.reshape(-1, 512)
    before = np.concatenate([np.zeros((1, 64), np.float32), chunks[:-1, -64:]])
    return np.concatenate([before, chunks], axis=1)


def _sound(source: Path) -> NDArray[np.float32]:
    with open_audio(source) as reader:
        blocks = list(islice((block.samples for block in reader), 2 * _FEEDS * _SPEECH_S))
    return np.concatenate(blocks)


def _holistic(example: Path | None) -> tuple[Subject, ...]:
    return _landmarks(HOLISTIC, graph_files(HOLISTIC), example)


def _face(example: Path | None) -> tuple[Subject, ...]:
    return _landmarks(FACE, graph_files(FACE), example)


def _landmarks(name: str, graphs: Mapping[str, Path], example: Path | None) -> tuple[Subject, ...]:
    if example is None:
        raise OptionError(f"{name} is judged on real pictures; give a film of a person with --example FILM")
    with open_frames(example) as reader:
        frames = list(islice(reader, PICTURES))
    if not frames:
        raise NotMedia(example, "it has no picture")
    pictures = np.stack([frame.image for frame in frames])
    starts = [frame.start for frame in frames]
    crops = real_crops(pictures, starts, graph_files(HOLISTIC) | dict(graphs), CPU)
    found = [graph for graph in graphs if len(crops.get(graph, ())) >= 4]
    if len(found) < len(graphs):
        raise OptionError(f"{example}: too little to judge by; give a film that shows a face and both hands")
    return tuple(
        Subject(
            graph, graphs[graph], _crop_feeds(graphs[graph], crops[graph]), f"film {example.name}", _of(graph)
        )
        for graph in found
    )


def _crop_feeds(path: Path, crops: Sequence[NDArray[np.float32]]) -> tuple[Feed, ...]:
    source = open_session(path).get_inputs()[0].name
    return tuple({source: crop} for crop in crops[:_FEEDS])


def _of(graph: str) -> tuple[Judge, ...]:
    return SCORES if graph == EXPRESSION_GRAPH else landmark_judges(graph)


def _moonshine(_example: Path | None) -> tuple[Subject, ...]:
    raise OptionError(
        "moonshine-tiny-en is published in onnxruntime's own format, already optimised and in 8 bits: it "
        "cannot be rewritten; accessify bench device tells how many threads it wants"
    )


def _parts(count: int, size: int) -> list[slice]:
    return [slice(at, at + size) for at in range(0, count, size)][:_FEEDS]


_MODELS: Mapping[str, Callable[[Path | None], tuple[Subject, ...]]] = MappingProxyType(
    {
        "letters-ase": _letters,
        "signs": _signs,
        "silero-vad": _speech,
        HOLISTIC: _holistic,
        FACE: _face,
        "moonshine-tiny-en": _moonshine,
    }
)
"""Model → its graphs with input."""
MODELS = tuple(_MODELS)
"""Models that can be named."""
