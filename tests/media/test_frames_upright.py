"""What a frame looks like: turned, square, in the right colours, bit for bit OpenCV's."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.video import Frame
from accessify.media.frames import open_frames
from accessify.media.upright import Turn, Upright
from tests.media.make_media import Picture, grey, scene, write_media

CLIPS = Path(__file__).parents[3] / "shared/data/sign"
"""Real signing, where it is at hand."""

MATRICES = {1: (0.2126, 0.0722), 2: (0.299, 0.114), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
"""Number of the matrix in ITU-T H.273 → its KR and KB; untagged counts as BT.601."""


def shown(path: Path) -> list[Frame]:
    with open_frames(path) as reader:
        frames = list(reader)
    assert {frame.size for frame in frames} == {reader.size}
    assert all(frame.image.flags.c_contiguous for frame in frames)
    return frames


def opencv(path: Path) -> list[NDArray[np.uint8]]:
    """The same film through OpenCV's reader, as RGB."""
    import cv2

    film, pictures = cv2.VideoCapture(str(path)), []
    while (read := film.read())[0]:
        pictures.append(np.asarray(read[1][..., ::-1], np.uint8))
    film.release()
    return pictures


def far(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    """The largest difference of two pictures of one size."""
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other).max())


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_turned_film_is_upright(tmp_path: Path, suffix: str, turned: int) -> None:
    """As a phone writes it; OpenCV is the oracle, and knows these four."""
    images = [scene(48, 64, index) for index in range(3)]
    path = write_media(tmp_path / f"a{suffix}", picture=Picture(images, turned=turned))
    frames, oracle = shown(path), opencv(path)
    assert frames[0].size == ((64, 48) if turned % 180 == 0 else (48, 64))
    assert [far(frame.image, image) for frame, image in zip(frames, oracle, strict=True)] == [0, 0, 0]
    assert np.abs(frames[2].image.astype(int) - np.rot90(images[2], turned // 90)).mean() < 8


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_mirrored_film_is_mirrored_when_shown(tmp_path: Path, turned: int) -> None:
    image = scene(48, 64)
    path = write_media(tmp_path / "a.mov", picture=Picture([image] * 2, turned=turned, mirrored=True))
    expected = np.rot90(image, turned // 90)[:, ::-1]
    assert np.abs(shown(path)[0].image.astype(int) - expected).mean() < 8


def test_the_matrix_of_a_file_that_a_phone_wrote(tmp_path: Path) -> None:
    """The bytes of the track header, patched in: a clockwise quarter turn, as iPhones write it."""
    path = write_media(tmp_path / "a.mov", picture=Picture([scene(48, 64)] * 2))
    content = bytearray(path.read_bytes())
    header = content.index(b"tkhd")
    matrix = np.array([0, 1 << 16, 0, -(1 << 16), 0, 0, 48 << 16, 0, 1 << 30], ">i4").tobytes()
    content[header + 4 + 40 : header + 4 + 76] = matrix
    path.write_bytes(content)
    frame = shown(path)[0]
    assert frame.size == (48, 64)
    assert np.abs(frame.image.astype(int) - np.rot90(scene(48, 64), -1)).mean() < 8


@pytest.mark.parametrize(
    "turn", [Turn(a, b, c) for a in (False, True) for b in (False, True) for c in (False, True)]
)
def test_a_turn_moves_every_pixel(turn: Turn) -> None:
    image = np.random.default_rng(3).integers(0, 256, (5, 7, 3), np.uint8)
    expected = image.transpose(1, 0, 2) if turn.sideways else image
    expected = expected[::-1] if turn.upside_down else expected
    expected = expected[:, ::-1] if turn.mirrored else expected
    padded = np.zeros((5, 9, 3), np.uint8)
    padded[:, :7] = image
    assert (turn.apply(image) == expected).all()
    assert (turn.apply(padded[:, :7]) == expected).all()  # rows with a gap between them, as FFmpeg's


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        (Fraction(4, 3), (85, 48)),
        (Fraction(16, 11), (93, 48)),
        (Fraction(1, 2), (64, 96)),
        (Fraction(1000, 1001), (64, 48)),
        (Fraction(255, 1), (64, 48)),
    ],
)
def test_pixels_become_square(tmp_path: Path, aspect: Fraction, size: tuple[int, int]) -> None:
    image = np.full((48, 64, 3), 40, np.uint8)
    image[12:36, 16:48] = 220  # a box in the middle half
    frame = shown(write_media(tmp_path / "a.mkv", picture=Picture([image] * 2, aspect=aspect)))[0]
    assert frame.size == size
    bright = frame.image[..., 1] > 130
    assert abs(bright.any(0).sum() - size[0] / 2) <= 2
    assert abs(bright.any(1).sum() - size[1] / 2) <= 2


def test_pixels_are_squared_before_the_turn(tmp_path: Path) -> None:
    picture = Picture([scene(48, 64)] * 2, aspect=Fraction(3, 2), turned=90)
    assert shown(write_media(tmp_path / "a.mov", picture=picture))[0].size == (48, 96)


def planes(image: NDArray[np.uint8], matrix: int, full: bool, bits: int) -> list[NDArray[np.uint16]]:
    """`image` as Y', Cb, Cr without subsampling, by the equations of ITU-T H.273, 8.3."""
    kr, kb = MATRICES[matrix]
    red, green, blue = np.moveaxis(image / 255, -1, 0)
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    chroma = [(blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)]
    step = 1 << (bits - 8)
    if full:
        top = (1 << bits) - 1
        values = [luma * top, *(part * top + 128 * step for part in chroma)]
    else:
        values = [(16 + 219 * luma) * step, *((128 + 224 * part) * step for part in chroma)]
    return [np.round(value).clip(0, (1 << bits) - 1).astype(np.uint16) for value in values]


@pytest.mark.parametrize("bits", [8, 10, 12])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", MATRICES)
def test_colours_are_undone_as_they_are_tagged(tmp_path: Path, matrix: int, full: bool, bits: int) -> None:
    import av

    image = scene(48, 64)
    layout = "yuv444p" if bits == 8 else f"yuv444p{bits}le"
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, layout
        stream.codec_context.colorspace = matrix
        stream.codec_context.color_range = 2 if full else 1
        frame = av.VideoFrame(64, 48, layout)
        frame.colorspace, frame.color_range = matrix, 2 if full else 1
        for plane, values in zip(frame.planes, planes(image, matrix, full, bits), strict=True):
            rows = np.zeros(
                (48, plane.line_size // (1 if bits == 8 else 2)), np.uint8 if bits == 8 else "<u2"
            )
            rows[:, :64] = values
            plane.update(rows.tobytes())
        frame.pts = 0
        film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    assert far(shown(path)[0].image, image) <= 4


@pytest.mark.parametrize("colorspace", [0, 3, 8, 10, 14, 15])
def test_a_matrix_that_nothing_undoes_counts_as_untagged(colorspace: int) -> None:
    import av

    frame = av.VideoFrame.from_ndarray(scene(48, 64), format="rgb24").reformat(format="yuv420p")
    plain = Upright().picture(frame)
    frame.colorspace = colorspace
    assert far(Upright().picture(frame), plain) == 0


@pytest.mark.parametrize("pixels", ["gray", "gray10le", "gbrp10le", "bgra", "yuv422p", "yuv410p", "rgb48le"])
def test_every_layout_becomes_rgb(tmp_path: Path, pixels: str) -> None:
    import cv2

    image = scene(48, 64)
    frame = shown(write_media(tmp_path / "a.mkv", picture=Picture([image], codec="ffv1", pixels=pixels)))[0]
    expected = image
    if pixels.startswith("gray"):
        expected = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, -1)
    assert np.abs(frame.image.astype(int) - expected).mean() < 5


@pytest.mark.parametrize(("limited", "expected"), [(False, (16, 126, 235)), (True, (0, 128, 255))])
def test_grey_in_limited_range_is_stretched(limited: bool, expected: tuple[int, int, int]) -> None:
    import av

    image = np.repeat(np.array([[16, 126, 235]], np.uint8), 8, 0)
    frame = av.VideoFrame.from_ndarray(np.repeat(image, 8, 1), format="gray")
    frame.color_range = 1 if limited else 2
    assert tuple(Upright().picture(frame)[4, [4, 12, 20], 1]) == expected


def test_ten_bits_of_a_phone(tmp_path: Path) -> None:
    image = scene(96, 128)
    path = write_media(tmp_path / "a.mp4", picture=Picture([image] * 3, pixels="yuv420p10le"))
    assert np.abs(shown(path)[0].image.astype(int) - image).mean() < 4


@pytest.mark.parametrize("size", [(47, 63), (1, 1), (3, 200), (33, 32)])
def test_odd_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    image = scene(*size)
    path = write_media(tmp_path / "a.mkv", picture=Picture([image] * 2, codec="ffv1", pixels="yuv444p"))
    frame = shown(path)[0]
    assert frame.size == size[::-1]
    assert far(frame.image, image) <= 4


def test_a_film_that_changes_its_size_is_fitted(tmp_path: Path) -> None:
    """An adaptive stream, recorded: two sizes in one; the second is wider than the first."""
    parts = [
        write_media(tmp_path / f"{index}.ts", picture=Picture(images, options={"g": "5"}))
        for index, images in enumerate([[scene(48, 64)] * 50, [np.full((40, 120, 3), 200, np.uint8)] * 25])
    ]
    path = tmp_path / "a.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    with open_frames(path) as reader:
        frames = list(reader)
    assert {frame.size for frame in frames} == {(64, 48)}
    assert "resized" in [note.kind for note in reader.notes]
    last = frames[-1].image  # 64 by 21 in the middle
    assert last[:12].max() == 0
    assert last[-12:].max() == 0
    assert abs(int(last[24, 32, 0]) - 200) <= 4


def test_a_still_picture_is_a_film_of_one_frame(tmp_path: Path) -> None:
    import cv2

    image = scene(48, 64)
    cv2.imwrite(str(tmp_path / "a.png"), image[..., ::-1])
    frames = shown(tmp_path / "a.png")
    assert [frame.start for frame in frames] == [0]
    assert far(frames[0].image, image) == 0


@pytest.mark.parametrize("size", [(240, 320), (720, 540), (48, 66)])
@pytest.mark.parametrize("codec", ["libx264", "mjpeg", "libvpx"])
def test_pictures_are_opencvs(tmp_path: Path, codec: str, size: tuple[int, int]) -> None:
    images = [scene(*size, index) for index in range(4)]
    path = write_media(tmp_path / "a.mkv", picture=Picture(images, codec=codec))
    pairs = list(zip(shown(path), opencv(path), strict=True))
    assert [far(frame.image, image) for frame, image in pairs] == [0, 0, 0, 0]


@pytest.mark.parametrize("name", ["reference/sentence_320x240.mp4", "poses/pose-format/test_video.mp4"])
def test_real_signing_is_opencvs(name: str) -> None:
    """The reference landmarks were made through OpenCV: one differing bit would be a different input."""
    if not (CLIPS / name).exists():
        pytest.skip("needs ../shared/data/sign")
    pairs = list(zip(shown(CLIPS / name), opencv(CLIPS / name), strict=True))
    assert len(pairs) > 50
    assert max(far(frame.image, image) for frame, image in pairs) == 0


def test_grey_frames_of_the_house_still_read(tmp_path: Path) -> None:
    frames = shown(write_media(tmp_path / "a.mp4", picture=Picture(grey(3, lambda _: 100))))
    assert all(abs(int(frame.image.mean()) - 100) <= 3 for frame in frames)
