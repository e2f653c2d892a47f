"""Folders of clips, in both layouts, and what is wrong with some of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import FormatError, OptionError
from accessify.evaluation.dataset import load_dataset
from accessify.evaluation.recording import write_wav


def sound(path: Path, length: float = 0.1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_wav(Audio(np.full(round(16000 * length), 0.1, np.float32)), path)
    return path


def manifest(folder: Path, *rows: object) -> Path:
    path = folder / "manifest.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def test_a_manifest_gives_kind_text_corpus_and_speaker(tmp_path: Path) -> None:
    sound(tmp_path / "asr_en" / "a.wav")
    sound(tmp_path / "b.wav")
    manifest(
        tmp_path,
        {
            "file": "asr_en/a.wav",
            "kind": "asr_en",
            "text": "HELLO [noise] THERE",
            "speaker": "s1",
            "labels": {"corpus": "LibriSpeech", "domain": "read"},
        },
        "",
        {"file": "b.wav", "kind": "nonspeech", "text": None, "labels": None},
    )
    data = load_dataset(tmp_path)
    first, second = data.clips
    assert (first.name, first.kind, first.text) == ("asr_en/a.wav", "asr_en", "HELLO [noise] THERE")
    assert (first.corpus, first.speaker, first.path) == ("LibriSpeech", "s1", tmp_path / "asr_en" / "a.wav")
    assert (second.kind, second.text, second.corpus) == ("nonspeech", "", "other")
    assert data.of("nonspeech") == (second,)
    assert data.name == tmp_path.name


def test_clips_that_cannot_be_scored_are_named(tmp_path: Path) -> None:
    for name in ("a.wav", "meeting.wav", "film.wav"):
        sound(tmp_path / name)
    manifest(
        tmp_path,
        {"file": "a.wav", "kind": "asr_en", "text": "hello"},
        {"file": "meeting.wav", "kind": "diar", "text": None},
        {"file": "film.wav", "kind": "video", "text": None},
    )
    data = load_dataset(tmp_path)
    assert [clip.name for clip in data.clips] == ["a.wav"]
    assert data.left_out == ("meeting.wav", "film.wav")


def test_transcripts_beside_the_files(tmp_path: Path) -> None:
    sound(tmp_path / "talk.wav")
    (tmp_path / "talk.txt").write_text("\ufeffGood\nmorning  all.\n", "utf-8")
    sound(tmp_path / "street" / "cars.WAV")
    (tmp_path / "street" / "cars.txt").write_text("", "utf-8")
    sound(tmp_path / "unknown.flac")
    (tmp_path / "notes.md").write_text("not sound", "utf-8")
    data = load_dataset(tmp_path)
    assert [(clip.name, clip.kind, clip.text, clip.corpus) for clip in data.clips] == [
        ("street/cars.WAV", "nonspeech", "", "street"),
        ("talk.wav", "asr_en", "Good morning all.", "other"),
    ]
    assert data.left_out == ("unknown.flac",)


def test_the_fingerprint_follows_text_and_sound_but_not_the_place(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        sound(tmp_path / folder / "a.wav")
        (tmp_path / folder / "a.txt").write_text("hello", "utf-8")
    one, two = tmp_path / "one", tmp_path / "two"
    same = load_dataset(one).sha256()
    assert load_dataset(two).sha256() == same
    (two / "a.txt").write_text("hallo", "utf-8")
    assert load_dataset(two).sha256() != same
    sound(one / "a.wav", 0.2)
    assert load_dataset(one).sha256() != same


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["{oops"], r"manifest\.jsonl: line 1: not JSON .*one object a line"),
        (
            [{"file": "a.wav", "kind": "asr_en", "text": "a"}, {"file": "a.wav"}],
            'line 2: .*needs "file" and "kind"',
        ),
        ([["a.wav"]], 'line 1: .*needs "file"'),
        ([{"file": "gone.wav", "kind": "asr_en"}], r"line 1: gone\.wav is not there; restore"),
    ],
)
def test_a_damaged_manifest_names_its_line(tmp_path: Path, rows: list[object], said: str) -> None:
    sound(tmp_path / "a.wav")
    manifest(tmp_path, *rows)
    with pytest.raises(FormatError, match=said):
        load_dataset(tmp_path)


def test_no_folder_and_nothing_to_score_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"no such folder; give a folder"):
        load_dataset(tmp_path / "nowhere")
    sound(tmp_path / "a.wav")
    with pytest.raises(OptionError, match=r"nothing to score; put NAME\.txt beside"):
        load_dataset(tmp_path)


def test_a_transcript_in_another_encoding_says_so(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    (tmp_path / "a.txt").write_bytes(b"caf\xe9")
    with pytest.raises(FormatError, match=r"a\.txt: not UTF-8; save"):
        load_dataset(tmp_path)
