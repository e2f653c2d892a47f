"""The letters bench: how often a letter network names the still letters that hands show."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.errors import FormatError, OptionError
from accessify.delivery.letter_sets import LetterSet, read_letters
from accessify.engines.letters import LetterReader
from accessify.evaluation.machine import software
from accessify.hub.cache import sha256_of
from accessify.hub.shipped import LETTERS_ASE, shipped_model
from accessify.signs.alphabet import load_alphabet
from accessify.signs.answers import letter_figures
from accessify.signs.reader import HandReader

SCHEMA = 1
"""Version of the bench file's layout."""
SHIPPED_LETTERS = {"ase": LETTERS_ASE}
"""Alphabet → the network that comes with accessify."""
_PACKAGES = ("accessify", "numpy", "onnxruntime")


@dataclass(frozen=True, slots=True)
class LetterBenchOptions:
    """What is scored, and what the file does not tell."""

    aspect: float | None = None
    """Width of the pictures by their height; None takes the file's word for it."""
    mirrored: bool | None = None
    """Whether the pictures are a selfie's, or the hands left ones; None takes the file's word."""
    model: Path | None = None
    """A network of `accessify train letters`; None is the one that comes with accessify."""
    alphabet: str = "ase"
    """Whose still letters are scored."""


def bench_letters(path: Path, options: LetterBenchOptions | None = None) -> dict[str, Any]:
    """The figures of one file of letters, ready for JSON: shares of the rows with a hand and a still letter.

    Raises `FormatError` for a file that is none or shows no letter of the alphabet, `OptionError` where the
    alphabet has no network, `UnknownName` for an alphabet and `ModelError` for a network that there is not.
    """
    options = options or LetterBenchOptions()
    alphabet = load_alphabet(options.alphabet)
    model = options.model or _shipped(options.alphabet)
    found = read_letters(path, aspect=options.aspect, mirrored=options.mirrored)
    reader = LetterReader(model)
    figures = score_letters(reader, found, alphabet.still, str(path))
    return {
        "bench": "letters",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        **figures,
        "options": {"aspect": options.aspect, "mirrored": options.mirrored, "alphabet": options.alphabet},
        "trained_on": trained_on(reader, read_letters(path).only(alphabet.still)),
        "model": {"name": model.name, "sha256": sha256_of(model)},
        "data": {"name": found.name, "sha256": sha256_of(path)},
        "software": software(_PACKAGES),
    }


def score_letters(
    reader: HandReader, found: LetterSet, letters: tuple[str, ...], source: str
) -> dict[str, Any]:
    """`letter_figures` of the rows that show one of `letters`, how often each was named, rows without a hand.

    A letter that the reader does not know is never named. Raises `FormatError` where no row is left.
    """
    still = found.only(letters)
    if not len(still.labels):
        raise FormatError(
            f"no row with a hand shows one of {' '.join(letters)}; give a file of this alphabet",
            source=source,
        )
    logs = np.full((len(still.labels), len(letters)), -np.inf, np.float32)
    known = [letter for letter in reader.letters if letter in letters]
    read = reader(still.hands).log_probabilities
    logs[:, [letters.index(letter) for letter in known]] = read[
        :, [reader.letters.index(letter) for letter in known]
    ]
    best = logs.argmax(axis=1)
    shown = np.array(still.labels)
    named = np.array(letters)[best] == shown
    return {
        **letter_figures(logs, still.labels, letters),
        "missed": found.missed,
        "letters": {letter: float(named[shown == letter].mean()) for letter in sorted(set(still.labels))},
    }


def trained_on(reader: LetterReader, still: LetterSet) -> bool | None:
    """Whether the network learnt from these very hands; None where its file does not say from what."""
    if not reader.data:
        return None
    return hashlib.sha256(still.hands.tobytes()).hexdigest()[:10] in reader.data


def _shipped(alphabet: str) -> Path:
    if alphabet not in SHIPPED_LETTERS:
        raise OptionError(
            f"no network for the alphabet {alphabet} comes with accessify; give one with --model"
        )
    return shipped_model(SHIPPED_LETTERS[alphabet])
