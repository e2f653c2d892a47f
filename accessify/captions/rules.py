"""The style guides as data: one TOML file per customer, each value with its source.

A profile is read from `rules/NAME.toml`. Every entry there is a table `{value = …, source = "…"}`,
so that a finding can say whose rule it is. A time is in seconds as a number or a fraction
(`"5/6"`), or in frames as `"2f"`: frames never scale with the rate, seconds become whole frames. What a
file does not say is as in the profile that its `base` names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from accessify.captions.scripts import is_traditional
from accessify.core.errors import UnknownName
from accessify.core.timeline import Rate


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time that a rule states in seconds or in frames."""

    seconds: Fraction = Fraction(0)
    frames: int = 0

    @classmethod
    def parse(cls, text: str | float) -> Length:
        """Read `1.5`, `"5/6"` (seconds) or `"2f"` (frames)."""
        body = str(text)
        if body.endswith("f"):
            return cls(frames=int(body[:-1]))
        return cls(seconds=Fraction(body))

    def frames_at(self, rate: Rate) -> int:
        """Whole frames at `rate`; a length in seconds is rounded to the nearest frame."""
        return self.frames or round(self.seconds * rate.fps)


COUNTS = {
    "characters": "each character counts 1, spaces too; line breaks and marks on letters count nothing",
    "half-width": "a full-width character counts 1, any other ½, spaces too; line breaks count nothing",
}
"""`Profile.count` → how width and reading speed are counted, in words."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one customer asks of a caption file; None switches a rule off."""

    name: str
    title: str
    language: str
    """BCP 47 tag the rules are for, or `*`."""
    max_lines: int
    line_length: int
    """Most characters in a line."""
    count: str
    """What counts as one character, in a line and for reading speed: a key of `COUNTS`."""
    max_cps: float | None = None
    """Most characters a second, counted as `count` says."""
    max_wpm: float | None = None
    """Most words a minute."""
    target_cps: float | None = None
    """Comfortable speed that composing aims at; not a limit."""
    min_duration: Length = Length(Fraction(5, 6))
    max_duration: Length = Length(Fraction(7))
    min_word_duration: Length | None = None
    """Shortest time on screen per word."""
    chain_gap: Length = Length(frames=2)
    """The gap between two captions that follow each other."""
    open_gap: Length | None = None
    """Shortest gap that may stay open: a gap is `chain_gap` or at least this."""
    lead: Length = Length(frames=3)
    """A caption starts at most this much before its first word."""
    lag: Length = Length(frames=3)
    """A caption starts at most this much after its first word."""
    linger: Length = Length(Fraction(1, 2))
    """A caption stays at most this long after its last word, unless its minimum duration or reading
    speed asks for more."""
    shot_snap: Length | None = None
    """A caption that starts this close to a shot change starts on it."""
    shot_zone: Length | None = None
    """No caption starts or ends nearer to a shot change than this, except on it or `chain_gap` before it."""
    prefer_one_line: bool = True
    """Break into lines only where the text is longer than one line may be."""
    one_sentence: bool = False
    """Whether two sentences share a caption only where they must, even on one line."""
    heavy_line: str = "bottom"
    """Which of two lines is the longer where syntax leaves a choice: `bottom`, `top` or `balanced`."""
    ellipsis: str = "…"
    """The only way to write an ellipsis."""
    no_break_punctuation: str = ""
    """Punctuation marks the guide replaces by a space (Chinese comma and full stop)."""
    wide_marks: str = ""
    """Marks that are full-width behind East Asian text, `？` and not `?` (see `marks.spelled`)."""
    narrow: bool = False
    """Whether Latin letters and figures are half-width: `15`, not `１５`."""
    forbidden: str = ""
    """Characters that may not occur."""
    italics: bool = True
    """Whether italics are allowed."""
    speaker_dash: str = "-"
    """What marks each of two speakers in one caption."""
    spell_numbers: int = 0
    """Whole numbers up to this are written as words."""
    sound_brackets: str = "[]"
    """Opening and closing mark of a sound label."""
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Where each value comes from: field name → source."""


_LENGTHS = frozenset(
    {"min_duration", "max_duration", "min_word_duration", "chain_gap", "open_gap"}
    | {"lead", "lag", "linger", "shot_snap", "shot_zone"}
)


DEFAULT_PROFILES = {
    "en": "netflix-en",
    "zh": "netflix-zh-hans",
    "ja": "netflix-ja-sdh",
    "ko": "netflix-ko",
    "ar": "netflix-ar",
    "he": "netflix-he",
    "de": "netflix-de",
}
"""Language → profile taken where none is asked for; `web` for all others."""


def default_profile(language: str) -> str:
    """Name of the style guide usual for a BCP 47 language."""
    if is_traditional(language):
        return "netflix-zh-hant"
    primary = language.lower().split("-", maxsplit=1)[0]
    return DEFAULT_PROFILES.get("zh" if primary == "cmn" else primary, "web")


def profile_for(language: str, name: str | None = None) -> Profile:
    """The profile `name`, else the one usual for `language`; one for all languages is set to `language`.

    So lines break by the syntax of what is said, whoever's guide it is. Raises `UnknownName`.
    """
    profile = load_profile(name or default_profile(language))
    return replace(profile, language=language) if profile.language == "*" else profile


def profile_names() -> tuple[str, ...]:
    """Names of all profiles, sorted."""
    return tuple(
        sorted(
            entry.name.removesuffix(".toml")
            for entry in (files("accessify.captions") / "rules").iterdir()
            if entry.name.endswith(".toml")
        )
    )


@cache
def load_profile(name: str) -> Profile:
    """The profile `name`, in capitals or not; raises `UnknownName` listing those there are."""
    name = name.lower()
    if name not in profile_names():
        raise UnknownName("profile", name, profile_names())
    return _parse(name, _table(name))


def _table(name: str) -> dict[str, Any]:
    """The entries of a file, over those of its `base`."""
    table = tomllib.loads((files("accessify.captions") / "rules" / f"{name}.toml").read_text("utf-8"))
    base = table.pop("base", None)
    return {**_table(base["value"]), **table} if base else table


def _parse(name: str, table: dict[str, Any]) -> Profile:
    known = {item.name for item in fields(Profile)} - {"name", "sources"}
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for key, entry in table.items():
        if key not in known:
            raise ValueError(f"rules/{name}.toml: no rule {key!r}")
        value = entry["value"]
        values[key] = Length.parse(value) if key in _LENGTHS else value
        sources[key] = entry["source"]
    return Profile(name=name, sources=sources, **values)
