"""What every speech model must do, whoever made it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from accessify.engines.silero import Silero
from accessify.hub.fetch import model_files
from accessify.speech.detect import SpeechModel
from tests.fakes import LoudSpeech

MODELS = {
    "loud": LoudSpeech,
    "silero": lambda: Silero(model_files("silero-vad", offline=True)),
}
Sound = NDArray[np.float32]


@pytest.fixture(
    params=["loud", pytest.param("silero", marks=pytest.mark.models)],
)
def make(request: pytest.FixtureRequest) -> Callable[[], SpeechModel]:
    """Makes a fresh model."""
    return MODELS[request.param]


def sound_for(model: SpeechModel, chunks: int, seed: int = 7) -> Sound:
    """Noise that swells and fades."""
    count = chunks * model.chunk
    swell = np.square(np.sin(np.arange(count) / count * 9))
    return (0.2 * swell * np.random.default_rng(seed).normal(size=count)).astype(np.float32)


def test_one_probability_for_each_chunk(make: Callable[[], SpeechModel]) -> None:
    model = make()
    assert model.chunk > 0
    found = model.probabilities(sound_for(model, 40))
    assert found.shape == (40,)
    assert found.dtype == np.float32
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize("sizes", [(1,) * 40, (3, 30, 7), (39, 1)], ids=["singly", "unevenly", "at last"])
def test_pieces_give_what_the_whole_gives(make: Callable[[], SpeechModel], sizes: tuple[int, ...]) -> None:
    whole, pieces = make(), make()
    sound = sound_for(whole, 40)
    edges = np.cumsum((0, *sizes)) * whole.chunk
    parts = [pieces.probabilities(sound[first:last]) for first, last in pairwise(edges)]
    np.testing.assert_allclose(np.concatenate(parts), whole.probabilities(sound), atol=2e-6)


def test_reset_forgets_what_was_heard(make: Callable[[], SpeechModel]) -> None:
    model = make()
    sound = sound_for(model, 20)
    fresh = model.probabilities(sound)
    changed = model.probabilities(sound)
    assert (changed != fresh).any()  # it does remember
    model.reset()
    assert (model.probabilities(sound) == fresh).all()


def test_the_sound_is_left_as_it_was(make: Callable[[], SpeechModel]) -> None:
    model = make()
    sound = sound_for(model, 5)
    before = sound.copy()
    model.probabilities(sound)
    assert (sound == before).all()


def test_what_was_given_may_be_overwritten_afterwards(make: Callable[[], SpeechModel]) -> None:
    """Readers may reuse their buffers."""
    safe, reused = make(), make()
    sound = sound_for(safe, 10)
    buffer = sound[: 5 * safe.chunk].copy()
    safe.probabilities(sound[: 5 * safe.chunk])
    reused.probabilities(buffer)
    buffer[:] = 0.9
    rest = sound[5 * safe.chunk :]
    assert (safe.probabilities(rest) == reused.probabilities(rest)).all()


def test_silence_is_no_speech(make: Callable[[], SpeechModel]) -> None:
    model = make()
    assert (model.probabilities(np.zeros(30 * model.chunk, np.float32)) < 0.1).all()
