"""What comes in: people or nobody, phones, odd video, damage, what is no film, cameras that disappear."""

from __future__ import annotations

import threading
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from threading import Semaphore

import numpy as np
import pytest

from accessify import read_poses
from accessify.core.errors import MediaError, OptionError
from accessify.core.holistic import BODY, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.core.timeline import Rate, seconds, to_seconds
from accessify.core.video import Frame
from accessify.delivery.pose_file import read_pose
from accessify.media.frames import FrameReader, open_frames
from accessify.pipelines import landmarks as module
from accessify.pipelines.landmarks import LandmarkOptions, landmarks, landmarks_film, watch_landmarks
from tests.pipelines.signing import (
    OPTIONS,
    PARTS,
    Image,
    apart,
    camera,
    command,
    seen,
    signing,
    write_film,
)

pytest.importorskip("cv2", reason="OpenCV comes with the extra `signs`")
pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def signer(folder: Path) -> Path:
    """Half a second of somebody who signs with both hands, 320×240."""
    return write_film(folder / "signer.mp4", signing())


@pytest.fixture(scope="module")
def upright(signer: Path) -> PoseClip:
    return landmarks(signer, OPTIONS)


def kinds(clip: PoseClip) -> list[str]:
    return [note.kind for note in clip.notes]


def moved(clip: PoseClip, by: tuple[float, float], scale: float = 1.0) -> PoseClip:
    """`clip` as it would be in a larger picture, at another place."""
    points = clip.points.copy()
    points[..., :2] = points[..., :2] * np.float32(scale) + np.array(by, np.float32)
    return replace(clip, points=points)


# people


def noise() -> list[Image]:
    return [np.random.default_rng(index).integers(0, 256, (240, 320), np.uint8) for index in range(5)]


def landscape() -> list[Image]:
    """Sky, sun, hills and fields, from a train."""
    y, x = np.mgrid[:240, :320].astype(np.float64)
    images = []
    for index in range(5):
        image = np.stack([120 + y / 3, 170 + y / 4, 235 - y / 6], -1)
        image[(x - 250) ** 2 + (y - 50) ** 2 < 400] = 255, 240, 150
        hills = 150 + 25 * np.sin((x + 3 * index) / 60) + 8 * np.sin((x + 3 * index) / 17)
        image[y > hills] = 60, 120, 50
        image[y > hills + 35 + 10 * np.sin(x / 23)] = 110, 90, 50
        grain = np.random.default_rng(index).normal(0, 4, image.shape)
        images.append(np.clip(image + grain, 0, 255).astype(np.uint8))
    return images


@pytest.mark.parametrize("hands_only", [False, True])
@pytest.mark.parametrize("images", [noise, landscape])
def test_nobody_is_missing_not_zeros(
    tmp_path: Path, images: Callable[[], list[Image]], hands_only: bool
) -> None:
    film = write_film(tmp_path / "a.mp4", images())
    clip = landmarks(film, replace(OPTIONS, hands_only=hands_only))
    assert len(clip) == 5
    assert np.isnan(clip.points).all()
    assert (clip.confidence == 0).all()
    assert kinds(clip) == ["nobody"]
    assert clip.notes[0].span == clip.span


@pytest.fixture(scope="module")
def pair(folder: Path) -> Path:
    """The same person twice: small on the left, three quarters of the size, and large on the right."""
    import cv2

    images = []
    for image in signing(count=6):
        small = cv2.resize(image, (240, 180), interpolation=cv2.INTER_AREA)
        left = cv2.copyMakeBorder(small, 60, 0, 40, 40, cv2.BORDER_REPLICATE)
        images.append(np.hstack([left, image]))
    return write_film(folder / "pair.mp4", images)


