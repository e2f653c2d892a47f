"""Training the small test Whisper: seeded, resumable, on synthetic voices made on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from accessify.core.progress import OnProgress, Progress
from accessify.training.chance import Chance
from accessify.training.checkpoint import Checkpoint
from accessify.training.whisper_batches import ROUND, Batch, Batches, Shape
from accessify.training.whisper_lines import Writer, used_tokens
from accessify.training.whisper_network import Pupil, Size

log = logging.getLogger(__name__)

_MARKS, _OPENING = 10, 4
"""Used tokens from the end of text to the first timestamp, and how much more than text they count."""
_NEIGHBOUR = 0.2
"""Share of a timestamp's target that lies on either neighbour, 20 ms away."""


@dataclass(frozen=True, slots=True)
class WhisperTraining:
    """How the test model is trained."""

    steps: int = 5400
    batch: int = 16
    rate: float = 2e-3
    """Highest learning rate of the one-cycle schedule (AdamW)."""
    decay: float = 0.01
    silent: int = 12
    """Positions drawn from the silence around a clip."""
    sounds: float = 0.5
    """Weight of telling sounds apart, beside 1 of the text."""
    looking: float = 0.3
    """Weight of looking where a token is heard."""
    seed: int = 0
    size: Size = Size()  # noqa: RUF009 - a value
    save_every: int = 100
    """Steps from one saved state to the next; a multiple of 4."""


def train_whisper(
    training: WhisperTraining = WhisperTraining(),
    *,
    keep: Path | None = None,
    lessons: Callable[[int], Sequence[Batch]] | None = None,
    on_progress: OnProgress | None = None,
) -> Pupil:
    """The test model. `keep` is a file for its state: a run that was stopped goes on from there.

    `lessons` gives the four batches of a number; else they are drawn on the way, from its seed. (No two
    sounds of eSpeak NG are quite alike, so that only a run of the same lessons comes to the same end.)
    Raises `ModelNotFound` where eSpeak NG is missing.
    """
    torch.manual_seed(training.seed)
    chance = Chance(training.seed)
    writer = Writer()
    used = used_tokens()
    pupil = Pupil(used, writer.first_time, training.size)
    shape = Shape(training.batch, training.silent, training.size.context)
    draw = lessons or Batches(writer, used, shape, training.seed).round
    optimizer, schedule = _steps(pupil, training)
    parts = {"network": pupil, "optimizer": optimizer, "schedule": schedule}
    state = Checkpoint(keep, parts, chance, repr(asdict(training)))
    done = state.restore() // ROUND * ROUND
    pupil.train()
    first_time = used.index(writer.first_time)
    while done < training.steps:
        for batch in draw(done // ROUND)[: training.steps - done]:
            loss = lesson(pupil, batch, training, first_time)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(pupil.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
        log.info("%d of %d: loss %.3f", done, training.steps, loss.item())
        if done % training.save_every == 0:
            state.save(done)
        if on_progress:
            on_progress(Progress("training whisper", done, training.steps))
    state.save(done)
    return pupil.eval()


def _steps(pupil: Pupil, training: WhisperTraining) -> tuple[Any, Any]:
    """Optimizer and schedule."""
    optimizer = torch.optim.AdamW(
        pupil.parameters(), training.rate, betas=(0.9, 0.98), weight_decay=training.decay
    )
    steps = -(-training.steps // ROUND) * ROUND + 1
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, training.rate, total_steps=steps, pct_start=0.08, cycle_momentum=False
    )
    return optimizer, schedule


def lesson(pupil: Pupil, batch: Batch, training: WhisperTraining, first_time: int) -> Tensor:
    """What is wrong with what the pupil makes of a batch: text and times, sounds, and where it looked."""
    heard = pupil.hear(batch.mel, batch.positions, training.silent)
    written = pupil.write(heard, batch.tokens)
    text = _text_loss(written.logits, batch.targets, first_time, len(pupil.used))
    sounds = functional.cross_entropy(heard.sounds.flatten(0, 1), batch.sounds.flatten())
    looking = _look_loss(written.attention, batch.spans) + _row_loss(written.attention, batch.rows)
    return text + training.sounds * sounds + training.looking * looking


def _text_loss(logits: Tensor, targets: Tensor, first_time: int, used: int) -> Tensor:
    known = targets >= 0
    logs, wanted = logits[known].log_softmax(-1), targets[known]
    exact = logs.gather(1, wanted[:, None])[:, 0]
    timed = wanted >= first_time
    before = (wanted - 1).clamp(min=first_time)
    after = (wanted + 1).clamp(max=used - 1)
    near = sum(logs.gather(1, place[:, None])[:, 0] for place in (before, after))
    loss = torch.where(timed, (1 - 2 * _NEIGHBOUR) * exact + _NEIGHBOUR * near, exact)
    opening = (wanted > first_time - _MARKS) & ~timed  # language or no speech: one token of each line
    weights = 1 + (_OPENING - 1) * opening
    return -(loss * weights).sum() / weights.sum()


def _look_loss(attention: Tensor, spans: Tensor) -> Tensor:
    """How little of what the last layer looks at lies where the next token is heard, within a position."""
    known = spans[..., 1] >= 0
    looks = attention.transpose(1, 2)[known]
    places = torch.arange(attention.shape[-1])
    start, end = spans[known].floor().unsqueeze(1).unbind(-1)
    within = (places >= start) & (places <= end)
    return -(looks * within[:, None]).sum(-1).clamp(min=1e-4).log().mean()


def _row_loss(attention: Tensor, rows: Tensor) -> Tensor:
    """How far each position is from being looked at by its own token most: what word times are read from."""
    if not (rows >= 0).any():
        return torch.zeros(())
    logs = (attention[..., : rows.shape[1]] + 1e-8).log()
    return functional.cross_entropy(logs.flatten(0, 1).float(), rows.repeat_interleave(logs.shape[1], 0))
