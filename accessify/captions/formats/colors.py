"""Colours as caption formats write them, to and from `#rrggbb` and `#rrggbbaa`."""

from __future__ import annotations

import re

NAMED = {
    "white": "#ffffff",
    "lime": "#00ff00",
    "cyan": "#00ffff",
    "red": "#ff0000",
    "yellow": "#ffff00",
    "magenta": "#ff00ff",
    "blue": "#0000ff",
    "black": "#000000",
    "silver": "#c0c0c0",
    "gray": "#808080",
    "maroon": "#800000",
    "purple": "#800080",
    "fuchsia": "#ff00ff",
    "green": "#008000",
    "olive": "#808000",
    "navy": "#000080",
    "teal": "#008080",
    "aqua": "#00ffff",
    "orange": "#ffa500",
    "transparent": "#00000000",
}
"""The names TTML2 (`<named-color>`) and HTML know; the first eight are WebVTT's colour classes."""

_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,\s*(\d{1,3})\s*)?\)")
_ASS = re.compile(r"&?h?([0-9a-f]{1,8})&?")


def parse_color(text: str) -> str | None:
    """`#rrggbb` or `#rrggbbaa` of an HTML or TTML colour, or None when it is none."""
    body = text.strip().strip("\"'").lower()
    if body in NAMED:
        return NAMED[body]
    if match := _HEX.fullmatch(body):
        digits = match[1] if len(match[1]) > 3 else "".join(2 * digit for digit in match[1])
        return "#" + digits.removesuffix("ff" if len(digits) == 8 else "\0")
    if match := _RGB.fullmatch(body):
        parts = [int(part) for part in match.groups() if part is not None]
        if max(parts) <= 255:
            return "#" + bytes(parts).hex().removesuffix("ff" if len(parts) == 4 else "\0")
    return None


def ass_color(text: str) -> str | None:
    """`#rrggbb` of an ASS override colour `&HBBGGRR&`, or None when it is none."""
    match = _ASS.fullmatch(text.strip().lower())
    if not match:
        return None
    digits = match[1].zfill(6)[-6:]
    return f"#{digits[4:6]}{digits[2:4]}{digits[:2]}"


def to_ass_color(color: str) -> str:
    """`#rrggbb…` as an ASS override colour `&HBBGGRR&` (its alpha is dropped)."""
    return f"&H{color[5:7]}{color[3:5]}{color[1:3]}&".upper()
