"""What was said: utterances through a recogniser, with guards against invented text.

Recognisers invent words from noise and run in circles on hard speech. Nothing they say is believed
blindly: a transcript that loops is heard again in two halves, and one that neither the speech
detector nor the recogniser is sure of is left out, with a `Note` that says where.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from accessify.core.audio import Audio
from accessify.core.timeline import Note, Span, millis, samples, to_samples
from accessify.speech.detect import Utterance
from accessify.speech.doubt import collapse_loop, evidence, loops

_CLEARLY_SPEECH = 0.5
"""Mean speech probability from which an utterance is speech whatever the recogniser makes of it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One token of a transcript."""

    raw: bytes
    """UTF-8, possibly a part of a character."""
    chance: float
    """The recogniser's probability of it, 0 to 1."""
    starts_word: bool
    """Whether a new word begins with it."""
    token: int | None = None
    """The recogniser's own number for it, by which it verifies a draft."""
    span: Span | None = None
    """When it was said, where the recogniser tells that."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word as it was understood, before its time is known."""

    text: str
    confidence: float | None
    """Probability of all its tokens together, 0 to 1; None where the recogniser does not tell."""
    span: Span | None = None
    """When it was said, where the recogniser tells that."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser understood of one utterance."""

    pieces: tuple[Piece, ...]
    finished: bool = True
    """False where it had to be stopped because it went on for longer than anyone can speak."""
    language: str | None = None
    """BCP 47 tag of what was spoken, where the recogniser tells that."""
    tells_chances: bool = True
    """False where the chances of its pieces mean nothing, because the recogniser has none to tell."""

    @property
    def words(self) -> tuple[Said, ...]:
        """Its words; marks that stand alone join the word before, music signs are no words."""
        words: list[Said] = []
        for text, chance, span in self._grouped():
            if not any(character.isalnum() for character in text):
                if words and "♪" not in text:
                    words[-1] = replace(words[-1], text=words[-1].text + text)
            else:
                confidence = chance if self.tells_chances else None
                words.extend(Said(part, confidence, span) for part in text.split())
        return tuple(words)

    @property
    def certainty(self) -> float:
        """Mean log-probability of its tokens; 0 is certain, or not told."""
        if not self.tells_chances:
            return 0.0
        chances = [max(piece.chance, 1e-6) for piece in self.pieces]
        return sum(map(math.log, chances)) / len(chances) if chances else 0.0

    def _grouped(self) -> list[tuple[str, float, Span | None]]:
        groups: list[tuple[bytes, float, Span | None]] = []
        for piece in self.pieces:
            if piece.starts_word or not groups:
                groups.append((piece.raw, piece.chance, piece.span))
            else:
                raw, chance, span = groups[-1]
                both = span | piece.span if span and piece.span else None
                groups[-1] = (raw + piece.raw, chance * piece.chance, both)
        return [
            (raw.decode("utf-8", "replace").strip(), min(chance, 1.0), span) for raw, chance, span in groups
        ]


class Recognizer(Protocol):
    """Turns speech into text. A new engine is one file in `engines` and one row in its table."""

    languages: tuple[str, ...]
    """BCP 47 tags it understands."""

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        """One transcript for each utterance of 16 kHz sound, independent of its neighbours' order."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


@runtime_checkable
class Verifier(Recognizer, Protocol):
    """A `Recognizer` that hears an utterance anew more cheaply when it knows what it said before."""

    def verify(self, utterance: Audio, draft: Transcript) -> Transcript:
        """What `recognize` gives for `utterance`, but for words on which it is undecided, where `draft`
        is its transcript of the same utterance when that was shorter.
        """
        ...


@dataclass(frozen=True, slots=True)
class TranscribeOptions:
    """How utterances are fed to a recogniser and how far it is believed."""

    level: float = 0.08
    """Root mean square every utterance is brought to: whispers and shouts are heard alike."""
    most_gain: float = 20.0
    """Quiet sound is raised by at most this factor."""
    edge: int = millis(100)
    """Silence put on both sides of an utterance: words at its very edge are understood better (measured)."""
    batch: int = 16
    """Utterances recognised at once."""
    ratio: float = 1.5
    """The longest of a batch is at most this many times its shortest: padding costs time and words."""
    most: int = millis(40_000)
    """Sound in one batch, padding counted: what the decoder remembers of it bounds a worker's memory."""
    window: int = 64
    """Consecutive utterances that are sorted into batches together."""
    first: int | None = None
    """Utterances in the first window, where words are waited for; each next one has twice as many, up to
    `window`. None: all are alike."""
    evidence: float = 1.4
    """Less evidence than this that somebody spoke, and the words are left out (see `doubt`)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one utterance."""

    words: tuple[Said, ...] = ()
    notes: tuple[Note, ...] = ()
    language: str | None = None
    """BCP 47 tag of what was spoken, where the recogniser tells that."""


