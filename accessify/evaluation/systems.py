"""What is measured: accessify from file to files, and beside it other recognisers of the same sound.

A system is opened once (models loaded, not timed) and gives a `Prepare`: from a file to a job that is
timed. The rivals get their samples ready-made in memory; accessify reads the file, finds word times,
composes captions and writes them to disk inside its timed job.
"""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.errors import MissingExtra
from accessify.core.text import Word
from accessify.core.timeline import Span, millis, seconds
from accessify.engines.moonshine import Moonshine
from accessify.evaluation.matching import bench_package
from accessify.evaluation.spoken import spread
from accessify.hub.fetch import model_files
from accessify.pipelines.caption import caption_film
from accessify.speech.transcribe import Transcript

Job = Callable[[], tuple[Word, ...]]
"""Recognise one file: the part that is timed."""
Prepare = Callable[[Path], Job]
"""From a 16 kHz mono WAV file to its job: what is not timed."""

ACCESSIFY, BARE, MOONSHINE_VOICE, POCKETSPHINX = "accessify", "bare", "moonshine-voice", "pocketsphinx"

FORMATS = ("srt", "vtt", "json")
"""Caption files that accessify writes for everything it is played."""

TITLES = {
    ACCESSIFY: "accessify (film to caption files, with word times)",
    BARE: "the bare Moonshine tiny-en model, each clip by itself",
    MOONSHINE_VOICE: "moonshine-voice `transcribe_without_streaming`, no word times",
    POCKETSPHINX: "PocketSphinx, default model and segmenter",
}


def open_system(name: str, outputs: Path) -> Prepare:
    """The system `name`, its models loaded; accessify writes its caption files to `outputs`."""
    return _OPENERS[name](outputs)


def require(packages: Iterable[str]) -> None:
    """Raise `MissingExtra` for the first of `packages` that is not installed."""
    for package in packages:
        if find_spec(package.replace("-", "_")) is None:
            raise MissingExtra(package, "rivals" if package == MOONSHINE_VOICE else "bench")


def read_pcm(path: Path) -> NDArray[np.int16]:
    """Samples [n] of a 16 kHz mono 16-bit WAV file, as `write_wav` makes it."""
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


def read_wav(path: Path) -> Audio:
    """The same as sound."""
    return Audio((read_pcm(path) / np.float32(32768)).astype(np.float32))


def spread_words(text: str, span: Span) -> tuple[Word, ...]:
    """The words of a line that has times only as a whole, spread over it by their letters."""
    words = text.split()
    if not words:
        return ()
    return tuple(Word(place, word) for word, place in zip(words, spread(words, span), strict=True))


def _open_accessify(outputs: Path) -> Prepare:
    """The whole way from the file to caption files; it starts its own workers inside the timed job."""

    def prepare(path: Path) -> Job:
        return lambda: caption_film(path, output=outputs, formats=FORMATS).document.words.events

    return prepare


def _open_bare(_outputs: Path) -> Prepare:
    """The model on the whole file at once, nothing before or behind it."""
    model = Moonshine(model_files("moonshine-tiny-en"))

    def prepare(path: Path) -> Job:
        audio = read_wav(path)
        return lambda: spread_words(_text(model.recognize([audio])[0]), audio.span)

    return prepare


def _text(transcript: Transcript) -> str:
    return " ".join(word.text for word in transcript.words)


def _open_moonshine_voice(_outputs: Path) -> Prepare:
    """The library's own transcription with the model in its wheel; speaker identification is off."""
    library = bench_package("moonshine_voice")
    model = library.Transcriber(
        str(library.get_model_path("tiny-en")),
        library.ModelArch.TINY,
        options={"identify_speakers": "false"},
    )

    def prepare(path: Path) -> Job:
        sound = read_wav(path).samples.tolist()

        def job() -> tuple[Word, ...]:
            lines = model.transcribe_without_streaming(sound, SPEECH_RATE).lines
            return tuple(word for line in lines for word in spread_words(line.text, _line_span(line)))

        return job

    return prepare


def _line_span(line: Any) -> Span:
    return Span(seconds(line.start_time), seconds(line.start_time + line.duration))


def _open_pocketsphinx(_outputs: Path) -> Prepare:
    """PocketSphinx as its documentation runs it on a file: its segmenter, then its default decoder."""
    from pocketsphinx import Decoder, Segmenter

    decoder = Decoder(samprate=SPEECH_RATE, loglevel="FATAL")

    def prepare(path: Path) -> Job:
        pcm = read_pcm(path).tobytes()

        def job() -> tuple[Word, ...]:
            pieces = Segmenter(sample_rate=SPEECH_RATE).segment(BytesIO(pcm))
            return tuple(word for piece in pieces for word in _decode(decoder, piece))

        return job

    return prepare


def _decode(decoder: Any, piece: Any) -> list[Word]:
    decoder.start_utt()
    decoder.process_raw(piece.pcm, full_utt=True)
    decoder.end_utt()
    start = seconds(piece.start_time)
    return [
        Word(
            Span(start + millis(part.start_frame * 10), start + millis(part.end_frame * 10 + 10)),
            part.word.split("(")[0],
        )
        for part in decoder.seg() or ()
        if part.word[0] not in "<["
    ]


_OPENERS: Mapping[str, Callable[[Path], Prepare]] = {
    ACCESSIFY: _open_accessify,
    BARE: _open_bare,
    MOONSHINE_VOICE: _open_moonshine_voice,
    POCKETSPHINX: _open_pocketsphinx,
}
