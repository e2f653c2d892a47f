"""Where speech is: utterances cut from a stream of sound, never inside a word if it can be helped.

An utterance ends in a pause. The pause it needs shrinks while the utterance grows, so that long
monologues still end in a breath. Speech without any breath is cut at its quietest moment with both
sides heard twice around the cut; `keep` says whose words count, so that no word is lost or split.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.timeline import Span, millis, samples, to_samples


class SpeechModel(Protocol):
    """Says how likely sound is speech; remembers what it heard before."""

    chunk: int
    """Samples at 16 kHz that one probability stands for."""

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities [n] of the next `samples` [n × chunk], 0 to 1."""
        ...

    def reset(self) -> None:
        """Forget what was heard."""
        ...


@dataclass(frozen=True, slots=True)
class DetectOptions:
    """How speech is told from silence; times in ticks."""

    on: float = 0.2
    """Probability at which speech begins. Low, so that whispers are heard; `transcribe` sorts out noise."""
    off: float = 0.1
    """Probability below which it pauses."""
    before: int = millis(288)
    """Sound kept ahead of the first speech, as far as it is not the previous utterance's."""
    after: int = millis(160)
    """Sound kept behind the last speech."""
    pause: int = millis(800)
    """A pause this long ends a short utterance."""
    short_pause: int = millis(160)
    """A pause this long ends an utterance that has grown `long`."""
    short: int = millis(8_000)
    """Up to this length `pause` holds; from here it shrinks."""
    long: int = millis(14_000)
    """From this length `short_pause` holds."""
    longest: int = millis(20_000)
    """Longer speech is cut at its quietest moment."""
    overlap: int = millis(960)
    """Sound heard on both sides of such a cut."""


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """A stretch of speech with the sound to recognise it by."""

    audio: Audio
    """The sound, with a little silence or overlap around the speech."""
    keep: Span
    """Words whose middle lies here belong to this utterance."""
    chance: float
    """Mean speech probability over its voiced part."""

    @property
    def span(self) -> Span:
        """The part of the clock it stands for."""
        return self.keep


