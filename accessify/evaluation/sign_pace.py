"""How long one query, one hand and one clip take: `python -m accessify.evaluation.sign_pace`.

A process of its own, so that it can be kept to one core before numpy has threads. It tells its versions,
then answers each line of JSON with one: `{"signs": 1000, "repeats": 30}` gives the milliseconds of `PACES`.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

import numpy as np

from accessify.core.errors import AccessifyError
from accessify.engines.letters import LetterReader
from accessify.engines.signs import OnnxSignEncoder, read_cohort
from accessify.evaluation.companion import Companion, can_pin, own_cores
from accessify.evaluation.sign_film import Camera, film
from accessify.evaluation.sign_motion import invent_signs, perform
from accessify.hub.shipped import LETTERS_ASE, SIGN_COHORT, SIGNS, shipped_model
from accessify.signs.encoding import Cohort, Floats, SignCodes
from accessify.signs.match import Enrolled, Matcher
from accessify.signs.normalize import normalize
from accessify.signs.samples import sample

PACES = ("match_ms", "query_ms", "letter_ms", "enrol_s")
"""Matching one clip's codes; the same from its poses on; reading one hand; making the matcher ready."""


def one_core_paces(signs: int, repeats: int) -> tuple[dict[str, float], bool]:
    """Times in a fresh process, and whether it was kept to one core, which not every system can."""
    core = own_cores()[0] if can_pin() else None
    command = [sys.executable, "-m", "accessify.evaluation.sign_pace"]
    with Companion("accessify", command, core) as companion:
        return companion.ask({"signs": signs, "repeats": repeats}), core is not None


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what native code prints must not get between the answers
    _say(answers, {"python": platform.python_version()})
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        try:
            answer: Mapping[str, Any] = paces(request["signs"], request["repeats"])
        except AccessifyError as error:
            answer = {"error": error.message}
        _say(answers, answer)


def paces(signs: int, repeats: int) -> dict[str, float]:
    """The times of `PACES` with `signs` signs enrolled, one clip each; medians over `repeats`."""
    encoder, cohort = OnnxSignEncoder(shipped_model(SIGNS)), read_cohort(shipped_model(SIGN_COHORT))
    letters = LetterReader(shipped_model(LETTERS_ASE))
    codes = many_codes(cohort, signs)
    start = time.perf_counter()
    matcher = Matcher([Enrolled(str(row), codes[row : row + 1]) for row in range(signs)], cohort)
    enrolled = time.perf_counter() - start
    clip = film(perform(invent_signs(1)), Camera())
    query = encoder(sample(normalize(clip)))
    hand = normalize(clip).hands[:1, 0]
    return {
        "match_ms": _median_ms(lambda: matcher.match(query), repeats),
        "query_ms": _median_ms(lambda: matcher.match(encoder(sample(normalize(clip)))), repeats),
        "letter_ms": _median_ms(lambda: letters(hand), 20 * repeats),
        "enrol_s": enrolled,
    }


def many_codes(cohort: Cohort, count: int) -> SignCodes:
    """`count` signs that are not the same: those of the cohort again and again, each time shaken anew."""
    rng = np.random.default_rng(0)
    rows = np.arange(count) % len(cohort.codes)
    return SignCodes(_shaken(cohort.codes.moments[rows], rng), _shaken(cohort.codes.wholes[rows], rng))


def _shaken(vectors: Floats, rng: np.random.Generator) -> Floats:
    moved = vectors + rng.normal(0, 0.3 / np.sqrt(vectors.shape[-1]), vectors.shape)
    return np.asarray(moved / np.linalg.norm(moved, axis=-1, keepdims=True), np.float32)


def _median_ms(run: Callable[[], object], repeats: int) -> float:
    run()  # what is only done once is not counted
    each = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        each.append(time.perf_counter() - start)
    return 1000 * float(np.median(each))


def _say(answers: TextIO, answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer, allow_nan=False) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
