from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import MissingExtra, ModelError, OptionError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.holistic import (
    BODY,
    BODY_WORLD,
    FACE,
    HANDS,
    HOLISTIC,
    LEFT_HAND,
    LEFT_HAND_WORLD,
    RIGHT_HAND,
    RIGHT_HAND_WORLD,
)
from accessify.core.pose import PoseClip
from accessify.core.timeline import Rate, millis, to_millis
from accessify.core.video import Frame
from accessify.engines import mediapipe_tasks
from accessify.engines.mediapipe_tasks import IRISES, TaskLandmarker, open_task
from tests.engines.bundles import (
    FACE_TASK,
    SENTENCE,
    face_members,
    hand_members,
    holistic_members,
    needs,
    needs_face_task,
    pose_members,
    store,
)

pytestmark = pytest.mark.models
SIZE = np.array([320, 240])
FIRST, LAST = 24, 60
"""Pictures of the sentence in which first the right hand and then both sign."""


@pytest.fixture(scope="module")
def sentence() -> list[Frame]:
    """Signing, 25 pictures a second, 320×240."""
    import av

    needs(SENTENCE)
    with av.open(str(SENTENCE)) as film:
        images = [picture.to_ndarray(format="rgb24") for picture in film.decode(video=0)]
    return [Frame(image, millis(40 * index)) for index, image in enumerate(images)][FIRST:LAST]


@pytest.fixture(scope="module")
def reference() -> dict[str, np.ndarray]:
    """What MediaPipe's legacy holistic solution saw in the same pictures, in pixels."""
    path = SENTENCE.with_name("sentence_320x240.holistic.npz")
    needs(path)
    with np.load(path) as found:
        return {
            name: found[name][FIRST:LAST, :, :2] * SIZE
            for name in ("pose", "left_hand", "right_hand", "face")
        }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundles")


def clip_of(landmarker: TaskLandmarker, frames: list[Frame]) -> PoseClip:
    try:
        poses = [pose for frame in frames for pose in landmarker.push(frame)]
        poses += landmarker.finish()
    finally:
        landmarker.close()
    return PoseClip.of(poses, landmarker.skeleton, Rate.parse("25"), (320, 240))


@pytest.fixture(scope="module")
def seen(folder: Path, sentence: list[Frame]) -> PoseClip:
    """The sentence through a holistic bundle."""
    if not FACE_TASK.is_file():
        pytest.skip("needs face_landmarker.task in a mirror beside the checkout")
    return clip_of(open_task(store(folder / "holistic.task", holistic_members())), sentence)


def away(clip: PoseClip, name: str, expected: np.ndarray) -> np.ndarray:
    """Mean distance in pixels for each picture in which both found the part."""
    points, confidence = clip.part(name)
    both = (confidence > 0).all(axis=1) & ~np.isnan(expected).any(axis=(1, 2))
    return np.linalg.norm(points[both, : expected.shape[1], :2] - expected[both], axis=-1).mean(axis=1)


def test_a_holistic_bundle_gives_the_holistic_skeleton_with_irises_and_expressions(seen: PoseClip) -> None:
    assert seen.skeleton.components == (*HOLISTIC.components, IRISES)
    assert seen.skeleton.expressions == EXPRESSIONS
    assert [part.points[0] for part in (HOLISTIC.component(FACE), IRISES)] == ["0", "468"]


@pytest.mark.parametrize(
    ("name", "theirs", "tolerance"),
    [
        (BODY, "pose", 1.0),
        (FACE, "face", 1.0),
        (LEFT_HAND, "left_hand", 1.0),
        (RIGHT_HAND, "right_hand", 0.3),
    ],
)
def test_places_are_those_of_the_legacy_solution(
    seen: PoseClip, reference: dict[str, np.ndarray], name: str, theirs: str, tolerance: float
) -> None:
    """Median over the pictures; the hands' networks are the same, body and face are smoothed otherwise."""
    assert np.median(away(seen, name, reference[theirs])) <= tolerance