class Detector:
    """Cuts utterances from sound pushed block by block (contiguous 16 kHz audio)."""

    def __init__(self, model: SpeechModel, options: DetectOptions = DetectOptions()) -> None:
        model.reset()
        self._model, self._options = model, options
        self._origin: int | None = None  # tick of the first sample pushed
        self._sound = np.zeros(0, np.float32)  # what may still be needed
        self._base = 0  # chunk number of self._sound[0]
        self._next = 0  # chunk number to judge next
        self._free = 0  # first chunk that no utterance has claimed
        self._begin: int | None = None  # first chunk of the open utterance's sound
        self._keep = 0  # first chunk of its keep
        self._voiced = 0  # its last chunk with speech
        self._chances: list[float] = []  # probabilities since `_begin`

    def push(self, audio: Audio) -> list[Utterance]:
        """Utterances that ended in `audio`."""
        if audio.rate != SPEECH_RATE:
            raise ValueError(f"speech is detected at {SPEECH_RATE} Hz, not {audio.rate} Hz")
        if self._origin is None:
            self._origin = audio.start
        self._sound = np.concatenate([self._sound, audio.samples])
        return self._judge()

    def finish(self) -> list[Utterance]:
        """Utterances still open at the end of the sound."""
        rest = -len(self._sound) % self._model.chunk
        self._sound = np.concatenate([self._sound, np.zeros(rest, np.float32)])
        found = self._judge()
        if self._begin is not None:
            end = min(self._next, self._voiced + 1 + self._chunks(self._options.after))
            found.append(self._emit(end, end))
        return found

    @property
    def quiet(self) -> int:
        """Ticks since the last speech of the open utterance; 0 where none is open."""
        if self._begin is None:
            return 0
        return samples((self._next - 1 - self._voiced) * self._model.chunk, SPEECH_RATE)

    @property
    def open_span(self) -> Span | None:
        """Where the sound of the open utterance lies so far; None where nobody speaks."""
        return None if self._begin is None else Span(self._tick(self._begin), self._tick(self._next))

    def open_utterance(self) -> Utterance | None:
        """The utterance that has not ended yet, as far as it was heard; None where nobody speaks."""
        if self._begin is None:
            return None
        chunk = self._model.chunk
        sound = self._sound[(self._begin - self._base) * chunk : (self._next - self._base) * chunk]
        audio = Audio(sound.copy(), SPEECH_RATE, self._tick(self._begin))
        return Utterance(audio, Span(self._tick(self._keep), self._tick(self._next)), self._chance())

    def _chance(self) -> float:
        """Mean probability of the open utterance's voiced part."""
        return float(np.mean([chance for chance in self._chances if chance >= self._options.off]))

    def _judge(self) -> list[Utterance]:
        chunk = self._model.chunk
        ready = len(self._sound) // chunk
        fresh = self._sound[(self._next - self._base) * chunk : ready * chunk]
        found: list[Utterance] = []
        if len(fresh):
            for chance in self._model.probabilities(fresh):
                utterance = self._step(float(chance))
                if utterance is not None:
                    found.append(utterance)
        self._forget()
        return found

    def _step(self, chance: float) -> Utterance | None:
        options, now = self._options, self._next
        self._next += 1
        if self._begin is None:
            if chance >= options.on:
                self._begin = self._keep = max(now - self._chunks(options.before), self._free)
                self._voiced = now
                self._chances = [0.0] * (now - self._begin) + [chance]
            return None
        self._chances.append(chance)
        if chance >= options.off:
            self._voiced = now
        length = now + 1 - self._begin
        if now - self._voiced >= self._patience(length):
            end = min(now + 1, self._voiced + 1 + self._chunks(options.after))
            return self._emit(end, end)
        if length >= self._chunks(options.longest):
            return self._cut()
        return None

    def _patience(self, length: int) -> int:
        """Chunks of silence that end an utterance of `length` chunks."""
        options = self._options
        short, long = self._chunks(options.short), self._chunks(options.long)
        grown = min(max((length - short) / (long - short), 0.0), 1.0)
        most, least = self._chunks(options.pause), self._chunks(options.short_pause)
        return round(most + grown * (least - most))

    def _cut(self) -> Utterance:
        """Close the open utterance at its least speech-like moment and open the next one there."""
        assert self._begin is not None  # noqa: S101 - for the type checker
        overlap = self._chunks(self._options.overlap)
        half = len(self._chances) // 2
        window = np.convolve(self._chances, np.full(3, 1 / 3), mode="same")[half:-overlap]
        place = self._begin + half + int(np.argmin(window))
        begin, chances = self._begin, self._chances
        utterance = self._emit(place, place + overlap)
        self._begin, self._keep = place - overlap, place
        self._chances = chances[self._begin - begin :]
        self._voiced = self._next - 1
        return utterance

    def _emit(self, keep_end: int, sound_end: int) -> Utterance:
        """Close the open utterance: its words count up to `keep_end`, its sound reaches `sound_end`."""
        assert self._begin is not None  # noqa: S101 - for the type checker
        chunk = self._model.chunk
        first, last = ((at - self._base) * chunk for at in (self._begin, sound_end))
        utterance = Utterance(
            Audio(self._sound[first:last].copy(), SPEECH_RATE, self._tick(self._begin)),
            Span(self._tick(self._keep), self._tick(keep_end)),
            self._chance(),
        )
        self._begin, self._free = None, keep_end
        return utterance

    def _forget(self) -> None:
        """Let go of sound that no coming utterance can need."""
        need = self._begin
        if need is None:
            need = max(self._free, self._next - self._chunks(self._options.before))
        drop = max(0, min(need, self._next) - self._base)
        self._sound = self._sound[drop * self._model.chunk :]
        self._base += drop

    def _chunks(self, ticks: int) -> int:
        return to_samples(ticks, SPEECH_RATE) // self._model.chunk

    def _tick(self, chunk: int) -> int:
        return (self._origin or 0) + samples(chunk * self._model.chunk, SPEECH_RATE)
