"""The landmarker as a whole: on a scene whose points are known, and with the real networks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import ModelError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.holistic import (
    BODY,
    BODY_WORLD,
    FACE,
    HANDS,
    HOLISTIC,
    IRISES,
    LEFT_HAND,
    LEFT_HAND_WORLD,
    RIGHT_HAND,
    RIGHT_HAND_WORLD,
)
from accessify.core.pose import PoseClip, PoseFrame, Skeleton
from accessify.core.timeline import Rate, millis
from accessify.core.video import Frame
from accessify.engines.holistic import Holistic, HolisticOptions, open_holistic, open_networks
from accessify.engines.networks import Networks
from accessify.hub.graphs import graph_files
from accessify.tracking.body_hands import PalmRules
from accessify.tracking.face import FaceRules
from accessify.tracking.graphs import (
    BODY_LANDMARKS,
    FACE_DETECTOR,
    FACE_LANDMARKS,
    HAND_LANDMARKS,
    HAND_RECROP,
    PALM_DETECTOR,
    Graph,
)
from accessify.tracking.hands import WristRules
from accessify.tracking.holistic import CALM, Smoothing
from accessify.tracking.regions import Region
from tests.engines.bundles import LETTERS, SENTENCE, needs
from tests.tracking.scene import Person, Place, Scene, TrueHand, misled, person

Image = NDArray[np.uint8]
Answer = tuple[NDArray[np.float32], ...]
PATIENCE = 60.0
"""Seconds after which something that should have come is taken never to come."""
PATHS = [
    HolisticOptions(ahead=ahead, workers=workers, palms=PalmRules(every=2), wrists=WristRules(retry=2))
    for ahead in (0, 2)
    for workers in (1, 3)
]
"""Ways through the workers, all of which must give the same."""


def poses_of(landmarker: Holistic, frames: Sequence[Frame]) -> list[PoseFrame]:
    with closing(landmarker):
        poses = [pose for frame in frames for pose in landmarker.push(frame)]
        return [*poses, *landmarker.finish()]


def frames_of(scene: Scene) -> list[Frame]:
    return [Frame(scene.image(index), millis(40 * index)) for index in range(len(scene.pictures))]


def part(pose: PoseFrame, name: str, skeleton: Skeleton = HOLISTIC) -> Answer:
    """Points and confidence."""
    place = skeleton.place(name)
    return pose.points[place], pose.confidence[place]


def found(pose: PoseFrame, skeleton: Skeleton = HOLISTIC) -> set[str]:
    """The components of which anything was seen."""
    names = [one.name for one in skeleton.components]
    return {name for name in names if (part(pose, name, skeleton)[1] > 0).any()}


def same(poses: Sequence[PoseFrame], others: Sequence[PoseFrame]) -> None:
    """Bit for bit."""
    assert len(poses) == len(others)
    for pose, other in zip(poses, others, strict=True):
        assert pose.start == other.start
        np.testing.assert_array_equal(pose.points, other.points)
        np.testing.assert_array_equal(pose.confidence, other.confidence)


def told(call: Callable[[], object]) -> BaseException:
    """What `call` raises, which must come within `PATIENCE`."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "it hangs"
    assert raised, "nothing was raised"
    return raised[0]


# On a scene whose points are known


def story() -> Scene:
    """A person who moves, loses a hand, is misread at a wrist, leaves, shows hands alone, and comes back."""
    people = [person(Place(300 + 2 * index, 260, 60, 0.01 * index)) for index in range(14)]
    left, right = people[4].hands
    assert left is not None
    assert right is not None
    pictures: list[list[Person]] = [[one] for one in people]
    pictures[3] = [replace(people[3], hands=(None, people[3].hands[1]))]
    pictures[5] = [misled(people[5], 0)]
    pictures[7] = []
    pictures[8] = pictures[9] = [Person(hands=(left, None)), Person(hands=(None, right))]
    pictures[11] = [replace(people[11], face=None, marks=None)]
    return Scene(pictures)


