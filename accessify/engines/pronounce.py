"""How written English words are spoken: numbers and signs as words, unknown words as phones.

Only good enough to find *when* a word was said: an approximate pronunciation places a word far
better than guessing its share of the time. Phones are the 39 of the CMU Pronouncing Dictionary.
"""

from __future__ import annotations

import re
import unicodedata

from accessify.engines.numbers import spell_number

_SIGNS = {"%": " percent", "&": " and ", "+": " plus ", "@": " at ", "=": " equals ", "#": " number "}
_MONEY = {"$": "dollars", "£": "pounds", "€": "euros", "¥": "yen"}
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:st|nd|rd|th)?")

# Longest match first: letters → phones. Vowels follow the commonest English reading.
_PHONES = {
    "tion": "SH AH N", "sion": "ZH AH N", "ough": "AO", "augh": "AO", "eigh": "EY", "igh": "AY",
    "tch": "CH", "dge": "JH", "sch": "S K", "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "wh": "W",
    "ck": "K", "ng": "NG", "qu": "K W", "gh": "G", "kn": "N", "wr": "R", "ps": "S", "oo": "UW", "ee": "IY",
    "ea": "IY", "ai": "EY", "ay": "EY", "oa": "OW", "oi": "OY", "oy": "OY", "ou": "AW", "ow": "OW",
    "au": "AO", "aw": "AO", "ei": "EY", "ie": "IY", "ew": "UW", "ue": "UW", "ar": "AA R", "er": "ER",
    "ir": "ER", "or": "AO R", "ur": "ER", "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F",
    "g": "G", "h": "HH", "i": "IH", "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P",
    "q": "K", "r": "R", "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
_LONGEST = max(map(len, _PHONES))


def spoken_words(text: str) -> list[str]:
    """The words a speaker says for one written word, lower case: `$25,` → twenty-five dollars."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    for sign, name in _MONEY.items():
        if sign in text:
            plain = plain.replace(sign, "") + " " + name
    for sign, name in _SIGNS.items():
        plain = plain.replace(sign, name)
    plain = _NUMBER.sub(lambda match: f" {spell_number(match[0])} ", plain)
    return [word for word in (part.strip("'") for part in re.findall(r"[a-z']+", plain)) if word]


def phones_of(word: str) -> str:
    """Phones of a word by its letters, e.g. `montrealer` → `M AA N T R IY L ER`; "" for none."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    if len(letters) > 3 and letters.endswith("e"):  # a final e is silent
        letters = letters[:-1]
    phones: list[str] = []
    at = 0
    while at < len(letters):
        size = next(n for n in range(_LONGEST, 0, -1) if letters[at : at + n] in _PHONES)
        phones.append(_PHONES[letters[at : at + size]])
        at += size
        while at < len(letters) and letters[at] == letters[at - 1] and letters[at] not in "aeiou":
            at += 1  # a doubled consonant is said once
    return " ".join(phones)
