"""Words that may be spelled: they settle one doubtful letter of a word, and say so."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from accessify.core.sign import Letter
from accessify.core.timeline import Note, Track


def correct(letters: Track[Letter], lexicon: Collection[str], pause: int) -> Track[Letter]:
    """`letters` with an unknown one known where exactly one word of `lexicon` fits.

    Letters more than `pause` ticks apart belong to two words. The word must have each known letter in its
    place, only one letter may be unknown, and the word's must be among its candidates. A note of kind
    `lexicon` tells of each letter that was settled so. Letters are compared without regard to case.
    """
    known = {word.upper() for word in lexicon}
    events: list[Letter] = []
    notes: list[Note] = []
    for group in spelled_words(letters, pause):
        settled = _settle(group, known)
        events += settled[0]
        notes += settled[1]
    return Track.of(events, [*letters.notes, *notes])


def spelled_words(letters: Track[Letter], pause: int) -> Iterator[tuple[Letter, ...]]:
    """The letters of each word: those that are not more than `pause` ticks apart."""
    group: list[Letter] = []
    for letter in letters:
        if group and letter.span.start - group[-1].span.end > pause:
            yield tuple(group)
            group = []
        group.append(letter)
    if group:
        yield tuple(group)


def _settle(group: tuple[Letter, ...], words: set[str]) -> tuple[tuple[Letter, ...], list[Note]]:
    texts = [letter.text for letter in group]
    if texts.count(None) != 1 or len(group) < 2:
        return group, []
    at = texts.index(None)
    letter = group[at]
    fitting = {
        (word, candidate)
        for word in words
        for candidate in letter.candidates
        if "".join(candidate.name if text is None else text for text in texts).upper() == word
    }
    if len(fitting) != 1:
        return group, []
    word, candidate = fitting.pop()
    rest = tuple(other for other in letter.candidates if other is not candidate)
    sure = replace(letter, candidates=(candidate, *rest), known=True)
    note = Note(letter.span, "lexicon", f"unknown letter taken for {candidate.name}: the lexicon has {word}")
    return (*group[:at], sure, *group[at + 1 :]), [note]
