"""Whisper by openai-whisper's own decoder and word timing (torch; 100 languages; translation to English).

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision",
arXiv:2212.04356. What the decoder says is judged by the guards of `speech.whisper_options`.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.errors import ModelNotFound, OptionError, UnknownName
from accessify.core.timeline import Span, millis, samples
from accessify.engines.whisper_weights import choose_device, open_whisper, torch_module, whisper_module
from accessify.speech.transcribe import Piece, Transcript
from accessify.speech.whisper_options import (
    Attempt,
    Verdict,
    WhisperOptions,
    judge,
    language_tag,
    least_bad,
    prompt_tokens,
)

_POSITION = millis(20)
"""Of the encoder, and of the times that the model writes; two frames of the spectrogram."""
_FRAME = SPEECH_RATE // 100
_BEHIND = 25
"""Positions behind the sound's end (0.5 s) from which text is invented: the model's times are not exact."""
_NEVER = 1 << 30
_FEWEST_FRAMES = 4
"""The alignment needs more than one position."""
_SEED = 7
_BEFORE, _AFTER = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"
"""Marks that belong to the word after and the word before (openai-whisper's defaults)."""


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A text as the decoder gave it."""

    attempt: Attempt
    language: str
    """Whisper's code."""
    finished: bool


class Whisper:
    """A `Recognizer` in the languages of a Whisper checkpoint."""

    def __init__(
        self,
        files: Mapping[str, Path] | Path,
        options: WhisperOptions | None = None,
        device: str = "auto",
        half: bool | None = None,
    ) -> None:
        """`files` is the checkpoint, or holds it as "model.pt"; `half` computes in fp16 (None: on a GPU).

        Raises `ModelNotFound` and `ModelError` for the checkpoint, `OptionError` where the options ask
        for what it cannot do (a language, a glossary of that length) or the device is not there, and
        `MissingExtra`.
        """
        self._whisper, self._timing = whisper_module(), whisper_module("timing")
        device = choose_device(device)
        self._half = device.startswith("cuda") if half is None else half
        self._model: Any = open_whisper(_checkpoint(files), device)
        if self._half:
            _halve(self._model)
        self._options, self._lock = options or WhisperOptions(), threading.Lock()
        self._codes = self._known_codes()
        self.languages = tuple(map(language_tag, self._codes))
        self._check(self._options)
        self._prompt = prompt_tokens(self._options, self._encode_text, self._model.dims.n_text_ctx // 2 - 1)
        self._window = 2 * self._model.dims.n_audio_ctx * _FRAME

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        """One transcript for each utterance (16 kHz), in batches of `WhisperOptions.batch`.

        Utterances longer than the model hears at once (30 s) are cut where they are quietest.
        """
        parts = [self._cut(utterance) for utterance in utterances]
        flat = [part for part_list in parts for part in part_list]
        with self._lock:  # the decoder keeps its cache in hooks on the one model
            heard = iter(self._recognize(flat))
        return tuple(_joined([next(heard) for _ in part_list]) for part_list in parts)

    def detect(self, utterance: Audio) -> dict[str, float]:
        """BCP 47 tag → probability that it is spoken in the first 30 s, the likeliest first."""
        if len(self._codes) == 1:
            return {self.languages[0]: 1.0}
        with self._lock:
            _, found = self._whisper.detect_language(self._model, self._encode([utterance]))
        ranked = sorted(found[0].items(), key=lambda item: -item[1])
        return {language_tag(code): chance for code, chance in ranked}

    def close(self) -> None:
        """Free the network."""
        del self._model

    def _known_codes(self) -> tuple[str, ...]:
        if not self._model.is_multilingual:
            return ("en",)
        return tuple(self._whisper.tokenizer.LANGUAGES)[: self._model.num_languages]

    def _check(self, options: WhisperOptions) -> None:
        if options.code is not None and options.code not in self._codes:
            hint = "this model is English only" if len(self._codes) == 1 else ""
            raise UnknownName("language for this Whisper", options.language or "", self.languages, hint)
        if options.task == "translate" and len(self._codes) == 1:
            raise OptionError("an English model cannot translate; use a multilingual one (without .en)")

    def _tokenizer(self, code: str) -> Any:
        model = self._model
        return self._whisper.tokenizer.get_tokenizer(
            model.is_multilingual, num_languages=model.num_languages, language=code, task=self._options.task
        )

    def _encode_text(self, text: str) -> list[int]:
        tokens: list[int] = self._tokenizer("en").encode(text, disallowed_special=())
        return tokens

    def _cut(self, audio: Audio) -> list[Audio]:
        """`audio` in parts that fit into the model's window, cut at the quietest 20 ms of the last sixth."""
        parts, step = [], 2 * _FRAME
        while len(audio) > self._window:
            late = audio.samples[self._window * 5 // 6 : self._window]
            power = np.square(late[: len(late) // step * step]).reshape(-1, step).mean(axis=1)
            at = self._window * 5 // 6 + int(np.argmin(power)) * step
            parts.append(Audio(audio.samples[:at], audio.rate, audio.start))
            audio = Audio(audio.samples[at:], audio.rate, audio.start + samples(at, audio.rate))
        return [*parts, audio]

    def _recognize(self, sounds: Sequence[Audio]) -> list[Transcript]:
        transcripts = [Transcript(())] * len(sounds)
        loud = [index for index, sound in enumerate(sounds) if _level(sound) > self._options.silence]
        for first in range(0, len(loud), self._options.batch):
            batch = loud[first : first + self._options.batch]
            features = self._encode([sounds[index] for index in batch])
            for row, (index, decoded) in enumerate(zip(batch, self._decode(features), strict=True)):
                transcripts[index] = self._transcript(sounds[index], features[row], decoded)
        return transcripts

    def _encode(self, sounds: Sequence[Audio]) -> Any:
        """What the encoder makes of each sound: [rows, n_audio_ctx, n_audio_state]."""
        torch = torch_module()
        model, audio = self._model, self._whisper.audio
        mels = [  # one by one: the loudest point of a whole batch would set the floor of each
            audio.log_mel_spectrogram(
                audio.pad_or_trim(torch.from_numpy(sound.samples.copy()), self._window),
                model.dims.n_mels,
                device=model.device,
            )
            for sound in sounds
        ]
        with torch.no_grad():
            return model.encoder(torch.stack(mels).to(torch.float16 if self._half else torch.float32))

    def _decode(self, features: Any) -> list[_Decoded]:
        """The text of each row that the guards like, or the least bad one."""
        coolest, *hotter = self._options.temperatures
        one_by_one = self._options.beam > 1 or coolest > 0
        rows = features.split(1 if one_by_one else len(features))
        found = [decoded for row in rows for decoded in self._attempt(row, coolest)]
        for index, first in enumerate(found):
            tried = [first]
            for temperature in hotter:
                if judge(tried[-1].attempt, self._options) is not Verdict.AGAIN:
                    break
                tried += self._attempt(features[index : index + 1], temperature)
            if judge(tried[-1].attempt, self._options) is Verdict.AGAIN:
                found[index] = tried[least_bad([one.attempt for one in tried], self._options)]
            else:
                found[index] = tried[-1]
        return found

    def _attempt(self, features: Any, temperature: float) -> list[_Decoded]:
        """Each row decoded at `temperature`; rows that are sampled or searched with a beam come alone.

        openai-whisper's beam search takes one row at a time, and a row that is sampled with its own
        seed does not depend on its neighbours.
        """
        torch = torch_module()
        wanted = self._decoding_options(temperature)
        devices = [features.device] if features.is_cuda else []
        with torch.random.fork_rng(devices, enabled=temperature > 0):
            if temperature > 0:
                torch.manual_seed(_SEED)
            results = self._whisper.decode(self._model, features, wanted)
        return [self._decoded(result) for result in results]

    def _decoding_options(self, temperature: float) -> Any:
        options = self._options
        search = options.beam > 1 and temperature == 0
        return self._whisper.DecodingOptions(
            task=options.task,
            language=options.code if len(self._codes) > 1 else "en",
            temperature=temperature,
            beam_size=options.beam if search else None,
            patience=options.patience if search else None,
            prompt=self._prompt or None,
            without_timestamps=not options.timestamps,
            fp16=self._half,
        )

    def _decoded(self, result: Any) -> _Decoded:
        tokenizer, length = self._tokenizer(result.language), self._model.dims.n_text_ctx
        before = len(tokenizer.sot_sequence) + (not self._options.timestamps)
        before += len(self._prompt) + 1 if self._prompt else 0
        most = min(length // 2, length + 1 - before)
        attempt = Attempt(result.text, tuple(result.tokens), result.avg_logprob, result.no_speech_prob)
        return _Decoded(attempt, result.language, len(result.tokens) < most)

    def _transcript(self, sound: Audio, features: Any, decoded: _Decoded) -> Transcript:
        """Words, their times and chances; none where nobody speaks."""
        if judge(decoded.attempt, self._options) is Verdict.SILENT:
            return Transcript((), language=language_tag(decoded.language))
        tokenizer = self._tokenizer(decoded.language)
        last = -(-len(sound) // (2 * _FRAME)) + _BEHIND if self._options.timestamps else _NEVER
        text, cut = _audible(decoded.attempt.tokens, tokenizer, last)
        pieces = self._pieces(sound, features, tokenizer, text) if text else ()
        return Transcript(pieces, decoded.finished or cut, language_tag(decoded.language))

    def _pieces(self, sound: Audio, features: Any, tokenizer: Any, text: list[int]) -> tuple[Piece, ...]:
        torch = torch_module()
        if self._options.task == "translate":
            tokenizer = copy.copy(tokenizer)
            tokenizer.language = "en"  # how words are told apart; what stands before the text stays
        heard = _Heard(self._model)
        if self._options.words:
            frames = max(len(sound) // _FRAME, _FEWEST_FRAMES)
            words = self._timing.find_alignment(heard, tokenizer, text, features, frames)
        else:
            parts = zip(*tokenizer.split_to_word_tokens([*text, tokenizer.eot]), strict=True)
            words = [self._timing.WordTiming(word, tokens, 0, 0, 1) for word, tokens in parts][:-1]
            line = [*tokenizer.sot_sequence, tokenizer.no_timestamps, *text, tokenizer.eot]
            with torch.no_grad():
                heard(features[None], torch.tensor([line], device=features.device))
        self._timing.merge_punctuations(words, _BEFORE, _AFTER)
        logits = heard.logits[0, len(tokenizer.sot_sequence) :][: len(text), : tokenizer.eot]
        chances = logits.float().softmax(dim=-1)[range(len(text)), text].tolist()
        return self._spelled(sound, tokenizer, words, list(zip(text, chances, strict=True)))

    def _spelled(
        self, sound: Audio, tokenizer: Any, words: Sequence[Any], rest: list[tuple[int, float]]
    ) -> tuple[Piece, ...]:
        """The tokens of each word with their chances; tokens that no word claims join the last one."""
        pieces: list[Piece] = []
        for word in words:
            span = _span(sound, word) if self._options.words else None
            for place, _ in enumerate(word.tokens):
                token, chance = rest.pop(0)
                raw = tokenizer.encoding.decode_single_token_bytes(token)
                pieces.append(Piece(raw, min(chance, 1.0), place == 0, token, span))
        for token, chance in rest:
            raw = tokenizer.encoding.decode_single_token_bytes(token)
            pieces.append(Piece(raw, chance, not pieces, token, pieces[-1].span if pieces else None))
        return tuple(pieces)


class _Heard:
    """A Whisper that has heard already: in place of a spectrogram it takes what its encoder made of it.

    `find_alignment` would run the encoder a second time, and keeps the logits to itself.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self.dims, self.decoder, self.device = model.dims, model.decoder, model.device
        self.alignment_heads = model.alignment_heads
        self.logits: Any = None
        """[1, tokens, vocabulary] of the last call."""

    def __call__(self, features: Any, tokens: Any) -> Any:
        self.logits = self._model.decoder(tokens, features)
        return self.logits


def _checkpoint(files: Mapping[str, Path] | Path) -> Path:
    if not isinstance(files, Mapping):
        return Path(files)
    if "model.pt" not in files:
        raise ModelNotFound(
            f"no model.pt among {', '.join(files) or 'no files'}; run: accessify models verify"
        )
    return files["model.pt"]


def _halve(model: Any) -> None:
    """Keep in half precision what openai-whisper would convert anew at every step, and nothing else."""
    torch = torch_module()
    for module in model.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv1d):
            module.half()


def _level(sound: Audio) -> float:
    """Root mean square; 0 for no sound."""
    return float(np.sqrt(np.mean(np.square(sound.samples, dtype=np.float64)))) if len(sound) else 0.0


def _audible(tokens: Sequence[int], tokenizer: Any, last: int) -> tuple[list[int], bool]:
    """The text tokens before the first time after position `last`, and whether there was such a time."""
    text: list[int] = []
    for token in tokens:
        if token - tokenizer.timestamp_begin > last:
            return text, True
        if token < tokenizer.eot:
            text.append(token)
    return text, False


def _span(sound: Audio, word: Any) -> Span:
    """When the word was said, within the sound."""
    start, end = (sound.start + round(time * 50) * _POSITION for time in (word.start, word.end))
    last = sound.span.end
    return Span(min(start, last), min(max(start, end), last))


def _joined(parts: Sequence[Transcript]) -> Transcript:
    """The transcript of an utterance heard in parts; its language is that of the first with words."""
    if len(parts) == 1:
        return parts[0]
    spoken = next((part for part in parts if part.pieces), parts[0])
    pieces = tuple(piece for part in parts for piece in part.pieces)
    return Transcript(pieces, all(part.finished for part in parts), spoken.language)
