"""Signs in SiGML, the XML form of HamNoSys: each a tree of the hands' part and tags of the rest.

Source: R. Elliott, J. Glauert, R. Kennaway, I. Marshall, E. Safar, "Linguistic modelling and
language-processing technologies for Avatar-based sign language presentation", UAIS 6 (2008), and the
element names of HamNoSys 4::

    <sigml><hns_sign gloss="HOUSE">
      <hamnosys_nonmanual><hnm_mouthpicture picture="haUs"/></hamnosys_nonmanual>
      <hamnosys_manual><hamflathand/><hamextfingeru/>…</hamnosys_manual>
    </hns_sign></sigml>

No entity is expanded and nothing is fetched, whatever a document type names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from accessify.core.errors import FormatError
from accessify.motion.hamnosys import parse_symbols
from accessify.motion.notation import Parsed
from accessify.motion.symbols import Symbol, by_char, by_name

LARGEST = 8_000_000
"""Characters or bytes of one text; a sign takes about 600."""
DEEPEST = 64
"""How deep elements may nest; signs need four."""

_FRAME = frozenset({"sigml", "hns_sign", "hamnosys_manual", "hamnosys_nonmanual"})
_NAMED = re.compile(r"&(?!amp;|lt;|gt;|quot;|apos;)\w+;")
"""An entity that XML itself does not know."""

_CODES = ("tag", "picture", "movement")
"""Attributes that hold a tag's code."""


@dataclass(frozen=True, slots=True)
class SigmlSign:
    """One sign of a SiGML text."""

    gloss: str
    """As written; empty where there is none."""
    parsed: Parsed | None
    """What the hands do; None where nothing is written of them, or nothing that can be read."""
    nonmanual: tuple[tuple[str, str], ...]
    """Element and code of each non-manual tag in order, e.g. (`hnm_head`, `SH`); of `hnm_mouthpicture` the
    mouthed word as written, mostly in SAMPA."""
    unread: tuple[str, ...]
    """One line for each thing in the sign that is not part of HNS SiGML and is left out, with its line."""
    line: int
    """1-based line where the sign begins."""
    lines: tuple[int, ...]
    """1-based line of each symbol of `parsed`, in order."""


def read_sigml(text: str | bytes, *, strict: bool = False) -> tuple[SigmlSign, ...]:
    """The signs of a SiGML text, in order.

    Args:
        text: a whole file, or `hns_sign` elements alone; bytes are decoded as the file says, else as UTF-8.
        strict: whether anything that HNS SiGML and HamNoSys do not allow is an error.

    Raises:
        FormatError: it is no XML, declares entities, is too large or holds no sign, or, where `strict`, has
            what should not be there; with the line.
    """
    if len(text) > LARGEST:
        raise FormatError(f"{len(text)} characters of SiGML; give at most {LARGEST}, in several files")
    collector = _Collector()
    _feed(collector, text)
    if not collector.signs:
        found = ", ".join(sorted(collector.strange)[:4])
        raise FormatError(f"no <hns_sign> in it{f', but {found}' if found else ''}; give HNS SiGML")
    return tuple(_finished(draft, strict) for draft in collector.signs)


@dataclass(slots=True)
class _Draft:
    gloss: str
    line: int
    symbols: list[Symbol] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    nonmanual: list[tuple[str, str]] = field(default_factory=list)
    unread: list[tuple[int, str]] = field(default_factory=list)


def _finished(draft: _Draft, strict: bool) -> SigmlSign:
    if strict and draft.unread:
        line, message = draft.unread[0]
        raise FormatError(f"{message}; take it out", line=line)
    parsed = None
    unread = [f"line {line}: {message}" for line, message in draft.unread]
    if draft.symbols:
        try:
            parsed = parse_symbols(draft.symbols)
        except FormatError as error:
            if strict:
                raise FormatError(error.message, line=draft.lines[0]) from error
            unread.append(f"line {draft.lines[0]}: {error.message}")
    if strict and parsed and parsed.recoveries:
        first = parsed.recoveries[0]
        raise FormatError(first.message, line=draft.lines[min(first.where.start, len(draft.lines) - 1)])
    return SigmlSign(
        draft.gloss, parsed, tuple(draft.nonmanual), tuple(unread), draft.line, tuple(draft.lines)
    )


