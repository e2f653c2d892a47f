"""The notation bench: signs made from HamNoSys beside the same signs by another engine.

The signer's proportions are a value that the synthesiser is given, so signs are made for the body that is in
the file. Agreement is with one other interpreter of the notation, not with signers.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.progress import OnProgress, Progress
from accessify.core.proportions import Proportions
from accessify.evaluation.machine import software
from accessify.evaluation.notation_kinds import KINDS, sign_kinds
from accessify.evaluation.notation_parsing import parse_rates
from accessify.evaluation.notation_score import SignScore, roll_between, score_sign
from accessify.evaluation.reference_signs import ReferenceSet, read_reference
from accessify.evaluation.reference_timing import REFERENCE_SPACE, REFERENCE_TIMING
from accessify.hub.cache import sha256_of
from accessify.motion.hamnosys import parse
from accessify.motion.posture import Postures
from accessify.motion.synthesize import synthesize

SCHEMA = 1
"""Version of the bench file's layout."""
WORST = 20
"""Signs that are listed."""
_LIMITS = {"reach": "places beyond the arm's reach", "wrist": "turns beyond what a wrist does"}
"""Kind of note → what is not done."""
FEW = 3
"""Signs that a kind needs for its mean to be held against a target."""

TARGETS = {
    "first_mean": 0.05,
    "first_median": 0.025,
    "path_mean": 0.055,
    "palm_mean": 3.5,
    "direction_mean": 1.0,
    "bend_mean": 4.0,
    "worst_kind": 0.10,
}
"""Figure → what it should not exceed: shoulder widths; degrees."""


def bench_notation(
    arrays: Path, table: Path, strings: Path | None = None, on_progress: OnProgress | None = None
) -> dict[str, Any]:
    """The figures of one file of reference signs, ready for JSON.

    Args:
        arrays: the .npz of joints; its layout is told in `accessify.evaluation.reference_signs`.
        table: the .csv that belongs to it.
        strings: signs to parse and synthesise without a reference; None takes those of the table.
        on_progress: told which stage begins.

    Raises:
        FormatError: a file is not of its layout, or no sign in the table is HamNoSys.
    """
    tell = on_progress or (lambda _: None)
    tell(Progress("reading", 0, None))
    reference, unread = _readable(read_reference(arrays, table))
    tell(Progress("signing", 0, None))
    trees = [parse(sign.tags) for sign in reference.signs]
    made = [
        synthesize(tree, reference.proportions, REFERENCE_TIMING, space=REFERENCE_SPACE) for tree in trees
    ]
    tell(Progress("comparing", 0, None))
    rolls = _rolls(made, reference)
    width = reference.proportions.width
    scores = [score_sign(mine, sign, width, rolls) for mine, sign in zip(made, reference.signs, strict=True)]
    kinds = _kinds(scores, [sign_kinds(tree.sign) for tree in trees])
    tell(Progress("reading strings", 0, None))
    texts = read_strings(strings) if strings else [sign.tags for sign in reference.signs]
    return {
        "bench": "notation",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "signs": len(scores),
        "figures": {**_figures(scores), "worst_kind": _worst_kind(kinds)},
        "targets": TARGETS,
        "kinds": kinds,
        "worst": _worst(scores, reference),
        "unread": unread,
        "rolls": [round(float(roll), 2) for roll in rolls],
        "strings": score_strings(texts, reference.proportions),
        "data": {"name": arrays.name, "sha256": sha256_of(arrays)},
        "software": software(("accessify", "numpy")),
    }


def _readable(reference: ReferenceSet) -> tuple[ReferenceSet, list[str]]:
    """The signs whose text is HamNoSys, and why each of the others is none."""
    kept, unread = [], []
    for sign in reference.signs:
        try:
            parse(sign.tags)
            kept.append(sign)
        except FormatError as error:
            unread.append(f"{sign.gloss}: {error.message}")
    if not kept:
        raise FormatError("no sign of the table is HamNoSys; give names of its symbols in the column `tags`")
    return replace(reference, signs=tuple(kept)), unread


def score_strings(texts: Sequence[str], person: Proportions) -> dict[str, Any]:
    """How many texts are parsed and synthesised, and what of them is not done, in how many."""
    rates = parse_rates(texts)
    done, failed = 0, list[str]()
    undone: Counter[str] = Counter()
    for text in texts:
        try:
            tree = parse(text)
        except FormatError:
            continue
        try:
            notes = synthesize(tree, person).notes
        except (ValueError, ArithmeticError, LookupError, TypeError) as error:
            failed.append(f"{text}: {error!r}")
            continue
        done += 1
        undone.update({_reason(note.text) for note in notes if note.kind == "not done"})
        undone.update({_LIMITS[note.kind] for note in notes if note.kind in _LIMITS})
    return {
        "texts": rates.texts,
        "whole": rates.whole_share,
        "clean": rates.clean_share,
        "synthesised": done,
        "failed": failed,
        "not_done": dict(undone.most_common()),
    }


