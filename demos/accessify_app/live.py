"""Callbacks of the tab "Live captions": what its sound is made into comes over the socket of the server."""

from __future__ import annotations

from typing import Any

from accessify.server.rooms import Room
from accessify_app.studio import Studio


def hears(studio: Studio, _room: Room) -> dict[str, Any]:
    """The language that is understood, as a BCP 47 tag, and the model that does."""
    live = studio.options.live
    return {"language": live.language, "model": live.choose().model}


CALLBACKS = (hears,)
