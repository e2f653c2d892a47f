"""Movements of the head in notation."""

import pytest

from accessify.core.timeline import Rate
from accessify.motion.hamnosys import parse
from accessify.motion.head_moves import head_tags
from accessify.motion.synthesize import synthesize
from tests.motion.people import plain_proportions

HAND = "hamfinger2 hamextfingeru hampalmd"


@pytest.mark.parametrize(
    ("moves", "tags"),
    [
        ("hamseqbegin hamhead hamtwisting hamseqend", (("hnm_head", "SH"),)),
        ("hamseqbegin hamhead hamnodding hamseqend", (("hnm_head", "NO"),)),
        ("hamtwisting", ()),
        ("hamseqbegin hamelbow hamtwisting hamseqend", ()),
    ],
)
def test_shakes_and_nods_are_the_heads(moves: str, tags: tuple[tuple[str, str], ...]) -> None:
    assert head_tags(parse(f"{HAND} {moves}").sign) == tags


def test_only_what_nobody_does_is_told() -> None:
    for part, told in (("hamhead", False), ("hamelbow", True)):
        text = f"{HAND} hamseqbegin {part} hamtwisting hamseqend"
        notes = synthesize(parse(text), plain_proportions(), rate=Rate.parse("25")).notes
        assert any("another part of the body" in note.text for note in notes) is told
