from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from accessify.core.progress import Progress
from accessify.core.text import Timing, Word
from accessify.core.timeline import Track, millis, seconds, to_seconds
from accessify.delivery.journal import open_journal
from accessify.pipelines import listen as listening
from accessify.pipelines.listen import Listening, job_key, listen
from accessify.speech.transcribe import TranscribeOptions
from accessify.speech.whisper_options import WhisperOptions
from tests.fakes import HEARS_TONES, TONES, WORDS, speak, write_wav

pytestmark = pytest.mark.usefixtures("_loud_is_speech")

SENTENCES = [" ".join(WORDS[(at + step) % 10] for step in range(at % 5 + 1)) for at in range(24)]


def film(folder: Path, text: str = "[1.2] ".join(f"{sentence} " for sentence in SENTENCES)) -> Path:
    return write_wav(folder / "film.wav", speak(f"[0.7] {text} [1]"))


def job(path: Path, workers: int = 1) -> Listening:
    return Listening(
        path=path,
        track=None,
        duration=seconds(60),
        chosen=HEARS_TONES,
        vad_files={},
        detector="0" * 64,
        workers=workers,
        transcribe=TranscribeOptions(window=8, batch=3),
    )


def run(job: Listening, on_progress: object = None) -> Track[Word]:
    with open_journal(job_key(job)) as journal:
        return listen(job, journal, on_progress).words  # type: ignore[arg-type]


def text(words: Track[Word]) -> str:
    return " ".join(word.text for word in words)


def test_every_word_is_heard_in_its_place(tmp_path: Path) -> None:
    words = run(job(film(tmp_path, "alpha bravo [2] charlie [1.5] delta echo")))
    assert text(words) == "alpha bravo charlie delta echo"
    begin = [0.7, 0.924, 3.148, 4.872, 5.096]
    for word, at in zip(words, begin, strict=True):
        assert abs(word.span.start - seconds(at)) <= millis(15)
        assert word.timing is Timing.ALIGNED
        assert word.confidence is not None
        assert word.confidence > 0.9


@pytest.mark.parametrize("workers", [1, 2])
def test_many_sentences(tmp_path: Path, workers: int) -> None:
    words = run(job(film(tmp_path), workers))
    assert text(words) == " ".join(SENTENCES)
    for before, after in pairwise(words):
        assert before.span.end <= after.span.start


def test_any_number_of_workers_gives_the_same_words(tmp_path: Path) -> None:
    path = film(tmp_path)
    assert run(job(path, 1)) == run(job(path, 2))


def test_speech_without_a_breath_is_cut_and_joined_again(tmp_path: Path) -> None:
    """A minute of words with 32 ms between them: at least two cuts, no word lost or doubled."""
    spoken = " ".join(WORDS[at * at % 10] for at in range(270))
    path = write_wav(tmp_path / "film.wav", speak(spoken))
    words = run(replace(job(path), transcribe=TranscribeOptions(evidence=-99)))
    assert text(words) == spoken
    assert to_seconds(words[-1].span.end) == pytest.approx(270 * 0.224, abs=0.1)


def test_silence_gives_no_words(tmp_path: Path) -> None:
    assert run(job(write_wav(tmp_path / "a.wav", np.zeros(80_000, np.float32)))) == Track()


def test_what_was_too_unsure_is_noted_with_its_place(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).normal(0, 0.02, 8000).astype(np.float32)
    sound = np.concatenate([speak("[1] alpha [2]"), noise, speak("[2] bravo [1]")])
    words = run(job(write_wav(tmp_path / "a.wav", sound)))
    assert text(words) == "alpha bravo"
    (note,) = words.notes
    assert note.kind == "unheard"
    assert to_seconds(note.span.start) == pytest.approx(3.224, abs=0.35)


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    steps: list[Progress] = []
    words = run(job(film(tmp_path)), steps.append)
    assert len(steps) >= 8
    assert all(step.stage == "transcribe" and step.total == 60 for step in steps)
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert done[-2] == pytest.approx(to_seconds(words[-1].span.end), abs=0.3)
    assert done[-1] == 60


