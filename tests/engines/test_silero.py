from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import ModelError
from accessify.core.timeline import seconds
from accessify.engines.silero import CHUNK, Silero
from accessify.hub.fetch import model_files
from accessify.speech.detect import Detector
from tests.spoken import sound

pytestmark = pytest.mark.models


def silero() -> Silero:
    return Silero(model_files("silero-vad", offline=True))


def whole(samples: np.ndarray) -> np.ndarray:
    return samples[: len(samples) // CHUNK * CHUNK]


def test_speech_is_told_from_the_pauses_between() -> None:
    chances = silero().probabilities(whole(sound("beckett.wav").samples))

    def mean(first: float, last: float) -> float:
        return float(chances[int(first / 0.032) : int(last / 0.032)].mean())

    assert mean(0.4, 1.2) > 0.9
    assert mean(6.7, 7.2) > 0.9
    assert mean(5.8, 6.5) < 0.1


def test_each_chunk_is_judged_with_the_end_of_the_one_before() -> None:
    """The same probabilities as the one-chunk graph that its authors run, fed as they feed it."""
    import onnxruntime

    session = onnxruntime.InferenceSession(
        model_files("silero-vad", offline=True)["silero_vad_op18_ifless.onnx"],
        providers=["CPUExecutionProvider"],
    )
    state, before = np.zeros((2, 1, 128), np.float32), np.zeros(64, np.float32)
    expected = []
    samples = whole(sound("beckett.wav").samples)
    for chunk in samples.reshape(-1, CHUNK):
        feed = {"input": np.concatenate([before, chunk])[None], "sr": np.array(16_000), "state": state}
        chance, state = session.run(None, feed)
        before = chunk[-64:]
        expected.append(chance.item())
    np.testing.assert_allclose(silero().probabilities(samples), expected, atol=1e-4)


def test_noise_and_hum_are_no_speech() -> None:
    random = np.random.default_rng(4)
    noise = random.normal(0, 0.1, CHUNK * 100).astype(np.float32)
    hum = (0.2 * np.sin(2 * np.pi * 100 * np.arange(CHUNK * 100) / 16_000)).astype(np.float32)
    for quiet in (noise, hum):
        assert silero().probabilities(quiet).mean() < 0.2


def test_blocks_of_any_size_give_the_same_utterances() -> None:
    audio = Audio(sound("two_cities.wav").samples[: 20 * 16_000])
    told = []
    for size in (len(audio), 16_000, 7_777):
        detector, found = Detector(silero()), []
        for first in range(0, len(audio), size):
            found += detector.push(Audio(audio.samples[first : first + size]))
        found += detector.finish()
        told.append([(item.audio.span, item.keep) for item in found])
    assert told[0] == told[1] == told[2]
    assert len(told[0]) >= 3
    assert all(keep.duration < seconds(20) for _, keep in told[0])


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", "half"], ids=["empty", "page", "half"])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, content: bytes | str) -> None:
    path = tmp_path / "silero.onnx"
    if isinstance(content, str):
        model = model_files("silero-vad", offline=True)["silero_vad_16k_sequence.onnx"].read_bytes()
        content = model[: len(model) // 2]
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"silero\.onnx: .*; run: accessify models verify") as caught:
        Silero({"silero_vad_16k_sequence.onnx": path})
    assert "\n" not in str(caught.value)
