"""`book.json`, the part of a sign book that people can read: names, sources and what the arrays hold."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from typing import Any, NoReturn

from accessify.core.errors import FormatError, OptionError
from accessify.signs.book import MOST_FRAMES, EnrolledSign, Reference, SignBook
from accessify.signs.clip import BODY_POINTS
from accessify.signs.labels import sign_name

SCHEMA = "accessify.signs"
VERSION = 1
README = (
    "A sign book: signs that people enrolled by showing them, for accessify to find again.",
    "The landmarks of a person are personal data. Each clip has the note that was left about the consent of "
    "the person shown; an empty note means that nobody said. Ask before you pass this file on.",
    "A name or gloss stands for a sign and is no translation.",
    "This file is a zip. Each clip of a sign is four numpy arrays in the folder that its 'clip' names; "
    "numpy.load reads them without pickle. Axes: x to the right of a viewer who faces the signer, y down, z "
    "away from the camera. NaN is what was not seen.",
    "times.npy: int64 [frames], each picture's time in the source, in ticks of 1/705600000 s.",
    "hands.npy: float32 [frames, 2, 21, 3], the dominant and the other hand, 21 points in the order of "
    "MediaPipe (0 wrist, 1-4 thumb, 5-8 index, 9-12 middle, 13-16 ring, 17-20 little finger, from knuckle "
    "to tip), both as right hands (the other one is mirrored); wrist at 0, palm size 1: the mean length of "
    "wrist to the knuckles of index, middle and little finger and of index to little knuckle.",
    "places.npy: float32 [frames, 2, 3], where the palm of each hand is, from the middle between the "
    "shoulders, in shoulder widths.",
    f"body.npy: float32 [frames, {len(BODY_POINTS)}, 3], {', '.join(BODY_POINTS)}, from the middle between "
    "the shoulders, in shoulder widths; those with a 2 are on the other hand's side.",
    "Where 'left_handed' is true the left hand is the dominant one and everything is mirrored, so that it is "
    "a right hand here. 'mirrored' says whether the film was a selfie's.",
)
"""What `book.json` tells about the file, a paragraph each."""

_BOOK: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("schema", "written_by", "remark", "title"), (str,)),
    "version": (int,),
    "readme": (list,),
    "signs": (list,),
}
_SIGN: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("name", "gloss", "language"), (str,)),
    "references": (list,),
}
_REFERENCE: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("clip", "source", "consent", "enrolled", "fps"), (str,)),
    "sha256": (str, type(None)),
    "frames": (int,),
    "mirrored": (bool,),
    "left_handed": (bool,),
}


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """What the listing tells of one clip."""

    folder: str
    """Where in the zip its arrays are."""
    frames: int
    source: str
    sha256: str | None
    consent: str
    enrolled: str
    fps: Fraction
    mirrored: bool
    left_handed: bool


@dataclass(frozen=True, slots=True)
class SignData:
    """What the listing tells of one sign."""

    name: str
    gloss: str
    language: str
    references: tuple[ReferenceData, ...]


@dataclass(frozen=True, slots=True)
class BookData:
    """What the listing tells."""

    title: str
    signs: tuple[SignData, ...]


def book_json(book: SignBook) -> str:
    """JSON text of all of a book but its arrays; the clips are numbered through the book from 1."""
    number = 0
    signs = []
    for sign in book:
        references = []
        for reference in sign.references:
            number += 1
            references.append(_reference_json(reference, folder_of(number)))
        signs.append(_sign_json(sign, references))
    data = {
        "schema": SCHEMA,
        "version": VERSION,
        "written_by": f"accessify {version('accessify')}",
        "remark": "machine-made: landmarks that a computer found in films of people signing",
        "title": book.title,
        "readme": README,
        "signs": signs,
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def folder_of(number: int) -> str:
    """Where in the zip the arrays of the `number`th clip of the book are, from 1."""
    return f"clips/{number:04}"


def read_book_json(content: bytes) -> BookData:
    """What the listing of a book tells; raises `FormatError` unless all of it is there and understood."""
    try:
        data = json.loads(content, parse_constant=_no_number, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"its book.json is damaged ({error}); get a whole copy") from None
    _check_schema(data)
    _check_fields("book.json", data, _BOOK)
    signs = [_sign(f"sign {number}", sign) for number, sign in enumerate(data["signs"], 1)]
    return BookData(data["title"], tuple(signs))


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return data


def _check_schema(data: Any) -> None:
    schema, found = (data.get("schema"), data.get("version")) if isinstance(data, dict) else (None, None)
    if schema != SCHEMA:
        raise FormatError(f'its book.json does not say "schema": "{SCHEMA}"; give a sign book')
    if type(found) is not int or found < 1:
        raise FormatError(
            f"its version must be a whole number from 1, not {str(found)[:40]!r}; get a whole copy"
        )
    if found > VERSION:
        raise FormatError(
            f"written by a newer accessify (version {found} of sign books, known: {VERSION}); nothing was "
            "changed; run pip install --upgrade accessify"
        )


def _check_fields(where: str, data: Any, kinds: dict[str, tuple[type, ...]]) -> None:
    """Raise `FormatError` unless `data` has exactly the fields of `kinds`, of their types."""
    if not isinstance(data, dict):
        raise FormatError(f"{where} must be an object, not {type(data).__name__}; get a whole copy")
    for name, allowed in kinds.items():
        if name not in data:
            raise FormatError(f"{where} has no {name!r}; get a whole copy")
        if type(data[name]) not in allowed:
            kind, found = allowed[0].__name__, str(data[name])[:40]
            raise FormatError(f"{where}: {name} must be {kind}, not {found!r}; get a whole copy")
    strange = sorted(set(data) - set(kinds))
    if strange:
        raise FormatError(f"{where} has a {strange[0][:40]!r}, which would be lost; take it out of book.json")


def _sign_json(sign: EnrolledSign, references: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": sign.name,
        "gloss": sign.gloss,
        "language": sign.language,
        "references": references,
    }


def _sign(where: str, data: Any) -> SignData:
    _check_fields(where, data, _SIGN)
    references = [
        _reference(f"{where}, reference {number}", reference)
        for number, reference in enumerate(data["references"], 1)
    ]
    try:
        name = sign_name(data["name"])  # people who edit the file may type it another way
    except OptionError as error:
        raise FormatError(f"{where}: {error}") from None
    return SignData(name, data["gloss"], data["language"], tuple(references))


def _reference_json(reference: Reference, folder: str) -> dict[str, Any]:
    return {
        "clip": folder,
        "frames": len(reference.clip),
        "source": reference.source,
        "sha256": reference.sha256,
        "consent": reference.consent,
        "enrolled": reference.enrolled,
        "fps": str(reference.fps),
        "mirrored": reference.mirrored,
        "left_handed": reference.clip.mirrored,
    }


def _reference(where: str, data: Any) -> ReferenceData:
    _check_fields(where, data, _REFERENCE)
    if not re.fullmatch(r"clips/\d{4,9}", data["clip"], re.ASCII):
        raise FormatError(f"{where}: clip must be a folder like {folder_of(1)}, not {data['clip'][:40]!r}")
    if not 0 < data["frames"] <= MOST_FRAMES:
        raise FormatError(f"{where}: {data['frames']} frames are no sign (1 to {MOST_FRAMES})")
    if not re.fullmatch(r"\d{1,18}(/[1-9]\d{0,17})?", data["fps"], re.ASCII):
        raise FormatError(f"{where}: fps must be like 25 or 30000/1001, not {data['fps'][:40]!r}")
    told = {name: data[name] for name in _REFERENCE if name not in {"clip", "fps"}}
    return ReferenceData(folder=data["clip"], fps=Fraction(data["fps"]), **told)
