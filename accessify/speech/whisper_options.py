"""What both Whisper engines are told: language, task, prompt, search, and the guards against invented text.

Source of the guards: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision",
arXiv:2212.04356, section 4.5 (temperature fallback, compression ratio, log-probability, no-speech).
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from accessify.core.errors import OptionError, UnknownName

TASKS = ("transcribe", "translate")
SIZES = (
    *("base", "tiny", "small", "medium", "large-v3", "large-v3-turbo", "large-v2", "large-v1"),
    *("base.en", "tiny.en", "small.en", "medium.en"),
)
"""Models that were published, the usual one first; those in .en know English only."""
SHORT_SIZES = {"large": "large-v3", "turbo": "large-v3-turbo"}
"""Short names of openai-whisper → the models they stand for today."""
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", re.IGNORECASE)
_LONGEST_LOOP = 16
"""Tokens of the longest n-gram that counts as a loop; the compression ratio sees longer ones."""

_CODES = {
    "jv": "jw",  # Whisper's table keeps codes that were withdrawn in 1989
    "nb": "no",
    "fil": "tl",
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "mo": "ro",
    # members of macrolanguages, as their own primary tags (IANA language subtag registry)
    "cmn": "zh",
    **dict.fromkeys(("arb", "arz", "apc", "ary"), "ar"),
    **dict.fromkeys(("pes", "prs"), "fa"),
    **dict.fromkeys(("zsm", "zlm"), "ms"),
    **dict.fromkeys(("azj", "azb"), "az"),
    **dict.fromkeys(("uzn", "uzs"), "uz"),
    **dict.fromkeys(("pbt", "pbu", "pst"), "ps"),
    **dict.fromkeys(("aln", "als"), "sq"),
    "swh": "sw",
    "ekk": "et",
    "lvs": "lv",
    "npi": "ne",
    "khk": "mn",
    "plt": "mg",
    "ydd": "yi",
}
"""Primary language subtag of BCP 47 → Whisper's code, where they differ."""
_TAGS = {"jw": "jv"}
"""Whisper's code → BCP 47, where they differ."""


def whisper_code(tag: str) -> str:
    """Whisper's code for the BCP 47 `tag`: `de` for "de-AT", `zh` for "cmn-Hans-CN", `yue` for "zh-yue".

    Whether a model knows it is for the model to say. Raises `OptionError` for what is no language tag.
    """
    if not _TAG.fullmatch(tag):
        raise OptionError(f"{tag!r} is no language tag; give one such as en, zh-Hans or pt-BR")
    primary, *rest = tag.lower().split("-")
    if primary == "zh" and "yue" in rest:
        return "yue"
    return _CODES.get(primary, primary)


def language_tag(code: str) -> str:
    """The BCP 47 tag of Whisper's `code`."""
    return _TAGS.get(code, code)


@dataclass(frozen=True, slots=True)
class WhisperOptions:
    """How Whisper is asked, and how far it is believed. Raises `OptionError` where it cannot be honoured."""

    language: str | None = None
    """BCP 47 tag of what is spoken; None: heard from each utterance."""
    task: str = "transcribe"
    """`transcribe`, or `translate` (to English)."""
    prompt: str = ""
    """What was written before, or how the text shall look: its spelling and style are carried on."""
    terms: tuple[str, ...] = ()
    """Glossary: names and terms that may be said. They stand before the prompt and share its room."""
    beam: int = 1
    """Hypotheses followed at once, at temperature 0; 1: greedy."""
    patience: float = 1.0
    """Beam search ends with `beam` × `patience` finished hypotheses (Kasai et al., arXiv:2204.05424)."""
    temperatures: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    """Tried in this order until the guards are content; sampled with a fixed seed above 0."""
    compression: float = 2.4
    """Text that zlib makes smaller than by this factor is too repetitive: heard again. inf: never."""
    chance: float = -1.0
    """Text with a lower mean log-probability per token is heard again. -inf: never."""
    no_speech: float = 0.6
    """Above this probability of no speech, text under `chance` is not heard again but left out. 1: never."""
    repeats: int = 7
    """The same 1 to 16 tokens so often in a row are a loop: heard again."""
    silence: float = 1e-4
    """Root mean square (full scale 1) at or below which nothing is said and the model is not asked."""
    timestamps: bool = True
    """Whether the model writes times into its text, by which text behind the end of the sound is known."""
    words: bool = True
    """Whether the time of each word is found, by the decoder's attention to the sound."""
    batch: int = 8
    """Utterances encoded and decoded at once."""
    device: str = "auto"
    """What computes: `auto`, `cpu`, `cuda`, or what else the engine names."""

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise UnknownName("task", self.task, TASKS)
        if self.language is not None:
            whisper_code(self.language)
        if not isinstance(self.terms, tuple) or not all(term.strip() for term in self.terms):
            raise OptionError("terms must be a tuple of words or names, none of them empty")
        for name, value in (("beam", self.beam), ("batch", self.batch)):
            _must(value >= 1, name, value, "at least 1")
        _must(self.repeats >= 2, "repeats", self.repeats, "at least 2")
        _must(self.compression > 0, "compression", self.compression, "above 0; inf switches it off")
        _must(self.chance <= 0, "chance", self.chance, "a log-probability, 0 or less; -inf switches it off")
        _must(0 <= self.no_speech <= 1, "no_speech", self.no_speech, "0 to 1; 1 switches it off")
        _must(0 <= self.silence < 1, "silence", self.silence, "0 to below 1")
        self._check_search()

    def _check_search(self) -> None:
        heat, beam, patience = self.temperatures, self.beam, self.patience
        rising = all(low < high for low, high in pairwise(heat))
        fits = isinstance(heat, tuple) and heat and heat[0] >= 0 and rising and math.isfinite(heat[-1])
        _must(
            bool(fits), "temperatures", heat, "a tuple of numbers from 0 upwards, each above the one before"
        )
        _must(0 < patience < math.inf, "patience", patience, "above 0")
        _must(round(beam * patience) >= 1, "patience", patience, f"larger for a beam of {beam}")
        _must(beam > 1 or patience == 1, "patience", patience, "1 without a beam; set beam to 2 or more")
        _must(beam == 1 or heat[0] == 0, "temperatures", heat, "0 first, the only one where a beam is used")

    @property
    def code(self) -> str | None:
        """Whisper's code of the language; None: heard from each utterance."""
        return None if self.language is None else whisper_code(self.language)

    @property
    def glossary(self) -> str:
        """The terms as text that ends a sentence; empty without terms."""
        return ", ".join(term.strip() for term in self.terms) + "." if self.terms else ""


