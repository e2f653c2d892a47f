from __future__ import annotations

import io
import random
import wave

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE
from accessify.core.errors import MediaError, NotMedia, OptionError
from accessify.media.live_sound import SoundFeed
from tests.media.live_material import pitch, recorded, tone


def _heard(feed: SoundFeed, data: bytes, sizes: list[int]) -> NDArray[np.float32]:
    blocks, at = [], 0
    for size in [*sizes, len(data)]:
        blocks += list(feed.push(data[at : at + size]))
        at += size
    return np.concatenate([*blocks, *feed.finish()])


@pytest.mark.parametrize(
    ("kind", "codec", "options"),
    [
        ("webm", "libopus", {}),
        ("ogg", "libopus", {"page_duration": "60000"}),
        ("mp4", "aac", {"movflags": "frag_every_frame+empty_moov+default_base_moof"}),
        ("wav", "pcm_s16le", {}),
        ("mp3", "libmp3lame", {}),
        ("adts", "aac", {}),
    ],
)
def test_a_recording_cut_anywhere_is_heard_whole(kind: str, codec: str, options: dict[str, str]) -> None:
    data = recorded(tone(3), kind=kind, codec=codec, **options)
    pick = random.Random(kind)
    feed = SoundFeed("webm")
    sound = _heard(feed, data, [pick.choice([1, 3, 700, 4000]) for _ in range(40)])
    assert len(sound) / 16_000 == pytest.approx(3, abs=0.05)
    assert sound.dtype == np.float32
    assert pitch(sound[8_000:24_000]) == pytest.approx(440, abs=2)
    assert feed.notes == ()


def test_what_a_browser_records_is_out_at_once() -> None:
    data = recorded(tone(6))
    step = len(data) // 60
    feed = SoundFeed("webm")
    heard = behind = 0.0
    for end in range(step, len(data) + 1, step):
        heard += sum(map(len, feed.push(data[end - step : end]))) / 16_000
        behind = max(behind, 6 * end / len(data) - heard)
    feed.close()
    assert behind < 0.15  # of 0.1 s pushed at a time; the rest is Opus's and the resampler's look ahead


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("format", ["pcm16", "float32"])
def test_raw_samples_of_any_rate_cut_within_samples(rate: int, format: str) -> None:
    sound = tone(2, rate)
    data = (sound * 32767).astype("<i2").tobytes() if format == "pcm16" else sound.astype("<f4").tobytes()
    pick = random.Random(rate)
    feed = SoundFeed(format, rate)
    out = _heard(feed, data, [pick.choice([1, 3, 641, 5_001]) for _ in range(60)])
    assert len(out) == pytest.approx(32_000, abs=2)
    expected = tone(2, 16_000)
    inner = slice(2_000, 30_000)
    assert np.abs(out[: len(expected)][inner] - expected[: len(out)][inner]).max() < 2e-3  # no seams
    assert feed.notes == ()


def test_raw_stereo_is_mixed_so_that_an_inverted_channel_stays_audible() -> None:
    left = tone(1)
    both = np.stack([left, -left], axis=1)
    out = _heard(SoundFeed("float32", 48_000, 2), both.astype("<f4").tobytes(), [7, 9])
    assert np.abs(out).max() > 0.04


def test_half_a_sample_at_the_end_is_noted() -> None:
    feed = SoundFeed("pcm16", 16_000)
    list(feed.push(bytes(32_001)))
    list(feed.finish())
    (note,) = feed.notes
    assert note.kind == "damaged"
    assert "1 bytes" in note.text


def test_samples_that_are_no_numbers_become_silence_and_are_noted() -> None:
    values = tone(1, 16_000)
    values[8_000:8_100] = np.nan
    feed = SoundFeed("float32")
    out = _heard(feed, values.astype("<f4").tobytes(), [20_000])
    assert np.isfinite(out).all()
    assert [note.kind for note in feed.notes] == ["damaged"]


