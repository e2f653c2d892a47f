"""Enrolled signs in films, cameras and landmark files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from accessify.core.errors import OptionError
from accessify.core.pose import PoseClip, Skeleton
from accessify.core.progress import OnProgress
from accessify.core.sign import Sign
from accessify.core.timeline import Track
from accessify.delivery.sign_book import read_book
from accessify.pipelines.signing import (
    SigningOptions,
    sign_encoder,
    signing,
    signing_live,
    unseen,
)
from accessify.signs.book import SignBook
from accessify.signs.confusion import Confusion, confusions
from accessify.signs.match import MatchOptions
from accessify.signs.spot import SignSpotter, SpotOptions
from accessify.signs.vocabulary import Vocabulary, vocabulary


@dataclass(frozen=True, slots=True)
class RecognizeOptions:
    """What signs are looked for, and how sure an answer must be."""

    book: str | Path | SignBook = "my.signs"
    """The sign book, or where it is."""
    false_signs: float = 0.1
    """Share of single clips of signs that nobody enrolled which may be taken for an enrolled sign; within
    running signing more is asked, in proportion. Smaller is stricter."""
    signing: SigningOptions = field(default_factory=SigningOptions)


def recognize(
    source: str | Path,
    options: RecognizeOptions = RecognizeOptions(),
    *,
    on_progress: OnProgress | None = None,
) -> Track[Sign]:
    """The signs in the film or landmark file at `source`, unknown ones among them, with notes.

    Raises `MediaError`, `FormatError`, `ModelError`, and `OptionError` for an empty book.
    """
    known = enrolled_signs(options)
    clip = signing(source, options.signing, on_progress=on_progress)
    notes = (*clip.notes, *unseen(clip, source))
    return signs_in(clip, known, options.signing).with_notes(notes)


def signs_in(clip: PoseClip, known: Vocabulary, options: SigningOptions) -> Track[Sign]:
    """The signs in points that were found before."""
    spotter = SignSpotter(clip.skeleton, known, SpotOptions(options.dominant, mirrored=clip.mirrored))
    found = [sign for index in range(len(clip)) for sign in spotter.push(clip[index])]
    return Track.of((*found, *spotter.finish()))


def watch_signs(source: str | Path, options: RecognizeOptions = RecognizeOptions()) -> Iterator[Sign]:
    """Each sign within about 0.4 s of film after its end, never changed later; meant for cameras.

    Ends when the source does, or with `close()`. Opens nothing before the first sign is asked for, and then
    raises as `recognize` does.
    """
    known = enrolled_signs(options)
    with signing_live(source, options.signing) as live:
        spotter = live_spotter(
            live.skeleton, known, options.signing, mirrored=live.mirrored_by(options.signing)
        )
        for pose in live.poses:
            yield from spotter.push(pose)
        yield from spotter.finish()


def live_spotter(
    skeleton: Skeleton, known: Vocabulary, options: SigningOptions, *, mirrored: bool
) -> SignSpotter:
    """What finds signs while they are filmed; `mirrored`: whether the pictures are a selfie's."""
    return SignSpotter(skeleton, known, SpotOptions(options.dominant, mirrored=mirrored, live=True))


def alike(book: SignBook) -> tuple[Confusion, ...]:
    """Pairs of signs in `book` that look alike, the likest first, with what tells them apart."""
    return confusions(book, vocabulary(book, *sign_encoder()))


def sign_book(path: str | Path) -> SignBook:
    """The book at `path`; raises `OptionError` where there is none, and as `read_book` does."""
    if not Path(path).exists():
        raise OptionError(
            f"{path}: there is no such sign book; enrol a sign into it: accessify signs enrol NAME CLIP"
        )
    return read_book(path)


def enrolled_signs(options: RecognizeOptions) -> Vocabulary:
    """What is looked for; raises `OptionError` for an empty book, and as `read_book` does."""
    book = options.book if isinstance(options.book, SignBook) else sign_book(options.book)
    if not len(book):
        where = "the book" if isinstance(options.book, SignBook) else options.book
        raise OptionError(f"{where}: no sign is enrolled in it; enrol one: accessify signs enrol NAME CLIP")
    encoder, cohort = sign_encoder()
    return vocabulary(book, encoder, cohort, MatchOptions(false_signs=options.false_signs))
