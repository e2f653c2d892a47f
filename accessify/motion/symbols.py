"""The symbols of HamNoSys 4 as data: name, code point and what each stands for.

Source: names as in SiGML's element names and code points of the HamNoSys Unicode font (University of
Hamburg); meaning after T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and
Language Processing Contexts", LREC 2004, and the HamNoSys 4 chart. Most lie in the private use area from
U+E000; a few are plain punctuation.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files

FIRST, LAST = 0xE000, 0xE0FF
"""Code points of the private use area that HamNoSys fonts claim."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol of the notation."""

    name: str
    """Element name in SiGML, e.g. `hamfist`; `U+E0FE` or the element's name for what no table holds."""
    char: str
    """The one character it is written with; empty where it has none."""
    kind: str
    """What sort of thing it says: `shape`, `thumb`, `bend`, `direction`, `palm`, `place`, `side`, `spot`,
    `finger`, `straight`, `circle`, `local`, `contact`, `bracket` …; all in the table's fourth column.
    `unknown` for what no table holds."""
    value: str
    """What it says within its kind, e.g. `ul` of a direction: the word that the parsed tree uses."""

    @property
    def known(self) -> bool:
        """Whether HamNoSys 4 has it."""
        return self.kind != "unknown"


def symbols() -> tuple[Symbol, ...]:
    """The 209 symbols, by code point."""
    return tuple(dict.fromkeys(_by_char().values()))


def by_char(char: str) -> Symbol:
    """The symbol written as `char`; of kind `unknown` where HamNoSys 4 has none such."""
    return _by_char().get(char) or Symbol(f"U+{ord(char):04X}", char, "unknown", "")


def by_name(name: str) -> Symbol:
    """The symbol that SiGML calls `name`; of kind `unknown` where HamNoSys 4 has none such."""
    return _by_name().get(name) or Symbol(name, "", "unknown", "")


@lru_cache(256)
def similar(name: str) -> str:
    """The known name most like `name`; empty where none is like it."""
    return next(iter(get_close_matches(name, _by_name(), n=1, cutoff=0.75)), "")


def is_notation(text: str) -> bool:
    """Whether `text` holds any symbol from the private use area, as every sign in HamNoSys does."""
    return any(FIRST <= ord(char) <= LAST for char in text)


@cache
def _by_char() -> dict[str, Symbol]:
    table = files("accessify.motion").joinpath("symbols.csv").read_text("utf-8")
    found: dict[str, Symbol] = {}
    for row in csv.DictReader(table.splitlines()):
        symbol = Symbol(row["name"], chr(int(row["code"], 16)), row["kind"], row["value"])
        found[symbol.char] = symbol
        if row["also"]:
            found[chr(int(row["also"], 16))] = symbol
    return found


@cache
def _by_name() -> dict[str, Symbol]:
    return {symbol.name: symbol for symbol in _by_char().values()}
