"""The real speech that comes with the models, and words to compare."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import numpy as np

from accessify.core.audio import Audio
from accessify.hub.fetch import model_files
from accessify.media.read import open_audio

BECKETT = "ever tried ever failed no matter try again fail again fail better"
"""What is said in `beckett.wav` (10 s)."""
TWO_CITIES = (
    "it was the best of times it was the worst of times it was the age of wisdom it was the age of "
    "foolishness it was the epoch of belief it was the epoch of incredulity"
)
"""How `two_cities.wav` (44 s) begins."""


def clip(name: str) -> Path:
    """Where a clip lies."""
    return model_files("sample-speech", offline=True)[name]


@cache
def sound(name: str) -> Audio:
    """A clip as 16 kHz mono."""
    with open_audio(clip(name)) as reader:
        return Audio(np.concatenate([block.samples for block in reader]))


def plain(text: str) -> str:
    """Lower case without punctuation."""
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def agreement(text: str, spoken: str) -> float:
    """How many of the words are the same, 0 to 1: the smallest model mishears one in ten."""
    return SequenceMatcher(None, plain(text).split(), spoken.split(), autojunk=False).ratio()