# XML


class _Collector:
    """Takes elements as they come and keeps signs."""

    def __init__(self) -> None:
        self.signs: list[_Draft] = []
        self.strange: set[str] = set()
        self.line = 1
        self._path: list[str] = []

    @property
    def _sign(self) -> _Draft | None:
        return self.signs[-1] if "hns_sign" in self._path else None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        sign = self._sign
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise FormatError(f"elements nest deeper than {DEEPEST}; write it flatter", line=self.line)
        if name == "hns_sign":
            self.signs.append(_Draft(attributes.pop("gloss", ""), self.line))
        elif sign is None:
            if name not in _FRAME:
                self.strange.add(f"<{name}>")
        elif "hamnosys_nonmanual" in self._path[:-1] or name.startswith("hnm_"):
            code = next((attributes.pop(key) for key in _CODES if key in attributes), "")
            sign.nonmanual.append((name, code))
        elif name.lower().startswith("ham") and name not in _FRAME:
            exact = by_name(name)
            sign.symbols.append(exact if exact.known else by_name(name.lower()))
            sign.lines.append(self.line)
        elif name not in _FRAME:
            sign.unread.append((self.line, f"<{name}> is not part of HNS SiGML"))
        if name != "sigml" and attributes and self.signs and "hns_sign" in self._path:
            told = ", ".join(f'{key}="{value}"' for key, value in attributes.items())
            self.signs[-1].unread.append((self.line, f"<{name}> has {told}, which HNS SiGML does not read"))

    def end(self, name: str) -> None:
        self._path.pop()

    def text(self, text: str) -> None:
        """Symbols may also stand as characters in the manual part."""
        sign = self._sign
        if sign is None or not text.strip():
            return
        if "hamnosys_manual" in self._path:
            found = [by_char(char) for char in text if not char.isspace()]
            sign.symbols += found
            sign.lines += [self.line] * len(found)
        else:
            sign.unread.append((self.line, f"the text {text.strip()[:40]!a} stands outside the manual part"))


def _feed(collector: _Collector, text: str | bytes) -> None:
    """Parse XML safely: what would be expanded or fetched is an error."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    before = 0

    def line() -> int:
        return parser.CurrentLineNumber + before

    def forbidden(*_: object) -> NoReturn:
        raise FormatError("it declares or uses entities; write the characters themselves", line=line())

    def doctype(*_: object) -> None:
        # with a document type, entities that nobody declared vanish from attributes without a word
        if _NAMED.search(text if isinstance(text, str) else text.decode("latin-1")):
            forbidden()

    def start(name: str, attributes: dict[str, str]) -> None:
        collector.line = line()
        collector.start(name, attributes)

    def words(found: str) -> None:
        collector.line = line()
        collector.text(found)

    parser.StartElementHandler = start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = forbidden
    parser.SkippedEntityHandler = forbidden
    parser.ExternalEntityRefHandler = forbidden
    data, before = _trimmed(text)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        message = expat.errors.messages[error.code]
        raise FormatError(
            f"not well-formed XML, {message}; mend it there", line=error.lineno + before
        ) from error
    except (ValueError, LookupError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"its characters cannot be read ({error}); save it as UTF-8") from error


def _trimmed(text: str | bytes) -> tuple[str | bytes, int]:
    """The text from its first sign on, as one element, and how many lines were left out before it."""
    if isinstance(text, bytes):
        return text, 0
    start = text.lstrip("\ufeff \t\r\n")
    before = text[: len(text) - len(start)].count("\n")
    alone = start.startswith("<") and not start.startswith(("<?", "<!"))
    return (f"<sigml>{start}</sigml>" if alone else start), before
