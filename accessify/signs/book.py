"""`SignBook`: the signs that were enrolled, each with the clips that show it.

A book belongs to whoever enrolled it and holds measures of people: each reference says where it came from
and what the person shown agreed to. A name or gloss stands for a sign; it is no translation.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import OptionError, UnknownName
from accessify.signs.clip import SignClip
from accessify.signs.labels import (
    LONGEST_NOTE,
    LONGEST_SOURCE,
    language_code,
    one_line,
    sign_name,
    source_name,
)

MOST_FRAMES = 10_000
"""Of one reference: 41 s at 240 frames a second, for one sign."""
_FASTEST, _FINEST = 10_000, 10**12
"""Pictures a second at most, and the largest denominator of such a rate."""
_LATEST = 1 << 62
"""Ticks from 0 that a time may be away; differences of such times fit 64 bits."""
_SHOWN = 8
"""Names that an error shows of a book with many."""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One clip that shows a sign, with where it came from. References of equal content are equal."""

    clip: SignClip
    """At least one frame, at least one of them with a hand."""
    source: str
    """Name of the film without its folders, by `labels.source_name`, or what else it was, e.g. `camera`."""
    enrolled: str
    """Date on which it was enrolled, e.g. `2026-05-31` (ISO 8601)."""
    fps: Fraction
    """Pictures a second of the source; the average where they vary."""
    consent: str = ""
    """What the person shown agreed to, in the words of who enrolled it; '' where nobody said."""
    mirrored: bool = False
    """Whether the picture was a selfie's, left for right. Which hand is dominant says `clip.mirrored`."""
    sha256: str | None = None
    """Of the source file, where there is one: 64 hexadecimal digits, small."""

    def __post_init__(self) -> None:
        if not self.source or self.source != source_name(self.source):
            raise OptionError(
                "the source of a clip must be a file's name without folders and control characters"
            )
        one_line("the source of a clip", self.source, LONGEST_SOURCE)
        one_line("the note of consent", self.consent, LONGEST_NOTE)
        if not _is_date(self.enrolled):
            raise OptionError(f"{self.enrolled!r} is no date; write it like 2026-05-31")
        if not 0 < self.fps <= _FASTEST or self.fps.denominator > _FINEST:
            raise OptionError(f"{self.fps} pictures a second cannot be; give the rate of the film")
        if self.sha256 is not None and not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise OptionError(f"a sha256 has 64 hexadecimal digits, small; not {self.sha256[:80]!r}")
        _check_clip(self.clip, self.source)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reference):
            return NotImplemented
        plain = [item.name for item in fields(self) if item.name != "clip"]
        return (
            all(getattr(self, name) == getattr(other, name) for name in plain)
            and self.clip.mirrored == other.clip.mirrored
            and np.array_equal(self.clip.times, other.clip.times)
            and _same_movement(self.clip, other.clip)
        )

    def __hash__(self) -> int:
        return hash((self.source, self.enrolled, self.sha256, len(self.clip)))

    def shows_the_same_as(self, other: Reference) -> bool:
        """Whether all measures are equal, or both are of one film at the same time."""
        if self.sha256 is not None and self.sha256 == other.sha256:
            return self.clip.span.overlaps(other.clip.span)
        return _same_movement(self.clip, other.clip)


@dataclass(frozen=True, slots=True)
class EnrolledSign:
    """A sign by name, and the clips that show it."""

    name: str
    """As `labels.sign_name` spells it; unlike every other name in the book."""
    references: tuple[Reference, ...]
    """At least one, in the order in which they were enrolled."""
    gloss: str = ""
    """Conventional notation, e.g. `HOUSE`; no translation."""
    language: str = ""
    """ISO 639-3, e.g. `ase`; '' where nobody said."""

    def __post_init__(self) -> None:
        if self.name != sign_name(self.name):
            raise OptionError(f"the name {self.name!r} must be spelled {sign_name(self.name)!r}")
        one_line("a gloss", self.gloss)
        language_code(self.language)
        if not self.references:
            raise OptionError(f"the sign {self.name!r} needs at least one clip that shows it")


