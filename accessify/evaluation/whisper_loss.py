"""What a precision costs: errors of a trained Whisper's exports beside those of openai-whisper itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import Audio
from accessify.engines.whisper import Whisper
from accessify.engines.whisper_onnx import WhisperOnnx
from accessify.evaluation.matching import align
from accessify.evaluation.whisper_systems import PLAIN
from accessify.hub.export_whisper import Export, export_whisper
from accessify.hub.whisper_quantize import Precision
from accessify.speech.transcribe import Recognizer

REFERENCE = "openai-whisper fp32"
_BATCH = 8


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One utterance that the model has not learnt from."""

    samples: NDArray[np.float32]
    """16 kHz."""
    text: str
    """What is said."""
    language: str
    """BCP 47 tag; `zh` is counted by characters, all others by words."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Errors of one precision."""

    name: str
    errors: Mapping[str, float]
    """Language → substitutions, deletions and insertions, in percent of what was said."""
    differ: int
    """Utterances whose text is not that of the reference."""


def measure_losses(
    checkpoint: Path, utterances: Sequence[HeldOut], work: Path, on_stage: Callable[[str], None]
) -> list[Loss]:
    """openai-whisper in float32 first, then our exports of `checkpoint` in each precision, kept in `work`.

    Raises as `export_whisper` and the engines do.
    """
    on_stage(f"{len(utterances)} utterances by openai-whisper")
    said = _heard(lambda language: Whisper(checkpoint, replace(PLAIN, language=language)), utterances)
    found = [_loss(REFERENCE, said, utterances, said)]
    for precision in Precision:
        on_stage(f"the same in {precision}")
        folder = work / f"loss-{precision}"
        export_whisper(checkpoint, folder, Export(precision))
        texts = _heard(partial(_exported, folder), utterances)
        found.append(_loss(str(precision), texts, utterances, said))
    return found


def count_errors(said: str, heard: str, language: str) -> tuple[int, int]:
    """Words (of `zh`: characters) that are wrong, missing or too many, and how many were said."""
    wanted, found = (units(text, language) for text in (said, heard))
    pairs = align(wanted, found)
    return sum(not pair.equal for pair in pairs), len(wanted)


def units(text: str, language: str) -> list[str]:
    """What errors are counted over: words without marks and capitals, characters in Mandarin."""
    return re.findall(r"[^\W_]" if language == "zh" else r"[\w']+", text.lower())


def _exported(folder: Path, language: str) -> Recognizer:
    files = {path.name: path for path in folder.iterdir()}
    return WhisperOnnx(files, replace(PLAIN, language=language))


def _heard(opened: Callable[[str], Recognizer], utterances: Sequence[HeldOut]) -> list[str]:
    texts = [""] * len(utterances)
    for language in sorted({one.language for one in utterances}):
        places = [at for at, one in enumerate(utterances) if one.language == language]
        with closing(opened(language)) as engine:
            for first in range(0, len(places), _BATCH):
                batch = places[first : first + _BATCH]
                said = engine.recognize([Audio(utterances[at].samples) for at in batch])
                for at, transcript in zip(batch, said, strict=True):
                    raw = b"".join(piece.raw for piece in transcript.pieces)
                    texts[at] = raw.decode("utf-8", "replace").strip()
    return texts


def _loss(name: str, texts: Sequence[str], utterances: Sequence[HeldOut], reference: Iterable[str]) -> Loss:
    wrong: dict[str, int] = {}
    spoken: dict[str, int] = {}
    for text, one in zip(texts, utterances, strict=True):
        errors, count = count_errors(one.text, text, one.language)
        wrong[one.language] = wrong.get(one.language, 0) + errors
        spoken[one.language] = spoken.get(one.language, 0) + count
    rates = {language: 100 * wrong[language] / max(spoken[language], 1) for language in sorted(spoken)}
    return Loss(name, rates, sum(one != other for one, other in zip(texts, reference, strict=True)))
