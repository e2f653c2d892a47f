"""Movements of the head that a notated sign asks for among those of the hands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from accessify.motion.notated_hand import BodyPlace
from accessify.motion.notation import Bodily, Local, NotatedSign

_CODES = {"twist": "SH", "nod": "NO", "swing": "TS"}
"""Movement in place → what SiGML calls it of a head (`accessify.motion.nonmanual_tags.HEAD`)."""


def head_code(action: Bodily) -> str:
    """SiGML's code of a movement of the head; empty where it is of another part, or another movement."""
    if not isinstance(action.part, BodyPlace) or action.part.name != "head":
        return ""
    kinds = [step.action.kind for step in action.steps if isinstance(step.action, Local)]
    return _CODES.get(kinds[0], "") if len(kinds) == len(action.steps) == 1 else ""


def head_tags(sign: NotatedSign) -> tuple[tuple[str, str], ...]:
    """The head's movements in a sign as non-manual tags, each once."""
    codes = (head_code(action) for action in _bodily(sign))
    return tuple(dict.fromkeys(("hnm_head", code) for code in codes if code))


def _bodily(node: object) -> Iterator[Bodily]:
    if isinstance(node, Bodily):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from _bodily(part)
    elif is_dataclass(node):
        for field in fields(node):
            yield from _bodily(getattr(node, field.name))
