"""One picture as a JPEG, for a look at what is being drawn."""

from __future__ import annotations

from pathlib import Path

from accessify.core.errors import MissingExtra
from accessify.core.placing import placed
from accessify.core.video import Cutout, Frame

_QUALITY = 80


def write_still(picture: Frame | Cutout, target: Path) -> None:
    """Write the colours of `picture`; whoever reads `target` meanwhile gets the former one, whole.

    Raises `OutputError`, and `MissingExtra` without Pillow.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtra("pillow", "avatar") from error
    with placed(target) as temporary:
        Image.fromarray(picture.image[..., :3]).save(temporary, "JPEG", quality=_QUALITY)
