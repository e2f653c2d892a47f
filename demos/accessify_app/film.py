"""Callbacks of the film tab: looking into films, captioning them, and handing the captions out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from accessify.captions.film import Film
from accessify.captions.formats import FORMATS, format_for
from accessify.captions.rules import DEFAULT_PROFILES, load_profile, profile_names
from accessify.core.progress import OnProgress
from accessify.core.text import Cue, Document
from accessify.core.timeline import Track, to_seconds
from accessify.engines.registry import ANY
from accessify.engines.whisper_tokens import LANGUAGES
from accessify.media.mux import carrier_for, mux_captions
from accessify.media.probe import MediaInfo, probe
from accessify.media.read import open_audio
from accessify.pipelines.caption import CaptionOptions, caption_film
from accessify.pipelines.choosing import Offer, offers
from accessify.pipelines.draft import Draft, draft_from_file, draft_of, write_draft
from accessify.pipelines.sample import sample_film, sample_is_built
from accessify.server.job import Terms
from accessify.server.jobs import Report
from accessify.server.refusal import Refused
from accessify.server.rooms import Room
from accessify_app import film_draft
from accessify_app.film_copy import copied_draft
from accessify_app.film_draft import Answer, begun, cue_rows, history, keep, media, whole
from accessify_app.studio import Studio

_SAMPLE = "film-sample.mp4"


def choices(studio: Studio, room: Room) -> Answer:
    """What can be chosen: languages, models, style guides, formats; and the film that was chosen last."""
    models = _offers(studio)
    guides = [load_profile(name) for name in profile_names()]
    heard = {tag for model in models for tag in (LANGUAGES if ANY in model.languages else model.languages)}
    return {
        "languages": sorted(heard),
        "auto": any(model.tells_languages for model in models if _usable(studio, model)),
        "models": [
            {
                "engine": model.engine,
                "name": model.model,
                "label": model.title,
                "languages": list(model.languages),
                "auto": model.tells_languages,
                "default": model is models[0],
                "ready": _usable(studio, model),
            }
            for model in models
        ],
        "profiles": [
            {"name": guide.name, "title": guide.title, "languages": [guide.language]} for guide in guides
        ],
        "usual": {**DEFAULT_PROFILES, "*": "web"},
        "sample": True,
        "heard": room.values.get("heard"),
        "limit": studio.options.rooms.file_bytes,
        "formats": [
            {
                "name": each.name,
                "ending": each.suffixes[0],
                "title": each.title,
                "reads": each.is_read,
                "writes": each.write is not None,
            }
            for each in FORMATS.values()
        ],
    }


def inspect(studio: Studio, room: Room, file: str) -> Answer:
    """A film at a glance; raises at once where it is none, or has no sound to caption."""
    path = room.existing(file)
    info = probe(path)
    open_audio(path, info.audio[0].number if info.audio else None).close()
    video = info.video
    return {
        "title": room.title(file),
        "duration": _length(info),
        "picture": video is not None,
        "width": video.width if video else None,
        "height": video.height if video else None,
        "fps": float(video.rate.fps) if video else None,
        "audio": [
            {
                "number": track.number,
                "language": track.language,
                "default": track.default,
                "title": track.title,
                "channels": track.channels,
            }
            for track in info.audio
        ],
    }


def start(studio: Studio, room: Room, file: str, options: dict[str, Any]) -> Answer:
    """Caption a film of this room; its captions come as they are heard, and the draft at the end."""
    path = room.existing(file)
    asked = _asked(studio, room, options)
    work = partial(_caption, studio, path, asked)
    last = "transcribe" if asked.shots is False else "find shots"
    alike = f"{asked.engine} {asked.model} {asked.profile} {asked.shots}"
    job = studio.jobs.submit(room, "film", "caption", work, Terms(_length(probe(path)), alike, last))
    room.values["heard"] = file
    _only(room, file, media(room))
    return {"job": job.id}


def cancel(studio: Studio, room: Room, kind: str = "caption") -> Answer:
    """Stop a job of this room."""
    for job in studio.jobs.of(room):
        if job.kind == kind:
            studio.jobs.cancel(room, job.id)
    return {}


def sample(studio: Studio, room: Room) -> Answer:
    """Put the sample film into the room; the first time it has to be built, as a job."""
    if sample_is_built():
        return _sample(studio, room, None)
    work = partial(_build_sample, studio)
    return {"job": studio.jobs.submit(room, "check", "sample", work).id}


def open_captions(
    studio: Studio, room: Room, captions: str, film: str | None = None, language: str | None = None
) -> Answer:
    """Captions that somebody has already become the draft."""
    known = _film(probe(room.existing(film))) if film else None
    draft = draft_from_file(room.existing(captions), known, language)
    title = room.title(film or captions)
    with room.lock:
        named = replace(draft, document=_named(draft.document, title), media=film)
        return whole(room, keep(studio, room, begun(room, named)))


def give_film(studio: Studio, room: Room, film: str) -> Answer:
    """A film of this room is the one that the captions here are for."""
    known, title = _film(probe(room.existing(film))), room.title(film)
    with room.lock:
        found = history(room)
        draft = found.now
        of_it = draft.film if draft.film and draft.film.end is not None else known or draft.film
        fresh = replace(draft, media=film, film=of_it, document=_named(draft.document, title), findings=None)
        return whole(room, keep(studio, room, found.then(fresh)))


def restore(studio: Studio, room: Room, captions: str, kept: dict[str, Any]) -> Answer:
    """The draft that a page has kept while the program was started anew."""
    draft = copied_draft(room.existing(captions), kept)
    with room.lock:
        return whole(room, keep(studio, room, begun(room, draft)))


def write(studio: Studio, room: Room, format: str) -> Answer:
    """The captions as a file of this room, in any format that can be written."""
    kind = format_for(str(format), writing=True)
    now = history(room).now
    if not now.document.cues:
        raise Refused("nothing-to-write", "there are no captions to write yet")
    file = f"written{kind.suffixes[0]}"
    write_draft(now, room.file(file), kind.name)
    room.titles[file] = f"{_stem(room, now)}{kind.suffixes[0]}"
    return {"file": file, "as": room.title(file)}


def mux(studio: Studio, room: Room) -> Answer:
    """The film with the captions as a track, as a job."""
    now = history(room).now
    if now.media is None:
        raise Refused("nothing-to-mux", "there is no film here to put the captions into; give it first")
    if not now.document.cues:
        raise Refused("nothing-to-write", "there are no captions to write yet")
    path = room.existing(now.media)
    carrier_for(path)  # raises for a kind that carries no captions
    info = probe(path)
    if info.video is None:
        raise Refused("nothing-to-mux", "there is no picture to put captions into; give a film")
    studio.rooms.require_space(room, path.stat().st_size)
    terms = Terms(_length(info), last="mux")
    job = studio.jobs.submit(room, "film", "mux", partial(_mux, path, now), terms)
    return {"job": job.id}


def _offers(studio: Studio) -> tuple[Offer, ...]:
    return offers(studio.options.caption.engine, studio.options.caption.model)


def _usable(studio: Studio, model: Offer) -> bool:
    return model.is_here or not studio.options.offline


def _asked(studio: Studio, room: Room, options: Mapping[str, Any]) -> CaptionOptions:
    """How to caption, of what a page says: it may only name what it was offered."""
    usual = studio.options.caption
    wanted = options.get("model")
    models = {each.model: each for each in _offers(studio)}
    if wanted is not None and wanted not in models:
        raise Refused("bad-request", "this model is not one of those that can be chosen; load the page anew")
    model = models[wanted] if wanted is not None else None
    shots, track = options.get("shots"), options.get("track")
    return replace(
        usual,
        engine=model.engine if model else usual.engine,
        model=model.model if model else usual.model,
        language=str(options.get("language") or usual.language),
        profile=str(options["profile"]) if options.get("profile") else usual.profile,
        audio_track=track if type(track) is int else usual.audio_track,
        shots=shots if isinstance(shots, bool) else usual.shots,
        mux=False,
        offline=studio.options.offline or usual.offline,
        journal=room.folder / "journal",
    )


def _caption(studio: Studio, path: Path, asked: CaptionOptions, report: Report) -> Answer:
    report.stage("open")
    room = report.room

    def told(cues: Track[Cue]) -> None:
        report.cues(cue_rows(cues))

    done = caption_film(path, asked, on_progress=report.progress, on_cues=told)
    document = _named(done.document, room.title(path.name))
    draft = replace(draft_of(replace(done, document=document)), media=path.name)
    with room.lock:
        kept = keep(studio, room, begun(room, draft))
    _only(room, path.name)
    return {"version": kept.version, "total": len(document.cues)}


def _sample(studio: Studio, room: Room, on_progress: OnProgress | None) -> Answer:
    sample_film(room.file(_SAMPLE), offline=studio.options.offline, on_progress=on_progress)
    room.titles[_SAMPLE] = "sample.mp4"
    return {"file": _SAMPLE, "title": room.title(_SAMPLE)}


def _build_sample(studio: Studio, report: Report) -> Answer:
    report.stage("sample")
    return _sample(studio, report.room, report.progress)


def _mux(path: Path, draft: Draft, report: Report) -> Answer:
    report.stage("mux")
    room, document = report.room, draft.document
    file = f"captioned{path.suffix.lower()}"
    mux_captions(
        path,
        document.cues,
        room.file(file),
        language=document.language,
        title=document.origin,
        on_progress=report.progress,
    )
    report.check()
    room.titles[file] = f"{_stem(room, draft)}.captioned{path.suffix.lower()}"
    return {"file": file, "as": room.title(file), "version": draft.version}


def _length(info: MediaInfo) -> float | None:
    """Seconds of a film; None where it does not tell."""
    return to_seconds(info.span.end) or None


def _film(info: MediaInfo) -> Film | None:
    return Film(info.video.rate, end=info.span.end or None) if info.video else None


def _named(document: Document, title: str) -> Document:
    """With the names that the user knows, not those of the room."""
    return replace(document, title=Path(title).stem or None, source=title)


def _stem(room: Room, draft: Draft) -> str:
    return (Path(room.title(draft.media)).stem if draft.media else draft.document.title) or "captions"


def _only(room: Room, *films: str | None) -> None:
    """Remove all other films: a room does not fill."""
    for name in room.files():
        if name.startswith("film-") and name not in films and name not in room.uploads:
            room.file(name).unlink(missing_ok=True)


CALLBACKS = (
    choices,
    inspect,
    start,
    cancel,
    sample,
    open_captions,
    give_film,
    restore,
    write,
    mux,
    *film_draft.CALLBACKS,
)
