"""The figures of the captions bench: what each is called, how it is computed, what it has to reach.

A bench file carries these formulas beside its numbers, so that it explains itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Rows = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Head and rows of a table."""


@dataclass(frozen=True, slots=True)
class Target:
    """The value a figure has to reach."""

    limit: float
    at_most: bool = True
    """Whether smaller is better."""

    def reached(self, value: float) -> bool:
        """Whether `value` is good enough."""
        return value <= self.limit if self.at_most else value >= self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a bench."""

    name: str
    """Its key in the bench file."""
    title: str
    unit: str
    formula: str
    target: Target | None = None
    digits: int = 1
    """Digits shown behind the point."""

    def show(self, value: float) -> str:
        """The value with its unit."""
        return f"{value:.{self.digits}f} {self.unit}"

    def row(
        self, value: float, low_high: tuple[float, float] | None = None
    ) -> tuple[str, str, str, str, str]:
        """Cells of a table: title, value, 95 % interval, target, whether it is reached."""
        between = " to ".join(f"{edge:.{self.digits}f}" for edge in low_high or ())
        if self.target is None:
            return self.title, self.show(value), between, "", ""
        verdict = "reached" if self.target.reached(value) else "missed"
        return self.title, self.show(value), between, str(self.target), verdict


def measured_rows(
    figures: Iterable[Figure], values: Mapping[str, float]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows of a table: what was measured beside what it has to reach."""
    rows: list[tuple[str, ...]] = []
    for figure in figures:
        if figure.name in values:
            title, value, _, target, verdict = figure.row(values[figure.name])
            rows.append((title, value, target, verdict))
    return ("", "measured", "target", ""), rows


_WER = "(substitutions + deletions + insertions) / spoken words, Whisper's English normaliser"

CAPTIONS: tuple[Figure, ...] = (
    Figure("wer", "Word error rate, clips joined with pauses", "%", _WER),
    Figure(
        "wer_by_time",
        "  the same, each word scored in the clip its time falls in",
        "%",
        f"{_WER}; every clip aligned by itself with the words whose middle lies in it or in the half "
        "pauses around it, so that a misplaced word counts twice",
    ),
    Figure(
        "wer_bare",
        "  the bare model, each clip by itself",
        "%",
        f"{_WER}; moonshine-tiny-en without voice detection, guards or word times, stopped at 6.5 tokens "
        "a second",
    ),
    Figure(
        "wer_over_bare",
        "  accessify minus bare model",
        "points",
        "wer - wer_bare, same clips",
        Target(0.5),
        2,
    ),
    Figure("wer_film", "Word error rate on short film and video clips", "%", f"{_WER}; each film by itself"),
    Figure(
        "speed",
        "Speed, sound file to caption files, with word times",
        "× real time",
        "seconds of sound / wall seconds from the call to the last byte written, starting the workers and "
        "loading their networks included, Python already up; the whole long recording, "
        "which has no picture to find shot changes in; median over rounds",
        Target(100, at_most=False),
        0,
    ),
    Figure(
        "speed_over_moonshine_voice",
        "  compared with moonshine-voice (no word times)",
        "×",
        "median over rounds of wall seconds of moonshine-voice's transcribe_without_streaming (model "
        "loaded, sound in memory, speaker identification off) / wall seconds of accessify, the two "
        "alternating on the first 6 minutes of the recording",
        Target(3, at_most=False),
        2,
    ),
    Figure(
        "cpu_share",
        "  CPU seconds per second of sound",
        "s",
        "CPU seconds of the whole process tree / seconds of sound; median over rounds",
        digits=4,
    ),
    Figure(
        "invented_clips",
        "Invented words, each non-speech clip by itself",
        "a minute",
        "recognised words / minutes of non-speech",
        Target(0.5),
        2,
    ),
    Figure(
        "invented_joined",
        "Invented words, non-speech clips joined",
        "a minute",
        "recognised words / minutes of the joined recording",
        Target(0.5),
        2,
    ),
    Figure(
        "missed",
        "Speech missed",
        "%",
        "spoken words (fillers uh, um, hmm … not counted) that the alignment deletes and that stand in a "
        "run of at least 3 deleted words or have nothing recognised from 0.25 s before to 0.25 s after "
        "them / spoken words",
        Target(1.0),
        2,
    ),
    Figure(
        "word_start_median",
        "Word starts, median error",
        "ms",
        "|start - start in the forced alignment of the published text (PocketSphinx, default settings)| "
        "over words recognised as spoken; a reference by machine, not by people",
        digits=0,
    ),
    Figure("word_start_p95", "Word starts, 95 % are within", "ms", "95th percentile of the same", digits=0),
    Figure("word_end_median", "Word ends, median error", "ms", "the same for ends", digits=0),
    Figure("word_end_p95", "Word ends, 95 % are within", "ms", "95th percentile of the same", digits=0),
    Figure(
        "word_starts_close",
        "Word starts within 100 ms",
        "%",
        "share of the compared words whose start error is at most 100 ms",
    ),
    Figure(
        "findings_meetable",
        "Style-guide findings that timing and layout can avoid",
        "per 100 cues",
        "100 × findings of severity error / cues; without those on reading speed that no timing can repair",
        Target(0),
        2,
    ),
    Figure(
        "findings_too_fast",
        "Style-guide findings because speech is too fast",
        "per 100 cues",
        "100 × reading-speed findings that cannot be repaired without changing words / cues",
    ),
    Figure(
        "memory_10_min",
        "Peak memory, 10 minutes",
        "MB",
        "highest sampled sum of resident set sizes (1 MB = 10⁶ bytes) over the whole process tree, models "
        "and interpreter included",
        digits=0,
    ),
    Figure("memory_2_h", "Peak memory, 2 hours", "MB", "the same for 2 hours of sound", Target(900), 0),
    Figure(
        "memory_growth",
        "  2 hours compared with 10 minutes",
        "×",
        "memory_2_h / memory_10_min",
        Target(1.2),
        2,
    ),
)
