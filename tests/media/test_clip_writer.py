"""Clips come back as they were drawn: times, colours, opacity, tags; whole or not at all."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from threading import active_count
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import OptionError, OutputError
from accessify.core.timeline import Rate, millis
from accessify.core.video import Cutout, Frame
from accessify.media.clip_writer import CODINGS, coding_for, open_clip
from accessify.media.frames import open_frames
from accessify.media.probe import probe
from tests.media.make_media import scene

Image = NDArray[np.uint8]
RATE = Rate(Fraction(25))
RATES = [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(50)]
CLEAR = [suffix for suffix, coding in CODINGS.items() if coding.clear]
TAGS = {"title": "HOUSE", "comment": "a computer-animated avatar"}


def drawn(index: int = 0, height: int = 48, width: int = 64) -> Image:
    """A picture whose opacity falls from the left to the right, with a clear corner."""
    image = np.empty((height, width, 4), np.uint8)
    image[..., :3] = scene(height, width, index)
    image[..., 3] = np.linspace(255, 0, width)
    image[: height // 2, : width // 4, 3] = 0
    return image


def write(target: Path, count: int = 12, rate: Rate = RATE, *, clear: bool = False) -> Path:
    with open_clip(target, (64, 48), rate, clear=clear, tags=TAGS) as clip:
        for index in range(count):
            clip.write(Cutout(drawn(index), rate.at(index)))
    return target


def decoded(path: Path) -> list[Any]:
    """All pictures with their opacity: FFmpeg's own decoder of VP9 leaves that out, libvpx does not."""
    import av

    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        context = stream.codec_context
        if context.name == "vp9":
            context = av.CodecContext.create("libvpx-vp9", "r")
        return [frame for packet in film.demux(stream) for frame in context.decode(packet)]


def dots(frame: Any, number: int) -> NDArray[np.float64]:
    """What plane `number` stores, scaled to 0 to 1."""
    plane, bits = frame.planes[number], frame.format.components[number].bits
    stored = np.frombuffer(plane, np.uint16 if bits > 8 else np.uint8)
    return stored.reshape(plane.height, -1)[:, : plane.width] / ((1 << bits) - 1)


@pytest.mark.parametrize("suffix", CODINGS)
@pytest.mark.parametrize("rate", RATES)
def test_every_picture_is_one_unit_long(tmp_path: Path, suffix: str, rate: Fraction) -> None:
    import av

    path = write(tmp_path / f"a{suffix}", 12, Rate(rate))
    with open_frames(path) as reader:
        starts = [frame.start for frame in reader]
    track, span = probe(path).video, probe(path).span
    coarse = suffix == ".webm"  # Matroska counts milliseconds
    slack = millis(1) if coarse else 10
    assert len(starts) == 12
    assert max(abs(start - Rate(rate).at(index)) for index, start in enumerate(starts)) <= slack
    assert abs(span.duration - Rate(rate).at(12)) <= millis(1)
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        if not coarse:
            assert stream.duration * stream.time_base == 12 / rate
    assert track
    assert (track.rate, track.variable) == (Rate(rate), False)


@pytest.mark.parametrize("suffix", CLEAR)
def test_opacity_survives(tmp_path: Path, suffix: str) -> None:
    frames = decoded(write(tmp_path / f"a{suffix}", clear=True))
    assert len(frames) == 12
    for frame in frames:
        assert np.abs(dots(frame, 3) - drawn()[..., 3] / 255).mean() < 0.01
    assert (dots(frames[3], 3)[:20, :12] < 0.02).all()
    assert (dots(frames[3], 3)[30:, :2] > 0.97).all()


@pytest.mark.parametrize("suffix", CLEAR)
def test_colours_do_not_depend_on_opacity(tmp_path: Path, suffix: str) -> None:
    """Not multiplied with it: browsers and editing programs do that."""
    frame = decoded(write(tmp_path / f"a{suffix}", clear=True))[0]
    image = frame.to_ndarray(format="rgb24").astype(int)
    assert np.abs(image - drawn()[..., :3])[:, :-8].mean() < 6


