"""A performance into a file of any kind: a film, a moving figure for 3D tools, bones, landmarks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from accessify.core.errors import UnknownName
from accessify.core.placing import require_writable
from accessify.core.progress import OnProgress
from accessify.core.timeline import Note
from accessify.core.video import Cutout, Frame
from accessify.delivery.bvh import write_bvh
from accessify.delivery.gltf_write import write_figure
from accessify.delivery.poses import write_poses
from accessify.delivery.vrma import write_vrma
from accessify.motion.landmarks import landmarks
from accessify.pipelines.performance import Performance, Written
from accessify.pipelines.sign_film import FILM_SUFFIXES, FilmOptions, film
from accessify.render.camera import framing

MOVING_SUFFIXES = (".glb", ".vrma", ".bvh", ".pose", ".npz")
SIGN_SUFFIXES = (*FILM_SUFFIXES, *MOVING_SUFFIXES)


def write_performance(
    performance: Performance,
    target: Path,
    options: FilmOptions = FilmOptions(),  # noqa: B008 - a value
    on_progress: OnProgress | None = None,
    on_picture: Callable[[Cutout | Frame], None] | None = None,
) -> Written:
    """Write `performance` as the ending of `target` says.

    `.mp4`, `.webm` and `.mov` are films, which `options` and `on_picture` are for; `.glb` is the figure with
    its movement, `.vrma` the movement for any VRM, `.bvh` bones for film tools, `.pose` and `.npz` the
    figure's joints as landmarks.

    Raises `UnknownName` for another ending, and what `film` and writing raise.
    """
    suffix = target.suffix.lower()
    if suffix not in SIGN_SUFFIXES:
        raise UnknownName("kind of file", suffix or target.name, SIGN_SUFFIXES)
    if suffix in FILM_SUFFIXES:
        return film(performance, target, options, on_progress, on_picture)
    require_writable(target)
    notes: tuple[Note, ...] = ()
    if suffix == ".glb":
        notes = write_figure(performance.figure.character, target, performance.motion)
    elif suffix == ".vrma":
        write_vrma(performance.motion, target)
    elif suffix == ".bvh":
        notes = write_bvh(performance.motion, target)
    else:
        camera = framing(performance.figure.character, performance.motion, options.size)
        clip = landmarks(performance.motion, performance.figure.proportions, camera)
        notes = write_poses(clip, target)
    return Written((target,), notes)
