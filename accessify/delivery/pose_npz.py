"""Poses in our own `.npz`: everything a `PoseClip` holds, for numpy to read anywhere.

Arrays: `points` float32 [frames, points, 3], `confidence` float32 [frames, points], `times` int64
[frames] in ticks of 1/705600000 s, `rate` int64 [2] as a fraction, `drop`, `size` int64 [2] width and
height, `mirrored`, and where there are facial expression scores `expressions` float32 [frames, scores];
as texts `schema` (`accessify.poses 1`), `origin`, and as JSON `skeleton` and `notes`. Missing points
are NaN with confidence 0. Nothing is pickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.core.placing import placed
from accessify.core.pose import Component, PoseClip, Skeleton
from accessify.core.timeline import Note, Rate, Span
from accessify.delivery.arrays import read_arrays

SCHEMA = "accessify.poses 1"


def write_npz(clip: PoseClip, path: str | Path) -> None:
    """Write all of a clip."""
    notes = [[note.span.start, note.span.end, note.kind, note.text] for note in clip.notes]
    arrays: dict[str, Any] = {
        "schema": SCHEMA,
        "origin": f"machine-made landmarks; file written by accessify {version('accessify')}",
        "skeleton": json.dumps(asdict(clip.skeleton), ensure_ascii=False),
        "points": clip.points,
        "confidence": clip.confidence,
        "times": clip.times,
        "rate": np.array(clip.rate.fps.as_integer_ratio(), np.int64),
        "drop": clip.rate.drop,
        "size": np.array(clip.size, np.int64),
        "mirrored": clip.mirrored,
        "notes": json.dumps(notes, ensure_ascii=False),
    }
    if clip.expressions is not None:
        arrays["expressions"] = clip.expressions
    with placed(Path(path)) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)


def read_npz(path: str | Path) -> PoseClip:
    """What `write_npz` wrote; raises `FormatError` for a damaged file or another kind of `.npz`."""
    return clip_of(read_arrays(Path(path)), str(path))


def clip_of(arrays: Mapping[str, NDArray[Any]], source: str) -> PoseClip:
    """The clip in the arrays of a file called `source`; raises as `read_npz` does."""
    try:
        schema = str(arrays["schema"])
    except KeyError:
        raise FormatError(
            "not a .npz of poses; those that accessify wrote and MediaPipe Holistic results are read",
            source=source,
        ) from None
    if schema != SCHEMA:
        raise FormatError(
            f"written as {schema!r}, and this accessify reads {SCHEMA!r}; install a newer one", source=source
        )
    try:
        return _clip(arrays)
    except KeyError as error:
        raise FormatError(f"it has no {error}; get a whole copy", source=source) from None
    except (ValueError, TypeError, IndexError, RecursionError, ZeroDivisionError) as error:
        raise FormatError(f"damaged ({error}); get a whole copy", source=source) from None


def _clip(arrays: Mapping[str, NDArray[Any]]) -> PoseClip:
    top, bottom = arrays["rate"].tolist()
    width, height = arrays["size"].tolist()
    skeleton = _skeleton(json.loads(str(arrays["skeleton"])))
    notes = tuple(
        Note(Span(int(start), int(end)), str(kind), str(text))
        for start, end, kind, text in json.loads(str(arrays["notes"]))
    )
    return PoseClip(
        skeleton,
        arrays["points"],
        arrays["confidence"],
        arrays["times"],
        Rate(Fraction(int(top), int(bottom)), bool(arrays["drop"])),
        (int(width), int(height)),
        bool(arrays["mirrored"]),
        arrays.get("expressions"),
        notes,
    )


def _skeleton(data: Mapping[str, Any]) -> Skeleton:
    components = []
    for part in data["components"]:
        points = tuple(map(str, part["points"]))
        limbs = tuple((int(start), int(end)) for start, end in part["limbs"])
        if limbs and not 0 <= min(map(min, limbs)) <= max(map(max, limbs)) < len(points):
            raise ValueError("its limbs join points that do not exist")
        colors = tuple((int(red), int(green), int(blue)) for red, green, blue in part["colors"])
        components.append(Component(str(part["name"]), points, limbs, colors))
    return Skeleton(tuple(components), tuple(map(str, data["expressions"])))
