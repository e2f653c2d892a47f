"""Whisper by openai-whisper's own decoder and word timing (torch; 100 languages; translation to English).

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision",
arXiv:2212.04356. What is done around the decoder is in `speech.whisper_hear`.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from accessify.core.audio import Audio
from accessify.core.errors import ModelNotFound
from accessify.core.timeline import Span, millis
from accessify.engines.whisper_weights import choose_device, open_whisper, torch_module, whisper_module
from accessify.speech.attention_times import CLOSING_MARKS, OPENING_MARKS
from accessify.speech.transcribe import Piece, Transcript
from accessify.speech.whisper_hear import Believed, Decoded, check_languages, hear
from accessify.speech.whisper_options import Attempt, WhisperOptions, language_tag, prompt_tokens
from accessify.speech.whisper_pieces import Group, spell, within
from accessify.speech.whisper_windows import FRAME

_POSITION = millis(20)
"""Of the encoder, and of the times that the model writes; two frames of the spectrogram."""
_FEWEST_FRAMES = 4
"""The alignment needs more than one position."""
_SEED = 7


class Whisper:
    """A `Recognizer` in the languages of a Whisper checkpoint."""

    def __init__(
        self,
        files: Mapping[str, Path] | Path,
        options: WhisperOptions | None = None,
        half: bool | None = None,
    ) -> None:
        """`files` is the checkpoint, or holds nothing else; `half` computes in fp16 (None: on a GPU).

        Raises `ModelNotFound` and `ModelError` for the checkpoint, `OptionError` where the options ask
        for what it cannot do (a language, a glossary of that length) or the device is not there, and
        `MissingExtra`.
        """
        self._whisper, self._timing = whisper_module(), whisper_module("timing")
        self._options, self._lock = options or WhisperOptions(), threading.Lock()
        device = choose_device(self._options.device)
        self._half = device.startswith("cuda") if half is None else half
        self._model: Any = open_whisper(_checkpoint(files), device)
        if self._half:
            _halve(self._model)
        self._codes = self._known_codes()
        self.languages = tuple(map(language_tag, self._codes))
        check_languages(self._options, self._codes)
        self._prompt = prompt_tokens(self._options, self._encode_text, self._model.dims.n_text_ctx // 2 - 1)
        self.window = 2 * self._model.dims.n_audio_ctx * FRAME
        tokenizer = self._tokenizer("en")
        self.end, self.times = tokenizer.eot, tokenizer.timestamp_begin

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        """One transcript for each utterance (16 kHz), in batches of `WhisperOptions.batch`.

        Utterances longer than the model hears at once (30 s) are cut where they are quietest.
        """
        with self._lock:  # the decoder keeps its cache in hooks on the one model
            return hear(self, utterances, self._options)

    def detect(self, utterance: Audio) -> dict[str, float]:
        """BCP 47 tag → probability that it is spoken in the first 30 s, the likeliest first."""
        if len(self._codes) == 1:
            return {self.languages[0]: 1.0}
        with self._lock:
            _, found = self._whisper.detect_language(self._model, self.encode([utterance]))
        ranked = sorted(found[0].items(), key=lambda item: -item[1])
        return {language_tag(code): chance for code, chance in ranked}

    def close(self) -> None:
        """Free the network."""
        del self._model

    def encode(self, sounds: Sequence[Audio]) -> Any:
        """What the encoder makes of each sound: [rows, n_audio_ctx, n_audio_state]."""
        torch = torch_module()
        model, audio = self._model, self._whisper.audio
        mels = [  # one by one: the loudest point of a whole batch would set the floor of each
            audio.log_mel_spectrogram(
                audio.pad_or_trim(torch.from_numpy(sound.samples.copy()), self.window),
                model.dims.n_mels,
                device=model.device,
            )
            for sound in sounds
        ]
        with torch.no_grad():
            return model.encoder(torch.stack(mels).to(torch.float16 if self._half else torch.float32))

    def attempt(self, heard: Any, rows: Sequence[int], temperature: float) -> list[Decoded]:
        """The text of each of `rows` at `temperature`; what is sampled or searched comes one by one.

        openai-whisper's beam search takes one row at a time, and a row that is sampled with its own
        seed does not depend on its neighbours.
        """
        features = heard[list(rows)]
        alone = self._options.beam > 1 or temperature > 0
        parts = features.split(1 if alone else max(len(features), 1))
        return [decoded for part in parts for decoded in self._decode(part, temperature)]

    def pieces(self, heard: Any, row: int, believed: Believed) -> tuple[Piece, ...]:
        """The words of a row, with chances, and times where they are asked for."""
        torch = torch_module()
        features, text, sound = heard[row], believed.tokens, believed.sound
        tokenizer = self._tokenizer(believed.decoded.language)
        if self._options.task == "translate":
            tokenizer = copy.copy(tokenizer)
            tokenizer.language = "en"  # how words are told apart; what stands before the text stays
        network = _Heard(self._model)
        if self._options.words:
            frames = max(len(sound) // FRAME, _FEWEST_FRAMES)
            words = self._timing.find_alignment(network, tokenizer, text, features, frames)
        else:
            parts = zip(*tokenizer.split_to_word_tokens([*text, tokenizer.eot]), strict=True)
            words = [self._timing.WordTiming(word, tokens, 0, 0, 1) for word, tokens in parts][:-1]
            line = [*tokenizer.sot_sequence, tokenizer.no_timestamps, *text, tokenizer.eot]
            with torch.no_grad():
                network(features[None], torch.tensor([line], device=features.device))
        self._timing.merge_punctuations(words, OPENING_MARKS, CLOSING_MARKS)
        logits = network.logits[0, len(tokenizer.sot_sequence) :][: len(text), : tokenizer.eot]
        chances = logits.float().softmax(dim=-1)[range(len(text)), text].tolist()
        return spell(self._groups(sound, words, text), chances, tokenizer.encoding.decode_single_token_bytes)

    def _known_codes(self) -> tuple[str, ...]:
        if not self._model.is_multilingual:
            return ("en",)
        return tuple(self._whisper.tokenizer.LANGUAGES)[: self._model.num_languages]

    def _tokenizer(self, code: str) -> Any:
        model = self._model
        return self._whisper.tokenizer.get_tokenizer(
            model.is_multilingual, num_languages=model.num_languages, language=code, task=self._options.task
        )

    def _encode_text(self, text: str) -> list[int]:
        tokens: list[int] = self._tokenizer("en").encode(text, disallowed_special=())
        return tokens

    def _decode(self, features: Any, temperature: float) -> list[Decoded]:
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

    def _decoded(self, result: Any) -> Decoded:
        tokenizer, length = self._tokenizer(result.language), self._model.dims.n_text_ctx
        before = len(tokenizer.sot_sequence) + (not self._options.timestamps)
        before += len(self._prompt) + 1 if self._prompt else 0
        most = min(length // 2, length + 1 - before)
        attempt = Attempt(result.text, tuple(result.tokens), result.avg_logprob, result.no_speech_prob)
        return Decoded(attempt, result.language, len(result.tokens) < most)

    def _groups(self, sound: Audio, words: Sequence[Any], text: list[int]) -> list[Group]:
        """The tokens of each word; those that no word claims (a broken end) join the last one."""
        groups = [Group(word.tokens, self._span(sound, word)) for word in words if word.tokens]
        rest = text[sum(len(group.tokens) for group in groups) :]
        if rest:
            last = groups.pop() if groups else Group([])
            groups.append(Group([*last.tokens, *rest], last.span))
        return groups

    def _span(self, sound: Audio, word: Any) -> Span | None:
        """When the word was said, within the sound."""
        if not self._options.words:
            return None
        start, end = (round(time * 50) * _POSITION for time in (word.start, word.end))
        return within(sound, Span(start, max(start, end)))


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
    if len(files) != 1:
        raise ModelNotFound(f"a checkpoint is one file such as base.pt, not {', '.join(files) or 'none'}")
    return next(iter(files.values()))


def _halve(model: Any) -> None:
    """Keep in half precision what openai-whisper would convert anew at every step, and nothing else."""
    torch = torch_module()
    for module in model.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv1d):
            module.half()