def test_all_parts_are_where_they_are_in_every_picture() -> None:
    scene = story()
    landmarker = Holistic(scene, replace(PATHS[0], smoothing=Smoothing(body=False), palms=PalmRules(every=1)))
    poses = poses_of(landmarker, frames_of(scene))
    assert [pose.start for pose in poses] == [millis(40 * index) for index in range(14)]
    for pose, people in zip(poses, scene.pictures, strict=True):
        bodies = [one for one in people if one.body is not None]
        one = bodies[0] if bodies else Person()
        truth = {BODY: None if one.body is None else one.body[:33], FACE: one.face}
        for name, points in truth.items():
            check(pose, name, points)
        true = one.hands if bodies else tuple(hands_of(people)) or (None, None)
        for hand, picture, world in zip(
            true, (LEFT_HAND, RIGHT_HAND), (LEFT_HAND_WORLD, RIGHT_HAND_WORLD), strict=True
        ):
            check(pose, picture, hand and hand.points)
            check(pose, world, hand and hand.world)
        assert (BODY_WORLD in found(pose)) == bool(bodies)


def hands_of(people: Sequence[Person]) -> list[TrueHand]:
    return [hand for one in people for hand in one.hands if hand is not None]


def check(pose: PoseFrame, name: str, points: NDArray[np.float64] | None) -> None:
    """The part is where it is, or missing without a place."""
    seen, sure = part(pose, name)
    if points is None:
        assert np.isnan(seen).all(), (name, pose.start)
        assert not sure.any()
    else:
        np.testing.assert_allclose(seen, points, atol=2e-3, err_msg=f"{name} at {pose.start}")
        assert sure.all()


@pytest.mark.parametrize("hands_only", [False, True])
def test_however_the_work_is_shared_the_poses_are_the_same(hands_only: bool) -> None:
    """As if each picture was looked at by itself: none sees what another has not finished."""
    runs = []
    for path in PATHS:
        scene = story()
        options = replace(path, hands_only=hands_only, smoothing=Smoothing(hands=CALM, face=CALM))
        runs.append(poses_of(Holistic(scene, options), frames_of(scene)))
    for run in runs[1:]:
        same(run, runs[0])
    assert any(np.isfinite(pose.points).any() for pose in runs[0])


@pytest.mark.parametrize("ahead", [0, 1, 2, 4])
def test_poses_come_as_soon_as_so_many_pictures_are_ahead(ahead: int) -> None:
    scene = Scene([[person(Place())]] * 6)
    with closing(Holistic(scene, HolisticOptions(ahead=ahead, workers=2))) as landmarker:
        counts = [len(landmarker.push(frame)) for frame in frames_of(scene)]
        assert counts == [0] * ahead + [1] * (6 - ahead)
        assert len(landmarker.finish()) == ahead
        assert landmarker.finish() == []


def test_only_what_is_asked_for_is_looked_at() -> None:
    scene = story()
    landmarker = Holistic(scene, HolisticOptions(hands_only=True, workers=1))
    poses_of(landmarker, frames_of(scene))
    assert landmarker.skeleton == HANDS
    assert {name for _, name, _ in scene.asked} == {PALM_DETECTOR.name, HAND_LANDMARKS.name}
    scene = story()
    landmarker = Holistic(scene, HolisticOptions(face=False, workers=1))
    poses_of(landmarker, frames_of(scene))
    assert FACE not in landmarker.skeleton
    assert len(landmarker.skeleton) == len(HOLISTIC) - 468
    assert scene.count(FACE_LANDMARKS) == 0
    assert scene.count(BODY_LANDMARKS) > 0


def test_rules_reach_the_trackers() -> None:
    scene = Scene([[person(Place())]] * 6)
    poses_of(Holistic(scene, HolisticOptions(workers=1, faces=FaceRules(every=3))), frames_of(scene))
    assert [scene.count(FACE_LANDMARKS, index) for index in range(6)] == [1, 0, 0, 1, 0, 0]


