"""A long file with its text as clips that can be aligned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.errors import OptionError
from accessify.core.text import Word
from accessify.core.timeline import Span, millis, seconds
from accessify.evaluation.dataset import Clip
from accessify.evaluation.live_split import file_material, split
from accessify.evaluation.recording import write_wav

SOUND = Audio(np.zeros(20 * SPEECH_RATE, np.float32))


def heard(text: str, pauses: dict[int, float], step: float = 1.0) -> list[Word]:
    """Words of `text`, each `step` long; behind word n a pause of `pauses[n]` seconds."""
    words: list[Word] = []
    at = 0.0
    for number, word in enumerate(text.split()):
        words.append(Word(Span(seconds(at), seconds(at + step)), word))
        at += step + pauses.get(number, 0.0)
    return words


def texts(said: str, words: list[Word]) -> list[str]:
    recording = split(Clip(Path("a.wav"), "a.wav", "asr_en", said), SOUND, words)
    assert recording.spans[0].start == 0
    assert recording.spans[-1].end == SOUND.span.end
    return [clip.text for clip in recording.clips]


def test_it_is_cut_in_pauses_between_words_that_were_heard() -> None:
    said = "One two three, four five. Six seven eight nine ten!"
    words = heard(said, {4: 0.5, 7: 0.5})
    assert texts(said, words) == ["One two three, four five.", "Six seven eight nine ten!"]
    recording = split(Clip(Path("a.wav"), "a.wav", "asr_en", said), SOUND, words)  # 4 s at least
    assert recording.spans[0].end == seconds(5) + millis(250)
    assert [clip.name for clip in recording.clips] == ["a.wav#0", "a.wav#1"]


def test_it_is_not_cut_where_something_else_was_heard() -> None:
    said = "one two three four five six seven eight"
    assert texts(said, heard("one two three four dive six seven eight", {4: 0.5})) == [said]
    assert texts(said, heard("one two three four six seven eight", {3: 0.5})) == [said]
    assert texts(said, []) == [said]


def test_words_of_one_written_word_stay_together() -> None:
    said = "one two three four well-known six"
    assert texts(said, heard("one two three four well known six", {4: 0.5})) == [said]
    assert texts(said, heard("one two three four well known six", {5: 0.5})) == [
        "one two three four well-known",
        "six",
    ]


def test_a_text_without_words_says_what_to_give(tmp_path: Path) -> None:
    write_wav(SOUND, tmp_path / "a.wav")
    with pytest.raises(OptionError, match="no text could be read"):
        file_material(tmp_path / "a.wav", tmp_path / "a.txt")
    (tmp_path / "a.txt").write_text(" … \n", "utf-8")
    with pytest.raises(OptionError, match=r"holds no words; give what is said in a\.wav"):
        file_material(tmp_path / "a.wav", tmp_path / "a.txt")
