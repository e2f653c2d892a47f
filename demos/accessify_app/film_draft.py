"""Callbacks that work on the draft of a film's captions. Times are seconds; every draft has a version."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

from accessify.captions.doubt import unsure_words
from accessify.captions.film import Film
from accessify.captions.findings import Finding
from accessify.core.text import Cue
from accessify.core.timeline import Track, to_seconds
from accessify.delivery.files import write_captions
from accessify.pipelines.draft import (
    Draft,
    History,
    checked,
    edited,
    fixed,
    rechecked,
    splice_of,
    with_profile,
)
from accessify.server.jobs import Report
from accessify.server.refusal import Refused
from accessify.server.rooms import Room
from accessify_app.film_changes import read_changes
from accessify_app.film_copy import cue_copies, head_copy
from accessify_app.studio import Studio

Answer = dict[str, Any]

AT_ONCE = 250
"""Captions that are checked within a callback; of more, only those near a change, or all behind it."""
_FILE = "draft.json"
_TOLD = tuple(field.name for field in fields(Finding) if field.name != "span")


def current(room: Room) -> History | None:
    """The draft of a room, with what came before; None where there is none."""
    found = room.values.get("draft")
    return found if isinstance(found, History) else None


def media(room: Room) -> str | None:
    """The file that the captions of a room are for; None where there is none."""
    found = current(room)
    return found.now.media if found else None


def history(room: Room) -> History:
    """The draft of a room, with what came before. Raises `Refused` ("no-draft")."""
    found = current(room)
    if found is None:
        raise Refused("no-draft", "there are no captions yet; caption a film or open a caption file")
    return found


def begun(room: Room, draft: Draft) -> History:
    """A draft of another origin; the one before can be taken back."""
    former = current(room)
    return former.then(draft) if former else History(draft)


def keep(studio: Studio, room: Room, fresh: History) -> History:
    """Make this the room's draft, on disk too, and tell its pages; all or nothing. Raises `OutputError`."""
    with room.lock:
        if len(fresh.now.document.cues) <= AT_ONCE:
            fresh = fresh.with_findings(checked(fresh.now).findings or ())
        write_captions(fresh.now.document, room.file(_FILE))
        room.values["draft"] = fresh
        room.tell({"type": "draft", "version": fresh.version})
        if fresh.now.findings is None:
            _check_soon(studio, room)
        return fresh


def draft(studio: Studio, room: Room) -> Answer:
    """All of it."""
    return whole(room, history(room))


def findings(studio: Studio, room: Room, version: int) -> Answer:
    """What the style guide objects to; null while that is still being found out."""
    with room.lock:
        now = _newest(room, version).now
        return {"version": now.version, "findings": _findings(now.findings)}


def edit(studio: Studio, room: Room, version: int, changes: list[Any]) -> Answer:
    """Apply `changes`: all of them, or none."""
    asked = read_changes(changes)
    return _step(studio, room, version, lambda past: past.then(edited(past.now, asked)))


def undo(studio: Studio, room: Room, version: int) -> Answer:
    """The draft before."""
    return _step(studio, room, version, _undone)


def redo(studio: Studio, room: Room, version: int) -> Answer:
    """The draft that was taken back."""
    return _step(studio, room, version, _redone)


def profile(studio: Studio, room: Room, version: int, name: str, recompose: bool | str = False) -> Answer:
    """Check under another style guide; `recompose` cuts captions anew for it, "anyway" over edits too."""
    if recompose is True and _newest(room, version).now.edited:
        text = "captions were edited here, and cutting them anew would lose that; ask for it once more"
        raise Refused("edits-lost", text)
    change = partial(with_profile, name=str(name), recompose=bool(recompose))
    return _change_all(studio, room, version, ("compose", change) if recompose else ("", change))


def fix(studio: Studio, room: Room, version: int, cue: int | None = None, rule: str | None = None) -> Answer:
    """Repair one caption, or all; where all are many, as a job."""
    return _change_all(studio, room, version, ("" if cue else "fix", partial(fixed, number=cue, rule=rule)))


def whole(room: Room, found: History) -> Answer:
    """A draft as pages are told it."""
    now = found.now
    return {
        **_state(found),
        **_about(room, now),
        "copy": head_copy(now),
        "cues": _rows(now, now.document.cues),
    }


def _about(room: Room, now: Draft) -> Answer:
    """What is true of all its captions."""
    document, media = now.document, now.media
    rate = now.film.rate if now.film else document.rate
    end = now.film.end if now.film else None
    there = media is not None and room.file(media).is_file()
    return {
        "title": document.source,
        "language": document.language,
        "film": {"file": media, "title": room.title(media), "duration": to_seconds(end) if end else None}
        if media is not None and there
        else None,
        "fps": float(rate.fps) if rate else None,
        "origin": document.origin,
        "notes": [
            {"start": to_seconds(note.span.start), "end": to_seconds(note.span.end), "kind": note.kind}
            | {"text": note.text}
            for note in document.cues.notes
        ],
    }