def test_which_person_can_be_asked_for() -> None:
    people = [person(Place(150, 300, 35)), person(Place(470, 300, 50))]
    for near, chosen in ((None, 1), ((0.2, 0.6), 0), ((0.8, 0.6), 1)):
        landmarker = Holistic(Scene([people]), HolisticOptions(near=near, workers=1))
        (pose,) = poses_of(landmarker, frames_of(Scene([people])))
        check(pose, FACE, people[chosen].face)
        assert landmarker.people == 2


def test_expressions_are_those_of_the_face_with_its_irises() -> None:
    """Scored picture by picture from the unsmoothed mesh, None where there is no face."""
    scene = story()

    def score(points: NDArray[np.float32]) -> NDArray[np.float32]:
        assert points.shape == (478, 3)
        return np.full(len(EXPRESSIONS), points[1, 0] / 640, np.float32)

    options = HolisticOptions(expressions=True, workers=2, smoothing=Smoothing(face=CALM))
    landmarker = Holistic(scene, options, score)
    clip = PoseClip.of(
        poses_of(landmarker, frames_of(scene)), landmarker.skeleton, Rate.parse("25"), scene.size
    )
    assert clip.expressions is not None
    assert clip.skeleton.expressions == EXPRESSIONS
    assert scene.count(FACE_LANDMARKS) == 0
    for scores, people in zip(clip.expressions, scene.pictures, strict=True):
        face = people[0].face if people else None
        if face is None:
            assert np.isnan(scores).all()
        else:
            np.testing.assert_allclose(scores, face[1, 0] / 640, atol=1e-5)


@pytest.mark.parametrize("later", [0, -1])
def test_pictures_must_come_in_order_of_time(later: int) -> None:
    scene = Scene([[]])
    with closing(Holistic(scene, HolisticOptions(workers=1))) as landmarker:
        landmarker.push(Frame(scene.image(0), millis(40)))
        with pytest.raises(ValueError, match="pictures must come in order of time"):
            landmarker.push(Frame(scene.image(0), millis(40) + later))
        landmarker.push(Frame(scene.image(0), millis(41)))
        assert len(landmarker.finish()) == 2


class Failing:
    """A `Look` that fails in one network at one picture."""

    def __init__(self, scene: Scene, graph: Graph, picture: int) -> None:
        self._scene, self._graph, self._picture = scene, graph, picture

    def __call__(self, graph: Graph, image: Image, region: Region) -> Answer:
        if graph == self._graph and image[0, 0, 0] == self._picture:
            raise ConnectionError("the device is gone")
        return self._scene(graph, image, region)


@pytest.mark.parametrize(
    "options", PATHS, ids=lambda options: f"{options.ahead} ahead, {options.workers} workers"
)
@pytest.mark.parametrize(
    "graph", [BODY_LANDMARKS, HAND_LANDMARKS, FACE_LANDMARKS], ids=lambda graph: graph.name
)
def test_what_a_network_raises_is_raised_where_its_pose_is_waited_for(
    graph: Graph, options: HolisticOptions
) -> None:
    """Poses of earlier pictures come before it, those of later ones behind it; nothing hangs."""
    scene = Scene([[person(Place(300 + index))] for index in range(8)])
    landmarker = Holistic(Failing(scene, graph, 4), options)
    starts: list[int] = []

    def run() -> None:
        for frame in frames_of(scene):
            starts.extend(pose.start for pose in landmarker.push(frame))

    error = told(run)
    assert isinstance(error, ConnectionError)
    assert starts == [millis(40 * index) for index in range(4)]
    rest = [pose.start for pose in landmarker.finish()]
    assert rest == [millis(40 * index) for index in range(5, 5 + options.ahead)]
    landmarker.close()