@pytest.mark.parametrize("suffix", CODINGS)
def test_colours_are_bt709_and_tagged_so(tmp_path: Path, suffix: str) -> None:
    import av

    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 120, 60)]
    image = np.repeat(np.array([colours], np.uint8), 32, 0).repeat(32, 1)
    path = tmp_path / f"a{suffix}"
    with open_clip(path, (192, 32), RATE) as clip:
        for index in range(3):
            clip.write(Frame(image, RATE.at(index)))
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        tags = stream.colorspace, stream.color_primaries, stream.color_trc, stream.color_range
        stored = next(film.decode(video=0))
    assert tags == (1, 1, 1, 1)
    luma = 255 * dots(stored, 0)
    for index, (red, green, blue) in enumerate(colours):  # ITU-R BT.709, limited range
        expected = 16 + 219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
        assert abs(luma[16, 32 * index + 16] - expected) <= 3
    with open_frames(path) as reader:
        shown = next(iter(reader)).image[16, 16::32]
    assert np.abs(shown.astype(int) - colours).max() <= 9


@pytest.mark.parametrize("suffix", CODINGS)
def test_tags_say_what_it_is(tmp_path: Path, suffix: str) -> None:
    import av

    with av.open(str(write(tmp_path / f"a{suffix}", 2))) as film:
        tags = {key.lower(): value for key, value in film.metadata.items()}
    assert (tags["title"], tags["comment"]) == (TAGS["title"], TAGS["comment"])


def test_kinds_of_file_are_what_was_promised(tmp_path: Path) -> None:
    import av

    found = {}
    for suffix, clear in [(".mp4", False), (".webm", True), (".mov", True)]:
        with av.open(str(write(tmp_path / f"a{suffix}", 2, clear=clear))) as film:
            stream = film.streams.video[0]
            found[suffix] = stream.codec_context.name, stream.pix_fmt
    assert found[".mp4"] == ("h264", "yuv420p")
    assert found[".mov"][0] == "prores"
    assert found[".mov"][1].startswith("yuva444p1")
    assert found[".webm"][0] == "vp9"


def test_what_cannot_be_clear_says_which_can(tmp_path: Path) -> None:
    with pytest.raises(
        OptionError, match=r"a\.mp4: this kind of file has no opacity; write into \.webm, \.mov"
    ):
        open_clip(tmp_path / "a.mp4", (64, 48), RATE, clear=True)
    with pytest.raises(OptionError, match=r"a\.avi: pictures go into \.mp4"):
        coding_for(Path("a.avi"), clear=False)
    assert list(tmp_path.iterdir()) == []


def test_odd_sizes_get_their_edge_twice(tmp_path: Path) -> None:
    with open_clip(tmp_path / "a.webm", (63, 47), RATE, clear=True) as clip:
        clip.write(Cutout(drawn(0, 47, 63)))
    frame = decoded(tmp_path / "a.webm")[0]
    assert (frame.width, frame.height) == (64, 48)


def test_mistakes_are_told_and_leave_nothing(tmp_path: Path) -> None:
    def write_wrongly() -> None:
        with open_clip(tmp_path / "a.mp4", (64, 48), RATE) as clip:
            for index in range(10):
                clip.write(Cutout(drawn(index, 64, 48), RATE.at(index)))

    before = active_count()
    with pytest.raises(ValueError, match=r"the film's pictures are \(64, 48\), not \(48, 64\)"):
        write_wrongly()
    with (
        pytest.raises(OutputError, match="no picture to write"),
        open_clip(tmp_path / "b.mp4", (64, 48), RATE),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
    assert active_count() == before


def test_an_abandoned_clip_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.webm"
    target.write_text("an older clip")

    def abandon() -> None:
        with open_clip(target, (64, 48), RATE, clear=True) as clip:
            for index in range(9):
                clip.write(Cutout(drawn(index), RATE.at(index)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        abandon()
    assert [path.name for path in tmp_path.iterdir()] == ["a.webm"]
    assert target.read_text() == "an older clip"


def test_a_last_picture_that_does_not_fit_is_told_too(tmp_path: Path) -> None:
    def write_wrongly() -> None:
        with open_clip(tmp_path / "a.mp4", (64, 48), RATE) as clip:
            clip.write(Cutout(drawn(), RATE.at(1)))
            clip.write(Cutout(drawn(), RATE.at(0)))

    with pytest.raises(ValueError, match="does not come after the one before it"):
        write_wrongly()
    assert list(tmp_path.iterdir()) == []
