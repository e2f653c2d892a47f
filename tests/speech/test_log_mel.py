from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.speech.log_mel import HOP, log_mel, mel_filters
from tests.spoken import sound

whisper_audio = pytest.importorskip("whisper.audio", reason="needs the extra whisper")


@pytest.mark.parametrize("bands", [80, 128])
def test_filters_are_whispers(bands: int) -> None:
    assert np.abs(mel_filters(bands) - whisper_audio.mel_filters("cpu", bands).numpy()).max() < 1e-7


def exact(samples: NDArray[np.float32], bands: int) -> NDArray[np.float64]:
    """openai-whisper's steps in double precision."""
    torch = pytest.importorskip("torch")
    window = torch.hann_window(400, dtype=torch.float64)
    sound = torch.from_numpy(samples).double()
    power = torch.stft(sound, 400, HOP, window=window, return_complex=True)[..., :-1].abs() ** 2
    bels = torch.clamp(whisper_audio.mel_filters("cpu", bands).double() @ power, min=1e-10).log10()
    found: NDArray[np.float64] = ((torch.maximum(bels, bels.max() - 8.0) + 4.0) / 4.0).numpy()
    return found


@pytest.mark.models
@pytest.mark.parametrize(("seconds", "bands"), [(0.1, 80), (3.0, 128), (30.0, 80), (31.7, 128)])
def test_the_picture_is_whispers(seconds: float, bands: int) -> None:
    samples = sound("two_cities.wav").samples[: int(16_000 * seconds)]
    padded = whisper_audio.pad_or_trim(samples)
    heard = log_mel(samples, bands, 3000)
    assert heard.shape == (bands, 3000)
    assert np.abs(heard - exact(padded, bands)).max() < 1e-6
    apart = np.abs(heard - whisper_audio.log_mel_spectrogram(padded, bands).numpy())
    assert np.quantile(apart, 0.999) < 1e-5
    assert apart.max() < 3e-5  # its own rounding


def test_silence_and_noise() -> None:
    assert np.ptp(log_mel(np.zeros(0, np.float32), 80, 200)) == 0
    noise = np.random.default_rng(0).uniform(-1, 1, 200 * HOP).astype(np.float32)
    right = whisper_audio.log_mel_spectrogram(noise).numpy()
    assert np.abs(log_mel(noise, 80, 200) - right).max() < 1e-5
