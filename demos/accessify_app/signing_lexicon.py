"""Signs of the user's own: files of a lexicon that the room keeps. Each is tried before it is taken."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accessify.avatar.proportions import figure_proportions
from accessify.core.errors import FormatError
from accessify.delivery.lexicon import INDEX, LANDMARKS, read_lexicon
from accessify.pipelines.performing import Performer
from accessify.server.refusal import Refused
from accessify.server.rooms import Room
from accessify_app.studio import Studio

ENDINGS = (*LANDMARKS, ".sigml", ".xml", ".csv")
MOST_BYTES = 256 << 20
"""Of all files of one room's lexicon."""
_LONGEST = 100
"""Characters of a file's name."""
_SHOWN = 12
"""Words of a file that are told."""
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\/]')
_VALUE = "signing-lexicon"


def own_signs(studio: Studio, room: Room) -> dict[str, Any]:
    """The files of the room's lexicon: each with how many signs it holds, and the first of their words."""
    return {"files": [{"name": name, **told} for name, told in sorted(_files(room).items())]}


def take_signs(studio: Studio, room: Room, name: str) -> dict[str, Any]:
    """Take an uploaded file into the lexicon, in place of one of the same name.

    Raises `Refused`: "bad-signs" with the file, the line if there is one, and what to mend; "too-many-signs".
    """
    upload = room.existing(name)
    title = _file_name(room.title(name))
    with room.lock, _trial(room, whole=title == INDEX) as trial:
        _require_room(room, upload, title)
        upload.replace(trial / title)
        told = _tried(trial, title)
        lexicon = room.folder / "lexicon"
        lexicon.mkdir(exist_ok=True)
        (trial / title).replace(lexicon / title)
        room.values[_VALUE] = _files(room) | {title: told}
    return own_signs(studio, room)


def drop_signs(studio: Studio, room: Room, name: str) -> dict[str, Any]:
    """Take a file out of the lexicon; one that is not there is out already.

    Raises `Refused` ("bad-signs") where an index lists it.
    """
    with room.lock:
        left = {title: told for title, told in _files(room).items() if title != name}
        if name in _files(room):
            if INDEX in left:
                with _trial(room, whole=True) as trial:
                    (trial / name).unlink()
                    _tried(trial, INDEX)
            (room.folder / "lexicon" / name).unlink(missing_ok=True)
        room.values[_VALUE] = left
    return own_signs(studio, room)


def lexicon_of(room: Room) -> Path | None:
    """The folder of the room's own signs; None where there are none."""
    return room.folder / "lexicon" if _files(room) else None


def _files(room: Room) -> dict[str, dict[str, Any]]:
    files: dict[str, dict[str, Any]] = room.values.get(_VALUE, {})
    return files


@contextmanager
def _trial(room: Room, *, whole: bool) -> Iterator[Path]:
    """A folder to try signs in; `whole`: with all that the lexicon holds, as an index needs it."""
    trial, lexicon = room.folder / "lexicon-trial", room.folder / "lexicon"
    shutil.rmtree(trial, ignore_errors=True)
    if whole and lexicon.is_dir():
        shutil.copytree(lexicon, trial)
    else:
        trial.mkdir()
    try:
        yield trial
    finally:
        shutil.rmtree(trial, ignore_errors=True)


def _tried(trial: Path, title: str) -> dict[str, Any]:
    """What the page is told of a file in `trial`."""
    try:
        entries = read_lexicon(trial).entries
        if title.lower().endswith(LANDMARKS):
            Performer(figure_proportions()).recorded(trial / title)
    except FormatError as error:
        text = error.message.replace(f"{trial}{os.sep}", "").replace(f"{trial}: ", "")
        raise Refused("bad-signs", text, file=title, line=error.line) from None
    words = [entry.name for entry in entries]
    return {"signs": len(words), "words": words[:_SHOWN]}


def _file_name(title: str) -> str:
    """The name that a file of the user's is kept under: it is the word of a file of landmarks."""
    plain = unicodedata.normalize("NFC", re.split(r"[/\\]", title)[-1])
    name = Path(_UNSAFE.sub(" ", plain).strip(" ."))
    if name.suffix.lower() not in ENDINGS:
        raise Refused("no-signs-file", f"{name}: no file of signs; give {', '.join(ENDINGS)}", file=str(name))
    return " ".join(name.stem[:_LONGEST].split()) + name.suffix


def _require_room(room: Room, upload: Path, title: str) -> None:
    lexicon = room.folder / "lexicon"
    there = sum(path.stat().st_size for path in lexicon.glob("*") if path.name != title)
    if there + upload.stat().st_size > MOST_BYTES:
        told = f"at most {MOST_BYTES >> 20} MB of signs are kept here; remove some files first"
        raise Refused("too-many-signs", told, limit=MOST_BYTES)
