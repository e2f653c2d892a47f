"""The whole bench on a few seconds of real speech, and its pieces on synthetic sound."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import OptionError
from accessify.core.progress import Progress
from accessify.core.text import Word
from accessify.core.timeline import Span, millis, seconds
from accessify.delivery.files import read_captions
from accessify.evaluation.dataset import Clip, load_dataset
from accessify.evaluation.material import Material, Part, build_material, memory_files
from accessify.evaluation.measuring import Heard
from accessify.evaluation.play import Played, playlist
from accessify.evaluation.recording import Recording, load_clip, write_wav
from accessify.evaluation.run import BenchOptions, bench_captions
from accessify.evaluation.score import score_speech, system_row
from accessify.evaluation.spoken import Spoken
from accessify.evaluation.systems import ACCESSIFY, BARE, MOONSHINE_VOICE, read_pcm
from accessify.hub.fetch import model_files

OPENING = (
    "It was the best of times, it was the worst of times, "
    "it was the age of wisdom, it was the age of foolishness"
)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Five seconds of noise in which nobody speaks, and six clips of tone with a text."""
    folder = tmp_path / "clips"
    noise = np.random.default_rng(3).standard_normal(80000) * 0.01
    write_wav(Audio(noise.astype(np.float32)), folder / "noise.wav")
    (folder / "noise.txt").write_text("", "utf-8")
    for number in range(6):
        tone = np.sin(np.arange(16000 * 60) * 0.01 * (number + 1)) * 0.1
        write_wav(Audio(tone.astype(np.float32)), folder / f"tone{number}.wav")
        (folder / f"tone{number}.txt").write_text(f"text {number}", "utf-8")
    return folder


def test_material_is_all_clips_joined_and_each_by_itself(clips: Path, tmp_path: Path) -> None:
    material = build_material(load_dataset(clips), tmp_path / "work")
    speech, noise = material.speech, material.noise
    assert speech is not None
    assert noise is not None
    assert [clip.name for clip in speech.recording.clips] == [f"tone{number}.wav" for number in range(6)]
    assert len(speech.clips) == 6
    joined = read_pcm(speech.joined)
    assert len(joined) == len(speech.recording.audio)
    first = speech.recording.spans[0]
    start = len(speech.recording.audio.cut(Span(0, first.start)))
    assert np.array_equal(joined[start : start + 960000], read_pcm(speech.clips[0]))
    assert material.warm_up is not None
    assert len(read_pcm(material.warm_up)) == 60 * 16000
    assert material.pace is not None
    assert len(read_pcm(material.pace)) == 360 * 16000


def test_a_quick_run_takes_clips_from_all_over(clips: Path, tmp_path: Path) -> None:
    material = build_material(load_dataset(clips), tmp_path / "work", quick=True)
    assert material.speech is not None
    assert [clip.name for clip in material.speech.recording.clips] == ["tone0.wav", "tone2.wav", "tone4.wav"]


