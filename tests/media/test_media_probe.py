from __future__ import annotations

import socket
import wave
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import MediaError, NoPicture, NotMedia
from accessify.core.timeline import Rate, Span, seconds
from accessify.media.frames import open_frames
from accessify.media.probe import AudioTrack, probe
from accessify.media.read import open_audio
from accessify.media.shots import find_shots
from tests.media.make_media import Picture, Sound, grey, tone, write_media

RATES = [
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".ts"])
@pytest.mark.parametrize("rate", RATES)
def test_even_rates_are_exact(tmp_path: Path, suffix: str, rate: Fraction) -> None:
    info = probe(write_media(tmp_path / f"a{suffix}", picture=Picture(grey(130), rate)))
    assert info.video
    assert info.video.rate == Rate(rate)
    assert not info.video.variable
    assert (info.video.width, info.video.height) == (64, 48)
    assert info.audio == ()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_variable_rates_are_found(tmp_path: Path, suffix: str) -> None:
    """A phone: 30 fps in good light, 24 in bad."""
    steps = [Fraction(1, 30)] * 60 + [Fraction(1, 24)] * 60
    times = [sum(steps[:index], Fraction(0)) for index in range(120)]
    info = probe(write_media(tmp_path / f"a{suffix}", picture=Picture(grey(120), Fraction(30), times)))
    assert info.video
    assert info.video.variable
    assert 24 < info.video.rate.fps <= 30  # Matroska declares the 30


def test_a_rate_that_changes_late_is_variable(tmp_path: Path) -> None:
    """Behind the frames that are sampled; the average over the whole film tells."""
    steps = [Fraction(1, 30)] * 150 + [Fraction(1, 20)] * 150
    times = [sum(steps[:index], Fraction(0)) for index in range(300)]
    info = probe(write_media(tmp_path / "a.mp4", picture=Picture(grey(300), Fraction(30), times)))
    assert info.video
    assert info.video.variable


def test_a_single_picture_has_a_rate(tmp_path: Path) -> None:
    info = probe(write_media(tmp_path / "a.mp4", picture=Picture(grey(1))))
    assert info.video
    assert not info.video.variable


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_start_timecode(tmp_path: Path, suffix: str) -> None:
    picture = Picture(grey(10), Fraction(30000, 1001), tags={"timecode": "01:00:00;00"})
    info = probe(write_media(tmp_path / f"a{suffix}", picture=picture))
    assert info.start_timecode == "01:00:00;00"
    assert info.video
    assert info.video.rate == Rate(Fraction(30000, 1001), drop=True)


def test_non_drop_timecode_at_29_97(tmp_path: Path) -> None:
    picture = Picture(grey(10), Fraction(30000, 1001), tags={"timecode": "01:00:00:00"})
    info = probe(write_media(tmp_path / "a.mov", picture=picture))
    assert info.video
    assert not info.video.rate.drop


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_audio_tracks(tmp_path: Path, suffix: str) -> None:
    stereo = np.repeat(tone(1, rate=44_100), 2, axis=0)
    sounds = [
        Sound(tone(1), tags={"language": "eng", "title": "Main mix"}, default=False),
        Sound(stereo, rate=44_100, layout="stereo", default=True),
    ]
    info = probe(write_media(tmp_path / f"a{suffix}", sounds))
    assert info.audio == (
        AudioTrack(0, "eng", "Main mix", 1, "mono", 48_000, default=False),
        AudioTrack(1, None, None, 2, "stereo", 44_100, default=True),
    )
    assert info.video is None
    assert info.start_timecode is None


def test_the_span_is_exact(tmp_path: Path) -> None:
    assert probe(write_media(tmp_path / "a.wav", [Sound(tone(1.5), "pcm_s16le")])).span == Span(
        0, seconds(1.5)
    )
    rate = Fraction(24000, 1001)
    info = probe(write_media(tmp_path / "a.mp4", picture=Picture(grey(48), rate)))
    assert info.span == Span(0, Rate(rate).at(48))


