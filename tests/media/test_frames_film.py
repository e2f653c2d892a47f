"""When a frame is shown, and what happens to films that are cut, damaged or no films."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accessify.core.errors import NoPicture, NotMedia
from accessify.core.timeline import Note, Rate, Span, millis, seconds
from accessify.core.video import Frame
from accessify.media.frames import open_frames
from tests.media.make_media import Picture, Sound, scene, tone, write_media

RATES = [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)]


def shown(path: Path, threads: int = 1) -> tuple[list[Frame], tuple[Note, ...]]:
    with open_frames(path, threads=threads) as reader:
        frames = list(reader)
    assert all(before.start < after.start for before, after in pairwise(frames))
    return frames, reader.notes


def scenes(count: int) -> list[np.ndarray]:
    return [scene(48, 64, index) for index in range(count)]


def kinds(notes: Sequence[Note]) -> list[str]:
    return [note.kind for note in notes]


def index_of(frame: Frame) -> int:
    """Which of the first 20 `scenes` a frame shows."""
    return int(np.argmin([np.abs(frame.image.astype(int) - image).sum() for image in scenes(20)]))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("rate", RATES)
def test_frames_are_where_the_rate_puts_them(tmp_path: Path, suffix: str, rate: Fraction) -> None:
    path = write_media(tmp_path / f"a{suffix}", picture=Picture(scenes(20), rate))
    with open_frames(path) as reader:
        frames = list(reader)
    assert (reader.size, reader.rate, reader.variable, reader.live) == ((64, 48), Rate(rate), False, False)
    assert reader.notes == ()
    unit = millis(1) if suffix == ".mkv" else seconds(Fraction(1, 90_000))
    assert [abs(frame.start - Rate(rate).at(index)) <= unit for index, frame in enumerate(frames)] == [
        True
    ] * 20
    assert [index_of(frame) for frame in frames] == list(range(20))
    if suffix != ".ts":  # which declares no end
        assert reader.expected == 20
        assert abs(reader.duration - Rate(rate).at(20)) <= 2 * unit


def test_frames_out_of_order_in_the_file_come_in_order_of_time(tmp_path: Path) -> None:
    options = {"preset": "medium", "bf": "3", "b-adapt": "0", "g": "10"}
    path = write_media(tmp_path / "a.mp4", picture=Picture(scenes(20), options=options))
    frames, notes = shown(path)
    assert [frame.start for frame in frames] == [Rate(Fraction(25)).at(index) for index in range(20)]
    assert [index_of(frame) for frame in frames] == list(range(20))
    assert notes == ()


def test_more_threads_give_the_same_frames(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mp4", picture=Picture(scenes(20)))
    one, _ = shown(path)
    three, _ = shown(path, threads=3)
    assert [frame.start for frame in one] == [frame.start for frame in three]
    assert all((a.image == b.image).all() for a, b in zip(one, three, strict=True))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_uneven_frames_keep_their_times(tmp_path: Path, suffix: str) -> None:
    """A phone in the dark."""
    steps = [Fraction(33 if index % 5 else 100, 1000) for index in range(20)]
    times = [sum(steps[:index], Fraction(0)) for index in range(20)]
    path = write_media(tmp_path / f"a{suffix}", picture=Picture(scenes(20), Fraction(30), times))
    with open_frames(path) as reader:
        frames = list(reader)
    assert [frame.start for frame in frames] == [seconds(time) for time in times]
    assert reader.variable
    assert kinds(reader.notes) == ["variable-rate"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=st.lists(st.integers(1, 3000), min_size=1, max_size=12))
def test_whatever_the_times_they_rise_and_are_kept(tmp_path: Path, gaps: list[int]) -> None:
    """Gaps in units of 1/10000 s: Matroska rounds them to milliseconds, so some fall together."""
    times = [Fraction(sum(gaps[:index]), 10_000) for index in range(len(gaps) + 1)]
    images = [scene(16, 16, index) for index in range(len(times))]
    path = write_media(tmp_path / "a.mkv", picture=Picture(images, Fraction(30), times))
    frames, notes = shown(path)
    written = [round(time * 90_000) for time in times]
    expected = sorted({(2 * stamp + 90) // 180 for stamp in written})
    assert [frame.start for frame in frames] == [millis(stamp) for stamp in expected]
    assert ("repeated" in kinds(notes)) == (len(expected) < len(times))


def test_two_frames_at_one_time_are_one(tmp_path: Path) -> None:
    times = [Fraction(0), Fraction(400, 10_000), Fraction(402, 10_000), Fraction(800, 10_000)]
    frames, notes = shown(write_media(tmp_path / "a.mkv", picture=Picture(scenes(4), Fraction(25), times)))
    assert [frame.start for frame in frames] == [0, millis(40), millis(80)]
    repeated = next(note for note in notes if note.kind == "repeated")
    assert repeated.text.startswith("1 frames are not later than the frame before them")


def test_sound_that_starts_earlier_moves_the_picture(tmp_path: Path) -> None:
    """00:00:00 is where the earliest stream starts."""
    picture = Picture(scenes(10), start=Fraction(1, 2))
    frames, notes = shown(write_media(tmp_path / "a.mp4", [Sound(tone(2))], picture))
    assert [frame.start for frame in frames] == [seconds(Fraction(1, 2) + Fraction(n, 25)) for n in range(10)]
    assert notes == ()


def test_joined_recordings_count_on(tmp_path: Path) -> None:
    path = write_media(tmp_path / "one.ts", picture=Picture(scenes(50)))
    joined = tmp_path / "a.ts"
    joined.write_bytes(path.read_bytes() * 2)
    frames, notes = shown(joined)
    assert [frame.start for frame in frames] == [Rate(Fraction(25)).at(index) for index in range(100)]
    assert [(note.kind, note.span) for note in notes if note.kind != "variable-rate"] == [
        ("discontinuity", Span(seconds(2), seconds(2)))
    ]


def spoil(path: Path, first: int, last: int) -> None:
    """Overwrite the payload of packets `first` to `last` with noise, lengths left whole."""
    import av

    with av.open(str(path)) as film:
        places = [(packet.pos, packet.size) for packet in film.demux(video=0) if packet.size]
    content = bytearray(path.read_bytes())
    noise = np.random.default_rng(0)
    for place, size in places[first : last + 1]:
        content[place + 5 : place + size] = noise.integers(0, 256, size - 5, np.uint8).tobytes()
    path.write_bytes(content)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_the_rest_goes_on_behind_damage(tmp_path: Path, codec: str, threads: int) -> None:
    picture = Picture(scenes(20) * 5, codec=codec, options={"g": "10"})
    path = write_media(tmp_path / "a.mp4", picture=picture)
    whole, _ = shown(path)
    spoil(path, 40, 44)
    frames, notes = shown(path, threads)
    assert set(kinds(notes)) == {"damaged"}
    around = notes[0].span | notes[-1].span
    assert around.overlaps(Span(seconds(Fraction(40, 25)), seconds(Fraction(45, 25))))
    assert around.start >= seconds(Fraction(35, 25))
    assert around.end <= seconds(Fraction(56, 25))
    same = {frame.start: frame.image for frame in frames}
    for frame in (*whole[:40], *whole[50:]):  # a new group begins at 50
        assert (same[frame.start] == frame.image).all()
    assert "the picture is damaged or missing from 0:00:01." in notes[0].text


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_film_that_was_cut_off_says_so(tmp_path: Path, suffix: str) -> None:
    options = {"movflags": "+faststart"} if suffix == ".mp4" else {}
    path = write_media(tmp_path / f"a{suffix}", picture=Picture(scenes(20) * 5), options=options)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    frames, notes = shown(path)
    assert 30 < len(frames) < 80
    damage = [note for note in notes if note.kind == "damaged"]
    assert len(damage) == 1
    assert damage[0].span.end == seconds(4)
    assert abs(damage[0].span.start - frames[-1].start) <= seconds(Fraction(2, 25))


def test_noise_in_a_broadcast_recording(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.ts", picture=Picture(scenes(20) * 10, options={"g": "10"}))
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half : half + 20_000] = np.random.default_rng(1).integers(0, 256, 20_000, np.uint8).tobytes()
    path.write_bytes(content)
    frames, notes = shown(path)
    assert 120 < len(frames) <= 200
    assert frames[-1].start == Rate(Fraction(25)).at(199)
    assert "damaged" in kinds(notes)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi", ".webm"])
@pytest.mark.parametrize("seed", range(6))
def test_damage_anywhere_raises_nothing_else(tmp_path: Path, suffix: str, seed: int) -> None:
    codec = {".avi": "mpeg4", ".webm": "libvpx"}.get(suffix, "libx264")
    path = write_media(tmp_path / f"a{suffix}", picture=Picture(scenes(20), codec=codec))
    noise = np.random.default_rng(seed)
    content = bytearray(path.read_bytes())
    for place in noise.integers(0, len(content), 30):
        content[place] = noise.integers(256)
    path.write_bytes(content)
    try:
        frames, _ = shown(path)
    except (NotMedia, NoPicture):
        return
    assert frames


def test_a_picture_that_cannot_be_decoded_at_all(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mp4", picture=Picture(scenes(5), options={"g": "1"}))
    spoil(path, 0, 4)
    with pytest.raises(NoPicture, match="its picture cannot be decoded; give a film"):
        open_frames(path)


def test_sound_alone_is_nothing_to_look_at(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(bytes(32_000))
    with pytest.raises(NoPicture, match=r"a\.wav: nothing to look at, it has no picture; give a film"):
        open_frames(path)


@pytest.mark.parametrize("content", [None, b"", b"no film at all"])
def test_what_is_no_film(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NotMedia):
        open_frames(str(path))


def test_a_reader_left_early_lets_go_of_the_file(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mp4", picture=Picture(scenes(20)))
    with open_frames(path) as reader:
        assert next(iter(reader)).start == 0
    assert list(reader) == []
    path.unlink()


def test_a_file_may_be_called_like_a_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_media(tmp_path / "a.mp4", picture=Picture(scenes(2))).rename(tmp_path / "0")
    monkeypatch.chdir(tmp_path)
    assert len(shown(Path("0"))[0]) == 2
