"""XML as a tree whose elements know their line, for errors that name it.

Document type declarations are refused: captions need none, and entities declared in one can grow to
gigabytes ("billion laughs") or read other files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from accessify.core.errors import FormatError

XML = "http://www.w3.org/XML/1998/namespace"
_DEEPEST = 60
"""Elements inside each other; a caption file needs about eight."""


@dataclass(slots=True)
class Element:
    """One element: names are `(namespace, local name)`."""

    namespace: str
    name: str
    attributes: dict[tuple[str, str], str]
    line: int
    children: list[Element | str] = field(default_factory=list)
    """Elements and the text between them, in order."""

    def elements(self, name: str | None = None) -> Iterator[Element]:
        """Child elements, those called `name` when given."""
        for child in self.children:
            if isinstance(child, Element) and name in (None, child.name):
                yield child

    def text(self) -> str:
        """All text inside, as it stands."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


@dataclass(slots=True)
class _Builder:
    parser: expat.XMLParserType
    source: str
    opened: list[Element] = field(default_factory=list)
    root: Element | None = None
    comments: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        if len(self.opened) >= _DEEPEST:
            raise FormatError(
                f"elements stand more than {_DEEPEST} deep in each other", line=line, source=self.source
            )
        pairs = {_split(key): value for key, value in attributes.items()}
        element = Element(*_split(name), pairs, line)
        if self.opened:
            self.opened[-1].children.append(element)
        else:
            self.root = element
        self.opened.append(element)

    def end(self, _: str) -> None:
        self.opened.pop()

    def text(self, data: str) -> None:
        children = self.opened[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += data
        else:
            children.append(data)

    def refuse(self, *_: object) -> None:
        raise FormatError(
            "a document type declaration (<!DOCTYPE …>) is refused; remove it",
            line=self.parser.CurrentLineNumber,
            source=self.source,
        )


def _split(name: str) -> tuple[str, str]:
    namespace, _, local = name.rpartition(" ")
    return namespace, local


def parse_xml(text: str, source: str = "") -> tuple[Element, tuple[str, ...]]:
    """Root element and comments of an XML text; raises `FormatError` naming the line."""
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    builder = _Builder(parser, source)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.CommentHandler = lambda comment: builder.comments.append(comment.strip())
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(text.removeprefix("\ufeff").encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise FormatError(
            f"not well-formed XML: {expat.ErrorString(error.code)}", line=error.lineno, source=source
        ) from None
    if builder.root is None:
        raise FormatError("there is no element", line=1, source=source)
    return builder.root, tuple(filter(None, builder.comments))
