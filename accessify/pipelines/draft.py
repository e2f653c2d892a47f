"""Captions in the making: changed by people, checked by a style guide, repaired, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from accessify.captions.check import Splice, check, recheck
from accessify.captions.check_file import language_of
from accessify.captions.check_layout import rebreak
from accessify.captions.compose import compose
from accessify.captions.doubt import unsure_remarks
from accessify.captions.film import Film
from accessify.captions.findings import Finding
from accessify.captions.fix import fix, fix_cue
from accessify.captions.frames import rate_of_times
from accessify.captions.rules import Profile, profile_for
from accessify.core.errors import OptionError
from accessify.core.text import Cue, Document
from accessify.core.timeline import Span, Track
from accessify.delivery.files import read_captions, write_captions
from accessify.pipelines.caption import UNCHECKED, Captioned
from accessify.pipelines.cue_words import merged, parted, retold

_STEPS = 100
"""Drafts that can be taken back."""
_MUCH = 200
"""Changed captions from which checking all is no slower than checking around them."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a person does to captions: times in ticks, numbers of captions from 1."""


@dataclass(frozen=True, slots=True)
class Set(Change):
    """Another text or other times for one caption; None leaves them."""

    number: int
    text: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Insert(Change):
    """A new caption; its times say where."""

    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Delete(Change):
    """So many captions less, from one on."""

    number: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Split(Change):
    """One caption as two: before character `at` of its text, at a time, or None to go by the words."""

    number: int
    at: int
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Merge(Change):
    """A caption and the next as one."""

    number: int


@dataclass(frozen=True, slots=True)
class Draft:
    """Captions, what they are for, and what the style guide objects to."""

    document: Document
    film: Film | None
    """What is known of the film."""
    profile: Profile
    findings: tuple[Finding, ...] | None = None
    """None: not checked yet, see `checked`."""
    version: int = 1
    """Another number for each state that people have seen."""
    edited: bool = False
    """Whether a person changed something."""
    media: str | None = None
    """Where the film lies, in words of whoever keeps the draft."""


@dataclass(frozen=True, slots=True)
class History:
    """A draft with those before it and those that were taken back; each step has a version of its own."""

    now: Draft
    past: tuple[Draft, ...] = ()
    future: tuple[Draft, ...] = ()

    @property
    def version(self) -> int:
        """The newest."""
        return self.now.version

    def then(self, draft: Draft) -> History:
        """Go on with another draft."""
        draft = replace(draft, version=self.version + 1)
        return History(draft, (*self.past, self.now)[-_STEPS:])

    def undone(self) -> History:
        """The draft before; raises `IndexError` where there is none."""
        back = replace(self.past[-1], version=self.version + 1)
        return History(back, self.past[:-1], (self.now, *self.future))

    def redone(self) -> History:
        """The draft that was taken back; raises `IndexError` where there is none."""
        again = replace(self.future[0], version=self.version + 1)
        return History(again, (*self.past, self.now), self.future[1:])

    def with_findings(self, findings: Sequence[Finding]) -> History:
        """The same draft, checked."""
        return replace(self, now=replace(self.now, findings=tuple(findings)))


def draft_of(done: Captioned) -> Draft:
    """The draft that a film's captioning begins with."""
    return Draft(done.document, done.film, done.profile, done.findings)


def draft_from_file(
    path: Path, film: Film | None = None, language: str | None = None, profile: str | None = None
) -> Draft:
    """Captions that somebody has already, for a film where it is known.

    `language` counts where the file states none. Raises `FormatError` and `UnknownName`.
    """
    document = read_captions(path, film.rate if film else None)
    language = document.language or language or language_of(document)
    rate = None if film or document.rate else rate_of_times(document.cues)
    guide = profile_for(language or "en", profile)
    return Draft(replace(document, language=language), Film(rate) if rate else film, guide)


def checked(draft: Draft) -> Draft:
    """The draft with its findings."""
    if draft.findings is not None:
        return draft
    return replace(draft, findings=check(draft.document, draft.profile, draft.film))


def rechecked(draft: Draft, former: Draft) -> Draft:
    """The draft with its findings, by those of the draft it was made from: quicker, see `recheck`.

    As it is where they are not, where the style guide is another, or where nearly all is changed.
    """
    splice = splice_of(former, draft)
    alike = (draft.profile, draft.film) == (former.profile, former.film)
    if draft.findings is not None or former.findings is None or not alike or splice.added > _MUCH:
        return draft
    findings = recheck(draft.document, draft.profile, draft.film, former.findings, splice)
    return replace(draft, findings=findings)


