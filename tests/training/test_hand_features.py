from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from accessify.signs.alphabet import load_alphabet  # noqa: E402
from accessify.signs.normalize import palm_sized as palm_sized_numpy  # noqa: E402
from accessify.training.chance import Chance  # noqa: E402
from accessify.training.hand_features import HandFeatures, palm_axes, palm_sized  # noqa: E402
from accessify.training.synthetic_hands import LetterHands  # noqa: E402


def hands(count: int = 24) -> torch.Tensor:
    chance = Chance(5)
    return LetterHands(load_alphabet("ase"), chance).draw(torch.arange(count) % 24)


@pytest.mark.parametrize("pairs", [True, False])
def test_numbers_do_not_depend_on_place_and_size(pairs: bool) -> None:
    features = HandFeatures(pairs=pairs)
    here, there = features(hands()), features(hands() * 7.5 + torch.tensor([100.0, -40.0, 3.0]))
    assert here.shape == (24, features.size)
    assert torch.allclose(here, there, atol=1e-3)


def test_a_hand_that_is_only_zeros_gives_numbers() -> None:
    assert torch.isfinite(HandFeatures()(torch.zeros(2, 21, 3))).all()


def test_the_palm_is_measured_as_the_normaliser_measures_it() -> None:
    drawn = hands()
    assert torch.allclose(palm_sized(drawn), torch.from_numpy(palm_sized_numpy(drawn.numpy())), atol=1e-5)


def test_palm_axes_are_square_to_each_other() -> None:
    palms = palm_axes(palm_sized(hands()))
    assert torch.allclose(palms @ palms.transpose(1, 2), torch.eye(3).expand(24, 3, 3), atol=1e-4)
