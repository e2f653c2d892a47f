"""The first message of a live socket, read with suspicion."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from accessify.media.live_sound import FEED_FORMATS
from accessify.server.refusal import Refused

_RATES = (8_000, 192_000)
_WIDTHS = (16, 80)
_PACES = (60, 400)


@dataclass(frozen=True, slots=True)
class Start:
    """What a client asks for."""

    format: str = "pcm16"
    """One of `FEED_FORMATS`."""
    rate: int = 16_000
    """Hz, of raw samples."""
    channels: int = 1
    """Of raw samples, interleaved."""
    language: str | None = None
    """BCP 47 tag of what is spoken."""
    width: int = 37
    """Characters of a line."""
    pace: int | None = None
    """Words a minute at most; None shows words as they come."""
    resume: str | None = None
    """Id of a stream to go on with."""
    after: int = 0
    """Number of the last message of it that the client has."""
    key: str | None = None
    """A secret of the client's; who resumes the stream must know it."""


def parse_start(text: str) -> Start:
    """Read a start message; raises `Refused` naming what is wrong with it."""
    data = read_message(text, "bad-start")
    if data.get("type") != "start":
        raise _bad(f'the first message must be {{"type":"start",…}}, not type {_shown(data.get("type"))}')
    known = {"type", "format", "rate", "channels", "language", "width", "pace", "resume", "key"}
    if unknown := sorted(set(data) - known):
        raise _bad(f"unknown field {_shown(unknown[0])}; known are: {', '.join(sorted(known))}")
    resume, after = _resume(data.get("resume"))
    pace = data.get("pace")
    return Start(
        format=_one_of(data, FEED_FORMATS),
        rate=_number(data, "rate", 16_000, _RATES),
        channels=_number(data, "channels", 1, (1, 8)),
        language=_text(data, "language", 35),
        width=_number(data, "width", 37, _WIDTHS),
        pace=None if pace is None else _number(data, "pace", 180, _PACES),
        resume=resume,
        after=after,
        key=_text(data, "key", 200),
    )


def read_message(text: str, code: str) -> dict[str, Any]:
    """The JSON object of a text message; raises `Refused` with `code` for anything else."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):  # also a number of thousands of digits
        raise Refused(code, f"a text message must be a JSON object, not {_shown(text)}") from None
    if not isinstance(data, dict):
        raise Refused(code, f"a text message must be a JSON object, not {_shown(text)}")
    return data


def _one_of(data: dict[str, Any], known: tuple[str, ...]) -> str:
    value = data.get("format", known[0])
    if value not in known:
        raise _bad(f"unknown format {_shown(value)}; choose one of: {', '.join(known)}")
    return str(value)


def _number(data: dict[str, Any], name: str, usual: int, bounds: tuple[int, int]) -> int:
    value = data.get(name, usual)
    whole = isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
    if not whole or not bounds[0] <= value <= bounds[1]:
        raise _bad(f"{name} must be a whole number from {bounds[0]} to {bounds[1]}, not {_shown(value)}")
    return int(value)


def _text(data: dict[str, Any], name: str, most: int) -> str | None:
    value = data.get(name)
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= most):
        raise _bad(f"{name} must be a text of 1 to {most} characters, not {_shown(value)}")
    return value


def _resume(value: Any) -> tuple[str | None, int]:
    if value is None:
        return None, 0
    number = value.get("seq", 0) if isinstance(value, dict) else None
    valid = isinstance(value, dict) and isinstance(value.get("id"), str) and type(number) is int
    if not valid or not isinstance(number, int) or number < 0:
        raise _bad(f'resume must be {{"id":"…","seq":12}}, not {_shown(value)}')
    return value["id"], number


def _bad(message: str) -> Refused:
    return Refused("bad-start", message)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return repr(text[:40])
