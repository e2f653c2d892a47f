"""Sound comes when it would have been spoken, and runs are kept."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from accessify.core.audio import SPEECH_RATE, Audio
from accessify.core.errors import AccessifyError
from accessify.core.timeline import Span, seconds
from accessify.evaluation import live_runs
from accessify.evaluation.dataset import Clip
from accessify.evaluation.live_events import ChangeLog
from accessify.evaluation.live_material import LiveMaterial
from accessify.evaluation.live_play import PIECE, Sound, play_live
from accessify.evaluation.live_runs import Runs
from accessify.evaluation.live_systems import Samples
from accessify.evaluation.recording import Recording
from accessify.evaluation.spoken import Spoken
from tests.spoken import clip, sound


class Counting:
    """A system that commits how many samples have come, with every piece."""

    def __init__(self) -> None:
        self.opened: list[Counted] = []

    def open(self, log: ChangeLog) -> Counted:
        self.opened.append(Counted(log))
        return self.opened[-1]

    def close(self) -> None:
        return


class Counted:
    def __init__(self, log: ChangeLog) -> None:
        self.log, self.pieces = log, list[Samples]()

    def push(self, samples: Samples) -> None:
        self.pieces.append(samples)
        self.log.add(self.log.count, [str(sum(map(len, self.pieces)))], [])

    def finish(self) -> None:
        time.sleep(0.05)
        self.log.add(self.log.count, ["end"], [])


def test_no_piece_comes_before_it_was_spoken_and_none_is_left_out() -> None:
    noise = np.random.default_rng(3).standard_normal(SPEECH_RATE // 2).astype(np.float32)
    sounds = [Sound(noise, 0), Sound(noise[: 3 * PIECE + 100], 7)]
    system = Counting()
    run = play_live("counting", system, sounds)
    for stream, heard, one in zip(run.streams, system.opened, sounds, strict=True):
        assert np.array_equal(np.concatenate(heard.pieces), one.samples)
        assert [len(piece) for piece in heard.pieces[:-1]] == [PIECE] * (len(heard.pieces) - 1)
        for number, change in enumerate(stream.changes[:-1]):
            assert change.wall >= (number + 1) * PIECE / SPEECH_RATE - 1e-6
        assert stream.changes[-1].new == ("end",)
        assert stream.ended >= stream.seconds
        assert (stream.first, stream.seconds) == (one.first, one.seconds)
    assert run.streams[1].ended < run.streams[0].ended  # one stream ends while the other goes on
    assert 0 <= run.late_p95 <= run.late


def two_clips() -> LiveMaterial:
    """The first 4 s of Beckett, twice; its first words are known."""
    speech = sound("beckett.wav").cut(Span(0, seconds(4))).samples
    spans = tuple(Span(seconds(start), seconds(start + 4)) for start in (0, 4))
    one = Clip(clip("beckett.wav"), "beckett.wav", "asr_en", "ever tried")
    words = tuple(
        Spoken("ever", Span(span.start, span.end), at, measured=True) for at, span in enumerate(spans)
    )
    return LiveMaterial(Recording(Audio(np.concatenate([speech, speech])), (one, one), spans), words)


@pytest.mark.models
def test_streams_are_played_in_a_process_of_their_own_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = Runs(two_clips(), tmp_path)
    run = runs.play("accessify", 2, 4.0)
    assert [stream.first for stream in run.streams] == [0, 1]
    assert [part.seconds for part in runs.parts(run, 4.0)] == [4.0, 4.0]
    for stream in run.streams:
        assert stream.seconds == 4.0
        assert "tried" in " ".join(stream.committed).lower()
        assert "tried" in " ".join(stream.saved).lower()
        assert stream.gaps == 0
        assert stream.changes[-1].state == "ended"
    assert run.cpu_s > 0
    assert run.peak_rss > 50e6

    kept = tmp_path / "run-accessify-2.json"
    told = json.loads(kept.read_text("utf-8"))
    kept.write_text(json.dumps({**told, "told": {**told["told"], "cpu_s": 123.0}}), "utf-8")
    assert runs.play("accessify", 2, 4.0).cpu_s == 123.0  # the same run again is taken from its file
    monkeypatch.setattr(live_runs, "source_digest", lambda: "other source")
    monkeypatch.setattr(live_runs, "CORES", 1)
    with pytest.raises(AccessifyError, match="no-such-system stopped before it gave a result: KeyError"):
        runs.play("no-such-system", 1, 4.0)


@pytest.mark.models
def test_a_long_stream_is_heard_faster_than_it_is_spoken(tmp_path: Path) -> None:
    hour = Runs(two_clips(), tmp_path).hour(16.0)
    assert hour.seconds == 16.0
    assert hour.words >= 8  # the 8 s twice
    assert len(hour.rss) == 2  # before and in the end
    assert hour.notes == ()
