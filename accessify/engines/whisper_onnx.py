"""Whisper by onnxruntime alone (100 languages; translation to English), from an exported folder.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", arXiv:2212.04356.
`accessify models export whisper` writes the folder. What is done around the decoder is in
`speech.whisper_hear`, and shared with the engine over torch.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import Audio
from accessify.core.cores import count_cores
from accessify.engines.session import open_on
from accessify.engines.whisper_decode import Decoding, Task, Written
from accessify.engines.whisper_folder import read_folder
from accessify.engines.whisper_graphs_session import DecoderRun, Sounds, WhisperGraphs
from accessify.engines.whisper_tokens import Tokens, read_tokens
from accessify.speech.attention_times import join_marks, timed_words, token_frames
from accessify.speech.log_mel import log_mel
from accessify.speech.transcribe import Piece, Transcript
from accessify.speech.whisper_beam import Beam
from accessify.speech.whisper_hear import Believed, Decoded, check_languages, hear
from accessify.speech.whisper_options import Attempt, WhisperOptions, language_tag, prompt_tokens
from accessify.speech.whisper_pieces import Group, spell, within
from accessify.speech.whisper_rules import Grammar, language_chances, log_softmax
from accessify.speech.whisper_search import Search, Single
from accessify.speech.whisper_sizes import VOCABULARY
from accessify.speech.whisper_windows import FRAME

_FEWEST = 2
"""The alignment needs more than one position."""
_SEED = 7
_WINDOW = 30
"""Seconds that openai-whisper takes the encoder's positions to be, whatever their number."""


@dataclass(slots=True)
class _Heard:
    """A batch of sounds, encoded."""

    sounds: Sounds
    count: int
    languages: list[str] = field(default_factory=list)
    """Whisper's code of each, once it is known."""


