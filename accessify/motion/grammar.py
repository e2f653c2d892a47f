"""Signals of the face that sentences ask for: questions, negation, ends, blinks.

What is signed word by word from text has no grammar of a sign language; these signals only keep what the
punctuation and the negating words of the text say, where viewers look for it first.

Sources: polar questions raise the brows and bring the head forward in nearly all sign languages studied,
content questions lower the brows in most (U. Zeshan, "Interrogative constructions in signed languages",
Language 80, 2004); headshakes negate, over the negated stretch (U. Zeshan, "Hand, head and face: negative
constructions in sign languages", Linguistic Typology 8, 2004); signers blink at the ends of phrases
(R. B. Wilbur, "Eyeblinks and ASL phrase structure", Sign Language Studies 84, 1994).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from accessify.core.gloss import Mood
from accessify.core.timeline import Span, seconds
from accessify.motion.face import Shape, Signal


def both(*pairs: tuple[str, float]) -> tuple[tuple[str, float], ...]:
    """Each expression on both sides."""
    return tuple((f"{name}{side}", amount) for name, amount in pairs for side in ("Left", "Right"))


QUESTION_POLAR = Shape(
    (("browInnerUp", 0.9), *both(("browOuterUp", 0.9), ("eyeWide", 0.5))), (-3, 0, 4), trunk=(4, 0, 0)
)
QUESTION_CONTENT = Shape(both(("browDown", 0.9), ("eyeSquint", 0.35)), (-5, 0, 5), trunk=(3, 0, 0))
NEGATION = Shape(both(("browDown", 0.45), ("mouthFrown", 0.45)), (2, 0, 0), swing=(0, 13, 0), beats=1.6)
EMPHASIS = Shape((("browInnerUp", 0.35), *both(("browOuterUp", 0.35), ("eyeWide", 0.3))), (2, 0, 0))
BLINK = Shape(both(("eyeBlink", 1.0)))
NOD = Shape((), (5, 0, 0))
ALIVE = Shape(swing=(0.6, 0.9, 0.5), beats=0.17)
"""A person never stands quite still."""
MOODS = {
    Mood.POLAR: QUESTION_POLAR,
    Mood.CONTENT: QUESTION_CONTENT,
    Mood.EXCLAMATION: EMPHASIS,
}
"""Mood → what the face does over the whole sentence."""

_BLINK_SPAN, _BLINK_ONSET = 0.05, 0.07
_BLINK_EVERY = (2.6, 5.2)
"""Seconds between two blinks: about as in rest, less than people blink who talk (A. R. Bentivoglio et al.,
"Analysis of blink rate patterns in normal subjects", Movement Disorders 12, 1997: 17 and 26 a minute)."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it was placed on the clock."""

    span: Span
    mood: Mood = Mood.STATEMENT
    negated: tuple[Span, ...] = ()
    """Stretches over which the head says no."""


def sentence_signals(sentences: Iterable[Sentence]) -> tuple[Signal, ...]:
    """What the face does over `sentences`."""
    found = []
    for sentence in sentences:
        if sentence.mood in MOODS:
            found.append(Signal(sentence.span, MOODS[sentence.mood], onset=0.22))
        found += [Signal(span, NEGATION, onset=0.2) for span in sentence.negated]
        if sentence.mood is Mood.STATEMENT and not sentence.negated:
            end = Span(max(sentence.span.start, sentence.span.end - seconds(0.15)), sentence.span.end)
            found.append(Signal(end, NOD, onset=0.2))
    return tuple(found)


def blinks(whole: Span, ends: Sequence[int]) -> tuple[Signal, ...]:
    """Blinks at the `ends` of sentences and, at uneven times, between; the same every time."""
    chance = np.random.default_rng(7)
    signals, last = [], whole.start
    for tick in (*sorted(end for end in ends if end in whole), whole.end):
        while tick - last > seconds(_BLINK_EVERY[1]):
            last += seconds(float(chance.uniform(*_BLINK_EVERY)))
            if last < tick:
                signals.append(_blink(last))
        if tick < whole.end and (not signals or tick - signals[-1].span.start > seconds(0.5)):
            signals.append(_blink(tick))
            last = tick
    return tuple(signals)


def _blink(tick: int) -> Signal:
    return Signal(Span(tick, tick + seconds(_BLINK_SPAN)), BLINK, onset=_BLINK_ONSET)
