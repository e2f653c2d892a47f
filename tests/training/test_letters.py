from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from accessify.core.progress import Progress  # noqa: E402
from accessify.delivery.letter_sets import LetterSet  # noqa: E402
from accessify.engines.letters import LetterReader  # noqa: E402
from accessify.signs.alphabet import load_alphabet  # noqa: E402
from accessify.training.chance import Chance  # noqa: E402
from accessify.training.hand_features import palm_sized  # noqa: E402
from accessify.training.letter_batches import LetterBatches, Mixture, shake  # noqa: E402
from accessify.training.letter_network import LetterNetwork  # noqa: E402
from accessify.training.letters import (  # noqa: E402
    LetterTraining,
    export_letters,
    leave_one_out,
    letter_figures,
    score_letters,
    shows_many,
    train_letters,
)
from accessify.training.synthetic_hands import LetterHands  # noqa: E402

ASE = load_alphabet("ase")
SHORT = LetterTraining(steps=40, batch=192, save_every=10)


def people(name: str, seed: int, rows: int = 96) -> LetterSet:
    """A set of synthetic strangers."""
    chance = Chance(seed)
    letters = torch.arange(rows) % len(ASE.still)
    hands = palm_sized(LetterHands(ASE, chance).draw(letters))
    return LetterSet(name, hands.numpy(), tuple(ASE.still[int(number)] for number in letters))


def weights(network: LetterNetwork) -> torch.Tensor:
    return torch.cat([value.flatten().float() for value in network.state_dict().values()])


def test_a_short_training_reads_strangers_far_better_than_chance() -> None:
    network = train_letters(ASE, [people("some", 1)], SHORT)
    figures = score_letters(network, ASE, people("others", 2, 240))
    assert figures["rows"] == 240
    assert figures["accuracy"] > 0.5  # chance is 0.04
    assert figures["top3"] >= figures["accuracy"]


def test_the_same_seed_gives_the_same_network() -> None:
    short = replace(SHORT, steps=3)
    one, two, other = (
        weights(train_letters(ASE, [people("some", 1)], replace(short, seed=seed))) for seed in (0, 0, 1)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


class Stopped(Exception):
    pass


def stop_at(step: int) -> object:
    def on_progress(progress: Progress) -> None:
        if progress.done == step:
            raise Stopped

    return on_progress


def test_a_run_that_was_stopped_goes_on_to_the_same_end(tmp_path: Path) -> None:
    keep, sets = tmp_path / "state.pt", [people("some", 1)]
    whole = train_letters(ASE, sets, SHORT)
    with pytest.raises(Stopped):
        train_letters(ASE, sets, SHORT, keep=keep, on_progress=stop_at(25))
    assert keep.exists()
    told: list[float] = []
    resumed = train_letters(ASE, sets, SHORT, keep=keep, on_progress=lambda step: told.append(step.done))
    assert told[0] == 21  # behind the last saved state
    assert torch.equal(weights(whole), weights(resumed))
    again = train_letters(ASE, sets, SHORT, keep=keep, on_progress=lambda step: told.append(-1))
    assert torch.equal(weights(whole), weights(again))
    assert -1 not in told  # what is done is not done again


@pytest.mark.parametrize("harm", ["other data", "other options", "damage"])
def test_a_state_of_another_run_is_not_gone_on_with(tmp_path: Path, harm: str) -> None:
    keep, sets, training = tmp_path / "state.pt", [people("some", 1)], replace(SHORT, steps=12)
    with pytest.raises(Stopped):
        train_letters(ASE, sets, training, keep=keep, on_progress=stop_at(11))
    if harm == "other data":
        sets = [people("some", 2)]
    elif harm == "other options":
        training = replace(training, rate=1e-3)
    else:
        keep.write_bytes(keep.read_bytes()[:1000])
    told: list[float] = []
    train_letters(ASE, sets, training, keep=keep, on_progress=lambda step: told.append(step.done))
    assert told[0] == 1


def test_every_set_is_scored_by_a_network_that_did_not_see_it() -> None:
    """A set whose labels are all wrong can be learnt by heart, but not by who never saw it."""
    right, lying = people("right", 1), people("lying", 2)
    lying = LetterSet("lying", lying.hands, lying.labels[1:] + lying.labels[:1])
    found = leave_one_out(ASE, [right, lying], replace(SHORT, mixture=Mixture(synthetic=8.0)))
    assert set(found) == {"right", "lying"}
    assert found["lying"]["accuracy"] < 0.2
    assert found["right"]["accuracy"] > 0.4


def test_takes_of_one_person_are_told_from_many_people() -> None:
    assert shows_many(people("many", 1, 240).only(ASE.still[:1]))
    one = people("one", 1, 24)
    shaking = np.random.default_rng(0).normal(size=(20, 24, 21, 3)).astype(np.float32) * 0.01
    takes = (one.hands[None] + shaking).transpose(1, 0, 2, 3).reshape(-1, 21, 3)
    assert not shows_many(LetterSet("take", takes, tuple(np.repeat(one.labels, 20).tolist())))


def test_figures_count_what_they_say() -> None:
    logs = np.log(np.array([[0.9, 0.05, 0.05], [0.4, 0.35, 0.25], [0.1, 0.2, 0.7]], np.float32))
    figures = letter_figures(logs, ("A", "B", "C"), ("A", "B", "C"))
    assert figures["accuracy"] == pytest.approx(2 / 3)
    assert figures["top3"] == 1
    assert figures["answered_70"] == 1  # the two surest
    assert figures["confused"] == {"B taken for A": 1}


def test_batches_hold_every_letter_and_hands_that_are_none() -> None:
    chance = Chance(0)
    few = people("few", 1, 5)  # only A to E: the others are synthetic
    hands, labels = LetterBatches([(few, 1.0)], LetterHands(ASE, chance), chance).draw(2000)
    counts = torch.bincount(labels, minlength=25)
    assert hands.shape == (2000, 21, 3)
    assert torch.isfinite(hands).all()
    assert counts[24] == 200
    assert counts[:24].min() > 40


def test_shaking_keeps_the_hand_and_changes_every_number() -> None:
    hands = torch.from_numpy(people("some", 1, 48).hands)
    shaken = shake(hands, Chance(0))
    assert torch.allclose(shaken[:, 0], torch.zeros(3))
    assert torch.allclose(palm_sized(shaken), shaken, atol=1e-5)
    assert (shaken[:, 1:] - hands[:, 1:]).abs().mean() > 0.05


def test_the_onnx_file_reads_as_the_network_does(tmp_path: Path) -> None:
    network = train_letters(ASE, [people("some", 1)], replace(SHORT, steps=5))
    target = tmp_path / "letters.onnx"
    assert export_letters(network, ASE, target, {"licence": "Apache-2.0"}) < 1e-4
    reader = LetterReader(target)
    others = people("others", 9, 31)
    reading = reader(others.hands)
    assert reader.letters == ASE.still
    assert reader.alphabet == "ase"
    with torch.no_grad():
        logs, embedding = network(torch.from_numpy(others.hands))
    assert np.allclose(reading.log_probabilities, logs.numpy()[:, :-1], atol=1e-4)
    assert np.allclose(reading.embedding, embedding.numpy(), atol=1e-4)
    assert (np.exp(reading.log_probabilities).sum(axis=1) <= 1.0001).all()
    assert reader(others.hands[:0]).log_probabilities.shape == (0, 24)
