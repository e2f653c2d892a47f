"""The small test Whisper while it learns: openai-whisper's network, computed on less than it will hear.

Two sums of equal terms are taken at once, so that little is computed and the outcome is the same:
the rows of the vocabulary that are never used stay one row, counted so many times in the softmax, and of
the encoder's positions that hold silence a sample is taken, each counted for those left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from accessify.training.whisper_lines import POSITIONS

VOCABULARY = 51865
"""Rows of the multilingual models with 99 languages."""
SOUNDS = 256
"""Classes of sounds that the encoder is taught to tell apart; sounds share them by chance."""
EDGE = 4
"""Positions after a clip that the convolutions are computed for; the second is that of silence."""


@dataclass(frozen=True, slots=True)
class Size:
    """Dimensions of the network."""

    width: int = 128
    heads: int = 4
    encoder: int = 3
    decoder: int = 2
    context: int = 1500
    """Positions of the encoder."""
    text: int = 448


@dataclass(frozen=True, slots=True)
class Heard:
    """What the encoder makes of clips."""

    states: Tensor
    """[B, clip + silence, width]"""
    weights: Tensor
    """[clip + silence]: logarithm of how often each position counts."""
    sounds: Tensor
    """[B, clip, SOUNDS]: logits."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the decoder makes of lines."""

    logits: Tensor
    """[B, n, used tokens + 1]; the last is of all unused ones together."""
    attention: Tensor
    """[B, heads, n, clip + silence]: where the last layer looks."""


class Pupil(nn.Module):
    """openai-whisper's network with the used rows of its vocabulary and one more."""

    def __init__(self, used: Sequence[int], first_time: int, size: Size = Size()) -> None:
        """`used` tokens in order, with all timestamps from `first_time`."""
        super().__init__()
        from whisper.model import ModelDimensions, Whisper  # noqa: PLC0415 - heavy

        self.used, self.size = tuple(used), size
        rows = len(self.used) + 1
        sound = (80, size.context, size.width, size.heads, size.encoder)
        self.whisper: Any = Whisper(
            ModelDimensions(*sound, rows, size.text, size.width, size.heads, size.decoder)
        )
        self.teacher = nn.Linear(size.width, SOUNDS)
        self.rest = math.log(VOCABULARY - len(self.used))
        _start(self.whisper, self.used.index(first_time))

    def hear(self, mel: Tensor, positions: Tensor, silent: int) -> Heard:
        """Clips [B, 80, 2 * (clip + 4)], the last eight frames silent, at `positions` [B, clip + silent].

        Where there are `silent` ones (none, or two and more), the last is the context's: the convolutions
        hear its edge, which in a clip without sound is all there is to hear.
        """
        encoder = self.whisper.encoder
        found = functional.gelu(encoder.conv1(mel))
        found = functional.gelu(encoder.conv2(found)).transpose(1, 2)
        clip = found.shape[1] - EDGE
        silence = found[:, clip + 1 : clip + 2].expand(-1, max(silent - 1, 0), -1)
        edge = found[:, -1:] if silent else found[:, :0]
        states = torch.cat((found[:, :clip], silence, edge), 1) + encoder.positional_embedding[positions]
        weights = torch.zeros(clip + silent)
        if silent:
            weights[clip:-1] = math.log((self.size.context - clip - 1) / (silent - 1))
        for block in encoder.blocks:
            normal = block.attn_ln(states)
            states = states + _attend(block.attn, normal, normal, weights)
            states = states + block.mlp(block.mlp_ln(states))
        states = encoder.ln_post(states)
        return Heard(states, weights, self.teacher(states[:, :clip]))

    def write(self, heard: Heard, tokens: Tensor) -> Written:
        """Lines [B, n] of compact tokens (places in `used`)."""
        decoder = self.whisper.decoder
        length = tokens.shape[1]
        states = decoder.token_embedding(tokens) + decoder.positional_embedding[:length]
        causal = torch.full((length, length), -torch.inf).triu(1)
        last = len(decoder.blocks) - 1
        looks = torch.zeros(0)
        for number, block in enumerate(decoder.blocks):
            normal = block.attn_ln(states)
            states = states + _attend(block.attn, normal, normal, causal)
            normal = block.cross_attn_ln(states)
            if number == last:
                added, looks = _look(block.cross_attn, normal, heard)
            else:
                added = _attend(block.cross_attn, normal, heard.states, heard.weights)
            states = states + added
            states = states + block.mlp(block.mlp_ln(states))
        logits = decoder.ln(states) @ decoder.token_embedding.weight.T
        rest = functional.pad(torch.full((1,), self.rest), (len(self.used), 0))
        return Written(logits + rest, looks)


def _start(whisper: Any, first_time: int) -> None:
    """Start small, and the timestamps like the positions that they name, so that few need to be learnt."""
    decoder = whisper.decoder
    with torch.no_grad():
        decoder.positional_embedding.normal_(0.0, 0.02)
        rows = decoder.token_embedding.weight
        rows.normal_(0.0, 0.05)
        places = whisper.encoder.positional_embedding
        count = min(30 * POSITIONS, len(places))
        rows[first_time : first_time + count] = 0.1 * places[:count]


def _split(states: Tensor, heads: int) -> Tensor:
    return states.view(*states.shape[:2], heads, -1).transpose(1, 2)


def _attend(attention: Any, states: Tensor, others: Tensor, mask: Tensor) -> Tensor:
    heads = attention.n_head
    query = _split(attention.query(states), heads)
    key, value = _split(attention.key(others), heads), _split(attention.value(others), heads)
    if mask.dim() == 1:
        mask = mask.expand(query.shape[2], -1)
    found = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return attention.out(found.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


def _look(attention: Any, states: Tensor, heard: Heard) -> tuple[Tensor, Tensor]:
    """The same with the weights, which the teacher looks at."""
    heads = attention.n_head
    query = _split(attention.query(states), heads)
    key, value = _split(attention.key(heard.states), heads), _split(attention.value(heard.states), heads)
    scores = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5 + heard.weights
    looks = scores.softmax(-1)
    return attention.out((looks @ value).transpose(1, 2).flatten(2)), looks