def test_the_span_does_not_count_a_late_start(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.ts", [Sound(tone(2), "mp2")], options={"max_delay": "700000"})
    assert probe(path).span.end == pytest.approx(seconds(2), abs=seconds(0.05))


def test_a_cover_picture_is_no_film(tmp_path: Path) -> None:
    import av
    from av.stream import Disposition

    write_media(tmp_path / "sound.m4a", [Sound(tone(1))])
    write_media(tmp_path / "cover.mp4", picture=Picture(grey(1), codec="mjpeg"))
    path = tmp_path / "song.mp4"
    with (
        av.open(str(tmp_path / "sound.m4a")) as sound,
        av.open(str(tmp_path / "cover.mp4")) as cover,
        av.open(str(path), "w") as song,
    ):
        pairs = [(sound, sound.streams.audio[0]), (cover, cover.streams.video[0])]
        copies = [song.add_stream_from_template(stream, opaque=True) for _, stream in pairs]
        copies[1].disposition = Disposition.attached_pic
        for (source, stream), copy in zip(pairs, copies, strict=True):
            for packet in source.demux(stream):
                if packet.size:
                    packet.stream = copy
                    song.mux(packet)
    info = probe(path)
    assert len(info.audio) == 1
    assert info.video is None
    assert find_shots(path) == ()
    with pytest.raises(NoPicture, match="it has no picture; give a film"):
        open_frames(path)


def test_what_is_no_media(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("Dear diary,\n" * 500)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    plain = tmp_path / "notes.txt"
    plain.write_text("Dear diary,\n" * 500)
    captions = tmp_path / "film.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello.\n")
    for path, reason in [
        (text, "no known container"),
        (empty, "empty"),
        (plain, "neither sound nor picture"),
        (captions, "neither sound nor picture"),
        (tmp_path, "folder"),
        (tmp_path / "nothing.mp4", "no such file"),
    ]:
        for use in (probe, open_audio, find_shots):
            with pytest.raises(NotMedia, match=reason) as error:
                use(path)
            assert "\n" not in str(error.value)
            assert str(path) in str(error.value)


def test_a_name_with_a_colon_is_a_file(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.wav", [Sound(tone(1), "pcm_s16le")]).rename(
        tmp_path / "concat:b|c%d.wav"
    )
    assert probe(path).span == Span(0, seconds(1))


def test_a_playlist_does_not_dial_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        playlist = tmp_path / "list.m3u8"
        playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}\n#EXT-X-ENDLIST\n")
        with pytest.raises(NotMedia):
            probe(playlist)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        (".mp4", "aac"),
        (".mkv", "libopus"),
        (".ts", "mp2"),
        (".mp3", "libmp3lame"),
        (".flac", "flac"),
        (".avi", "mp2"),
    ],
)
def test_damaged_files_raise_nothing_else(tmp_path: Path, suffix: str, codec: str) -> None:
    """Bytes changed anywhere, header included: read as far as it goes, or a one-line error."""
    picture = None if suffix in (".mp3", ".flac") else Picture(grey(20), codec="mpeg4")
    whole = write_media(tmp_path / f"a{suffix}", [Sound(tone(1), codec)], picture).read_bytes()
    random = np.random.default_rng(11)
    path = tmp_path / f"b{suffix}"
    for _ in range(40):
        data = bytearray(whole)
        for place in random.integers(0, len(data), random.integers(1, 30)):
            data[place] = random.integers(256)
        path.write_bytes(data[: random.integers(1, len(data) + 1)])
        for use in (probe, find_shots, lambda path: [list(open_audio(path))]):
            with suppress(MediaError):
                use(path)


def test_a_folder_of_silence_is_quick_to_look_at(tmp_path: Path) -> None:
    """The head tells all: two hours need no more reading than two seconds."""
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", "not compressed"))
        file.writeframes(bytes([128]) * 8000 * 3600)
    assert probe(path).span == Span(0, seconds(3600))
