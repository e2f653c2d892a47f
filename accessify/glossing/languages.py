"""Which glosser takes which text apart, and which text goes with which sign language."""

from __future__ import annotations

from collections.abc import Iterable

from accessify.core.errors import OptionError
from accessify.glossing.any import AnyGlosser
from accessify.glossing.chinese import ChineseGlosser, is_han
from accessify.glossing.english import EnglishGlosser
from accessify.glossing.german import GermanGlosser
from accessify.glossing.gloss import Glosser

TEXT_LANGUAGES = {
    "ase": "en",
    "asf": "en",
    "bfi": "en",
    "bzs": "pt",
    "csl": "zh",
    "dse": "nl",
    "dsl": "da",
    "fsl": "fr",
    "gsg": "de",
    "gss": "el",
    "isg": "en",
    "ise": "it",
    "jsl": "ja",
    "kvk": "ko",
    "lls": "lt",
    "nzs": "en",
    "pso": "pl",
    "psr": "pt",
    "rsl": "ru",
    "sgg": "de",
    "sfb": "fr",
    "ssp": "es",
    "swl": "sv",
    "tsq": "th",
    "tsm": "tr",
    "vgt": "nl",
}
"""ISO 639-3 code of a sign language → ISO 639-1 code of the spoken language that most who use it write."""


def text_language(sign_language: str) -> str:
    """The spoken language whose text is most likely meant for signing in `sign_language`; `en` if unknown."""
    return TEXT_LANGUAGES.get(sign_language.lower(), "en")


def written_language(text: str, sign_language: str) -> str:
    """The language that `text` is most likely written in, where nobody says so: by its script, else as usual.

    Latin letters are taken for the language that most who use the sign language write, or for English where
    that is written in other letters.
    """
    usual = text_language(sign_language)
    if any("\u3040" <= char <= "\u30ff" for char in text):
        return "ja"
    if any(map(is_han, text)):
        return usual if usual == "ja" else "zh"
    return "en" if usual in ("ja", "zh") else usual


def glosser_for(language_of_text: str, known: Iterable[str] = ()) -> Glosser:
    """The glosser for a text.

    Args:
        language_of_text: BCP 47 tag such as `de` or `zh-Hans`.
        known: names of the lexicon's signs, for languages that are written without spaces.

    Raises:
        OptionError: it is no language tag.
    """
    primary = language_of_text.replace("_", "-").split("-")[0].lower()
    if not (primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3):
        raise OptionError(f"{language_of_text!r} is no language tag; give one such as en, de or zh")
    match primary:
        case "en":
            return EnglishGlosser()
        case "de":
            return GermanGlosser()
        case "zh":
            return ChineseGlosser.of(known)
    return AnyGlosser(primary)
