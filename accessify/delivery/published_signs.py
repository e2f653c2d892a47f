"""The signs that the package signwriting publishes in HamNoSys: German glosses, one or several a sign.

A gloss may end in what tells variants apart (`FLUGZEUG_A`, `LEHRER(D)`, `WO?`): such a sign is found under
the bare word too, behind signs whose gloss is the bare word. datasets/hamnosys-signs.md tells more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize

from accessify.core.errors import FormatError
from accessify.core.gloss import Origin
from accessify.delivery.reading import reading
from accessify.glossing.lookup import Entry, EntryKind, Lexicon

LANGUAGE = "gsg"
TITLE = "signs in HamNoSys of the package signwriting"
_VARIANT = re.compile(r"(_([A-Z]|\d+|INT))+$|\((D|DIALEKT)\)$|[!?.]+$")


def published_signs(path: str | Path) -> Lexicon:
    """All signs of `parallel.json` that have HamNoSys; raises `FormatError` where it is another file."""
    path = Path(path)
    try:
        with reading(path):
            table = json.loads(path.read_bytes())
        entries = tuple(_entries(table))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(
            f"not the table of signs ({error}); run `accessify models pull hamnosys-signs`", source=str(path)
        ) from None
    if not entries:
        raise FormatError("no sign in HamNoSys in it; give parallel.json", source=str(path))
    return Lexicon(entries, TITLE, LANGUAGE, Origin.NOTATION)


def bare_gloss(gloss: str) -> str:
    """A gloss without what tells variants apart: `FLUGZEUG` of `FLUGZEUG_A_1`."""
    bare = gloss
    while (shorter := _VARIANT.sub("", bare)) != bare and shorter:
        bare = shorter
    return bare


def _entries(table: list[dict[str, Any]]) -> Iterator[Entry]:
    for sign in table:
        glosses = [normalize("NFC", gloss).strip() for gloss in sign.get("hns_gloss") or ()]
        if not glosses:
            continue
        names = sorted(glosses, key=lambda gloss: (bare_gloss(gloss) != gloss, len(gloss)))
        aliases = dict.fromkeys([*names[1:], *map(bare_gloss, names)])
        aliases.pop(names[0], None)
        source = f"signwriting {sign['sign_id']}" if sign.get("sign_id") else "signwriting"
        for text in sign["hamnosys"]:
            yield Entry(names[0], EntryKind.HAMNOSYS, text.strip(), source, tuple(aliases))
