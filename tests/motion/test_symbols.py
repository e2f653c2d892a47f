"""The table of symbols."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from accessify.motion.symbols import by_char, by_name, is_notation, similar, symbols

TABLE = Path(__file__).parents[3] / "shared/data/sign/hamnosys/hamnosys_symbols.csv"


def test_there_are_209_symbols_each_with_a_name_and_a_character_of_its_own() -> None:
    table = symbols()
    assert len(table) == 209
    assert len({symbol.name for symbol in table}) == len({symbol.char for symbol in table}) == 209
    assert all(symbol.known and symbol.value and symbol.name.startswith("ham") for symbol in table)


def test_no_two_symbols_of_a_kind_mean_the_same() -> None:
    count = Counter((symbol.kind, symbol.value) for symbol in symbols())
    assert max(count.values()) == 1


@pytest.mark.parametrize(
    ("char", "name", "kind", "value"),
    [
        ("\ue000", "hamfist", "shape", "fist"),
        ("\ue027", "hamextfingerul", "direction", "ul"),
        ("\ue067", "hampalm", "spot", "palm"),
        ("\ue03c", "hampalmd", "palm", "d"),
        ("\ue0b8", "hamclockfull", "clock", "full"),
        ("\ue0af", "hamnomotion", "still", "still"),
        ("\ue0ee", "hambelowstomach", "place", "below_stomach"),
        ("\ue0ef", "hamlrbeside", "side", "beside"),
        (" ", "hamspace", "punctuation", "space"),
    ],
)
def test_a_symbol_is_found_by_its_character_and_by_its_name(
    char: str, name: str, kind: str, value: str
) -> None:
    symbol = by_char(char)
    assert (symbol.name, symbol.kind, symbol.value) == (name, kind, value)
    assert by_name(name) == symbol


def test_what_no_table_holds_is_told_by_its_code_point_or_name() -> None:
    assert (by_char("\ue0fe").name, by_char("\ue0fe").known) == ("U+E0FE", False)
    assert (by_char("A").name, by_char("A").char) == ("U+0041", "A")
    wild = by_name("hampinchopen")
    assert (wild.name, wild.char, wild.kind) == ("hampinchopen", "", "unknown")
    assert similar("hampinchopen") == "hampinch12open"
    assert similar("table") == ""


def test_text_and_notation_are_told_apart() -> None:
    assert is_notation("\ue000\ue00c")
    assert not is_notation("Where is the station? {here|there}")


def test_a_published_table_has_the_same_names_and_code_points() -> None:
    if not TABLE.exists():
        pytest.skip("the published table of symbols is not here")
    with TABLE.open(encoding="utf-8") as file:
        published = {row["name"]: chr(int(row["codepoint"][2:], 16)) for row in csv.DictReader(file)}
    assert {symbol.name: symbol.char for symbol in symbols()} == published