@dataclass(frozen=True, slots=True)
class SignBook:
    """Enrolled signs in order of name; every operation gives a new book."""

    signs: tuple[EnrolledSign, ...] = ()
    """Sorted by name (code points), no name twice, no clip twice."""
    title: str = ""
    """What the book is about, e.g. `Signs of our school`."""

    def __post_init__(self) -> None:
        one_line("the title of a sign book", self.title)
        for before, after in pairwise(self.signs):
            if before.name == after.name:
                raise OptionError(f"two signs are called {after.name!r}; give one of them another name")
            if before.name > after.name:
                raise OptionError(
                    f"signs must be in order of name, not {after.name!r} behind {before.name!r}; "
                    "SignBook.of() sorts them"
                )
        _check_no_clip_twice(self.signs)

    @classmethod
    def of(cls, signs: Iterable[EnrolledSign], title: str = "") -> SignBook:
        """A book of `signs` in any order."""
        return cls(tuple(sorted(signs, key=lambda sign: sign.name)), title)

    def __len__(self) -> int:
        return len(self.signs)

    def __iter__(self) -> Iterator[EnrolledSign]:
        return iter(self.signs)

    def __contains__(self, name: str) -> bool:
        return self._get(sign_name(name)) is not None

    def find(self, name: str) -> EnrolledSign:
        """The sign called `name`; raises `UnknownName` with the likeliest others."""
        sign = self._get(sign_name(name))
        if sign is None:
            raise self._unknown(sign_name(name))
        return sign

    def with_reference(
        self, name: str, reference: Reference, *, gloss: str | None = None, language: str = ""
    ) -> SignBook:
        """The book with one clip more, of a sign that it holds or of a new one.

        A gloss replaces the one there is; None keeps it. Raises `OptionError` where the clip is in the book
        already, or where the sign belongs to another language than `language`.
        """
        name = sign_name(name)
        known = self._get(name)
        sign = EnrolledSign(name, (reference,), gloss or "", language)
        _check_no_clip_twice((*self.signs, sign))  # the new one last, so that the error tells of the old one
        if known is not None:
            told = known.gloss if gloss is None else gloss
            sign = EnrolledSign(name, (*known.references, reference), told, _common_language(known, language))
        return SignBook.of((*(other for other in self.signs if other is not known), sign), self.title)

    def without(self, name: str) -> SignBook:
        """The book without a sign and its clips; raises `UnknownName` as `find` does."""
        gone = self.find(name)
        return SignBook(tuple(sign for sign in self.signs if sign is not gone), self.title)

    def merge(self, other: SignBook) -> SignBook:
        """All signs and clips of both books; where both say something, title and glosses are this book's.

        A clip that both hold under one name stands once. Raises `OptionError` where they hold one clip under
        two names, or signs of two languages under one name.
        """
        signs = {sign.name: sign for sign in self.signs}
        for sign in other.signs:
            known = signs.get(sign.name)
            signs[sign.name] = sign if known is None else _joined(known, sign)
        return SignBook.of(signs.values(), self.title or other.title)

    @property
    def without_consent(self) -> tuple[tuple[str, str], ...]:
        """Name and source of each clip that nobody left a note of consent for: to be told."""
        return tuple(
            (sign.name, reference.source)
            for sign in self.signs
            for reference in sign.references
            if not reference.consent.strip()
        )

    def _get(self, name: str) -> EnrolledSign | None:
        place = bisect_left(self.signs, name, key=lambda sign: sign.name)
        found = self.signs[place : place + 1]
        return found[0] if found and found[0].name == name else None

    def _unknown(self, name: str) -> UnknownName:
        if not self.signs:
            return UnknownName("sign", name, (), "the book is empty, enrol a sign first")
        names = [sign.name for sign in self.signs]
        if len(names) <= _SHOWN:
            return UnknownName("sign", name, names)
        folded = {known.casefold(): known for known in names}
        close = get_close_matches(name.casefold(), folded, _SHOWN, cutoff=0)
        shown = [folded[match] for match in close]
        return UnknownName("sign", name, shown, f"and {len(names) - len(shown)} more that are less alike")


