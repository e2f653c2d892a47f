"""Where a word that is longer than a line takes a hyphen.

Between the parts of a German compound where they can be told without a dictionary: behind a linking s
(`Überwachungs|aufgaben`) or before a common last part (`Kapitäns|mützen|fabrik`); else between syllables
by the rule that the last consonant before a vowel begins the new one (Amtliches Regelwerk der deutschen
Rechtschreibung, § 110), which also does no great harm in other languages of Latin script.
"""

from __future__ import annotations

import re
from math import ceil

_LEAST = 4
"""Letters that stand on each side of a hyphen at least."""
_LETTERS = re.compile(r"\W*([^\W\d_]+)\W*")
_LINKED = re.compile(r"(?:schaft|heit|keit|ung|tion|tät|ling|tum|fahrt)s(?=[a-zäöüß])")
_HEAD = re.compile(
    "(?="
    r"abteilung|arbeit|aufgabe|ausschuss|beamte|behörde|bericht|betrieb|bezirk|dienst|"
    r"entwicklung|fabrik|gebäude|gemeinde|gericht|gesellschaft|gesetz|industrie|kapitän|"
    r"kommission|konferenz|kosten|leiter|maschine|meister|minister|ordnung|politik|präsident|"
    r"prüfung|regierung|schein|schiff|schule|schutz|station|steuer|straße|system|technik|"
    r"übertragung|überwachung|unternehmen|verband|verfahren|verkehr|verordnung|versammlung|"
    r"versicherung|verwaltung|vertrag|vorschrift|werkstatt|wirtschaft|zeitung|zentrum"
    ")"
)
"""Words that often are the last part of a compound."""
_SYLLABLE = re.compile(r"(?=(?:sch|ch|ck|ph|th|qu|[bcdfghjklmnpqrstvwxzß])[aeiouyäöü])")
_VOWEL = re.compile("[aeiouyäöü]")
_CLUSTERS = ("sch", "ch", "ck", "ph", "th", "qu")


def hyphen_place(word: str, most: int) -> int | None:
    """How many letters of `word` stand before its hyphen, at most `most`; None where no place is known.

    The place that leaves as few lines as possible, then the one between parts of a compound, then the
    longest first line. The word may have marks around it.
    """
    letters = _LETTERS.fullmatch(word)
    if letters is None:
        return None
    inside = range(letters.start(1) + _LEAST, min(most, letters.end(1) - _LEAST) + 1)
    lower = word.lower()
    seams = {found.end() for found in _LINKED.finditer(lower)}
    seams |= {found.start() for found in _HEAD.finditer(lower)}
    places = [place for place in inside if place in seams or _parts_syllables(lower, place)]
    if not places:
        return None
    lines = ceil(len(word) / most)
    fewest = [place for place in places if place >= len(word) - (lines - 1) * most] or places
    return max(fewest, key=lambda place: (place in seams, place))


def _parts_syllables(word: str, place: int) -> bool:
    torn = any(word[place - 1 : place - 1 + len(cluster)] == cluster for cluster in _CLUSTERS)
    torn = torn or word[place - 2 : place + 1] == "sch"
    return bool(_SYLLABLE.match(word, place) and _VOWEL.search(word, 0, place)) and not torn