def splice_of(former: Draft, draft: Draft) -> Splice:
    """Which captions differ between two drafts."""
    old, new = former.document.cues.events, draft.document.cues.events
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = range(1, shorter - first + 1)
    same = next((at - 1 for at in rest if old[-at] != new[-at]), len(rest))
    removed, added = old[first : len(old) - same], new[first : len(new) - same]
    until = max((cue.span.end for cue in (*removed, *added)), default=0)
    return Splice(first, len(removed), len(added), until)


def edited(draft: Draft, changes: Sequence[Change]) -> Draft:
    """The draft after `changes`, one after the other; each counts captions as the one before left them.

    Raises `OptionError` for a change that cannot be, and then nothing is changed.
    """
    cues = list(draft.document.cues)
    for change in changes:
        try:
            cues = sorted(_changed(cues, change, draft.profile), key=lambda cue: cue.span)
        except ValueError as error:
            raise OptionError(f"{error}; correct this and try again") from error
    return _with_cues(draft, cues, by_a_person=True)


def with_profile(draft: Draft, name: str, *, recompose: bool = False) -> Draft:
    """The draft under another style guide. `recompose` cuts captions anew from the words they show.

    Without it no caption changes. With it, words that a person corrected stay; captions that were cut, joined
    or moved by hand, and their styles, do not (`Draft.edited` says whether there may be any). Raises
    `UnknownName`, and `OptionError` where no words are known to compose from.
    """
    profile = profile_for(draft.document.language or "en", name)
    draft = replace(draft, profile=profile, findings=None)
    if not recompose:
        return draft
    words = [word for cue in draft.document.cues for word in cue.words]
    if not words:
        raise OptionError("no times of words are known here, so captions stay as they are cut")
    film = draft.film or Film(draft.document.rate or Film().rate)
    cues = compose(Track.of(words, draft.document.cues.notes), profile, film)
    return replace(draft, document=replace(draft.document, cues=cues))


def fixed(draft: Draft, number: int | None = None, rule: str | None = None) -> Draft:
    """The draft with all repaired that can be without changing a word: everywhere, or in one caption.

    Raises `OptionError` for a caption that is not there.
    """
    if number is None:
        document = fix(draft.document, draft.profile, draft.film)
    else:
        _require(draft.document.cues, number)
        document = fix_cue(draft.document, draft.profile, draft.film, number, rule)
    return replace(draft, document=document, findings=None)


def write_draft(draft: Draft, path: Path, format: str | None = None) -> None:
    """Write the captions as a file; where words are known, it says which of them to listen to first.

    Raises as `write_captions` does.
    """
    words = Track.of(word for cue in draft.document.cues for word in cue.words)
    comments = (*draft.document.comments, *unsure_remarks(words))
    write_captions(replace(draft.document, comments=comments), path, format)


def _with_cues(draft: Draft, cues: Sequence[Cue], *, by_a_person: bool) -> Draft:
    document = replace(draft.document, cues=Track.of(cues, draft.document.cues.notes))
    if by_a_person and document.origin:
        document = replace(document, origin=document.origin.replace(UNCHECKED, "edited by a person"))
    return replace(draft, document=document, findings=None, edited=draft.edited or by_a_person)


def _changed(cues: list[Cue], change: Change, profile: Profile) -> list[Cue]:
    """Raises `ValueError` and `OptionError`."""
    match change:
        case Insert(start, end, text):
            return [*cues, Cue(_span(start, end), text)]
        case Set(number) | Delete(number) | Split(number) | Merge(number):
            _require(cues, number)
    at = number - 1
    match change:
        case Set():
            return [*cues[:at], _set(cues[at], change), *cues[at + 1 :]]
        case Delete():
            return cues[:at] + cues[at + max(0, change.count) :]
        case Split():
            return [*cues[:at], *parted(cues[at], change.at, change.time), *cues[at + 1 :]]
        case _:
            _require(cues, number + 1)
            both = merged(cues[at], cues[at + 1])
            if len(both.lines) > profile.max_lines:
                both = rebreak(both, profile)
            return [*cues[:at], both, *cues[at + 2 :]]


def _set(cue: Cue, change: Set) -> Cue:
    start = cue.span.start if change.start is None else change.start
    end = cue.span.end if change.end is None else change.end
    text = cue.text if change.text is None else change.text
    return replace(retold(cue, text), span=_span(start, end))


def _span(start: int, end: int) -> Span:
    if start < 0:
        raise ValueError("a caption cannot begin before the film")
    if end <= start:
        raise ValueError("a caption must end after it begins")
    return Span(start, end)


def _require(cues: Sequence[Cue] | Track[Cue], number: int) -> None:
    if not 1 <= number <= len(cues):
        raise OptionError(f"there is no caption {number}; there are {len(cues)}")
