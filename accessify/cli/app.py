"""`accessify app`: captions, signs and a signing avatar in the browser."""

from __future__ import annotations

import importlib.util
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from accessify.cli.interrupt import ended_by_request
from accessify.cli.listening import answered_names, is_loopback, listening_options
from accessify.cli.progress import shown
from accessify.cli.recogniser_options import recogniser_options
from accessify.core.errors import MissingExtra, OptionError
from accessify.pipelines.caption import CaptionOptions
from accessify.pipelines.live import LiveOptions


@click.command()
@listening_options(7860, "Serve other machines: whoever reaches it may use it.")
@click.option("--browser", is_flag=True, help="Open the page in the browser of this machine.")
@recogniser_options()
@click.option(
    "--max-upload", default=8.0, show_default=True, type=click.FloatRange(0.001), help="Gigabytes of a film."
)
@click.option(
    "--keep", default=6.0, show_default=True, type=click.FloatRange(0.01), help="Hours until unused files go."
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where films and results lie meanwhile.  [default: the cache folder of accessify]",
)
@click.option("--offline", is_flag=True, help="Never dial out; models must be on this machine.")
def command(host: str, port: int, is_open: bool, **how: Any) -> None:
    """Serve the app: caption a film, live captions, signs to text, text to signs.

    Everything is done on this machine. Microphones and cameras of other machines need https: put a proxy
    in front (docs/app.md). Ctrl-C stops; films and results that are left are removed.
    """
    for package in ("gradio", "uvicorn", "websockets", "moderngl"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(package, "demo")
    if not is_loopback(host) and not is_open:
        raise OptionError(f"--host {host} lets other machines in; give --open to allow it")
    from accessify_app.app import launch  # noqa: PLC0415 - needs the extra

    def ready(address: str) -> None:
        click.echo(f"accessify: the app is at {address} (Ctrl-C stops)")
        if how["browser"]:
            webbrowser.open(address)

    with shown("lines") as on_progress, ended_by_request(), suppress(KeyboardInterrupt):
        launch(host, port, _options(host, is_open, how), on_ready=ready, on_progress=on_progress)


def _options(host: str, is_open: bool, how: dict[str, Any]) -> Any:
    from accessify.server.rooms import RoomLimits  # noqa: PLC0415 - needs the extra
    from accessify_app.studio import AppOptions  # noqa: PLC0415 - needs the extra

    heard, offline = how["recognition"], how["offline"]
    return AppOptions(
        caption=CaptionOptions(**heard, offline=offline),
        live=LiveOptions(**heard, offline=offline),
        hosts=answered_names(host, how["hosts"], is_open=is_open),
        rooms=RoomLimits(file_bytes=round(how["max_upload"] * 1e9), kept_seconds=how["keep"] * 3600),
        folder=how["folder"],
        offline=offline,
    )
