"""The texts of a sign book: names, glosses, languages and the notes people leave.

Every one is a single line that can stand in a caption, in XML and on a screen as it was typed, so what
cannot be seen, or turns the text around it, is refused.
"""

from __future__ import annotations

import re
import unicodedata

from accessify.core.errors import OptionError

LONGEST_NAME = 200
"""Characters of a name, gloss or title."""
LONGEST_NOTE = 2_000
"""Characters of a note of consent."""
LONGEST_SOURCE = 255
"""Characters of a file name, as on most disks."""

_JOINERS = "\u200c\u200d"
"""Invisible, but part of the spelling of Persian, Indic scripts and emoji."""


def sign_name(text: str) -> str:
    """The name of a sign as it is kept: composed characters (Unicode NFC), single spaces, none around it.

    Raises `OptionError` where nothing can be seen of it, or something in it cannot be.
    """
    name = " ".join(unicodedata.normalize("NFC", one_line("the name of a sign", text)).split())
    if not any(unicodedata.category(character)[0] in "LNPS" for character in name):
        raise OptionError("a sign needs a name that can be seen; give one, such as house")
    return name


def one_line(what: str, text: str, longest: int = LONGEST_NAME) -> str:
    """The text itself; raises `OptionError`, which calls it `what`, unless it is one line of visible text."""
    if len(text) > longest:
        raise OptionError(f"{what} has {len(text)} characters; use at most {longest}")
    for character in text:
        if _is_hidden(character):
            raise OptionError(
                f"{what} holds the control character U+{ord(character):04X}; leave it and line breaks out"
            )
    return text


def language_code(text: str) -> str:
    """A language's code itself, or ''; raises `OptionError` unless it is spelled as in ISO 639-3."""
    if text and not re.fullmatch("[a-z]{3}", text):
        raise OptionError(
            f"{text!r} is no language code; give three small letters of ISO 639-3, such as ase or bfi"
        )
    return text


def source_name(path: str) -> str:
    """What a book keeps of where a clip came from: the file's name, which tells nothing of its folders.

    Characters that cannot be seen, or that are no text, become �.
    """
    name = re.split(r"[/\\]", path.rstrip("/\\"))[-1][:LONGEST_SOURCE]
    return "".join("\ufffd" if _is_hidden(character) else character for character in name)


def _is_hidden(character: str) -> bool:
    if character in _JOINERS:
        return False
    kind = unicodedata.category(character)
    return kind in {"Cc", "Cf", "Cs", "Zl", "Zp"} or ord(character) & 0xFFFE == 0xFFFE
