"""From what the systems heard to the headline figures of the bench file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from accessify.captions.check import check
from accessify.captions.film import Film
from accessify.captions.rules import load_profile
from accessify.core.placing import placed
from accessify.delivery.files import read_captions
from accessify.engines.pronounce import phones_of
from accessify.evaluation.caption_quality import caption_quality
from accessify.evaluation.material import Material, Part
from accessify.evaluation.play import Played
from accessify.evaluation.score import SpeechScore, film_rows, score_speech, system_row
from accessify.evaluation.spoken import spoken_words
from accessify.evaluation.systems import ACCESSIFY, BARE, MOONSHINE_VOICE
from accessify.evaluation.wer import Errors, difference_interval, interval, total

PROFILE = "netflix-en"
"""Style guide of the captions and of their check."""

Values = dict[str, Any]


def report(material: Material, played: Mapping[str, Played], work: Path) -> Values:
    """Figures, intervals and the rows behind them; `comparison.tsv` is left in `work`."""
    scores: dict[str, SpeechScore] = {}
    spoken = spoken_words(material.speech.recording, phones_of) if material.speech else ()
    if material.speech:
        scores = {name: score_speech(material.speech, one) for name, one in played.items()}
        _write_comparison(material.speech, scores, work / "comparison.tsv")
    rows = {name: system_row(material, one, scores.get(name), spoken) for name, one in played.items()}
    films = film_rows(material, played[ACCESSIFY])
    captions = _captions(work) if material.speech else None
    figures = _own_figures(rows[ACCESSIFY]) | _compared(scores, rows) | _quality(captions)
    if films:
        figures["wer_film"] = total(_errors(row) for row in films.values()).rate
    return {
        "figures": figures,
        "intervals": _intervals(scores),
        "systems": rows,
        "films": films,
        "captions": captions,
    }


def memory_figures(short: int, long: int) -> Values:
    """Peak bytes of 10 minutes and of 2 hours as figures."""
    return {"memory_10_min": short / 1e6, "memory_2_h": long / 1e6, "memory_growth": long / short}


def _own_figures(row: Values) -> Values:
    """What the row of accessify says about it."""
    names = ("wer", "wer_by_time", "speed", "cpu_share", "invented_clips", "invented_joined", "missed")
    figures = {name: row[name] for name in names if name in row}
    times = row.get("word_times")
    if times:
        for edge in ("start", "end"):
            figures[f"word_{edge}_median"] = times[edge]["median"]
            figures[f"word_{edge}_p95"] = times[edge]["p95"]
        figures["word_starts_close"] = times["start"]["within_100_ms"]
    return figures


def _compared(scores: Mapping[str, SpeechScore], rows: Mapping[str, Values]) -> Values:
    """What only makes sense beside another system."""
    figures: Values = {}
    if BARE in scores:
        figures["wer_bare"] = rows[BARE]["wer"]
        figures["wer_over_bare"] = rows[ACCESSIFY]["wer"] - rows[BARE]["wer"]
    if MOONSHINE_VOICE in rows and rows[ACCESSIFY].get("pace_wall_s"):
        pairs = zip(rows[ACCESSIFY]["pace_wall_s"], rows[MOONSHINE_VOICE]["pace_wall_s"], strict=True)
        figures["speed_over_moonshine_voice"] = median(theirs / ours for ours, theirs in pairs)
    return figures


def _intervals(scores: Mapping[str, SpeechScore]) -> dict[str, tuple[float, float]]:
    if ACCESSIFY not in scores:
        return {}
    ours = scores[ACCESSIFY].errors
    found = {"wer": interval(ours)}
    if BARE in scores:
        bare = scores[BARE].errors
        found |= {"wer_bare": interval(bare), "wer_over_bare": difference_interval(ours, bare)}
    return found


def _captions(work: Path) -> Values:
    """Findings of our own check on the captions of the long recording."""
    document = read_captions(work / "captions" / "speech.json")
    findings = check(document, load_profile(PROFILE), Film())  # composed at this rate, having no picture
    return {"profile": PROFILE, **asdict(caption_quality(len(document.cues), findings))}


def _quality(captions: Values | None) -> Values:
    if not captions or not captions["cues"]:
        return {}
    return {
        f"findings_{group}": 100 * sum(captions[group].values()) / captions["cues"]
        for group in ("meetable", "too_fast")
    }


def _errors(row: Values) -> Errors:
    return Errors(**{name: row[name] for name in ("spoken", "substitutions", "deletions", "insertions")})


def _write_comparison(part: Part, scores: Mapping[str, SpeechScore], target: Path) -> None:
    """One line a clip: what was said and what each system made of it, with its errors."""
    lines = ["\t".join(("clip", "said", *(f"{name} errors\t{name}" for name in scores)))]
    for number, clip in enumerate(part.recording.clips):
        heard = (f"{one.errors[number].total}\t{one.texts[number]}" for one in scores.values())
        lines.append("\t".join((clip.name, " ".join(clip.text.split()), *heard)))
    with placed(target) as temporary:
        temporary.write_text("\n".join(lines) + "\n", "utf-8")
