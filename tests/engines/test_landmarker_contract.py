"""What every `Landmarker` keeps to, whichever engine it is of. A new engine is one row of `ENGINES`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import ModelError
from accessify.core.holistic import FACE, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseFrame, Skeleton
from accessify.core.timeline import millis
from accessify.core.video import Frame
from accessify.engines.holistic import Holistic, HolisticOptions, open_networks
from accessify.engines.mediapipe_tasks import open_task
from accessify.engines.networks import Networks
from accessify.hub.graphs import graph_files
from accessify.tracking.graphs import Landmarker
from accessify.tracking.holistic import CALM, Smoothing
from tests.engines.bundles import FACE_TASK, LETTERS, SENTENCE, hand_members, needs, needs_face_task, store

pytestmark = pytest.mark.models


@dataclass(frozen=True, slots=True)
class Engine:
    """One row: how a landmarker is opened, and a part that it finds in a picture of the sentence."""

    open: Callable[[Path], Landmarker]
    """Given a folder for what it needs on disk."""
    part: str


@cache
def networks() -> Networks:
    return open_networks(graph_files("holistic-landmarks", offline=True))


def mediapipe_hands(folder: Path) -> Landmarker:
    path = folder / "hands.task"
    return open_task(path if path.exists() else store(path, hand_members()))


def mediapipe_face(_: Path) -> Landmarker:
    return open_task(FACE_TASK)


def onnx_hands(_: Path) -> Landmarker:
    return Holistic(networks(), HolisticOptions(hands_only=True))


def onnx_holistic(_: Path) -> Landmarker:
    return Holistic(networks())


def onnx_live(_: Path) -> Landmarker:
    return Holistic(networks(), HolisticOptions(ahead=0))


@cache
def expressive() -> Networks:
    files = dict(graph_files("holistic-landmarks", offline=True))
    try:
        files |= graph_files("face-landmarker", offline=True)
    except ModelError as error:
        pytest.skip(f"face-landmarker is not here: {error}")
    return open_networks(files, HolisticOptions(expressions=True))


def onnx_expressions(_: Path) -> Landmarker:
    return Holistic(expressive(), HolisticOptions(expressions=True), expressive().score)


def onnx_near(_: Path) -> Landmarker:
    return Holistic(networks(), HolisticOptions(near=(0.5, 0.5)))


def onnx_smoothed(_: Path) -> Landmarker:
    return Holistic(networks(), HolisticOptions(smoothing=Smoothing(hands=CALM, face=CALM)))


ENGINES = {
    "mediapipe hands": Engine(mediapipe_hands, RIGHT_HAND),
    "mediapipe face": Engine(mediapipe_face, FACE),
    "onnx hands": Engine(onnx_hands, RIGHT_HAND),
    "onnx holistic": Engine(onnx_holistic, RIGHT_HAND),
    "onnx live": Engine(onnx_live, FACE),
    "onnx expressions": Engine(onnx_expressions, FACE),
    "onnx near": Engine(onnx_near, FACE),
    "onnx smoothed": Engine(onnx_smoothed, RIGHT_HAND),
}


@pytest.fixture(
    params=[
        pytest.param(
            engine, id=name, marks=[needs_face_task] if engine.part == FACE and "mediapipe" in name else []
        )
        for name, engine in ENGINES.items()
    ]
)
def engine(request: pytest.FixtureRequest) -> Engine:
    chosen: Engine = request.param
    return chosen


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as path:
        yield Path(path)


@pytest.fixture(scope="module")
def signing() -> list[NDArray[np.uint8]]:
    """Six pictures of somebody who signs, 320×240."""
    import av

    needs(SENTENCE)
    with av.open(str(SENTENCE)) as film:
        images = [picture.to_ndarray(format="rgb24") for picture in film.decode(video=0)]
    return [np.asarray(image, np.uint8) for image in images[34:40]]


GREY = np.full((90, 120, 3), 128, np.uint8)


def frames_of(images: Sequence[NDArray[np.uint8]]) -> list[Frame]:
    """Pictures 40 ms apart, but for the first two: as a camera with a varying rate gives them."""
    return [
        Frame(image, millis(1000 + 40 * index - (25 if index else 0))) for index, image in enumerate(images)
    ]


def poses_of(landmarker: Landmarker, images: Sequence[NDArray[np.uint8]]) -> list[PoseFrame]:
    with closing(landmarker):
        poses = [pose for frame in frames_of(images) for pose in landmarker.push(frame)]
        return [*poses, *landmarker.finish()]


def found(pose: PoseFrame, skeleton: Skeleton, part: str) -> bool:
    return bool((pose.confidence[skeleton.place(part)] > 0).all())


def test_each_picture_has_its_pose_in_order_at_its_own_time(engine: Engine, folder: Path) -> None:
    images = [GREY] * 5
    landmarker = engine.open(folder)
    poses = poses_of(landmarker, images)
    assert [pose.start for pose in poses] == [frame.start for frame in frames_of(images)]
    assert all(later.start > earlier.start for earlier, later in pairwise(poses))
    assert all(pose.points.shape == (len(landmarker.skeleton), 3) for pose in poses)


def test_an_empty_picture_has_only_missing_points(engine: Engine, folder: Path) -> None:
    for image in (GREY, np.zeros((240, 320, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)):
        for pose in poses_of(engine.open(folder), [image] * 2):
            assert np.isnan(pose.points).all()
            assert (pose.confidence == 0).all()
            assert pose.expressions is None


def test_what_is_there_is_found_within_the_picture(
    engine: Engine, folder: Path, signing: list[NDArray[np.uint8]]
) -> None:
    landmarker = engine.open(folder)
    poses = poses_of(landmarker, signing)
    place = landmarker.skeleton.place(engine.part)
    assert all(found(pose, landmarker.skeleton, engine.part) for pose in poses[1:])
    for pose in poses[1:]:
        low, high = pose.points[place, :2].min(axis=0), pose.points[place, :2].max(axis=0)
        assert (low > 0).all()
        assert (high < [320, 240]).all()
        assert (high - low > 15).all()


def test_expressions_are_scored_where_a_face_is_and_the_skeleton_names_them(
    engine: Engine, folder: Path, signing: list[NDArray[np.uint8]]
) -> None:
    landmarker = engine.open(folder)
    names = landmarker.skeleton.expressions
    for pose in poses_of(landmarker, [GREY, *signing, GREY]):
        if names and found(pose, landmarker.skeleton, FACE):
            assert pose.expressions is not None
            assert pose.expressions.shape == (len(names),)
            assert ((pose.expressions >= 0) & (pose.expressions <= 1)).all()
        else:
            assert pose.expressions is None
    assert bool(names) == (engine.open in {mediapipe_face, onnx_expressions})


def test_missing_is_nan_and_nothing_else_is(
    engine: Engine, folder: Path, signing: list[NDArray[np.uint8]]
) -> None:
    for pose in poses_of(engine.open(folder), [GREY, *signing, GREY, GREY]):
        missing = pose.confidence == 0
        assert np.isnan(pose.points[missing]).all()
        assert np.isfinite(pose.points[~missing]).all()
        assert (pose.confidence <= 1).all()


def test_the_same_pictures_give_the_same_poses(
    engine: Engine, folder: Path, signing: list[NDArray[np.uint8]]
) -> None:
    once, again = (poses_of(engine.open(folder), signing) for _ in range(2))
    for first, second in zip(once, again, strict=True):
        np.testing.assert_array_equal(first.points, second.points)
        np.testing.assert_array_equal(first.confidence, second.confidence)


def test_a_picture_may_have_another_size_than_the_one_before(
    engine: Engine, folder: Path, signing: list[NDArray[np.uint8]]
) -> None:
    narrow = [np.ascontiguousarray(image[:, :260]) for image in signing]
    double = [np.repeat(np.repeat(image, 2, axis=0), 2, axis=1) for image in signing]
    landmarker = engine.open(folder)
    poses = poses_of(landmarker, [*signing, *narrow, *double])
    place = landmarker.skeleton.place(engine.part)
    middles = [pose.points[place, :2].mean(axis=0) for pose in (poses[5], poses[11], poses[17])]
    np.testing.assert_allclose(middles[1], middles[0], atol=8)
    np.testing.assert_allclose(middles[2] / 2, middles[0], atol=8)


def test_pictures_out_of_order_are_refused(engine: Engine, folder: Path) -> None:
    with closing(engine.open(folder)) as landmarker:
        landmarker.push(Frame(GREY, millis(40)))
        for start in (millis(40), millis(39)):
            with pytest.raises(ValueError, match="in order of time"):
                landmarker.push(Frame(GREY, start))


def test_closing_again_does_nothing(engine: Engine, folder: Path) -> None:
    landmarker = engine.open(folder)
    landmarker.push(Frame(GREY))
    for _ in range(2):
        landmarker.close()


def test_after_closing_no_picture_is_taken_and_no_pose_is_left(engine: Engine, folder: Path) -> None:
    landmarker = engine.open(folder)
    landmarker.push(Frame(GREY))
    landmarker.close()
    with pytest.raises(ValueError, match=r"^this landmarker is closed; open another one$"):
        landmarker.push(Frame(GREY, millis(40)))
    assert len(landmarker.finish()) == 0


def test_both_engines_see_the_same_hands(folder: Path) -> None:
    """Of a photo shown six times: the two begin with different boxes around a palm and then agree.

    Photos are 416×416; hands about 200 pixels.
    """
    import cv2

    needs(LETTERS)
    photos = sorted(LETTERS.glob("test/*.jpg"))[::9]
    away = []
    for path in photos:
        photo = np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])
        ours, theirs = (
            poses_of(open_hands(folder), [photo] * 6)[-1] for open_hands in (onnx_hands, mediapipe_hands)
        )
        skeleton = onnx_hands(folder).skeleton
        for part in (LEFT_HAND, RIGHT_HAND):
            assert found(ours, skeleton, part) == found(theirs, skeleton, part), path.name
            if found(ours, skeleton, part):
                one, other = (pose.points[skeleton.place(part), :2] for pose in (ours, theirs))
                away.append(np.linalg.norm(one - other, axis=1).mean())
    assert len(away) >= len(photos)
    assert np.median(away) < 1
    assert max(away) < 5
