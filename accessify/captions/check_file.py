"""Rules of a caption file as a whole."""

from __future__ import annotations

from accessify.captions.findings import Finding, Severity
from accessify.captions.retext import is_blank
from accessify.captions.rules import Profile
from accessify.captions.scripts import is_ideographic, is_kana
from accessify.core.text import Document
from accessify.core.timeline import Span

TITLES = {"no-captions": "No captions", "language": "Another language than the guide's"}
"""Name of each rule here, for people what is wrong."""
_SOURCE = "accessify: holds for every guide"
_TWO_LETTERS = {"eng": "en", "zho": "zh", "chi": "zh", "cmn": "zh", "jpn": "ja", "kor": "ko"}
"""ISO 639-2 codes of the languages that guides and scripts here are for, as BCP 47 has them."""


def language_of(document: Document) -> str | None:
    """The language a document states, else Chinese or Japanese where its script shows it."""
    if document.language:
        stated, *rest = document.language.lower().split("-")
        return "-".join((_TWO_LETTERS.get(stated, stated), *rest))
    letters = _letters(document)
    if 2 * sum(map(is_ideographic, letters)) <= len(letters):
        return None
    return "ja" if any(map(is_kana, letters)) else "zh"


def _letters(document: Document) -> list[str]:
    return [letter for cue in document.cues for letter in cue.text if letter.isalpha()]


def about_file(document: Document, profile: Profile) -> tuple[Finding, ...]:
    """What is wrong with the file as a whole; such findings have the caption number 0."""
    if all(is_blank(cue.text) for cue in document.cues):
        return (
            _finding(
                ("no-captions", Severity.ERROR),
                ("no captions", "at least one"),
                "the file holds no captions",
                "give the file that holds them",
            ),
        )
    wanted = profile.language.split("-")[0]
    found = _language_shown(document, wanted)
    if found is None:
        return ()
    return (
        _finding(
            ("language", Severity.ADVICE),
            (found, profile.language),
            "the text is not in the language that the guide is for",
            "choose the guide of its language",
        ),
    )


def _language_shown(document: Document, wanted: str) -> str | None:
    """What language the text is in where that is not the one `wanted`; None where nothing says so."""
    language = (language_of(document) or "").split("-")[0]
    if wanted in ("*", language):
        return None
    if not language:
        return "text in another script" if wanted in ("zh", "ja") and _letters(document) else None
    return language


def _finding(rule: tuple[str, Severity], sizes: tuple[str, str], message: str, advice: str) -> Finding:
    return Finding(
        rule=rule[0],
        cue=0,
        span=Span(0, 0),
        measured=sizes[0],
        allowed=sizes[1],
        message=message,
        fix=advice,
        fixable=False,
        source=_SOURCE,
        severity=rule[1],
    )