@pytest.mark.parametrize(
    ("near", "place", "scale"),
    [(None, (320, 0), 1.0), ((0.0, 0.5), (40, 60), 0.75), ((1.0, 0.5), (320, 0), 1.0)],
    ids=["largest", "left", "right"],
)
def test_of_two_people_one_is_followed(
    pair: Path,
    upright: PoseClip,
    near: tuple[float, float] | None,
    place: tuple[float, float],
    scale: float,
) -> None:
    clip = landmarks(pair, replace(OPTIONS, near=near))
    assert clip.size == (640, 240)
    alone = PoseClip.of([upright[index] for index in range(6)], upright.skeleton, clip.rate, (320, 240))
    for part in PARTS:
        assert seen(clip, part).all()
        assert np.median(apart(clip, moved(alone, place, scale), part)) < 3
    (note,) = clip.notes
    assert (note.kind, note.span) == ("people", clip.span)
    assert note.text == "2 people were seen; one was followed, --signer chooses which"


def test_a_hand_at_the_border_is_where_it_is_as_far_as_it_is_seen(tmp_path: Path, upright: PoseClip) -> None:
    """The picture ends at x = 180, in the middle of the left hand's fingers."""
    film = write_film(tmp_path / "a.mp4", [np.ascontiguousarray(image[:, :180]) for image in signing()])
    clip = landmarks(film, OPTIONS)
    assert clip.size == (180, 240)
    assert seen(clip, LEFT_HAND).all()
    assert np.median(apart(clip, upright, LEFT_HAND)) < 1
    inside = (upright.part(LEFT_HAND)[0][..., 0] < 175) & seen(clip, LEFT_HAND)[:, None]
    away = np.linalg.norm((clip.part(LEFT_HAND)[0] - upright.part(LEFT_HAND)[0])[inside][:, :2], axis=-1)
    assert np.percentile(away, 90) < 4


def test_a_hand_outside_the_picture_is_missing(tmp_path: Path, upright: PoseClip) -> None:
    """The picture begins at x = 136: of the right hand a thumb is left."""
    film = write_film(tmp_path / "a.mp4", [np.ascontiguousarray(image[:, 136:]) for image in signing()])
    clip = landmarks(film, OPTIONS)
    assert not seen(clip, RIGHT_HAND).any()
    assert seen(clip, LEFT_HAND).all()
    assert np.median(apart(clip, moved(upright, (-136, 0)), LEFT_HAND)) < 1.5


# video of every kind


def test_a_phone_held_upright(tmp_path: Path) -> None:
    images = [np.ascontiguousarray(image[:, 60:240]) for image in signing(count=8)]
    plain = landmarks(write_film(tmp_path / "plain.mp4", images), OPTIONS)
    lying = [np.rot90(image, -1) for image in images]
    film = write_film(tmp_path / "phone.mp4", [np.ascontiguousarray(image) for image in lying], turned=90)
    phone = landmarks(film, OPTIONS)
    assert plain.size == phone.size == (180, 240)
    for part in PARTS:
        assert (seen(phone, part) == seen(plain, part)).all()
        assert np.percentile(apart(phone, plain, part), 95) < 1.5
    assert phone.notes == ()


@pytest.mark.parametrize(
    ("pixels", "tolerances"), [("yuv420p10le", (1, 0.2, 0.3, 0.3)), ("gray", (2, 0.3, 1, 1))]
)
def test_ten_bits_and_grey(
    tmp_path: Path, upright: PoseClip, pixels: str, tolerances: tuple[float, ...]
) -> None:
    """Medians in pixels of a picture 320 wide; a grey body moves, as its networks look at colours."""
    clip = landmarks(write_film(tmp_path / "a.mp4", signing(), pixels=pixels), OPTIONS)
    assert (clip.size, clip.notes) == ((320, 240), ())
    for part, tolerance in zip(PARTS, tolerances, strict=True):
        assert seen(clip, part).all()
        assert np.median(apart(clip, upright, part)) < tolerance


@pytest.fixture(scope="module")
def uneven(folder: Path) -> tuple[Path, list[int]]:
    """A phone in the dark: 12 frames of which every third is late; the film and its ticks."""
    steps = [Fraction(100 if index % 3 == 2 else 33, 1000) for index in range(11)]
    times = [sum(steps[:index], Fraction(0)) for index in range(12)]
    film = write_film(folder / "uneven.mp4", signing(), rate=Fraction(30), times=times)
    return film, [seconds(time) for time in times]


