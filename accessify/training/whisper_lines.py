"""What the small test Whisper should write for a clip: its tokens, and where in the sound each is heard."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from accessify.core.audio import SPEECH_RATE
from accessify.training.whisper_clips import Clip, Said
from accessify.training.whisper_sentences import ALIKE, draw_sentence, seeded, spelled

POSITIONS = 50
"""Of the encoder, and steps of the timestamps, in a second."""
NOWHERE = (-1.0, -1.0)
_SENTENCES = 15000
_MARKS = " .,?。，？"
_TRANSLATED, _TIMED, _PROMPTED = 0.15, 0.5, 0.55


@dataclass(frozen=True, slots=True)
class Line:
    """One line for the decoder."""

    tokens: tuple[int, ...]
    """Prompt, start, text and end."""
    first: int
    """Place of the start-of-transcript token: what comes after it is to be learnt."""
    heard: tuple[tuple[float, float], ...]
    """For each token the positions of the clip's own sound where it is heard; `NOWHERE` if nowhere."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a line is to be written."""

    translated: bool = False
    timed: bool = True
    prompt: str = ""


class Writer:
    """Writes lines with openai-whisper's multilingual vocabulary."""

    def __init__(self) -> None:
        """Raises `ImportError` without openai-whisper."""
        from whisper.tokenizer import get_tokenizer  # noqa: PLC0415 - heavy

        self._tokenizer: Any = get_tokenizer(True, num_languages=99, language="en", task="transcribe")
        self.first_time: int = self._tokenizer.timestamp_begin
        self.end: int = self._tokenizer.eot
        self.untimed: int = self._tokenizer.no_timestamps

    def write(self, clip: Clip, manner: Manner) -> Line:
        """The line of `clip` in a manner."""
        prompt = [self._tokenizer.sot_prev, *self.encode(" " + manner.prompt)] if manner.prompt else []
        task = self._tokenizer.translate if manner.translated else self._tokenizer.transcribe
        start = [self._tokenizer.sot, self._languages()[clip.language], task]
        if not manner.timed:
            start.append(self._tokenizer.no_timestamps)
        tokens, heard = [*prompt, *start], [NOWHERE] * (len(prompt) + len(start))
        for said in clip.said:
            text, places = self._text(said, manner)
            times = [self._time(clip, second) for second in (said.start, said.end)]
            marks = [(second * POSITIONS - 1, second * POSITIONS + 1) for second in (said.start, said.end)]
            tokens += [times[0], *text, times[1]] if manner.timed else text
            heard += [marks[0], *places, marks[1]] if manner.timed else places
        if not clip.said and manner.timed:
            tokens.append(self.first_time)
            heard.append(NOWHERE)
        last = clip.said[-1].end * POSITIONS if clip.said else -1.0
        return Line((*tokens, self.end), len(prompt), (*heard, (last, last + 8) if clip.said else NOWHERE))

    def special(self) -> set[int]:
        """Tokens that are no text: timestamps, tasks, and the languages of the grammar."""
        found = set(range(self.end, self.first_time + 1501))
        return found - {token for code, token in self._languages().items() if code not in ALIKE}

    def encode(self, text: str) -> list[int]:
        """Tokens of a text."""
        return list(self._tokenizer.encode(text))

    def nothing(self) -> int:
        """The token for a clip without speech."""
        return int(self._tokenizer.no_speech)

    def _languages(self) -> dict[str, int]:
        codes, tokens = self._tokenizer.all_language_codes, self._tokenizer.all_language_tokens
        return dict(zip(codes, tokens, strict=True))

    def _time(self, clip: Clip, second: float) -> int:
        return self.first_time + min(round(clip.moved(second) * POSITIONS), 1500)

    def _text(self, said: Said, manner: Manner) -> tuple[list[int], list[tuple[float, float]]]:
        """Tokens of a sentence, and where they are heard; a translation's words are heard nowhere."""
        language = said.sentence.language
        if manner.translated:
            tokens = self.encode(" " + spelled(said.sentence.english, "en", manner.prompt))
            return tokens, [NOWHERE] * len(tokens)
        text = said.sentence.text
        tokens = self.encode(self._spaced(spelled(text, language, manner.prompt), language))
        ends = _ends(self._tokenizer.encoding, tokens)
        scale = len(self._spaced(text, language)) / max(ends[-1], 1)
        blank = len(self._spaced("", language))
        places, before = [], 0.0
        for end in ends:
            span = [max(place * scale - blank, 0.0) for place in (before, end)]
            places.append((_when(said, span[0]) * POSITIONS, _when(said, span[1]) * POSITIONS))
            before = end
        return tokens, places

    def _spaced(self, text: str, language: str) -> str:
        return text if language == "zh" else " " + text


