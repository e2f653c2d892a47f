"""sherpa-onnx itself over recognisers that hear tones: the words, their times and languages are true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from accessify.core.errors import ModelError, ModelNotFound, OptionError, UnknownName
from accessify.core.timeline import millis
from accessify.engines.sherpa import Sherpa, _pieces
from accessify.engines.sherpa_folder import find_kind
from accessify.speech.transcribe import Transcript
from accessify.speech.whisper_options import WhisperOptions
from tests.engines.sherpa_folders import ctc, melody, sense_voice, transducer

pytest.importorskip("sherpa_onnx")
pytest.importorskip("onnx")

TUNE = melody(("la", 0.5), ("lo", 0.3), ("hi", 0.4), ("", 0.3), ("la", 0.3))
STARTS = (0, 500, 800, 1500)
MAKERS = (ctc, transducer, sense_voice)
Maker = Callable[[Path], dict[str, Path]]


@pytest.fixture(params=MAKERS, ids=[maker.__name__ for maker in MAKERS])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Sherpa:
    return Sherpa(request.param(tmp_path))


def test_words_and_their_times_are_true(engine: Sherpa) -> None:
    (said,) = engine.recognize([TUNE])
    assert [word.text for word in said.words] == ["la", "lo", "hi", "la"]
    for word, start in zip(said.words, STARTS, strict=True):
        assert word.span is not None
        assert abs(word.span.start - millis(start)) <= millis(130)  # frames of 60 ms, looked at 4 at a time
        assert word.span.end <= TUNE.span.end
        assert word.confidence is None or 0 < word.confidence <= 1


def test_times_count_from_the_start_of_the_clock(engine: Sherpa) -> None:
    (here,), (later,) = engine.recognize([TUNE]), engine.recognize([replace(TUNE, start=millis(7000))])
    for one, other in zip(here.words, later.words, strict=True):
        assert one.span is not None
        assert other.span is not None
        assert other.span.start - one.span.start == millis(7000)


def test_a_tenth_of_a_second_is_heard_and_silence_is_not(engine: Sherpa) -> None:
    short, silent, empty = engine.recognize([melody(("hi", 0.1)), melody(("", 2)), melody(("", 0))])
    assert [word.text for word in short.words] == ["hi"]
    assert silent.pieces == empty.pieces == ()


def test_languages_it_can_be_told_are_told(tmp_path: Path) -> None:
    files = sense_voice(tmp_path)
    assert Sherpa(files).recognize([TUNE])[0].language == "en"
    yue = Sherpa(files, WhisperOptions(language="zh-yue"))
    assert yue.languages == ("zh", "en", "ja", "ko", "yue")
    assert yue.recognize([TUNE])[0].language == "yue"
    with pytest.raises(UnknownName, match="known: zh, en, ja, ko, yue"):
        Sherpa(files, WhisperOptions(language="de"))


def test_a_model_that_cannot_be_told_takes_the_language_for_its_own(tmp_path: Path) -> None:
    files = ctc(tmp_path)
    assert Sherpa(files).recognize([TUNE])[0].language is None
    german = Sherpa(files, WhisperOptions(language="de"))
    assert german.languages == ("de",)
    assert german.recognize([TUNE])[0].language == "de"


def test_what_it_cannot_do_is_refused(tmp_path: Path) -> None:
    files = ctc(tmp_path)
    with pytest.raises(OptionError, match="only a Whisper can translate"):
        Sherpa(files, WhisperOptions(task="translate"))
    with pytest.raises(OptionError, match="choose auto, cpu or cuda"):
        Sherpa(files, WhisperOptions(device="tpu"))
    with pytest.raises(OptionError, match="built for the CPU"):
        Sherpa(files, WhisperOptions(device="cuda"))


@pytest.mark.parametrize("maker", [ctc, transducer])
def test_a_damaged_graph_is_told(tmp_path: Path, maker: Maker) -> None:
    files = maker(tmp_path)
    graph = next(path for name, path in files.items() if name.endswith(".onnx"))
    graph.write_bytes(graph.read_bytes()[:200])
    with pytest.raises(ModelError, match="cannot load this model"):
        Sherpa(files)


def test_foreign_folders_are_told(tmp_path: Path) -> None:
    files = transducer(tmp_path)
    with pytest.raises(ModelNotFound, match=r"no tokens\.txt"):
        Sherpa({})
    with pytest.raises(ModelNotFound, match=r"no tokens\.txt"):
        Sherpa({name: path for name, path in files.items() if name != "tokens.txt"})
    with pytest.raises(ModelError, match="known are transducers"):
        Sherpa({name: path for name, path in files.items() if name != "joiner.onnx"})


def test_of_a_graph_in_two_precisions_the_smaller_is_taken(tmp_path: Path) -> None:
    files = ctc(tmp_path)
    files["model.int8.onnx"] = files["model.onnx"].rename(tmp_path / "model.int8.onnx")
    assert find_kind(files).paths["model"].endswith("model.int8.onnx")


@dataclass
class Result:
    """What sherpa-onnx gives, as far as it is read."""

    text: str
    tokens: list[str]
    timestamps: list[float]
    ys_log_probs: list[float]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Result("hello 世界 now", ["hel@@", "lo", "世", "界", "now"], [], []), ["hello", "世", "界", "now"]),
        (Result("HELLO WORLD", [" HEL", "LO", " WORLD"], [0.1, 0.2, 0.3], [-0.1] * 3), ["HELLO", "WORLD"]),
        (Result("twenty two", ["ƌŋ", "ĺ"], [0.0, 0.1], []), ["twenty", "two"]),
        (Result("", [], [], []), []),
    ],
    ids=["paraformer", "pieces", "bytes", "nothing"],
)
def test_text_is_cut_where_its_tokens_end(result: Result, words: list[str]) -> None:
    said = Transcript(_pieces(SimpleNamespace(**vars(result)), TUNE)[0]).words
    assert [word.text for word in said] == words
    assert all((word.span is not None) == bool(result.ys_log_probs) for word in said)
