"""Colours as people write them."""

from __future__ import annotations

import sys

import pytest

from accessify.core.errors import MissingExtra, OptionError
from accessify.render.background import ground_of

pytest.importorskip("PIL", reason="Pillow comes with the extra `avatar`")


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("white", (255, 255, 255)),
        (" SteelBlue ", (70, 130, 180)),
        ("#0b3d2e", (11, 61, 46)),
        ("#fff", (255, 255, 255)),
        ("#ffffffff", (255, 255, 255)),
        ("rgb(20, 40, 60)", (20, 40, 60)),
        ("Transparent", None),
    ],
)
def test_colours_are_read(text: str, color: tuple[int, int, int] | None) -> None:
    assert ground_of(text) == color


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("whitish", "is no colour; write a name such as white"),
        ("", "is no colour"),
        ("#ffffff80", "partly clear"),
    ],
)
def test_what_is_no_colour_says_what_is(text: str, told: str) -> None:
    with pytest.raises(OptionError, match=told):
        ground_of(text)


def test_without_pillow_only_transparent_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert ground_of("transparent") is None
    with pytest.raises(MissingExtra, match=r"accessify\[avatar\]"):
        ground_of("white")
