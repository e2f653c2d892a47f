"""Labels and words in the picture can be read, stay in the safe area, and tell what cannot be written."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import MissingExtra, OptionError
from accessify.core.text import Cue
from accessify.core.timeline import Span, Track, millis, seconds
from accessify.core.video import Cutout, Frame
from accessify.render.fonts import font_for
from accessify.render.label import Overprint
from accessify.render.lettering import blend, lettered

pytest.importorskip("PIL", reason="Pillow comes with the extra `avatar`")

Image = NDArray[np.uint8]
SIZE = (320, 240)
UNWRITTEN = "\U0001f9ff"  # an eye-shaped amulet; no font for text has it


def picture(start: int = 0, ground: tuple[int, int, int, int] = (150, 168, 180, 255)) -> Cutout:
    return Cutout(np.full((SIZE[1], SIZE[0], 4), ground, np.uint8), start)


def written(
    cutout: Cutout, ground: tuple[int, int, int, int] = (150, 168, 180, 255)
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what differs from the ground."""
    rows, columns = np.nonzero((cutout.image != np.array(ground)).any(axis=2))
    assert rows.size
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def words(*cues: tuple[int, int, str]) -> Track[Cue]:
    return Track.of(Cue(Span(seconds(start), seconds(end)), text) for start, end, text in cues)


def test_the_label_stands_at_the_top_left_of_the_safe_area() -> None:
    left, top, right, bottom = written(Overprint(SIZE, label="avatar").over(picture()))
    assert 16 <= left < 22
    assert 12 <= top < 22
    assert right < 160
    assert bottom < 40


def test_words_stand_at_the_bottom_in_the_middle_while_they_last() -> None:
    over = Overprint(SIZE, words=words((1, 2, "Haus")))
    left, top, right, bottom = written(over.over(picture(seconds(1))))
    assert abs((left + right) / 2 - 160) < 3
    assert top > 190
    assert bottom <= 228
    for other in (0, seconds(1) - 1, seconds(2), seconds(9)):
        assert (over.over(picture(other)).image == picture().image).all()


def test_words_at_the_same_time_stand_above_each_other() -> None:
    both = Overprint(SIZE, words=words((0, 2, "Haus"), (1, 2, "Baum")))
    assert written(both.over(picture(seconds(1))))[1] < written(both.over(picture(0)))[1] - 10


@pytest.mark.parametrize("ground", [(0, 0, 0, 255), (255, 255, 255, 255), (128, 128, 128, 255)])
def test_letters_are_readable_on_any_ground(ground: tuple[int, int, int, int]) -> None:
    """Both light and dark in every letter: one of the two is far from the ground."""
    left, top, right, bottom = written(
        Overprint(SIZE, words=words((0, 1, "Haus"))).over(picture(0, ground)), ground
    )
    image = Overprint(SIZE, words=words((0, 1, "Haus"))).over(picture(0, ground)).image
    part = image[top : bottom + 1, left : right + 1, :3].max(axis=2)
    assert part.max() > 235
    assert part.min() < 70


def test_on_what_is_clear_the_letters_are_opaque() -> None:
    image = Overprint(SIZE, label="avatar").over(picture(0, (118, 108, 104, 0))).image
    assert image[..., 3].max() > 190
    assert image[120:, :, 3].max() == 0
    strongest = image[image[..., 3] > 190]
    assert strongest[:, :3].max() > 235


def test_pictures_without_opacity_are_written_on_too() -> None:
    plain = Frame(np.full((SIZE[1], SIZE[0], 3), (150, 168, 180), np.uint8))
    over = Overprint(SIZE, label="avatar")
    assert (over.over(plain).image == over.over(picture()).image[..., :3]).all()
    assert over.over(plain) is plain


def test_long_words_stay_inside() -> None:
    over = Overprint(SIZE, words=words((0, 1, "Donaudampfschifffahrtsgesellschaftskapitänswitwe " * 2)))
    left, top, right, bottom = written(over.over(picture()))
    assert left >= 15
    assert right <= 304
    assert top > 0
    assert bottom <= 228


def test_lines_are_broken_between_words() -> None:
    one, _ = lettered("eins zwei", 20, 1000)
    two, _ = lettered("eins zwei", 20, 80)
    assert two.shape[0] > 1.5 * one.shape[0]
    assert two.shape[1] < 0.7 * one.shape[1]
    assert two.shape[1] <= 80


def test_scripts_without_spaces_break_anywhere() -> None:
    wide, _ = lettered("手语动画手语动画", 20, 1000)
    narrow, _ = lettered("手语动画手语动画", 20, wide.shape[1] // 2)
    assert narrow.shape[0] > 1.5 * wide.shape[0]


def test_what_no_font_has_is_told_and_the_label_is_english_then() -> None:
    over = Overprint(SIZE, label=f"{UNWRITTEN} avatar", words=words((0, 1, "Haus"), (3, 4, UNWRITTEN)))
    assert [(note.kind, note.span) for note in over.notes] == [
        ("glyphs", Span(0, seconds(4))),
        ("glyphs", Span(seconds(3), seconds(4))),
    ]
    assert UNWRITTEN in over.notes[0].text
    english = Overprint(SIZE, label="avatar, not an interpreter")
    assert (over.over(picture(seconds(2))).image == english.over(picture(seconds(2))).image).all()
    assert english.notes == ()


def test_letters_with_accents_are_there() -> None:
    for text in ("Häuser", "señor", "façade", "łódź"):
        assert font_for(text, 20)[1] == ""


def test_a_font_of_ones_own_is_taken_or_refused(tmp_path: Path) -> None:
    broken = tmp_path / "a.ttf"
    broken.write_bytes(b"no font")
    with pytest.raises(OptionError, match=r"a\.ttf: not a font that can be read; give a \.ttf"):
        Overprint(SIZE, label="avatar", font=broken)


def test_without_pillow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra, match=r"pip install 'accessify\[avatar\]'"):
        Overprint(SIZE, label="avatar")


def test_pictures_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match=r"the pictures are \(320, 240\), not \(64, 48\)"):
        Overprint(SIZE).over(Cutout(np.zeros((48, 64, 4), np.uint8)))


def test_a_tile_may_stand_out_of_the_picture() -> None:
    tile = np.full((10, 10, 4), (255, 0, 0, 255), np.uint8)
    for channels in (3, 4):
        image = np.zeros((20, 30, channels), np.uint8)
        for left, top in ((-5, -5), (25, 15), (40, 3), (3, -12), (-10, 0)):
            blend(image, tile, left, top)
        assert image[:5, :5, 0].min() == 255
        assert image[15:, 25:, 0].min() == 255
        assert (image[..., 0] > 0).sum() == 50
    half = np.full((1, 1, 4), (200, 100, 0, 128), np.uint8)
    image = np.full((1, 1, 4), (0, 100, 200, 128), np.uint8)
    blend(image, half, 0, 0)
    assert image[0, 0].tolist() == pytest.approx([133, 100, 67, 192], abs=1)


def test_nothing_asked_for_writes_nothing() -> None:
    assert (Overprint(SIZE, label=" ").over(picture(millis(5))).image == picture().image).all()
