"""Clips of a sign into a sign book: looked at, trimmed, compared with what is enrolled, kept."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from accessify.core.errors import OptionError
from accessify.core.pose import PoseClip
from accessify.core.progress import OnProgress
from accessify.core.timeline import Note, Span, to_seconds
from accessify.delivery.reading import reading
from accessify.delivery.sign_book import read_book, update_book
from accessify.pipelines.signing import SigningOptions, require_hands, sign_encoder, signing
from accessify.signs.book import Reference, SignBook
from accessify.signs.clip import DOMINANT
from accessify.signs.labels import sign_name, source_name
from accessify.signs.normalize import normalize
from accessify.signs.samples import sample
from accessify.signs.trim import SHORTEST, trim, within
from accessify.signs.vocabulary import vocabulary

log = logging.getLogger(__name__)

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class EnrolOptions:
    """What is kept of a sign, and where."""

    book: str | Path = "my.signs"
    """The sign book; made where there is none."""
    gloss: str | None = None
    """Conventional notation, e.g. `HOUSE`; None keeps the one there is."""
    language: str = ""
    """ISO 639-3 code of the sign language, e.g. `ase`."""
    consent: str = ""
    """What the person shown agreed to, in your words."""
    signing: SigningOptions = field(default_factory=SigningOptions)
    titles: tuple[str, ...] = ()
    """What the book calls the clips, one for each; their files' names where it is empty."""


@dataclass(frozen=True, slots=True)
class EnrolledClip:
    """One clip that was enrolled."""

    source: str
    """As it was given."""
    span: Span
    """Where in the clip the sign is."""
    reference: Reference
    notes: tuple[Note, ...] = ()
    """What may be wrong with it."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What became of the clips of a sign."""

    name: str
    """As the book spells it."""
    clips: tuple[EnrolledClip, ...]
    book: SignBook
    """As it is now."""


def enrol(
    name: str,
    clips: str | Path | Sequence[str | Path],
    options: EnrolOptions = EnrolOptions(),
    *,
    on_progress: OnProgress | None = None,
) -> Enrolment:
    """Enrol the sign shown in each of `clips`, films or landmark files, as `name`.

    All of them are enrolled or, where anything raises, none, and the book stays as it was. Notes tell of
    clips that are cut, of more than one sign in a clip, of clips of one name that show different signs, and
    of signs that look like this one. Raises `MediaError`, `FormatError`, `OptionError` (for a clip without a
    sign with a `reason`: nobody, no-hands, other-hand or too-short; for one that was given before:
    same-recording, or in-book with the sign that is `known`), `ModelError` and `OutputError`.
    """
    name = sign_name(name)
    sources = [clips] if isinstance(clips, str | Path) else list(clips)
    if not sources:
        raise OptionError(f"give at least one clip that shows {name!r}")
    titles = options.titles or tuple(map(str, sources))
    if len(titles) != len(sources):
        raise OptionError(f"{len(sources)} clips cannot have {len(titles)} titles; give one for each")
    digests = _recordings(sources)
    path = Path(options.book)
    book = read_book(path) if path.exists() else SignBook()
    found: list[EnrolledClip] = []
    for source, digest, title in zip(sources, digests, titles, strict=True):
        clip = _enrolled(source, (title, digest), options, on_progress)
        said = _compared(book, name, clip)
        book = _with(book, name, clip, options)
        found.append(replace(clip, notes=(*clip.notes, *said)))
        log.info("%s: enrolled as %s", source, name)

    def add(current: SignBook) -> SignBook:
        for clip in found:
            current = _with(current, name, clip, options)
        return current

    return Enrolment(name, tuple(found), update_book(path, add))


def _with(book: SignBook, name: str, clip: EnrolledClip, options: EnrolOptions) -> SignBook:
    return book.with_reference(name, clip.reference, gloss=options.gloss, language=options.language)


