"""Plays the material to the systems, each in a fresh process, and collects what they heard.

The first round gives accuracy and speed; in the following rounds accessify and moonshine-voice take
turns on the long recording, so that both meet the same state of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from accessify.evaluation.material import Material, Part, memory_files
from accessify.evaluation.measuring import Heard, measure
from accessify.evaluation.systems import ACCESSIFY, BARE, MOONSHINE_VOICE

SPEECH, NOISE, FILM = "speech", "noise", "film"
"""Labels of the joined recordings; `speech/NAME` is one clip of them by itself."""

Stage = Callable[[str], None]
"""Told what is being done."""


@dataclass(frozen=True, slots=True)
class Played:
    """What one system heard."""

    heard: Mapping[str, Heard]
    """First round: label → result."""
    rounds: tuple[Heard, ...]
    """The long recording, first and further rounds."""

    def clips(self, part: Part, label: str) -> tuple[Heard, ...]:
        """The results of all clips by themselves, or none."""
        names = [f"{label}/{clip.name}" for clip in part.recording.clips]
        return tuple(self.heard[name] for name in names if name in self.heard)


def playlist(system: str, material: Material) -> dict[str, Path]:
    """What `system` is played in the first round, label → file."""
    parts = {SPEECH: material.speech, NOISE: material.noise}
    joined = {label: part.joined for label, part in parts.items() if part}
    alone = {label: _clips(label, part) for label, part in parts.items()}
    if system == BARE:
        return alone[SPEECH] | alone[NOISE]
    if system == ACCESSIFY:
        return joined | alone[NOISE] | {f"{FILM}/{film.name}": film.path for film in material.films}
    return joined


def _clips(label: str, part: Part | None) -> dict[str, Path]:
    if part is None:
        return {}
    names = [f"{label}/{clip.name}" for clip in part.recording.clips]
    return dict(zip(names, part.clips, strict=True))


def play(
    material: Material, systems: Sequence[str], outputs: Path, rounds: int, stage: Stage
) -> dict[str, Played]:
    """Play everything to every system; accessify leaves its caption files in `outputs`."""
    first: dict[str, dict[str, Heard]] = {}
    for system in systems:
        stage(f"play the recordings to {system}")
        files = playlist(system, material)
        measured = measure(system, tuple(files.values()), outputs, warm_up=material.warm_up)
        first[system] = dict(zip(files, measured.heard, strict=True))
    paces = {system: [heard[SPEECH]] for system, heard in first.items() if SPEECH in heard}
    for number in range(2, rounds + 1):
        for system in (name for name in (ACCESSIFY, MOONSHINE_VOICE) if name in paces):
            stage(f"speed of {system}, round {number} of {rounds}")
            assert material.speech is not None  # noqa: S101 - for the type checker
            again = measure(system, [material.speech.joined], outputs, warm_up=material.warm_up)
            paces[system] += again.heard
    return {name: Played(heard, tuple(paces.get(name, ()))) for name, heard in first.items()}


def peak_memory(part: Part, folder: Path, stage: Stage) -> tuple[int, int]:
    """Peak bytes of accessify on 10 minutes and on 2 hours of sound, each from a cold start."""
    peaks = []
    for path in memory_files(part, folder):
        stage(f"memory, {path.stem}")
        peaks.append(measure(ACCESSIFY, [path], folder, sample_every=0.1).peak_rss)
        path.unlink()
    return peaks[0], peaks[1]
