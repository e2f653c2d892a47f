"""Symbols of the notation one after another, and what is said of those that stand where they should not."""

from __future__ import annotations

from collections.abc import Sequence

from accessify.core.errors import FormatError
from accessify.motion.notated_hand import Where
from accessify.motion.notation import Recovery
from accessify.motion.symbols import Symbol, similar

DEEPEST = 40
"""How deep brackets may nest; real signs nest five deep."""

ACTIONS = frozenset({"straight", "circle", "local", "still", "replace", "fusion_begin"})
"""Symbols that only stand in what happens, not in how a sign begins."""

_CLOSERS = {
    "parallel_end": "parallel_begin",
    "sequence_end": "sequence_begin",
    "fusion_end": "fusion_begin",
}


class Reader:
    """A place in a row of symbols.

    A symbol is told by its *key*: its kind, or of a bracket its value; "" is the end.
    """

    def __init__(self, symbols: Sequence[Symbol], strict: bool) -> None:
        self._symbols = symbols
        self._strict = strict
        self._keys = [symbol.value if symbol.kind == "bracket" else symbol.kind for symbol in symbols]
        self._left_out = {index: _unknown(symbol) for index, symbol in enumerate(symbols) if not symbol.known}
        self._left_out |= _other_alternatives(symbols)
        for index in self._left_out:
            self._keys[index] = ""
        self._open: list[str] = []
        self._closing = self._brackets()
        self.index = 0
        self._past = 0
        self.recoveries: list[Recovery] = []
        self._pass_left_out()

    def key(self, ahead: int = 0) -> str:
        """What the symbol `ahead` of the next one is; those that are left out are not counted."""
        index = self.index
        for _ in range(ahead):
            index += 1
            while index in self._left_out:
                index += 1
        return self._keys[index] if index < len(self._keys) else ""

    def at(self, *keys: str) -> bool:
        """Whether the next symbol is one of these."""
        return self.key() in keys

    def value(self) -> str:
        """What the next symbol says."""
        return self._symbols[self.index].value

    def take(self) -> str:
        """What the next symbol says; goes past it."""
        value = self.value()
        self.index += 1
        self._past = self.index
        self._pass_left_out()
        return value

    def take_all(self, *keys: str) -> tuple[str, ...]:
        """What the next symbols say, as long as they are of these."""
        taken = []
        while self.at(*keys):
            taken.append(self.take())
        return tuple(taken)

    def since(self, start: int) -> Where:
        """The symbols from `start` to the last that was taken."""
        return Where(start, max(start, self._past))

    # Brackets

    @property
    def inside(self) -> bool:
        """Whether any bracket is open."""
        return bool(self._open)

    def enter(self) -> None:
        """Take an opening bracket."""
        if len(self._open) == DEEPEST:
            raise FormatError(
                f"HamNoSys {self.named()}: brackets nest deeper than {DEEPEST}; write it flatter"
            )
        self._open.append(self.take())

    def leave(self) -> None:
        """Take the bracket that closes the innermost one, or note that it is missing."""
        opened = self._open.pop()
        if _CLOSERS.get(self.key()) == opened:
            self.take()
        else:
            self.recover(
                "its bracket is not closed, it is taken to end here", kept=True, expected=_end(opened)
            )

    def at_end(self) -> bool:
        """Whether nothing more stands in the innermost bracket, or at all.

        A closing bracket that nothing opened is passed over with a note.
        """
        while self.at(*_CLOSERS):
            if _CLOSERS[self.key()] in self._open:
                return True
            self.drop("no bracket is open that it could close")
        return self.at("", "plus") or (not self.inside and self.at("mark", "punctuation"))

    def block_holds(self, keys: frozenset[str]) -> bool:
        """Whether the bracket that opens next holds any of these, at whatever depth."""
        end = self._closing.get(self.index, len(self._keys))
        return any(key in keys for key in self._keys[self.index + 1 : end])

    def _brackets(self) -> dict[int, int]:
        """Index of each opening bracket → index of its closing one, where it has one."""
        pairs, opened = {}, list[int]()
        for index, key in enumerate(self._keys):
            if key in _CLOSERS.values():
                opened.append(index)
            elif key in _CLOSERS and opened:
                pairs[opened.pop()] = index
        return pairs

    # What is wrong

    def named(self, index: int | None = None) -> str:
        """A symbol for people: its place from 1, and its name."""
        at = self.index if index is None else index
        if at >= len(self._symbols):
            return f"after symbol {len(self._symbols)}, at the end"
        return f"symbol {at + 1} ({self._symbols[at].name})"

    def recover(self, message: str, *, kept: bool, expected: str = "", where: Where | None = None) -> None:
        """Note what is wrong at the next symbol, or at `where`; an error where nothing may be."""
        where = where or Where(self.index, min(self.index + 1, len(self._symbols)))
        text = f"HamNoSys {self.named(where.start)}: {f'expected {expected}; ' if expected else ''}{message}"
        if self._strict:
            raise FormatError(text)
        self.recoveries.append(Recovery(text, where, kept))

    def drop(self, message: str, expected: str = "") -> None:
        """Leave the next symbol out, with a note."""
        self.recover(f"{message}; it is left out", kept=False, expected=expected)
        self.take()

    def _pass_left_out(self) -> None:
        while message := self._left_out.get(self.index):
            self.recover(f"{message}; it is left out", kept=False)
            self.index += 1


def _unknown(symbol: Symbol) -> str:
    guess = similar(symbol.name)
    return f"HamNoSys 4 has no such symbol{f', perhaps {guess} is meant' if guess else ''}"


def _other_alternatives(symbols: Sequence[Symbol]) -> dict[int, str]:
    """Symbols of the second and later of several ways to sign the same; index → what to say of it."""
    found = {}
    later: list[bool] = []  # for each open list of alternatives, whether its first one is over
    over = 0
    for index, symbol in enumerate(symbols):
        if symbol.kind == "alternatives":
            found[index] = "of several ways to sign this the first is taken"
            if symbol.value == "begin":
                later.append(False)
            elif later and symbol.value == "or":
                over += not later[-1]
                later[-1] = True
            elif later:
                over -= later.pop()
        elif over:
            found[index] = "it belongs to another way to sign the same"
    return found


def _end(opened: str) -> str:
    return (
        "ham" + {"parallel_begin": "parend", "sequence_begin": "seqend", "fusion_begin": "fusionend"}[opened]
    )
