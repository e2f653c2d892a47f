"""Errors as pages are told them: a code to look words up by, a line of English, and data.

A page never sees a path of the server: files of the room are named as their user named them, all others
by their last part.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import AccessifyError
from accessify.server.refusal import Refused
from accessify.server.rooms import Room

Problem = dict[str, Any]
"""`code`, `text` and `data`."""

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PATH = re.compile(r"(?<![\w/.])(?:[A-Za-z]:)?(?:[/\\][^\s/\\:;,'\"]+)+[/\\](?=[^\s/\\:;,'\"])")
_PLAIN = (str, int, float, bool, type(None))


def problem_code(error: type[BaseException]) -> str:
    """The code of an error class: `NotMedia` is `not-media`."""
    return _HUMP.sub("-", error.__name__).lower()


def problem_of(error: BaseException, room: Room | None = None) -> Problem:
    """What a page is told about `error`; of one that nobody foresaw, only its kind."""
    if isinstance(error, Refused):
        code, text, data = error.code, error.message, error.data
    elif isinstance(error, AccessifyError):
        code, text, data = problem_code(type(error)), error.message, dict(error.__dict__)
    else:
        code, text, data = "failed", f"this failed ({type(error).__name__}); please try again", {}
    data = {name: value for name, value in data.items() if name not in ("message", "path")}
    return {"code": code, "text": _told(text, room), "data": _cleaned(data, room)}


def _cleaned(value: Any, room: Room | None) -> Any:
    """JSON without paths; what JSON has no form for is left out."""
    if isinstance(value, str):
        return _told(value, room)
    if isinstance(value, dict):
        return {str(name): _cleaned(each, room) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(each, room) for each in value]
    return value if isinstance(value, _PLAIN) else str(type(value).__name__)


def _told(text: str, room: Room | None) -> str:
    if room is not None:
        folder = re.escape(str(room.folder))
        named = re.compile(rf"{folder}[/\\]([A-Za-z0-9._-]{{0,79}}[A-Za-z0-9_-])")
        text = named.sub(lambda found: room.title(found[1]), text)
    text = text.replace("file://", "")
    for place in (cache_folder(), Path.home()):  # their names may have spaces in them
        if place != place.parent:
            text = re.sub(rf"{re.escape(str(place))}[^:;,'\"]*[/\\]", "", text)
    return _PATH.sub("", text)
