"""The recognisers of sherpa-onnx (k2-fsa): transducers, CTC, Paraformer, SenseVoice and its own Whisper.

Which one a folder holds is told by its files and by what its graph says of itself, as sherpa-onnx does.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.errors import ModelError, OptionError, UnknownName
from accessify.core.timeline import Span, millis, seconds
from accessify.engines.sherpa_folder import Kind, find_kind, open_kind
from accessify.speech.transcribe import Piece, Transcript
from accessify.speech.whisper_options import WhisperOptions, language_tag
from accessify.speech.whisper_pieces import starts_word, within
from accessify.speech.whisper_windows import cut_windows, join_parts, level

_SHORTEST = SPEECH_RATE // 2
"""Samples below which networks have nothing to subsample; silence is put behind."""
_LONGEST_TOKEN = millis(400)
"""A token is taken to last until the next one, but no longer than this: most networks tell its start only."""


class Sherpa:
    """A `Recognizer` by what lies in a folder of sherpa-onnx."""

    def __init__(self, files: Mapping[str, Path], options: WhisperOptions | None = None) -> None:
        """`files` (name → path) are those of a model that was published for sherpa-onnx.

        A network that cannot be asked for a language takes the one it is told for its own. Raises
        `ModelNotFound`, `ModelError`, `UnknownName` and `OptionError` where the options ask for what the
        model or this build cannot do, and `MissingExtra`.
        """
        self._options, self._lock = options or WhisperOptions(), threading.Lock()
        self._kind: Kind = find_kind(files)
        code, known = self._options.code, self._kind.codes
        if code is not None and known and code not in known:
            raise UnknownName("language for this model", code, tuple(map(language_tag, known)))
        if self._options.task != "transcribe" and self._kind.factory != "from_whisper":
            raise OptionError("only a Whisper can translate; leave the task out or take another model")
        self.languages = tuple(map(language_tag, known or ([code] if code else [])))
        self._recognizer = open_kind(self._kind, self._options)

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        """One transcript for each utterance (16 kHz), in batches of `WhisperOptions.batch`."""
        cut = [cut_windows(utterance, self._kind.window) for utterance in utterances]
        sounds = [sound for parts in cut for sound in parts]
        transcripts = [Transcript(())] * len(sounds)
        loud = [at for at, sound in enumerate(sounds) if level(sound) > self._options.silence]
        for first in range(0, len(loud), self._options.batch):
            batch = loud[first : first + self._options.batch]
            for at, result in zip(batch, self._decode([sounds[at] for at in batch]), strict=True):
                transcripts[at] = self._transcript(sounds[at], result)
        rest = iter(transcripts)
        return tuple(join_parts([next(rest) for _ in parts]) for parts in cut)

    def close(self) -> None:
        """Free the network."""
        del self._recognizer

    def _decode(self, sounds: Sequence[Audio]) -> list[Any]:
        streams = [self._recognizer.create_stream() for _ in sounds]
        for stream, sound in zip(streams, sounds, strict=True):
            behind = max(_SHORTEST - len(sound), 0)
            stream.accept_waveform(SPEECH_RATE, np.pad(sound.samples, (0, behind)))
        try:
            with self._lock:
                self._recognizer.decode_streams(streams)
        except RuntimeError as error:
            raise ModelError(f"sherpa-onnx cannot run this model ({error}); fetch it again") from error
        return [stream.result for stream in streams]

    def _transcript(self, sound: Audio, result: Any) -> Transcript:
        code = str(result.lang).strip("<|>") or self._options.code
        tag = language_tag(code) if code else None
        pieces, told = _pieces(result, sound)
        return Transcript(pieces, language=tag, tells_chances=told)


def _pieces(result: Any, sound: Audio) -> tuple[tuple[Piece, ...], bool]:
    """The text cut where its tokens end, and whether chances are told.

    It is cut at spaces, without times and chances, where the tokens do not spell it.
    """
    text, tokens = result.text, [token.strip().removesuffix("@@") for token in result.tokens]
    if "".join(tokens).replace(" ", "") != text.replace(" ", ""):
        return tuple(Piece(f" {word}".encode(), 1.0, starts_word=True) for word in text.split()), False
    spans = _spans(result, sound)
    sure = len(result.ys_log_probs) == len(tokens)
    pieces, at = list[Piece](), 0
    for place, token in enumerate(tokens):
        if token:
            end = text.index(token, at) + len(token)
            chance = min(math.exp(result.ys_log_probs[place]), 1.0) if sure else 1.0
            begins = starts_word(text[:at], text[at:end])
            pieces.append(Piece(text[at:end].encode(), chance, begins, None, spans[place]))
            at = end
    return tuple(pieces), sure


def _spans(result: Any, sound: Audio) -> list[Span | None]:
    """When each token was said, where the network tells that."""
    starts = [seconds(start) for start in result.timestamps]
    if len(starts) != len(result.tokens):
        return [None] * len(result.tokens)
    after = [*starts[1:], *(start + _LONGEST_TOKEN for start in starts[-1:])]
    ends = [min(start + _LONGEST_TOKEN, then) for start, then in zip(starts, after, strict=True)]
    return [within(sound, Span(start, max(start, end))) for start, end in zip(starts, ends, strict=True)]