def test_uneven_frames_keep_their_times(
    tmp_path: Path, uneven: tuple[Path, list[int]], upright: PoseClip
) -> None:
    import av

    film, times = uneven
    done = landmarks_film(film, OPTIONS, output=tmp_path / "a.pose", preview=tmp_path / "a.mp4")
    assert [note.kind for note in done.notes] == ["variable-rate", "resampled"]
    clip = landmarks(film, OPTIONS)
    assert clip.times.tolist() == times
    assert kinds(clip) == ["variable-rate"]
    assert not clip.even
    np.testing.assert_array_equal(clip.part(RIGHT_HAND)[0], upright.part(RIGHT_HAND)[0])

    even = read_pose(tmp_path / "a.pose")
    assert even.even
    assert abs(even.span.end - clip.span.end) <= clip.rate.at(1)
    for point in (0, 16):  # nose and right wrist
        for axis in (0, 1):
            path = clip.part(BODY)[0][:, point, axis]
            expected = np.interp(even.times, clip.times, path)[: len(even) - 1]
            np.testing.assert_allclose(even.part(BODY)[0][:-1, point, axis], expected, atol=0.02)

    with av.open(str(tmp_path / "a.mp4")) as preview:
        shown = [
            seconds(picture.pts * picture.time_base)
            for picture in preview.decode(video=0)
            if picture.pts is not None and picture.time_base is not None
        ]
    assert shown == times


def test_a_film_that_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    film = write_film(tmp_path / "a.mkv", signing(count=20), options={"qp": "0", "g": "5"})
    content = film.read_bytes()
    film.write_bytes(content[: len(content) * 6 // 10])
    with open_frames(film) as reader:
        readable = [frame.start for frame in reader]
    assert 5 <= len(readable) < 20
    assert command(monkeypatch, film, "--offline", "-o", tmp_path / "a.npz") == 3
    out = capsys.readouterr().out
    assert f"a.mkv: {len(readable)} frames of 320×240" in out
    assert "  damaged: the picture is damaged or missing from 0:00:00." in out
    clip = read_poses(tmp_path / "a.npz")
    assert clip.times.tolist() == readable
    assert seen(clip, RIGHT_HAND).all()
    (damage,) = [note for note in clip.notes if note.kind == "damaged"]
    assert damage.span.end == seconds(Fraction(20, 25))
    assert abs(damage.span.start - readable[-1]) <= clip.rate.at(2)


# no film at all


def sound(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(32_000))


def text(path: Path) -> None:
    path.write_text("Dear customer, your film is attached.")


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        ("a.wav", sound, "it has no picture; give a film"),
        ("a.mp4", Path.touch, "is empty"),
        ("a.mp4", text, "not a media file"),
        ("a.mp4", Path.mkdir, "it is a folder"),
        ("a.mp4", None, "there is no such file; check the spelling"),
    ],
    ids=["sound", "empty", "text", "folder", "missing"],
)
def test_what_is_no_film(
    tmp_path: Path, name: str, write: Callable[[Path], object] | None, said: str
) -> None:
    path = tmp_path / name
    if write:
        write(path)
    for call in (landmarks, lambda *given: list(watch_landmarks(*given)), landmarks_film):
        with pytest.raises(MediaError) as caught:
            call(path, OPTIONS)
        assert str(path) in caught.value.message
        assert said in caught.value.message
        assert "\n" not in caught.value.message


# cameras


