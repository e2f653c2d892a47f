from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from accessify.core.audio import Audio
from accessify.core.errors import AccessifyError, ModelError
from accessify.core.text import Timing, Word
from accessify.core.timeline import Span, seconds
from accessify.engines.registry import ENGINES, Engine
from accessify.pipelines.hearing import Batch, Ear, Result, open_workers, worker_count
from accessify.speech.detect import Utterance
from accessify.speech.transcribe import TranscribeOptions
from tests.fakes import DYING, HEARS_TONES, TONES, WORDS, speak


def ear(engine: Engine = TONES, *files: Path) -> Ear:
    known = tuple((path.name, path) for path in files)
    return Ear(replace(HEARS_TONES, engine=engine, files=known), TranscribeOptions())


def utterance(text: str, start: int = 0) -> Utterance:
    audio = Audio(speak(f"[0.1] {text} [0.1]"), start=start)
    return Utterance(audio, audio.span, 0.9)


def batches(count: int) -> list[tuple[int, Batch]]:
    """Every batch has other words."""
    return [
        (at, [utterance(WORDS[at % 10]), utterance(f"{WORDS[at // 10]} {WORDS[at % 7]}", seconds(9))])
        for at in range(count)
    ]


def heard(ear: Ear, workers: int, count: int = 30) -> list[tuple[int, list[Result]]]:
    with open_workers(ear, workers) as pool:
        return list(pool.map(batches(count)))


def test_words_come_in_order_with_their_times() -> None:
    results = heard(ear(), 1)
    assert [key for key, _ in results] == list(range(30))
    for key, (first, second) in results:
        assert [word.text for word in first.words] == [WORDS[key % 10]]
        assert [word.text for word in second.words] == [WORDS[key // 10], WORDS[key % 7]]
        assert first.words[0].timing is Timing.ALIGNED
        assert abs(first.words[0].span.start - seconds(0.1)) <= seconds(0.01)
        assert second.words[0].span.start >= seconds(9)


def test_any_number_of_workers_hears_the_same() -> None:
    assert heard(ear(), 2) == heard(ear(), 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_known_passes_through_in_its_place(workers: int) -> None:
    known = [Result((Word(Span(0, 1), "known"),), ())]
    items: list[tuple[int, Batch | list[Result]]] = [*batches(3), (3, known), *batches(2)]
    with open_workers(ear(), workers) as pool:
        results = list(pool.map(items))
    assert [key for key, _ in results] == [0, 1, 2, 3, 0, 1]
    assert results[3][1] is known


@pytest.mark.parametrize("workers", [1, 2])
def test_few_batches_are_in_flight(workers: int) -> None:
    drawn = 0

    def drawing() -> Iterator[tuple[int, Batch]]:
        nonlocal drawn
        for item in batches(40):
            drawn += 1
            yield item

    with open_workers(ear(), workers) as pool:
        for arrived, _ in enumerate(pool.map(drawing())):
            assert drawn - arrived <= 4 * workers + 1
    assert drawn == 40


def test_known_results_start_no_process() -> None:
    known = [Result((), ())]
    with open_workers(ear(), 2) as pool:
        assert list(pool.map([(1, known)])) == [(1, known)]
        assert pool._pool is None


def test_workers_are_gone_when_the_block_ends() -> None:
    with open_workers(ear(), 2) as pool:
        next(pool.map(batches(20)))
        workers = [psutil.Process(pid) for pid in pool._pool._processes]
        assert len(workers) == 2
    assert not any(worker.is_running() for worker in workers)


def test_workers_leave_ctrl_c_to_their_parent() -> None:
    with open_workers(ear(), 2) as pool:
        results = pool.map(batches(30))
        first = next(results)
        for pid in pool._pool._processes:
            os.kill(pid, signal.SIGINT)
        assert [first, *results] == heard(ear(), 1)


def poison(folder: Path, count: int) -> list[Path]:
    files = [folder / f"poison{number}" for number in range(count)]
    for path in files:
        path.touch()
    return files


def test_a_killed_worker_is_replaced_and_nothing_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        results = heard(ear(DYING, *poison(tmp_path, 1)), 2)
    assert results == heard(ear(), 1)
    assert caplog.messages == ["a process that recognises speech was killed; starting it again"]


def test_workers_that_keep_dying_end_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(AccessifyError, match=r"killed twice.*--workers 1") as caught:
        heard(ear(DYING, *poison(tmp_path, 20)), 2)
    assert "\n" not in str(caught.value)


def test_an_error_in_a_worker_is_the_error_here(tmp_path: Path) -> None:
    broken = tmp_path / "encoder_model.ort"
    broken.write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"encoder_model\.ort: .*models verify"):
        heard(ear(ENGINES["moonshine"], broken), 2)


def test_a_short_film_needs_one_process_and_a_long_one_all_cores() -> None:
    assert worker_count(1) == worker_count(59) == 1
    from loky import cpu_count

    assert worker_count(1e6) == min(cpu_count(), 8)
    assert worker_count(0) == worker_count(1e6)  # a file that does not say how long it is
