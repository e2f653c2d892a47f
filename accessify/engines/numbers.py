"""English numbers as they are spoken.

Our own, because the library for it takes two seconds of processor time to import, in every worker.
"""

from __future__ import annotations

import re

_ONES = (  # noqa: SIM905 - twenty quoted words are harder to read
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_YEAR = re.compile(r"(?:1[1-9]|20)\d\d")
_LONGEST = 12
"""More digits than this are a code, said one by one."""


def spell_number(text: str) -> str:
    """Words of a number such as `1,999`, `3.14`, `21st` or `007`, as a speaker says them.

    Four digits that may be a year are said in pairs, a leading zero makes a code said digit by digit.
    """
    digits = text.replace(",", "")
    if digits[-2:].isalpha():
        return _ordinal(spell_number(digits[:-2]))
    if "." in digits:
        whole, _, fraction = digits.partition(".")
        return f"{spell_number(whole)} point {_one_by_one(fraction)}"
    if _YEAR.fullmatch(text) and digits[1:3] != "00":
        rest = int(digits[2:])
        tail = "hundred" if rest == 0 else ("oh " if rest < 10 else "") + _cardinal(rest)
        return f"{_cardinal(int(digits[:2]))} {tail}"
    if len(digits) > _LONGEST or (len(digits) > 1 and digits[0] == "0"):
        return _one_by_one(digits)
    return _cardinal(int(digits))


def _one_by_one(digits: str) -> str:
    return " ".join(_ONES[int(digit)] for digit in digits)


def _cardinal(number: int) -> str:
    for size, name in _SCALES:
        if number >= size:
            count, rest = divmod(number, size)
            link = " and " if size == 100 else " "
            return f"{_cardinal(count)} {name}" + (link + _cardinal(rest) if rest else "")
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f" {_ONES[ones]}" if ones else "")


def _ordinal(words: str) -> str:
    *before, last = words.split()
    if last in _ORDINALS:
        ending = _ORDINALS[last]
    else:
        ending = last[:-1] + "ieth" if last.endswith("y") else last.removesuffix("t") + "th"
    return " ".join((*before, ending))
