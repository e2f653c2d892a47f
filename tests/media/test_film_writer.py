"""Films are written whole, at true times, in true colours, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import DiskFull, OutputError
from accessify.core.timeline import Rate, seconds
from accessify.core.video import Frame
from accessify.media.film_writer import open_film
from accessify.media.frames import open_frames
from accessify.media.probe import probe
from tests.media.make_media import scene

RATE = Rate(Fraction(25))

LIMITED = """
import resource, signal, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from accessify.core.errors import OutputError
from accessify.core.timeline import Rate
from accessify.core.video import Frame
from accessify.media.film_writer import open_film
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
noise = np.random.default_rng(0)
try:
    with open_film(Path(sys.argv[1]), (320, 240), Rate(Fraction(25))) as film:
        for index in range(20):
            film.write(Frame(noise.integers(0, 256, (240, 320, 3), np.uint8), index * 28_224_000))
except OutputError as error:
    print(error)
"""


def write(target: Path, images: list[NDArray[np.uint8]], times: list[int], rate: Rate = RATE) -> Path:
    with open_film(target, (images[0].shape[1], images[0].shape[0]), rate, comment="drawn by a test") as film:
        for image, time in zip(images, times, strict=True):
            film.write(Frame(image, time))
    return target


def read(path: Path) -> list[Frame]:
    with open_frames(path) as reader:
        return list(reader)


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)])
def test_even_times_come_back(tmp_path: Path, rate: Fraction) -> None:
    images = [scene(48, 64, index) for index in range(20)]
    times = [Rate(rate).at(index) for index in range(20)]
    path = write(tmp_path / "a.mp4", images, times, Rate(rate))
    frames = read(path)
    assert (
        max(abs(frame.start - time) for frame, time in zip(frames, times, strict=True)) <= 3920
    )  # 1/180000 s
    track = probe(path).video
    assert track
    assert (track.rate, track.variable) == (Rate(rate), False)
    assert abs(probe(path).span.end - Rate(rate).at(20)) <= 7840
    for frame, image in zip(frames, images, strict=True):
        assert np.abs(frame.image.astype(int) - image).mean() < 6


def test_uneven_times_come_back(tmp_path: Path) -> None:
    """Of a camera: nothing even about them; what is shown at first is shown until the second."""
    times = [0, seconds(Fraction(1, 30)), seconds(Fraction(9, 10)), seconds(1), seconds(7)]
    path = write(tmp_path / "a.mp4", [scene(48, 64, index) for index in range(5)], times)
    assert [frame.start for frame in read(path)] == times


def test_frames_of_a_stretch_keep_their_distances(tmp_path: Path) -> None:
    """A film without sound begins at its first frame."""
    times = [seconds(5), seconds(Fraction(51, 10)), seconds(6)]
    frames = read(write(tmp_path / "a.mp4", [scene(48, 64)] * 3, times))
    assert [frame.start for frame in frames] == [time - times[0] for time in times]


@pytest.mark.parametrize("size", [(47, 64), (48, 63), (47, 63), (1, 1)])
def test_odd_sizes_get_their_edge_twice(tmp_path: Path, size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 90, np.uint8)
    image[-1] = image[:, -1] = 200
    frame = read(write(tmp_path / "a.mp4", [image] * 2, [0, RATE.at(1)]))[0]
    height, width = (side + side % 2 for side in size)
    assert frame.size == (width, height)
    assert np.abs(frame.image[-1].astype(int) - 200).max() < 30
    assert np.abs(frame.image[:, -1].astype(int) - 200).max() < 30


def test_colours_are_bt709_and_tagged_so(tmp_path: Path) -> None:
    import av

    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 120, 60)]
    image = np.repeat(np.array([colours], np.uint8), 32, 0).repeat(32, 1)
    path = write(tmp_path / "a.mp4", [image] * 2, [0, RATE.at(1)])
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        tags = stream.colorspace, stream.color_primaries, stream.color_trc, stream.color_range
        assert tags == (1, 1, 1, 1)
        assert (stream.pix_fmt, stream.codec_context.name, stream.time_base) == (
            "yuv420p",
            "h264",
            Fraction(1, 90_000),
        )
        stored = next(film.decode(video=0)).to_ndarray()
    for index, (red, green, blue) in enumerate(colours):  # ITU-R BT.709, limited range
        luma = 16 + 219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
        assert abs(int(stored[16, 32 * index + 16]) - luma) <= 3
    shown = read(path)[0].image[16, 16::32]
    assert np.abs(shown.astype(int) - colours).max() <= 8


def test_the_comment_says_what_it_is(tmp_path: Path) -> None:
    import av

    path = write(tmp_path / "a.mp4", [scene(48, 64)], [0])
    with av.open(str(path)) as film:
        assert film.metadata["comment"] == "drawn by a test"
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # a browser can begin at once


def test_the_same_frames_give_the_same_file(tmp_path: Path) -> None:
    images, times = [scene(48, 64, index) for index in range(5)], [RATE.at(index) for index in range(5)]
    one, other = (write(tmp_path / f"{name}.mp4", images, times) for name in "ab")
    assert one.read_bytes() == other.read_bytes()


def test_an_abandoned_film_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    target.write_text("an older film")

    def abandon() -> None:
        with open_film(target, (64, 48), RATE) as film:
            for index in range(30):
                film.write(Frame(scene(48, 64), RATE.at(index)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        abandon()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert target.read_text() == "an older film"


def test_a_film_of_nothing_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"a\.mp4: there was no picture to write"),
        open_film(tmp_path / "a.mp4", (64, 48), RATE),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with open_film(tmp_path / "a.mp4", (64, 48), RATE) as film:
        film.write(Frame(scene(48, 64), seconds(1)))
        with pytest.raises(ValueError, match=r"the film's pictures are \(64, 48\), not \(48, 64\)"):
            film.write(Frame(scene(64, 48), seconds(2)))
        with pytest.raises(ValueError, match="does not come after the one before it"):
            film.write(Frame(scene(48, 64), seconds(1)))
        with pytest.raises(ValueError, match="does not come after the one before it"):
            film.write(Frame(scene(48, 64), seconds(1) - 1))
        film.write(Frame(scene(48, 64), seconds(2)))
    assert [frame.start for frame in read(tmp_path / "a.mp4")] == [0, seconds(1)]


def test_frames_closer_than_the_clock_of_the_film_are_a_unit_apart(tmp_path: Path) -> None:
    """As in films that count microseconds."""
    micro = seconds(Fraction(1, 1_000_000))
    times = [0, micro, 2 * micro, seconds(Fraction(1, 25)), seconds(Fraction(2, 25))]
    frames = read(write(tmp_path / "a.mp4", [scene(48, 64, index) for index in range(5)], times))
    assert [frame.start for frame in frames] == [0, 7840, 2 * 7840, *times[3:]]  # ticks of 1/90000 s


def test_a_folder_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(OutputError, match="is in the way"):
        open_film(tmp_path / "folder" / "a.mp4", (64, 48), RATE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"

    def fill() -> None:
        noise = np.random.default_rng(0)
        with open_film(target, (320, 240), RATE) as film:
            _redirect(next(tmp_path.iterdir()))
            for index in range(60):
                film.write(Frame(noise.integers(0, 256, (240, 320, 3), np.uint8), RATE.at(index)))

    def _redirect(file: Path) -> None:
        """Have the kernel answer every write to the open `file` with ENOSPC."""
        (number,) = [
            int(entry.name)
            for entry in Path("/proc/self/fd").iterdir()
            if entry.is_symlink() and os.path.realpath(entry) == str(file.resolve())
        ]
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, number)
        os.close(full)

    with pytest.raises(DiskFull, match=r"a\.mp4: the disk is full.*free some space"):
        fill()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_limit_on_file_size_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "a.mp4")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "a.mp4: too big for this disk" in said
    assert len(said.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
