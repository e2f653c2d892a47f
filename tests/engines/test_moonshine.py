from __future__ import annotations

from pathlib import Path

import pytest

from accessify.core.audio import Audio
from accessify.core.errors import ModelError
from accessify.engines.moonshine import Moonshine, read_tokens
from accessify.hub.fetch import model_files
from tests.spoken import BECKETT, TWO_CITIES, plain, sound

MODEL = "moonshine-tiny-en"


@pytest.fixture(scope="module")
def moonshine(embedded_models: None) -> Moonshine:
    return Moonshine(model_files(MODEL, offline=True))


@pytest.fixture
def copied(tmp_path: Path, embedded_models: None) -> dict[str, Path]:
    """Links to the model's files, to be replaced by damaged ones."""
    files = {}
    for name, path in model_files(MODEL, offline=True).items():
        files[name] = tmp_path / name
        files[name].symlink_to(path)
    return files


def replace(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


def text(moonshine: Moonshine, audio: Audio) -> str:
    (transcript,) = moonshine.recognize([audio])
    return " ".join(word.text for word in transcript.words)


@pytest.mark.models
def test_beckett(moonshine: Moonshine) -> None:
    assert plain(text(moonshine, sound("beckett.wav"))) == BECKETT


@pytest.mark.models
def test_dickens(moonshine: Moonshine) -> None:
    audio = Audio(sound("two_cities.wav").samples[: 14 * 16_000])
    assert plain(text(moonshine, audio)).startswith(TWO_CITIES)


@pytest.mark.models
def test_pieces_spell_the_words(moonshine: Moonshine) -> None:
    (transcript,) = moonshine.recognize([sound("beckett.wav")])
    assert transcript.pieces[0].starts_word
    assert all(0 < piece.chance <= 1 for piece in transcript.pieces)
    assert "\u2581".encode() not in b"".join(piece.raw for piece in transcript.pieces)


@pytest.mark.models
def test_a_decoder_that_runs_away_is_stopped(moonshine: Moonshine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accessify.engines.moonshine._TOKENS_PER_SECOND", 0.5)
    whole = moonshine.recognize([sound("beckett.wav")])[0]
    assert not whole.finished
    assert len(whole.pieces) == 8  # 9.96 s × 0.5 + 4
    assert plain(" ".join(word.text for word in whole.words)).startswith("ever tried ever")


@pytest.mark.models
def test_one_utterance_at_its_limit_leaves_the_others_alone(
    moonshine: Moonshine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = sound("beckett.wav").samples
    long, short = Audio(clip), Audio(clip[:16_000])  # "Ever tried." ends well before its limit
    monkeypatch.setattr("accessify.engines.moonshine._TOKENS_PER_SECOND", 0.5)
    found = moonshine.recognize([short, long])
    assert found[0].finished is True
    assert found[1].finished is False
    assert len(found[1].pieces) == 8


@pytest.mark.models
@pytest.mark.parametrize("name", ["encoder_model.ort", "decoder_model_merged.ort"])
@pytest.mark.parametrize("part", [0, 1000, 0.5, 0.9])
def test_a_damaged_network_is_named_with_what_to_do(copied: dict[str, Path], name: str, part: float) -> None:
    whole = copied[name].read_bytes()
    replace(copied[name], whole[: int(part if part > 1 else part * len(whole))])
    with pytest.raises(ModelError, match=rf"{name}: .*; run: accessify models verify") as caught:
        Moonshine(copied)
    assert "\n" not in str(caught.value)


@pytest.mark.models
@pytest.mark.parametrize("part", [0, 1, 0.5, 0.99999])
def test_a_damaged_vocabulary_is_named_with_what_to_do(copied: dict[str, Path], part: float) -> None:
    whole = copied["tokenizer.bin"].read_bytes()
    replace(copied["tokenizer.bin"], whole[: int(part if part == 1 else part * len(whole))])
    with pytest.raises(ModelError, match=r"tokenizer\.bin: .*; run: accessify models verify"):
        Moonshine(copied)


def vocabulary(path: Path, content: bytes) -> list[bytes]:
    path.write_bytes(content)
    return read_tokens(path)


def test_tokens_have_one_or_two_bytes_of_length(tmp_path: Path) -> None:
    path = tmp_path / "tokens.bin"
    long = b"x" * 300  # 300 = 2 × 128 + 44, and the first byte carries 44 + 128
    assert vocabulary(path, b"\x02ab\x00\x01c") == [b"ab", b"", b"c"]
    assert vocabulary(path, bytes([44 + 128, 2]) + long + b"\x01z") == [long, b"z"]
    assert vocabulary(path, b"") == []


@pytest.mark.parametrize("torn", [b"\x02a", b"\x01a\x05", b"\xac", b"\xac\x02xy"])
def test_a_vocabulary_that_ends_inside_a_token_is_refused(tmp_path: Path, torn: bytes) -> None:
    with pytest.raises(ModelError, match="ends inside a token"):
        vocabulary(tmp_path / "tokens.bin", torn)


@pytest.mark.models
def test_the_vocabulary_is_read_whole() -> None:
    tokens = read_tokens(model_files(MODEL, offline=True)["tokenizer.bin"])
    assert len(tokens) == 32_768
    assert "\u2581the".encode() in tokens
