"""The small trained Whisper that really hears, as openai-whisper's checkpoint, and clips to hear.

Clips are spoken by eSpeak NG (the system's package espeak-ng), in voices it has not learnt from.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("whisper", reason="openai-whisper comes with the extra `whisper`")

from accessify.core.audio import SPEECH_RATE, Audio  # noqa: E402
from accessify.training.whisper_clips import Clip, make_clip  # noqa: E402
from accessify.training.whisper_file import FILE, build  # noqa: E402
from accessify.training.whisper_sentences import Sentence, seeded  # noqa: E402

COMPACT = Path(__file__).parents[1] / "models" / FILE
_FOLDER = TemporaryDirectory(prefix="whisper-test-")


@cache
def small_whisper() -> Path:
    """The checkpoint (.pt), built once in a run."""
    return build(COMPACT, Path(_FOLDER.name) / "whisper-test-en-zh.pt")


_LEAD = 0.06
"""Seconds before the first word: what a speech detector leaves."""


@cache
def said(language: str, *texts: str, seed: int = 3) -> Clip:
    """A clip in which a voice that was kept from training says `texts`, with pauses between them."""
    sentences = [Sentence(text, language, "") for text in texts]
    clip = make_clip(seeded(*texts, seed), sentences, augmented=False, held_out=True)
    cut = max(round((clip.said[0].start - _LEAD) * SPEECH_RATE), 0)
    moved = tuple(replace(one, start=one.start - cut / SPEECH_RATE) for one in clip.said)
    return replace(clip, samples=clip.samples[cut:], said=moved)


def audio(clip: Clip) -> Audio:
    """The sound of a clip."""
    return Audio(clip.samples)
