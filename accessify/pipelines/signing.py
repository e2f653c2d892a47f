"""Signing from wherever it is kept: films and cameras are looked at, landmark files are used as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from accessify.core.errors import OptionError
from accessify.core.holistic import LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip, PoseFrame, Skeleton
from accessify.core.progress import OnProgress
from accessify.core.timeline import Note
from accessify.delivery.poses import READABLE, read_poses
from accessify.engines.signs import OnnxSignEncoder, read_cohort
from accessify.hub.shipped import SIGN_COHORT, SIGNS, shipped_model
from accessify.media.address import is_address
from accessify.media.device import is_device
from accessify.media.frames import FrameReader
from accessify.pipelines.landmarks import LandmarkOptions, landmarks, watching
from accessify.signs.encoding import Cohort, SignEncoder
from accessify.signs.normalize import Hand, normalize

_WITHOUT_FACE = LandmarkOptions(face="none")


@dataclass(frozen=True, slots=True)
class SigningOptions:
    """How a film, camera or landmark file of signing is taken."""

    mirrored: bool = False
    """Whether the picture is a selfie's, left for right, though nothing in the file says so."""
    dominant: Hand = "auto"
    """Which hand leads, as the signer would say it."""
    landmarks: LandmarkOptions = field(default_factory=lambda: _WITHOUT_FACE)
    """How films and cameras are looked at; the face is not needed."""


def is_live(source: str | Path) -> bool:
    """Whether `source` is a camera or an address, which have no end."""
    return isinstance(source, str) and (is_device(source) or is_address(source))


def signing(
    source: str | Path, options: SigningOptions = SigningOptions(), *, on_progress: OnProgress | None = None
) -> PoseClip:
    """The points of the signer in the film or landmark file at `source`, with notes of what was not seen.

    Raises as `landmarks` and `read_poses` do.
    """
    path = Path(source)
    if path.is_dir() or path.suffix.lower() in READABLE:
        clip = read_poses(path)
    else:
        clip = landmarks(source, options.landmarks, on_progress=on_progress)
    return replace(clip, mirrored=clip.mirrored or options.mirrored)


@dataclass(frozen=True, slots=True)
class LiveSigning:
    """Signing while it is filmed."""

    skeleton: Skeleton
    poses: Iterable[PoseFrame]
    """Each before the next picture is taken."""
    mirrored: bool
    """Whether the source itself says that its pictures are a selfie's."""

    def mirrored_by(self, options: SigningOptions) -> bool:
        """Whether the pictures are a selfie's, by the source or by who asks."""
        return self.mirrored or options.mirrored


@contextmanager
def signing_live(
    source: str | Path | FrameReader,
    options: SigningOptions = SigningOptions(),
    *,
    on_progress: OnProgress | None = None,
) -> Iterator[LiveSigning]:
    """The signer's points picture by picture; of a landmark file as if it were being filmed.

    `on_progress` is told of models that are fetched. Raises as `signing` and `require_hands` do.
    """
    if isinstance(source, str | Path) and _is_landmarks(source):
        clip = read_poses(Path(source))
        require_hands(clip.skeleton, source)
        poses = (clip[index] for index in range(len(clip)))
        yield LiveSigning(clip.skeleton, poses, clip.mirrored)
    else:
        with watching(source, options.landmarks, on_progress=on_progress) as (skeleton, seen):
            require_hands(skeleton, source)
            yield LiveSigning(skeleton, seen, mirrored=False)


def _is_landmarks(source: str | Path) -> bool:
    path = Path(source)
    return not is_live(source) and (path.is_dir() or path.suffix.lower() in READABLE)


def require_hands(skeleton: Skeleton, source: str | Path | FrameReader) -> None:
    """Raise `OptionError` where there is no hand among the points."""
    if LEFT_HAND not in skeleton and RIGHT_HAND not in skeleton:
        where = source if isinstance(source, str | Path) else "the camera"
        raise OptionError(
            f"{where}: holds no points of hands, and signs are read from hands; "
            "make it again with accessify landmarks"
        )


def unseen(clip: PoseClip, source: str | Path) -> list[Note]:
    """A note where no hand is seen in all of `clip`: then no sign can be; raises as `require_hands` does."""
    require_hands(clip.skeleton, source)
    if not len(clip) or normalize(clip).seen.any():
        return []
    if not clip.confidence.any():
        return [] if any(note.kind == "nobody" for note in clip.notes) else [_note(clip, "nobody", "nobody")]
    return [_note(clip, "no-hands", "no hand")]


def _note(clip: PoseClip, kind: str, what: str) -> Note:
    text = f"{what} was seen; film the signer with hands and shoulders in the picture, in good light"
    return Note(clip.span, kind, text)


@cache
def sign_encoder() -> tuple[SignEncoder, Cohort]:
    """What signs are compared with; raises `ModelError` where the installation is not whole."""
    return OnnxSignEncoder(shipped_model(SIGNS)), read_cohort(shipped_model(SIGN_COHORT))
