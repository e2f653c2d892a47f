"""Film to captions: listen, compose, check, deliver."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

from accessify.captions.check import check
from accessify.captions.compose import compose
from accessify.captions.film import Film
from accessify.captions.findings import Finding
from accessify.captions.rules import Profile, profile_for
from accessify.captions.scripts import script_of
from accessify.captions.unify import require_script, unify
from accessify.core.errors import MissingExtra, OptionError
from accessify.core.progress import OnProgress
from accessify.core.text import Cue, Document, Word
from accessify.core.timecode import parse_timecode
from accessify.core.timeline import Note, Rate, Span, Track
from accessify.delivery.journal import open_journal
from accessify.engines.registry import AUTO
from accessify.hub.catalog import find_model
from accessify.hub.fetch import model_files
from accessify.media.languages import UNDETERMINED, three_letters
from accessify.media.probe import AudioTrack, MediaInfo, probe
from accessify.media.read import open_audio
from accessify.media.shots import find_shots
from accessify.pipelines.choosing import Choice, choose
from accessify.pipelines.heard_language import is_chinese, spoken_language, written_language
from accessify.pipelines.listen import Listened, Listening, OnWords, job_key, listen
from accessify.pipelines.targets import Delivered, deliver, plan_targets, require_targets
from accessify.speech.whisper_options import WhisperOptions

SPEECH_DETECTOR = "silero-vad"

OnCues = Callable[[Track[Cue]], None]
"""Gets captions while a film is heard, composed of the words heard since it was called last."""
UNCHECKED = "not checked by a person"
"""What captions say of themselves until somebody has worked on them."""
_SOON = 1
"""Utterances in the first window, where somebody waits for captions."""


@dataclass(frozen=True, slots=True)
class CaptionOptions:
    """How a film is captioned."""

    profile: str | None = None
    """Name of the style guide; None takes the language's usual one."""
    engine: str = "moonshine"
    """Name of the recogniser."""
    model: str | None = None
    """Name of its model in the catalogue, or a path to one of your own; None takes the engine's default."""
    language: str = "en"
    """BCP 47 tag of what is spoken; `auto`: as it is heard, where the recogniser tells languages apart."""
    whisper: WhisperOptions = field(default_factory=WhisperOptions)
    """What the recogniser is told beside the language: task, prompt, terms, search and guards."""
    script: str | None = None
    """Script of Chinese captions, `hans` or `hant`; None leaves characters as they were recognised."""
    audio_track: int | None = None
    """0-based number of the sound track; None takes the film's default, or the one in `language`."""
    start_timecode: str | None = None
    """Timecode of the first frame, e.g. `01:00:00:00` (`;` counts drop-frame), or `film` for the film's
    own; added to every time that is written."""
    shots: bool | None = None
    """Find the shot changes and fit captions to them. It decodes the whole picture, which takes far
    longer than listening; None does it where there is a picture and the style guide has shot rules."""
    mux: bool = False
    """Also write the film with the captions as a track, streams untouched."""
    offline: bool = False
    """Never dial out; models must be on this machine."""
    workers: int | None = None
    """Processes that recognise; None takes one for each core where the film is long enough."""
    journal: Path | None = None
    """Folder of what is needed to go on where a run was stopped; None takes the platform's state folder."""


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
    delivered: Delivered = field(default_factory=Delivered)
    """What was written, and what was kept."""
    start: int | None = None
    """Ticks of the first frame's timecode in the files, when one was asked for."""


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


def caption_film(  # noqa: PLR0913 - one for each thing that is told on the way
    path: str | Path,
    options: CaptionOptions = CaptionOptions(),
    *,
    output: str | Path | None = None,
    formats: Sequence[str] = (),
    on_progress: OnProgress | None = None,
    on_cues: OnCues | None = None,
) -> Captioned:
    """Caption the film at `path` and tell all about it.

    `output` and `formats` say what is written and where (`plan_targets`); a caption file that is
    there already and differs is kept under another name. A run that was killed is taken up where
    it was and ends with the same bytes. `on_cues` gets captions as soon as their words are heard; they
    stand until the whole film is known, when all captions are composed together.
    """
    film_path = Path(path)
    targets = plan_targets(film_path, output, formats, mux=options.mux)
    profile_for(options.language, options.profile)  # raises before any work
    choice = choose(options.engine, options.model, options.language, options.whisper)
    _require_script(options)
    info = probe(film_path)
    start, rate = _start(film_path, info, options.start_timecode)
    track = _choose_track(info, options)
    open_audio(film_path, track.number if track else options.audio_track).close()  # raises before any work
    require_targets(film_path, targets, picture=info.video is not None)
    job = _job(info, track, choice, options, on_progress)
    if on_cues:
        job = replace(job, transcribe=replace(job.transcribe, first=_SOON))
    with open_journal(job_key(job), options.journal) as journal:
        heard = listen(job, journal, on_progress, on_cues and _composer(on_cues, info, rate, options))
        options = replace(_as_heard(options, heard), model=choice.model)
        words = heard.words.with_notes(_about(heard.words, info, track, options))
        words = _in_script(words, info, options)
        profile = profile_for(_written(options), options.profile)
        if "shots" not in journal and _wants_shots(info, profile, options):
            journal.write("shots", find_shots(film_path, on_progress))
        film = Film(rate, tuple(journal["shots"]) if "shots" in journal else (), info.span.end or None)
        known = rate if info.video or options.start_timecode else None
        document = _document(film_path, compose(words, profile, film), words, known, options)
        findings = check(document, profile, film)
        delivered = deliver(document, start, film_path, targets)
        journal.remove()
    return Captioned(document, film, profile, findings, delivered, start if options.start_timecode else None)


