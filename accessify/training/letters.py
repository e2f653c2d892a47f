"""Training the letter network: seeded, resumable, scored on people it has not seen."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from accessify.core.progress import OnProgress, Progress
from accessify.delivery.letter_sets import LetterSet
from accessify.signs.alphabet import Alphabet
from accessify.signs.answers import letter_figures
from accessify.training.chance import Chance
from accessify.training.checkpoint import Checkpoint
from accessify.training.export import export
from accessify.training.hand_features import palm_sized
from accessify.training.letter_batches import LetterBatches, Mixture, shake
from accessify.training.letter_network import LetterNetwork
from accessify.training.synthetic_hands import LetterHands

log = logging.getLogger(__name__)

MANY_PEOPLE = 2.0
"""Weight of a set that shows many people, beside 1 of a set that shows one."""


@dataclass(frozen=True, slots=True)
class LetterTraining:
    """How a letter network is trained."""

    steps: int = 1500
    batch: int = 384
    rate: float = 3e-3
    """Highest learning rate of the one-cycle schedule (AdamW)."""
    decay: float = 0.01
    smoothing: float = 0.1
    """Label smoothing."""
    width: int = 256
    seed: int = 0
    mixture: Mixture = Mixture()  # noqa: RUF009 - a value
    save_every: int = 100
    """Steps from one saved state to the next."""


def train_letters(
    alphabet: Alphabet,
    sets: Sequence[LetterSet],
    training: LetterTraining = LetterTraining(),
    *,
    keep: Path | None = None,
    on_progress: OnProgress | None = None,
) -> LetterNetwork:
    """A network for the still letters of `alphabet`, from `sets` and synthetic hands.

    The same seed, data and versions give the same network. `keep` is a file for its state: a run that
    was stopped goes on from there, and one that is done is not done again; the caller removes it. Raises
    `ValueError` for an alphabet without hands.
    """
    torch.manual_seed(training.seed)
    chance = Chance(training.seed)
    weighted = [(one, MANY_PEOPLE if shows_many(one) else 1.0) for one in sets]
    batches = LetterBatches(weighted, LetterHands(alphabet, chance), chance, training.mixture)
    network = LetterNetwork(len(alphabet.still), width=training.width)
    optimizer = torch.optim.AdamW(network.parameters(), training.rate, weight_decay=training.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, training.rate, total_steps=training.steps)
    state = Checkpoint(
        keep,
        {"network": network, "optimizer": optimizer, "schedule": schedule},
        chance,
        _key(alphabet, sets, training),
    )
    for step in range(state.restore(), training.steps):
        network.train()
        hands, labels = batches.draw(training.batch)
        answers, _ = network(hands)
        loss = (
            nn.functional.nll_loss(answers, labels) * (1 - training.smoothing)
            - training.smoothing * answers.mean()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if (step + 1) % training.save_every == 0:
            state.save(step + 1)
        if on_progress:
            on_progress(Progress("training letters", step + 1, training.steps))
    state.save(training.steps)
    return network.eval()


def shows_many(one: LetterSet) -> bool:
    """Whether the rows of a set are of many takes: neighbours of one take are almost alike."""
    hands = one.hands.reshape(len(one.hands), -1)
    alike = np.array(one.labels[1:]) == np.array(one.labels[:-1])
    steps = np.abs(np.diff(hands, axis=0)).mean(axis=1)[alike]
    return bool(len(steps) and np.median(steps) > 0.1)


def score_letters(network: LetterNetwork, alphabet: Alphabet, one: LetterSet) -> dict[str, Any]:
    """How well `network` names the still letters of a set: shares of the rows in which a hand was found."""
    still = one.only(alphabet.still)
    with torch.no_grad():
        logs = network(torch.from_numpy(still.hands))[0].numpy()
    return letter_figures(logs[:, :-1], still.labels, alphabet.still)


def leave_one_out(
    alphabet: Alphabet,
    sets: Sequence[LetterSet],
    training: LetterTraining = LetterTraining(),
    *,
    on_progress: OnProgress | None = None,
) -> dict[str, dict[str, Any]]:
    """Figures of each set by a network that was trained without it."""
    found = {}
    for number, left in enumerate(sets):
        others = [one for place, one in enumerate(sets) if place != number]
        network = train_letters(alphabet, others, training, on_progress=on_progress)
        found[left.name] = score_letters(network, alphabet, left)
        log.info("%s: %s", left.name, found[left.name])
    return found


def export_letters(network: LetterNetwork, alphabet: Alphabet, target: Path, facts: dict[str, str]) -> float:
    """Write the network as ONNX: `hands` [n, 21, 3] to `log_probabilities` and `embedding`; see `export`."""
    chance = Chance(1)
    hands = LetterHands(alphabet, chance).draw(chance.below(len(alphabet.still), 64))
    told = {
        "alphabet": alphabet.name,
        "language": alphabet.language,
        "letters": " ".join(alphabet.still),
        **facts,
    }
    shaken = shake(palm_sized(hands), chance)
    return export(network, target, {"hands": shaken}, ("log_probabilities", "embedding"), told)


def _key(alphabet: Alphabet, sets: Sequence[LetterSet], training: LetterTraining) -> str:
    """What a state on the way must have been made from to be gone on with."""
    told = hashlib.sha256(repr((alphabet, asdict(training))).encode())
    for one in sets:
        told.update(one.hands.tobytes())
        told.update("".join(one.labels).encode())
    return told.hexdigest()
