"""Figures are drawn where the camera sees them, in true colours, with true opacity. Real OpenGL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.character import Character
from accessify.core.errors import MissingExtra, NoOpenGL, OptionError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.humanoid import BONES, Rig
from accessify.core.motion import Motion, placed_bones
from accessify.core.rotation import about
from accessify.core.timeline import seconds
from accessify.render.camera import framing
from accessify.render.canvas import straighten
from accessify.render.draw import GROUND, Stage
from tests.render.figures import RATE, figure, signing

pytest.importorskip("moderngl", reason="moderngl comes with the extra `avatar`")

Image = NDArray[np.uint8]
SIZE = (320, 320)
FIGURE = figure(8)


def stage(character: Character = FIGURE, size: tuple[int, int] = SIZE, **options: object) -> Stage:
    try:
        return Stage(character, size, **options)  # type: ignore[arg-type]
    except NoOpenGL as error:
        pytest.skip(f"no OpenGL here: {error.reason}")


@pytest.fixture(scope="module")
def opaque() -> Iterator[Stage]:
    with stage() as open_stage:
        yield open_stage


@pytest.fixture(scope="module")
def clear() -> Iterator[Stage]:
    with stage(ground=None) as open_stage:
        yield open_stage


def over(image: Image, ground: tuple[int, int, int]) -> NDArray[np.float64]:
    share = image[..., 3:] / 255
    return np.asarray(image[..., :3] * share + np.array(ground) * (1 - share))


def where(motion: Motion, bone: str, size: tuple[int, int] = SIZE) -> tuple[int, int]:
    """The pixel, row then column, of a bone's joint in the first picture."""
    places, _ = placed_bones(motion.rig, motion.rotations[:1], motion.hips[:1])
    x, y, _ = framing(FIGURE, motion, size).project(places[0, motion.rig.index(bone)])
    return int(y), int(x)


def with_face(motion: Motion, **weights: float) -> Motion:
    face = np.zeros_like(motion.expressions)
    for name, weight in weights.items():
        face[:, EXPRESSIONS.index(name)] = weight
    return replace(motion, expressions=face)


def test_times_and_sizes_are_those_of_the_movement(opaque: Stage) -> None:
    motion = replace(signing(5), start=seconds(3))
    pictures = list(opaque.draw(motion))
    assert [one.start for one in pictures] == [seconds(3) + RATE.at(number) for number in range(5)]
    assert {one.size for one in pictures} == {SIZE}
    assert list(opaque.draw(signing(0))) == []


def test_hands_are_where_the_camera_sees_them(opaque: Stage) -> None:
    motion = signing(1)
    image = opaque.picture(motion).image.astype(int)
    for bone in ("leftIndexIntermediate", "rightMiddleProximal", "head"):
        red, green, blue, _ = image[where(motion, bone)]
        assert red > 1.15 * green > blue  # skin
    red, green, blue, _ = image[where(motion, "spine")]
    assert blue > 1.3 * red  # shirt
    assert where(motion, "leftHand")[1] > SIZE[0] / 2 > where(motion, "rightUpperArm")[1]


def test_the_ground_is_the_colour_asked_for() -> None:
    with stage(ground=(17, 99, 201)) as blue:
        image = blue.picture(signing(1)).image
    assert (image[..., 3] == 255).all()
    assert image[5, 5].tolist() == [17, 99, 201, 255]
    assert image[5, -5].tolist() == [17, 99, 201, 255]


def test_cut_out_is_as_if_drawn_on_any_ground(opaque: Stage, clear: Stage) -> None:
    for ground in ((20, 220, 40), (255, 255, 255), GROUND):
        with stage(ground=ground) as on_ground:
            expected = on_ground.picture(signing(1)).image[..., :3].astype(float)
        shown = over(clear.picture(signing(1)).image, ground)
        assert np.abs(shown - expected).max() <= 3


def test_edges_are_smooth_and_the_rest_is_clear_or_not(clear: Stage) -> None:
    motion = signing(1)
    image = clear.picture(motion).image
    assert image[3, 3, 3] == 0
    assert image[where(motion, "head")][3] == 255
    partly = (image[..., 3] > 0) & (image[..., 3] < 255)
    assert 300 < partly.sum() < 0.05 * partly.size
    with stage(ground=None, smoothness=1) as hard:
        assert set(np.unique(hard.picture(motion).image[..., 3])) == {0, 255}


def test_clear_pixels_beside_the_figure_have_its_colour(clear: Stage) -> None:
    image = clear.picture(signing(1)).image
    row, column = where(signing(1), "head")
    line = image[row].astype(int)
    edge = int(np.flatnonzero(line[:, 3] > 0)[0])
    inside, beside = line[edge + 1, :3], line[edge - 1]
    assert beside[3] == 0
    assert np.abs(beside[:3] - inside).max() < 40
    assert column > edge


