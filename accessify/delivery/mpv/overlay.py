"""What a viewer sees, as text that mpv draws over the picture (its `osd-overlay`, events of ASS)."""

from __future__ import annotations

from accessify.captions.reading import Row, Screen

HEIGHT = 720
"""The picture's height in the units below; its width follows from its shape."""
_LEFT = 110
_BOTTOM = 640
"""Where the last line stands: above mpv's controls."""
_PITCH = 54
"""From line to line."""
_STYLE = r"{\an1\pos(%d,%d)\q2\fs44\b1\bord2.5\shad0\1c&HFFFFFF&\3c&H000000&}"
_CORRECTION = r"{\1c&H00FFFF&}"
_TAIL = r"{\1a&H60&\3a&H60&}"


def overlay_events(screen: Screen, rows: int) -> str:
    """One event for each line, left-aligned; `rows`: how many lines there may be.

    A line keeps its place until it scrolls. Nothing that was said can give mpv an order.
    """
    top = _BOTTOM - (rows - 1) * _PITCH
    return "\n".join(
        _event(row, top + _PITCH * place) for place, row in enumerate(screen.rows) if row.text or row.tail
    )


def escaped(text: str) -> str:
    """`text` so that ASS draws it as it is: no tags, no orders, no line of its own."""
    plain = " ".join(text.split()) if "\n" in text or "\r" in text else text
    # A zero-width no-break space keeps a backslash from beginning an order.
    return plain.replace("\\", "\\\ufeff").replace("{", "\\{").replace("}", "\\}")


def _event(row: Row, y: int) -> str:
    color = _CORRECTION if row.correction else ""
    tail = _TAIL + escaped(row.tail) if row.tail else ""
    return _STYLE % (_LEFT, y) + color + escaped(row.text) + tail
