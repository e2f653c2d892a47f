"""When each word was said: forced alignment, and an honest estimate where it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from accessify.core.audio import Audio
from accessify.core.text import Timing, Word
from accessify.core.timeline import Span, millis
from accessify.speech.detect import Utterance
from accessify.speech.transcribe import Said

_TOLERANCE = millis(80)
"""How far the times of one word may differ when it is heard twice around a cut."""


_LONGEST = millis(2000)
"""Of a word, where the recogniser tells times itself."""
_UNWRITTEN = millis(3000)
"""Utterances end at shorter pauses: so long without a word, and something was left out."""


class Aligner(Protocol):
    """Finds where known words lie in their sound."""

    def align(self, audio: Audio, words: Sequence[str]) -> list[Span | None]:
        """The span of each word on the clock, None where it cannot be found."""
        ...


class Unaligned:
    """An `Aligner` that finds nothing: for recognisers that tell times themselves."""

    def align(self, audio: Audio, words: Sequence[str]) -> list[Span | None]:
        return [None for _ in words]


def align(aligner: Aligner, utterance: Utterance, said: Sequence[Said]) -> list[Word]:
    """The words of one utterance with their times, those outside its `keep` left to its neighbour.

    Times that the recogniser told itself, of all words, are taken as they are.

    A word that cannot be aligned shares the time between its neighbours in proportion to its
    letters and says so (`Timing.ESTIMATED`). Times never overlap and follow the words' order.
    """
    if not said:
        return []
    own = [word.span for word in said if word.span is not None]
    if len(own) == len(said):
        found: list[Span | None] = [_shortened(span, at == 0) for at, span in enumerate(own)]
    else:
        found = aligner.align(utterance.audio, [word.text for word in said])
    spans = _in_order(found, utterance.audio.span)
    filled = _estimate(spans, [len(word.text) for word in said], utterance.audio.span)
    words = [
        Word(span, word.text, word.confidence, Timing.ALIGNED if spans[at] else Timing.ESTIMATED)
        for at, (span, word) in enumerate(zip(filled, said, strict=True))
    ]
    sound, keep = utterance.audio.span, utterance.keep
    return [word for word in words if _belongs(word, keep, sound)]


def _shortened(span: Span, is_first: bool) -> Span:
    """A span that no word lasts, cut: attention gives silence, and what was not written, to a neighbour."""
    if span.duration <= _LONGEST:
        return span
    if is_first:
        return Span(span.end - _LONGEST, span.end)
    return Span(span.start, span.start + _LONGEST)


def unwritten(utterance: Utterance, words: Sequence[Word]) -> list[Span]:
    """Stretches of speech, three seconds and more, of which no word was written."""
    starts = [utterance.keep.start, *(word.span.end for word in words)]
    ends = [*(word.span.start for word in words), utterance.keep.end]
    pairs = zip(starts, ends, strict=True)
    return [Span(start, end) for start, end in pairs if end - start >= _UNWRITTEN]


def _belongs(word: Word, keep: Span, sound: Span) -> bool:
    """Whether the word's middle lies in `keep`; where nothing overlaps, `keep` does not limit.

    Around a cut a word may pass on both sides: `stitch` then keeps one.
    """
    middle = (word.span.start + word.span.end) // 2
    return (middle >= keep.start - _TOLERANCE or keep.start <= sound.start) and (
        middle < keep.end + _TOLERANCE or keep.end >= sound.end
    )


def stitch(words: list[Word], later: Sequence[Word]) -> None:
    """Append the words of the next utterance to `words`; one heard on both sides of a cut stays once.

    Of two readings that share more than half of the shorter one's time, the surer is kept.
    """
    for word in later:
        twin = _twin(words, word)
        if twin is None:
            start = max(word.span.start, words[-1].span.end) if words else word.span.start
            words.append(replace(word, span=Span(start, max(start, word.span.end))))
        elif (word.confidence or 0) > (words[twin].confidence or 0):
            words[twin] = replace(word, span=words[twin].span, timing=words[twin].timing)


def _twin(words: Sequence[Word], word: Word) -> int | None:
    """Where among the last of `words` another reading of `word` stands."""
    for at in reversed(range(len(words))):
        if words[at].span.end <= word.span.start:
            return None
        if _twice(words[at], word):
            return at
    return None


def _twice(first: Word, second: Word) -> bool:
    if second.span.start - first.span.start <= _TOLERANCE and first.text.casefold() == second.text.casefold():
        return True
    shared = first.span & second.span
    shorter = min(first.span.duration, second.span.duration)
    return shared is not None and 2 * shared.duration > shorter


def _in_order(found: Sequence[Span | None], within: Span) -> list[Span | None]:
    """The spans clipped to the sound; one that steps back behind its predecessor is not believed."""
    spans: list[Span | None] = []
    last = within.start
    for span in found:
        inside = span and span & within
        if inside and inside.start >= last:
            last = inside.end
            spans.append(inside)
        else:
            spans.append(None)
    return spans


def _estimate(spans: Sequence[Span | None], letters: Sequence[int], within: Span) -> list[Span]:
    """Each missing span filled from the room between the known ones."""
    filled: list[Span] = []
    at = 0
    while at < len(spans):
        known = spans[at]
        if known is not None:
            filled.append(known)
            at += 1
            continue
        stop = next((later for later in range(at, len(spans)) if spans[later]), len(spans))
        behind = spans[stop] if stop < len(spans) else None
        room = Span(filled[-1].end if filled else within.start, behind.start if behind else within.end)
        filled.extend(_share(room, letters[at:stop]))
        at = stop
    return filled


def _share(room: Span, letters: Sequence[int]) -> list[Span]:
    total, edge, spans = sum(letters), 0, []
    for count in letters:
        start = room.start + room.duration * edge // total
        edge += count
        spans.append(Span(start, room.start + room.duration * edge // total))
    return spans
