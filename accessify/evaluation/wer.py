"""Word and character error rates.

Both texts pass Whisper's English normaliser (Radford et al., arXiv:2212.04356, appendix C), which
lower-cases, expands contractions, writes numbers as digits and drops the fillers hmm, mm, mhm, mmm,
uh and um. Before that, marks in brackets, `[laughter]`, `<unk>`, `{noise}`, are removed: they label
sounds, nobody speaks them. WER = (substitutions + deletions + insertions) / spoken words.

A long recording is normalised clip by clip (numbers never grow together across clips), then aligned
as one text, so that a word recognised a little too early or late is not counted twice. Substitutions
and deletions belong to the clip that holds the spoken word, insertions to the clip they fall in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from accessify.core.text import Word
from accessify.core.timeline import Span
from accessify.evaluation.matching import align, bench_package

_MARKS = re.compile(r"\[[^\]]*\]|<[^>]*>|\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Errors:
    """Counts of one text; they add up over texts."""

    spoken: int = 0
    """Words in the reference."""
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    def __add__(self, other: Errors) -> Errors:
        return Errors(
            self.spoken + other.spoken,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )

    @property
    def total(self) -> int:
        """All wrong words."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Errors per spoken word in percent; infinite where nothing was spoken but words came."""
        if not self.spoken:
            return float("inf") if self.total else 0.0
        return 100 * self.total / self.spoken


def total(errors: Iterable[Errors]) -> Errors:
    """The sum."""
    return sum(errors, Errors())


def without_marks(text: str) -> str:
    """`text` without what stands in [square], <angle> or {curly} brackets."""
    return _MARKS.sub(" ", text)


@cache
def _normalizer() -> Any:
    return bench_package("whisper_normalizer.english").EnglishTextNormalizer()


def normalize_english(text: str) -> tuple[str, ...]:
    """The words that count, as Whisper's normaliser writes them.

    >>> normalize_english("Well [laughter], it's TWENTY-ONE, uh, dogs.")
    ('well', 'it', 'is', '21', 'dogs')
    """
    return tuple(_normalizer()(without_marks(text)).split())


def normalize_chinese(text: str) -> tuple[str, ...]:
    """The characters that count: width-folded (NFKC), lower case, letters and digits only.

    >>> normalize_chinese("设定２９度，OK!")
    ('设', '定', '2', '9', '度', 'o', 'k')
    """
    folded = unicodedata.normalize("NFKC", without_marks(text)).casefold()
    return tuple(character for character in folded if unicodedata.category(character)[0] in "LN")


def word_errors(reference: str, hypothesis: str) -> Errors:
    """WER counts of English text."""
    return _count([normalize_english(reference)], [normalize_english(hypothesis)])[0]


def character_errors(reference: str, hypothesis: str) -> Errors:
    """CER counts of Chinese text: each character is a word."""
    return _count([normalize_chinese(reference)], [normalize_chinese(hypothesis)])[0]


def clip_errors(references: Sequence[str], hypotheses: Sequence[str]) -> tuple[Errors, ...]:
    """WER counts per clip, the texts of all clips aligned as one; one hypothesis a reference."""
    return _count([*map(normalize_english, references)], [*map(normalize_english, hypotheses)])


def _count(references: Sequence[Sequence[str]], hypotheses: Sequence[Sequence[str]]) -> tuple[Errors, ...]:
    spoken, spoken_clip = _flat(references)
    heard, heard_clip = _flat(hypotheses)
    counts = np.zeros((len(references), 3), int)
    for pair in align(spoken, heard):
        if pair.reference is None:
            assert pair.hypothesis is not None  # noqa: S101 - for the type checker
            counts[heard_clip[pair.hypothesis], 2] += 1
        elif pair.hypothesis is None:
            counts[spoken_clip[pair.reference], 1] += 1
        else:
            counts[spoken_clip[pair.reference], 0] += not pair.equal
    return tuple(Errors(len(words), *map(int, row)) for words, row in zip(references, counts, strict=True))


def _flat(texts: Sequence[Sequence[str]]) -> tuple[list[str], list[int]]:
    """All words of all texts, and which text each is from."""
    words = [word for text in texts for word in text]
    return words, [number for number, text in enumerate(texts) for _ in text]


def text_by_clip(words: Iterable[Word], regions: Sequence[Span]) -> tuple[str, ...]:
    """The recognised text of each region; a word belongs where its middle lies.

    `regions` cover the recording without gaps (`Recording.regions`); words outside go to the nearest.
    """
    starts = [region.start for region in regions]
    texts: list[list[str]] = [[] for _ in regions]
    for word in words:
        middle = (word.span.start + word.span.end) // 2
        texts[max(0, int(np.searchsorted(starts, middle, side="right")) - 1)].append(word.text)
    return tuple(map(" ".join, texts))


def interval(errors: Sequence[Errors], *, resamples: int = 2000, seed: int = 1) -> tuple[float, float]:
    """95 % confidence interval of the WER: percentile bootstrap over clips (Bisani & Ney 2004)."""
    return _bootstrap(np.array([[e.total, e.spoken] for e in errors]), resamples, seed)


def difference_interval(
    ours: Sequence[Errors], theirs: Sequence[Errors], *, resamples: int = 2000, seed: int = 1
) -> tuple[float, float]:
    """95 % interval of WER(ours) - WER(theirs) in points, both over the same resampled clips."""
    rows = [[a.total - b.total, a.spoken] for a, b in zip(ours, theirs, strict=True)]
    return _bootstrap(np.array(rows), resamples, seed)


def _bootstrap(rows: Any, resamples: int, seed: int) -> tuple[float, float]:
    """Percentiles 2.5 and 97.5 of 100 × Σ column 0 / Σ column 1 over resampled rows."""
    random = np.random.default_rng(seed)
    sums = rows[random.integers(0, len(rows), (resamples, len(rows)))].sum(axis=1)
    rates = 100 * sums[:, 0] / np.maximum(sums[:, 1], 1)
    low, high = np.percentile(rates, [2.5, 97.5])
    return float(low), float(high)
