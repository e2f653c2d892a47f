"""Plays the material to the systems, each in a fresh process, and collects what they heard.

Everything is played once for accuracy. Then come rounds for speed, in which accessify and
moonshine-voice take turns, so that both meet the same state of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from accessify.evaluation.material import Material, Part, memory_files
from accessify.evaluation.measuring import Heard, measure
from accessify.evaluation.systems import ACCESSIFY, BARE, MOONSHINE_VOICE

SPEECH, NOISE, FILM, PACE = "speech", "noise", "film", "pace"
"""Labels of the joined recordings, `speech/NAME` being one clip of them by itself, and of the part of
the speech that speeds are compared on."""

Stage = Callable[[str], None]
"""Told what is being done."""


@dataclass(frozen=True, slots=True)
class Played:
    """What one system heard: label → result."""

    heard: Mapping[str, Heard]
    """Everything, once."""
    rounds: tuple[Mapping[str, Heard], ...] = ()
    """The rounds for speed; none for systems that are not compared."""

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

    def one(system: str, files: Mapping[str, Path]) -> dict[str, Heard]:
        measured = measure(system, tuple(files.values()), outputs, warm_up=material.warm_up)
        return dict(zip(files, measured.heard, strict=True))

    heard: dict[str, dict[str, Heard]] = {}
    for system in systems:
        stage(f"play everything to {system}")
        heard[system] = one(system, playlist(system, material))
    paces: dict[str, list[dict[str, Heard]]] = {system: [] for system in systems}
    for number in range(1, rounds + 1):
        for system in (name for name in (ACCESSIFY, MOONSHINE_VOICE) if name in paces and material.pace):
            stage(f"speed of {system}, round {number} of {rounds}")
            paces[system].append(one(system, _pace_list(system, material)))
    return {system: Played(heard[system], tuple(paces[system])) for system in systems}


def _pace_list(system: str, material: Material) -> dict[str, Path]:
    files = {PACE: material.pace, SPEECH: material.speech and material.speech.joined}
    return {label: path for label, path in files.items() if path and (label == PACE or system == ACCESSIFY)}


def peak_memory(part: Part, folder: Path, stage: Stage) -> tuple[int, int]:
    """Peak bytes of accessify on 10 minutes and on 2 hours of sound, each from a cold start."""
    peaks = []
    for path in memory_files(part, folder):
        stage(f"memory, {path.stem}")
        peaks.append(measure(ACCESSIFY, [path], folder, sample_every=0.1).peak_rss)
        path.unlink()
    return peaks[0], peaks[1]
