"""The signs bench: letters, words, the same signer again, idle people, live delay and cost, in one result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accessify.core.errors import FormatError
from accessify.core.progress import OnProgress, Progress
from accessify.delivery.word_sets import ASPECT, read_words
from accessify.evaluation.letter_bench import bench_letters
from accessify.evaluation.machine import hardware, software
from accessify.evaluation.sign_again import found_again
from accessify.evaluation.sign_figures import REFERENCES, SIGNS
from accessify.evaluation.sign_live import idle_signs, invented_vocabulary, live_figures
from accessify.evaluation.sign_pace import one_core_paces
from accessify.evaluation.word_bench import compared, described, drawn_figures
from accessify.evaluation.word_score import Draws
from accessify.hub.cache import sha256_of
from accessify.hub.shipped import LETTERS_ASE, SHIPPED, SIGN_COHORT, shipped_model
from accessify.hub.shipped import SIGNS as SIGN_ENCODER
from accessify.pipelines.signing import sign_encoder

SCHEMA = 1
"""Version of the bench file's layout."""
ENROLLED = 1000
"""Signs in the book whose search is timed."""
_PACKAGES = ("accessify", "numpy", "onnxruntime", "psutil")
Values = dict[str, Any]
Stage = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SignBenchOptions:
    """What is measured; every file may be left out."""

    letters: tuple[Path, ...] = ()
    """Letter files for the shipped network."""
    left_out: Path | None = None
    """What `accessify train letters --leave-one-out -o` wrote."""
    words: Path | None = None
    aspect: float = ASPECT
    """Of the pictures of `words`: width by height."""
    seed: int = 0
    quick: bool = False
    """Fewer draws and less time: to see that it works."""

    @property
    def draws(self) -> int:
        """Random choices of references."""
        return 3 if self.quick else 20

    @property
    def idle_s(self) -> float:
        """Seconds of each kind of idleness."""
        return 15.0 if self.quick else 180.0

    @property
    def rows(self) -> int:
        """Rows of five signs that are performed live."""
        return 4 if self.quick else 60

    @property
    def rounds(self) -> int:
        """Changes of each clip."""
        return 1 if self.quick else 5


def bench_signs(options: SignBenchOptions | None = None, on_progress: OnProgress | None = None) -> Values:
    """All figures of the signs bench, ready for JSON.

    Raises `FormatError` for a file that cannot be scored and `MissingExtra` without the extra `bench`.
    """
    options = options or SignBenchOptions()

    def stage(text: str) -> None:
        if on_progress:
            on_progress(Progress(text, 0, None))

    machine = hardware()
    result: Values = {"figures": {}, "letters": {}, "left_out": None, "words": {}, "idle": {}}
    _letters(options, result, stage)
    if options.words:
        _words(options, options.words, result, stage)
    _live(options, result, stage)
    stage("time one core")
    pace, pinned = one_core_paces(ENROLLED, 5 if options.quick else 40)
    _costs(result, pace)
    return {
        "bench": "signs",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "options": {"quick": options.quick, "seed": options.seed, "aspect": options.aspect},
        "hardware": machine,
        "software": software(_PACKAGES),
        "data": _data(options),
        "models": {
            name: {"sha256": sha256_of(shipped_model(name)), "bytes": shipped_model(name).stat().st_size}
            for name in SHIPPED
        },
        "notes": _notes(options, result, pinned=pinned),
        "formulas": {one.name: one.formula for one in SIGNS if one.name in result["figures"]},
        **result,
    }


def read_left_out(path: Path) -> Values:
    """Letter set → figures of a network that did not learn from it; raises `FormatError` for other files."""
    try:
        told: Values = json.loads(path.read_text("utf-8"))
        return {
            name: {**row, "accuracy": float(row["accuracy"]), "answered_70": float(row["answered_70"])}
            for name, row in told.items()
            if name != "facts"
        }
    except FileNotFoundError:
        raise FormatError("there is no such file; check the path", source=str(path)) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            f"no figures of letters ({type(error).__name__}: {error}); "
            "run: accessify train letters --leave-one-out -o FILE.json",
            source=str(path),
        ) from error


