"""Words of a caption while people change its text: what stays keeps its time and confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise

from accessify.captions.retext import with_text
from accessify.core.text import Cue, Run, Timing, Word, is_unspaced, merge_runs
from accessify.core.timeline import Span


def retold(cue: Cue, text: str) -> Cue:
    """The cue with another text. Letters that stay keep their look, words that stay their time and
    confidence; a word that a person wrote has no confidence, and shares the time of those it replaces.
    """
    if text == cue.text:
        return cue
    return replace(with_text(cue, text), words=_matched(cue.words, text) if cue.words else ())


def parted(cue: Cue, at: int, time: int | None = None) -> tuple[Cue, Cue]:
    """The cue cut before character `at` of its text, at a tick: else between the words on both sides, else
    in proportion to the letters. Raises `ValueError` where one part would be empty.
    """
    first, second = cue.text[:at].rstrip(), cue.text[at:].lstrip()
    if not first or not second or not 0 < at < len(cue.text):
        raise ValueError("both parts of a caption need text")
    count = _words_before(cue, at)
    tick = time if time is not None else _moment(cue, at, count)
    if not cue.span.start < tick < cue.span.end:
        raise ValueError("a caption is cut between its start and its end")
    start = len(cue.text) - len(second)
    return (
        replace(
            cue,
            span=Span(cue.span.start, tick),
            text=first,
            runs=_runs(cue, 0, len(first)),
            words=cue.words[:count],
        ),
        replace(
            cue,
            span=Span(tick, cue.span.end),
            text=second,
            runs=_runs(cue, start, len(cue.text)),
            words=cue.words[count:],
            id=None,
        ),
    )


def merged(first: Cue, second: Cue) -> Cue:
    """Both as one caption, the lines of the second below those of the first."""
    gap = "\n" if first.text and second.text else ""
    runs = [*(first.runs or (Run(first.text),)), Run(gap), *(second.runs or (Run(second.text),))]
    return replace(
        first,
        span=first.span | second.span,
        text=first.text + gap + second.text,
        runs=merge_runs(runs),
        speaker=first.speaker if first.speaker == second.speaker else None,
        words=first.words + second.words,
    )


def _matched(words: Sequence[Word], text: str) -> tuple[Word, ...]:
    """The words of a new text: those of the old one where they stay."""
    fresh = tokens(text)
    old = [word.text for word in words]
    if any(map(is_unspaced, text)):  # a word may have several characters there, a token has one
        words, old = _by_character(words)
    found: list[Word] = []
    for kind, first, last, new_first, new_last in SequenceMatcher(
        None, old, fresh, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            found += words[first:last]
        elif new_last > new_first:
            found += _typed(words, (first, last), fresh[new_first:new_last])
    return tuple(found)


def tokens(text: str) -> list[str]:
    """What counts as a word: between white space, and each character in scripts without spaces."""
    spaced = "".join(f" {letter} " if is_unspaced(letter) else letter for letter in text)
    return spaced.split()


def _by_character(words: Sequence[Word]) -> tuple[list[Word], list[str]]:
    parts: list[Word] = []
    for word in words:
        pieces = tokens(word.text)
        parts += (
            replace(word, span=span, text=piece)
            for span, piece in zip(_shared(word.span, len(pieces)), pieces, strict=True)
        )
    return parts, [part.text for part in parts]


def _typed(words: Sequence[Word], place: tuple[int, int], texts: Sequence[str]) -> list[Word]:
    """Words that a person wrote in the place of `words[first:last]`."""
    first, last = place
    start = words[first].span.start if first < len(words) else words[-1].span.end
    if first == last:  # between two words
        start = words[first - 1].span.end if first else start
        end = words[first].span.start if first < len(words) else start
    else:
        end = words[last - 1].span.end
    spans = _shared(Span(start, max(start, end)), len(texts))
    return [Word(span, text, None, Timing.ESTIMATED) for span, text in zip(spans, texts, strict=True)]


def _shared(span: Span, count: int) -> list[Span]:
    edges = [span.start + span.duration * at // count for at in range(count + 1)]
    return [Span(start, end) for start, end in pairwise(edges)]


def _words_before(cue: Cue, at: int) -> int:
    """How many of the cue's words stand before a place in its text."""
    letters = len("".join(cue.text[:at].split()))
    count = read = 0
    for word in cue.words:
        read += len(word.text)
        if read > letters:
            break
        count += 1
    return count


def _moment(cue: Cue, at: int, count: int) -> int:
    """When to cut: in the middle between two words, where both are known."""
    if 0 < count < len(cue.words):
        middle = (cue.words[count - 1].span.end + cue.words[count].span.start) // 2
        if cue.span.start < middle < cue.span.end:
            return middle
    return cue.span.start + cue.span.duration * at // len(cue.text)


def _runs(cue: Cue, start: int, end: int) -> tuple[Run, ...]:
    """The styled stretches of a part of the text."""
    found, at = [], 0
    for run in cue.runs:
        text = run.text[max(0, start - at) : max(0, end - at)]
        found.append(replace(run, text=text))
        at += len(run.text)
    return merge_runs(found)