def _composer(on_cues: OnCues, info: MediaInfo, rate: Rate, options: CaptionOptions) -> OnWords:
    """What makes captions of the words heard so far; shot changes are not known yet."""
    film, end = Film(rate, (), info.span.end or None), 0

    def compose_heard(heard: Listened) -> None:
        nonlocal end
        asked = _as_heard(options, heard)
        cues = compose(
            _in_script(heard.words, info, asked), profile_for(_written(asked), asked.profile), film
        )
        shown = [replace(cue, span=Span(max(end, cue.span.start), max(end, cue.span.end))) for cue in cues]
        end = shown[-1].span.end
        on_cues(Track(tuple(shown)))

    return compose_heard


def _as_heard(options: CaptionOptions, heard: Listened) -> CaptionOptions:
    """The options with the language that was heard where none was told."""
    return replace(options, language=spoken_language(options.language, heard.language))


def _start(path: Path, info: MediaInfo, timecode: str | None) -> tuple[int, Rate]:
    """Ticks of the first frame's timecode, and the rate with the counting that the timecode asks for."""
    rate = info.video.rate if info.video else Film().rate
    if timecode == "film":
        if info.start_timecode is None:
            raise OptionError(f"{path}: it has no start timecode of its own; give one, e.g. 01:00:00:00")
        timecode = info.start_timecode
    if timecode is None:
        return 0, rate
    if ";" in timecode and rate.fps in (Fraction(30000, 1001), Fraction(60000, 1001)):
        rate = replace(rate, drop=True)
    return parse_timecode(timecode, rate), rate


def _choose_track(info: MediaInfo, options: CaptionOptions) -> AudioTrack | None:
    """The sound track asked for, else the default one unless only another is in the language spoken."""
    if not info.audio:
        return None
    if options.audio_track is not None:
        return next((track for track in info.audio if track.number == options.audio_track), None)
    usual = next((track for track in info.audio if track.default), info.audio[0])
    wanted = three_letters(options.language)
    if three_letters(usual.language) in (wanted, UNDETERMINED):
        return usual
    return next((track for track in info.audio if three_letters(track.language) == wanted), usual)


def _about(
    words: Track[Word], info: MediaInfo, track: AudioTrack | None, options: CaptionOptions
) -> list[Note]:
    """Notes on a sound track that may be the wrong one, and on frames that have no even rate."""
    if track is None:
        return []
    notes: list[Note] = []
    language = options.language
    if info.video and info.video.variable:
        text = "the frame rate varies: captions are timed by its average, not exact to the frame"
        notes.append(Note(info.span, "variable-rate", text))
    spoken = three_letters(track.language)
    if spoken not in (three_letters(language), UNDETERMINED):
        text = f"the film says that sound track {track} is not in {language!r}; captions assume it is"
        notes.append(Note(info.span, "language", text))
    if not words:
        others = ", ".join(str(other) for other in info.audio if other != track)
        hint = f"; other tracks for --audio-track: {others}" if others else ""
        left = "; so no film was written" if options.mux else ""
        notes.append(Note(info.span, "silent", f"no speech was heard in sound track {track}{left}{hint}"))
    return notes


def _in_script(words: Track[Word], info: MediaInfo, options: CaptionOptions) -> Track[Word]:
    """Chinese in the script that was asked for, by itself or by the language's tag.

    By the tag only where the extra is there: else a note says that characters are as they were recognised.
    """
    written = _written(options)
    script = (options.script or script_of(written)) if is_chinese(written) else None
    if script is None:
        return words
    try:
        return unify(words, script)
    except MissingExtra as error:
        if options.script is not None:
            raise
        text = f"characters are as they were recognised, maybe not as {written!r} has them: {error.message}"
        return words.with_notes([Note(info.span, "script", text)])


def _require_script(options: CaptionOptions) -> None:
    """Raise `OptionError` for a script that captions in this language have not, or that is none."""
    if options.script is None:
        return
    require_script(options.script)
    written = _written(options)
    if written.lower() != AUTO and not is_chinese(written):
        raise OptionError(f"script {options.script!r} is one of Chinese, the captions are in {written!r}")


def _written(options: CaptionOptions) -> str:
    return written_language(options.language, options.whisper.task, options.script)


def _wants_shots(info: MediaInfo, profile: Profile, options: CaptionOptions) -> bool:
    wanted = profile.shot_zone is not None if options.shots is None else options.shots
    return wanted and info.video is not None


def _job(
    info: MediaInfo,
    track: AudioTrack | None,
    choice: Choice,
    options: CaptionOptions,
    on_progress: OnProgress | None,
) -> Listening:
    hashes = "".join(file.sha256 for file in find_model(SPEECH_DETECTOR).files)
    return Listening(
        path=Path(info.path),
        track=track.number if track else None,
        duration=info.span.end,
        chosen=choice.fetched(offline=options.offline, on_progress=on_progress),
        vad_files=model_files(SPEECH_DETECTOR, offline=options.offline, on_progress=on_progress),
        detector=hashlib.sha256(hashes.encode()).hexdigest(),
        workers=options.workers,
    )


def _document(
    film: Path, cues: Track[Cue], words: Track[Word], rate: Rate | None, options: CaptionOptions
) -> Document:
    model = options.model
    kind = "captions"
    if options.whisper.task == "translate":
        kind = f"translation of what was said ({options.language})"
    made_by = f"Machine-made {kind}: {model}, accessify {version('accessify')}; {UNCHECKED}"
    return Document(
        cues,
        language=_written(options),
        title=film.stem,
        source=film.name,
        origin=made_by,
        rate=rate,
        words=words,
    )
