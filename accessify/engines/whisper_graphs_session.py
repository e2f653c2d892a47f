"""The graphs of an exported Whisper in onnxruntime, with what they hold bound to fixed places.

What the graphs take and give is said in `hub.whisper_graphs`. On the CPU all of it lies in numpy arrays that
onnxruntime reads and writes where they are: in a step of the decoder nothing is copied but the new token.
With CUDA it lies in the device's memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.engines.providers import CPU, Tuning
from accessify.engines.session import open_session, run_bound
from accessify.engines.whisper_folder import WhisperFolder
from accessify.speech.whisper_sizes import DECODER, DECODER_WORDS, ENCODER, WhisperDims

_LENGTHS = (64, 128, 256)
"""Positions of the self-attention cache before it is as long as the decoder can look back: attention takes
time for all positions, used or not."""
_PARTS = ("k", "v")
_ROOM = 500_000_000
"""Bytes for the keys and values of sounds that are decoded at once on the CPU. Those of base take 37 MB for
each sound, of small 111 MB, of large 491 MB; each step reads all of them, so that many sounds at once gain
little where they are large."""


class WhisperGraphs:
    """The encoder and one of the two decoders of a folder, ready to run."""

    def __init__(self, folder: WhisperFolder, words: bool, device: str, threads: int) -> None:
        """With `words`, the decoder is the one that gives what word times come from.

        `device` is a key of `session.PROVIDERS`; TensorRT computes the encoder only, whose shapes are
        fixed, and CUDA the decoder. Raises as `open_session`.
        """
        self.sizes: WhisperDims = folder.sizes
        self.alignment_heads = folder.alignment_heads
        self.device = "cuda" if device == "tensorrt" else device
        tuning = Tuning(planned=False)
        # one sound at a time: on a CPU that is as fast as several, which need as many times the scratch
        alone = replace(tuning, lengths={"batch": 1})
        self.encoder = open_session(folder.paths[ENCODER], threads, device, alone)
        name = DECODER_WORDS if words else DECODER
        # spinning threads would make its steps 10 to 17 % faster, and 3 times as slow on a busy machine
        self.decoder = open_session(folder.paths[name], threads, self.device, tuning)
        self.real = _real(self.encoder)
        self.memory = "cuda" if self.device == "cuda" else "cpu"
        """Where onnxruntime keeps what is handed from one run to the next."""
        self.shared = self.memory == "cpu"
        """Whether numpy can read and write there."""

    def most(self, wanted: int) -> int:
        """How many sounds to decode at once where `wanted` are to be."""
        sizes = self.sizes
        each = 2 * sizes.n_text_layer * sizes.n_audio_ctx * sizes.n_text_state * np.dtype(self.real).itemsize
        return max(min(wanted, _ROOM // each), 1) if self.shared else wanted

    def cross_names(self) -> list[str]:
        """Outputs of the encoder."""
        return [f"cross_{part}_{layer}" for part in _PARTS for layer in range(self.sizes.n_text_layer)]

    def cache_names(self) -> list[str]:
        """Inputs of the decoder that it also gives back, written in place."""
        return [f"self_{part}_{layer}" for part in _PARTS for layer in range(self.sizes.n_text_layer)]

    def value(self, array: NDArray[Any], memory: str = CPU) -> Any:
        """`array` as onnxruntime takes it: the array itself on the CPU, else a copy in that memory."""
        import onnxruntime

        return onnxruntime.OrtValue.ortvalue_from_numpy(array, memory)

    def room(self, shape: tuple[int, ...]) -> Any:
        """An `onnxruntime.OrtValue` of this shape with nothing in it yet."""
        import onnxruntime

        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, self.real, self.memory)


@dataclass(frozen=True, slots=True)
class Cross:
    """Keys and values of some sounds in all layers, as the decoder takes them."""

    shape: tuple[int, ...]
    """[sounds, heads, n_audio_ctx, width of a head]"""
    addresses: Mapping[str, int]
    """Name of an input → where it begins in memory."""


class Sounds:
    """Some sounds, encoded: rows, numbered from 0, that change places to lie together when asked for."""

    def __init__(self, graphs: WhisperGraphs, mels: Sequence[NDArray[np.float32]]) -> None:
        """Encode spectrograms, each [n_mels, 2·n_audio_ctx]."""
        sizes = graphs.sizes
        self._graphs, self._mels = graphs, mels
        self._shape = (len(mels), sizes.n_text_head, sizes.n_audio_ctx, sizes.head)
        self._arrays: dict[str, NDArray[Any]] = {}
        self._values: dict[str, Any] = {}
        for name in graphs.cross_names():
            if graphs.shared:
                self._arrays[name] = np.empty(self._shape, graphs.real)
                self._values[name] = graphs.value(self._arrays[name])
            else:
                self._values[name] = graphs.room(self._shape)
        self._rows = [-1] * len(mels)
        for row in range(len(mels)):
            self._encode(row, row)

    @property
    def movable(self) -> bool:
        """Whether rows change places at little cost; else they are encoded anew."""
        return self._graphs.shared

    def bring(self, rows: Sequence[int]) -> tuple[list[int], Cross]:
        """The keys and values of `rows`, one behind another, and the order in which the rows lie.

        What was brought before is no longer valid.
        """
        places = sorted(self._rows.index(row) for row in rows if row in self._rows)
        first = places[0] if places else 0
        if places != list(range(first, first + len(rows))):
            first = 0
            for place, row in enumerate(sorted(rows)):
                self._put(row, place)
        return self._rows[first : first + len(rows)], self._cross(first, len(rows))

    def _cross(self, first: int, count: int) -> Cross:
        size = int(np.prod(self._shape[1:])) * np.dtype(self._graphs.real).itemsize
        addresses = {name: value.data_ptr() + first * size for name, value in self._values.items()}
        return Cross((count, *self._shape[1:]), addresses)

    def _put(self, row: int, place: int) -> None:
        """Have `row` at `place`."""
        if self._rows[place] == row:
            return
        if not self.movable:
            self._rows = [-1 if held == row else held for held in self._rows]
            self._encode(row, place)
            return
        other = self._rows.index(row)
        for array in self._arrays.values():
            kept = array[place].copy()
            array[place], array[other] = array[other], kept
        self._rows[place], self._rows[other] = row, self._rows[place]

    def _encode(self, row: int, place: int) -> None:
        graphs, cross = self._graphs, self._cross(place, 1)
        binding = graphs.encoder.io_binding()
        binding.bind_ortvalue_input(
            "mel", graphs.value(np.ascontiguousarray(self._mels[row][None], graphs.real))
        )
        for name, address in cross.addresses.items():
            binding.bind_output(name, graphs.memory, 0, graphs.real, cross.shape, address)
        run_bound(graphs.encoder, ENCODER, binding)
        self._rows[place] = row


@dataclass(slots=True)
class _Cache:
    """Keys and values of the text of one layer: [rows, heads, positions, width of a head]."""

    array: NDArray[Any] | None
    """Where it lies, if that is on the CPU."""
    value: Any


class DecoderRun:
    """The decoder on some sounds, step by step; each sound has one row or more, one behind another."""

    def __init__(self, graphs: WhisperGraphs, cross: Cross, rows: int, length: int) -> None:
        """`cross` is what the decoder hears, `rows` how many texts, `length` how long they begin."""
        self._graphs, self._cross = graphs, cross
        self._rows, self._done = rows, 0
        self._capacity = self._fitting(length)
        shape = self._shape(rows, self._capacity)
        self._caches = {name: self._cache(np.zeros(shape, graphs.real)) for name in graphs.cache_names()}
        self._offset = np.zeros(1, np.int64)
        self._tokens, self._logits = np.zeros((rows, 0), np.int64), np.zeros((rows, 0, 1), np.float32)
        self._binding: Any = None

    def run(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """Logits [rows, n, vocabulary] behind each of `tokens` [rows, n]; valid until the next call."""
        self._prepare(tokens)
        run_bound(self._graphs.decoder, DECODER, self._binding)
        self._done += tokens.shape[1]
        return self._logits

    def run_attending(self, tokens: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """As `run`, and the alignment heads' attention to the sound: [heads, rows, n, n_audio_ctx]."""
        graphs = self._graphs
        shape = (graphs.alignment_heads, *tokens.shape, graphs.sizes.n_audio_ctx)
        attention = np.empty(shape, np.float32)
        self._prepare(tokens)
        self._binding.bind_ortvalue_output("cross_attention", graphs.value(attention))
        run_bound(graphs.decoder, DECODER_WORDS, self._binding)
        self._done += tokens.shape[1]
        self._binding = None  # the next call binds without attention
        return self._logits, attention

    def rearrange(self, sources: Sequence[int], cross: Cross | None = None) -> None:
        """Let row i go on from where row `sources[i]` is; with `cross`, for other sounds than before."""
        if cross is not None:
            self._cross, self._binding = cross, None
        if len(sources) != self._rows:
            self._move(sources, self._capacity)
        elif list(sources) != list(range(self._rows)):
            for cache in self._caches.values():
                self._reorder(cache, sources)

    def _prepare(self, tokens: NDArray[np.int64]) -> None:
        """Have `tokens` and everything else bound."""
        if self._done + tokens.shape[1] > self._capacity:
            self._move(range(self._rows), self._fitting(self._done + tokens.shape[1]))
        if self._binding is None or self._tokens.shape != tokens.shape:
            self._bind(tokens.shape)
        self._tokens[...], self._offset[0] = tokens, self._done
        if self._graphs.device != CPU:  # what is bound is sent to the device when it is bound
            self._bind_inputs()

    def _bind(self, shape: tuple[int, ...]) -> None:
        graphs = self._graphs
        if self._tokens.shape != shape:
            self._tokens = np.zeros(shape, np.int64)
            self._logits = np.empty((*shape, graphs.sizes.n_vocab), np.float32)
        self._binding = graphs.decoder.io_binding()
        for name, address in self._cross.addresses.items():
            self._binding.bind_input(name, graphs.memory, 0, graphs.real, self._cross.shape, address)
        self._binding.bind_ortvalue_output("logits", graphs.value(self._logits))
        for name, cache in self._caches.items():
            self._binding.bind_ortvalue_output(f"{name}_out", cache.value)
        self._bind_inputs()

    def _bind_inputs(self) -> None:
        """Bind what changes between two steps."""
        graphs, binding = self._graphs, self._binding
        binding.bind_ortvalue_input("tokens", graphs.value(self._tokens))
        binding.bind_ortvalue_input("offset", graphs.value(self._offset))
        for name, cache in self._caches.items():
            binding.bind_ortvalue_input(name, cache.value)

    def _fitting(self, length: int) -> int:
        most = self._graphs.sizes.n_text_ctx
        return next((size for size in _LENGTHS if length <= size <= most), most)

    def _shape(self, rows: int, capacity: int) -> tuple[int, ...]:
        return rows, self._graphs.sizes.n_text_head, capacity, self._graphs.sizes.head

    def _cache(self, array: NDArray[Any]) -> _Cache:
        graphs = self._graphs
        return _Cache(array if graphs.shared else None, graphs.value(array, graphs.memory))

    def _held(self, cache: _Cache) -> NDArray[Any]:
        array: NDArray[Any] = cache.value.numpy() if cache.array is None else cache.array
        return array

    def _reorder(self, cache: _Cache, sources: Sequence[int]) -> None:
        held = self._held(cache)
        held[:, :, : self._done] = held[:, :, : self._done][list(sources)]
        if cache.array is None:
            cache.value.update_inplace(held)

    def _move(self, sources: Sequence[int], capacity: int) -> None:
        """Move the cache to one for other rows, or of another length."""
        shape = self._shape(len(sources), capacity)
        for name, cache in self._caches.items():
            # zeros, not whatever was there: what is not attended to must still be numbers
            moved = np.zeros(shape, self._graphs.real)
            moved[:, :, : self._done] = self._held(cache)[:, :, : self._done][list(sources)]
            self._caches[name] = self._cache(moved)
        self._rows, self._capacity, self._binding = len(sources), capacity, None


def _real(session: Any) -> type[np.floating[Any]]:
    """The type of real numbers of a graph."""
    kinds = {port.name: port.type for port in session.get_inputs()}
    return np.float16 if kinds.get("mel") == "tensor(float16)" else np.float32
