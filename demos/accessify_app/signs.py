"""Callbacks of the tab "Signs to text": the room's sign book, and what is signed in a film."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from accessify.core.errors import FormatError, MediaError, OptionError
from accessify.core.timeline import Note, Span, Track, to_seconds
from accessify.delivery.sign_book import read_book, update_book
from accessify.media.probe import probe
from accessify.pipelines.enrolling import EnrolledClip, EnrolOptions
from accessify.pipelines.enrolling import enrol as enrol_clips
from accessify.pipelines.recognizing import alike
from accessify.pipelines.sign_captions import Reading, deliver_reading, gloss_captions, spelling_captions
from accessify.pipelines.watching import SigningRead, read_signing
from accessify.server.camera_messages import (
    BOOK,
    candidates,
    drawn_parts,
    parse_settings,
    picture_points,
    room_book,
)
from accessify.server.job import Terms
from accessify.server.jobs import Report
from accessify.server.refusal import Refused
from accessify.server.rooms import Room
from accessify.signs.book import SignBook
from accessify.signs.labels import LONGEST_NOTE, language_code, one_line, sign_name
from accessify_app.studio import Studio

Answer = dict[str, Any]

CAPTIONS = (".vtt", ".srt", ".eaf")
_POINTS = "signs-points.json"
_DRAWN = 15
"""Pictures a second whose points a film is shown with, at most."""
_MOST_CLIPS = 10


def book(studio: Studio, room: Room) -> Answer:
    """What the room's sign book holds."""
    return _told(room_book(room))


def enrol(studio: Studio, room: Room, name: str, clips: list[str], about: Answer) -> Answer:
    """Enrol the sign that each of the uploaded `clips` shows; a job whose result is the book.

    `about` may hold `gloss`, `language`, `consent`, and `dominant` and `mirrored` as the camera's settings.
    The clips are removed in the end, whatever comes of it: the book holds measures, no pictures.
    """
    name = sign_name(name)
    texts = {key: str(about.get(key) or "").strip() for key in ("gloss", "language", "consent")}
    one_line("a gloss", texts["gloss"])
    one_line("the note of consent", texts["consent"], LONGEST_NOTE)
    language_code(texts["language"])
    if not 0 < len(clips) <= _MOST_CLIPS:
        raise OptionError(f"give 1 to {_MOST_CLIPS} clips that show {name!r}")
    paths = [room.existing(str(clip)) for clip in clips]
    settings = parse_settings(about, room, offline=studio.options.offline)
    options = EnrolOptions(
        room.folder / BOOK,
        texts["gloss"] or None,
        texts["language"],
        texts["consent"],
        settings.signing,
        tuple(room.title(path.name) for path in paths),
    )

    def work(report: Report) -> Answer:
        done = enrol_clips(name, paths, options, on_progress=report.progress)
        return {"name": done.name, "clips": [_clip(one) for one in done.clips], "book": _told(done.book)}

    terms = Terms(len(paths), over=partial(_discard, paths))
    return {"job": studio.jobs.submit(room, "signs", "enrol", work, terms).id}


def remove(studio: Studio, room: Room, name: str) -> Answer:
    """Take a sign out of the book; the book as it is then."""
    return _told(update_book(room.folder / BOOK, lambda current: current.without(name)))


def report(studio: Studio, room: Room) -> list[Answer]:
    """Signs of the book that look alike, and what tells them apart."""
    return [
        {
            "names": pair.names,
            "differences": [{"aspect": one.aspect.name.lower(), "text": one.text} for one in pair.plain],
        }
        for pair in alike(room_book(room))
    ]


def load(studio: Studio, room: Room, name: str, how: str) -> Answer:
    """Take the uploaded book `name` beside what there is ("merge") or instead of it ("replace")."""
    path = room.existing(name)
    try:
        given = read_book(path)
    except FormatError as error:
        raise Refused("bad-book", error.message) from None
    finally:
        _discard([path])
    if how not in ("merge", "replace"):
        raise Refused("bad-request", "a book is merged or replaces the one there is")
    keep = how == "merge"
    return _told(update_book(room.folder / BOOK, lambda current: current.merge(given) if keep else given))