def test_as_many_hands_are_found_as_by_the_legacy_solution(
    seen: PoseClip, reference: dict[str, np.ndarray]
) -> None:
    for name, theirs in ((LEFT_HAND, "left_hand"), (RIGHT_HAND, "right_hand")):
        found = (seen.part(name)[1] > 0).all(axis=1).sum()
        expected = (~np.isnan(reference[theirs][:, 0, 0])).sum()
        assert 0 < expected < len(seen) or name == RIGHT_HAND
        assert abs(found - expected) <= 2


def test_depth_is_in_pixels_and_world_in_metres(seen: PoseClip) -> None:
    nose, ear = seen.part(FACE)[0][:, 1], seen.part(FACE)[0][:, 234]
    width = np.ptp(seen.part(FACE)[0][:, :, 0], axis=1)
    assert (
        ((ear - nose)[:, 2] / width > 0.2) & ((ear - nose)[:, 2] / width < 1.5)
    ).all()  # half a head is deep
    for name in (LEFT_HAND_WORLD, RIGHT_HAND_WORLD):
        points, _ = seen.part(name)
        palm = np.linalg.norm(points[:, 9] - points[:, 0], axis=-1)
        assert 0.08 < np.nanmedian(palm) < 0.11
    body = seen.part(BODY_WORLD)[0]
    assert (np.abs(np.linalg.norm(body[:, 11] - body[:, 12], axis=-1) - 0.34) < 0.1).all()


def test_sides_are_the_persons_own(seen: PoseClip) -> None:
    """Seen from the front, the person's left is on the right."""
    irises, face = seen.part(IRISES.name)[0], seen.part(FACE)[0]
    assert (irises[:, 5, 0] > irises[:, 0, 0]).all()
    assert (np.abs(irises[:, 0] - (face[:, 33] + face[:, 133]) / 2)[:, :2] < 3).all()
    assert (seen.part(BODY)[0][:, 11, 0] > seen.part(BODY)[0][:, 12, 0]).all()


def test_expressions_move(seen: PoseClip) -> None:
    """The signer lowers his brows in the middle of the sentence and has a mouth throughout."""
    assert seen.expressions is not None
    assert ((seen.expressions >= 0) & (seen.expressions <= 1)).all()
    brows = seen.expressions[:, EXPRESSIONS.index("browDownLeft")]
    assert brows[:5].max() < 0.2
    assert brows.max() > 0.6


@needs_face_task
def test_a_pose_bundle_gives_the_body(
    folder: Path, sentence: list[Frame], reference: dict[str, np.ndarray]
) -> None:
    clip = clip_of(open_task(store(folder / "pose.task", pose_members())), sentence[:8])
    assert [part.name for part in clip.skeleton.components] == [BODY, BODY_WORLD]
    # its smoothing begins here, the reference's began a second ago
    assert np.median(away(clip, BODY, reference["pose"][:8, :23])) < 3
    feet, nose = clip.confidence[:, 27:33], clip.confidence[:, 0]
    assert ((feet > 0) & (feet < 0.1)).all()  # below the picture, guessed
    assert ((nose > 0.9) & (nose <= 1)).all()


@needs_face_task
def test_a_face_bundle_gives_mesh_irises_and_expressions(
    sentence: list[Frame], reference: dict[str, np.ndarray]
) -> None:
    clip = clip_of(open_task(FACE_TASK), sentence[:4])
    assert [part.name for part in clip.skeleton.components] == [FACE, IRISES.name]
    assert np.median(away(clip, FACE, reference["face"][:4])) < 1
    assert clip.expressions is not None
    assert not np.isnan(clip.expressions).any()


@needs_face_task
def test_a_bundle_without_the_graph_of_expressions_gives_none(folder: Path, sentence: list[Frame]) -> None:
    members = face_members()
    del members["face_blendshapes.tflite"]
    clip = clip_of(open_task(store(folder / "mesh.task", members)), sentence[:1])
    assert (clip.skeleton.expressions, clip.expressions) == ((), None)
    assert (clip.confidence == 1).all()


