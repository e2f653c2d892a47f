"""Film to words: decode, detect, recognise, align, with a journal that survives a kill."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from accessify.core.progress import OnProgress, Progress
from accessify.core.text import Timing, Word
from accessify.core.timeline import Note, Span, Track, to_seconds
from accessify.delivery.journal import Journal, fingerprint
from accessify.engines.silero import Silero
from accessify.media.read import AudioReader, open_audio
from accessify.pipelines.choosing import Chosen
from accessify.pipelines.heard_language import Stretch, among
from accessify.pipelines.hearing import Batch, Ear, Result, open_workers, worker_count
from accessify.speech.align import stitch
from accessify.speech.detect import DetectOptions, Detector, Utterance
from accessify.speech.transcribe import TranscribeOptions, plan_batches

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listening:
    """What is heard, with what."""

    path: Path
    track: int | None
    """Number of the audio track, None for the film's default."""
    duration: int
    """Ticks of film to expect."""
    chosen: Chosen
    """The recogniser."""
    vad_files: Mapping[str, Path]
    """The speech detector's files."""
    detector: str
    """Digest of those files: another detector, another journal."""
    workers: int | None = None
    """Processes that recognise; None starts one for each core where it is worth it."""
    detect: DetectOptions = field(default_factory=DetectOptions)
    transcribe: TranscribeOptions = field(default_factory=TranscribeOptions)


@dataclass(frozen=True, slots=True)
class Listened:
    """What was heard."""

    words: Track[Word]
    """Every word, with notes of what was damaged or too unsure to show."""
    language: str | None = None
    """BCP 47 tag of what was spoken for the longest, where the recogniser tells that."""


OnWords = Callable[[Listened], None]
"""Gets the words heard since it was called last, in order, and the language of all so far."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One batch of a window of consecutive utterances."""

    name: str
    """What the journal calls it; the same name is the same sound."""
    places: tuple[int, ...]
    """Which utterances of the window are in it, in the batch's order."""
    size: int
    """How many utterances the window has."""
    end: int
    """Tick that stands for how far the film is heard with it."""


def listen(
    job: Listening,
    journal: Journal,
    on_progress: OnProgress | None = None,
    on_words: OnWords | None = None,
) -> Listened:
    """Every word spoken in the film, with notes of what was damaged or too unsure to show.

    `on_words` gets them window by window: `job.transcribe.first` says how soon. What `journal` holds
    already is not heard again: a killed run that is taken up gives the same words as one that was not.
    Raises `MediaError`, `ModelError` and `OutputError`.
    """
    chosen = job.chosen
    count = job.workers or (worker_count(to_seconds(job.duration)) if chosen.engine.side_by_side else 1)
    ear = Ear(chosen, job.transcribe)
    words: list[Word] = []
    notes: list[Note] = []
    stretches: list[Stretch] = []
    known = len(journal)
    with open_audio(job.path, job.track) as reader, open_workers(ear, count) as workers:
        open_window: dict[int, Result] = {}
        if not known:
            workers.start()
        for piece, results in workers.map(_pieces(_utterances(reader, job), job.transcribe, journal)):
            if piece.name not in journal:
                journal.write(piece.name, [_to_json(result) for result in results])
            open_window.update(zip(piece.places, results, strict=True))
            before = len(words)
            if len(open_window) == piece.size:
                for place in sorted(open_window):
                    stitch(words, open_window[place].words)
                    notes.extend(open_window[place].notes)
                    stretches += _stretch(open_window[place])
                open_window = {}
                if on_words and len(words) > before:
                    on_words(Listened(Track(tuple(words[before:])), among(stretches)[0]))
            if on_progress:
                heard = tuple(word.text for word in words[before:])
                length = to_seconds(job.duration) or None
                on_progress(Progress("transcribe", to_seconds(piece.end), length, heard=heard))
    if on_progress:
        on_progress(Progress("transcribe", to_seconds(job.duration), to_seconds(job.duration) or None))
    log.info("%s: %d batches heard, %d known from a run before", job.path, len(journal) - known, known)
    language, others = among(stretches)
    return Listened(Track.of(words, (*notes, *others, *reader.notes)), language)


def _stretch(result: Result) -> list[Stretch]:
    if result.language is None or not result.words:
        return []
    return [Stretch(Span(result.words[0].span.start, result.words[-1].span.end), result.language)]


def job_key(job: Listening) -> str:
    """Name of the job's journal: the same input, models and options give the same key."""
    facts = [
        fingerprint(job.path),
        job.track,
        job.chosen.engine.name,
        job.chosen.digest,
        job.detector,
        asdict(job.chosen.asked),
        asdict(job.detect),
        asdict(job.transcribe),
        version("accessify"),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def _utterances(reader: AudioReader, job: Listening) -> Iterator[Utterance]:
    detector = Detector(Silero(job.vad_files), job.detect)
    for block in reader:
        yield from detector.push(block)
    yield from detector.finish()


def _pieces(
    utterances: Iterable[Utterance], options: TranscribeOptions, journal: Journal
) -> Iterator[tuple[_Piece, Batch | list[Result]]]:
    """Batches of similar length within each window, or their results where the journal has them."""
    start = 0
    for number, window in enumerate(_windows(utterances, options)):
        end, count = window[-1].keep.end, 0
        for batch, places in enumerate(plan_batches([item.audio.span.duration for item in window], options)):
            heard = [window[place] for place in places]
            count += len(heard)
            reached = start + (end - start) * count // len(window)
            piece = _Piece(f"{number}.{batch}-{_digest(heard)}", tuple(places), len(window), reached)
            if piece.name in journal:
                yield piece, [_from_json(result) for result in journal[piece.name]]
            else:
                yield piece, heard
        start = end


def _digest(batch: Batch) -> str:
    """Of sound and places: another machine may cut the same film a little differently."""
    digest = hashlib.blake2b(digest_size=8)
    for utterance in batch:
        digest.update(repr((utterance.audio.span, utterance.keep)).encode())
        digest.update(utterance.audio.samples.tobytes())
    return digest.hexdigest()


def _windows(utterances: Iterable[Utterance], options: TranscribeOptions) -> Iterator[list[Utterance]]:
    window: list[Utterance] = []
    size = min(options.first or options.window, options.window)
    for utterance in utterances:
        window.append(utterance)
        if len(window) == size:
            yield window
            window, size = [], min(2 * size, options.window)
    if window:
        yield window


def _to_json(result: Result) -> list[Any]:
    words = [
        [word.span.start, word.span.end, word.text, word.confidence, word.timing] for word in result.words
    ]
    notes = [[note.span.start, note.span.end, note.kind, note.text] for note in result.notes]
    return [words, notes, result.language]


def _from_json(result: list[Any]) -> Result:
    words, notes, language = result
    return Result(
        tuple(
            Word(Span(start, end), text, confidence, Timing(timing))
            for start, end, text, confidence, timing in words
        ),
        tuple(Note(Span(start, end), kind, text) for start, end, kind, text in notes),
        language,
    )