def watch(studio: Studio, room: Room, name: str, settings: Answer) -> Answer:
    """Read the signs and letters in the uploaded film `name`, which is removed in the end; a job."""
    path = room.existing(name)
    options = parse_settings(settings, room, offline=studio.options.offline)

    def work(report: Report) -> Answer:
        read = read_signing(path, options, on_progress=report.progress)
        room.values["signs"] = (name, read)
        (room.folder / _POINTS).write_text(json.dumps(_points(read)))
        about = {"file": name, "title": room.title(name), "mode": settings.get("mode", "both")}
        return {**about, "points": _POINTS, **_read(read)}

    terms = Terms(_length(path), last="landmarks", over=partial(_discard, [path]))
    return {"job": studio.jobs.submit(room, "signs", "watch", work, terms).id}


def captions(studio: Studio, room: Room, kind: str, ending: str) -> Answer:
    """The "signs" or "letters" of the film that was watched last, as a caption file of the room."""
    name, read = room.values.get("signs", ("", None))
    if read is None:
        raise Refused("signs-no-film", "no film was read yet; give one")
    if kind not in ("signs", "letters") or ending not in CAPTIONS:
        raise Refused("bad-request", "such captions are not made")
    title = room.title(name)
    if kind == "signs":
        document = gloss_captions(read.signs, Reading(title, "sign book of a room"))
    else:
        document = spelling_captions(read.spelled, Reading(title, "letter network ase", signed="ase"))
    file = f"signs-{kind}{ending}"
    (room.folder / file).unlink(missing_ok=True)
    deliver_reading(document, title, room.folder / file)
    return {"file": file, "as": f"{Path(title).stem}.{kind}{ending}"}


def cancel(studio: Studio, room: Room, job: str) -> Answer:
    """Stop a job of this room."""
    studio.jobs.cancel(room, job)
    return {}


def _told(known: SignBook) -> Answer:
    signs = [
        {
            "name": sign.name,
            "gloss": sign.gloss,
            "language": sign.language,
            "clips": len(sign.references),
            "enrolled": max(one.enrolled for one in sign.references),
            "consent": all(one.consent.strip() for one in sign.references),
        }
        for sign in known
    ]
    return {"title": known.title, "signs": signs}


def _clip(one: EnrolledClip) -> Answer:
    hand = "left" if one.reference.clip.mirrored else "right"
    return {**_times(one.span), "hand": hand, "notes": _notes(one.notes)}


def _read(read: SigningRead) -> Answer:
    return {
        "signs": _events(read.signs),
        "letters": [
            {**event, "within": letter in read.within}
            for letter, event in zip(read.letters, _events(read.letters), strict=True)
        ],
        "notes": _notes(read.signs.notes),
        "duration": to_seconds(read.clip.span.end),
    }


def _events(track: Track[Any]) -> list[Answer]:
    return [
        {**_times(one.span), "known": one.known, "candidates": candidates(one.candidates)} for one in track
    ]


def _points(read: SigningRead) -> Answer:
    """The points of about every `_DRAWN`th part of a second, with their times in milliseconds."""
    clip = read.clip
    step = max(1, round(float(clip.rate.fps) / _DRAWN))
    chosen = range(0, len(clip), step)
    times = [round(to_seconds(int(clip.times[index])) * 1e3) for index in chosen]
    points = [picture_points(clip[index], clip.skeleton, clip.size) for index in chosen]
    return {"times": times, "points": points, "parts": drawn_parts(clip.skeleton), "size": clip.size}


def _notes(notes: Sequence[Note]) -> list[Answer]:
    return [{"kind": note.kind, "text": note.text, **_times(note.span)} for note in notes]


def _times(span: Span) -> Answer:
    return {"start": round(to_seconds(span.start), 3), "end": round(to_seconds(span.end), 3)}


def _length(path: Path) -> float | None:
    """Seconds of a film; None where it does not tell, or is none, which the job finds."""
    try:
        return to_seconds(probe(path).span.end) or None
    except MediaError:
        return None


def _discard(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


CALLBACKS = (book, enrol, remove, report, load, watch, captions, cancel)