def test_memory_is_compared_on_a_short_and_a_long_file(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accessify.evaluation.material.LONG", seconds(1200))  # 38 MB do for a test
    material = build_material(load_dataset(clips), tmp_path / "work", quick=True)
    assert material.speech is not None
    short, long = memory_files(material.speech, tmp_path)
    assert short.stat().st_size == 600 * 32000 + 44
    assert long.stat().st_size == 1200 * 32000 + 44


def test_every_system_gets_what_it_can_be_scored_on(clips: Path, tmp_path: Path) -> None:
    material = build_material(load_dataset(clips), tmp_path / "work", quick=True)
    assert list(playlist(MOONSHINE_VOICE, material)) == ["speech", "noise"]
    assert list(playlist(ACCESSIFY, material)) == ["speech", "noise", "noise/noise.wav"]
    assert list(playlist(BARE, material)) == [
        *(f"speech/tone{number}.wav" for number in (0, 2, 4)),
        "noise/noise.wav",
    ]


def at(start: int, end: int, text: str) -> Word:
    return Word(Span(millis(start), millis(end)), text)


def test_a_row_of_the_bench_file_counted_by_hand() -> None:
    sound = Audio(np.zeros(16000 * 10, np.float32))
    speech = (
        Clip(Path("a"), "a", "asr_en", "GOOD MORNING", "x"),
        Clip(Path("b"), "b", "asr_en", "STOP", "y"),
    )
    recording = Recording(sound, speech, (Span(millis(1000), millis(3000)), Span(millis(8000), millis(9000))))
    part = Part(recording, Path("s"), (Path("1"), Path("2")))
    noise = Part(
        Recording(sound, (Clip(Path("c"), "c", "nonspeech", ""),), (Span(0, seconds(10)),)),
        Path("n"),
        (Path("3"),),
    )
    material = Material(part, noise, ())
    spoken = [
        Spoken("good", Span(millis(1000), millis(1500)), 0, True),
        Spoken("morning", Span(millis(1500), millis(2000)), 0, True),
        Spoken("stop", Span(millis(8000), millis(8500)), 1, True),
    ]
    heard = {
        "speech": Heard((at(1040, 1500, "Good"), at(1480, 2060, "mourning.")), 0.2, 0.3),
        "noise": Heard((at(0, 500, "Thank"), at(500, 900, "you.")), 0.1, 0.1),
        "noise/c": Heard((at(0, 500, "You"),), 0.1, 0.1),
    }
    rounds = ({"speech": Heard((), 0.1, 0.3), "pace": Heard((), 0.05, 0.1)},)
    played = Played(heard, rounds)
    score = score_speech(part, played)
    assert score.texts == ("Good mourning.", "")
    row = system_row(material, played, score, spoken)
    # one of three words wrong, one lost
    assert row["errors"] == {"spoken": 3, "substitutions": 1, "deletions": 1, "insertions": 0, "wer": 200 / 3}
    assert {name: counts["wer"] for name, counts in row["corpora"].items()} == {"x": 50.0, "y": 100.0}
    assert row["missed_words"] == 1  # "stop": nothing near
    assert row["word_times"]["compared"] == 1
    assert row["word_times"]["start"]["median"] == pytest.approx(40)
    assert row["speed"] == pytest.approx(10 / 0.15)  # median of 0.2 and 0.1 s for 10 s of sound
    assert row["pace_wall_s"] == [0.05]
    assert row["invented_joined"] == pytest.approx(12)  # 2 words in 10 s
    assert row["invented_clips"] == pytest.approx(6)
    assert row["invented_clip_texts"] == {"c": "You"}


def test_one_clip_by_itself_is_scored_by_what_was_said_of_it() -> None:
    sound = Audio(np.zeros(16000, np.float32))
    clip = Clip(Path("a"), "a", "asr_en", "good morning")
    part = Part(Recording(sound, (clip,), (Span(0, seconds(1)),)), Path("s"), (Path("1"),))
    played = Played({"speech/a": Heard((at(0, 500, "good"), at(500, 900, "evening")), 0.5, 0.5)})
    row = system_row(Material(part, None, ()), played, score_speech(part, played), ())
    assert row["wer"] == 50.0
    assert row["speed"] == pytest.approx(2.0)
    assert "missed" not in row


def test_nothing_to_score_is_said_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="nothing to score"):
        bench_captions(tmp_path, BenchOptions(rivals=False, keep=tmp_path / "kept"))
    assert not (tmp_path / "kept").exists()


@pytest.mark.models
def test_the_whole_bench_on_real_speech(tmp_path: Path) -> None:
    data = tmp_path / "own"
    speech = model_files("sample-speech", offline=True)["two_cities.wav"]
    sound = load_clip(Clip(speech, "two_cities", "asr_en", OPENING))
    write_wav(sound.cut(Span(0, millis(8750))), data / "opening.wav")
    (data / "opening.txt").write_text(OPENING, "utf-8")
    silence = np.random.default_rng(5).standard_normal(48000) * 1e-3
    write_wav(Audio(silence.astype(np.float32)), data / "room.wav")
    (data / "room.txt").write_text("", "utf-8")
    stages: list[Progress] = []
    bench = bench_captions(
        data, BenchOptions(rivals=False, quick=True, keep=tmp_path / "kept"), stages.append
    )
    figures = bench["figures"]
    assert figures["wer"] <= 10
    assert figures["wer_bare"] <= 10
    assert figures["missed"] == 0
    assert figures["word_start_median"] < 80
    assert figures["invented_clips"] == figures["invented_joined"] == 0
    assert figures["speed"] > 1
    assert bench["systems"][ACCESSIFY]["errors"]["spoken"] == 24
    assert set(bench["formulas"]) == set(figures)
    assert bench["captions"]["cues"] == len(
        read_captions(tmp_path / "kept" / "captions" / "speech.json").cues
    )
    assert json.loads(json.dumps(bench))["data"]["name"] == "own"
    assert str(tmp_path) not in json.dumps(bench)
    assert "It was the best of times" in (tmp_path / "kept" / "comparison.tsv").read_text("utf-8")
    assert len({progress.stage for progress in stages}) >= 4