def test_a_wrong_declaration_is_told_from_the_first_bytes() -> None:
    whole = (tone(1, 16_000) * 32767).astype("<i2").tobytes()
    floats = tone(1, 16_000).astype("<f4").tobytes()
    with pytest.raises(MediaError, match="perhaps pcm16"):
        list(SoundFeed("float32").push(whole))
    with pytest.raises(MediaError, match="perhaps float32"):
        list(SoundFeed("pcm16").push(floats))
    for step in (602, 6_000, 100_000):  # digital silence tells nothing
        feeds = SoundFeed("float32"), SoundFeed("pcm16")
        for feed, data, other in zip(feeds, (whole, floats), ("pcm16", "float32"), strict=True):
            sent = bytes(64_000) + data
            with pytest.raises(MediaError, match=f"perhaps {other}"):
                _heard(feed, sent, [step] * (len(sent) // step))
    with pytest.raises(MediaError, match="begins as WebM"):
        list(SoundFeed("pcm16").push(recorded(tone(0.2))))
    with pytest.raises(NotMedia, match="neither WebM"):
        list(SoundFeed("webm").push(whole))
    with pytest.raises(NotMedia):
        list(SoundFeed("webm").push(b"\x1aE\xdf\xa3" + bytes(200_000)) or SoundFeed("webm").finish())


def test_declarations_that_are_not_taken() -> None:
    for bad in (("mp3",), ("pcm16", 0), ("pcm16", -1), ("float32", 10**9), ("pcm16", 16_000, 0)):
        with pytest.raises(OptionError):
            SoundFeed(*bad)  # type: ignore[arg-type]


def test_damage_in_the_middle_keeps_the_time_and_is_noted() -> None:
    data = bytearray(recorded(tone(6)))
    third = len(data) // 3
    data[third : third + 6_000] = random.Random(5).randbytes(6_000)
    feed = SoundFeed("webm")
    out = _heard(feed, bytes(data), [1_000] * 60)
    assert len(out) / 16_000 == pytest.approx(6, abs=0.1)
    assert {note.kind for note in feed.notes} <= {"damaged", "gap"}
    assert feed.notes


def test_a_feed_that_got_nothing_or_a_torn_head() -> None:
    assert list(SoundFeed("webm").finish()) == []
    feed = SoundFeed("webm")
    assert list(feed.push(b"\x1aE")) == []
    with pytest.raises(NotMedia):
        list(feed.finish())


def test_random_bytes_behind_any_mark_end_in_an_error_or_in_silence() -> None:
    for seed in range(30):
        pick = random.Random(seed)
        mark = pick.choice(
            [b"\x1aE\xdf\xa3", b"OggS", b"\0\0\0\x18ftyp", b"RIFF", b"fLaC", b"ID3", b"\xff\xfb"]
        )
        feed = SoundFeed("webm")
        try:
            for _ in range(5):
                list(feed.push(mark + pick.randbytes(3_000)))
            list(feed.finish())
        except MediaError:
            pass
        finally:
            feed.close()


def wav_at(rate: int, seconds: int) -> bytes:
    """A WAV of silence that declares `rate`."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(b"\x80" * (rate * seconds))
    return buffer.getvalue()


def hear(feed: SoundFeed, data: bytes) -> None:
    """What became of a piece is told with it or with the next one."""
    for _ in range(3):
        assert sum(len(block) for block in feed.push(data)) <= 130 * SPEECH_RATE


def test_a_rate_that_no_speech_has_is_refused_and_nobody_waits_for_ever() -> None:
    feed = SoundFeed("webm")
    with pytest.raises(MediaError, match="no rate for speech"):
        hear(feed, wav_at(10, 5000))
    feed.close()


def test_a_piece_that_claims_to_be_hours_is_refused_before_memory_fills() -> None:
    feed = SoundFeed("webm")
    with pytest.raises(MediaError, match="more than two minutes"):
        hear(feed, wav_at(4000, 600))
    feed.close()
