"""Text to signs: what the page may ask. Signing and drawing are jobs, one at a time for all rooms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accessify.avatar.look import HAIRS, SKINS
from accessify.core.timeline import to_seconds
from accessify.core.video import Cutout, Frame
from accessify.pipelines.performance import Written
from accessify.pipelines.published import signable
from accessify.pipelines.sign import SignOptions
from accessify.pipelines.sign import sign as performed
from accessify.pipelines.sign_files import write_performance
from accessify.pipelines.sign_film import FilmOptions, why_no_avatar
from accessify.pipelines.sign_part import HAN, MOST_LETTERS, SECONDS_A_LETTER, letters, part
from accessify.render.still import write_still
from accessify.server.job import Terms
from accessify.server.jobs import Report
from accessify.server.refusal import Refused
from accessify.server.rooms import Room
from accessify_app import signing_asked as asking
from accessify_app.signing_answer import Signed, answer_of, notes_of
from accessify_app.signing_apart import apart
from accessify_app.signing_lexicon import drop_signs, lexicon_of, own_signs, take_signs
from accessify_app.studio import Studio

LANE = "signs"
SIGN, MAKE, OVER = "sign", "sign-file", "over"
"""Kinds of jobs."""
LOOKS_A_SECOND, LOOKS = 4, 16
"""Looks at what is being drawn: how many for each second of the film, and after how many the names repeat.

A page that asks for one gets it whole, since it is written anew only some seconds later.
"""
_VALUE = "signing"

Asked = dict[str, Any]


def choices(studio: Studio, room: Room) -> dict[str, Any]:
    """What can be chosen on this machine."""
    languages = [
        {"code": one.language, "written": one.written, "words": one.words, "alphabet": one.alphabet}
        for one in signable()
    ]
    return {
        "languages": languages,
        "skins": list(SKINS),
        "hairs": list(HAIRS),
        "sizes": list(asking.SIZES),
        "shares": list(asking.SHARES),
        "letters": {
            "most": MOST_LETTERS,
            "han": HAN,
            "seconds": SECONDS_A_LETTER,
            "fastest": SignOptions().fastest,
        },
        "looks": {"second": LOOKS_A_SECOND, "names": LOOKS},
        "no_avatar": why_no_avatar(),
        "offline": studio.options.offline,
    }


def captions(studio: Studio, room: Room, source: str = asking.DRAFT, first: int = 1) -> dict[str, Any]:
    """The captions that would be signed from number `first` on, and the film they are for."""
    document = asking.captions_of(room, source)
    chosen = part(document.cues, first)
    film = asking.film_name(room)
    return {
        "first": chosen.first,
        "last": chosen.last,
        "total": chosen.total,
        "start": to_seconds(document.cues[chosen.first - 1].span.start),
        "end": to_seconds(document.cues[chosen.last - 1].span.end),
        "letters": sum(letters(cue.text) for cue in chosen.cues),
        "language": document.language,
        "begins": document.cues[chosen.first - 1].text,
        "film": room.title(film) if film else None,
    }


def open_captions(studio: Studio, room: Room, name: str) -> dict[str, Any]:
    """Take the captions of an uploaded file."""
    room.values["signing-captions"] = asking.open_file(room, name)
    return captions(studio, room, asking.FILE)


def film(studio: Studio, room: Room) -> dict[str, Any]:
    """The film of the first tab that the signer may stand in."""
    name = asking.film_name(room)
    return {"film": room.title(name) if name else None}


def sign(studio: Studio, room: Room, asked: Asked) -> dict[str, Any]:
    """Sign text or captions and draw the film that is shown; what cannot be asked for is told at once."""
    asked = asking.known(asked)
    source = asking.source_of(room, asked)
    options = asking.sign_options(asked, source, offline=studio.options.offline)
    options = replace(options, lexicon=lexicon_of(room))
    shown = asking.film_options(asked)
    ending = asking.ending_of(asked.get("film", "mp4"), asking.FILMS)
    origin = asked.get("source", asking.TEXT)
    document = asking.captions_of(room, origin) if source.part else None

    def work(report: Report) -> dict[str, Any]:
        cues = source.part.cues if source.part else source.text
        performance = performed(cues, options, report.progress)
        report.check()
        former = room.values.get(_VALUE)
        version = former.version + 1 if isinstance(former, Signed) else 1
        signed = Signed(version, performance, asked, source, options.text_language, document)
        _keep(room, signed)
        target = room.file(f"signing-{version}.{ending}")
        written = write_performance(performance, target, shown, report.progress, _looks(room))
        _keep(room, _drawn(signed, written, target))
        return {"version": version}

    text = " ".join(cue.text for cue in source.part.cues) if source.part else source.text
    terms = Terms(letters(text), f"{ending} {shown.style}", last="draw")
    return {"job": studio.jobs.submit(room, LANE, SIGN, apart(work), terms).id}


def answer(studio: Studio, room: Room) -> dict[str, Any] | None:
    """What was signed last; None before anything was."""
    signed = room.values.get(_VALUE)
    return answer_of(signed) if isinstance(signed, Signed) else None


def make(studio: Studio, room: Room, version: int, ending: str, size: str = asking.SMALL) -> dict[str, Any]:
    """Make a download: `mp4`, `webm` (clear around the figure), `glb` or `bvh`."""
    signed = _signed(room, version)
    ending = asking.ending_of(ending)
    options = asking.film_options(signed.asked, size, "transparent" if ending == "webm" else "")
    moves = ending in ("glb", "bvh")
    name = f"signing-{version}-{'moving' if moves else size}.{ending}"
    if signed.film.endswith(f".{ending}") and ending == "mp4" and size == asking.SMALL:
        name = signed.film  # it is there already
    key = ending if moves else f"{ending} {size}"
    title = f"signing.{signed.performance.language}.{ending}"
    return _made(studio, room, _Wanted(MAKE, key, name, title), signed, options)


def over(studio: Studio, room: Room, version: int, where: Asked) -> dict[str, Any]:
    """Put the signer into the film of the first tab, clear of its captions."""
    signed = _signed(room, version)
    place, below = asking.place_of(where), asking.draft_film(room)

    document = asking.draft_captions(room) or signed.captions  # not to be covered
    options = replace(asking.film_options(signed.asked), over=below, place=place, captions=document)
    offset = signed.source.part.offset if signed.source.part else 0
    timed = replace(signed, performance=signed.performance.shift(offset))
    title = f"{Path(room.title(below.name)).stem}.signer.mp4"
    return _made(studio, room, _Wanted(OVER, OVER, f"signing-{version}-over.mp4", title), timed, options)


def cancel(studio: Studio, room: Room, job: str) -> dict[str, Any]:
    """Stop a job."""
    studio.jobs.cancel(room, job)
    return {}


CALLBACKS = (
    choices,
    captions,
    open_captions,
    film,
    own_signs,
    take_signs,
    drop_signs,
    sign,
    answer,
    make,
    over,
    cancel,
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A download."""

    kind: str
    """Of its job."""
    key: str
    """What the page asked for."""
    name: str
    """Its file in the room."""
    title: str
    """The name that it is saved under."""


