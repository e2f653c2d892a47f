"""Clips joined: where they lie, what is between them, and the same on every machine."""

from __future__ import annotations

import hashlib
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.timeline import Span, samples, seconds
from accessify.evaluation.dataset import Clip
from accessify.evaluation.recording import PAUSE, PAUSE_RMS, Recording, join_clips, write_wav


def tone(length: float, level: float = 0.5) -> Audio:
    time = np.arange(round(16000 * length)) / 16000
    return Audio((level * np.sin(2 * np.pi * 440 * time)).astype(np.float32))


def clip(name: str, text: str = "") -> Clip:
    return Clip(Path(name), name, "asr_en", text)


@pytest.fixture
def joined() -> Recording:
    return join_clips([clip("a"), clip("b"), clip("c")], [tone(1), tone(0.5), tone(2)])


def test_each_clip_lies_unchanged_in_its_span(joined: Recording) -> None:
    for sound, span in zip((tone(1), tone(0.5), tone(2)), joined.spans, strict=True):
        assert np.array_equal(joined.audio.cut(span).samples, sound.samples)


def test_pauses_are_short_and_almost_silent(joined: Recording) -> None:
    edges = [0, *(tick for span in joined.spans for tick in (span.start, span.end)), joined.audio.span.end]
    pauses = [Span(start, end) for start, end in pairwise(edges)][::2]
    assert len(pauses) == 4
    for pause in pauses:
        assert seconds(PAUSE[0]) - samples(1, 16000) <= pause.duration <= seconds(PAUSE[1])
        noise = joined.audio.cut(pause).samples
        assert np.sqrt(np.mean(noise**2)) == pytest.approx(PAUSE_RMS, rel=0.1)
        assert np.any(noise != noise[0])


def test_regions_cover_everything_and_hold_their_clip(joined: Recording) -> None:
    regions = joined.regions
    assert regions[0].start == 0
    assert regions[-1].end == joined.audio.span.end
    assert all(before.end == after.start for before, after in pairwise(regions))
    for region, span in zip(regions, joined.spans, strict=True):
        assert region.start <= span.start < span.end <= region.end
    assert regions[0].end == (joined.spans[0].end + joined.spans[1].start) // 2


def test_same_clips_and_seed_give_the_same_file(tmp_path: Path) -> None:
    digests = []
    for seed in (1, 1, 2):
        write_wav(join_clips([clip("a")], [tone(1)], seed).audio, tmp_path / "a.wav")
        digests.append(hashlib.sha256((tmp_path / "a.wav").read_bytes()).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_a_file_may_be_cut_or_repeated_to_a_length(tmp_path: Path) -> None:
    sound = tone(1.5)
    for length in (0.5, 1.5, 4.0):
        path = tmp_path / f"{length}.wav"
        write_wav(sound, path, seconds(length))
        with wave.open(str(path)) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000)
            pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        assert len(pcm) == round(16000 * length)
        expected = np.round(np.resize(sound.samples, len(pcm)) * 32768)
        assert np.array_equal(pcm, expected)


def test_full_scale_does_not_wrap_around(tmp_path: Path) -> None:
    write_wav(Audio(np.array([1.0, -1.0, 2.0, -2.0], np.float32)), tmp_path / "loud.wav")
    with wave.open(str(tmp_path / "loud.wav")) as file:
        assert np.frombuffer(file.readframes(4), "<i2").tolist() == [32767, -32768, 32767, -32768]


def test_silence_of_no_length_and_other_rates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no sound"):
        write_wav(Audio(np.zeros(0, np.float32)), tmp_path / "a.wav", seconds(1))
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="16000 Hz, not 8000"):
        join_clips([clip("a")], [Audio(np.zeros(10, np.float32), 8000)])
    with pytest.raises(ValueError, match="one span a clip"):
        Recording(tone(1), (clip("a"),), ())
