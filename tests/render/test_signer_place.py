"""The signer is large enough and never over captions, wherever those stand."""

from __future__ import annotations

from itertools import product

import pytest

from accessify.core.errors import OptionError
from accessify.core.text import Cue, Placement, Region
from accessify.core.timeline import Span
from accessify.render.caption_zones import ROW, USUAL, Zone, caption_zones
from accessify.render.signer_place import Layout, Rectangle, Wanted, place_signer

SIZES = [(1920, 1080), (1280, 720), (640, 480), (720, 1280), (1000, 1000), (2048, 858), (321, 241)]
TOP, MIDDLE = Zone(0.0, 0.0, 1.0, 0.2), Zone(0.0, 0.4, 1.0, 0.6)


def cue(text: str = "Hello there", **placement: object) -> Cue:
    where = Placement(**placement) if placement else None  # type: ignore[arg-type]
    return Cue(Span(0, 1), text, placement=where)


def part(layout: Layout) -> Zone:
    width, height = layout.size
    place = layout.signer
    return Zone(
        place.left / width,
        place.top / height,
        (place.left + place.width) / width,
        (place.top + place.height) / height,
    )


def inside(place: Rectangle, size: tuple[int, int]) -> bool:
    return (
        place.left >= 0
        and place.top >= 0
        and place.left + place.width <= size[0]
        and place.top + place.height <= size[1]
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("zones", [(), (USUAL,), (TOP,), (USUAL, TOP), (MIDDLE,), (USUAL, MIDDLE, TOP)])
@pytest.mark.parametrize("shape", [0.3, 0.7, 1.0, 1.35, 4.0])
def test_at_least_a_sixth_and_never_over_captions(
    size: tuple[int, int], zones: tuple[Zone, ...], shape: float
) -> None:
    for side, share in product(("left", "right"), (1 / 6, 1 / 4)):
        layout = place_signer(size, Wanted(side, share), shape=shape, zones=zones)
        assert inside(layout.signer, size)
        assert inside(layout.film, size)
        assert layout.signer.width * layout.signer.height >= share * size[0] * size[1]
        if layout.film.size == size:
            assert not any(part(layout).overlaps(zone) for zone in zones)
            assert not layout.notes
        else:  # beside: nothing of the film is covered
            assert [note.kind for note in layout.notes] == ["beside"]
            film = layout.film
            whole = Zone(film.left, film.top, film.left + film.width, film.top + film.height)
            place = layout.signer
            signer = Zone(place.left, place.top, place.left + place.width, place.top + place.height)
            assert not whole.overlaps(signer)


def test_without_captions_the_signer_stands_on_the_edge() -> None:
    layout = place_signer((1920, 1080), zones=())
    assert layout.signer.top + layout.signer.height == 1080
    assert layout.signer.left + layout.signer.width == 1920 - 38


def test_above_captions_at_the_bottom_and_below_those_at_the_top() -> None:
    usual, top = place_signer((1920, 1080)), place_signer((1920, 1080), zones=(TOP,))
    assert usual.signer.top + usual.signer.height == 864
    assert top.signer.top + top.signer.height == 1080


def test_captions_at_one_side_move_the_signer_to_the_other() -> None:
    right_half = Zone(0.5, 0.0, 1.0, 1.0)
    layout = place_signer((1920, 1080), zones=(right_half,))
    assert layout.signer.left == 38
    assert not part(layout).overlaps(right_half)


def test_beside_keeps_the_shape_of_the_picture() -> None:
    for side in ("left", "right"):
        layout = place_signer((1920, 1080), Wanted(side, beside=True))
        assert layout.film.width / layout.film.height == pytest.approx(16 / 9, abs=0.01)
        assert layout.film.width + layout.signer.width == 1920
        assert (layout.signer.left == 0) == (side == "left")
        assert layout.notes == ()
        assert layout.backing == 0


def test_beside_an_upright_picture_is_below_it() -> None:
    layout = place_signer((720, 1280), Wanted(beside=True))
    assert layout.signer.width == 720
    assert layout.signer.top == layout.film.height
    assert layout.film.width / layout.film.height == pytest.approx(9 / 16, abs=0.01)


def test_other_wishes_are_refused() -> None:
    with pytest.raises(OptionError, match="stands left or right, not 'top'"):
        Wanted("top")
    with pytest.raises(OptionError, match=r"a sixth to a half of the picture, not 0\.1 of it"):
        Wanted(share=0.1)
    with pytest.raises(OptionError, match=r"lies in 0\.\.1"):
        Wanted(backing=1.5)


def test_unplaced_cues_take_the_bottom() -> None:
    (zone,) = caption_zones([cue(), cue("two\nlines")])
    assert zone == USUAL
    (tall,) = caption_zones([cue("a\nb\nc\nd\ne")])
    assert tall.top < USUAL.top
    assert tall.bottom == 1


def test_long_lines_take_more_rows() -> None:
    (zone,) = caption_zones([cue("word " * 60)])
    assert zone.top < 1 - 5 * ROW
    (wide,) = caption_zones([cue("手语动画" * 40)])
    assert wide.top < 1 - 5 * ROW


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ({"line": 10.0}, (0.10, 0.10 + ROW)),
        ({"line": 10.0, "line_align": "end"}, (0.10 - ROW, 0.10)),
        ({"line": 50.0, "line_align": "center"}, (0.5 - ROW / 2, 0.5 + ROW / 2)),
        ({"line_number": 0}, (0.0, ROW)),
        ({"line_number": 2}, (2 * ROW, 3 * ROW)),
        ({"line_number": -1}, (1 - ROW, 1.0)),
        ({"line_number": -3}, (1 - 3 * ROW, 1 - 2 * ROW)),
        ({"line": 100.0}, (1 - ROW, 1.0)),
    ],
)
def test_lines_say_how_high(placement: dict[str, object], expected: tuple[float, float]) -> None:
    (zone,) = caption_zones([cue(**placement)])
    assert (zone.top, zone.bottom) == pytest.approx(expected)
    assert (zone.left, zone.right) == (0, 1)


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ({"size": 40.0}, (0.3, 0.7)),
        ({"align": "start"}, (0.0, 1.0)),
        ({"align": "start", "position": 60.0}, (0.6, 1.0)),
        ({"align": "end", "position": 40.0}, (0.0, 0.4)),
        ({"position": 20.0, "size": 80.0}, (0.0, 0.4)),
        ({"position": 10.0, "position_align": "line-left", "size": 50.0}, (0.1, 0.6)),
    ],
)
def test_positions_say_how_far_across(placement: dict[str, object], expected: tuple[float, float]) -> None:
    (zone,) = caption_zones([cue(line=80.0, **placement)])
    assert (zone.left, zone.right) == pytest.approx(expected)


def test_vertical_text_is_a_column() -> None:
    (right,) = caption_zones([cue("手语", vertical="rl", line_number=0)])
    assert right.right == 1
    assert right.left > 0.9
    (left,) = caption_zones([cue("手语", vertical="lr", line_number=0)])
    assert left.left == 0
    assert left.right < 0.1
    (anywhere,) = caption_zones([cue("手语", vertical="rl")])
    assert (anywhere.left, anywhere.right) == (0, 1)


def test_regions_are_looked_up() -> None:
    region = Region("fred", width=40, lines=3, region_anchor=(0, 100), viewport_anchor=(10, 90))
    (zone,) = caption_zones([cue(region="fred")], [region])
    assert (zone.left, zone.right, zone.bottom) == pytest.approx((0.1, 0.5, 0.9))
    assert zone.top == pytest.approx(0.9 - 3 * ROW)
    assert caption_zones([cue(region="nobody")], [region])[0] == USUAL


def test_cues_without_text_take_no_place() -> None:
    assert caption_zones([cue(" \n ")]) == ()