def test_where_hands_and_face_fail_together_the_first_failure_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each worker raises what its network raised, and nothing of its own over that."""
    scene, together = Scene([[person(Place())]]), threading.Barrier(3, timeout=PATIENCE)
    promises: list[Future[object]] = []

    class Kept(ThreadPoolExecutor):
        def submit(self, *args: Any, **named: Any) -> Future[Any]:
            promises.append(super().submit(*args, **named))
            return promises[-1]

    def look(graph: Graph, image: Image, region: Region) -> Answer:
        if graph in (HAND_RECROP, FACE_DETECTOR):
            together.wait()  # both hands and the face
            raise ConnectionError(graph.name)
        return scene(graph, image, region)

    monkeypatch.setattr("accessify.engines.holistic.ThreadPoolExecutor", Kept)
    with closing(Holistic(look, HolisticOptions(workers=3))) as landmarker:
        landmarker.push(frames_of(scene)[0])
        assert isinstance(told(landmarker.finish), ConnectionError)
    raised = [error for promise in promises if (error := promise.exception())]
    assert {type(error) for error in raised} == {ConnectionError}
    assert {str(error) for error in raised} == {HAND_RECROP.name, FACE_DETECTOR.name}


def test_after_closing_nothing_is_waited_for() -> None:
    scene = Scene([[person(Place(300 + index))] for index in range(4)])
    landmarker = Holistic(scene, HolisticOptions(ahead=4, workers=1))
    for frame in frames_of(scene):
        landmarker.push(frame)
    for _ in range(2):
        landmarker.close()
    assert landmarker.finish() == []
    error = told(lambda: landmarker.push(Frame(scene.image(0), millis(999))))
    assert isinstance(error, ValueError)
    assert str(error) == "this landmarker is closed; open another one"


def test_the_last_pictures_failure_is_raised_at_the_end() -> None:
    scene = Scene([[person(Place())]] * 3)
    with closing(
        Holistic(Failing(scene, HAND_LANDMARKS, 2), HolisticOptions(ahead=2, workers=2))
    ) as landmarker:
        early = [pose for frame in frames_of(scene) for pose in landmarker.push(frame)]
        assert len(early) == 1
        assert isinstance(told(landmarker.finish), ConnectionError)


def test_closing_in_the_middle_does_not_wait_for_what_is_left() -> None:
    scene = Scene([[person(Place(300 + index))] for index in range(30)])
    landmarker = Holistic(scene, HolisticOptions(ahead=30, workers=2))
    for frame in frames_of(scene):
        landmarker.push(frame)
    thread = threading.Thread(target=landmarker.close, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()


# With the real networks


@cache
def graphs() -> Mapping[str, Path]:
    return graph_files("holistic-landmarks", offline=True)


@cache
def networks() -> Networks:
    return open_networks(graphs())


@pytest.fixture(scope="module")
def sentence() -> list[Frame]:
    """Signing, 25 pictures a second, 320×240."""
    import cv2

    needs(SENTENCE)
    film, frames = cv2.VideoCapture(str(SENTENCE)), []
    while len(frames) < 60:
        there, image = film.read()
        assert there
        frames.append(Frame(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), millis(40 * len(frames))))
    film.release()
    return frames


@pytest.fixture(scope="module")
def reference() -> Iterator[Mapping[str, NDArray[np.float32]]]:
    """What MediaPipe's legacy holistic solution saw in the same pictures, in pixels."""
    path = SENTENCE.with_name("sentence_320x240.holistic.npz")
    needs(path)
    with np.load(path) as file:
        names = {BODY: "pose", FACE: "face", LEFT_HAND: "left_hand", RIGHT_HAND: "right_hand"}
        yield {name: file[key][:60, :, :2] * (320, 240) for name, key in names.items()}


@pytest.fixture(scope="module")
def seen(sentence: list[Frame]) -> PoseClip:
    landmarker = open_holistic(graphs())
    return PoseClip.of(poses_of(landmarker, sentence), landmarker.skeleton, Rate.parse("25"), (320, 240))


def one_pose(image: Image, **options: object) -> tuple[PoseFrame, Holistic]:
    landmarker = Holistic(networks(), HolisticOptions(**options))
    (pose,) = poses_of(landmarker, [Frame(image)])
    return pose, landmarker


