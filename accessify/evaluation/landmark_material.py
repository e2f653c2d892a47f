"""Clips as both systems get them: the same decoded pictures in a file that every process maps."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from accessify.core.errors import NotMedia, OptionError
from accessify.core.placing import placed
from accessify.core.timeline import Rate
from accessify.core.video import Frame
from accessify.evaluation.landmark_tracks import Tracks, first_tracks, read_tracks
from accessify.hub.cache import sha256_of
from accessify.media.frames import open_frames

QUICK = 40
"""Pictures of each clip that a quick run takes."""
LONGEST = 500_000_000
"""Bytes of pictures that are taken of a clip, from its beginning."""
REFERENCE = ".holistic.npz"
"""What the name of a reference ends in that lies beside its video, instead of the video's suffix."""


@dataclass(frozen=True, slots=True)
class Film:
    """A video and the landmarks that it is compared with, if there are any."""

    video: Path
    reference: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A video, decoded."""

    film: Film
    name: str
    """The file's name without suffix; unlike that of all other clips of the run."""
    frames: Path
    """A `.npy` file, uint8 [n, height, width, 3], RGB."""
    starts: tuple[int, ...]
    """Tick of each picture."""
    rate: Rate
    size: tuple[int, int]
    """Width and height in pixels."""
    reference: Tracks | None
    sha256: str
    """Of the video and its reference."""

    def __len__(self) -> int:
        return len(self.starts)


def pair_films(paths: Sequence[Path]) -> tuple[Film, ...]:
    """Videos, each with the `.npz` that follows it, or else the one beside it (`talk.holistic.npz`).

    Raises `OptionError` for a reference without a video, a file that is not there, and two videos of
    one name.
    """
    films: list[Film] = []
    for index, path in enumerate(paths):
        if not path.is_file():
            raise OptionError(f"{path}: no such file; give a video, perhaps followed by its reference.npz")
        if path.suffix.lower() != ".npz":
            beside = path.with_suffix(REFERENCE)
            films.append(Film(path, beside if beside.is_file() else None))
        elif not index or paths[index - 1].suffix.lower() == ".npz":
            raise OptionError(f"{path}: a reference belongs behind its video; give the video before it")
        else:
            films[-1] = Film(films[-1].video, path)
    if not films:
        raise OptionError("nothing to look at; give a video")
    names = [film.video.stem for film in films]
    for name in names:
        if names.count(name) > 1:
            raise OptionError(f"two videos are called {name}; rename one, the figures go by name")
    return tuple(films)


def load_clip(film: Film, folder: Path, *, quick: bool = False) -> Clip:
    """Decode `film`, or the beginning of a long one, into a file in `folder`.

    Raises as the reader does, and `FormatError` for a reference that does not fit.
    """
    pictures: list[Frame] = []
    total = 0
    with open_frames(film.video) as reader:
        for picture in reader:
            total += 1
            if len(pictures) < (QUICK if quick else max(1, LONGEST // picture.image.nbytes)):
                pictures.append(picture)
        rate = reader.rate
    if not pictures:
        raise NotMedia(film.video, "it has no picture")
    reference = read_tracks(film.reference, pictures[0].size, rate, total) if film.reference else None
    target = folder / f"{film.video.stem}.npy"
    with placed(target) as temporary:
        np.save(temporary, np.stack([picture.image for picture in pictures]))
    return Clip(
        film,
        film.video.stem,
        target,
        tuple(picture.start for picture in pictures),
        rate,
        pictures[0].size,
        first_tracks(reference, len(pictures)) if reference else None,
        _fingerprint(film),
    )


def clip_pictures(clip: Clip) -> list[Frame]:
    """The pictures of a clip, mapped from its file."""
    frames = np.load(clip.frames, mmap_mode="r")
    return [Frame(np.asarray(image), start) for image, start in zip(frames, clip.starts, strict=True)]


def _fingerprint(film: Film) -> str:
    total = hashlib.sha256()
    for path in (film.video, film.reference):
        total.update((sha256_of(path) if path else "none").encode())
    return total.hexdigest()
