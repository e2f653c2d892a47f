"""Captions, sign-language recognition and a sign avatar for deaf and hard-of-hearing people.

    >>> import accessify
    >>> cues = accessify.caption("film.mp4")

Everything public is named here and loaded when it is first used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accessify.captions.rules import load_profile as load_profile
    from accessify.core.errors import AccessifyError as AccessifyError
    from accessify.core.text import Cue as Cue
    from accessify.core.text import Document as Document
    from accessify.core.text import Word as Word
    from accessify.core.timeline import Rate as Rate
    from accessify.core.timeline import Span as Span
    from accessify.core.timeline import Track as Track

_HOMES = {
    "AccessifyError": "accessify.core.errors",
    "Cue": "accessify.core.text",
    "Document": "accessify.core.text",
    "Rate": "accessify.core.timeline",
    "Span": "accessify.core.timeline",
    "Track": "accessify.core.timeline",
    "Word": "accessify.core.text",
    "load_profile": "accessify.captions.rules",
}
"""Public name → the module it lives in."""

__all__ = tuple(_HOMES)


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]


if not TYPE_CHECKING:  # type checkers read the imports above and know which names do not exist

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415

        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value  # found without this function from now on
        return value
