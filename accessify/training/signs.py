"""Training the sign encoder on signs that no language has: seeded and resumable, without anybody's data."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from accessify.core.progress import OnProgress, Progress
from accessify.signs.alphabet import Alphabet
from accessify.training.chance import Chance
from accessify.training.checkpoint import Checkpoint
from accessify.training.export import export
from accessify.training.hand_model import Shapes
from accessify.training.letters import LetterTraining, train_letters
from accessify.training.sign_classes import draw_classes, joined, one_thing_else
from accessify.training.sign_ensemble import SignEnsemble
from accessify.training.sign_network import FRAMES, SignEncoder
from accessify.training.sign_performances import Performances, Performer
from accessify.training.synthetic_hands import other_shapes

FAR = 0.35
"""Two pictures show the same moment of a sign where their phases are nearer than this."""


@dataclass(frozen=True, slots=True)
class SignTraining:
    """How a sign encoder is trained."""

    steps: int = 3000
    signs: int = 128
    """Signs in a batch, each performed twice."""
    family: int = 2
    """Signs that differ in one thing only, among those of a batch."""
    shapes: int = 900
    """Hand shapes: those of the alphabet's letters and chance ones."""
    rate: float = 2e-3
    decay: float = 0.02
    warm_up: int = 200
    """Steps until the learning rate is whole; then it falls as a cosine."""
    temperature: float = 0.08
    liberty: float = 1.0
    """How much performances of a sign differ; see `Performer`."""
    pictures: int = 6
    """Pictures of each clip that are compared one by one."""
    seed: int = 0
    bfloat16: bool = True
    """Whether the encoder computes in bfloat16 while it learns: half the time where processors have it."""
    save_every: int = 100


def train_signs(
    alphabet: Alphabet,
    training: SignTraining = SignTraining(),
    *,
    keep: Path | None = None,
    on_progress: OnProgress | None = None,
) -> SignEncoder:
    """An encoder of signs; `alphabet` gives hand shapes beside those put together by chance.

    It learns to tell each of the batch's signs by another performance of it, whole clips and single
    pictures (InfoNCE, van den Oord and others 2018, in both directions). `keep` is as in `train_letters`.
    """
    torch.manual_seed(training.seed)
    chance = Chance(training.seed)
    performer = Performer(shape_library(alphabet, training), chance, FRAMES, training.liberty)
    encoder = SignEncoder()
    optimizer = torch.optim.AdamW(encoder.parameters(), training.rate, weight_decay=training.decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step, training))
    parts = {"encoder": encoder, "optimizer": optimizer, "schedule": schedule}
    state = Checkpoint(keep, parts, chance, _key(alphabet, training))
    for step in range(state.restore(), training.steps):
        encoder.train()
        loss = _loss(encoder, performer, training, chance)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it so
        nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if (step + 1) % training.save_every == 0:
            state.save(step + 1)
        if on_progress:
            on_progress(Progress("training signs", step + 1, training.steps))
    state.save(training.steps)
    return encoder.eval()


MEMBERS = ((0, 1.0), (11, 1.4))
"""Seed (added to the one that is asked for) and liberty of each member of the ensemble."""


def train_ensemble(
    alphabet: Alphabet,
    given: Mapping[str, int],
    *,
    keep: Path | None = None,
    on_progress: OnProgress | None = None,
) -> tuple[SignEnsemble, tuple[SignTraining | LetterTraining, ...]]:
    """The network that is shipped, and how each part of it was trained.

    `given` may hold `seed` and `steps`; `keep` is a folder for the states on the way, to be removed by the
    caller when what came out is safe.
    """
    seed = given.get("seed", 0)
    shapes, usual = LetterTraining(seed=seed + 3), SignTraining()
    if "steps" in given:
        shapes, usual = replace(shapes, steps=given["steps"]), replace(usual, steps=given["steps"])
    trainings = [replace(usual, seed=seed + extra, liberty=liberty) for extra, liberty in MEMBERS]
    letters = train_letters(alphabet, (), shapes, keep=keep and keep / "shapes.pt", on_progress=on_progress)
    encoders = [
        train_signs(alphabet, one, keep=keep and keep / f"signs-{number}.pt", on_progress=on_progress)
        for number, one in enumerate(trainings)
    ]
    return SignEnsemble(encoders, letters), (shapes, *trainings)


