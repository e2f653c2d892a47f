"""Published signs and alphabets, for the sign languages that there are any of."""

from __future__ import annotations

from accessify.core.cache_folder import cache_folder
from accessify.core.errors import ModelError
from accessify.core.timeline import Note, Span
from accessify.delivery.letter_clips import clip_languages, letter_clips
from accessify.delivery.published_signs import published_signs
from accessify.glossing.alphabet import Alphabet, alphabet_names, load_alphabet
from accessify.glossing.lookup import Lexicon
from accessify.hub.fetch import model_files

PUBLISHED = {"gsg": "hamnosys-signs"}
"""Sign language → the entry of the catalogue that has signs of it."""
CLIPS = "fingerspelling-clips"
"""The entry of the catalogue that has clips of letters of further sign languages; fetched on request only."""


def published_lexicons(
    language: str, *, offline: bool = False
) -> tuple[tuple[Lexicon, ...], tuple[Note, ...]]:
    """Lexicons of published signs of a sign language, and notes where they cannot be had.

    They are fetched once, unless `offline`.
    """
    if language not in PUBLISHED:
        return (), ()
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
