"""Which recognised word stands for which spoken word: the alignment that every scorer counts on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from accessify.core.errors import MissingExtra


@dataclass(frozen=True, slots=True)
class Pair:
    """One step of an alignment; a missing side is None."""

    reference: int | None
    """Index of the spoken word, None for a word that nobody said."""
    hypothesis: int | None
    """Index of the recognised word, None for a word that was lost."""
    equal: bool = False


def bench_package(name: str) -> Any:
    """Import a package of the `bench` extra; raises `MissingExtra` naming the pip line."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtra(name.partition(".")[0].replace("_", "-"), "bench") from error


def align(reference: Sequence[str], hypothesis: Sequence[str]) -> tuple[Pair, ...]:
    """Pairs of least edit distance (Levenshtein, all costs 1), by jiwer; tokens hold no white space."""
    if not reference or not hypothesis:
        return (
            *(Pair(index, None) for index in range(len(reference))),
            *(Pair(None, index) for index in range(len(hypothesis))),
        )
    jiwer = bench_package("jiwer")
    found = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
    return tuple(pair for chunk in found.alignments[0] for pair in _pairs(chunk))


def _pairs(chunk: Any) -> list[Pair]:
    spoken = range(chunk.ref_start_idx, chunk.ref_end_idx)
    heard = range(chunk.hyp_start_idx, chunk.hyp_end_idx)
    if chunk.type == "delete":
        return [Pair(index, None) for index in spoken]
    if chunk.type == "insert":
        return [Pair(None, index) for index in heard]
    return [Pair(one, other, chunk.type == "equal") for one, other in zip(spoken, heard, strict=True)]
