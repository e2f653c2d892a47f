"""Moonshine tiny (English) on plain onnxruntime: greedy decoding of batches of utterances.

Source: Jeffries et al., "Moonshine: Speech Recognition for Live Transcription and Voice Commands",
arXiv:2410.15608. The decoder's keys and values stay inside onnxruntime (IO binding).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import Audio
from accessify.core.errors import ModelError
from accessify.engines.session import open_session
from accessify.speech.transcribe import Piece, Transcript

_START, _END = 1, 2
_TOKENS_PER_SECOND = 6.5
"""The fastest speech; more tokens than that is a decoder running away."""
_SHORTEST = 1600
"""Samples; the encoder cannot take less than about 60 ms."""
_REFRESHED = 8
"""Newest tokens of a draft whose probability is computed anew; that of older ones hardly moves."""
_HEADS, _HEAD_SIZE = 8, 36
_SPACE = "\u2581"


class Moonshine:
    """A `Recognizer` of English utterances of up to about 30 s."""

    languages = ("en",)

    def __init__(self, files: Mapping[str, Path], threads: int = 1) -> None:
        self._encoder = open_session(files["encoder_model.ort"], threads)
        self._decoder = open_session(files["decoder_model_merged.ort"], threads)
        self._tokens = read_tokens(files["tokenizer.bin"])
        logits, *present = self._decoder.get_outputs()
        if len(self._tokens) != logits.shape[-1]:
            raise ModelError(
                f"{files['tokenizer.bin']}: {len(self._tokens)} tokens for a model of {logits.shape[-1]}; "
                "run: accessify models verify"
            )
        self._present = [output.name for output in present]

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        """One transcript for each utterance (16 kHz); similar lengths make the best batch."""
        if not utterances:
            return ()
        lengths = [max(len(utterance), _SHORTEST) for utterance in utterances]
        mask = (np.arange(max(lengths)) < np.array(lengths)[:, None]).astype(np.int64)
        limits = (np.array(lengths) / utterances[0].rate * _TOKENS_PER_SECOND + 4).astype(int)
        ids, chances = self._decode(self._encode(utterances), mask, limits)
        return tuple(self._transcript(*row) for row in zip(ids, chances, limits, strict=True))

    def verify(self, utterance: Audio, draft: Transcript) -> Transcript:
        """As `recognize`, with all tokens of `draft` judged in one step and kept up to the first that the
        network would not choose now; it goes on from there.

        Speculative decoding with the last hypothesis as the draft (Leviathan et al., arXiv:2211.17192).
        Quantisation scales depend on what is computed together, so that about one transcript in four
        differs in a comma or a word the network is undecided on.
        """
        ids = [piece.token for piece in draft.pieces if piece.token is not None]
        if len(ids) != len(draft.pieces) or not ids:
            return self.recognize([utterance])[0]
        length = max(len(utterance), _SHORTEST)
        limit = int(length / utterance.rate * _TOKENS_PER_SECOND + 4)
        mask = np.ones((1, length), np.int64)
        step = _Step(self._decoder, self._present, self._encode([utterance]), mask)
        logits = step.run(np.array([[_START, *ids[:limit]]], np.int64))[0]
        kept = int(np.argmin(np.append(logits[:-1].argmax(axis=1) == ids[:limit], False)))
        step.cut(kept + 1)
        known = max(0, kept - _REFRESHED)
        best, chance = _choose(logits[known : kept + 1])
        chances = [piece.chance for piece in draft.pieces[:known]] + chance.tolist()
        ids = [*ids[:kept], int(best[-1])]
        while ids[-1] != _END and len(ids) <= limit:
            best, chance = _choose(step.run(np.array([[ids[-1]]], np.int64))[:, -1])
            ids.append(int(best[0]))
            chances.append(float(chance[0]))
        return self._transcript(ids[:-1], chances[:-1], limit)

    def close(self) -> None:
        """Free the networks."""
        del self._encoder, self._decoder

    def _decode(
        self, hidden: NDArray[np.float32], mask: NDArray[np.int64], limits: NDArray[np.int64]
    ) -> tuple[list[list[int]], list[list[float]]]:
        """Token ids and their probabilities per row, without start and end tokens."""
        step = _Step(self._decoder, self._present, hidden, mask)
        ids: list[list[int]] = [[] for _ in limits]
        chances: list[list[float]] = [[] for _ in limits]
        rows = np.arange(len(limits))  # which utterance each row of the batch is
        going = np.ones(len(rows), np.bool_)
        tokens = np.full((len(rows), 1), _START, np.int64)
        while True:
            best, chance = _choose(step.run(tokens)[:, -1])
            counts = np.array([len(ids[row]) for row in rows])
            going &= (best != _END) & (counts < limits[rows])
            for place in np.flatnonzero(going):
                ids[rows[place]].append(int(best[place]))
                chances[rows[place]].append(float(chance[place]))
            if not going.any():
                return ids, chances
            if 4 * going.sum() <= 3 * len(going):  # finished rows cost as much as the others
                step.keep(going)
                rows, best, going = rows[going], best[going], going[going]
            tokens = best[:, None].astype(np.int64)

    def _encode(self, utterances: Sequence[Audio]) -> NDArray[np.float32]:
        """Hidden states [rows, longest, 288], zeros behind the shorter ones.

        One utterance at a time: the encoder normalises over its whole input, so that padding would
        change what it hears, and a batch makes it no faster.
        """
        states: list[NDArray[np.float32]] = []
        for utterance in utterances:
            sound = np.pad(utterance.samples, (0, max(0, _SHORTEST - len(utterance))))[None]
            feed = {"input_values": sound, "attention_mask": np.ones(sound.shape, np.int64)}
            states.append(self._encoder.run(None, feed)[0][0])
        hidden = np.zeros((len(states), max(map(len, states)), states[0].shape[1]), np.float32)
        for row, state in enumerate(states):
            hidden[row, : len(state)] = state
        return hidden

    def _transcript(self, ids: list[int], chances: list[float], limit: int) -> Transcript:
        pieces: list[Piece] = []
        for token, chance in zip(ids, chances, strict=True):
            raw = self._tokens[token]
            starts = raw.startswith(_SPACE.encode()) or not pieces
            pieces.append(Piece(raw.replace(_SPACE.encode(), b""), chance, starts, token))
        return Transcript(tuple(pieces), finished=len(ids) < int(limit))


class _Step:
    """One decoding step after another over a cache that onnxruntime keeps."""

    def __init__(
        self, session: Any, present: list[str], hidden: NDArray[np.float32], mask: NDArray[np.int64]
    ) -> None:
        import onnxruntime

        self._session, self._present = session, present
        self._value = onnxruntime.OrtValue.ortvalue_from_numpy
        self._fixed = {
            "encoder_hidden_states": self._value(hidden),
            "encoder_attention_mask": self._value(mask),
        }
        empty = self._value(np.zeros((len(mask), _HEADS, 0, _HEAD_SIZE), np.float32))
        self._cache = {name.replace("present", "past_key_values"): empty for name in present}
        self._cached = False

    def run(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """Logits [rows, n, vocabulary] behind each of `tokens` [rows, n]; n is 1 but in the first step."""
        binding = self._session.io_binding()
        for name, value in (self._fixed | self._cache).items():
            binding.bind_ortvalue_input(name, value)
        binding.bind_cpu_input("input_ids", tokens)
        binding.bind_cpu_input("use_cache_branch", np.array([self._cached]))
        for name in ("logits", *self._present):
            binding.bind_output(name)
        self._session.run_with_iobinding(binding)
        logits, *present = binding.get_outputs()
        for name, value in zip(self._present, present, strict=True):
            # the cached branch returns the encoder's keys and values empty: keep the first ones
            if not self._cached or ".decoder." in name:
                self._cache[name.replace("present", "past_key_values")] = value
        self._cached = True
        return np.asarray(logits.numpy(), np.float32)

    def cut(self, count: int) -> None:
        """Forget all but the first `count` tokens."""
        for name, value in self._cache.items():
            if ".decoder." in name:
                self._cache[name] = self._value(np.ascontiguousarray(value.numpy()[:, :, :count]))

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Go on with these rows only."""
        for values in (self._fixed, self._cache):
            for name, value in values.items():
                values[name] = self._value(value.numpy()[rows])


def _choose(logits: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The likeliest token of each row and its probability; `logits` are used up."""
    best = logits.argmax(axis=1)
    logits -= logits.max(axis=1, keepdims=True)
    return best, 1 / np.exp(logits, out=logits).sum(axis=1)


def read_tokens(path: Path) -> list[bytes]:
    """The vocabulary in `tokenizer.bin`: records of a length (one or two bytes) and that many bytes.

    A length byte of 128 or more carries the low seven bits; the byte behind it counts in 128s.
    Raises `ModelError` for a file that ends inside a record.
    """
    data = path.read_bytes()
    tokens: list[bytes] = []
    at = 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128 and at < len(data):
            length += data[at] * 128 - 128
            at += 1
        tokens.append(data[at : at + length])
        at += length
    if at != len(data):
        raise ModelError(f"{path}: the vocabulary ends inside a token; run: accessify models verify")
    return tokens