def test_edges_are_freed_of_what_lies_behind() -> None:
    """Half of a pure red over the clear ground's colour is pure red again, half clear."""
    image = np.zeros((1, 5, 4), np.uint8)
    image[0, :, :3] = (118, 108, 104)
    image[0, 3] = image[0, 4] = (255, 0, 0, 255)
    image[0, 2] = ((118 + 255) // 2, 54, 52, 128)
    straighten(image)
    assert np.abs(image[0, 2].astype(int) - [255, 0, 0, 128]).max() <= 2
    assert image[0, 1, 3] == 0
    assert image[0, 1, 0] > 250
    assert image[0, 4].tolist() == [255, 0, 0, 255]


def test_faces_move_and_come_to_rest_again(opaque: Stage) -> None:
    still = opaque.picture(with_face(signing(1))).image.astype(int)
    open_mouth = opaque.picture(with_face(signing(1), jawOpen=1.0)).image.astype(int)
    half = opaque.picture(with_face(signing(1), jawOpen=0.5)).image.astype(int)
    again = opaque.picture(with_face(signing(1))).image
    changed = np.abs(open_mouth - still).max(axis=2) > 8
    rows, columns = np.nonzero(changed)
    head = where(signing(1), "head")
    assert changed.sum() > 100
    assert (np.abs(columns - head[1]) < 60).all()
    assert (np.abs(rows - head[0]) < 60).all()
    assert np.abs(half - still).sum() < np.abs(open_mouth - still).sum()
    assert (again == still).all()


def test_an_expression_that_the_figure_lacks_changes_nothing(opaque: Stage) -> None:
    still, blow = (opaque.picture(with_face(signing(1), cheekPuff=weight)).image for weight in (0.0, 1.0))
    assert (still == blow).all()


def test_a_hand_before_the_chest_darkens_it(opaque: Stage) -> None:
    """Depth can be read: below a hand near the chest there is a shadow, with the arm away there is none."""
    motion = signing(1)
    rotations = motion.rotations.copy()
    rotations[:, motion.rig.index("rightUpperArm")] = about([0, 0, 1], 1.3)
    rotations[:, motion.rig.index("rightLowerArm")] = about([0, 0, 1], 0.0)
    camera = framing(FIGURE, motion, SIZE)
    near = opaque.picture(motion, 0, camera).image.astype(int)
    away = opaque.picture(replace(motion, rotations=rotations), 0, camera).image.astype(int)
    row, column = where(motion, "rightMiddleProximal")
    below = near[row + 4 : row + 20, column - 8 : column + 12, :3]
    free = away[row + 4 : row + 20, column - 8 : column + 12, :3]
    cloth = (below[..., 2] > 1.2 * below[..., 0]) & (free[..., 2] > 1.2 * free[..., 0])
    assert cloth.sum() > 60
    assert below[cloth].mean() < 0.93 * free[cloth].mean()


def test_what_does_not_move_looks_the_same_and_what_does_not(opaque: Stage) -> None:
    motion = with_face(signing(2))
    held = [0, 0, 0, 1, 1, 0]
    long = Motion(
        motion.rig, motion.rotations[held], motion.hips[held], motion.expressions[held], motion.rate
    )
    pictures = [one.image for one in opaque.draw(long)]
    assert len(pictures) == 6
    for number, image in zip(held, pictures, strict=True):
        assert (image == pictures[held.index(number)]).all()
    assert (pictures[0] != pictures[3]).any()
    pictures[0][:] = 0  # each picture is the caller's own
    assert pictures[1].any()


def test_one_may_stop_before_the_end() -> None:
    """The buffers go when drawing is left, also after the stage was closed."""
    with stage() as early:
        abandoned = early.draw(signing(9))
        next(abandoned)
        late = early.draw(signing(9))
        first = next(late).image
        abandoned.close()  # type: ignore[attr-defined]
        assert (next(late).image != first).any()
    late.close()  # type: ignore[attr-defined]


def test_two_stages_at_once_do_not_mix() -> None:
    with stage(ground=(0, 0, 0)) as dark, stage(ground=(255, 255, 255), size=(160, 120)) as light:
        pairs = list(zip(dark.draw(signing(3)), light.draw(signing(3)), strict=True))
    for black, white in pairs:
        assert black.image[2, 2].tolist() == [0, 0, 0, 255]
        assert white.image[2, 2].tolist() == [255, 255, 255, 255]
        assert (black.size, white.size) == (SIZE, (160, 120))


def test_a_movement_of_other_bones_is_refused(opaque: Stage) -> None:
    few = Rig(BONES[:3], np.zeros((3, 3)), np.ones((3, 3)))
    with pytest.raises(ValueError, match="retarget it first"):
        next(opaque.draw(Motion.at_rest(few, 1, RATE)))
    with pytest.raises(ValueError, match=r"the camera's pictures are \(64, 64\)"):
        next(opaque.draw(signing(1), framing(FIGURE, signing(1), (64, 64))))


@pytest.mark.parametrize("size", [(0, 100), (100, -1), (100, 1_000_000)])
def test_sizes_that_cannot_be_drawn_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(OptionError, match=r"pictures are 1 to \d+ pixels wide and high here, not"):
        stage(size=size)


def test_unknown_materials_are_drawn_plainly() -> None:
    """As of a figure that somebody brings along."""
    materials = tuple(replace(one, kind="marble") for one in FIGURE.materials)
    with stage(replace(FIGURE, materials=materials)) as other:
        motion = signing(1)
        assert other.picture(motion).image[where(motion, "spine")][2] > 60


def test_the_renderer_is_named(opaque: Stage) -> None:
    assert opaque.renderer.strip()


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the library's name can be set on Linux only"
)
def test_without_opengl_the_package_and_the_other_style_are_named() -> None:
    script = (
        "from tests.render.figures import figure\nfrom accessify.render.draw import Stage\n"
        "from accessify.core.errors import NoOpenGL\n"
        "try:\n Stage(figure(4), (64, 64))\nexcept NoOpenGL as error:\n print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "GLCONTEXT_LINUX_LIBEGL": "libnothing.so"},
        timeout=60,
    ).stdout
    assert "install libegl1 and libgl1-mesa-dri" in said
    assert "--style skeleton" in said
    assert len(said.splitlines()) == 1


def test_without_moderngl_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moderngl", None)
    with pytest.raises(MissingExtra, match=r"pip install 'accessify\[avatar\]'"):
        Stage(FIGURE, SIZE)
