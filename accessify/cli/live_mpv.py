"""`accessify live --mpv`: captions over what mpv plays."""

from __future__ import annotations

from pathlib import Path

import click

from accessify.captions.reading import ReadingOptions
from accessify.cli.live_view import NoView, PlainView
from accessify.cli.progress import shown
from accessify.core.errors import MediaError
from accessify.core.live import LiveUpdate
from accessify.delivery import mpv
from accessify.delivery.mpv.overlay import overlay_events
from accessify.delivery.mpv.player import MpvPlayer
from accessify.pipelines.companion import Companion
from accessify.pipelines.live import LiveEngine, LiveOptions


def script_path() -> Path:
    """Where the script lies that starts this from within mpv."""
    return Path(mpv.__file__).with_name("accessify.lua")


def follow_mpv(address: str, options: LiveOptions, reading: ReadingOptions, *, say: bool) -> None:
    """Caption until mpv ends or Ctrl-C; `say` prints the lines too. Raises `MediaError` and `ModelError`."""
    view = PlainView(reading.width) if say else NoView()

    def on_update(update: LiveUpdate) -> None:
        view.push(update, 0)

    with (
        MpvPlayer(address) as player,
        shown("none") as on_progress,
        LiveEngine(options, on_progress) as engine,
    ):

        def on_trouble(error: MediaError) -> None:
            click.echo(f"accessify: {error}", err=True)
            player.tell(f"Live captions: {error}")

        companion = Companion(
            engine, player, lambda screen: player.show(overlay_events(screen, reading.rows)), reading
        )
        try:
            companion.follow(on_update, on_trouble)
        except KeyboardInterrupt:
            view.finish()