def test_a_hand_bundle_knows_the_hands_apart(
    folder: Path, sentence: list[Frame], reference: dict[str, np.ndarray]
) -> None:
    """Its network calls the right hand left in a third of these pictures."""
    clip = clip_of(open_task(store(folder / "hand.task", hand_members())), sentence)
    assert clip.skeleton == HANDS
    apart = 30.0
    for name, theirs in ((LEFT_HAND, "left_hand"), (RIGHT_HAND, "right_hand")):
        distance = away(clip, name, reference[theirs])
        assert len(distance) > 15
        assert distance.max() < apart
        assert np.median(distance) < 3


@pytest.fixture(scope="module")
def hands(folder: Path) -> Iterator[TaskLandmarker]:
    landmarker = open_task(store(folder / "hands.task", hand_members()))
    yield landmarker
    landmarker.close()


def test_times_are_the_pictures_own_even_closer_than_a_millisecond(hands: TaskLandmarker) -> None:
    grey = np.full((48, 64, 3), 128, np.uint8)
    starts = [7, 8, 9, millis(1), millis(1) + 1, millis(40)]
    poses = [pose for start in starts for pose in hands.push(Frame(grey, start))]
    assert [pose.start for pose in poses] == starts
    assert [to_millis(start) for start in starts] == [0, 0, 0, 1, 1, 40]
    with pytest.raises(ValueError, match="in order of time"):
        hands.push(Frame(grey, millis(40)))
    assert hands.push(Frame(grey, millis(41)))


def test_closed_is_closed(folder: Path) -> None:
    landmarker = open_task(store(folder / "closed.task", hand_members()))
    landmarker.close()
    with pytest.raises(ValueError, match="closed"):
        landmarker.push(Frame(np.zeros((8, 8, 3), np.uint8)))


@needs_face_task
def test_what_is_not_asked_for_is_left_out(folder: Path) -> None:
    path = store(folder / "all.task", holistic_members())
    landmarker = open_task(path, hands_only=True)
    landmarker.close()
    assert landmarker.skeleton == HANDS
    landmarker = open_task(path, face=False)
    landmarker.close()
    assert FACE not in landmarker.skeleton
    assert IRISES.name not in landmarker.skeleton
    assert landmarker.skeleton.expressions == ()


@needs_face_task
@pytest.mark.parametrize(
    ("options", "what"),
    [({"hands_only": True}, "does not find hands"), ({"face": False}, "does not find anything but a face")],
)
def test_what_a_bundle_cannot_give_is_told(options: dict[str, bool], what: str) -> None:
    with pytest.raises(
        OptionError, match=rf"face_landmarker\.task: a face_landmarker bundle {what}; give one"
    ):
        open_task(FACE_TASK, **options)


def test_a_graph_that_mediapipe_cannot_read_is_told_in_one_line(tmp_path: Path) -> None:
    members = hand_members()
    members["hand_detector.tflite"] = members["hand_detector.tflite"][:200_000]
    with pytest.raises(
        ModelError, match=r"half\.task: mediapipe cannot open this hand_landmarker bu"
    ) as caught:
        open_task(store(tmp_path / "half.task", members))
    assert "\n" not in str(caught.value)


def test_a_graph_in_the_place_of_another_is_told_where_it_fails(tmp_path: Path) -> None:
    members = hand_members()
    members["hand_detector.tflite"] = members["hand_landmarks_detector.tflite"]
    landmarker = open_task(store(tmp_path / "mixed.task", members))
    with pytest.raises(
        ModelError, match=r"mixed\.task: the picture at 0\.040 s made mediapipe fail"
    ) as caught:
        landmarker.push(Frame(np.full((48, 64, 3), 128, np.uint8), millis(40)))
    landmarker.close()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("installed", "what"), [(None, "mediapipe is"), ("0.10.21", "mediapipe 1.2 or newer is")]
)
def test_without_mediapipe_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, installed: str | None, what: str
) -> None:
    def version(name: str) -> str:
        if installed is None:
            raise PackageNotFoundError(name)
        return installed

    monkeypatch.setattr(mediapipe_tasks, "version", version)
    with pytest.raises(
        MissingExtra, match=rf"^{what} not installed; run: pip install 'accessify\[mediapipe\]'"
    ):
        open_task(Path("any.task"))
