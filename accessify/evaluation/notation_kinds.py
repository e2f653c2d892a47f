"""What sorts of signs there are in notation, so that errors can be told for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from accessify.motion.notated_hand import At, BodyPlace, HandPart, Meet
from accessify.motion.notation import (
    Arc,
    Hands,
    Local,
    Move,
    NotatedSign,
    Repetition,
    Replace,
    Sequence,
    SimpleSign,
    Together,
    Wave,
)
from accessify.motion.places import HEAD


def sign_kinds(sign: NotatedSign) -> tuple[str, ...]:
    """The names of all sorts that a sign belongs to, in a fixed order; each sign belongs to several."""
    found: set[str] = {"compound"} if len(sign.parts) > 1 else set()
    for part in sign.parts:
        found |= set(_of_whole(part))
        for node in _nodes(part):
            found |= set(_of_node(node))
    return tuple(kind for kind in KINDS if kind in found)


KINDS = (
    *("one-handed", "symmetric", "two hands, not symmetric", "alternating", "compound", "still"),
    *("head", "body touched", "in space", "parts of hands", "near", "between"),
    *("straight", "arc", "circle", "wave", "in place", "change of hand", "to a place"),
    *("together", "bracket in a row", "each hand its own", "again"),
)
"""Names in the order of tables."""


def _of_whole(part: SimpleSign) -> Iterator[str]:
    meets = any(isinstance(one, Meet) and one.paired for one in part.location)
    if part.symmetry is not None:
        yield "symmetric"
        if part.symmetry.alternating:
            yield "alternating"
    else:
        yield "two hands, not symmetric" if part.two_handed or meets else "one-handed"
    if not part.steps:
        yield "still"
    if any(step.target for step in part.steps):
        yield "to a place"


def _of_node(node: object) -> Iterator[str]:
    if isinstance(node, At):
        yield from _of_place(node)
    elif isinstance(node, Meet) and any(isinstance(end, HandPart) for end in (*node.other, *node.dominant)):
        yield "parts of hands"
    elif isinstance(node, Move):
        yield "circle" if node.kind == "circle" else "straight"
    elif isinstance(node, tuple(_PLAIN)):
        yield _PLAIN[type(node)]


_PLAIN = {
    Arc: "arc",
    Wave: "wave",
    Local: "in place",
    Replace: "change of hand",
    Together: "together",
    Sequence: "bracket in a row",
    Hands: "each hand its own",
    Repetition: "again",
}


def _of_place(at: At) -> Iterator[str]:
    kind = at.contact.kind if at.contact else ""
    for end in at.ends:
        if isinstance(end, BodyPlace):
            on_head = end.name in HEAD
            yield "head" if on_head else "body touched" if kind == "touch" else "in space"
    if kind == "close":
        yield "near"
    if len(at.ends) > 1:
        yield "between"


def _nodes(value: object) -> Iterator[object]:
    """All nodes of a tree."""
    if isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
    elif is_dataclass(value) and not isinstance(value, type):
        yield value
        for entry in fields(value):
            yield from _nodes(getattr(value, entry.name))
