"""New pictures for a film keep its sound, its captions, its times and its length."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import NotMedia, OptionError
from accessify.core.text import Cue
from accessify.core.timeline import Rate, Span, Track, millis, seconds, to_seconds
from accessify.core.video import Frame
from accessify.media.clip_writer import open_copy
from accessify.media.frames import open_frames
from accessify.media.mux import mux_captions
from accessify.media.probe import probe
from accessify.media.read import open_audio
from tests.media.make_media import Picture, Sound, click, scene, tone, write_media

RATE = Rate(Fraction(25))


def film(path: Path, **sound: Any) -> Path:
    """Two seconds with a click at 1.5 s."""
    heard = Sound(click(2.0, 1.5), **sound)
    picture = Picture([scene(48, 64, index) for index in range(50)])
    return write_media(path, [heard], picture, tags={"title": "A film", "encoder": "somebody's"})


def inverted(source: Path, target: Path, **options: Any) -> tuple[Path, tuple[str, ...]]:
    """`source` with its colours inverted."""
    with open_frames(source) as reader:
        with open_copy(target, source, reader.size, reader.rate, **options) as writer:
            for frame in reader:
                writer.write(Frame(255 - frame.image, frame.start))
        return target, tuple(note.kind for note in writer.notes)


def peak(path: Path) -> float:
    """Seconds at which the click is."""
    with open_audio(path) as reader:
        pieces = list(reader)
    samples = np.concatenate([piece.samples for piece in pieces])
    return to_seconds(pieces[0].start) + float(np.abs(samples).argmax()) / pieces[0].rate


def packets(path: Path, kind: str) -> list[bytes]:
    import av

    with av.open(str(path)) as opened:
        streams = [stream for stream in opened.streams if stream.type == kind]
        return [bytes(packet) for packet in opened.demux(streams) if packet.size] if streams else []


@pytest.mark.parametrize(
    ("source", "target", "codec", "told"),
    [
        (".mp4", ".mp4", "aac", ()),
        (".mkv", ".mov", "aac", ()),
        (".mkv", ".webm", "libopus", ()),
        (".mp4", ".webm", "aac", ("sound-encoded",)),
        (".mkv", ".mp4", "pcm_s16le", ("sound-encoded",)),
        (".mkv", ".mov", "flac", ("sound-encoded",)),
    ],
)
def test_sound_is_copied_where_it_can_be_and_never_moves(
    tmp_path: Path, source: str, target: str, codec: str, told: tuple[str, ...]
) -> None:
    original = film(tmp_path / f"film{source}", codec=codec)
    path, notes = inverted(original, tmp_path / f"new{target}")
    assert notes == told
    assert peak(path) == pytest.approx(peak(original), abs=0.003)
    if not told:
        assert packets(path, "audio") == packets(original, "audio")
    assert abs(probe(path).span.duration - probe(original).span.duration) < millis(60)


def test_pictures_keep_their_times_and_are_the_new_ones(tmp_path: Path) -> None:
    original = film(tmp_path / "film.mp4")
    path, _ = inverted(original, tmp_path / "new.mp4")
    with open_frames(original) as before, open_frames(path) as after:
        pairs = list(zip(before, after, strict=True))
    assert len(pairs) == 50
    for old, new in pairs:
        assert abs(old.start - new.start) <= seconds(Fraction(1, 90_000))
        assert np.abs(255 - old.image.astype(int) - new.image).mean() < 8


def test_uneven_times_are_kept_beside_the_sound(tmp_path: Path) -> None:
    times = [Fraction(0), Fraction(1, 10), Fraction(13, 20), Fraction(7, 5)]
    picture = Picture([scene(48, 64, index) for index in range(4)], times=times)
    original = write_media(tmp_path / "film.mp4", [Sound(tone(2.0))], picture)
    path, _ = inverted(original, tmp_path / "new.mp4")
    with open_frames(path) as after:
        starts = [frame.start for frame in after]
    assert starts == pytest.approx([seconds(time) for time in times], abs=seconds(Fraction(1, 90_000)))


def test_a_clock_that_does_not_begin_at_zero_is_brought_to_zero(tmp_path: Path) -> None:
    """As in MPEG transport streams."""
    start = Fraction(14, 10)
    picture = Picture([scene(48, 64, index) for index in range(50)], start=start)
    original = write_media(tmp_path / "film.ts", [Sound(click(2.0, 1.5), start=start)], picture)
    path, _ = inverted(original, tmp_path / "new.mp4")
    assert peak(path) == pytest.approx(peak(original), abs=0.003)
    with open_frames(path) as after:
        assert next(iter(after)).start < millis(25)


def test_captions_go_along_where_they_fit(tmp_path: Path) -> None:
    cues = Track.of([Cue(Span(seconds(1), seconds(2)), "a door")])
    mux_captions(film(tmp_path / "film.mp4"), cues, tmp_path / "with.mp4", language="en", title=None)
    path, told = inverted(tmp_path / "with.mp4", tmp_path / "new.mp4")
    assert told == ()
    assert any(b"a door" in packet for packet in packets(path, "subtitle"))
    mux_captions(film(tmp_path / "film.mkv"), cues, tmp_path / "with.mkv", language="en", title=None)
    path, told = inverted(tmp_path / "with.mkv", tmp_path / "other.mp4")
    assert told == ("captions-left-out",)
    assert packets(path, "subtitle") == []


def test_tags_are_kept_and_added_to(tmp_path: Path) -> None:
    import av

    path, _ = inverted(film(tmp_path / "film.mp4"), tmp_path / "new.mp4", tags={"comment": "with an avatar"})
    with av.open(str(path)) as opened:
        assert opened.metadata["title"] == "A film"
        assert opened.metadata["comment"] == "with an avatar"


def test_a_silent_film_stays_silent(tmp_path: Path) -> None:
    original = write_media(tmp_path / "film.mp4", [], Picture([scene(48, 64)] * 5))
    path, told = inverted(original, tmp_path / "new.mp4")
    assert told == ()
    assert probe(path).audio == ()


def test_the_film_itself_is_not_overwritten(tmp_path: Path) -> None:
    original = film(tmp_path / "film.mp4")
    content = original.read_bytes()
    with pytest.raises(OptionError, match="the film itself would be overwritten"):
        open_copy(original, original, (64, 48), RATE)
    assert original.read_bytes() == content


def test_what_is_no_film_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_text("no film")
    with pytest.raises(NotMedia):
        open_copy(tmp_path / "new.mp4", tmp_path / "film.mp4", (64, 48), RATE)
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_an_abandoned_copy_leaves_nothing(tmp_path: Path) -> None:
    original = film(tmp_path / "film.mp4")

    def abandon() -> None:
        with open_copy(tmp_path / "new.mp4", original, (64, 48), RATE) as writer:
            picture: NDArray[np.uint8] = scene(48, 64)
            for index in range(9):
                writer.write(Frame(picture, RATE.at(index)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        abandon()
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
