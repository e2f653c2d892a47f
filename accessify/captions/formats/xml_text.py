"""Text and attributes as XML spells them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from accessify.captions.formats.spelling import unified

_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Text without the characters that XML forbids."""
    return _ILLEGAL.sub("", text)


def xml_text(text: str) -> str:
    """Text for XML: escaped and legal, its lines ended by line feeds."""
    return escape(legal(unified(text)), quote=False)


def xml_attributes(attributes: Mapping[str, str]) -> str:
    """Attributes for a start tag, legal, each after a space."""
    return "".join(f' {name}="{escape(legal(value))}"' for name, value in attributes.items())