def errors(seen: PoseClip, reference: Mapping[str, NDArray[np.float32]], name: str) -> NDArray[np.float32]:
    """Distances [frames, points] in pixels, of the pictures in which both saw it."""
    points, sure = seen.part(name)
    both = (sure > 0).all(axis=1) & ~np.isnan(reference[name]).any(axis=(1, 2))
    return np.linalg.norm(points[both, :, :2] - reference[name][both], axis=-1)


@pytest.mark.models
def test_body_and_face_are_where_mediapipe_sees_them(
    seen: PoseClip, reference: Mapping[str, NDArray[np.float32]]
) -> None:
    body, face = errors(seen, reference, BODY), errors(seen, reference, FACE)
    assert len(body) == len(face) == 60
    shoulders = np.linalg.norm(reference[BODY][:, 11] - reference[BODY][:, 12], axis=-1).mean()
    assert body.mean() < 0.0015 * shoulders
    assert face.mean() < 0.03


@pytest.mark.models
def test_hands_are_where_mediapipe_sees_them(
    seen: PoseClip, reference: Mapping[str, NDArray[np.float32]]
) -> None:
    """And where it does not, they may be seen, but not the other way round."""
    sides = [errors(seen, reference, name) for name in (LEFT_HAND, RIGHT_HAND)]
    theirs = sum((~np.isnan(reference[name][:, 0, 0])).sum() for name in (LEFT_HAND, RIGHT_HAND))
    pooled = np.concatenate(sides)
    assert np.median(pooled) < 0.15
    assert (pooled.mean(axis=1) < 0.5).mean() >= 0.75
    assert len(pooled) >= 0.97 * theirs
    assert theirs > 70


@pytest.mark.models
def test_a_pose_is_whole(seen: PoseClip) -> None:
    """Depth in pixels, metres of a person's size, certainties between 0 and 1, the right sides."""
    assert ((seen.confidence >= 0) & (seen.confidence <= 1)).all()
    assert np.isnan(seen.points[seen.confidence == 0]).all()
    body, face = seen.part(BODY)[0], seen.part(FACE)[0]
    assert (body[:, 11, 0] > body[:, 12, 0]).all()  # seen from the front, the left is on the right
    depth = np.ptp(face[..., 2], axis=1) / np.ptp(face[..., 0], axis=1)
    assert ((depth > 0.5) & (depth < 1.5)).all()
    shoulders = seen.part(BODY_WORLD)[0]
    assert (np.abs(np.linalg.norm(shoulders[:, 11] - shoulders[:, 12], axis=-1) - 0.34) < 0.1).all()
    for name in (LEFT_HAND_WORLD, RIGHT_HAND_WORLD):
        hand = seen.part(name)[0]
        assert 0.08 < np.nanmedian(np.linalg.norm(hand[:, 9] - hand[:, 0], axis=-1)) < 0.11


@pytest.mark.models
def test_real_poses_are_the_same_however_the_work_is_shared(sentence: list[Frame]) -> None:
    """Bit for bit, so that a film's landmarks do not depend on the machine's load or cores."""
    runs = [poses_of(Holistic(networks(), options), sentence[22:40]) for options in PATHS]
    for run in runs[1:]:
        same(run, runs[0])
    assert found(runs[0][-1]) == {part.name for part in HOLISTIC.components}


@pytest.mark.models
def test_live_and_film_see_the_same(sentence: list[Frame]) -> None:
    """Live, the body's network has more threads; that may only round differently."""
    film = poses_of(Holistic(networks()), sentence[22:34])
    live = poses_of(open_holistic(graphs(), HolisticOptions(ahead=0, workers=2)), sentence[22:34])
    for pose, other in zip(film, live, strict=True):
        np.testing.assert_allclose(pose.points, other.points, atol=0.1)
        np.testing.assert_allclose(pose.confidence, other.confidence, atol=1e-3)


@pytest.mark.models
def test_an_empty_picture_shows_nobody() -> None:
    random = np.random.default_rng(2)
    noise = random.integers(0, 256, (120, 160, 3), np.uint8)
    for image in (np.full((120, 160, 3), 128, np.uint8), np.zeros((120, 160, 3), np.uint8), noise):
        for options in ({}, {"hands_only": True}):
            pose, landmarker = one_pose(image, **options)
            assert found(pose, landmarker.skeleton) == set()
            assert np.isnan(pose.points).all()


