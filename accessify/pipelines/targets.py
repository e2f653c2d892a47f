"""Where the results of a film go, and putting them there without losing what was there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from accessify.captions.doubt import unsure_remarks
from accessify.captions.formats import format_for
from accessify.core.errors import OptionError
from accessify.core.placing import placed, require_writable
from accessify.core.text import Document
from accessify.delivery.files import captions_bytes, write_captions
from accessify.media.mux import carrier_for, mux_captions

_SUFFIX = re.compile(r"\.[A-Za-z]\w{0,7}")
"""What may be the ending of a file; `v1.0` is a folder."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Files to write for one film."""

    captions: tuple[Path, ...] = ()
    film: Path | None = None
    """The film with the captions as a track."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Files that were written."""

    files: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    """Earlier caption files of other content, perhaps corrected by a person, under their new names."""


def plan_targets(
    film: Path, output: str | Path | None, formats: Sequence[str], *, mux: bool = False
) -> Targets:
    """Where each file goes, before any work is done.

    `output` is a folder, where files take the film's stem, or one file whose suffix gives the
    format; without it files land beside the film. Raises `UnknownName` and `OptionError`.
    """
    kinds = tuple(dict.fromkeys(format_for(name, writing=True) for name in formats))
    place = film.parent if output is None else Path(output)
    folder = place.parent if output is not None and _is_file(place) else place
    muxed = folder / f"{film.stem}.captioned{film.suffix}" if mux else None
    if folder != place:
        if kinds not in ((), (format_for(place, writing=True),)):
            raise OptionError(
                f"-o {place} names one {place.suffix} file; name a folder, or leave out --format"
            )
        return Targets((place,), muxed)
    if output is not None and not kinds:
        kinds = (format_for("srt"),)
    return Targets(tuple(folder / (film.stem + kind.suffixes[0]) for kind in kinds), muxed)


def _is_file(output: Path) -> bool:
    """Whether `-o` means one file: it ends as a file name does, and no folder of that name is there."""
    return bool(_SUFFIX.fullmatch(output.suffix)) and not output.is_dir()


def require_targets(film: Path, targets: Targets, *, picture: bool) -> None:
    """Raise `OptionError` or `OutputError` where one of `targets` could not be written in the end."""
    if targets.film:
        if not picture:
            raise OptionError(f"{film}: there is no picture to put captions into; leave out --mux")
        carrier_for(film)
    for target in (*targets.captions, *((targets.film,) if targets.film else ())):
        require_writable(target)


def deliver(document: Document, start: int, film: Path, targets: Targets, *, heard: bool = True) -> Delivered:
    """Write all `targets`; times in caption files count from `start`, those in the film from zero.

    A film without any caption is not written. Caption files of what was `heard` also tell their
    editor which words to listen to first, where the format has room.
    """
    shifted = document.shift(start)
    remarks = unsure_remarks(shifted.words) if heard else ()
    shifted = replace(shifted, comments=(*shifted.comments, *remarks))
    kept: list[Path] = []
    for target in targets.captions:
        if target.is_file() and target.read_bytes() != captions_bytes(shifted, target):
            kept.append(keep_earlier(target))
        write_captions(shifted, target)
    files = targets.captions
    if targets.film and document.cues:
        mux_captions(film, document.cues, targets.film, language=document.language, title=document.origin)
        files += (targets.film,)
    return Delivered(files, tuple(kept))


def keep_earlier(target: Path) -> Path:
    """A copy of what is at `target`, under a name that is free: `film.earlier.srt`, `film.earlier-2.srt`."""
    number = 1
    while True:
        mark = "earlier" if number == 1 else f"earlier-{number}"
        copy = target.with_name(f"{target.stem}.{mark}{target.suffix}")
        if not copy.exists():
            break
        number += 1
    with placed(copy) as temporary:
        shutil.copy2(target, temporary)
    return copy
