"""Landmark files of every kind we know, told apart by name and content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from accessify.core.errors import FormatError, OptionError, UnknownName
from accessify.core.holistic import exchanged
from accessify.core.pose import PoseClip
from accessify.core.timeline import Note, Rate
from accessify.delivery.arrays import read_arrays
from accessify.delivery.kaggle_parquet import read_parquet
from accessify.delivery.mediapipe_npy import holistic_clip, holistic_pictures, is_holistic, read_npy_folder
from accessify.delivery.openpose_json import read_openpose
from accessify.delivery.pose_file import read_pose, write_pose
from accessify.delivery.pose_npz import clip_of, write_npz
from accessify.delivery.pose_reader import Depth
from accessify.delivery.reading import reading

READABLE = (".pose", ".npz", ".parquet")
"""Endings of landmark files; folders of `.npy` or of OpenPose's JSON are read too."""
WRITABLE = (".pose", ".npz")
_SIGNATURES = {b"PK\x03\x04": ".npz", b"PAR1": ".parquet"}


def read_poses(  # noqa: PLR0913 - one for each thing that some file leaves open
    path: str | Path,
    *,
    size: tuple[int, int] | None = None,
    rate: Rate | None = None,
    mirrored: bool | None = None,
    person: int | None = None,
    z: Depth | None = None,
) -> PoseClip:
    """One person's clip from a landmark file or folder.

    Read are `.pose`, `.npz` of accessify and of MediaPipe Holistic results, a sequence folder of
    MediaPipe `.npy` frames, Kaggle's `.parquet`, and a folder of OpenPose's JSON. `size`, `rate` and
    `mirrored` tell about the pictures where the file does not, and go before what it says; accessify's
    own `.npz` says all of it. `person` chooses where a file holds several, `z` says what the depths of a
    `.pose` file are in (see `read_pose`). Raises `FormatError` for anything else or damaged, `OptionError`
    for an option that the file leaves no room for.
    """
    path = Path(path)
    kind = "" if path.is_dir() else _kind(path)
    if z and kind != ".pose":
        raise OptionError(f"{path}: what z is in is known of all but .pose files; leave it out")
    if not kind:
        return _read_folder(path, size=size, rate=rate, mirrored=mirrored, person=person)
    if kind == ".pose":
        clip = read_pose(path, person=person or 0, z=z, size=size, rate=rate)
        return replace(clip, mirrored=bool(mirrored))
    _only_person(path, person)
    if kind == ".parquet":
        return read_parquet(path, size=size, rate=rate, mirrored=mirrored)
    arrays = read_arrays(path)
    if is_holistic(arrays):
        return holistic_clip(arrays, holistic_pictures(arrays, size, rate, mirrored), str(path))
    if (size, rate, mirrored) != (None, None, None):
        raise OptionError(f"{path}: says its own size, rate and mirroring; leave those options out")
    return clip_of(arrays, str(path))


def write_poses(clip: PoseClip, path: str | Path) -> tuple[Note, ...]:
    """Write `.pose` or `.npz`, as the name says, and tell what the format cannot hold.

    Components that pose-format's tools stumble over (`core.holistic.ADDED`) are left out of `.pose`.
    """
    path = Path(path)
    if path.suffix.lower() == ".pose":
        return _write_exchanged(clip, path)
    if path.suffix.lower() == ".npz":
        write_npz(clip, path)
        return ()
    raise UnknownName("landmark format", path.suffix, WRITABLE)


def _write_exchanged(clip: PoseClip, path: Path) -> tuple[Note, ...]:
    held = exchanged(clip.skeleton)
    if held == clip.skeleton:
        return write_pose(clip, path)
    left = [part.name for part in clip.skeleton.components if part.name not in held]
    text = f"tools for the format do not know {', '.join(left)}: left out; .npz holds them"
    notes = write_pose(clip.only(part.name for part in held.components), path)
    return (Note(clip.span, "not-held", text), *notes)


def _kind(path: Path) -> str:
    """The ending that stands for the file's kind: of its name, or else by its content."""
    if path.suffix.lower() in READABLE:
        return path.suffix.lower()
    with reading(path), path.open("rb") as stream:
        head = stream.read(4)
    if head not in _SIGNATURES:
        raise FormatError(
            f"not a landmark file; give one of {', '.join(READABLE)}, or a folder of .npy or OpenPose frames",
            source=str(path),
        )
    return _SIGNATURES[head]


def _read_folder(
    folder: Path,
    *,
    size: tuple[int, int] | None,
    rate: Rate | None,
    mirrored: bool | None,
    person: int | None,
) -> PoseClip:
    with reading(folder):
        entries = list(folder.iterdir())
    if any(entry.name.endswith("_keypoints.json") for entry in entries):
        return read_openpose(folder, size=size, rate=rate, mirrored=mirrored, person=person)
    if any(entry.suffix == ".npy" for entry in entries):
        _only_person(folder, person)
        return read_npy_folder(folder, size=size, rate=rate, mirrored=mirrored)
    what = (
        "only folders; give one sequence of them" if any(entry.is_dir() for entry in entries) else "no frames"
    )
    raise FormatError(
        f"holds {what}: a folder of <frame>.npy or <film>_<frame>_keypoints.json is read", source=str(folder)
    )


def _only_person(path: Path, person: int | None) -> None:
    if person:
        raise OptionError(f"{path}: holds one person; leave the choice of person {person} out")
