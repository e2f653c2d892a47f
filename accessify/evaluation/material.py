"""What the systems are played: a data set turned into files, once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from accessify.core.audio import Audio
from accessify.core.timeline import seconds
from accessify.evaluation.dataset import FILM, NON_SPEECH, SPEECH_EN, Clip, Dataset
from accessify.evaluation.recording import Recording, join_clips, load_clip, write_wav

QUICK = seconds(180)
"""Sound that a quick run takes of each kind, at least one clip."""
WARM_UP = seconds(60)
"""The beginning of the long recording, played once before time is taken."""
PACE = seconds(360)
"""The beginning of the long recording, on which speeds are compared: moonshine-voice slows down with
length, and this is where it is still fast."""
SHORT, LONG = seconds(600), seconds(7200)
"""Lengths whose memory is compared: 10 minutes and 2 hours."""


@dataclass(frozen=True, slots=True)
class Part:
    """Clips of one kind, joined and by themselves, as 16 kHz mono WAV files."""

    recording: Recording
    joined: Path
    clips: tuple[Path, ...]
    """One file a clip, in the recording's order."""


@dataclass(frozen=True, slots=True)
class Material:
    """All that one run plays; None where the data set has no such clips."""

    speech: Part | None
    noise: Part | None
    films: tuple[Clip, ...]
    """Films with a known text, played as they are."""
    warm_up: Path | None = None
    pace: Path | None = None
    """The beginning of the speech: `PACE` of it, or all if it is shorter."""


def build_material(dataset: Dataset, folder: Path, *, quick: bool = False) -> Material:
    """Write the files of `dataset` into `folder`."""
    speech = _part(dataset.of(SPEECH_EN), folder / "speech", quick)
    noise = _part(dataset.of(NON_SPEECH), folder / "noise", quick)
    films = () if quick else dataset.of(FILM)
    if speech is None:
        return Material(None, noise, films)
    audio = speech.recording.audio
    warm_up, pace = folder / "warm-up.wav", folder / "pace.wav"
    write_wav(audio, warm_up, min(WARM_UP, audio.span.duration))
    write_wav(audio, pace, min(PACE, audio.span.duration))
    return Material(speech, noise, films, warm_up, pace)


def _part(clips: Sequence[Clip], folder: Path, quick: bool) -> Part | None:
    if not clips:
        return None
    pairs = [(clip, load_clip(clip)) for clip in clips]
    if quick:
        pairs = _thinned(pairs, QUICK)
    recording = join_clips([clip for clip, _ in pairs], [sound for _, sound in pairs])
    joined = folder.with_suffix(".wav")
    write_wav(recording.audio, joined)
    paths = tuple(folder / f"{number:04}.wav" for number in range(len(pairs)))
    for path, (_, sound) in zip(paths, pairs, strict=True):
        write_wav(sound, path)
    return Part(recording, joined, paths)


def _thinned(pairs: Sequence[tuple[Clip, Audio]], limit: int) -> list[tuple[Clip, Audio]]:
    """Every n-th clip, so that about `limit` ticks of sound are left from all over the data set."""
    total = sum(sound.span.duration for _, sound in pairs)
    return list(pairs[:: max(1, -(-total // limit))])


def memory_files(part: Part, folder: Path) -> tuple[Path, Path]:
    """The recording cut or repeated to 10 minutes and to 2 hours."""
    short, long = folder / "10-minutes.wav", folder / "2-hours.wav"
    write_wav(part.recording.audio, short, SHORT)
    write_wav(part.recording.audio, long, LONG)
    return short, long
