"""How late live captions are, how much they change and what they get wrong: pure functions of what
stood on the screen and when.

A run is a list of `Shown`, one for every change of the screen. Times are seconds of the wall clock
since the first sample was on its way, so that a word which ends at second 3 of the sound is spoken at
second 3. Case and punctuation are ignored everywhere; a word in two (`well-known`) counts as two.

- committed: spoken end of a word → it stands in `committed`. Words that the alignment of all committed
  words with the reference takes as equal or substituted one for one, and whose spoken end was measured.
- shown: spoken end → from then on the word that is committed in the end stands at its place on the
  screen, committed or not, without interruption. The same words.
- seen: the same, wherever on the screen it stands: a word stays seen from one screen to the next where the
  least edit distance between the two keeps it, though words before it came or went.
- changed: words on the screen that the next screen has substituted or deleted (least edit distance),
  summed over all screens, for each word committed in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from accessify.core.timeline import to_seconds
from accessify.evaluation.matching import align
from accessify.evaluation.spoken import FILLERS, Spoken, plain_words
from accessify.evaluation.wer import Errors, clip_errors, total


@dataclass(frozen=True, slots=True)
class Shown:
    """The screen from a moment on."""

    wall: float
    """Seconds since sound began to come."""
    committed: tuple[str, ...]
    """All words committed so far."""
    tail: tuple[str, ...] = ()
    """The words behind them as they look now."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How late words came, in seconds."""

    p50: float
    p95: float
    mean: float
    words: int
    """How many were measured."""


@dataclass(frozen=True, slots=True)
class LiveScore:
    """What a run was worth."""

    committed: Delay | None
    """Spoken end → committed; None where no word could be measured."""
    shown: Delay | None
    """Spoken end → on the screen for good, at its place."""
    seen: Delay | None
    """Spoken end → on the screen for good, wherever."""
    changed: float
    """Displayed words that were changed later, for each word committed in the end."""
    recommitted: int
    """Committed words that were changed or taken back; has to be 0."""
    words: int
    """Words committed in the end."""
    errors: Errors
    """Of the committed text."""


def score(events: Sequence[Shown], spoken: Sequence[Spoken], texts: Sequence[str] = ()) -> LiveScore:
    """The score of one run; `texts`: what is said clip by clip, where it is known better than by words."""
    committed = events[-1].committed if events else ()
    delays = word_delays(events, spoken)
    words = len(plain(committed))
    return LiveScore(
        committed=summary([one.committed for one in delays]),
        shown=summary([one.shown for one in delays]),
        seen=summary([one.seen for one in delays]),
        changed=changed_words(events) / words if words else 0.0,
        recommitted=recommitted(events),
        words=words,
        errors=text_errors(committed, spoken, texts),
    )


@dataclass(frozen=True, slots=True)
class WordDelay:
    """How late one spoken word came, in seconds."""

    spoken: int
    """Its number among the spoken words."""
    committed: float
    shown: float
    seen: float