def _recordings(sources: Sequence[str | Path]) -> list[str | None]:
    """The sha256 of each file; None for a folder.

    Raises `OptionError` where two are one recording, before anything is looked for in them.
    """
    known: dict[str, str | Path] = {}
    digests = [_sha256(Path(source)) for source in sources]
    for source, digest in zip(sources, digests, strict=True):
        if digest is None:
            continue
        if digest in known:
            raise OptionError(
                f"{source}: the same recording as {known[digest]}; film the sign anew for each clip",
                reason="same-recording",
            )
        known[digest] = source
    return digests


def _enrolled(
    source: str | Path, about: tuple[str, str | None], options: EnrolOptions, on_progress: OnProgress | None
) -> EnrolledClip:
    """The sign in one clip, `about` its title and sha256; raises `OptionError` where there is none."""
    title, digest = about
    poses = signing(source, options.signing, on_progress=on_progress)
    require_hands(poses.skeleton, source)
    _require_signer(poses, source)
    whole = normalize(poses, options.signing.dominant)
    trimmed = trim(poses)
    clip = within(whole, trimmed.span)
    if not clip.seen[:, DOMINANT].any():
        side = "left" if whole.mirrored else "right"
        raise OptionError(
            f"{source}: the {side} hand should lead but is not seen while the sign is made; "
            "say which hand leads with --dominant, or film it again",
            reason="other-hand",
        )
    reference = Reference(
        clip,
        source_name(title),
        date.today().isoformat(),
        poses.rate.fps,
        options.consent,
        poses.mirrored,
        digest,
    )
    return EnrolledClip(str(source), trimmed.span, reference, (*poses.notes, *trimmed.notes))


def _require_signer(poses: PoseClip, source: str | Path) -> None:
    """Raise `OptionError` where `poses` cannot hold a sign."""
    if poses.span.duration < SHORTEST:
        raise OptionError(
            f"{source}: lasts {to_seconds(poses.span.duration):.2f} s, too short for a sign; "
            "give a clip that goes from rest to rest",
            reason="too-short",
        )
    if not poses.confidence.any():
        raise OptionError(
            f"{source}: nobody was seen; film the signer upright, with hands and shoulders in the picture",
            reason="nobody",
        )
    if not normalize(poses).seen.any():
        raise OptionError(
            f"{source}: no hand was seen; film the sign with both hands in the picture, in good light",
            reason="no-hands",
        )


def _compared(book: SignBook, name: str, clip: EnrolledClip) -> list[Note]:
    """Warnings that the clip shows another sign than those enrolled as `name`, or the same as another."""
    if not len(book):
        return []
    encoder, cohort = sign_encoder()
    known = vocabulary(book, encoder, cohort)
    distances = known.matcher.distances(encoder(sample(clip.reference.clip)))
    apart = {one.name: float(distance) for one, distance in zip(known.enrolled, distances, strict=True)}
    limit, own = known.matcher.threshold, apart.pop(name, None)
    nearest = min(apart, key=lambda other: apart[other], default=None)
    nearer = nearest is not None and (own is None or apart[nearest] < own)
    if own is not None and (own > limit or nearer):
        also = f" and nearer to {nearest!r} ({apart[nearest]:.2f})" if nearest and nearer else ""
        text = (
            f"looks like another sign than {name!r}: distance {own:.2f}, where clips of one sign are below "
            f"{limit:.2f},{also or ' and near to nothing else'}; if so, give it a name of its own"
        )
        return [Note(clip.span, "different", text)]
    if nearest and nearer and apart[nearest] <= known.threshold:
        text = (
            f"looks like {nearest!r} (distance {apart[nearest]:.2f}, below {limit:.2f}); "
            "accessify signs report tells what differs"
        )
        return [Note(clip.span, "alike", text)]
    return []


def _sha256(path: Path) -> str | None:
    """Of the file at `path`; None for a folder."""
    if not path.is_file():
        return None
    digest = hashlib.sha256()
    with reading(path), path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
