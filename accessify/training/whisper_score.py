"""How well a Whisper hears synthetic voices that it has not learnt from, by openai-whisper's own decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from accessify.training.whisper_clips import Clip
from accessify.training.whisper_lines import POSITIONS
from accessify.training.whisper_sentences import LANGUAGES, plain_words, spelled


@dataclass(frozen=True, slots=True)
class Score:
    """What was measured over clips; shares are 0 to 1."""

    errors: dict[str, float]
    """Language → words (zh: characters) that are wrong, missing or too many, of those said."""
    languages: float
    """Share of the clips whose language is the likeliest."""
    times: float
    """Mean distance of a start or end in seconds, where there are as many as there should be."""
    timed: float
    """Share of the clips with as many."""


def score(checkpoint: Path, clips: Sequence[Clip], prompt: str = "") -> Score:
    """Greedy decoding of 30 s with timestamps, as `whisper.decode` does it; the language is heard."""
    import whisper  # noqa: PLC0415 - heavy

    model = whisper.load_model(str(checkpoint), device="cpu")
    wrong, said = dict.fromkeys(LANGUAGES, 0), dict.fromkeys(LANGUAGES, 0)
    found, off, timed = 0, list[float](), 0
    for clip in clips:
        result = _decode(model, clip, prompt)
        found += result.language == clip.language
        words = plain_words(written(clip, prompt), clip.language)
        wrong[clip.language] += edits(words, plain_words(result.text, clip.language))
        said[clip.language] += len(words)
        times, known = _times(model, result.tokens), [t for one in clip.said for t in (one.start, one.end)]
        if len(times) == len(known):
            timed += 1
            off += [abs(time - second) for time, second in zip(times, known, strict=True)]
    return Score(
        {language: wrong[language] / said[language] for language in LANGUAGES if said[language]},
        found / len(clips),
        float(np.mean(off)) if off else float("nan"),
        timed / len(clips),
    )


def written(clip: Clip, prompt: str = "") -> str:
    """What should be written of a clip after a prompt."""
    between = "" if clip.language == "zh" else " "
    return between.join(spelled(one.sentence.text, clip.language, prompt) for one in clip.said)


def edits(one: Sequence[str], other: Sequence[str]) -> int:
    """The fewest insertions, deletions and replacements that make `other` of `one` (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for number, item in enumerate(one, 1):
        diagonal, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            best = min(row[place] + 1, row[place - 1] + 1, diagonal + (item != against))
            diagonal, row[place] = row[place], best
    return row[-1]


def _decode(model: Any, clip: Clip, prompt: str) -> Any:
    import whisper  # noqa: PLC0415 - heavy

    mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(torch.from_numpy(clip.samples)))
    return whisper.decode(model, mel, whisper.DecodingOptions(fp16=False, prompt=prompt or None))


def _times(model: Any, tokens: Sequence[int]) -> list[float]:
    first = 50364 if model.dims.n_vocab == 51865 else 50365
    return [(token - first) / POSITIONS for token in tokens if token >= first]