def _letters(options: SignBenchOptions, result: Values, stage: Stage) -> None:
    for path in options.letters:
        stage(f"letters of {path.stem}")
        row = bench_letters(path)
        told = ("rows", "missed", "accuracy", "top3", "answered_90", "answered_70", "by_letter", "confused")
        result["letters"][path.stem] = {name: row[name] for name in (*told, "trained_on")}
    if options.left_out:
        result["left_out"] = read_left_out(options.left_out)
        known = {one.name for one in SIGNS}
        for name, row in result["left_out"].items():
            if f"{name}_left_out" in known:
                result["figures"][f"{name}_left_out"] = 100 * row["accuracy"]
                result["figures"][f"{name}_left_out_70"] = 100 * row["answered_70"]


def _words(options: SignBenchOptions, path: Path, result: Values, stage: Stage) -> None:
    stage("words: compare all clips")
    words = read_words(path, aspect=options.aspect)
    found = compared(words, str(path))
    result["words"] = {"data": described(words, found), "draws": options.draws, "references": {}}
    known = {one.name for one in SIGNS}
    for count in REFERENCES:
        stage(f"words: {count} enrolled of each")
        row = drawn_figures(found, Draws(count, options.draws, options.seed))
        result["words"]["references"][str(count)] = row
        for name, value in row.items():
            if f"words_{count}_{name}" in known:
                result["figures"][f"words_{count}_{name}"] = 100 * value
    stage("the same signer again")
    encoder, cohort = sign_encoder()
    again = found_again(words.clips, encoder, cohort, rounds=options.rounds, seed=options.seed)
    result["figures"] |= {"again": 100 * again["top1"], "again_told": 100 * again["told"]}
    result["words"]["again"] = again


def _live(options: SignBenchOptions, result: Values, stage: Stage) -> None:
    encoder, cohort = sign_encoder()
    known = invented_vocabulary(encoder, cohort, options.seed)
    stage("signs while somebody is filmed")
    live = live_figures(known, options.rows, options.seed)
    idle = idle_signs(known, options.idle_s, options.seed, lambda kind: stage(f"nobody signs: {kind}"))
    told = [row["known"] for row in idle.values()]
    result["idle"] = {"seconds": options.idle_s, "kinds": idle}
    result["live"] = live
    result["figures"] |= {
        "idle": sum(told) / len(told),
        "idle_worst": max(told),
        "idle_unknown": sum(row["unknown"] for row in idle.values()) / len(told),
        "live_found": 100 * live["found"] / live["performed"],
        "live_wrong": 100 * live["wrong"] / live["performed"],
        "live_picture": live["picture_ms"],
    }
    for part in ("p50", "p95"):
        if (late := live[f"late_{part}_ms"]) is not None:
            result["figures"][f"late_{part}"] = late


def _costs(result: Values, pace: dict[str, float]) -> None:
    sizes = {name: shipped_model(name).stat().st_size / 1e6 for name in SHIPPED}
    result["pace"] = {"signs": ENROLLED, **pace}
    result["figures"] |= {
        "query": pace["query_ms"],
        "match": pace["match_ms"],
        "letter": pace["letter_ms"],
        "letter_size": sizes[LETTERS_ASE],
        "sign_size": sizes[SIGN_ENCODER] + sizes[SIGN_COHORT],
    }


def _data(options: SignBenchOptions) -> Values:
    paths = [*options.letters, *([options.left_out] if options.left_out else [])]
    files = {path.name: sha256_of(path) for path in (*paths, *([options.words] if options.words else []))}
    return {
        "name": ", ".join(files) or "made up",
        "sha256": hashlib.sha256("".join(files.values()).encode()).hexdigest(),
        "files": files,
    }


def _notes(options: SignBenchOptions, result: Values, *, pinned: bool) -> list[str]:
    """What was left out, and why."""
    notes = []
    if not options.left_out:
        notes.append("Letters of people not learnt from were left out: no --left-out was given.")
    if not options.words:
        notes.append("Words and the same signer again were left out: no --words was given.")
    if not pinned:
        notes.append("Times are not of one core: this system cannot keep a process to one.")
    if not result["live"]["found"]:
        notes.append("No performed sign was found, so there is no delay.")
    return notes