def _made(
    studio: Studio, room: Room, wanted: _Wanted, signed: Signed, options: FilmOptions
) -> dict[str, Any]:
    """A job that makes a download of the kept signing."""

    def work(report: Report) -> dict[str, Any]:
        report.stage("write")
        target, written = room.file(wanted.name), None
        if wanted.name != signed.film:
            written = write_performance(signed.performance, target, options, report.progress)
        report.check()
        result = {
            "version": signed.version,
            "key": wanted.key,
            "file": wanted.name,
            "as": wanted.title,
            "bytes": target.stat().st_size,
            "notes": notes_of(written.notes) if written else [],
        }
        with room.lock:
            newest = room.values.get(_VALUE)
            if isinstance(newest, Signed) and newest.version == signed.version:
                newest.made[wanted.key] = result
        return result

    alike = f"{Path(wanted.name).suffix} {options.size} {options.style}"
    size = None if options.over else to_seconds(signed.performance.motion.span.duration)
    terms = Terms(size, alike, last="draw")
    return {"job": studio.jobs.submit(room, LANE, wanted.kind, apart(work), terms).id}


def _signed(room: Room, version: int) -> Signed:
    """The signing that is kept. Raises `Refused` where another one took its place."""
    signed = room.values.get(_VALUE)
    if not isinstance(signed, Signed):
        raise Refused("no-signing", "nothing was signed yet; sign something first")
    if signed.version != version:
        raise Refused("signed-anew", "something else was signed meanwhile; look at that")
    return signed


def _keep(room: Room, signed: Signed) -> None:
    """Let it take the place of what was there, whose files go, and tell the pages."""
    with room.lock:
        room.values[_VALUE] = signed
    for path in room.folder.glob("signing-*"):
        own = (f"signing-{signed.version}.", f"signing-{signed.version}-", "signing-look-")
        if not path.name.startswith(own):
            path.unlink(missing_ok=True)
    room.tell({"type": "signing", "version": signed.version, "film": bool(signed.film)})


def _drawn(signed: Signed, written: Written, target: Path) -> Signed:
    performance = signed.performance.with_notes(written.notes)
    return replace(signed, performance=performance, film=target.name, renderer=written.renderer)


def _looks(room: Room) -> Callable[[Cutout | Frame], None]:
    """Keeps recent pictures of what is being drawn in the room."""
    newest = -1

    def look(picture: Cutout | Frame) -> None:
        nonlocal newest
        number = int(to_seconds(picture.start) * LOOKS_A_SECOND)
        if number > newest:
            newest = number
            write_still(picture, room.folder / f"signing-look-{number % LOOKS}.jpg")

    return look
