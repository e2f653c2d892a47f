"""The closed word classes of German, as far as breaking a line needs them (see `english.py`).

All in lower case, without punctuation but for the full stops of abbreviations.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS = _words("usw bzw ca nr str evtl ggf inkl exkl vgl geb gest tel abs hrsg mio mrd tsd")
"""Words whose full stop ends no sentence; those of two letters (`z. B.`) are known by their shape."""

MONTHS = _words(
    "januar jänner februar märz april mai juni juli august september oktober november dezember jahrhundert"
)
"""Words behind an ordinal number: `3. Oktober`."""

DETERMINERS = _words(
    "der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner keines "
    "mein meine meinen meinem meiner meines dein deine deinen deinem deiner sein seine seinen seinem seiner "
    "ihr ihre ihren ihrem ihrer ihres unser unsere unseren unserem unserer euer eure euren eurem eurer "
    "dieser diese dieses diesen diesem jener jene jenes jeder jede jedes jeden jedem alle allen aller "
    "welche welcher welches welchen welchem manche viele einige mehrere"
)
"""Words that open a noun phrase or, behind a comma, a relative clause."""

PREPOSITIONS = _words(
    "ab an am ans auf aufs aus außer bei beim bis durch für gegen hinter im in ins mit nach neben ohne seit "
    "trotz über um unter von vom vor während wegen wider zu zum zur zwischen gegenüber"
)

CONJUNCTIONS = _words(
    "und oder aber denn sondern dass ob weil da wenn als obwohl bevor nachdem damit sodass sobald solange "
    "falls indem wie wo wer was warum wann"
)
"""Words that open a clause or join one."""

SUBJECTS = _words("ich du er sie es wir man")
"""Pronouns that a verb stands beside."""