def test_a_camera_that_disappears_leaves_its_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ready = Semaphore(4)  # FFmpeg looks at some before it gives the first
    taken: list[Frame] = []
    spy(monkeypatch, taken, then=ready.release)
    with camera(signing(count=14), ready) as address:
        code = command(
            monkeypatch, address, "--offline", "-o", tmp_path / "a.npz", "--preview", tmp_path / "a.mp4"
        )
    assert code == 3
    out = capsys.readouterr().out
    assert "secret" not in out
    clip = read_poses(tmp_path / "a.npz")
    assert 5 <= len(clip) <= 14
    assert clip.times.tolist() == [frame.start for frame in taken]
    assert clip.times[0] == 0
    assert seen(clip, BODY).all()
    assert kinds(clip)[-1] == "camera-lost"
    assert clip.notes[-1].span.start == clip.times[-1]
    assert "  camera-lost 00:00:0" in out
    with open_frames(tmp_path / "a.mp4") as preview:
        assert len(list(preview)) == len(clip)


def spy(
    monkeypatch: pytest.MonkeyPatch, taken: list[Frame], then: Callable[[], object] = lambda: None
) -> None:
    """Note every picture that is taken from a source, and do `then` whenever the next is asked for."""

    class Watched:
        def __init__(self, reader: FrameReader) -> None:
            self._reader = reader

        def __iter__(self) -> Iterator[Frame]:
            for frame in self._reader:
                taken.append(frame)
                yield frame
                then()

        def __enter__(self) -> Watched:
            return self

        def __exit__(self, *_: object) -> None:
            self._reader.close()

        def __getattr__(self, name: str) -> object:
            return getattr(self._reader, name)

    monkeypatch.setattr(module, "open_frames", lambda source: Watched(open_frames(source)))


def test_each_pose_comes_before_the_next_picture_is_taken(
    signer: Path, upright: PoseClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Frame] = []
    spy(monkeypatch, taken)
    for index, pose in enumerate(watch_landmarks(str(signer), OPTIONS)):
        assert len(taken) == index + 1
        assert pose.start == taken[-1].start == upright.times[index]
        np.testing.assert_array_equal(pose.points, upright.points[index])
    assert len(taken) == len(upright)


def test_a_camera_is_seen_as_it_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """It sends its next picture only after the pose of one before was given."""
    ready = Semaphore(4)
    starts = []
    with camera(signing(count=12), ready) as address:
        for pose in watch_landmarks(address, OPTIONS):
            starts.append(pose.start)
            assert pose.confidence.any()
            ready.release()
    assert 5 <= len(starts) <= 12
    assert starts == sorted(set(starts))
    assert to_seconds(starts[0]) == 0
    assert to_seconds(starts[-1]) < 9  # the camera would have given up waiting


def test_whoever_stops_watching_lets_go_of_everything(signer: Path) -> None:
    before = set(threading.enumerate())
    poses = watch_landmarks(signer, OPTIONS)
    assert len(list(islice(poses, 3))) == 3
    assert any(thread.name.startswith("landmarks") for thread in threading.enumerate())
    poses.close()
    assert set(threading.enumerate()) == before


def test_whoever_stops_watching_lets_go_of_the_camera() -> None:
    before = set(threading.enumerate())
    with camera(cycle(signing()), Semaphore(1_000_000)) as address:
        poses = watch_landmarks(address, OPTIONS)
        next(poses)
        ours = [thread for thread in threading.enumerate() if "/signer.mjpg" in thread.name]
        assert len(ours) == 1
        assert "secret" not in ours[0].name
        poses.close()
        assert not ours[0].is_alive()
    left = [thread for thread in set(threading.enumerate()) - before if "process_request" not in thread.name]
    assert left == []


def test_a_camera_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with camera([], Semaphore(0)) as address:
        pass
    with pytest.raises(MediaError, match=r"signer\.mjpg: nothing answers there; check the address") as caught:
        landmarks(address, OPTIONS)
    assert "secret" not in str(caught.value)
    with pytest.raises(OptionError, match="gopher is not dialled"):
        landmarks("gopher://example.invalid/signer", LandmarkOptions())


def test_the_rate_is_the_films(signer: Path, upright: PoseClip) -> None:
    assert (upright.rate, upright.even, upright.notes) == (Rate.parse("25"), True, ())
    assert upright.times.tolist() == [upright.rate.at(index) for index in range(12)]
