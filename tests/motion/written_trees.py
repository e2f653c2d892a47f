"""Trees of notated signs as short texts, and the words that they hold, for comparing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from accessify.motion.hamnosys import parse
from accessify.motion.notated_hand import BodyPlace, HandShape, Where
from accessify.motion.notation import Hands, Parsed, Still

FLAGS = {
    "relative": "relative",
    "nondominant": "nondominant",
    "behind": "behind",
    "names_it": "name",
    "brushing": "brushing",
    "in_out": "straight",
    "up_down": "large",
    "alternating": "alternating",
    "opposite_side": "nonipsilateral",
    "loose": "any",
    "written": "replace",
}
"""Field that is true or false → what the symbol behind it says."""

SILENT = frozenset({"bracket", "between", "plus"})
"""Kinds of symbols that stand for the tree's form, not for a word in it."""


def read(names: str, *, strict: bool = False) -> Parsed:
    """The sign of symbols given by their names without `ham`."""
    return parse(" ".join(f"ham{name}" for name in names.split()), strict=strict)


def brief(node: object) -> str:
    """A tree as a text: classes with what is said in them, without what is empty."""
    if isinstance(node, tuple):
        return "[" + " ".join(brief(each) for each in node) + "]"
    if not is_dataclass(node):
        return str(node)
    said = []
    for field in fields(node):
        value = getattr(node, field.name)
        if field.name != "where" and value not in ((), None, False, ""):
            said.append(field.name if value is True else f"{field.name}={brief(value)}")
    return f"{type(node).__name__}({', '.join(said)})"


def nodes(node: object) -> Iterator[Any]:
    """All nodes of a tree."""
    if isinstance(node, tuple):
        for each in node:
            yield from nodes(each)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            yield from nodes(getattr(node, field.name))


def lost(parsed: Parsed) -> Counter[str]:
    """What the symbols say more than the tree (positive), or the tree more than they (negative).

    Symbols that a recovery says are left out do not count.
    """
    out = {
        index
        for recovery in parsed.recoveries
        if not recovery.kept
        for index in range(recovery.where.start, recovery.where.end)
    }
    balance = Counter(
        symbol.value
        for index, symbol in enumerate(parsed.symbols)
        if index not in out and symbol.kind not in SILENT
    )
    balance.subtract(_words(parsed, out))
    return Counter({word: count for word, count in balance.items() if count})


def _words(parsed: Parsed, out: set[int]) -> Iterator[str]:
    """Each word that a symbol put into the tree."""
    for node in nodes(parsed.sign):
        if isinstance(node, Where):
            continue
        if isinstance(node, HandShape) and node.where.start == node.where.end:
            continue  # the end of a "between" that is not written
        taken = set(range(node.where.start, node.where.end)) - out
        kinds = {parsed.symbols[index].kind for index in taken}
        if isinstance(node, Still) and "still" in kinds:
            yield "still"
        if isinstance(node, Hands) and parsed.symbols[node.where.start].kind == "hand":
            yield "nondominant"  # its symbol says whose step it is, no bracket
        for field in fields(node):
            made_up = isinstance(node, BodyPlace) and "place" not in kinds
            if field.name != "name" or not made_up:
                yield from _said(field.name, getattr(node, field.name))


def _said(name: str, value: object) -> Iterator[str]:
    if value is True and name in FLAGS:
        yield FLAGS[name]
    elif isinstance(value, tuple):
        for each in value:
            yield from _said("", each)
    elif isinstance(value, str) and value and (name, value) not in _FORMS:
        yield value


_FORMS = {("kind", "straight"), ("kind", "circle")}
"""Forms of a path that stand for two kinds of symbols, whose ways are said."""
