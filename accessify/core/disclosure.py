"""What a picture of the avatar says of itself, in the reader's language.

Deaf organisations ask that avatars be told from people (World Federation of the Deaf and World Association
of Sign Language Interpreters, "Statement on use of signing avatars", 2018).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disclosure:
    """That this is an avatar."""

    label: str
    """A few words for a corner of the picture."""
    comment: str
    """A sentence for the tags of a file."""


_ENGLISH = Disclosure(
    "avatar, not an interpreter",
    "Signed by a computer-animated avatar; no interpreter and no translation. Drawn by accessify.",
)
DISCLOSURES = {
    "en": _ENGLISH,
    "de": Disclosure(
        "Avatar, keine Verdolmetschung",
        "Gebärdet von einem computeranimierten Avatar; keine Verdolmetschung und keine Übersetzung. "
        "Gezeichnet von accessify.",
    ),
    "fr": Disclosure(
        "avatar, pas un interprète",
        "Signé par un avatar animé par ordinateur ; ni interprète ni traduction. Dessiné par accessify.",
    ),
    "es": Disclosure(
        "avatar, no es intérprete",
        "Signado por un avatar animado por ordenador; ni intérprete ni traducción. Dibujado por accessify.",
    ),
    "zh": Disclosure(
        "手语动画，非真人翻译", "由计算机动画虚拟人打出手语，并非手语翻译员，也不是翻译。由 accessify 绘制。"
    ),
}
"""Written language (its BCP 47 primary subtag) → what is said in it."""
_WRITTEN = {"ase": "en", "bfi": "en", "asf": "en", "gsg": "de", "sgg": "de", "asq": "de", "fsl": "fr"}
_WRITTEN |= {"ssp": "es", "mfs": "es", "csl": "zh"}


def disclosure(language: str | None) -> Disclosure:
    """For readers of `language`, a BCP 47 tag of a written or sign language; English for all others."""
    primary = (language or "en").replace("_", "-").split("-")[0].lower()
    return DISCLOSURES.get(_WRITTEN.get(primary, primary), _ENGLISH)
