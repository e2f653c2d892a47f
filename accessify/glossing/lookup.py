"""What is signed for each word: an entry of a lexicon, else letters, else nothing but the word itself.

The order is the user's own lexicons, then published signs of the same sign language, then the manual
alphabet. Which it was stands in every gloss; what could not be done stands in its notes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from accessify.core.gloss import Gloss, Origin
from accessify.core.timeline import Note, Span
from accessify.glossing.alphabet import Alphabet, Letter
from accessify.glossing.gloss import Kind, Sentence, Token
from accessify.glossing.spelling import LETTERS_A_SECOND, Spelled, spell

LONGEST = 4
"""Words that one entry may stand for, e.g. `New York`."""
NOWHEN = Span(0, 0)


class EntryKind(StrEnum):
    """How an entry is written down."""

    POSE = "pose"
    """A file of landmarks."""
    HAMNOSYS = "hamnosys"
    SIGML = "sigml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One sign of a lexicon."""

    name: str
    """Its gloss."""
    kind: EntryKind
    content: str = field(repr=False)
    """HamNoSys or SiGML as text; of `pose` the path of the file."""
    source: str
    """Where it is from, for people."""
    aliases: tuple[str, ...] = ()
    """Further words it stands for; names go before them."""
    clip: Span | None = None
    """Which part of a file of landmarks it is; None is all of it."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Signs by their names."""

    entries: tuple[Entry, ...]
    """Those of the same name in order of preference."""
    title: str
    language: str = ""
    """ISO 639-3 code of the sign language; empty where any may use it."""
    origin: Origin = Origin.LEXICON
    unread: tuple[str, ...] = ()
    """What lay among the signs and is none, or is one of another sign language; a line each for people."""
    _by_key: dict[str, tuple[Entry, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[str, dict[Entry, None]] = {}
        for entry in self.entries:
            found.setdefault(lookup_key(entry.name), {})[entry] = None
        for entry in self.entries:
            for alias in entry.aliases:
                found.setdefault(lookup_key(alias), {})[entry] = None
        object.__setattr__(self, "_by_key", {key: tuple(entries) for key, entries in found.items()})

    def find(self, word: str) -> tuple[Entry, ...]:
        """All entries for `word`, best first."""
        return self._by_key.get(lookup_key(word), ())

    @property
    def words(self) -> tuple[str, ...]:
        """All names and aliases, as `accessify.glossing.languages.glosser_for` wants them."""
        return tuple(self._by_key)


def alphabet_of(lexicon: Lexicon, longest: int = 5) -> Alphabet:
    """A manual alphabet of the lexicon's pose clips whose names are letters, e.g. `A`, `SCH` or `Ä`.

    Args:
        lexicon: clips named by the letters they show.
        longest: most letters that one clip may stand for.
    """
    letters: dict[str, Letter] = {}
    for entry in lexicon.entries:
        name = unicodedata.normalize("NFC", entry.name)
        name = name if name == "ß" else name.upper()
        if entry.kind is EntryKind.POSE and name.isalnum() and len(name) <= longest:
            letters.setdefault(name, Letter(name, "", clip=entry.content, part=entry.clip))
    return Alphabet(lexicon.language, lexicon.title, lexicon.title, "The clip is shown again.", letters)


@dataclass(frozen=True, slots=True)
class Planned:
    """One word and what is to be performed for it."""

    gloss: Gloss
    """Its span is empty: nothing asks for a time yet."""
    perform: Entry | Spelled | None
    """None where there is no sign and no letter: the word is to be shown."""
    notes: tuple[Note, ...] = ()
    """What of the word is not signed, or not as it is written."""
    negates: bool = False
    """Whether the word negates."""


def lookup_key(text: str) -> str:
    """What two spellings of the same word share: composed, without case, lines and hyphens as spaces."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    folded = folded.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return " ".join(re.split(r"[\s_\-‐‑]+", folded)).strip()


def plan(
    sentences: Iterable[Sentence],
    lexicons: Sequence[Lexicon],
    alphabet: Alphabet | None,
    language: str,
    rate: float = LETTERS_A_SECOND,
) -> tuple[Planned, ...]:
    """What is signed for each token of `sentences`, in their order; several tokens may share one entry.

    Args:
        sentences: what a glosser found.
        lexicons: where to look, in this order; those of another sign language are passed over.
        alphabet: for words that no lexicon has; None where the sign language's is not known.
        language: ISO 639-3 code of the sign language.
        rate: letters a second.

    Raises:
        OptionError: the rate is out of range.
        MissingExtra: a word is Chinese and pypinyin is not installed.
    """
    usable = [lexicon for lexicon in lexicons if lexicon.language in ("", language)]
    found: list[Planned] = []
    for number, sentence in enumerate(sentences):
        at = 0
        while at < len(sentence.tokens):
            planned, size = _from_lexicons(sentence.tokens[at:], usable, number)
            found.append(planned or _spelled(sentence.tokens[at], alphabet, number, rate))
            at += size
    return tuple(found)


def _from_lexicons(
    tokens: Sequence[Token], lexicons: Sequence[Lexicon], number: int
) -> tuple[Planned | None, int]:
    """The entry for the first of `tokens`, or for the most of them that share one, and for how many."""
    for lexicon in lexicons:
        for size in range(min(LONGEST, len(tokens)), 0, -1):
            written = tokens[:size]
            words = tokens[0].candidates if size == 1 else (" ".join(token.text for token in written),)
            entries = next(filter(None, map(lexicon.find, words)), ())
            if entries:
                return _entered(entries, written, lexicon, number), size
    return None, 1


def _entered(entries: tuple[Entry, ...], tokens: Sequence[Token], lexicon: Lexicon, number: int) -> Planned:
    entry = entries[0]
    text = " ".join(token.text for token in tokens)
    gloss = Gloss(
        NOWHEN,
        text,
        entry.name,
        lexicon.origin,
        entry.source or lexicon.title,
        tuple(other.name for other in entries[1:]),
        number,
        text if any(token.kind is Kind.WORD for token in tokens) else "",
    )
    return Planned(gloss, entry, negates=any(token.negates for token in tokens))


def _spelled(token: Token, alphabet: Alphabet | None, number: int, rate: float) -> Planned:
    """The token letter by letter, or missing where there is no letter for it."""
    number_like = token.kind is Kind.NUMBER
    spelled = spell(token.text, alphabet, rate, number_like, token.reading) if alphabet else None
    if alphabet is None or spelled is None or not spelled.letters:
        why = f"the {alphabet.title} has no letter of it" if alphabet else "no manual alphabet is known"
        note = Note(NOWHEN, "missing", f"{token.text}: no sign, and {why}; the word is shown")
        gloss = Gloss(NOWHEN, token.text, token.text, Origin.MISSING, sentence=number)
        return Planned(gloss, None, (note,), token.negates)
    gloss = Gloss(
        NOWHEN,
        token.text,
        spelled.name,
        Origin.SPELLED,
        alphabet.title,
        sentence=number,
        mouthing=token.text if token.kind is Kind.WORD else "",
    )
    return Planned(gloss, spelled, _notes(token.text, spelled), token.negates)


def _notes(word: str, spelled: Spelled) -> tuple[Note, ...]:
    """What of a spelled word is not signed as it is written."""
    told = []
    if spelled.unsigned:
        told.append(("unspelled", f"{word}: no letter for {' '.join(spelled.unsigned)}; left out"))
    if spelled.folded:
        told.append(("accents", f"{word}: {' '.join(spelled.folded)} signed without the accent"))
    if spelled.pinyin:
        told.append(("pinyin", f"{word}: spelled as pinyin {spelled.pinyin}, without tones"))
    return tuple(Note(NOWHEN, kind, text) for kind, text in told)
