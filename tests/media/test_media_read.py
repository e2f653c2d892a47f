from __future__ import annotations

import subprocess
import sys
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.errors import NoAudio, NoSuchTrack, NotMedia
from accessify.core.timeline import Note, samples, seconds
from accessify.media.read import open_audio
from tests.media.make_media import Picture, Sound, click, grey, tone, write_media


def heard(path: Path, track: int | None = None) -> tuple[NDArray[np.float32], tuple[Note, ...]]:
    """All the sound of a file in one array, and the notes; checks how it is cut into blocks."""
    with open_audio(path, track) as reader:
        blocks = list(reader)
    position = 0
    for block in blocks:
        assert block.rate == 16_000
        assert block.start == samples(position, 16_000)
        position += len(block)
    assert all(len(block) == 16_000 for block in blocks[:-1])
    assert 0 < len(blocks[-1]) <= 16_000
    return np.concatenate([block.samples for block in blocks]), reader.notes


def peak(sound: NDArray[np.float32]) -> float:
    """Seconds of the loudest sample."""
    return int(np.argmax(np.abs(sound))) / 16_000


def level(sound: NDArray[np.float32]) -> float:
    """Root mean square without the first and last tenth of a second."""
    return float(np.sqrt(np.mean(sound[1600:-1600] ** 2)))


def pitch(sound: NDArray[np.float32]) -> float:
    """Frequency of the strongest tone in Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum)) * 16_000 / len(sound)


SILENT = {".wav": "pcm_s16le", ".mkv": "flac", ".mov": "pcm_s16le", ".flac": "flac"}
"""Lossless: suffix → codec."""


@pytest.mark.parametrize("suffix", SILENT)
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000, 96_000])
def test_a_sample_stays_where_it_was(tmp_path: Path, suffix: str, rate: int) -> None:
    sound = Sound(click(2.5, at=1.25, rate=rate), SILENT[suffix], rate)
    out, notes = heard(write_media(tmp_path / f"a{suffix}", [sound]))
    assert abs(len(out) - 40_000) <= 1
    assert abs(peak(out) - 1.25) <= 1 / 16_000
    assert notes == ()


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".m4a"])
def test_the_priming_of_aac_is_not_heard(tmp_path: Path, suffix: str) -> None:
    out, notes = heard(write_media(tmp_path / f"a{suffix}", [Sound(click(3, at=1.0))]))
    assert abs(peak(out) - 1.0) <= 2 / 16_000
    assert notes == ()


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "aac"), (".mkv", "flac"), (".mov", "pcm_s16le")])
def test_sound_behind_the_picture_is_preceded_by_silence(tmp_path: Path, suffix: str, codec: str) -> None:
    sound = Sound(click(2, at=1.0), codec, start=Fraction(3, 4))
    out, notes = heard(write_media(tmp_path / f"a{suffix}", [sound], Picture(grey(50))))
    assert abs(peak(out) - 1.75) <= 0.001
    assert not out[:8000].any()
    assert notes == ()


def test_a_picture_behind_the_sound_moves_nothing(tmp_path: Path) -> None:
    picture = Picture(grey(50), start=Fraction(1, 2))
    out, _ = heard(write_media(tmp_path / "a.mp4", [Sound(click(2, at=1.0))], picture))
    assert abs(peak(out) - 1.0) <= 2 / 16_000


@pytest.mark.parametrize("delay", [Fraction(0), Fraction(1, 2), Fraction(-1, 2)])
def test_a_transport_stream_starts_with_its_earliest_stream(tmp_path: Path, delay: Fraction) -> None:
    """Its clock starts at 1.4 s; sound and picture stay together to the sample."""
    import av

    sound = Sound(click(2, at=1.0), "mp2", start=max(delay, Fraction(0)))
    picture = Picture(grey(75), start=max(-delay, Fraction(0)))
    path = write_media(tmp_path / "a.ts", [sound], picture, options={"max_delay": "700000"})
    with av.open(str(path)) as film:
        shown = film.streams.video[0].start_time / 90_000
        start = min(shown, film.streams.audio[0].start_time / 90_000)
    assert start == pytest.approx(1.4)
    assert peak(heard(path)[0]) == pytest.approx(shown - start + 1.0 + float(delay), abs=2 / 16_000)


@pytest.mark.parametrize("codec", ["flac", "libopus", "aac"])
def test_timestamps_rounded_to_milliseconds_leave_no_seam(tmp_path: Path, codec: str) -> None:
    """Matroska's clock; a click at the end is still in place half a minute later, the tone pure."""
    sound = tone(30, 1000) + click(30, at=29.5)
    out, notes = heard(write_media(tmp_path / "a.mkv", [Sound(sound, codec)]))
    assert abs(peak(out) - 29.5) <= (0.001 if codec == "flac" else 0.025)  # the muxer shifts by the priming
    steady = out[16_000:-32_000]
    times = np.arange(len(steady)) / 16_000
    wave_of = np.exp(-2j * np.pi * 1000 * times)
    assert abs(np.mean(steady * wave_of)) * 2 == pytest.approx(0.5, rel=0.02)
    assert notes == ()