class WhisperOnnx:
    """A `Recognizer` in the languages of an exported Whisper."""

    def __init__(
        self, files: Mapping[str, Path], options: WhisperOptions | None = None, threads: int | None = None
    ) -> None:
        """`files` (name → path) are those of an exported folder; `threads` is None for all cores.

        Raises `ModelNotFound` and `ModelError` for the folder, `OptionError` where the options ask for what
        it cannot do (a language, a glossary of that length) or the device is not there, and `MissingExtra`.
        """
        folder = read_folder(files)
        self._options, self._lock = options or WhisperOptions(), threading.Lock()
        self._sizes = folder.sizes
        self._tokens: Tokens = read_tokens(folder.paths[VOCABULARY], folder.languages, folder.sizes.n_vocab)
        self._codes = self._tokens.languages or ("en",)
        self.languages = tuple(map(language_tag, self._codes))
        check_languages(self._options, self._codes)
        room = folder.sizes.n_text_ctx // 2 - 1
        self._prompt = prompt_tokens(self._options, self._tokens.encode, room)
        self._grammar = _grammar(self._tokens, folder.sizes.n_audio_ctx)
        self.window = 2 * folder.sizes.n_audio_ctx * FRAME
        self.end, self.times = self._tokens.end, self._tokens.times
        words, count = self._options.words, threads or count_cores()
        self._graphs = open_on(
            self._options.device, lambda device: WhisperGraphs(folder, words, device, count)
        )
        self._asked = replace(self._options, batch=self._graphs.most(self._options.batch))

    def recognize(self, utterances: Sequence[Audio]) -> tuple[Transcript, ...]:
        """One transcript for each utterance (16 kHz), in batches of `WhisperOptions.batch`.

        On the CPU batches are smaller where what the decoder hears of them would take more than 500 MB
        (small: 4, larger ones: 1), which costs little time. Utterances longer than the model hears at once
        (30 s) are cut where they are quietest.
        """
        with self._lock:  # two at once would only share the processors
            return hear(self, utterances, self._asked)

    def detect(self, utterance: Audio) -> dict[str, float]:
        """BCP 47 tag → probability that it is spoken in the first 30 s, the likeliest first."""
        if len(self._codes) == 1:
            return {self.languages[0]: 1.0}
        with self._lock:
            (chances,) = self._language_chances(self.encode([utterance]))
        order = np.argsort(-chances, kind="stable")
        return {self.languages[at]: float(chances[at]) for at in order}

    def close(self) -> None:
        """Free the network."""
        del self._graphs

    def encode(self, sounds: Sequence[Audio]) -> _Heard:
        """The sounds as the decoder hears them."""
        frames = 2 * self._sizes.n_audio_ctx
        mels = [log_mel(sound.samples, self._sizes.n_mels, frames) for sound in sounds]
        return _Heard(Sounds(self._graphs, mels), len(sounds))

    def attempt(self, heard: _Heard, rows: Sequence[int], temperature: float) -> list[Decoded]:
        """The text of each of `rows` at `temperature`."""
        openings = [self._opening(code) for code in self._languages_of(heard)]
        task = Task(
            rows,
            [openings[row] for row in rows],
            len(self._prompt) + 1 if self._prompt else 0,
            self._grammar,
            self._tokens.no_speech,
            self._options.timestamps,
        )
        searches = [self._search(temperature) for _ in rows]
        written = Decoding(self._graphs, heard.sounds, task, searches).written()
        most = min(self._sizes.n_text_ctx // 2, self._sizes.n_text_ctx + 1 - len(openings[0]))
        return [
            self._decoded(one, heard.languages[row], most) for row, one in zip(rows, written, strict=True)
        ]

    def pieces(self, heard: _Heard, row: int, believed: Believed) -> tuple[Piece, ...]:
        """The words of a row, with chances, and times where they are asked for.

        With times, the decoder reads the text once more, without times in it (as openai-whisper's
        `add_word_timestamps` has it), and the chances are those of that reading;
        behind a prompt, which it does not know, those of the first.
        """
        code = "en" if self._options.task == "translate" else believed.decoded.language
        words = self._tokens.words(believed.tokens, code)
        if not self._options.words:
            chances = [believed.decoded.chances[place] for place in believed.places]
            marked = join_marks(
                timed_words(
                    [(self._tokens.decode(word), word) for word in words], [0] * (len(chances) + 1), chances
                )
            )
            return spell([Group(word.tokens) for word in marked], chances, self._tokens.raw)
        starts, chances = self._aligned(heard, row, believed)
        if self._prompt:  # the second reading does not know it, and finds its names unlikely
            chances = [believed.decoded.chances[place] for place in believed.places]
        texts = [(self._tokens.decode(word), word) for word in words]
        marked = join_marks(timed_words(texts, starts, chances))
        groups = [Group(word.tokens, within(believed.sound, word.span)) for word in marked]
        return spell(groups, chances, self._tokens.raw)

    def _aligned(self, heard: _Heard, row: int, believed: Believed) -> tuple[NDArray[np.int64], list[float]]:
        """Where each token of text starts (20 ms; one more for the end), and its chance."""
        opening = self._tokens.opening(
            believed.decoded.language, translate=self._options.task == "translate", times=False
        )
        line, text = [*opening, *believed.tokens, self.end], believed.tokens
        _, cross = heard.sounds.bring([row])
        run = DecoderRun(self._graphs, cross, 1, len(line))
        logits, attention = run.run_attending(np.array([line], np.int64))
        frames = max(len(believed.sound) // FRAME // 2, _FEWEST)
        starts = token_frames(attention[:, 0], len(opening) - 1, frames)
        behind = logits[0, len(opening) - 1 :][: len(text), : self.end]
        chances = np.exp(log_softmax(behind)[np.arange(len(text)), text])
        return starts, list(map(float, chances))

    def _opening(self, code: str) -> list[int]:
        options = self._options
        opening = self._tokens.opening(code, translate=options.task == "translate", times=options.timestamps)
        return [self._tokens.before, *self._prompt, *opening] if self._prompt else list(opening)

    def _search(self, temperature: float) -> Search:
        if self._options.beam > 1 and temperature == 0:
            return Beam(self._options.beam, self._options.patience, self.end)
        # the same seed for each: a row does not depend on its neighbours
        return Single(self.end, temperature, _SEED)

    def _decoded(self, written: Written, language: str, most: int) -> Decoded:
        found = written.found
        text = self._tokens.decode(found.tokens).strip()
        attempt = Attempt(text, found.tokens, found.mean, written.no_speech)
        return Decoded(attempt, language, len(found.tokens) < most, found.chances)

    def _languages_of(self, heard: _Heard) -> list[str]:
        """Whisper's code of what is spoken in each row."""
        if not heard.languages:
            if self._options.code is not None or len(self._codes) == 1:
                heard.languages = [self._options.code or "en"] * heard.count
            else:
                heard.languages = [self._codes[at] for at in self._language_chances(heard).argmax(axis=1)]
        return heard.languages

    def _language_chances(self, heard: _Heard) -> NDArray[np.float32]:
        """Probability of each language, in the order of `languages`: [rows, languages]."""
        rows, cross = heard.sounds.bring(range(heard.count))
        start = np.full((heard.count, 1), self._tokens.start, np.int64)
        logits = DecoderRun(self._graphs, cross, heard.count, 1).run(start)
        chances = language_chances(logits[:, 0], self._tokens.start + 1, len(self._codes))
        found = np.empty_like(chances)
        found[rows] = chances
        return found


def _grammar(tokens: Tokens, positions: int) -> Grammar:
    """The rules of this vocabulary, as openai-whisper sets them for an encoder of so many positions."""
    special = {tokens.start, tokens.translate, tokens.transcribe, tokens.before, tokens.no_speech}
    special |= {tokens.before - 1}  # starts a text that nobody speaks; there is no other use of it
    return Grammar(
        end=tokens.end,
        no_times=tokens.no_times,
        times=tokens.times,
        blank=tuple(tokens.encode(" ")),
        never=tuple(sorted({*tokens.unspoken, *special})),
        first_latest=round(positions / _WINDOW),
    )
