"""Where commands that serve listen, and to which names they answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


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