def plan_batches(lengths: Sequence[int], options: TranscribeOptions = TranscribeOptions()) -> list[list[int]]:
    """Indices of similar `lengths` (ticks) together; the same lengths always give the same batches."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda at: (lengths[at], at)):
        batch, length = batches[-1] if batches else [], lengths[index]
        if (
            batch
            and len(batch) < options.batch
            and length <= options.ratio * lengths[batch[0]]
            and length * (len(batch) + 1) <= options.most
        ):
            batch.append(index)
        else:
            batches.append([index])
    return batches


def transcribe(
    recognizer: Recognizer,
    utterances: Sequence[Utterance],
    options: TranscribeOptions = TranscribeOptions(),
) -> list[Heard]:
    """What was said in each of one batch of `utterances`."""
    sounds = [prepare(utterance.audio, options) for utterance in utterances]
    transcripts = recognizer.recognize(sounds)
    return [
        _believe(recognizer, utterance, sound, transcript, options)
        for utterance, sound, transcript in zip(utterances, sounds, transcripts, strict=True)
    ]


def prepare(audio: Audio, options: TranscribeOptions) -> Audio:
    """The sound as recognisers hear it best: at its level, with silent edges; what is said keeps its time."""
    power = float(np.sqrt(np.mean(np.square(audio.samples)))) if len(audio) else 0.0
    gain = np.float32(min(options.level / max(power, 1e-9), options.most_gain))
    edge = to_samples(options.edge, audio.rate)
    return Audio(np.pad(audio.samples * gain, edge), audio.rate, audio.start - samples(edge, audio.rate))


def _believe(
    recognizer: Recognizer,
    utterance: Utterance,
    sound: Audio,
    transcript: Transcript,
    options: TranscribeOptions,
) -> Heard:
    if loops(transcript.words, transcript.finished):
        looped, transcript = transcript.words, _hear_in_halves(recognizer, sound)
        if loops(transcript.words, transcript.finished):
            kept = collapse_loop(looped) if utterance.chance >= _CLEARLY_SPEECH else ()
            text = "the recogniser went in circles here; listen and complete the words"
            return Heard(kept, (Note(utterance.span, "repetition", text),))
    words = transcript.words
    if not words:
        sure = utterance.chance >= _CLEARLY_SPEECH
        text = "somebody speaks here, but no word was understood; listen"
        return Heard((), (Note(utterance.span, "unheard", text),) if sure else ())
    notes: tuple[Note, ...] = ()
    if any("\ufffd" in word.text for word in words):
        notes = (Note(utterance.span, "unheard", "a part of this could not be written (�); listen"),)
    proof = evidence(utterance.chance, transcript.certainty, words, utterance.span)
    if proof < options.evidence:
        said = " ".join(word.text for word in words)
        return Heard((), (Note(utterance.span, "unheard", f"maybe speech, too unsure to show: {said}"),))
    return Heard(words, notes, transcript.language)


def _hear_in_halves(recognizer: Recognizer, sound: Audio) -> Transcript:
    """Both halves heard by themselves, cut where it is quietest."""
    frame = sound.rate // 50
    power = np.square(sound.samples[: len(sound) // frame * frame]).reshape(-1, frame).mean(axis=1)
    third = len(power) // 3
    if third < 15:  # halves of well under half a second say nothing
        return Transcript((), finished=False)
    cut = (third + int(np.argmin(power[third : 2 * third]))) * frame
    middle = sound.start + samples(cut, sound.rate)
    halves = (
        Audio(sound.samples[:cut], sound.rate, sound.start),
        Audio(sound.samples[cut:], sound.rate, middle),
    )
    first, second = (recognizer.recognize([half])[0] for half in halves)
    finished = first.finished and second.finished
    told = first.tells_chances and second.tells_chances
    spoken = first if first.pieces else second
    return Transcript(first.pieces + second.pieces, finished, spoken.language, told)
