"""From what was read to words that captions can show: glosses and fingerspelling, as linguists write them.

Signs are capitals, several words for one sign are joined by hyphens (THANK-YOU), fingerspelled letters are
capitals joined by hyphens (J-O-H-N), and what is unclear is (?): "Transcription Conventions", Appendix 2 of
Sign Language Interpreting, Gallaudet University Press,
https://gallaudetupress.manifoldapp.org/read/sign-language-interpreting/section/faad4e8b-928f-4d54-8b71-7262a494b3f8
Hyphens keep letters apart that are written with more than one character.

Where a script has no spaces between words a slash keeps signs apart (我／去), lest they read as a sentence.

A gloss names a sign. It says nothing of grammar, place or face, and is no translation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest

from accessify.core.errors import OptionError
from accessify.core.sign import Candidate, Letter, Sign
from accessify.core.text import Timing, Word, joint
from accessify.core.timeline import Span, Track, millis
from accessify.signs.labels import language_code
from accessify.signs.lexicon import spelled_words

UNCLEAR = "(?)"
"""A sign or letter that was seen and not recognised."""
SLASH = "／"
"""Between signs that would be written together; full-width, as the scripts are that have no spaces."""

_SEPARATORS = re.compile(r"[\s_]+")
_WRITTEN = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)


class Notation(StrEnum):
    """What the words of a text are; the value marks it in a language tag."""

    GLOSSES = "gloss"
    """Names of signs, with fingerspelled words among them or not."""
    FINGERSPELLING = "spelled"
    """Fingerspelled words only."""


@dataclass(frozen=True, slots=True)
class PhraseOptions:
    """How signs and letters are written."""

    unclear: str = UNCLEAR
    """Stands for each sign and letter that was not recognised, so that none is dropped."""
    pause: int = millis(800)
    """Ticks between two letters from which they belong to two words."""

    def __post_init__(self) -> None:
        if self.unclear.split() != [self.unclear]:
            raise OptionError(
                f"unclear must be text without white space, not {self.unclear!r}; use {UNCLEAR}"
            )
        if not self.pause > 0:
            raise OptionError(f"pause must be more than 0, not {self.pause}")


def phrase(signs: Track[Sign], options: PhraseOptions = PhraseOptions()) -> Track[Word]:
    """One gloss for each sign, at its time, as sure as its answer; the notes are kept.

    A sign that is not known is `options.unclear` with confidence 0: its candidates are guesses, and a guess
    on screen passes for an answer.
    """
    return Track.of(_kept_apart([_gloss_word(sign, options) for sign in signs]), signs.notes)


def spell_words(letters: Track[Letter], options: PhraseOptions = PhraseOptions()) -> Track[Word]:
    """The fingerspelled words, each as sure as its least sure letter; the notes are kept.

    A word ends where no letter follows within `options.pause`. An unknown letter is `options.unclear` in its
    place, with confidence 0.
    """
    words = [_spelled_word(group, options) for group in spelled_words(letters, options.pause)]
    return Track.of(_kept_apart(words), letters.notes)


def gloss_of(name: str) -> str:
    """The gloss of a sign that was enrolled as `name`: capitals, hyphens for white space and underscores.

    Scripts without capitals stay as they are. Raises `OptionError` where nothing is left.

    >>> gloss_of("thank you")
    'THANK-YOU'
    """
    parts = [part for part in _SEPARATORS.split(unicodedata.normalize("NFC", name)) if part]
    if not parts:
        raise OptionError(f"a sign needs a name to be glossed, not {name!r}; give one, such as house")
    return unicodedata.normalize("NFC", "-".join(parts).upper())


def text_language(notation: Notation, written: str = "", signed: str = "") -> str:
    """The BCP 47 tag of a text in this notation, e.g. `en-x-gloss-ase`.

    `written` is the language whose words or letters stand there (`en`; `und` where nobody said), `signed`
    the ISO 639-3 code of the sign language whose signs they name or spell. English glosses are no text in
    `ase`, and no English for a reader either: what they are stands behind `x`, where a tag has room for what
    is agreed privately (RFC 5646 §2.2.7). Programs that know nothing of it see a text in `written`.
    Raises `OptionError` for a tag or code that is none.
    """
    written = written or "und"
    if not _WRITTEN.fullmatch(written):
        raise OptionError(f"{written!r} is no language of glosses; give a tag such as en or zh-Hans")
    return "-".join(filter(None, (written, "x", notation.value, language_code(signed))))


def text_origin(notation: Notation, made_by: str) -> str:
    """How such a text was made, for `Document.origin`; `made_by` names book, model and program."""
    what = "glosses of signs" if notation is Notation.GLOSSES else "reading of fingerspelling"
    return f"Machine-made {what}: {made_by}; not a translation, not checked by a person"


def _gloss_word(sign: Sign, options: PhraseOptions) -> Word:
    best = sign.best
    if best is None:
        return Word(sign.span, options.unclear, 0.0, Timing.ALIGNED)
    return Word(sign.span, _gloss(best), best.confidence, Timing.ALIGNED)


def _kept_apart(words: list[Word]) -> Iterator[Word]:
    """The words, with a slash behind each that running text would write together with the next one."""
    for word, following in zip_longest(words, words[1:]):
        apart = following is None or joint(word.text, following.text)
        yield word if apart else replace(word, text=word.text + SLASH)


def _gloss(answer: Candidate) -> str:
    """The gloss that was enrolled, its case kept (`IX-loc`), or one made of the name."""
    return "-".join(answer.gloss.split()) or gloss_of(answer.name)


def _spelled_word(letters: tuple[Letter, ...], options: PhraseOptions) -> Word:
    texts = (gloss_of(letter.text) if letter.text else options.unclear for letter in letters)
    confidence = min(letter.candidates[0].confidence if letter.text else 0.0 for letter in letters)
    span = Span(letters[0].span.start, max(letter.span.end for letter in letters))
    return Word(span, "-".join(texts), confidence, Timing.ALIGNED)