def cue_rows(cues: Sequence[Cue] | Track[Cue]) -> list[Answer]:
    """Captions as pages are told them."""
    return [
        {
            "start": round(to_seconds(cue.span.start), 6),
            "end": round(to_seconds(cue.span.end), 6),
            "text": cue.text,
            "confidence": cue.confidence,
            "unsure": [word.text for word in unsure_words(Track(cue.words))],
        }
        for cue in cues
    ]


def _rows(now: Draft, cues: Sequence[Cue] | Track[Cue]) -> list[Answer]:
    """Captions of a draft, each with what its page keeps of it."""
    kept = cue_copies(cues, now.document)
    return [row | {"copy": copy} for row, copy in zip(cue_rows(cues), kept, strict=True)]


def _state(found: History) -> Answer:
    now = found.now
    return {
        "version": now.version,
        "profile": _profile(now),
        "findings": _findings(now.findings),
        "undo": len(found.past),
        "redo": len(found.future),
        "edited": now.edited,
        "words": any(cue.words for cue in now.document.cues),
    }


def _profile(now: Draft) -> Answer:
    """The style guide; `shortest` and `gap` are seconds that it asks of a caption and between two."""
    guide, rate = now.profile, (now.film or Film()).rate
    lengths = {"shortest": guide.min_duration, "gap": guide.chain_gap}
    seconds = {name: round(float(each.frames_at(rate) / rate.fps), 6) for name, each in lengths.items()}
    return {"name": guide.name, "title": guide.title, **seconds}


def _findings(found: Sequence[Finding] | None) -> list[Answer] | None:
    if found is None:
        return None
    return [{name: getattr(each, name) for name in _TOLD} for each in found]


def _newest(room: Room, version: int) -> History:
    """Raises `Refused` ("stale") where a page speaks of another draft than the newest."""
    found = history(room)
    if version != found.version:
        text = "the captions were changed elsewhere in the meantime; look at them and try again"
        raise Refused("stale", text, version=found.version)
    return found


def _step(studio: Studio, room: Room, version: int, change: Callable[[History], History]) -> Answer:
    """Go on to another draft, and tell what of the one before changes."""
    with room.lock:
        before = _newest(room, version)
        after = change(before)
        if len(after.now.document.cues) > AT_ONCE:
            after = replace(after, now=rechecked(after.now, before.now))
        after = keep(studio, room, after)
        return _state(after) | _patch(room, before.now, after.now)


def _patch(room: Room, before: Draft, after: Draft) -> Answer:
    """Captions `from` up to `from + removed` (from 0) become `cues`; beside it what else is another."""
    splice = splice_of(before, after)
    rows = _rows(after, after.document.cues[splice.first : splice.first + splice.added])
    former = _about(room, before)
    fresh = {name: value for name, value in _about(room, after).items() if value != former[name]}
    if _head(before) != _head(after):
        fresh["copy"] = head_copy(after)
    return fresh | {"from": splice.first, "removed": splice.removed, "cues": rows}


def _head(draft: Draft) -> tuple[Any, ...]:
    """What `head_copy` is made of."""
    cues = draft.document.cues
    return replace(draft.document, cues=Track((), cues.notes)), draft.film


def _undone(found: History) -> History:
    if not found.past:
        raise Refused("nothing-to-undo", "there is nothing to take back")
    return found.undone()


def _redone(found: History) -> History:
    if not found.future:
        raise Refused("nothing-to-redo", "there is nothing to do again")
    return found.redone()


def _change_all(
    studio: Studio, room: Room, version: int, work: tuple[str, Callable[[Draft], Draft]]
) -> Answer:
    """Go on to a changed draft at once; as a job where captions are many and the work has a stage's name."""
    stage, change = work
    if stage and len(_newest(room, version).now.document.cues) > AT_ONCE:
        slow = partial(_change_slowly, studio, version, work)
        return {"job": studio.jobs.submit(room, "check", "fix", slow).id}
    return _step(studio, room, version, lambda past: past.then(change(past.now)))


def _change_slowly(
    studio: Studio, version: int, work: tuple[str, Callable[[Draft], Draft]], report: Report
) -> Answer:
    stage, change = work
    report.stage(stage)
    fresh = checked(change(_newest(report.room, version).now))
    report.check()
    with report.room.lock:
        return {"version": keep(studio, report.room, _newest(report.room, version).then(fresh)).version}


def _check_soon(studio: Studio, room: Room) -> None:
    """Have the newest draft checked, unless that is being done already."""
    if room.values.get("checking"):
        return
    room.values["checking"] = True
    for _ in range(100):
        try:
            studio.jobs.submit(room, "check", "check", _check)
        except Refused as refused:
            if refused.code != "busy":
                room.values["checking"] = False
                raise
            time.sleep(0.01)  # the one before is about to end
        else:
            return


def _check(report: Report) -> Answer:
    """Check the newest draft, and again where it was changed meanwhile."""
    room = report.room
    try:
        while True:
            report.stage("check")
            now = history(room).now
            found = checked(now).findings or ()
            with room.lock:
                newest = history(room)
                if newest.version == now.version:
                    room.values["draft"] = newest.with_findings(found)
                    room.values["checking"] = False
                    room.tell({"type": "findings", "version": now.version})
                    return {"version": now.version}
    finally:
        room.values["checking"] = False


CALLBACKS = (draft, findings, edit, undo, redo, profile, fix)