def _joined(known: EnrolledSign, other: EnrolledSign) -> EnrolledSign:
    """Two signs of one name as one, each clip once."""
    joined = list(known.references)
    for reference in other.references:
        places = [place for place, old in enumerate(joined) if old.shows_the_same_as(reference)]
        if not places:
            joined.append(reference)
        elif not joined[places[0]].consent:
            joined[places[0]] = replace(joined[places[0]], consent=reference.consent)
    language = _common_language(known, other.language)
    return EnrolledSign(known.name, tuple(joined), known.gloss or other.gloss, language)


def _check_clip(clip: SignClip, source: str) -> None:
    """Raise `OptionError` unless `clip` can be compared with others."""
    if not 0 < len(clip) <= MOST_FRAMES:
        raise OptionError(
            f"{source}: {len(clip)} frames are no single sign (1 to {MOST_FRAMES}); cut the film to one sign"
        )
    if not clip.seen.any():
        raise OptionError(
            f"{source}: no hand is seen in it; film the sign with hands and shoulders in the picture"
        )
    for name, axes in (("hands", (2, 3)), ("places", (2,)), ("body", (2,))):
        values: NDArray[np.float32] = getattr(clip, name)
        missing = np.isnan(values)
        if np.isinf(values).any() or (missing.any(axis=axes) != missing.all(axis=axes)).any():
            raise OptionError(
                f"{source}: its {name} hold infinite numbers or parts of points; enrol the film again"
            )
    # Not the first and the last: between times this far apart differences overflow and seem to rise.
    if max(-int(clip.times.min()), int(clip.times.max())) > _LATEST:
        raise OptionError(f"{source}: its times are centuries away; enrol the film again")


def _check_no_clip_twice(signs: Iterable[EnrolledSign]) -> None:
    """Raise `OptionError` where two references show the same."""
    known: dict[Hashable, list[tuple[str, Reference]]] = {}
    for sign in signs:
        for reference in sign.references:
            for look in _looks(reference):
                alike = known.setdefault(look, [])
                for name, other in alike:
                    if reference.shows_the_same_as(other):
                        raise _enrolled_twice(reference.source, name, sign.name)
                alike.append((sign.name, reference))


def _enrolled_twice(source: str, known: str, name: str) -> OptionError:
    if known == name:
        return OptionError(
            f"{source}: this clip is enrolled as {name!r} already; give another clip of the sign",
            reason="in-book",
            known=name,
        )
    return OptionError(
        f"{source}: this clip is enrolled as {known!r} already, and {name!r} could not be told from it; "
        f"give another clip, or remove {known!r} first",
        reason="in-book",
        known=known,
    )


def _looks(reference: Reference) -> Iterator[Hashable]:
    """Quick to compare; references that share none of them do not show the same."""
    clip = reference.clip
    middle = np.nan_to_num(clip.hands[len(clip) // 2])  # there is more than one NaN
    yield len(clip), middle.tobytes()
    if reference.sha256 is not None:
        yield reference.sha256


def _same_movement(one: SignClip, two: SignClip) -> bool:
    """Whether all measures are equal, whenever the clips begin."""
    return len(one) == len(two) and all(
        np.array_equal(getattr(one, name), getattr(two, name), equal_nan=True)
        for name in ("hands", "places", "body")
    )


def _common_language(sign: EnrolledSign, language: str) -> str:
    if sign.language and language and sign.language != language:
        raise OptionError(
            f"{sign.name!r} is enrolled as a sign of {sign.language}; "
            f"give the one of {language} another name, such as {sign.name}-{language}"
        )
    return sign.language or language


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
