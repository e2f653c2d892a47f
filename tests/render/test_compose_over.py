"""A signer in a film: at the right times, at the right place, softly; captions and the rest untouched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import NoOpenGL
from accessify.core.timeline import Rate, millis, seconds
from accessify.core.video import Cutout, Frame
from accessify.media.clip_writer import open_copy
from accessify.media.frames import open_frames
from accessify.media.probe import probe
from accessify.render.camera import shape
from accessify.render.caption_zones import USUAL
from accessify.render.compose_over import FADE, REST, OverFilm
from accessify.render.draw import Stage
from accessify.render.signer_place import Layout, Rectangle, Wanted, place_signer
from tests.media.make_media import Picture, Sound, scene, tone, write_media
from tests.render.figures import figure, signing

Image = NDArray[np.uint8]
SIZE = (160, 90)
RATE = Rate(Fraction(25))
LAYOUT = place_signer(SIZE, Wanted(backing=0.0))
FILM, SIGNER = (10, 20, 30), (200, 100, 50)


def film(count: int = 25, rate: Rate = RATE) -> Iterator[Frame]:
    for index in range(count):
        image = np.full((SIZE[1], SIZE[0], 3), FILM, np.uint8)
        image[0, 0] = index
        yield Frame(image, rate.at(index))


def signer(count: int, rate: Rate = RATE, start: int = 0, layout: Layout = LAYOUT) -> Iterator[Cutout]:
    """Opaque pictures whose red tells their number."""
    width, height = layout.signer.size
    for index in range(count):
        image = np.full((height, width, 4), (*SIGNER, 255), np.uint8)
        image[..., 0] = 100 + index
        yield Cutout(image, start + rate.at(index))


def middle(frame: Frame, layout: Layout = LAYOUT) -> list[int]:
    """The colour in the middle of the signer's place."""
    place = layout.signer
    color: list[int] = frame.image[place.top + place.height // 2, place.left + place.width // 2].tolist()
    return color


def numbers(frames: list[Frame]) -> list[int]:
    return [middle(frame)[0] - 100 for frame in frames]


def test_every_picture_of_the_film_comes_at_its_time() -> None:
    frames = list(OverFilm(film(), RATE, signer(25), LAYOUT, RATE.at(25)))
    assert [frame.start for frame in frames] == [RATE.at(index) for index in range(25)]
    assert [frame.image[0, 0, 0] for frame in frames] == list(range(25))
    assert numbers(frames) == list(range(25))


@pytest.mark.parametrize("fps", [10, 50, Fraction(30000, 1001)])
def test_other_rates_show_what_is_on_at_the_time(fps: Fraction) -> None:
    rate = Rate(Fraction(fps))
    frames = list(OverFilm(film(25), RATE, signer(100, rate), LAYOUT, rate.at(100)))
    assert numbers(frames)[:25] == [rate.index(RATE.at(index)) for index in range(25)]


def test_before_the_signing_the_signer_waits() -> None:
    frames = list(OverFilm(film(25), RATE, signer(5, start=RATE.at(10)), LAYOUT, RATE.at(15)))
    assert numbers(frames)[:16] == [0] * 11 + [1, 2, 3, 4, 4]


def test_after_the_signing_the_signer_rests_then_fades_out() -> None:
    made = OverFilm(film(100), RATE, signer(10), LAYOUT, RATE.at(10))
    frames = list(made)
    rest, fade = RATE.index(REST), RATE.index(FADE)
    assert len(frames) == 100
    assert numbers(frames)[9 : 10 + rest] == [9] * (rest + 1)
    reds = [middle(frame)[0] for frame in frames[10 + rest : 11 + rest + fade]]
    assert all(later < sooner for sooner, later in pairwise(reds))
    assert middle(frames[11 + rest + fade]) == list(FILM)
    assert made.notes == ()


def test_where_the_film_is_shorter_its_last_picture_is_held() -> None:
    made = OverFilm(film(10), RATE, signer(35), LAYOUT, RATE.at(35))
    frames = list(made)
    assert len(frames) == 35
    assert [frame.start for frame in frames] == [RATE.at(index) for index in range(35)]
    assert {int(frame.image[0, 0, 0]) for frame in frames[9:]} == {9}
    assert numbers(frames) == list(range(35))
    (note,) = made.notes
    assert (note.kind, note.span.start, note.span.end) == ("held", RATE.at(10), RATE.at(35))
    assert "1.0 s longer than the film" in note.text


def test_nothing_outside_the_signers_place_changes() -> None:
    (frame,) = OverFilm(film(1), RATE, signer(1), LAYOUT, 0)
    place = LAYOUT.signer
    outside = np.ones(frame.image.shape[:2], bool)
    outside[place.top : place.top + place.height, place.left : place.left + place.width] = False
    outside[0, 0] = False
    assert (frame.image[outside] == FILM).all()
    captions = slice(int(USUAL.top * SIZE[1]), None)
    assert (frame.image[captions] == FILM).all()


def test_a_figure_that_ends_inside_the_picture_ends_softly() -> None:
    (frame,) = OverFilm(film(1), RATE, signer(1), LAYOUT, 0)
    place = LAYOUT.signer
    column = frame.image[place.top : place.top + place.height, place.left + 5, 1].astype(int)
    assert column[0] == SIGNER[1]
    assert 20 < column[-1] < 40
    on_edge = place_signer(SIZE, Wanted(backing=0.0), zones=())
    (frame,) = OverFilm(film(1), RATE, signer(1, layout=on_edge), on_edge, 0)
    assert frame.image[-1, on_edge.signer.left + 5, 1] == SIGNER[1]


def test_a_panel_backs_the_signer_and_has_round_corners() -> None:
    layout = replace(LAYOUT, backing=0.5)
    clear = (replace(one, image=one.image * np.array([1, 1, 1, 0], np.uint8)) for one in signer(1))
    (frame,) = OverFilm(film(1), RATE, clear, layout, 0)
    assert middle(frame) == [53, 68, 80]  # half way to the ground
    corner = frame.image[layout.signer.top, layout.signer.left]
    assert (corner < 60).all()  # mostly film


def test_beside_the_whole_film_is_there_smaller() -> None:
    layout = place_signer(SIZE, Wanted(beside=True, ground=(1, 2, 3)))
    image = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    image[:, : SIZE[0] // 2] = 200
    (frame,) = OverFilm([Frame(image)], RATE, signer(1, layout=layout), layout, 0)
    part = frame.image[layout.film.top : layout.film.top + layout.film.height, : layout.film.width]
    assert (part[:, : layout.film.width // 2 - 2] == 200).all()
    assert (part[:, layout.film.width // 2 + 2 :] == 0).all()
    assert middle(frame, layout) == [100, 100, 50]
    assert frame.image[0, 0].tolist() == [1, 2, 3]


def test_pictures_of_the_wrong_size_are_refused() -> None:
    wrong = [Cutout(np.zeros((4, 4, 4), np.uint8))]
    with pytest.raises(ValueError, match=r"the signer's pictures are .* not \(4, 4\)"):
        list(OverFilm(film(1), RATE, wrong, LAYOUT, 0))
    with pytest.raises(ValueError, match=r"the film's pictures are \(160, 90\), not \(8, 8\)"):
        list(OverFilm([Frame(np.zeros((8, 8, 3), np.uint8))], RATE, signer(1), LAYOUT, 0))


def test_a_film_without_pictures_and_a_signer_without_any() -> None:
    assert list(OverFilm([], RATE, signer(3), LAYOUT, RATE.at(3))) == []
    frames = list(OverFilm(film(3), RATE, [], LAYOUT, 0))
    assert [middle(frame) for frame in frames] == [list(FILM)] * 3


def test_the_films_own_pictures_are_left_alone() -> None:
    frames = list(film(2))
    before = [frame.image.copy() for frame in frames]
    list(OverFilm(frames, RATE, signer(2), LAYOUT, 0))
    assert all((frame.image == image).all() for frame, image in zip(frames, before, strict=True))


def test_a_drawn_signer_in_a_real_film(tmp_path: Path) -> None:
    """Everything together: the film's sound, size, rate and captions stay; hands are in the picture."""
    pictures = [scene(180, 320, index) for index in range(25)]
    for image in pictures:
        image[148:172, 60:260] = (255, 255, 255)  # captions, burnt in
    source = write_media(tmp_path / "film.mp4", [Sound(tone(1.0))], Picture(pictures))
    target, motion, character = tmp_path / "signed.mp4", signing(40), figure(6)
    with open_frames(source) as reader:
        layout = place_signer(reader.size, Wanted(backing=0.0), shape=shape(character, motion))
        try:
            stage = Stage(character, layout.signer.size, ground=None)
        except NoOpenGL as error:
            pytest.skip(f"no OpenGL here: {error.reason}")
        with stage, open_copy(target, source, reader.size, reader.rate) as writer:
            both = OverFilm(reader, reader.rate, stage.draw(motion), layout, motion.span.end)
            for frame in both:
                writer.write(frame)
    assert [note.kind for note in both.notes] == ["held"]
    with open_frames(target) as reader:
        frames = list(reader)
    assert len(frames) == 40
    assert abs(frames[-1].start - RATE.at(39)) < millis(1)
    info = probe(target)
    assert len(info.audio) == 1
    assert info.video
    assert (frames[0].size, info.video.rate) == ((320, 180), RATE)
    assert frames[12].image[150:170, 64:256].min() > 225  # the captions
    place = layout.signer
    there = np.s_[place.top : place.top + place.height, place.left : place.left + place.width]
    changed = np.abs(frames[12].image[there].astype(int) - pictures[12][there]).max(axis=2) > 40
    assert 0.15 < changed.mean() < 0.8
    assert abs(probe(target).span.duration - seconds(Fraction(40, 25))) < millis(2)


def test_a_place_is_a_value() -> None:
    assert Rectangle(1, 2, 3, 4).size == (3, 4)
