"""Published signs and alphabets, for the sign languages that there are any of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import ModelError
from accessify.core.timeline import Note, Span
from accessify.delivery.letter_clips import clip_languages, letter_clips
from accessify.delivery.published_signs import published_signs
from accessify.glossing.alphabet import Alphabet, alphabet_names, load_alphabet
from accessify.glossing.languages import text_language
from accessify.glossing.lookup import Lexicon
from accessify.hub.fetch import model_files

PUBLISHED = {"gsg": "hamnosys-signs"}
"""Sign language → the entry of the catalogue that has signs of it."""
CLIPS = "fingerspelling-clips"
"""The entry of the catalogue that has clips of letters of further sign languages; fetched on request only."""


def published_lexicons(
    language: str, text: str = "", *, offline: bool = False
) -> tuple[tuple[Lexicon, ...], tuple[Note, ...]]:
    """Lexicons of published signs of a sign language, and notes where they cannot be had.

    They are fetched once, unless `offline`. `text` is the language tag of the text: in another one than the
    signs are named in, words of the same spelling mean something else.
    """
    if language not in PUBLISHED:
        return (), ()
    names = text_language(language)
    if text and text.replace("_", "-").split("-")[0].lower() != names:
        told = (
            f"published signs are named in {names!r}: left out for a text in {text!r}; give one in {names!r}"
        )
        return (), (Note(Span(0, 0), "no-lexicon", told),)
    name = PUBLISHED[language]
    try:
        found = model_files(name, offline=offline)
    except ModelError as error:
        text = f"published signs are left out ({error}); fetch them: accessify models pull {name}"
        return (), (Note(Span(0, 0), "no-lexicon", text),)
    return (published_signs(found["parallel.json"]),), ()


def alphabet_for(language: str) -> tuple[Alphabet | None, tuple[Note, ...]]:
    """The manual alphabet of a sign language: ours, else clips of letters where the user has fetched them."""
    if language in alphabet_names():
        return load_alphabet(language), ()
    try:
        (wheel,) = model_files(CLIPS, offline=True).values()
    except ModelError:
        text = (
            f"no manual alphabet of {language!r} here: words without a sign are shown; letters of 19 sign "
            f"languages as clips, 96 MB: accessify models pull {CLIPS}"
        )
        return None, (Note(Span(0, 0), "no-alphabet", text),)
    known = clip_languages(wheel)
    if language not in known:
        text = f"no manual alphabet of {language!r}; there are {', '.join((*alphabet_names(), *known))}"
        return None, (Note(Span(0, 0), "no-alphabet", text),)
    return letter_clips(wheel, cache_folder() / CLIPS, language), ()


@dataclass(frozen=True, slots=True)
class Signable:
    """What there is of a sign language on this machine."""

    language: str
    """ISO 639-3 code."""
    written: str
    """ISO 639-1 code of the language that most who use it write, and that published signs are named in."""
    words: int | None
    """Words that have a published sign; 0 where there are none, None where they must be fetched first."""
    alphabet: str
    """What letters are signed by."""


def signable() -> tuple[Signable, ...]:
    """The sign languages that can be signed here with what letters there are; those with signs come first."""
    found = [_signable(language, load_alphabet(language).title) for language in alphabet_names()]
    try:
        (wheel,) = model_files(CLIPS, offline=True).values()
    except ModelError:
        clips: tuple[str, ...] = ()
    else:
        clips = clip_languages(wheel)
    own = {one.language for one in found}
    found += [_signable(language, "clips of letters") for language in clips if language not in own]
    return tuple(sorted(found, key=lambda one: one.words == 0))


def _signable(language: str, alphabet: str) -> Signable:
    words: int | None = 0
    if language in PUBLISHED:
        try:
            words = _count(model_files(PUBLISHED[language], offline=True)["parallel.json"])
        except ModelError:
            words = None
    return Signable(language, text_language(language), words, alphabet)


@cache
def _count(path: Path) -> int:
    return len(published_signs(path).words)
