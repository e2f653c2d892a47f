"""The letters by which byte-level vocabularies write bytes.

Source: Radford et al., "Language Models are Unsupervised Multitask Learners" (GPT-2), 2019, section 2.2,
and the files that belong to it: printable bytes of Latin-1 stand for themselves, all others for U+0100 and
the letters after it, in their order.
"""

from __future__ import annotations

from functools import cache

_PRINTED = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))


@cache
def byte_letters() -> tuple[str, ...]:
    """The letter of each byte, 0 to 255."""
    hidden = iter(range(0x100, 0x200))
    return tuple(chr(byte if byte in _PRINTED else next(hidden)) for byte in range(256))


@cache
def _bytes_of() -> dict[str, int]:
    return {letter: byte for byte, letter in enumerate(byte_letters())}


def to_letters(raw: bytes) -> str:
    """`raw` as a byte-level vocabulary writes it."""
    letters = byte_letters()
    return "".join(letters[byte] for byte in raw)


def to_bytes(token: str) -> bytes:
    """The bytes of `token`; raises `KeyError` for a letter that stands for no byte."""
    table = _bytes_of()
    return bytes(table[letter] for letter in token)