@pytest.mark.models
def test_only_the_parts_asked_for_are_in_the_pose(sentence: list[Frame]) -> None:
    image = sentence[40].image
    pose, landmarker = one_pose(image, hands_only=True)
    assert landmarker.skeleton == HANDS
    assert {LEFT_HAND, RIGHT_HAND} <= found(pose, landmarker.skeleton)
    pose, landmarker = one_pose(image, face=False)
    assert FACE not in landmarker.skeleton
    assert {BODY, LEFT_HAND, RIGHT_HAND} <= found(pose, landmarker.skeleton)


def apart(image: Image, other: Image, move: tuple[float, float] = (0, 0), scale: float = 1.0) -> float:
    """How far the face in `other` is from where that in `image` should be, in pixels."""
    (pose, _), (second, _) = one_pose(image), one_pose(other)
    expected = part(pose, FACE)[0][:, :2] * scale + move
    return float(np.linalg.norm(part(second, FACE)[0][:, :2] - expected, axis=-1).mean())


@pytest.mark.models
def test_portrait_grey_and_small_pictures_are_seen_as_others(sentence: list[Frame]) -> None:
    import cv2

    image = sentence[40].image
    assert apart(image, image[:, 70:250], (-70, 0)) < 1.0  # 180 wide, 240 high
    grey = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    assert apart(image, grey) < 1.5
    assert apart(image, np.pad(image, ((300, 0), (0, 0), (0, 0))), (0, 300)) < 1.5
    small = cv2.resize(image, (160, 120), interpolation=cv2.INTER_AREA)
    assert apart(image, small, scale=0.5) < 1.0


@pytest.mark.models
def test_expressions_are_scored_where_their_networks_are(sentence: list[Frame]) -> None:
    """The mesh with irises lies where the other does, each iris in its eye, and the face does something."""
    try:
        files = {**graphs(), **graph_files("face-landmarker", offline=True)}
    except ModelError as error:
        pytest.skip(f"face-landmarker is not here: {error}")
    landmarker = open_holistic(files, HolisticOptions(expressions=True))
    skeleton, poses = landmarker.skeleton, poses_of(landmarker, sentence[38:44])
    (plain, *_) = poses_of(Holistic(networks()), sentence[38:44])
    face = part(poses[0], FACE, skeleton)[0]
    assert np.linalg.norm(face[:, :2] - part(plain, FACE)[0][:, :2], axis=1).mean() < 1
    for pose in poses:
        face, irises = part(pose, FACE, skeleton)[0], part(pose, IRISES.name, skeleton)[0]
        for iris, corners in ((irises[0], (33, 133)), (irises[5], (362, 263))):
            assert np.linalg.norm((iris - face[list(corners)].mean(axis=0))[:2]) < 3
        assert pose.expressions is not None
        assert ((pose.expressions >= 0) & (pose.expressions <= 1)).all()
        assert pose.expressions.max() > 0.2


@pytest.mark.models
def test_a_mirrored_picture_shows_the_other_sides(sentence: list[Frame]) -> None:
    """A selfie's left hand is called right; and a view of memory need not be a copy."""
    image = sentence[40].image
    (pose, _), (mirrored, _) = one_pose(image), one_pose(image[:, ::-1])
    for name, other in ((LEFT_HAND, RIGHT_HAND), (RIGHT_HAND, LEFT_HAND)):
        hand, twin = part(pose, name)[0], part(mirrored, other)[0]
        assert np.abs(hand[:, :2] - (twin[:, :2] * (-1, 1) + (320, 0))).mean() < 3


@pytest.mark.models
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (32, 32), (33, 7)])
def test_a_tiny_picture_is_no_trouble(sentence: list[Frame], size: tuple[int, int]) -> None:
    import cv2

    pose, _ = one_pose(cv2.resize(sentence[40].image, size))
    assert pose.points.shape == (len(HOLISTIC), 3)
    assert np.isnan(pose.points[pose.confidence == 0]).all()