def test_progress_over_silence_ends_too(tmp_path: Path) -> None:
    steps: list[Progress] = []
    run(job(write_wav(tmp_path / "a.wav", np.zeros(80_000, np.float32))), steps.append)
    assert [step.done for step in steps] == [60]


class Stopped(Exception):
    """Ends a run from its callback."""


def stop_after(count: int) -> object:
    steps = iter(range(1, 1000))

    def on_progress(step: Progress) -> None:
        if next(steps) == count:
            raise Stopped

    return on_progress


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_was_stopped_goes_on_and_gives_the_same_words(
    tmp_path: Path, state: Path, caplog: pytest.LogCaptureFixture, workers: int
) -> None:
    path = film(tmp_path)
    whole = run(job(path))
    for file in (state / "jobs").iterdir():
        file.unlink()
    with pytest.raises(Stopped):
        run(job(path, workers), stop_after(4))
    with caplog.at_level(logging.INFO, listening.__name__):
        assert run(job(path, workers)) == whole
    (message,) = caplog.messages
    assert message.startswith(f"{path}: ")
    assert message.endswith(" batches heard, 4 known from a run before")
    assert not message.startswith(f"{path}: 0 ")
    caplog.clear()
    with caplog.at_level(logging.INFO, listening.__name__):
        assert run(job(path, workers)) == whole
    assert " 0 batches heard, " in caplog.messages[0]


def test_a_journal_is_believed_only_for_the_same_sound(tmp_path: Path) -> None:
    """Another version of a library may cut or decode a film a little differently."""
    first = job(write_wav(tmp_path / "a.wav", speak("[0.5] alpha bravo [1]")))
    second = job(write_wav(tmp_path / "b.wav", speak("[0.5] charlie delta [1]")))
    with open_journal("shared") as journal:
        assert text(listen(first, journal).words) == "alpha bravo"
        assert text(listen(second, journal).words) == "charlie delta"
        assert text(listen(first, journal).words) == "alpha bravo"
        assert len(journal) == 2


class TestJobKey:
    def test_the_same_job_has_the_same_key(self, tmp_path: Path) -> None:
        path = film(tmp_path)
        assert job_key(job(path)) == job_key(job(path))

    def test_the_number_of_workers_and_the_name_make_no_difference(self, tmp_path: Path) -> None:
        path = film(tmp_path)
        before = job_key(job(path))
        assert job_key(job(path.rename(tmp_path / "renamed.wav"), 2)) == before

    def test_whatever_changes_the_words_changes_the_key(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        base = job(film(tmp_path))
        other = write_wav(tmp_path / "other.wav", speak("golf"))
        keys = [
            job_key(each)
            for each in (
                base,
                replace(base, path=other),
                replace(base, track=1),
                replace(base, detector="1" * 64),
                replace(base, chosen=replace(HEARS_TONES, digest="1" * 64)),
                replace(base, chosen=replace(HEARS_TONES, asked=WhisperOptions(beam=2))),
                replace(base, chosen=replace(HEARS_TONES, engine=replace(TONES, name="other"))),
                replace(base, detect=replace(base.detect, on=0.21)),
                replace(base, transcribe=replace(base.transcribe, evidence=0.81)),
            )
        ]
        monkeypatch.setattr(listening, "version", lambda _: "99.0")
        keys.append(job_key(base))
        assert len(set(keys)) == len(keys)


SCRIPT = """
import sys
from pathlib import Path
from accessify.core.timeline import seconds
from accessify.delivery.journal import open_journal
from accessify.pipelines import listen
from tests.fakes import HEARS_TONES, LoudSpeech
print("started")
listen.Silero = LoudSpeech
job = listen.Listening(Path(sys.argv[1]), None, seconds(60), HEARS_TONES, {}, "", workers=2)
with open_journal("script") as journal:
    print(" ".join(word.text for word in listen.listen(job, journal).words))
"""


def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    path = film(tmp_path)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, script, path],
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "ACCESSIFY_STATE": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == ["started", " ".join(SENTENCES)]
    assert done.stderr == ""
