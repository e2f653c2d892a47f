"""`accessify serve`: live captions and transcription for players, pages and programs."""

from __future__ import annotations

import importlib.util
import re
from contextlib import suppress
from typing import Any

import click

from accessify.cli.interrupt import ended_by_request
from accessify.cli.listening import answered_names, is_loopback, listening_options
from accessify.cli.progress import shown
from accessify.cli.recogniser_options import recogniser_options
from accessify.core.errors import MissingExtra, OptionError
from accessify.pipelines.caption import CaptionOptions
from accessify.pipelines.live import LiveEngine, LiveOptions
from accessify.server.options import Limits, ServerOptions


@click.command()
@listening_options(8765, "Serve other machines although there is no token.")
@click.option(
    "--token",
    envvar="ACCESSIFY_TOKEN",
    help="What clients must present: 8 to 200 letters, digits, or any of . _ ~ -. "
    "The variable ACCESSIFY_TOKEN keeps it out of the process list.",
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Let pages from elsewhere use it, e.g. https://example.org; may be repeated.",
)
@recogniser_options()
@click.option(
    "--streams", default=32, show_default=True, type=click.IntRange(1), help="Live streams at once."
)
@click.option(
    "--per-client",
    default=24,
    show_default=True,
    type=click.IntRange(1),
    help="Connections, and live streams, of one address at once.",
)
@click.option("--workers", type=click.IntRange(1), help="Threads that listen; one for each core by default.")
@click.option(
    "--max-upload", default=512, show_default=True, type=click.IntRange(1), help="Megabytes of a file."
)
@click.option("--offline", is_flag=True, help="Never dial out; models must be on this machine.")
def command(host: str, port: int, token: str | None, is_open: bool, **how: Any) -> None:
    """Serve live captions and transcription.

    POST /v1/audio/transcriptions is OpenAI's; WS /v1/captions takes sound and gives captions
    (docs/live-protocol.md); a page at / shows both. Ctrl-C finishes what is being said, then stops.
    """
    for package in ("starlette", "uvicorn", "websockets", "prometheus-client", "python-multipart"):
        if importlib.util.find_spec(package.replace("-", "_")) is None:
            raise MissingExtra(package, "server")
    if not is_loopback(host) and token is None and not is_open:
        raise OptionError(
            f"--host {host} lets other machines in; give --token (or ACCESSIFY_TOKEN), or --open to allow it"
        )
    for origin in how["origins"]:
        if origin != "*" and "://" not in origin:
            raise OptionError(f"--allow-origin {origin}: write the scheme too, e.g. https://{origin}")
    if token is not None and re.fullmatch(r"[A-Za-z0-9._~-]{8,200}", token) is None:
        raise OptionError("--token must be 8 to 200 letters, digits, or any of . _ ~ -")
    hosts = answered_names(host, how["hosts"], is_open=is_open)
    _serve(host, port, _options(token, hosts, how))


def _options(token: str | None, hosts: tuple[str, ...] | None, how: dict[str, Any]) -> ServerOptions:
    heard, offline = how["recognition"], how["offline"]
    return ServerOptions(
        live=LiveOptions(**heard, offline=offline, workers=how["workers"]),
        caption=CaptionOptions(**heard, offline=offline, shots=False, workers=1),
        token=token,
        origins=tuple(origin.rstrip("/") for origin in how["origins"]),
        hosts=hosts,
        limits=Limits(
            streams=how["streams"], per_address=how["per_client"], upload_bytes=how["max_upload"] << 20
        ),
    )


def _serve(host: str, port: int, options: ServerOptions) -> None:
    from accessify.server.app import create_app  # noqa: PLC0415 - needs the extra
    from accessify.server.running import Server, listen  # noqa: PLC0415 - needs the extra

    door = listen(host, port)  # before any work
    with shown("lines") as on_progress:
        engine = LiveEngine(options.live, on_progress)
    with engine, ended_by_request(), suppress(KeyboardInterrupt):  # uvicorn raises it once it has stopped
        Server(create_app(options, engine), _say_where).run([door])


def _say_where(address: str) -> None:
    click.echo(f"accessify: listening on {address} (Ctrl-C stops)")
