"""What the page asks to be signed, read and checked: JSON of a stranger into options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accessify.avatar.look import HAIRS, SKINS, Look
from accessify.core.errors import OptionError, UnknownName
from accessify.core.text import Document
from accessify.delivery.files import read_captions
from accessify.glossing.languages import written_language
from accessify.pipelines.figures import FigureOptions
from accessify.pipelines.published import signable
from accessify.pipelines.sign import FASTEST, SLOWEST, SignOptions
from accessify.pipelines.sign_film import FilmOptions, parse_size
from accessify.pipelines.sign_part import MOST_LETTERS, Part, letters, part
from accessify.render.signer_place import Wanted
from accessify.server.refusal import Refused
from accessify.server.rooms import Room
from accessify_app.film_draft import current, media

TEXT, DRAFT, FILE = "text", "draft", "file"
"""Where the words come from: typed, the captions of the first tab, a caption file."""
SMALL = "576x576"
"""Size of the film that is shown first: it is drawn about as fast as it is played."""
SIZES = (SMALL, "1280x720", "1920x1080")
FILMS = ("mp4", "webm")
ENDINGS = (*FILMS, "glb", "bvh")
STYLES = ("avatar", "skeleton")
WORDS = ("missing", "all", "none")
SHARES = {"sixth": 1 / 6, "quarter": 1 / 4, "third": 1 / 3}


_ASKED = ("source", "text", "first", "language", "written", "speed", "skin", "hair", "style", "words", "film")


_SPARSE = 4
"""Characters of any kind for which one letter is counted at least."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be signed."""

    text: str = ""
    part: Part | None = None
    """Captions instead."""
    language: str = ""
    """Language tag of captions, where they say it."""


def known(asked: object) -> dict[str, Any]:
    """What of `asked` means something. Raises `OptionError` where it is no object."""
    if not isinstance(asked, dict):
        raise OptionError("what is to be signed is an object; load the page anew")
    return {name: asked[name] for name in _ASKED if name in asked}


def captions_of(room: Room, source: str) -> Document:
    """The captions of the first tab, or of the caption file that was opened here.

    Raises `Refused` ("no-draft", "no-captions") where there are none.
    """
    if source == FILE:
        document = room.values.get("signing-captions")
        if not isinstance(document, Document):
            raise Refused("no-captions", "no caption file is open here; open one")
        return document
    document = draft_captions(room)
    if document is None:
        raise Refused("no-draft", "there are no captions yet; caption a film in the first tab")
    return document


def draft_captions(room: Room) -> Document | None:
    """The captions of the first tab as they are now; None where there are none."""
    found = current(room)
    return found.now.document if found and len(found.now.document.cues) else None


def open_file(room: Room, name: str) -> Document:
    """Read an uploaded caption file. Raises `FormatError`, and `Refused` where it holds no captions."""
    document = read_captions(room.existing(name))
    if not len(document.cues):
        raise Refused("no-captions", "this file holds no captions; open another one")
    return document


def source_of(room: Room, asked: dict[str, Any]) -> Source:
    """Text or captions. Raises `OptionError`, and `Refused` where there is nothing or too much to sign."""
    source = _one_of("source", asked.get("source", TEXT), (TEXT, DRAFT, FILE))
    if source != TEXT:
        document = captions_of(room, source)
        first = asked.get("first", 1)
        return Source(
            part=part(document.cues, first if isinstance(first, int) else 1), language=document.language or ""
        )
    text = str(asked.get("text", ""))
    if not text.strip():
        raise Refused("no-text", "there is nothing to sign; write some words")
    if (size := max(letters(text), len(text) / _SPARSE)) > MOST_LETTERS:
        told = f"the text has {size:.0f} letters, at most {MOST_LETTERS:.0f} are signed in one go; shorten it"
        raise Refused("too-long-text", told, letters=round(size), limit=round(MOST_LETTERS))
    return Source(text)


def sign_options(asked: dict[str, Any], source: Source, *, offline: bool) -> SignOptions:
    """In which language, how fast, and who signs. Raises `OptionError`."""
    language = _one_of("sign language", asked.get("language", "ase"), {one.language for one in signable()})
    text = source.text or " ".join(cue.text for cue in source.part.cues) if source.part else source.text
    written = str(asked.get("written") or source.language or written_language(text, language))
    skin = _one_of("skin", asked.get("skin", "light"), SKINS)
    hair = _one_of("hair", asked.get("hair", "brown"), HAIRS)
    return SignOptions(
        language=language,
        text_language=written,
        speed=_speed(asked.get("speed", 1.0)),
        figure=FigureOptions(Look(skin=SKINS[skin], hair=HAIRS[hair])),
        offline=offline,
    )


def film_options(asked: dict[str, Any], size: str = SMALL, background: str = "") -> FilmOptions:
    """How it is shown. Raises `OptionError`."""
    return FilmOptions(
        size=parse_size(_one_of("size", size, SIZES)),
        style=_one_of("style", asked.get("style", "avatar"), STYLES),  # type: ignore[arg-type]
        words=_one_of("words", asked.get("words", "missing"), WORDS),  # type: ignore[arg-type]
        background=background,
    )


def ending_of(name: object, known: tuple[str, ...] = ENDINGS) -> str:
    """The ending of a file to be made. Raises `UnknownName`."""
    return _one_of("kind of file", name, known)


def place_of(where: dict[str, Any]) -> Wanted:
    """Where in a film the signer stands. Raises `OptionError`."""
    share = SHARES[_one_of("size", where.get("share", "sixth"), SHARES)]
    return Wanted(str(where.get("side", "right")), share, beside=bool(where.get("beside", False)))


def draft_film(room: Room) -> Path:
    """The film of the first tab. Raises `Refused` ("no-film")."""
    name = film_name(room)
    if name is None:
        raise Refused("no-film", "there is no film yet; open one in the first tab")
    return room.existing(name)


def film_name(room: Room) -> str | None:
    """Its file in the room; None where there is none."""
    name = media(room)
    return name if name is not None and room.file(name).is_file() else None


def _one_of(kind: str, name: object, known: Any) -> str:
    if not isinstance(name, str) or name not in known:
        raise UnknownName(kind, str(name), known)
    return name


def _speed(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not SLOWEST <= value <= FASTEST:
        raise OptionError(f"the speed is a number from {SLOWEST:g} to {FASTEST:g}; give another one")
    return float(value)