def test_a_gap_is_filled_and_what_follows_is_in_place(tmp_path: Path) -> None:
    sound = Sound(tone(4, 500), "flac", shifts=[(96_000 // 4608 * 4608, Fraction(3, 2))])
    out, notes = heard(write_media(tmp_path / "a.mkv", [sound]))
    gap = np.flatnonzero(np.convolve(np.abs(out), np.ones(160), "same") < 1e-3) / 16_000
    cut = 96_000 // 4608 * 4608 / 48_000
    assert gap[0] == pytest.approx(cut, abs=0.02)
    assert gap[-1] == pytest.approx(cut + 1.5, abs=0.02)
    assert len(out) == pytest.approx(5.5 * 16_000, abs=32)
    assert notes == ()  # nothing was lost


def test_an_overlap_is_trimmed(tmp_path: Path) -> None:
    """A broadcast joined to one that begins half a second before the first ends."""
    write_media(tmp_path / "1.ts", [Sound(tone(2, 500), "mp2")])
    write_media(tmp_path / "2.ts", [Sound(click(2, at=1.0), "mp2", start=Fraction(3, 2))])
    joined = tmp_path / "joined.ts"
    joined.write_bytes((tmp_path / "1.ts").read_bytes() + (tmp_path / "2.ts").read_bytes())
    out, _ = heard(joined)
    assert len(out) / 16_000 == pytest.approx(3.5, abs=0.05)
    assert peak(out[36_000:]) + 36_000 / 16_000 == pytest.approx(2.5, abs=0.012)


def channels(active: dict[int, float], count: int) -> NDArray[np.float32]:
    """A tone at the given levels in some of `count` channels."""
    out = np.zeros((count, 96_000), np.float32)
    for index, gain in active.items():
        out[index] = gain * tone(2)[0]
    return out


@pytest.mark.parametrize(
    ("layout", "active", "decibels"),
    [
        ("5.1", {2: 1.0}, 0.0),  # centre: untouched
        ("7.1", {2: 1.0}, 0.0),
        ("5.1", {0: 1.0, 1: 1.0}, -3.0),  # a voice panned between left and right
        ("5.1", {0: 1.0}, -9.0),
        ("5.1", {4: 1.0}, -12.0),
        ("stereo", {0: 1.0, 1: 1.0}, 0.0),
        ("stereo", {0: 1.0}, -4.4),  # one side silent
        ("stereo", {1: 1.0}, -8.0),
        ("stereo", {0: 1.0, 1: -1.0}, -14.0),  # an inverted cable
        ("mono", {0: 1.0}, 0.0),
    ],
)
def test_speech_survives_the_downmix(
    tmp_path: Path, layout: str, active: dict[int, float], decibels: float
) -> None:
    count = {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}[layout]
    path = write_media(tmp_path / "a.mkv", [Sound(channels(active, count), "flac", layout=layout)])
    out, _ = heard(path)
    assert 20 * np.log10(level(out) / (0.5 / np.sqrt(2))) == pytest.approx(decibels, abs=0.2)


def test_the_low_frequency_channel_is_dropped(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mkv", [Sound(channels({3: 1.0}, 6), "flac", layout="5.1")])
    assert level(heard(path)[0]) < 1e-4


def test_a_full_mix_does_not_leave_full_scale(tmp_path: Path) -> None:
    path = write_media(
        tmp_path / "a.mkv", [Sound(channels(dict.fromkeys(range(6), 2.0), 6), "flac", layout="5.1")]
    )
    assert np.abs(heard(path)[0]).max() <= 1.0


TRACKS = [
    Sound(tone(2, 300), tags={"language": "eng", "title": "Commentary"}, default=False),
    Sound(tone(2, 600), tags={"language": "deu"}, default=True),
    Sound(channels({0: 1.0}, 2), layout="stereo", tags={"language": "fra"}, default=False),
]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
@pytest.mark.parametrize(("track", "expected"), [(None, 600), (0, 300), (1, 600), (2, 440)])
def test_the_track_asked_for_is_read(tmp_path: Path, suffix: str, track: int | None, expected: int) -> None:
    out, _ = heard(write_media(tmp_path / f"a{suffix}", TRACKS), track)
    assert pitch(out) == pytest.approx(expected, abs=2)


def test_no_such_track_lists_those_there_are(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mkv", TRACKS)
    with pytest.raises(NoSuchTrack) as error:
        open_audio(path, 3)
    assert error.value.track == 3
    assert error.value.available == (
        "0 (eng, Commentary, mono)",
        "1 (deu, mono, default)",
        "2 (fra, stereo)",
    )
    with pytest.raises(NoSuchTrack):
        open_audio(path, -1)


def test_a_change_of_rate_and_layout_is_followed(tmp_path: Path) -> None:
    """Two AAC broadcasts joined byte by byte: 44.1 kHz stereo, then 48 kHz mono."""
    first = Sound(np.repeat(tone(3, 400, 44_100), 2, axis=0), rate=44_100, layout="stereo")
    write_media(tmp_path / "1.aac", [first])
    write_media(tmp_path / "2.aac", [Sound(tone(3, 700))])
    joined = tmp_path / "joined.aac"
    joined.write_bytes((tmp_path / "1.aac").read_bytes() + (tmp_path / "2.aac").read_bytes())
    out, _ = heard(joined)
    assert len(out) / 16_000 == pytest.approx(6, abs=0.1)
    assert pitch(out[8_000:40_000]) == pytest.approx(400, abs=2)
    assert pitch(out[56_000:88_000]) == pytest.approx(700, abs=2)


def test_joined_recordings_play_on(tmp_path: Path) -> None:
    """The timestamps of the second start anew; they are no overlap."""
    for name, frequency in (("1.ts", 400.0), ("2.ts", 700.0)):
        write_media(tmp_path / name, [Sound(tone(12, frequency, 16_000), "mp2", 16_000)])
    joined = tmp_path / "joined.ts"
    joined.write_bytes((tmp_path / "1.ts").read_bytes() + (tmp_path / "2.ts").read_bytes())
    out, notes = heard(joined)
    assert len(out) / 16_000 == pytest.approx(24, abs=0.3)
    assert pitch(out[-80_000:-16_000]) == pytest.approx(700, abs=2)
    assert [note.kind for note in notes] == ["discontinuity"]


def cut(path: Path, share: float) -> Path:
    """The first part of a file."""
    data = path.read_bytes()
    shorter = path.with_name(f"cut{path.suffix}")
    shorter.write_bytes(data[: int(len(data) * share)])
    return shorter


@pytest.mark.parametrize(
    ("suffix", "codec", "options"),
    [
        (".wav", "pcm_s16le", {}),
        (".mkv", "flac", {}),
        (".flac", "flac", {}),
        (".mp4", "aac", {"movflags": "+faststart"}),
        (".mov", "pcm_s16le", {"movflags": "+faststart"}),
    ],
)
def test_a_file_cut_short_says_from_where(
    tmp_path: Path, suffix: str, codec: str, options: dict[str, str]
) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (1, 480_000)).astype(np.float32)
    whole = write_media(tmp_path / f"a{suffix}", [Sound(noise, codec)], options=options)
    assert heard(whole)[1] == ()
    out, notes = heard(cut(whole, 0.6))
    assert [note.kind for note in notes] == ["damaged"]
    assert 4 < len(out) / 16_000 < 7
    assert notes[0].span.start == pytest.approx(samples(len(out), 16_000), abs=seconds(0.05))
    assert notes[0].span.end == pytest.approx(seconds(10), abs=seconds(0.1))
    assert "\n" not in notes[0].text


def test_a_film_cut_short_without_track_lengths(tmp_path: Path) -> None:
    """WebM for browsers carries the film's length only; sound that simply ends early is no damage."""
    picture = Picture(grey(250), codec="libvpx")
    whole = write_media(tmp_path / "a.webm", [Sound(tone(6), "libopus")], picture)
    data = whole.read_bytes().replace(b"DURATION", b"DURATIOM")  # as muxers that write no such tag
    whole.write_bytes(data)
    assert heard(whole)[1] == ()
    out, notes = heard(cut(whole, 0.5))
    assert [note.kind for note in notes] == ["damaged"]
    assert notes[0].span.end == pytest.approx(seconds(10), abs=seconds(0.1))
    assert notes[0].span.start == pytest.approx(samples(len(out), 16_000), abs=seconds(0.05))


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "aac"), (".mkv", "aac"), (".flac", "flac")])
def test_garbage_in_the_middle_is_skipped(tmp_path: Path, suffix: str, codec: str) -> None:
    """What comes behind it is where it was; the sound before it is untouched."""
    noise = np.random.default_rng(1).normal(0, 0.05, (1, 480_000)).astype(np.float32)
    noise += click(10, at=9.0)
    whole = write_media(tmp_path / f"a{suffix}", [Sound(noise, codec)])
    clean, _ = heard(whole)
    data = bytearray(whole.read_bytes())
    place = slice(int(len(data) * 0.4), int(len(data) * 0.5))
    data[place] = np.random.default_rng(2).integers(0, 256, len(data[place]), np.uint8).tobytes()
    broken = tmp_path / f"broken{suffix}"
    broken.write_bytes(data)
    out, notes = heard(broken)
    assert [note.kind for note in notes] == ["damaged"]
    assert seconds(3) < notes[0].span.start < seconds(5)
    assert seconds(4) < notes[0].span.end < seconds(6)
    assert np.array_equal(out[: 3 * 16_000], clean[: 3 * 16_000])
    assert abs(peak(out[-32_000:]) - peak(clean[-32_000:])) <= 1 / 16_000
    assert abs(len(out) - len(clean)) <= 16


def test_garbage_in_a_bare_stream_is_reported(tmp_path: Path) -> None:
    """MP3 has no timestamps: what follows moves up, but the loss is not hidden."""
    noise = np.random.default_rng(1).normal(0, 0.05, (1, 480_000)).astype(np.float32)
    path = write_media(tmp_path / "a.mp3", [Sound(noise, "libmp3lame")])
    data = bytearray(path.read_bytes())
    half = len(data) // 2
    data[half : half + 10_000] = np.random.default_rng(2).integers(0, 256, 10_000, np.uint8).tobytes()
    path.write_bytes(data)
    out, notes = heard(path)
    assert {note.kind for note in notes} == {"damaged"}
    assert seconds(4) < notes[0].span.start < seconds(6)
    assert 8 < len(out) / 16_000 < 11


def test_the_same_bytes_give_the_same_samples(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mp4", [Sound(tone(3) + click(3, 1.0))])
    assert np.array_equal(heard(path)[0], heard(path)[0])


def test_zero_length_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
    with pytest.raises(NoAudio, match="zero length"):
        open_audio(path)


def test_a_film_without_sound(tmp_path: Path) -> None:
    with pytest.raises(NoAudio, match="no audio track"):
        open_audio(write_media(tmp_path / "a.mp4", picture=Picture(grey(10))))


def test_sound_that_is_all_garbage(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.flac", [Sound(tone(2), "flac")])
    data = bytearray(path.read_bytes())
    data[1000:] = np.random.default_rng(2).integers(0, 250, len(data) - 1000, np.uint8).tobytes()
    path.write_bytes(data)
    try:
        out, notes = heard(path)
    except (NoAudio, NotMedia):
        return
    assert notes
    assert len(out) < 32_000 + 16


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no way to ask for resident memory")
def test_a_long_file_needs_no_more_memory(tmp_path: Path) -> None:
    """Resident memory after one minute of a file and after twenty."""
    sound = np.tile(tone(20, 300, 8000), (1, 60))  # whole periods
    path = write_media(tmp_path / "a.mkv", [Sound(sound, "pcm_s16le", 8000)])
    program = (
        "import sys; from pathlib import Path; from accessify.media.read import open_audio\n"
        "with open_audio(Path(sys.argv[1])) as reader:\n"
        "    for index, block in enumerate(reader):\n"
        "        if index in (60, 1199): print(Path('/proc/self/statm').read_text().split()[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    after_one, after_twenty = (int(pages) * 4096 for pages in done.stdout.split())
    assert after_twenty - after_one < 4_000_000
