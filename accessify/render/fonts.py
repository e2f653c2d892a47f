"""Fonts of the system that have the letters asked for; Pillow's own where there is none."""

from __future__ import annotations

import os
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from accessify.core.errors import MissingExtra, OptionError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_PREFERRED = (
    *("notosans-regular", "opensans-regular", "dejavusans", "liberationsans-regular", "segoeui", "arial"),
    *("helvetica", "notosanscjk-regular", "notosanscjksc-regular", "notosanssc-regular", "notosanssc"),
    *("sourcehansanssc-regular", "sourcehansans-regular", "pingfang", "hiragino sans gb", "stheiti medium"),
    *("msyh", "simhei", "wqy-microhei", "wqy-zenhei", "droidsansfallbackfull", "droidsansfallback"),
    *("notosansjp-regular", "notosanskr-regular", "yugothm", "malgun", "arial unicode", "unifont"),
)
"""File names without suffix, the first that has all letters is taken: plain, upright, easy to read."""
_SUFFIXES = {".ttf", ".ttc", ".otf"}
_PROBE = 24
"""Pixels at which letters are compared."""
_REMEMBERED = 5_000
"""Shapes of letters that are kept."""
_NOBODYS = "\U0010fffe"
"""A noncharacter: no font has it, so every font draws what it draws for letters that it lacks."""


def font_for(text: str, height: int, file: Path | None = None) -> tuple[FreeTypeFont, str]:
    """A font `height` pixels high for `text`, and the characters of it that the font lacks.

    `file` is taken if given; else of the system's fonts and Pillow's own one that lacks the fewest.
    Raises `OptionError` for a file that is no font, `MissingExtra` without Pillow.
    """
    try:
        from PIL import ImageFont
    except ImportError as error:
        raise MissingExtra("pillow", "avatar") from error
    wanted = "".join(sorted({letter for letter in text if not letter.isspace()}))
    if file is not None:
        try:
            return ImageFont.truetype(str(file), height), _lacking(str(file), wanted)
        except OSError as error:
            raise OptionError(f"{file}: not a font that can be read; give a .ttf, .otf or .ttc") from error
    best, missing = "", wanted
    for path in (*_system_fonts(), ""):
        lacking = _lacking(path, wanted)
        if not lacking or len(lacking) < len(missing):
            best, missing = path, lacking
        if not missing:
            break
    return _opened(best, height), missing


@lru_cache(64)
def _opened(path: str, height: int) -> FreeTypeFont:
    """The font in a file, or Pillow's own for no file."""
    from PIL import ImageFont

    if path:
        return ImageFont.truetype(path, height)
    own = ImageFont.load_default(height)
    if not isinstance(own, ImageFont.FreeTypeFont):  # Pillow was built without FreeType
        raise MissingExtra("pillow with FreeType", "avatar")
    return own


def _lacking(path: str, letters: str) -> str:
    return "".join(letter for letter in letters if _shape(path, letter) == _shape(path, _NOBODYS))


@lru_cache(_REMEMBERED)
def _shape(path: str, letter: str) -> bytes:
    return bytes(_opened(path, _PROBE).getmask(letter))


@cache
def _system_fonts() -> tuple[str, ...]:
    """Files of preferred fonts, the best first."""
    rank = {name: number for number, name in enumerate(_PREFERRED)}
    found = [
        (rank[path.stem.lower()], str(path))
        for folder in _folders()
        if folder.is_dir()
        for path in folder.rglob("*")
        if path.suffix.lower() in _SUFFIXES and path.stem.lower() in rank
    ]
    return tuple(path for _, path in sorted(found))


def _folders() -> list[Path]:
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"]
    own = Path.home()
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), own / "Library/Fonts"]
    shared = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    return [*shared, own / ".local/share/fonts", own / ".fonts"]