def word_delays(events: Sequence[Shown], spoken: Sequence[Spoken]) -> tuple[WordDelay, ...]:
    """The delays of all words that can be measured, in the order they were spoken."""
    if not events:
        return ()
    final = plain(events[-1].committed)
    committed, shown, seen = _committed_at(events), _shown_at(events, final), _seen_at(events)
    found: list[WordDelay] = []
    for pair in align([item.word for item in spoken], final):
        if pair.reference is None or pair.hypothesis is None or not spoken[pair.reference].measured:
            continue
        end = to_seconds(spoken[pair.reference].span.end)
        place = pair.hypothesis
        walls = committed[place], shown[place], seen[place]
        found.append(WordDelay(pair.reference, *(wall - end for wall in walls)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Step:
    """A screen as plain words, from the first that may differ from the screen before."""

    wall: float
    start: int
    """Place of the first of `words`."""
    words: tuple[str, ...]
    committed: int
    """How many words are committed, from the first of all."""


def _steps(events: Iterable[Shown]) -> Iterator[_Step]:
    counts = [0]  # plain words in the first n committed words
    before: tuple[str, ...] = ()
    for event in events:
        kept = _kept(before, event.committed)
        del counts[kept + 1 :]
        for word in event.committed[kept:]:
            counts.append(counts[-1] + len(plain([word])))
        words = plain((*event.committed[kept:], *event.tail))
        yield _Step(event.wall, counts[kept], words, counts[-1])
        before = event.committed


def _kept(before: tuple[str, ...], after: tuple[str, ...]) -> int:
    """How many words at the beginning are the same."""
    if after[: len(before)] == before:
        return len(before)
    same = (old == new for old, new in zip(before, after, strict=False))
    return next((place for place, kept in enumerate(same) if not kept), min(len(before), len(after)))


def _committed_at(events: Sequence[Shown]) -> list[float]:
    """For each word committed in the end, when the screen began to have that many for good."""
    walls: list[float] = []
    for step in _steps(events):
        del walls[step.committed :]
        walls += [step.wall] * (step.committed - len(walls))
    return walls


def _shown_at(events: Sequence[Shown], final: Sequence[str]) -> list[float]:
    """For each word of `final`, since when it has stood at its place without interruption."""
    since: list[float | None] = [None] * len(final)
    reach = 0  # behind the last place that has a time
    for step in _steps(events):
        end = min(step.start + len(step.words), len(final))
        for place in range(step.start, end):
            if step.words[place - step.start] != final[place]:
                since[place] = None
            elif since[place] is None:
                since[place] = step.wall
        since[end:reach] = [None] * max(0, reach - end)
        reach = end
    return [events[-1].wall if wall is None else wall for wall in since]


def _seen_at(events: Iterable[Shown]) -> list[float]:
    """For each word of the last screen, since when every screen has kept it."""
    words: list[str] = []
    since: list[float] = []
    for step in _steps(events):
        walls = [step.wall] * len(step.words)
        for pair in align(words[step.start :], step.words):
            if pair.equal and pair.reference is not None and pair.hypothesis is not None:
                walls[pair.hypothesis] = since[step.start + pair.reference]
        words[step.start :], since[step.start :] = step.words, walls
    return since


def changed_words(events: Iterable[Shown]) -> int:
    """Words on a screen that the next screen does not keep."""
    screen: list[str] = []
    changed = 0
    for step in _steps(events):
        changed += _lost(screen[step.start :], step.words)
        screen[step.start :] = step.words
    return changed


def _lost(before: Sequence[str], after: Sequence[str]) -> int:
    """Words of `before` that are substituted or deleted on the way to `after`."""
    first, most = 0, min(len(before), len(after))
    while first < most and before[first] == after[first]:
        first += 1
    if first == len(before):
        return 0
    pairs = align(before[first:], after[first:])
    return sum(pair.reference is not None and not pair.equal for pair in pairs)


def recommitted(events: Sequence[Shown]) -> int:
    """Committed words that a later screen has differently or not at all, letter by letter."""
    screens = [event.committed for event in events]
    return sum(len(before) - _kept(before, after) for before, after in pairwise(screens))


def text_errors(words: Iterable[str], spoken: Sequence[Spoken], texts: Sequence[str] = ()) -> Errors:
    """WER counts of `words` in order, whose times are not known, over all clips."""
    return total(errors_by_clip(words, spoken, texts))


def errors_by_clip(
    words: Iterable[str], spoken: Sequence[Spoken], texts: Sequence[str] = ()
) -> tuple[Errors, ...]:
    """WER counts of `words` in order, clip by clip.

    Each word belongs to the clip of the spoken word that it is aligned with, so that numbers are
    normalised clip by clip (`wer`).
    """
    clips = len(texts) or 1 + max((word.clip for word in spoken), default=-1)
    references = texts or [
        " ".join(word.word for word in spoken if word.clip == clip) for clip in range(clips)
    ]
    return clip_errors(references, _by_clip(list(words), spoken, clips))


def _by_clip(words: Sequence[str], spoken: Sequence[Spoken], clips: int) -> list[str]:
    """`words` as one text a clip."""
    parts = [(part, place) for place, word in enumerate(words) for part in plain([word])]
    clip_of = [0] * len(words)
    known = [False] * len(words)
    for pair in align([word.word for word in spoken], [part for part, _ in parts]):
        if pair.reference is not None and pair.hypothesis is not None:
            place = parts[pair.hypothesis][1]
            if not known[place]:
                clip_of[place], known[place] = spoken[pair.reference].clip, True
    texts: list[list[str]] = [[] for _ in range(max(clips, 1))]
    clip = 0
    for place, word in enumerate(words):
        clip = clip_of[place] if known[place] else clip  # an invented word stays with the one before
        texts[clip].append(word)
    return [" ".join(text) for text in texts[:clips]]


def plain(words: Iterable[str]) -> tuple[str, ...]:
    """`words` as they are compared, fillers left out."""
    return tuple(part for word in words for part in _parts(word))


@cache
def _parts(word: str) -> tuple[str, ...]:
    return tuple(part for part in plain_words(word) if part not in FILLERS)


def summary(delays: Sequence[float]) -> Delay | None:
    """Percentiles of `delays`; None where there are none."""
    if not delays:
        return None
    p50, p95 = np.percentile(delays, [50, 95])
    return Delay(float(p50), float(p95), float(np.mean(delays)), len(delays))
