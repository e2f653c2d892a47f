"""Live runs in processes of their own, each kept in a file: what was measured is not measured again.

A run is taken up from its file where the sound, the way it was played and the source of what was measured
are the same; scores are always computed anew.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from accessify.core.errors import AccessifyError
from accessify.core.placing import placed
from accessify.core.timeline import seconds
from accessify.evaluation.live_events import HourRun, LiveRun, hour_from_json, run_from_json
from accessify.evaluation.live_material import LiveMaterial
from accessify.evaluation.live_offline import Offline, hear_offline
from accessify.evaluation.live_score import Shown
from accessify.evaluation.measuring import last_line, run_watched
from accessify.evaluation.recording import write_wav
from accessify.evaluation.systems import ACCESSIFY

CORES = 2
"""Cores that every run keeps to where there are more."""
_MEASURED = ("core", "speech", "media", "engines", "hub", "pipelines")
"""Packages whose source decides what a run is."""
_SAMPLED = 0.5
"""Seconds between two looks at memory."""

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs over one recording, which lies as a WAV file in `folder` beside what was found."""

    material: LiveMaterial
    folder: Path

    @property
    def file(self) -> Path:
        """The recording; written when it is first asked for."""
        path = self.folder / f"{self.material.key}.wav"
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_wav(self.material.recording.audio, path)
        return path

    def play(self, system: str, count: int, longest: float | None = None) -> LiveRun:
        """`count` streams at once at true pace, each beginning with another clip.

        `longest`: seconds that each is played at most. Raises `AccessifyError` with the process's own
        words where it gave no result.
        """
        asked = self._asked(system, self.starts(count), longest)
        told = self._kept(f"{system}-{count}", asked, lambda: self._measured(asked))
        return run_from_json(told)

    def hour(self, length: float = 3600.0) -> HourRun:
        """One stream of accessify for `length` seconds of sound, faster than real time."""
        asked = {**self._asked(ACCESSIFY, (0,), None), "long": length}

        def measure() -> Values:
            told = self._measured(asked)
            told.pop("peak_rss")
            return told

        return hour_from_json(self._kept("hour", asked, measure))

    def offline(self) -> Offline:
        """The same sound without haste, in this process."""

        def hear() -> Values:
            return asdict(hear_offline(self.material.recording.audio, self.file))

        told = self._kept("offline", {"file": self.file.name}, hear)
        waiting = tuple(Shown(one["wall"], tuple(one["committed"])) for one in told["waiting"])
        texts = {name: tuple(told[name]) for name in ("segments", "file")}
        return Offline(**{**told, **texts, "waiting": waiting})

    def starts(self, count: int) -> tuple[int, ...]:
        """Numbers of the clips that `count` streams begin with."""
        clips = len(self.material.recording.clips)
        return tuple(place * clips // count for place in range(count))

    def parts(self, run: LiveRun, longest: float | None = None) -> list[LiveMaterial]:
        """What each stream of `run` was played."""
        limit = None if longest is None else seconds(longest)
        return [self.material.turned(stream.first, limit) for stream in run.streams]

    def _asked(self, system: str, starts: tuple[int, ...], longest: float | None) -> Values:
        regions = self.material.recording.regions
        limit = None if longest is None else seconds(longest)
        streams = []
        for first in starts:
            spans = [regions[number] for number in self.material.order(first, limit)]
            streams.append([first, [[span.start, span.end] for span in spans]])
        return {
            "system": system,
            "file": self.file.name,
            "streams": streams,
            "cores": CORES,
            "long": None,
        }

    def _kept(self, name: str, asked: Values, measure: Callable[[], Values]) -> Values:
        """What `measure` gives, from the file of a run that was the same where there is one."""
        key = hashlib.sha256(json.dumps([asked, source_digest()]).encode()).hexdigest()
        path = self.folder / f"run-{name}.json"
        if path.is_file():
            known: Values = json.loads(path.read_text("utf-8"))
            if known["key"] == key:
                return dict(known["told"])
        told = measure()
        with placed(path) as temporary:
            temporary.write_text(json.dumps({"key": key, "told": told}), "utf-8")
        return told

    def _measured(self, asked: Values) -> Values:
        with tempfile.TemporaryDirectory(prefix="accessify-bench-") as folder:
            request, result = Path(folder, "request.json"), Path(folder, "result.json")
            told = {**asked, "file": str(self.file.absolute()), "result": str(result)}
            request.write_text(json.dumps(told), "utf-8")
            complaint = Path(folder, "stderr.txt")
            command = [sys.executable, "-m", "accessify.evaluation.live_child", str(request)]
            peak, _ = run_watched(command, complaint, _SAMPLED)
            if not result.is_file():
                raise AccessifyError(
                    f"{asked['system']} stopped before it gave a result: {last_line(complaint)}"
                )
            answer: Values = json.loads(result.read_text("utf-8"))
        if "error" in answer:
            raise AccessifyError(answer["error"])
        return {**answer, "peak_rss": peak}


def source_digest() -> str:
    """Fingerprint of the source that a live run depends on, the rivals' included."""
    here = Path(__file__).parent
    house = here.parent
    files = [path for package in _MEASURED for path in (house / package).rglob("*.py")]
    names = ("live_child", "live_play", "live_systems", "live_events", "live_offline")
    digest = hashlib.sha256()
    for path in sorted([*files, *(here / f"{name}.py" for name in names)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