class Verdict(Enum):
    """What the guards make of a text."""

    KEEP = "keep"
    """Nothing speaks against it."""
    AGAIN = "again"
    """It is to be heard again at the next temperature."""
    SILENT = "silent"
    """Nobody speaks; the text was invented."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a decoder made of one utterance at one temperature."""

    text: str
    """Without times and other marks."""
    tokens: tuple[int, ...]
    """Those of `text`."""
    chance: float
    """Mean log-probability of all tokens, the end among them."""
    no_speech: float
    """Probability of no speech, 0 to 1."""


def judge(attempt: Attempt, options: WhisperOptions) -> Verdict:
    """Whether to believe `attempt`."""
    if attempt.chance < options.chance and attempt.no_speech > options.no_speech:
        return Verdict.SILENT
    if attempt.chance < options.chance or circles(attempt, options):
        return Verdict.AGAIN
    return Verdict.KEEP


def circles(attempt: Attempt, options: WhisperOptions) -> bool:
    """Whether its text goes in circles: compresses too well, or says the same again and again."""
    return compression(attempt.text) > options.compression or longest_run(attempt.tokens) >= options.repeats


def least_bad(attempts: Sequence[Attempt], options: WhisperOptions) -> int:
    """Index of the attempt to show where no temperature gave a text that the guards like.

    The likeliest of those that do not go in circles, of all of them if need be (openai-whisper shows
    the last one, which is the most random).
    """
    straight = [index for index, attempt in enumerate(attempts) if not circles(attempt, options)]
    return max(straight or range(len(attempts)), key=lambda index: attempts[index].chance)


def compression(text: str) -> float:
    """How many times smaller zlib makes `text`, in bytes of UTF-8; 0 for nothing."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def longest_run(tokens: Sequence[int]) -> int:
    """How often the same 1 to 16 tokens stand in a row, at most; 1 without repetition, 0 for nothing."""
    most = min(1, len(tokens))
    for size in range(1, min(_LONGEST_LOOP, len(tokens) // 2) + 1):
        same = 0  # tokens in a row that are those of `size` places before
        for index in range(size, len(tokens)):
            same = same + 1 if tokens[index] == tokens[index - size] else 0
            most = max(most, same // size + 1)
    return most


def prompt_tokens(options: WhisperOptions, encode: Callable[[str], list[int]], room: int) -> list[int]:
    """Tokens of glossary and prompt, at most `room` (in Whisper: half the decoder's length, less one).

    `encode` turns text into tokens. Raises `OptionError` where they do not fit: a prompt cut short
    would be one that is not honoured.
    """
    if options.glossary and (count := len(encode(" " + options.glossary))) > room:
        raise OptionError(
            f"a glossary of {len(options.terms)} terms takes {count} tokens, and the model's prompt holds "
            f"{room}; keep the terms that are misheard most"
        )
    text = f"{options.glossary} {options.prompt.strip()}".strip()
    tokens = encode(" " + text) if text else []
    if len(tokens) > room:
        what = "glossary and prompt take" if options.glossary else "the prompt takes"
        raise OptionError(f"{what} {len(tokens)} tokens, and the model holds {room}; shorten the prompt")
    return tokens


def _must(holds: bool, name: str, value: object, wanted: str) -> None:
    if not holds:
        raise OptionError(f"{name} is {value}; it must be {wanted}")
