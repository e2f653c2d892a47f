"""What the systems got right: their rows of the bench file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from accessify.core.timeline import to_seconds
from accessify.evaluation.invented import Invented, invented, per_minute
from accessify.evaluation.material import Material, Part
from accessify.evaluation.measuring import Heard
from accessify.evaluation.missed import missed_speech
from accessify.evaluation.play import NOISE, PACE, SPEECH, Played
from accessify.evaluation.recording import Recording
from accessify.evaluation.spoken import Spoken
from accessify.evaluation.wer import Errors, clip_errors, text_by_clip, total, word_errors
from accessify.evaluation.word_times import word_time_errors


@dataclass(frozen=True, slots=True)
class SpeechScore:
    """One system's text of all speech clips."""

    texts: tuple[str, ...]
    """What was recognised, clip by clip."""
    errors: tuple[Errors, ...]
    """Clip by clip, aligned as one text."""
    by_time: Errors
    """All clips, each aligned by itself."""

    @property
    def total(self) -> Errors:
        """Over all clips."""
        return total(self.errors)


def score_speech(part: Part, played: Played) -> SpeechScore:
    """Score the joined recording where the system was played it, else its clips by themselves."""
    if SPEECH in played.heard:
        texts = text_by_clip(played.heard[SPEECH].words, part.recording.regions)
    else:
        texts = tuple(_text(heard) for heard in played.clips(part, SPEECH))
    spoken = [clip.text for clip in part.recording.clips]
    by_time = total(word_errors(*pair) for pair in zip(spoken, texts, strict=True))
    return SpeechScore(texts, clip_errors(spoken, texts), by_time)


def system_row(
    material: Material, played: Played, score: SpeechScore | None, spoken: Sequence[Spoken]
) -> dict[str, Any]:
    """Everything the bench file says of one system."""
    row: dict[str, Any] = {}
    if material.speech and score:
        row |= _accuracy(material.speech.recording, score)
        if SPEECH in played.heard:
            row |= _times(played.heard[SPEECH], spoken)
        row |= _pace(material.speech, played)
    if material.noise:
        row |= _inventions(material.noise, played)
    return row


def counts(errors: Errors) -> dict[str, Any]:
    """Counts and rate for the bench file."""
    return {**asdict(errors), "wer": errors.rate}


def _accuracy(recording: Recording, score: SpeechScore) -> dict[str, Any]:
    corpora: dict[str, Errors] = {}
    for clip, errors in zip(recording.clips, score.errors, strict=True):
        corpora[clip.corpus] = corpora.get(clip.corpus, Errors()) + errors
    return {
        "wer": score.total.rate,
        "wer_by_time": score.by_time.rate,
        "errors": counts(score.total),
        "corpora": {corpus: counts(errors) for corpus, errors in corpora.items()},
    }


def _times(heard: Heard, spoken: Sequence[Spoken]) -> dict[str, Any]:
    missed = missed_speech(spoken, heard.words)
    times = word_time_errors(spoken, heard.words)
    return {
        "missed": missed.percent,
        "missed_words": len(missed.words),
        "word_times": asdict(times) if times else None,
    }


def _pace(part: Part, played: Played) -> dict[str, Any]:
    """Speed on the long recording, else summed over the clips by themselves."""
    sound = part.recording.audio.span.duration
    runs = [one[SPEECH] for one in (played.heard, *played.rounds) if SPEECH in one]
    walls, cpus = [run.wall_s for run in runs], [run.cpu_s for run in runs]
    if not runs:
        clips = played.clips(part, SPEECH)
        sound = sum(span.duration for span in part.recording.spans)
        walls, cpus = [sum(clip.wall_s for clip in clips)], [sum(clip.cpu_s for clip in clips)]
    length = to_seconds(sound)
    return {
        "sound_s": length,
        "wall_s": walls,
        "cpu_s": cpus,
        "speed": length / median(walls),
        "cpu_share": median(cpus) / length,
        "pace_wall_s": [one[PACE].wall_s for one in played.rounds],
        "pace_cpu_s": [one[PACE].cpu_s for one in played.rounds],
    }


def _inventions(part: Part, played: Played) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if NOISE in played.heard:
        whole = invented("joined", part.recording.audio.span.duration, played.heard[NOISE].words)
        row |= {"invented_joined": per_minute([whole]), "invented_joined_text": whole.text}
    if clips := played.clips(part, NOISE):
        recording = part.recording
        pieces = [
            invented(clip.name, span.duration, heard.words)
            for clip, span, heard in zip(recording.clips, recording.spans, clips, strict=True)
        ]
        row |= {"invented_clips": per_minute(pieces), "invented_clip_texts": _texts(pieces)}
    return row


def _texts(pieces: Sequence[Invented]) -> dict[str, str]:
    return {piece.name: piece.text for piece in pieces if piece.words}


def _text(heard: Heard) -> str:
    return " ".join(word.text for word in heard.words)


def film_rows(material: Material, played: Played) -> dict[str, dict[str, Any]]:
    """Film → its counts, each scored by itself."""
    return {
        film.name: counts(word_errors(film.text, _text(played.heard[f"film/{film.name}"])))
        for film in material.films
        if f"film/{film.name}" in played.heard
    }
