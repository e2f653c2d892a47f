"""Where commands that serve listen, and to which names they answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from typing import Any

import click

_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def listening_options(port: int, open_help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--host`, `--port`, `--open` (as `is_open`) and `--allow-host` (as `hosts`) for a command."""
    options = (
        click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
        click.option("--port", default=port, show_default=True, type=click.IntRange(0, 65535), help="Port."),
        click.option("--open", "is_open", is_flag=True, help=open_help),
        click.option(
            "--allow-host",
            "hosts",
            multiple=True,
            metavar="NAME",
            help="Another host name it answers to, e.g. behind a proxy; may be repeated.",
        ),
    )

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def answered_names(host: str, others: Sequence[str], *, is_open: bool) -> tuple[str, ...] | None:
    """Names that a server on `host` answers to; None is any: where it is open and `others` names none."""
    if is_open and not is_loopback(host) and not others:
        return None
    return (*_LOCAL_NAMES, host, *others)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
