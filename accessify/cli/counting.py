"""Numbers with their nouns."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """`1 caption`, `2 captions`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
