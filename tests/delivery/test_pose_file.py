"""`.pose` files: whole, exchangeable with pose-format, true in time, and refused where damaged."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accessify
from accessify.core.errors import FormatError, OptionError
from accessify.core.holistic import HOLISTIC
from accessify.core.pose import Component, PoseClip, PoseFrame, Skeleton
from accessify.core.timeline import Note, Rate, Span, millis
from accessify.delivery import pose_writer
from accessify.delivery.pose_file import open_pose, read_pose, write_pose
from tests.delivery.pose_clips import NTSC, PAL, SMALL, clip, pose, pose_format, read_elsewhere, same

FIXTURES = Path(__file__).parents[3] / "shared" / "data" / "sign" / "poses"
ONE = Skeleton((Component("A", ("P",)),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.pose"


# Round trips


@given(
    frames=st.integers(0, 5),
    seed=st.integers(0, 2**32 - 1),
    rate=st.sampled_from(
        [PAL, NTSC, Rate(Fraction(24000, 1001)), Rate(Fraction("29.8904")), Rate(Fraction(1))]
    ),
    size=st.tuples(st.integers(1, 65535), st.integers(1, 65535)),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, frames: int, seed: int, rate: Rate, size: tuple[int, int]
) -> None:
    path = tmp_path_factory.mktemp("pose") / "a.pose"
    made = clip(frames, rate=rate, seed=seed)
    made = PoseClip(SMALL, made.points, made.confidence, made.times, rate, size)
    assert write_pose(made, path) == ()
    back = read_pose(path)
    assert same(back, made)
    assert back.notes == ()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("version", [0.1, 0.2])
def test_versions_hold_the_same(path: Path, version: float) -> None:
    made = clip(5)
    write_pose(made, path, version=version)
    assert struct.unpack("<f", path.read_bytes()[:4])[0] == pytest.approx(version)
    assert same(read_pose(path), made)


def test_missing_points_are_zeros_in_the_file(path: Path) -> None:
    made = clip(3)
    odd = made.points.copy()
    odd[0, 0] = np.inf
    confidence = np.ones_like(made.confidence)
    confidence[np.isnan(odd).any(axis=-1)] = 0
    confidence[0, 1] = 0  # has a place, but is not to be believed
    write_pose(PoseClip(SMALL, odd, confidence, made.times, PAL, made.size), path)
    numbers = np.frombuffer(path.read_bytes()[-3 * 3 * 4 * 4 :], "<f4")
    assert np.isfinite(numbers).all()
    assert (numbers[: 2 * 3] == 0).all()
    back = read_pose(path)
    assert np.isnan(back.points[0, :2]).all()
    assert (back.confidence[0, :2] == 0).all()


def test_one_pose_at_a_time_gives_the_same_bytes(path: Path) -> None:
    made = clip(6, rate=NTSC)
    write_pose(made, path)
    with open_pose(path.with_name("b.pose"), SMALL, NTSC, made.size) as writer:
        for index in range(6):
            writer.write(made[index])
    assert writer.frames == 6
    assert writer.notes == ()
    assert path.with_name("b.pose").read_bytes() == path.read_bytes()


def test_memory_does_not_grow_with_the_film(path: Path) -> None:
    skeleton = Skeleton((Component("A", tuple(map(str, range(500)))),))
    points, confidence = np.ones((500, 3), np.float32), np.ones(500, np.float32)
    tracemalloc.start()
    with open_pose(path, skeleton, PAL, (640, 480)) as writer:
        for index in range(1500):
            writer.write(PoseFrame(points, confidence, PAL.at(index)))
        writer_peak = tracemalloc.get_traced_memory()[1]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size > 12_000_000
    assert writer_peak < 1_000_000
    assert peak < 3_500_000  # a megabyte at a time is appended
    assert len(read_pose(path)) == 1500


# pose-format as the oracle


@pytest.mark.parametrize("version", [0.1, 0.2])
def test_pose_format_reads_what_we_write(path: Path, version: float) -> None:
    made = clip(4, HOLISTIC.only(["LEFT_HAND_LANDMARKS", "POSE_LANDMARKS"]))
    write_pose(made, path, version=version)
    other = read_elsewhere(path)
    assert (other.header.dimensions.width, other.header.dimensions.height) == (640, 480)
    assert other.body.fps == 25
    assert [part.name for part in other.header.components] == ["POSE_LANDMARKS", "LEFT_HAND_LANDMARKS"]
    for theirs, ours in zip(other.header.components, made.skeleton.components, strict=True):
        assert tuple(theirs.points) == ours.points
        assert tuple(map(tuple, theirs.limbs)) == ours.limbs
        assert theirs.format == "XYZC"
    assert other.body.data.shape == (4, 1, 54, 3)
    assert np.array_equal(other.body.confidence[:, 0], made.confidence)
    assert np.array_equal(other.body.data.mask[:, 0, :, 0], made.confidence == 0)
    seen = made.confidence > 0
    assert np.array_equal(other.body.data.data[:, 0][seen], made.points[seen])


def test_the_tools_of_pose_format_work_on_our_holistic_files(path: Path) -> None:
    write_pose(clip(2, HOLISTIC, NTSC), path)
    other = read_elsewhere(path)
    assert other.body.fps == pytest.approx(29.97, abs=1e-3)
    generic = __import__("pose_format.utils.generic", fromlist=["x"])
    assert generic.detect_known_pose_format(other) == "holistic"
    kept = generic.reduce_holistic(other)
    assert 0 < kept.body.data.shape[2] < other.body.data.shape[2]
    assert (
        other.header.get_point_index("RIGHT_HAND_LANDMARKS", "WRIST")
        == HOLISTIC.place("RIGHT_HAND_LANDMARKS").start
    )


def test_we_read_what_pose_format_writes(path: Path) -> None:
    oracle = pose_format()
    header = oracle.pose_header
    random = np.random.default_rng(3)
    data = random.normal(0, 100, (5, 2, 3, 3)).astype(np.float32)
    confidence = random.choice([0, 0.5, 1], (5, 2, 3)).astype(np.float32)
    parts = [
        header.PoseHeaderComponent("A", ["P", "Q"], [(0, 1)], [(297, 0, 9)], "XYZC"),
        header.PoseHeaderComponent("B", ["R"], [], [], "XYZC"),
    ]
    made = oracle.Pose(
        header.PoseHeader(0.2, header.PoseHeaderDimensions(320, 240, 5), parts),
        oracle.numpy.NumPyPoseBody(29.97, data, confidence),
    )
    with path.open("wb") as stream:
        made.write(stream)
    for person in (0, 1):
        ours = read_pose(path, person=person)
        assert np.array_equal(ours.confidence, confidence[:, person])
        assert np.array_equal(
            np.nan_to_num(ours.points), np.where(confidence[:, person, :, None], data[:, person], 0)
        )
        assert [note.text for note in ours.notes] == [f"2 people are in the file; person {person} was read"]
    assert ours.size == (320, 240)
    assert ours.rate == NTSC
    assert ours.skeleton.components[0] == Component("A", ("P", "Q"), ((0, 1),), ((255, 0, 9),))
    with pytest.raises(OptionError, match=r"a\.pose: there is no person 2 in it; it has persons 0 to 1"):
        read_pose(path, person=2)
    with pytest.raises(OptionError, match="no person -1"):
        read_pose(path, person=-1)


@pytest.mark.skipif(not FIXTURES.exists(), reason="the sign-language data are not here")
def test_published_files_read_as_pose_format_reads_them() -> None:
    files = sorted(FIXTURES.rglob("*.pose"))
    assert len(files) == 17
    for path in files:
        ours, theirs = read_pose(path), read_elsewhere(path)
        confidence = theirs.body.confidence[:, 0]
        seen = confidence > 0
        numbers = theirs.body.data.data[:, 0][seen].astype(np.float32)
        assert np.array_equal(ours.points[seen][:, : numbers.shape[-1]], numbers), path
        assert np.array_equal(ours.confidence, np.minimum(confidence, 1).astype(np.float32)), path
        assert np.isnan(ours.points[~seen]).all(), path
        assert float(ours.rate.fps) == pytest.approx(theirs.body.fps, rel=2e-4), path
        broken = int((~np.isfinite(theirs.body.data.data[:, 0])).any(axis=-1).sum())
        assert [note.text.split()[0] for note in ours.notes if note.kind == "not-finite"] == (
            [str(broken)] if broken else []
        )


# Old and odd files


def old_file(frames: list[list[list[float]]], *, form: str = "XYC", fps: int = 24) -> bytes:
    """A file of version 0.0 with the points P and Q: frames of people of numbers."""
    text = [struct.pack("<H", len(item)) + item.encode() for item in ("A", form, "P", "Q")]
    head = struct.pack("<f4H", 0.0, 1000, 500, 0, 1) + text[0] + text[1] + struct.pack("<3H", 2, 0, 0)
    body = b"".join(
        struct.pack("<H", len(people))
        + b"".join(struct.pack(f"<h{len(numbers)}f", -1, *numbers) for numbers in people)
        for people in frames
    )
    return head + text[2] + text[3] + struct.pack("<HH", fps, len(frames)) + body


def test_version_0_0(path: Path) -> None:
    first, second = [1, 2, 0.5, 3, 4, 0], [5, 6, 1, 7, 8, 1.25]
    path.write_bytes(old_file([[first, second], [], [second]]))
    ours = read_pose(path)
    assert ours.points[0, 0].tolist() == [1, 2, 0]
    assert np.isnan(ours.points[0, 1]).all()
    assert (ours.confidence[1] == 0).all()
    assert ours.confidence[2].tolist() == [1, 1]
    assert [note.kind for note in ours.notes] == ["people", "flat", "confidence"]
    assert np.array_equal(ours.confidence[:, 0], read_elsewhere(path).body.confidence[:, 0, 0])
    other = read_pose(path, person=1)
    assert other.points[0, 1].tolist() == [7, 8, 0]
    assert (other.confidence[1:] == 0).all()


def test_frames_beyond_the_count_of_version_0_1(path: Path) -> None:
    frames = 65536 + 5
    confidence = np.ones((frames, 1), np.float32)
    points = np.arange(3 * frames, dtype=np.float32).reshape(frames, 1, 3)
    write_pose(PoseClip(ONE, points[:5], confidence[:5], clip(5).times, PAL, (9, 9)), path, version=0.1)
    head = path.read_bytes()[: -5 * 16]
    numbers = points.astype("<f4").tobytes() + confidence.astype("<f4").tobytes()
    for stated in (0, 5):  # pose-format wrote 0, others begin again
        path.write_bytes(head[:-4] + struct.pack("<H", stated) + head[-2:] + numbers)
        assert np.array_equal(read_pose(path).points, points)
    path.write_bytes(head[:-4] + struct.pack("<H", 5) + head[-2:] + numbers[16:])
    with pytest.raises(FormatError, match="not the 5 poses of 16 bytes that it says"):
        read_pose(path)


def test_depth_in_picture_widths(path: Path) -> None:
    made = clip(3)
    write_pose(made, path)
    wide = read_pose(path, z="widths")
    hand, world = SMALL.place("LEFT_HAND_LANDMARKS"), SMALL.place("POSE_WORLD_LANDMARKS")
    assert np.array_equal(wide.points[:, hand, 2], made.points[:, hand, 2] * 640, equal_nan=True)
    assert np.array_equal(wide.points[:, hand, :2], made.points[:, hand, :2], equal_nan=True)
    assert np.array_equal(wide.points[:, world], made.points[:, world], equal_nan=True)


def test_numbers_that_are_none_are_missing_and_told(path: Path) -> None:
    made = PoseClip(
        ONE, np.ones((3, 1, 3), np.float32), np.ones((3, 1), np.float32), clip(3).times, PAL, (9, 9)
    )
    write_pose(made, path)
    data = bytearray(path.read_bytes())
    data[-3 * 16 : -3 * 16 + 4] = struct.pack("<f", np.nan)
    data[-4:] = struct.pack("<f", np.inf)
    path.write_bytes(data + b"more")
    back = read_pose(path)
    assert np.isnan(back.points[:, 0, 0]).tolist() == [True, False, True]
    assert [note.text for note in back.notes] == [
        "2 points are no finite numbers in the file: missing",
        "4 bytes behind the last pose were not read",
    ]


def test_a_header_without_size_or_rate_asks_for_it(path: Path) -> None:
    write_pose(clip(2), path)
    whole = path.read_bytes()
    body = len(whole) - 2 * 3 * 16 - 10
    path.write_bytes(whole[:4] + bytes(2) + whole[6:body] + bytes(4) + whole[body + 4 :])
    with pytest.raises(FormatError, match=r"a picture of 0x480; give the size, e.g. 1280x720"):
        read_pose(path)
    with pytest.raises(FormatError, match=r"0 frames a second; give the rate, e.g. 25"):
        read_pose(path, size=(640, 480))
    assert same(read_pose(path, size=(640, 480), rate=PAL), clip(2))


# What the format cannot hold


def test_losses_are_told(path: Path) -> None:
    skeleton = Skeleton(SMALL.components, ("smile",))
    made = clip(2, skeleton, mirrored=True, expressions=np.ones((2, 1), np.float32))
    made = made.with_notes([Note(Span(0, 1), "damaged", "a picture was damaged")])
    later = PoseClip(
        skeleton,
        made.points,
        made.confidence,
        made.times + millis(1500),
        PAL,
        made.size,
        True,
        made.expressions,
        made.notes,
    )
    assert [note.text for note in write_pose(later, path)] == [
        "the format holds no start: its first pose is the film's at 1.500 s",
        "the format holds no facial expression scores",
        "the format does not tell that the picture is mirrored",
        "the format holds no notes: 1 are left out",
    ]
    assert read_pose(path).times.tolist() == made.times.tolist()


def test_a_name_of_another_format_is_not_written_to(path: Path) -> None:
    with pytest.raises(OptionError, match=r"x\.npz: write_pose writes \.pose only; .* use write_poses"):
        write_pose(clip(2), path.with_name("x.npz"))
    assert list(path.parent.iterdir()) == []
    accessify.write_poses(clip(2), path.with_name("x.npz"))
    accessify.write_poses(clip(2), path)
    assert same(accessify.read_poses(path.with_name("x.npz")), accessify.read_poses(path))


@pytest.mark.parametrize(
    ("rate", "version", "error", "words"),
    [
        (NTSC, 0.1, FormatError, r"a\.pose: version 0.1 of .pose cannot hold 29.97 .* write version 0.2"),
        (Rate(Fraction(1, 1000)), 0.2, FormatError, "cannot hold 0.001 frames a second; use .npz"),
        (PAL, 0.3, OptionError, "version 0.3 of .pose is not written; choose 0.2 or 0.1"),
    ],
)
def test_rates_and_versions_that_cannot_be(
    path: Path, rate: Rate, version: float, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        write_pose(clip(2, rate=rate), path, version=version)
    assert not path.exists()


def test_too_many_poses_name_the_version_that_holds_them(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pose_writer._MOST[0.1] == 65535
    monkeypatch.setitem(pose_writer._MOST, 0.1, 3)
    with pytest.raises(FormatError, match=r"version 0.1 counts no more than 3 poses; write version 0.2"):
        write_pose(clip(4), path, version=0.1)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("skeleton", "size", "words"),
    [
        (SMALL, (65536, 9), "cannot hold 65536: its header counts to 65535; use .npz"),
        (Skeleton((Component("A" * 65536, ("P",)),)), (9, 9), "cannot hold 65536"),
        (Skeleton(()), (9, 9), "needs at least one point"),
    ],
)
def test_headers_that_cannot_be(path: Path, skeleton: Skeleton, size: tuple[int, int], words: str) -> None:
    with pytest.raises(FormatError, match=words):
        open_pose(path, skeleton, PAL, size)


@pytest.mark.parametrize(
    ("poses", "words"),
    [
        ([pose(1, 5), pose(1, 5)], "poses must rise in time"),
        ([PoseFrame(np.ones((3, 3), np.float32), np.ones(3, np.float32))], r"must have 1 points, not \[3\]"),
    ],
)
def test_an_error_leaves_nothing(path: Path, poses: list[PoseFrame], words: str) -> None:
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match=words):
        _write(path, poses)
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_ctrl_c_leaves_nothing(path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _write(path, _stopped())
    assert list(path.parent.iterdir()) == []


def _write(path: Path, poses: Iterable[PoseFrame]) -> None:
    with open_pose(path, ONE, PAL, (9, 9)) as writer:
        for one in poses:
            writer.write(one)


def _stopped() -> Iterator[PoseFrame]:
    yield pose(1, 0)
    raise KeyboardInterrupt


# Damage


def _cut(count: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:count]


def _put(place: int, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data[: place % len(data)] + new + data[place % len(data) + len(new) :]


BODY = -(4 * 3 * 16) - 10
"""Where the head of the body begins, from the end of four poses of three points."""


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_cut(0), "the file is empty; give a .pose file"),
        (_cut(3), "the file ends within the version at byte 0: 4 more bytes are needed, 3 are left"),
        (_cut(9), "the file ends within the header"),
        (_cut(30), "the file ends within component 1 of 2"),
        (_cut(BODY + 4), "the file ends within the head of the body"),
        (_cut(-30), "the file ends within the confidences of the 4 poses"),
        (_cut(-100), "the file ends within the 4 poses at byte"),
        (lambda data: b"\x89PNG" + data, "not a .pose file of a known version"),
        (_put(0, struct.pack("<f", 0.3)), r"begins with 0\.3\); versions 0.0, 0.1 and 0.2 are read"),
        (
            _put(BODY + 4, struct.pack("<I", 4_000_000_000)),
            "ends within the 4000000000 poses.*144000000000 more",
        ),
        (_put(BODY + 8, struct.pack("<H", 65535)), "ends within the 4 poses of 65535 people"),
        (_put(BODY + 8, struct.pack("<H", 0)), "says that nobody is in it"),
        (_put(BODY, struct.pack("<f", np.nan)), "its header says nan frames a second"),
        (_put(10, struct.pack("<H", 0)), "its header names no points"),
        (_put(10, struct.pack("<H", 65535)), "ends within component 3 of 65535"),
        (lambda data: data.replace(b"XYZC", b"XYZW"), "points of format 'XYZW'; XYC and XYZC are read"),
    ],
)
def test_damaged_files_are_refused_in_one_line(
    path: Path, damage: Callable[[bytes], bytes], words: str
) -> None:
    write_pose(clip(4), path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FormatError, match=words) as caught:
        read_pose(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_two_components_of_one_name_are_refused(path: Path) -> None:
    skeleton = Skeleton((Component("AA", ("P",)), Component("BB", ("P",))))
    write_pose(clip(2, skeleton), path)
    path.write_bytes(path.read_bytes().replace(b"BB", b"AA"))
    with pytest.raises(FormatError, match="two components are called 'AA'"):
        read_pose(path)


def test_limbs_to_nowhere_are_left_out(path: Path) -> None:
    skeleton = Skeleton((Component("A", ("P", "Q"), ((0, 1), (1, 0x1111))),))
    write_pose(clip(2, skeleton), path)
    back = read_pose(path)
    assert back.skeleton.components[0].limbs == ((0, 1),)
    assert [note.kind for note in back.notes] == ["limbs"]


def test_old_files_may_not_claim_what_they_do_not_hold(path: Path) -> None:
    names = "".join(f"{index:04}" for index in range(2000)).encode()
    points = b"".join(struct.pack("<H", 4) + names[i : i + 4] for i in range(0, len(names), 4))
    head = (
        struct.pack("<f4H", 0.0, 9, 9, 0, 1) + b"\x01\0A\x03\0XYC" + struct.pack("<3H", 2000, 0, 0) + points
    )
    path.write_bytes(head + struct.pack("<HH", 24, 65535) + bytes(2 * 65535))
    with pytest.raises(FormatError, match="65535 frames of 2000 points, more than are in it"):
        read_pose(path)


@pytest.mark.parametrize("name", ["absent.pose", "."])
def test_what_cannot_be_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError, match=r"there is no such file|cannot be read \("):
        read_pose(tmp_path / name)


def _whole_files() -> list[bytes]:
    """One file of each version."""
    first, second = [1, 2, 0.5, 3, 4, 0], [5, 6, 1, 7, 8, 1]
    files = [old_file([[first, second], [], [second]])]
    for version in (0.1, 0.2):
        head = pose_writer.header_bytes(SMALL, (640, 480), version)
        counts = struct.pack("<HHH", 25, 3, 2) if version == 0.1 else struct.pack("<fIH", 25, 3, 2)
        files.append(head + counts + np.ones(3 * 2 * 3 * 4, "<f4").tobytes())
    return files


@given(data=st.data())
def test_no_damage_makes_it_stumble(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from(_whole_files())))
    for place in data.draw(st.lists(st.integers(0, 8 * len(whole) - 1), max_size=3)):
        whole[place // 8] ^= 1 << place % 8
    path = tmp_path_factory.getbasetemp() / "damaged.pose"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)) | st.just(len(whole)))])
    try:
        found = read_pose(path)
    except FormatError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017 - both ends are fine
    else:
        assert found.points.shape[1:] == (len(found.skeleton), 3)
        assert np.isfinite(found.points[found.confidence > 0]).all()


def test_a_pose_cut_by_ctrl_c_is_left_out_of_a_file_that_is_kept(path: Path) -> None:
    made = clip(4)
    with open_pose(path, SMALL, PAL, made.size) as writer:
        for index in range(3):
            writer.write(made[index])
        confidence = writer._confidence

        class Interrupted:
            def write(self, _: bytes) -> None:
                raise KeyboardInterrupt

        writer._confidence = Interrupted()  # type: ignore[assignment]
        with pytest.raises(KeyboardInterrupt):
            writer.write(made[3])
        writer._confidence = confidence
    back = read_pose(path)
    assert len(back) == 3
    np.testing.assert_array_equal(back.confidence, made.confidence[:3])
