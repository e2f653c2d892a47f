"""What the callbacks of all tabs share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from accessify.pipelines.caption import CaptionOptions
from accessify.pipelines.live import LiveOptions
from accessify.server.jobs import Jobs
from accessify.server.rooms import RoomLimits, Rooms


@dataclass(frozen=True, slots=True)
class AppOptions:
    """How the app works and who may use it."""

    caption: CaptionOptions = field(default_factory=CaptionOptions)
    """How films are captioned where the page says nothing else."""
    live: LiveOptions = field(default_factory=LiveOptions)
    """How live captions are made."""
    hosts: tuple[str, ...] | None = ("localhost", "127.0.0.1", "::1")
    """Host names it answers to; None is any."""
    framed_by: tuple[str, ...] = ()
    """Origins whose pages may show the app in a frame, e.g. `https://huggingface.co`."""
    rooms: RoomLimits = field(default_factory=RoomLimits)
    """How much each page may keep, and for how long."""
    folder: Path | None = None
    """Where rooms lie; None takes the user's cache folder."""
    offline: bool = False
    """Never dial out; models must be on this machine."""


@dataclass(frozen=True, slots=True)
class Studio:
    """Where callbacks find what they work on."""

    rooms: Rooms
    jobs: Jobs
    options: AppOptions