def export_signs(encoder: nn.Module, alphabet: Alphabet, target: Path, facts: dict[str, str]) -> float:
    """Write the encoder as ONNX: `hands`, `seen`, `places` to `frames` and `clip`; see `export`."""
    chance = Chance(1)
    performer = Performer(shape_library(alphabet, SignTraining()), chance, FRAMES)
    made = performer.perform(draw_classes(8, SignTraining().shapes, chance))
    inputs = {"hands": made.hands, "seen": made.seen, "places": made.places}
    return export(encoder, target, inputs, ("frames", "clip"), facts)


def shape_library(alphabet: Alphabet, training: SignTraining) -> Shapes:
    """The hand shapes that signs are made with: those of the alphabet's letters, and chance ones."""
    shapes = [shape for letter in alphabet.letters for shape in letter.hands]
    # of its own seed, so that the same shapes are there when a run goes on
    others = other_shapes(training.shapes - len(shapes), Chance(training.seed + 1))
    return Shapes.of([*shapes, *others])


def _pace(step: int, training: SignTraining) -> float:
    return min(1.0, (step + 1) / training.warm_up) * (0.5 + 0.5 * math.cos(math.pi * step / training.steps))


def _loss(encoder: SignEncoder, performer: Performer, training: SignTraining, chance: Chance) -> Tensor:
    with torch.no_grad():
        first = draw_classes(training.signs // training.family, training.shapes, chance)
        others = [one_thing_else(first, training.shapes, chance) for _ in range(training.family - 1)]
        signs = joined([first, *others])
        made = performer.perform(joined([signs, signs]))
    with torch.autocast("cpu", torch.bfloat16, enabled=training.bfloat16):
        frames, clips = encoder(made.hands, made.seen, made.places)
    frames, clips = frames.float(), clips.float()
    one, two = clips.chunk(2)
    return _told_apart(one @ two.T / training.temperature) + _moments(frames, made, training, chance)


def _told_apart(likeness: Tensor) -> Tensor:
    """Mean of both directions' cross-entropy of picking the partner on the diagonal."""
    partner = torch.arange(len(likeness))
    return (
        nn.functional.cross_entropy(likeness, partner) + nn.functional.cross_entropy(likeness.T, partner)
    ) / 2


def _moments(frames: Tensor, made: Performances, training: SignTraining, chance: Chance) -> Tensor:
    """The same for pictures: each is told by that of the same moment of the other performance."""
    one, two = frames.chunk(2)
    phase, other_phase = made.phase.chunk(2)
    count, size = len(one), one.shape[-1]
    chosen = chance.below(FRAMES, count, training.pictures)
    at = phase.gather(1, chosen)
    partner = (at[:, :, None] - other_phase[:, None]).abs().argmin(-1)
    counts = (at - other_phase.gather(1, partner)).abs() < FAR
    left = one.gather(1, chosen[..., None].expand(-1, -1, size)).flatten(0, 1)
    right = two.gather(1, partner[..., None].expand(-1, -1, size)).flatten(0, 1)
    sign = torch.arange(count).repeat_interleave(training.pictures)
    same = (sign[:, None] == sign[None]) & ~torch.eye(len(sign), dtype=torch.bool)
    likeness = (left @ right.T / training.temperature).masked_fill(same, -1e9)
    truth = torch.arange(len(sign))
    costs = (
        nn.functional.cross_entropy(likeness, truth, reduction="none")
        + nn.functional.cross_entropy(likeness.T, truth, reduction="none")
    ) / 2
    return (costs * counts.flatten()).sum() / counts.sum().clamp(min=1)


def _key(alphabet: Alphabet, training: SignTraining) -> str:
    return hashlib.sha256(repr((alphabet, asdict(training))).encode()).hexdigest()