def read_strings(path: Path) -> list[str]:
    """Signs of a file: the column `hamnosys` of a .csv, that entry of a .json's rows, or each line of a text.

    Raises `FormatError` where there are none.
    """
    try:
        text = path.read_text("utf-8")
        if path.suffix == ".json":
            rows = [row.get("hamnosys") for row in json.loads(text) if isinstance(row, dict)]
            found = [row[0] if isinstance(row, list) and row else row for row in rows]
        elif path.suffix == ".csv":
            found = [row.get("hamnosys") for row in csv.DictReader(text.splitlines())]
        else:
            found = list(text.splitlines())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, TypeError) as error:
        raise FormatError(f"{path}: not a file of signs ({error}); give .csv, .json or lines") from None
    texts = [one for one in found if isinstance(one, str) and one.strip()]
    if not texts:
        raise FormatError(f"{path}: no sign in it; give a column `hamnosys`, or one sign in each line")
    return texts


def _rolls(made: Sequence[Postures], reference: ReferenceSet) -> NDArray[np.float64]:
    """Degrees [2], left and right: the usual turn of the reference's palms about the finger directions."""
    rolls = []
    for side in (0, 1):
        turns = [
            roll_between(
                sign.directions[[sign.first], side], mine.normals[:1, side], sign.normals[[sign.first], side]
            )
            for sign, mine in zip(reference.signs, made, strict=True)
            if side == 1 or sign.two_handed
        ]
        rolls.append(float(np.median(np.concatenate(turns))) if turns else 0.0)
    return np.array(rolls)


def _figures(scores: Sequence[SignScore]) -> dict[str, float]:
    """Means, and medians of positions."""
    figures: dict[str, float] = {}
    for stage in ("first", "path", "movement"):
        errors = [getattr(score, stage) for score in scores]
        far = np.array([error.position for error in errors])
        prefix = "" if stage == "first" else f"{stage}_"
        figures[f"{stage}_mean"], figures[f"{stage}_median"] = float(far.mean()), float(np.median(far))
        for name in ("palm", "direction", "bend"):
            figures[f"{prefix}{name}_mean"] = float(np.mean([getattr(error, name) for error in errors]))
    longer = np.array([score.longer for score in scores])
    figures["same_length"] = float((np.abs(longer) <= 1).mean())
    return {name: round(value, 4) for name, value in figures.items()}


def _kinds(scores: Sequence[SignScore], kinds: Sequence[tuple[str, ...]]) -> dict[str, dict[str, float]]:
    """Kind → its number of signs and their means."""
    found = {}
    for kind in KINDS:
        chosen = [score for score, names in zip(scores, kinds, strict=True) if kind in names]
        if chosen:
            found[kind] = {"signs": len(chosen), **_figures(chosen)}
    return found


def _worst_kind(kinds: dict[str, dict[str, float]]) -> float:
    """The largest mean error of the path in a kind of at least `FEW` signs."""
    return max((row["path_mean"] for row in kinds.values() if row["signs"] >= FEW), default=0.0)


def _worst(scores: Sequence[SignScore], reference: ReferenceSet) -> list[dict[str, Any]]:
    """The signs whose paths are farthest from the reference."""
    order = sorted(range(len(scores)), key=lambda number: -scores[number].path.position)[:WORST]
    return [{**_rounded(scores[number]), "tags": reference.signs[number].tags} for number in order]


def _rounded(score: SignScore) -> dict[str, Any]:
    row = asdict(score)
    for stage in ("first", "path", "movement"):
        row[stage] = {name: round(value, 3) for name, value in row[stage].items()}
    return row


def _reason(text: str) -> str:
    return text.split(" (symbol", 1)[0]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the bench for people."""

    name: str
    title: str
    unit: str


FIGURES = (
    Figure("first_mean", "palm point in the first posture, mean", "shoulder widths"),
    Figure("first_median", "the same, median", "shoulder widths"),
    Figure("path_mean", "palm point on the whole path from rest, aligned, mean", "shoulder widths"),
    Figure("movement_mean", "the same from the first posture on, mean", "shoulder widths"),
    Figure("palm_mean", "palm in the first posture, mean", "degrees"),
    Figure("direction_mean", "finger direction in the first posture, mean", "degrees"),
    Figure("bend_mean", "finger joints in the first posture, mean", "degrees"),
    Figure("worst_kind", "worst kind of sign: whole path, mean", "shoulder widths"),
    Figure("same_length", "signs as long as the reference within one picture", "share"),
)
"""In the order of tables."""