@cache
def used_tokens() -> tuple[int, ...]:
    """Every token that any line may have, in order: the others are never written or read.

    Found by writing sentences until no new word comes; takes seconds, once.
    """
    writer, random = Writer(), seeded("vocabulary")
    found = set(writer.special())
    for language, pairs in ALIKE.items():
        for _ in range(_SENTENCES):
            sentence = draw_sentence(random, language, held_out=random.random() < 0.3)
            for text in (sentence.text, sentence.english):
                found.update(
                    writer.encode(text if language == "zh" else " " + text), writer.encode(" " + text)
                )
        for word in (word for pair in pairs for word in pair):
            marked = (word, f"{word},", f"{word}.", f"{word}，", f"{word}。", word.capitalize())
            found.update(
                token for text in marked for start in ("", " ") for token in writer.encode(start + text)
            )
    return tuple(sorted(found))


def draw_manner(random: Random, clip: Clip) -> Manner:
    """How to write the line of a clip to learn from."""
    translated = random.random() < (_TRANSLATED if clip.language == "zh" else _TRANSLATED / 8)
    prompt = draw_prompt(random, clip) if random.random() < _PROMPTED else ""
    return Manner(translated, random.random() < _TIMED, prompt)


def draw_prompt(random: Random, clip: Clip) -> str:
    """A glossary or a sentence before, often with a word that the clip has, in either spelling."""
    pairs = ALIKE[clip.language]
    within = [pair for pair in pairs if any(pair[0] in said.sentence.text for said in clip.said)]
    chosen = [random.choice(within)] if within and random.random() < 0.85 else []
    chosen += random.sample(pairs, random.choice((0, 0, 1, 2)))
    words = list(dict.fromkeys(pair[random.random() < 0.65] for pair in dict.fromkeys(chosen)))
    random.shuffle(words)
    if words and random.random() < 0.6:
        return ", ".join(words) + "."
    for _ in range(20):
        sentence = draw_sentence(random, clip.language)
        if not words or words[0].split()[0] in sentence.text:
            return sentence.text
        usual = next(pair[0] for pair in pairs if words[0] in pair)
        if usual in sentence.text:
            return sentence.text.replace(usual, words[0])
    return ", ".join(words) + "."


def _ends(encoding: Any, tokens: list[int]) -> list[float]:
    """How many characters are written after each token; a character cut in two counts in parts."""
    written, ends = b"", []
    for token in tokens:
        written += encoding.decode_single_token_bytes(token)
        whole = written.decode("utf-8", "ignore")
        rest = len(written) - len(whole.encode())
        ends.append(len(whole) + min(rest, 3) / 3)
    return ends


def _when(said: Said, place: float) -> float:
    """The second of the clip in which a character of the sentence begins: even within its word.

    Spaces and marks take no time: they begin where the word before them ends.
    """
    starts = [word for word, _ in said.spoken.words]
    index = max(bisect_right(starts, place) - 1, 0)
    length = len(said.spoken.samples) / SPEECH_RATE
    if not starts:
        return said.start + length * place / max(len(said.sentence.text), 1)
    begin, second = said.spoken.words[index]
    last = index + 1 == len(starts)
    after, end = (len(said.sentence.text), length) if last else said.spoken.words[index + 1]
    letters = len(said.sentence.text[begin:after].rstrip(_MARKS))
    share = (place - begin) / max(letters, 1)
    return said.start + min(second + min(max(share, 0.0), 1.0) * (end - second), length)
