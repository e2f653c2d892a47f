"""The ground behind the signer, as people write it."""

from __future__ import annotations

from accessify.core.errors import MissingExtra, OptionError

CLEAR = "transparent"
"""Word for no ground at all."""


def ground_of(text: str) -> tuple[int, int, int] | None:
    """The sRGB values of a colour as CSS writes it: `white`, `steelblue`, `#0b3d2e`, `rgb(20, 40, 60)`.

    None for `transparent`.
    Raises `OptionError` for what is no colour or only partly clear, `MissingExtra` without Pillow.
    """
    if text.strip().lower() == CLEAR:
        return None
    try:
        from PIL import ImageColor
    except ImportError as error:
        raise MissingExtra("pillow", "avatar") from error
    try:
        red, green, blue, *opacity = ImageColor.getrgb(text.strip())
    except ValueError as error:
        raise OptionError(
            f"{text!r} is no colour; write a name such as white, or #rrggbb, or {CLEAR}"
        ) from error
    if opacity and opacity[0] < 255:
        raise OptionError(f"{text!r} is partly clear; write {CLEAR} or a colour without opacity")
    return red, green, blue