@pytest.mark.models
@pytest.mark.parametrize("name", ["test/B14.jpg", "test/A22.jpg", "valid/A3.jpg"])
def test_a_hand_cut_by_the_border_is_guessed_near_the_picture(name: str) -> None:
    """Points outside are guesses, no further out than the whole hand would reach."""
    import cv2

    needs(LETTERS / name)
    photo = cv2.cvtColor(cv2.imread(str(LETTERS / name)), cv2.COLOR_BGR2RGB)
    pose, landmarker = one_pose(photo, hands_only=True)
    whole = part(pose, RIGHT_HAND, landmarker.skeleton)[0][:, :2]
    low, high = whole.min(axis=0), whole.max(axis=0)
    cut = int(low[0] + 0.7 * (high[0] - low[0]))
    for image, options in ((photo[:, :cut], {"hands_only": True}), (photo[:, :cut], {})):
        pose, landmarker = one_pose(image, **options)
        points = part(pose, RIGHT_HAND, landmarker.skeleton)[0][:, :2]
        assert np.isfinite(points).all()
        assert ((points > low - 60) & (points < high + 60)).all()
        left = whole[:, 0] < cut - 20  # what is still in the picture
        assert np.median(np.linalg.norm(points - whole, axis=1)[left]) < 0.15 * np.ptp(whole, axis=0).max()
    for share in (0.1, 0.3, 0.5):  # whatever is left of it
        edge = int(low[0] + share * (high[0] - low[0]))
        pose, _ = one_pose(photo[:, :edge])
        points = part(pose, RIGHT_HAND)[0]
        assert np.isnan(points).all() or np.abs(points[:, :2] - (edge / 2, 208)).max() < 416


@pytest.mark.models
@pytest.mark.parametrize("large_first", [True, False])
def test_of_two_people_the_largest_is_taken_or_the_one_asked_for(
    sentence: list[Frame], large_first: bool
) -> None:
    import cv2

    large, other = sentence[40].image, sentence[55].image
    small = cv2.resize(other, (192, 144), interpolation=cv2.INTER_AREA)
    picture = np.zeros((240, 640, 3), np.uint8)
    first, second = (0, 384) if large_first else (320, 64)
    picture[:, first : first + 320] = large
    picture[96:, second : second + 192] = small
    (alone, _), (alone_small, _) = one_pose(large), one_pose(other)

    def face(pose: PoseFrame) -> NDArray[np.float32]:
        return pose.points[HOLISTIC.place(FACE)][:, :2]

    pose, landmarker = one_pose(picture)
    assert landmarker.people == 2
    assert np.abs(face(pose) - face(alone) - (first, 0)).mean() < 1
    place = ((second + 96) / 640, 0.8)
    pose, _ = one_pose(picture, near=place)
    assert np.abs(face(pose) - face(alone_small) * 0.6 - (second, 96)).mean() < 1
    pose, _ = one_pose(picture, near=((first + 160) / 640, 0.8))
    assert np.abs(face(pose) - face(alone) - (first, 0)).mean() < 1


@pytest.mark.models
def test_a_graph_in_the_place_of_another_is_told_and_does_not_hang(sentence: list[Frame]) -> None:
    files = {**graphs(), HAND_LANDMARKS.name: graphs()[PALM_DETECTOR.name]}
    landmarker = open_holistic(files, HolisticOptions(workers=2))

    def run() -> None:
        poses_of(landmarker, sentence[38:46])

    error = told(run)
    assert isinstance(error, ModelError)
    assert "\n" not in str(error)
    assert HAND_LANDMARKS.name in str(error)


@pytest.mark.models
def test_a_damaged_graph_is_told_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "half.onnx"
    content = graphs()[FACE_LANDMARKS.name].read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=r"half\.onnx: onnxruntime cannot load .*models verify"):
        open_holistic({**graphs(), FACE_LANDMARKS.name: path})
