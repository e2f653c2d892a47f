"""Film to captions: listen, compose, check, deliver."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from accessify.captions.check import check
from accessify.captions.compose import compose
from accessify.captions.film import Film
from accessify.captions.findings import Finding
from accessify.captions.formats import format_for
from accessify.captions.rules import Profile, load_profile
from accessify.core.errors import OptionError
from accessify.core.progress import OnProgress
from accessify.core.text import Cue, Document, Word
from accessify.core.timecode import parse_timecode
from accessify.core.timeline import Rate, Track
from accessify.delivery.files import write_captions
from accessify.delivery.journal import open_journal
from accessify.engines.registry import Engine, find_engine
from accessify.hub.catalog import find_model
from accessify.hub.fetch import model_files
from accessify.media.mux import carrier_for, mux_captions
from accessify.media.probe import MediaInfo, probe
from accessify.media.read import open_audio
from accessify.media.shots import find_shots
from accessify.pipelines.listen import Listening, job_key, listen

SPEECH_DETECTOR = "silero-vad"
DEFAULT_PROFILES = {"en": "netflix-en", "zh": "netflix-zh-hans"}
"""Language → profile taken where none is asked for; `web` for all others."""


@dataclass(frozen=True, slots=True)
class CaptionOptions:
    """How a film is captioned."""

    profile: str | None = None
    """Name of the style guide; None takes the language's usual one."""
    engine: str = "moonshine"
    """Name of the recogniser."""
    model: str | None = None
    """Name of its model in the catalogue; None takes the engine's default."""
    language: str = "en"
    """BCP 47 tag of what is spoken."""
    audio_track: int | None = None
    """0-based number of the sound track; None takes the one the film marks as default."""
    start_timecode: str | None = None
    """Timecode of the film's first frame, e.g. `01:00:00:00`; added to every time that is written."""
    shots: bool | None = None
    """Find the shot changes and fit captions to them. It decodes the whole picture, which takes far
    longer than listening; None does it where there is a picture and the style guide has shot rules."""
    mux: bool = False
    """Also write the film with the captions as a track, streams untouched."""
    offline: bool = False
    """Never dial out; models must be on this machine."""
    workers: int | None = None
    """Processes that recognise; None takes one for each core where the film is long enough."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """What became of a film."""

    document: Document
    """The captions; their track's notes say what could not be done."""
    film: Film
    """What is known of the film."""
    profile: Profile
    findings: tuple[Finding, ...]
    """What the style guide still objects to."""
    files: tuple[Path, ...] = ()
    """Everything that was written."""


def caption(
    path: str | Path,
    options: CaptionOptions = CaptionOptions(),
    *,
    output: str | Path | None = None,
    formats: Sequence[str] = (),
    on_progress: OnProgress | None = None,
) -> Track[Cue]:
    """Caption the film at `path`; the cues, with notes of what could not be done.

    Files are written only when `output` or `formats` ask for them, as `caption_film` says. Raises
    `MediaError`, `OptionError`, `ModelError` and `OutputError`.
    """
    done = caption_film(path, options, output=output, formats=formats, on_progress=on_progress)
    return done.document.cues


def caption_film(
    path: str | Path,
    options: CaptionOptions = CaptionOptions(),
    *,
    output: str | Path | None = None,
    formats: Sequence[str] = (),
    on_progress: OnProgress | None = None,
) -> Captioned:
    """Caption the film at `path` and tell all about it.

    `output` is a folder, where files take the film's stem, or one file whose suffix gives the
    format; without it the files of `formats` land beside the film. A run that was killed is taken
    up where it was and ends with the same bytes.
    """
    film_path = Path(path)
    targets = plan_targets(film_path, output, formats)
    profile = load_profile(options.profile or default_profile(options.language))
    engine = find_engine(options.engine, options.language, options.model)
    info = probe(film_path)
    rate = info.video.rate if info.video else Film().rate
    start = parse_timecode(options.start_timecode, rate) if options.start_timecode else 0
    if options.mux:
        _require_carrier(film_path, info)
    open_audio(film_path, options.audio_track).close()  # raises before anything is fetched
    job = _job(film_path, info, engine, options, on_progress)
    with open_journal(job_key(job)) as journal:
        words = listen(job, journal, on_progress)
        wanted = profile.shot_zone is not None if options.shots is None else options.shots
        shots = find_shots(film_path, on_progress) if wanted and info.video else ()
        film = Film(rate, shots, info.span.end or None)
        document = _document(compose(words, profile, film), words, options, rate)
        findings = check(document, profile, film)
        files = _deliver(document, start, targets)
        if options.mux:
            files += (_mux(film_path, document, output),)
        journal.remove()
    return Captioned(document, film, profile, findings, files)


def default_profile(language: str) -> str:
    """The style guide usual for a language."""
    return DEFAULT_PROFILES.get(language.split("-", maxsplit=1)[0], "web")


def plan_targets(film: Path, output: str | Path | None, formats: Sequence[str]) -> tuple[Path, ...]:
    """Where each caption file goes. Raises `UnknownName` and `OptionError` before any work is done."""
    kinds = tuple(dict.fromkeys(format_for(name, writing=True) for name in formats))
    if output is None:
        return tuple(film.with_suffix(kind.suffixes[0]) for kind in kinds)
    place = Path(output)
    if _is_file(place):
        if kinds not in ((), (format_for(place, writing=True),)):
            raise OptionError(
                f"-o {place} names one {place.suffix} file; name a folder, or leave out --format"
            )
        return (place,)
    return tuple(place / (film.stem + kind.suffixes[0]) for kind in kinds or (format_for("srt"),))


def _is_file(output: Path) -> bool:
    """Whether `-o` means one file; a name with a suffix may also be a folder that is there."""
    return bool(output.suffix) and not output.is_dir()


def _require_carrier(film: Path, info: MediaInfo) -> None:
    if not info.video:
        raise OptionError(f"{film}: there is no picture to put captions into; leave out --mux")
    carrier_for(film)


def _job(
    path: Path, info: MediaInfo, engine: Engine, options: CaptionOptions, on_progress: OnProgress | None
) -> Listening:
    model = find_model(options.model or engine.models[0])
    vad = find_model(SPEECH_DETECTOR)
    hashes = "".join(file.sha256 for each in (model, vad) for file in each.files)
    return Listening(
        path=path,
        track=options.audio_track,
        duration=info.span.end,
        engine=engine,
        files=model_files(model.name, offline=options.offline, on_progress=on_progress),
        vad_files=model_files(vad.name, offline=options.offline, on_progress=on_progress),
        models=hashlib.sha256(hashes.encode()).hexdigest(),
        workers=options.workers,
    )


def _document(cues: Track[Cue], words: Track[Word], options: CaptionOptions, rate: Rate) -> Document:
    engine = options.model or find_engine(options.engine, options.language).models[0]
    made_by = f"Machine-made captions: {engine}, accessify {version('accessify')}; not checked by a person"
    return Document(cues, language=options.language, origin=made_by, rate=rate, words=words)


def _deliver(document: Document, start: int, targets: Sequence[Path]) -> tuple[Path, ...]:
    shifted = replace(document, cues=document.cues.shift(start), words=document.words.shift(start))
    for target in targets:
        write_captions(shifted, target)
    return tuple(targets)


def _mux(film: Path, document: Document, output: str | Path | None) -> Path:
    place = Path(output) if output is not None else film.parent
    folder = place.parent if _is_file(place) else place
    target = folder / f"{film.stem}.captioned{film.suffix}"
    mux_captions(film, document.cues, target, language=document.language, title=document.origin)
    return target
