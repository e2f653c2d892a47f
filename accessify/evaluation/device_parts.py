"""How fast the parts of accessify other than Whisper are on this machine, each by itself."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from accessify.avatar.look import Look
from accessify.core.audio import Audio
from accessify.core.errors import MissingExtra, ModelError, NoOpenGL, OptionError
from accessify.engines.holistic import HolisticOptions, worker_count
from accessify.engines.letters import LetterReader
from accessify.engines.moonshine import Moonshine
from accessify.engines.networks import Networks
from accessify.engines.session import PROVIDERS, open_session, run_session
from accessify.engines.signs import OnnxSignEncoder
from accessify.evaluation.device_whisper import UTTERANCE_S
from accessify.evaluation.interleaved import interleave
from accessify.evaluation.render_speed import lively
from accessify.hub.fetch import model_files
from accessify.hub.graphs import HOLISTIC, graph_files
from accessify.hub.shipped import LETTERS_ASE, SIGNS, shipped_model
from accessify.media.clip_writer import open_clip
from accessify.media.read import open_audio
from accessify.pipelines.figures import figure_path, own_figure
from accessify.render.draw import Stage
from accessify.signs.samples import MOMENTS, Samples
from accessify.tracking.graphs import BODY_LANDMARKS, FACE_LANDMARKS, HAND_LANDMARKS, HAND_RECROP

Row = dict[str, Any]
_ONLY_ON = {
    "coreml": "only on macOS, where onnxruntime has it",
    "directml": "only on Windows: pip install onnxruntime-directml instead of onnxruntime",
}
_LONG_S = 10
"""Seconds of an utterance in a file."""


def attempt(what: str, measure: Callable[[], Row]) -> Row:
    """What `measure` tells of `what`; where something is not installed, `missing` says what to do."""
    try:
        return {"what": what, **measure()}
    except (MissingExtra, ModelError, NoOpenGL, OptionError) as error:
        return {"what": what, "missing": str(error)}


def moonshine() -> Row:
    """The embedded English engine on one thread: real speech in utterances of 5 and of 10 seconds."""
    files = _here("moonshine-tiny-en")
    with open_audio(_here("sample-speech")["two_cities.wav"]) as reader:
        sound = np.concatenate([block.samples for block in reader])
    engine = Moonshine(files)
    long = [Audio(sound[at : at + 16_000 * _LONG_S]) for at in (0, 16_000 * _LONG_S, 32_000 * _LONG_S)]
    short = Audio(sound[: int(16_000 * UTTERANCE_S)])
    times = interleave(
        {"long": lambda: engine.recognize(long), "short": lambda: engine.recognize([short])}, 1.0, least=3
    )
    return {
        "engine": "moonshine",
        "size": "tiny-en",
        "precision": "int8",
        "threads": 1,
        "device": "cpu",
        "file_x": len(long) * _LONG_S / times["long"].median,
        "live_s": times["short"].median,
        "bytes": sum(path.stat().st_size for path in files.values()),
        "measured": True,
    }


def _here(name: str) -> dict[str, Any]:
    """The files of a model that is on this machine."""
    try:
        return dict(model_files(name, offline=True))
    except ModelError as error:
        raise ModelError(f"{name} is not on this machine; run: accessify models pull {name}") from error


def landmarks(device: str, pictures: int) -> Row:
    """Body, both hands and face of one person: the networks that each picture takes, on noise.

    Networks take as long on noise as on people; finding a person anew, decoding and drawing come on top.
    """
    try:
        graphs = graph_files(HOLISTIC, offline=True)
    except ModelError as error:
        raise ModelError(f"not on this machine; run: accessify models pull {HOLISTIC}") from error
    each = (BODY_LANDMARKS, HAND_RECROP, HAND_RECROP, HAND_LANDMARKS, HAND_LANDMARKS, FACE_LANDMARKS)
    networks = Networks({graph.name: graphs[graph.name] for graph in each}, device)
    rng = np.random.default_rng(0)
    crops = {graph: rng.random((1, 3, graph.size, graph.size), np.float32) for graph in each}
    workers = worker_count(HolisticOptions())
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda graph: networks.run(graph, crops[graph]), each))
        began = time.perf_counter()
        list(pool.map(lambda graph: networks.run(graph, crops[graph]), each * pictures))
        taken = time.perf_counter() - began
    return {"value": pictures / taken, "unit": "pictures/s", "how": f"{workers} networks at a time, {device}"}


def letters(device: str) -> Row:
    """Two hands of a picture, read as letters."""
    reader = LetterReader(shipped_model(LETTERS_ASE), device)
    hands = np.random.default_rng(0).standard_normal((2, 21, 3)).astype(np.float32)
    taken = interleave({"": lambda: reader(hands)}, 0.2)[""].median
    return {"value": 1 / taken, "unit": "pictures/s", "how": f"2 hands each, 1 thread, {device}"}


def signs(device: str) -> Row:
    """Clips of signing, seen by the sign encoder."""
    encoder = OnnxSignEncoder(shipped_model(SIGNS), device)
    rng = np.random.default_rng(0)
    clip = Samples(
        rng.standard_normal((1, MOMENTS, 2, 21, 3)).astype(np.float32),
        np.ones((1, MOMENTS, 2), np.float32),
        rng.standard_normal((1, MOMENTS, 2, 2)).astype(np.float32),
    )
    taken = interleave({"": lambda: encoder(clip)}, 0.3)[""].median
    return {"value": 1 / taken, "unit": "clips/s", "how": f"1 at a time, 1 thread, {device}"}


def avatar(quick: bool) -> Row:
    """The avatar drawn and encoded, 640×640; its figure takes some 10 s where it was never built."""
    look = Look()
    if quick and not figure_path(look).is_file():
        raise ModelError("not measured in a quick run before the figure was built; run it without --quick")
    character = own_figure(look)
    pictures = 10 if quick else 30
    motion = lively(character, pictures)
    with (
        tempfile.TemporaryDirectory(prefix="accessify-bench-") as folder,
        Stage(character, (640, 640)) as stage,
    ):
        stage.picture(motion)  # programs are built with the first one
        began = time.perf_counter()
        with open_clip(Path(folder, "a.mp4"), stage.size, motion.rate) as clip:
            for picture in stage.draw(motion):
                clip.write(picture)
        taken = time.perf_counter() - began
        how = f"drawn and encoded, 640×640, {stage.renderer}"
    return {"value": pictures / taken, "unit": "pictures/s", "how": how}


def devices() -> list[Row]:
    """Every device that onnxruntime knows: whether it is there, starts, and reads hands in how many ms."""
    return [_device(name) for name in reversed(list(PROVIDERS))]


def _device(name: str) -> Row:
    import onnxruntime

    provider, package = PROVIDERS[name]
    if provider not in onnxruntime.get_available_providers():
        told = _ONLY_ON.get(name, f"replace onnxruntime: pip install {package}")
        return {"device": name, "state": "not there", "told": told}
    try:
        session = open_session(shipped_model(SIGNS), 1, name)
        feed = {
            "hands": np.zeros((8, MOMENTS, 2, 21, 3), np.float32),
            "seen": np.ones((8, MOMENTS, 2), np.float32),
            "places": np.zeros((8, MOMENTS, 2, 2), np.float32),
        }
        taken = interleave({"": partial(run_session, session, name, feed)}, 0.2)[""].median
    except (OptionError, ModelError) as error:
        return {"device": name, "state": "does not start", "told": str(error)}
    return {"device": name, "state": "works", "told": "", "ms": 1000 * taken}
