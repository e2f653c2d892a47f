"""What a page asks to be changed in captions, as values; all that comes from a page is doubted."""

from __future__ import annotations

import math
from typing import Any

from accessify.core.timeline import seconds
from accessify.pipelines.draft import Change, Delete, Insert, Merge, Set, Split
from accessify.server.refusal import Refused

_MOST = 20_000
"""Changes at once: a paste of a whole film's captions."""
_LONGEST = 2_000
"""Characters of one caption."""
_LATEST = 100 * 3600.0
"""Seconds; caption files have two digits for the hours."""


def read_changes(rows: Any) -> list[Change]:
    """The changes in JSON. Raises `Refused` ("bad-change")."""
    if not isinstance(rows, list) or len(rows) > _MOST:
        raise _bad("a list of changes is needed")
    return [change for row in rows for change in _read(row)]


def _read(row: Any) -> list[Change]:
    match row:
        case {"op": "set", "cue": cue}:
            return [Set(_number(cue), _text(row.get("text")), _time(row.get("start")), _time(row.get("end")))]
        case {"op": "insert", "cues": list(cues)} if len(cues) <= _MOST:
            return [_inserted(cue) for cue in cues]
        case {"op": "delete", "cue": cue}:
            return [Delete(_number(cue), _number(row.get("count", 1)))]
        case {"op": "split", "cue": cue, "at": at}:
            return [Split(_number(cue), _number(at), _time(row.get("time")))]
        case {"op": "merge", "cue": cue}:
            return [Merge(_number(cue))]
    raise _bad("this change is not known here")


def _inserted(cue: Any) -> Insert:
    match cue:
        case {"start": start, "end": end}:
            first, last = _time(start), _time(end)
            if first is not None and last is not None:
                return Insert(first, last, _text(cue.get("text")) or "")
    raise _bad("a new caption needs a start and an end")


def _number(value: Any) -> int:
    if type(value) is not int:
        raise _bad("a number is needed")
    return value


def _time(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not math.isfinite(value) or abs(value) >= _LATEST:
        raise _bad("a time is needed, in seconds")
    return seconds(value)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _bad("text is needed")
    if len(value) > _LONGEST:
        raise _bad(f"a caption has at most {_LONGEST} characters; split it")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise _bad("a character is half of a pair; type it again") from None
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    shown = ("".join(mark for mark in line if mark >= " " and mark != "\x7f") for line in lines)
    return "\n".join(line for line in shown if line.strip())


def _bad(reason: str) -> Refused:
    return Refused("bad-change", f"the captions stay as they are: {reason}")
