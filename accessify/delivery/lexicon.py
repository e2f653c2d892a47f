"""A user's lexicon: a folder of signs, each a file of landmarks, SiGML or a line of a HamNoSys table.

==============  =====================================================================================
`*.pose`        landmarks; the name is the gloss (`*.npz` of accessify likewise)
`index.csv`     landmarks under other names: path, spoken_language, signed_language, start, end, words,
                glosses, priority, as in the lexicons of the package spoken-to-signed; times in
                milliseconds, the lowest priority first
`*.sigml`       signs in SiGML, with their glosses
`*.csv`         other tables: columns `gloss` (or `hns_gloss`, several joined by `|`) and `hamnosys`
==============  =====================================================================================

Nothing outside the folder is read, wherever links and tables point.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from unicodedata import normalize

from accessify.core.errors import FormatError
from accessify.core.timeline import Span, millis
from accessify.delivery.reading import reading
from accessify.glossing.lookup import Entry, EntryKind, Lexicon
from accessify.motion.hamnosys import parse
from accessify.motion.sigml import LARGEST, read_sigml

INDEX = "index.csv"
LANDMARKS = (".pose", ".npz")
MOST_ENTRIES = 100_000
"""Signs in one lexicon; the largest published dictionaries have a fifth of it."""
MOST_BYTES = 64 << 20
"""Of one table."""
_GLOSSES = ("gloss", "hns_gloss", "glosses")
_SIGN = re.compile(r"<hns_sign\b[^>]*?(?:/>|>.*?</hns_sign\s*>)", re.DOTALL)


def read_lexicon(folder: str | Path, language: str = "") -> Lexicon:
    """The signs in `folder`.

    Args:
        folder: laid out as above; not searched deeper than its index points.
        language: ISO 639-3 code of the sign language: rows of the index for others are told as unread.

    Raises:
        FormatError: there is no such folder or no sign in it, a table or SiGML cannot be read (with file and
            line), a path leads out of the folder, or there is too much of it.
    """
    folder = Path(folder)
    with reading(folder):
        names = sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=str)
    unread: list[str] = []
    indexed = list(_indexed(folder, language, unread)) if (folder / INDEX).exists() else []
    listed = {entry.content for entry in indexed}
    entries = [entry for entry in indexed if entry.content]
    for path in names:
        if path.name != INDEX and str(path) not in listed:
            found = list(_entries(path, folder))
            entries += found
            if not found and not path.is_dir():
                unread.append(f"{path.name}: no file of signs, left out")
        _check_count(entries, folder)
    if not entries:
        kinds = "; ".join(unread[:3])
        raise FormatError(
            f"no sign in it{f' ({kinds})' if kinds else ''}; put .pose, .npz, .sigml or .csv files there",
            source=str(folder),
        )
    return Lexicon(tuple(entries), folder.resolve().name, unread=tuple(unread))


def _entries(path: Path, folder: Path) -> Iterator[Entry]:
    """The signs of one file; none of a folder or of what is no file of signs."""
    ending = path.suffix.lower()
    if path.is_dir() or ending not in (*LANDMARKS, ".sigml", ".xml", ".csv"):
        return
    path = _inside(path, folder, path.name)
    if ending in LANDMARKS:
        yield Entry(_name(path.stem), EntryKind.POSE, str(path), path.name)
    elif ending == ".csv":
        yield from read_table(path)
    else:
        yield from read_sigml_file(path)


# SiGML


def read_sigml_file(path: Path) -> Iterator[Entry]:
    """Each sign of a SiGML file; one alone without a gloss is called as the file. Raises `FormatError`."""
    text = _text(path, LARGEST)
    try:
        signs = read_sigml(text)
    except FormatError as error:
        raise FormatError(error.message, source=str(path)) from None
    written = _SIGN.findall(text)
    if len(signs) == 1:
        written = [text]
    elif len(written) != len(signs):
        raise FormatError("its signs cannot be told apart; save one sign a file", source=str(path))
    for sign, own in zip(signs, written, strict=True):
        gloss = sign.gloss.strip() or (path.stem if len(signs) == 1 else "")
        if not gloss:
            raise FormatError('a sign without a name; write gloss="…"', line=sign.line, source=str(path))
        yield Entry(_name(gloss), EntryKind.SIGML, own, path.name)


# Tables


def read_table(path: Path) -> Iterator[Entry]:
    """Each sign of a table with the columns `gloss` and `hamnosys`.

    Raises:
        FormatError: a column is missing, or a row has no gloss or no HamNoSys that can be read.
    """
    for line, row in _rows(path, (_GLOSSES, ("hamnosys",))):
        glosses = next(row[name] for name in _GLOSSES if name in row)
        names = [_name(name) for name in (glosses or "").split("|") if name.strip()]
        if not names:
            raise FormatError("a sign without a gloss; write one", line=line, source=str(path))
        text = (row["hamnosys"] or "").strip()
        try:
            parse(text)
        except FormatError as error:
            raise FormatError(f"{names[0]}: {error.message}", line=line, source=str(path)) from None
        yield Entry(names[0], EntryKind.HAMNOSYS, text, path.name, tuple(names[1:]))


def _indexed(folder: Path, language: str, unread: list[str]) -> Iterator[Entry]:
    """The clips that the index lists for `language` (all for none), best first."""
    path = folder / INDEX
    found: list[tuple[int, Entry]] = []
    others = 0
    for line, row in _rows(path, (("path",), ("words", "glosses"))):
        row_language = (row.get("signed_language") or "").strip()
        if language and row_language and row_language != language:
            others += 1
            continue
        found.append(_indexed_row(row, line, folder))
    if others:
        unread.append(f"{INDEX}: {others} rows of other sign languages than {language}, left out")
    yield from (entry for _, entry in sorted(found, key=lambda ranked: ranked[0]))


def _indexed_row(row: dict[str, str], line: int, folder: Path) -> tuple[int, Entry]:
    source = str(folder / INDEX)
    words = [_name(row[column]) for column in ("glosses", "words") if (row.get(column) or "").strip()]
    if not words:
        raise FormatError("a clip without words; write them", line=line, source=source)
    start, end, priority = (_number(row, name, line, source) for name in ("start", "end", "priority"))
    if end and end <= start:
        raise FormatError("its end is not after its start; mend it", line=line, source=source)
    path = _inside(folder / _relative(row["path"] or "", line, source), folder, row["path"])
    if path.suffix.lower() not in LANDMARKS or not path.is_file():
        raise FormatError(f"{row['path']}: no such clip; put it there", line=line, source=source)
    clip = Span(millis(start), millis(end)) if end else None
    return priority, Entry(words[0], EntryKind.POSE, str(path), path.name, tuple(words[1:]), clip)


def _relative(text: str, line: int, source: str) -> PurePosixPath:
    path = PurePosixPath(text.replace("\\", "/"))
    away = path.is_absolute() or PureWindowsPath(text).drive or ".." in path.parts or "\0" in text
    if away or not path.parts:
        raise FormatError(
            f"{text[:80]!r} leads out of the folder; name a file in it", line=line, source=source
        )
    return path


def _number(row: dict[str, str], name: str, line: int, source: str) -> int:
    text = (row.get(name) or "0").strip() or "0"
    if not text.isdecimal() or len(text) > 12:
        raise FormatError(f"{name} is {text[:20]!r}; write a whole number", line=line, source=source)
    return int(text)


def _rows(path: Path, columns: tuple[tuple[str, ...], ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of each row; one column of each of `columns` must be there."""
    table = csv.DictReader(io.StringIO(_text(path, MOST_BYTES), newline=""), strict=True)
    try:
        table.fieldnames = [(name or "").strip().lower() for name in table.fieldnames or ()]
        for names in columns:
            if not {*names} & {*table.fieldnames}:
                there = ", ".join(table.fieldnames) or "none"
                raise FormatError(
                    f"no column {' or '.join(names)} (there are: {there}); name it in the first line",
                    source=str(path),
                )
        for row in table:
            if any(isinstance(cell, str) and cell.strip() for cell in row.values()):
                yield table.line_num, row
    except csv.Error as error:
        raise FormatError(f"{error}; mend it there", line=table.reader.line_num, source=str(path)) from None


def _text(path: Path, most: int) -> str:
    with reading(path):
        size = path.stat().st_size
        if size > most:
            raise FormatError(f"{size} bytes; give at most {most}, in several files", source=str(path))
        data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FormatError("not UTF-8; save it as UTF-8", line=line, source=str(path)) from None


def _inside(path: Path, folder: Path, name: str) -> Path:
    """`path` if it lies in `folder` once all links are followed."""
    with reading(path):
        if not path.resolve().is_relative_to(folder.resolve()):
            raise FormatError(
                f"{name}: a link out of the folder; put the file itself there", source=str(folder)
            )
    return path


def _check_count(entries: list[Entry], folder: Path) -> None:
    if len(entries) > MOST_ENTRIES:
        raise FormatError(f"more than {MOST_ENTRIES} signs; give several folders", source=str(folder))


def _name(text: str) -> str:
    return normalize("NFC", text).strip()
