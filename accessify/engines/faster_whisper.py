"""Whisper by faster-whisper: CTranslate2 decodes and aligns, with our guards around it (`whisper_hear`).

What is sampled above temperature 0 is seeded once for each process: runs repeat, calls within one do not.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.audio import Audio
from accessify.engines.byte_letters import to_bytes
from accessify.engines.ctranslate_folder import faster_whisper_module, open_folder
from accessify.speech.attention_times import join_marks, timed_words
from accessify.speech.log_mel import log_mel
from accessify.speech.transcribe import Piece, Transcript
from accessify.speech.whisper_hear import Believed, Decoded, check_languages, hear
from accessify.speech.whisper_options import Attempt, WhisperOptions, language_tag, prompt_tokens
from accessify.speech.whisper_pieces import Group, spell, within
from accessify.speech.whisper_windows import FRAME

_FRAMES, _LENGTH = 3000, 448
"""Of the sound (10 ms) and of the text: every published Whisper, and all that faster-whisper knows."""
_FEWEST = 4  # frames; the alignment needs more than one position (20 ms)


class FasterWhisper:
    """A `Recognizer` in the languages of a Whisper that was converted for CTranslate2."""

    def __init__(
        self, files: Mapping[str, Path], options: WhisperOptions | None = None, threads: int | None = None
    ) -> None:
        """`files` (name → path) are those of such a folder; `threads` is None for all processors.

        Raises as `open_folder` does, and `OptionError` where the options ask for what the model cannot do.
        """
        self._options, self._lock = options or WhisperOptions(), threading.Lock()
        self._whisper = open_folder(files, self._options.device, threads)
        self._model, texts = self._whisper.model, self._whisper.hf_tokenizer
        texts.encode_special_tokens = True  # <|en|> in a prompt is text
        known = [code for code in self._whisper.supported_languages if texts.token_to_id(f"<|{code}|>")]
        self._codes = tuple(known) if self._model.is_multilingual else ("en",)
        self.languages = tuple(map(language_tag, self._codes))
        check_languages(self._options, self._codes)
        tokens = self._tokenizer("en")
        self._prompt = prompt_tokens(self._options, tokens.encode, _LENGTH // 2 - 1)
        self.window, self.end, self.times = _FRAMES * FRAME, tokens.eot, tokens.timestamp_begin
        controls = (tokens.transcribe, tokens.translate, tokens.sot, tokens.sot_prev, tokens.sot_lm)
        self._unsaid = [*tokens.non_speech_tokens, *controls, tokens.no_speech]

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        """One transcript for each utterance (16 kHz), in batches of `WhisperOptions.batch`."""
        with self._lock:
            return hear(self, utterances, self._options)

    def close(self) -> None:
        """Free the network."""
        del self._model, self._whisper

    def encode(self, sounds: Sequence[Audio]) -> Any:
        """What the encoder makes of each sound: [rows, positions, width]."""
        mels = [log_mel(sound.samples, self._model.n_mels, _FRAMES) for sound in sounds]
        return np.array(self._model.encode(_stored(np.stack(mels)), to_cpu=True))

    def attempt(self, heard: Any, rows: Sequence[int], temperature: float) -> list[Decoded]:
        """The text of each of `rows` at `temperature`."""
        options, features = self._options, _stored(heard[list(rows)])
        codes = [options.code or "en"] * len(rows)
        if options.code is None and len(self._codes) > 1:
            codes = [found[0][0][2:-2] for found in self._model.detect_language(features)]
        openings = [self._opening(code) for code in codes]
        search = {"beam_size": options.beam, "patience": options.patience}
        sample = {"beam_size": 1, "sampling_topk": 0, "sampling_temperature": temperature}
        how: dict[str, Any] = {"max_length": _LENGTH, "return_scores": True, "return_no_speech_prob": True}
        how |= {"suppress_tokens": self._unsaid} | (sample if temperature > 0 else search)
        results = self._model.generate(features, openings, **how)
        most = min(_LENGTH // 2, _LENGTH - len(openings[0]))
        found = []
        for code, result in zip(codes, results, strict=True):
            tokens = tuple(result.sequences_ids[0])
            chance = result.scores[0] * len(tokens) / (len(tokens) + 1)  # a mean without the end
            text = self._tokenizer(code).decode(list(tokens)).strip()
            attempt = Attempt(text, tokens, chance, result.no_speech_prob)
            found.append(Decoded(attempt, code, len(tokens) < most))
        return found

    def pieces(self, heard: Any, row: int, believed: Believed) -> tuple[Piece, ...]:
        """The words of a row, with chances, and times where they are asked for."""
        text, sound, code = believed.tokens, believed.sound, believed.decoded.language
        frames = min(max(len(sound) // FRAME, _FEWEST), _FRAMES)
        opening = self._tokenizer(code).sot_sequence
        (aligned,) = self._model.align(_stored(heard[row : row + 1]), opening, [text], frames)
        path, chances = np.array(aligned.alignments), aligned.text_token_probs
        written = self._tokenizer("en" if self._options.task == "translate" else code)
        words = list(zip(*written.split_to_word_tokens([*text, self.end]), strict=True))[:-1]
        timed = join_marks(timed_words(words, path[np.diff(path[:, 0], prepend=-1) > 0, 1], chances))
        spans = [within(sound, word.span) if self._options.words else None for word in timed]
        groups = [Group(word.tokens, span) for word, span in zip(timed, spans, strict=True)]
        return spell(groups, chances, lambda token: to_bytes(self._whisper.hf_tokenizer.id_to_token(token)))

    def _tokenizer(self, code: str) -> Any:
        known, many = self._whisper.hf_tokenizer, self._model.is_multilingual
        return faster_whisper_module("faster_whisper.tokenizer").Tokenizer(
            known, many, self._options.task, code
        )

    def _opening(self, code: str) -> list[int]:
        tokens = self._tokenizer(code)
        before = [tokens.sot_prev, *self._prompt] if self._prompt else []
        return [*before, *tokens.sot_sequence, *[tokens.no_timestamps] * (not self._options.timestamps)]


def _stored(values: Any) -> Any:
    return faster_whisper_module("ctranslate2").StorageView.from_array(np.ascontiguousarray(values))
