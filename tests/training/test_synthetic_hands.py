from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from accessify.signs.alphabet import load_alphabet  # noqa: E402
from accessify.training.chance import Chance  # noqa: E402
from accessify.training.hand_features import palm_sized  # noqa: E402
from accessify.training.synthetic_hands import LetterHands, draw_other, other_shapes  # noqa: E402

ASE = load_alphabet("ase")


def drawn(letter: str, count: int = 60, seed: int = 0) -> torch.Tensor:
    source = LetterHands(ASE, Chance(seed))
    return palm_sized(source.draw(torch.full((count,), source.letters.index(letter))))


def reach(hands: torch.Tensor, tip: int) -> torch.Tensor:
    """How far a fingertip is from the wrist, in palm sizes: 3-D, so from any side."""
    return hands[:, tip].norm(dim=-1)


def test_letters_look_like_themselves() -> None:
    """Which fingers are out is the same from every side and for every person."""
    out = {"B": (8, 12, 16, 20), "L": (8,), "V": (8, 12), "I": (20,), "W": (8, 12, 16), "Y": (20,)}
    for letter, tips in out.items():
        hands = drawn(letter)
        for tip in (8, 12, 16, 20):
            far = reach(hands, tip) > 1.45 * reach(hands, tip - 3)
            share = float(far.float().mean())
            assert share > 0.9 if tip in tips else share < 0.1, (letter, tip, share)


def test_the_same_seed_draws_the_same_hands_and_people_differ() -> None:
    assert torch.equal(drawn("A", seed=4), drawn("A", seed=4))
    assert drawn("A", seed=4).std(0).mean() > 0.05


def test_an_alphabet_without_hands_is_refused_by_name() -> None:
    bare = replace(ASE, letters=tuple(replace(letter, hands=()) for letter in ASE.letters))
    with pytest.raises(ValueError, match="ase: no hands for A, B"):
        LetterHands(bare, Chance(0))


def test_hands_that_are_no_letter_have_every_shape_there_is() -> None:
    chance = Chance(1)
    hands = draw_other(101, LetterHands(ASE, chance), chance)
    assert hands.shape == (101, 21, 3)
    assert torch.isfinite(palm_sized(hands)).all()
    assert len({shape.bends for shape in other_shapes(200, chance)}) > 60
