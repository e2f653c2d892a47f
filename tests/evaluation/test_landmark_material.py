"""Clips and their references, long films out of short ones, and sheets for people."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import FormatError, OptionError
from accessify.core.timeline import Rate, to_seconds
from accessify.core.video import Frame
from accessify.evaluation import landmark_material
from accessify.evaluation.landmark_material import Film, clip_pictures, load_clip, pair_films
from accessify.evaluation.landmark_sheets import only, pose_of, write_sheets
from accessify.evaluation.landmark_tracks import Tracks
from accessify.evaluation.repeated_film import write_repeated
from accessify.media.frames import open_frames

cv2 = pytest.importorskip("cv2", reason="comes with the extra `signs`")

RATE = Rate(Fraction(25))


def pictures(count: int, width: int = 96, height: int = 64) -> list[Frame]:
    """Grey that gets lighter, with a white corner."""
    images = []
    for number in range(count):
        image = np.full((height, width, 3), 20 * number, np.uint8)
        image[:8, :8] = 255
        images.append(Frame(image, RATE.at(number)))
    return images


@pytest.fixture
def video(tmp_path: Path) -> Path:
    write_repeated(pictures(5), RATE, 1, tmp_path / "talk.mp4")
    return tmp_path / "talk.mp4"


def reference(path: Path, frames: int) -> Path:
    arrays = {"pose": (33, 4), "left_hand": (21, 3), "right_hand": (21, 3), "face": (468, 3)}
    np.savez(path, **{name: np.full((frames, *shape), 0.5, np.float32) for name, shape in arrays.items()})
    return path


# which reference belongs to which video


def test_a_reference_follows_its_video_or_lies_beside_it(tmp_path: Path) -> None:
    names = ("a.mp4", "b.mp4", "b.holistic.npz", "c.mp4", "c.holistic.npz", "other.npz")
    a, b, beside, c, _, other = (tmp_path / name for name in names)
    for name in names:
        (tmp_path / name).touch()
    assert pair_films([a, b, c, other]) == (Film(a), Film(b, beside), Film(c, other))


def test_what_cannot_be_paired_says_so(tmp_path: Path) -> None:
    video, points = tmp_path / "a.mp4", tmp_path / "a.npz"
    (tmp_path / "more").mkdir()
    twin = tmp_path / "more" / "a.mov"
    for path in (video, points, twin):
        path.touch()
    with pytest.raises(OptionError, match=r"a reference belongs behind its video"):
        pair_films([points, video])
    with pytest.raises(OptionError, match=r"a reference belongs behind its video"):
        pair_films([video, points, points])
    with pytest.raises(OptionError, match=r"two videos are called a; rename one"):
        pair_films([video, twin])
    with pytest.raises(OptionError, match=r"none\.mp4: no such file; give a video"):
        pair_films([tmp_path / "none.mp4"])
    with pytest.raises(OptionError, match=r"give a video"):
        pair_films([])


# what is decoded


def test_a_clip_is_decoded_once_for_all(video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = reference(tmp_path / "talk.npz", 25)
    clip = load_clip(Film(video, points), tmp_path / "work")
    assert (len(clip), clip.size, clip.rate, clip.name) == (25, (1280, 720), RATE, "talk")
    assert clip.starts == tuple(RATE.at(number) for number in range(25))
    assert clip.reference is not None
    assert clip.reference.body[0, 0].tolist() == [640, 360]
    stored = np.load(clip.frames)
    assert stored.shape == (25, 720, 1280, 3)
    assert all(np.array_equal(frame.image, stored[index]) for index, frame in enumerate(clip_pictures(clip)))
    with pytest.raises(FormatError, match=r"it has 24 rows, and the video 25 pictures"):
        load_clip(Film(video, reference(tmp_path / "short.npz", 24)), tmp_path)

    monkeypatch.setattr(landmark_material, "LONGEST", 3 * 720 * 1280 * 3)
    beginning = load_clip(Film(video, points), tmp_path / "work")
    assert len(beginning) == len(beginning.reference or ()) == 3
    monkeypatch.setattr(landmark_material, "QUICK", 2)
    assert len(load_clip(Film(video, points), tmp_path / "work", quick=True)) == 2
    assert load_clip(Film(video), tmp_path).sha256 != clip.sha256


# long films


def test_a_short_clip_fills_a_long_film(tmp_path: Path) -> None:
    rate = Rate(Fraction(30000, 1001))
    write_repeated(pictures(7), rate, 3, tmp_path / "long.mp4")
    with open_frames(tmp_path / "long.mp4") as reader:
        frames = list(reader)
    assert len(frames) == 90
    assert frames[0].size == (1280, 720)
    gaps = np.diff([to_seconds(frame.start) for frame in frames])
    assert gaps == pytest.approx(np.full(89, 1001 / 30000), abs=2e-5)
    grey = [int(frame.image[600, 640, 0]) for frame in frames]
    assert np.abs(np.array(grey) - 20 * (np.arange(90) % 7)).max() <= 3


def test_the_picture_keeps_its_shape(tmp_path: Path) -> None:
    tall = np.full((400, 200, 3), 200, np.uint8)
    write_repeated([Frame(tall)] * 2, RATE, 1, tmp_path / "tall.mp4")
    with open_frames(tmp_path / "tall.mp4") as reader:
        image = next(iter(reader)).image[..., 0]
    lit = np.flatnonzero(image[360] > 100)
    assert (lit[0], lit[-1]) == (pytest.approx(460, abs=1), pytest.approx(819, abs=1))  # 360 of 1280
    assert (image[[2, 717], 640] > 190).all()


# sheets


def tracks(frames: int, left: list[int], right: list[int]) -> Tracks:
    """Hands in the pictures given."""

    def hand(there: list[int], x: float) -> np.ndarray:
        places = np.full((frames, 21, 2), np.nan)
        places[there] = np.linspace((x, 10), (x + 20, 30), 21)
        return places

    body = np.full((frames, 33, 2), 12.0)
    visibility = np.full((frames, 33), 0.6)
    return Tracks(body, visibility, hand(left, 10), hand(right, 50), np.full((frames, 468, 2), np.nan))


def test_hands_of_only_one_side_are_listed_in_order() -> None:
    ours, theirs = tracks(5, [0, 1, 2], [4]), tracks(5, [1], [3, 4])
    assert only(ours, theirs) == [(0, "left"), (2, "left")]
    assert only(theirs, ours) == [(3, "right")]


def test_a_pose_for_drawing_holds_what_is_there() -> None:
    pose = pose_of(tracks(2, [0], []), 0)
    assert pose.points[0].tolist() == [12, 12, 0]
    assert pose.confidence[:33] == pytest.approx(np.full(33, 0.6))
    assert (pose.confidence[33:54] == 1).all()
    assert (pose.confidence[54:] == 0).all()
    assert np.isnan(pose.points[54:]).all()


def test_sheets_show_each_find_once(tmp_path: Path) -> None:
    ours, theirs = tracks(9, [0, 1, 2, 5, 7], [4]), tracks(9, [5], [4])
    written = write_sheets("talk", pictures(9), ours, theirs, tmp_path)
    assert [path.name for path in written] == ["talk-only-ours.png"]
    sheet = cv2.imread(str(written[0]))
    assert sheet.shape == (267, 1600, 3)  # 4 tiles of 400 × 267: 96 × 64 enlarged
    corners = [sheet[100, 350 + 400 * tile].mean() for tile in range(4)]
    assert corners == pytest.approx([0, 20, 40, 140], abs=6)  # pictures 0, 1, 2 and 7
    assert write_sheets("same", pictures(9), ours, ours, tmp_path) == []
