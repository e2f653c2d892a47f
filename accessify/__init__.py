"""Captions, signing read as landmarks and glosses, and a signing avatar, made on your own machine.

    >>> import accessify
    >>> cues = accessify.caption("film.mp4")
    >>> for update in accessify.live("talk.mp4"):
    ...     print(*(word.text for word in update.committed))
    >>> clip = accessify.landmarks("signer.mp4")
    >>> signs = accessify.recognize("signer.mp4", accessify.RecognizeOptions(book="my.signs"))
    >>> accessify.write_performance(accessify.sign("Hi Anna!"), Path("hi.mp4"))

Everything public is named here and loaded when it is first used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accessify.captions.check import check as check
    from accessify.captions.compose import compose as compose
    from accessify.captions.fix import fix as fix
    from accessify.captions.rules import load_profile as load_profile
    from accessify.core.errors import AccessifyError as AccessifyError
    from accessify.core.live import LiveUpdate as LiveUpdate
    from accessify.core.pose import PoseClip as PoseClip
    from accessify.core.pose import PoseFrame as PoseFrame
    from accessify.core.text import Cue as Cue
    from accessify.core.text import Document as Document
    from accessify.core.text import Word as Word
    from accessify.core.timeline import Rate as Rate
    from accessify.core.timeline import Span as Span
    from accessify.core.timeline import Track as Track
    from accessify.delivery.files import read_captions as read_captions
    from accessify.delivery.files import write_captions as write_captions
    from accessify.delivery.poses import read_poses as read_poses
    from accessify.delivery.poses import write_poses as write_poses
    from accessify.delivery.sign_book import read_book as read_book
    from accessify.media.microphone import Microphone as Microphone
    from accessify.pipelines.caption import CaptionOptions as CaptionOptions
    from accessify.pipelines.caption import caption as caption
    from accessify.pipelines.caption import caption_film as caption_film
    from accessify.pipelines.enrolling import EnrolOptions as EnrolOptions
    from accessify.pipelines.enrolling import enrol as enrol
    from accessify.pipelines.landmarks import LandmarkOptions as LandmarkOptions
    from accessify.pipelines.landmarks import landmarks as landmarks
    from accessify.pipelines.landmarks import watch_landmarks as watch_landmarks
    from accessify.pipelines.live import LiveEngine as LiveEngine
    from accessify.pipelines.live import LiveOptions as LiveOptions
    from accessify.pipelines.live_session import live as live
    from accessify.pipelines.recognizing import RecognizeOptions as RecognizeOptions
    from accessify.pipelines.recognizing import recognize as recognize
    from accessify.pipelines.recognizing import watch_signs as watch_signs
    from accessify.pipelines.sign import SignOptions as SignOptions
    from accessify.pipelines.sign import sign as sign
    from accessify.pipelines.sign import sign_notation as sign_notation
    from accessify.pipelines.sign import sign_poses as sign_poses
    from accessify.pipelines.sign import sign_sigml as sign_sigml
    from accessify.pipelines.sign_files import write_performance as write_performance
    from accessify.pipelines.sign_film import FilmOptions as FilmOptions
    from accessify.pipelines.signing import SigningOptions as SigningOptions
    from accessify.pipelines.spelling import SpellingOptions as SpellingOptions
    from accessify.pipelines.spelling import spell as spell
    from accessify.pipelines.spelling import watch_letters as watch_letters
    from accessify.signs.book import SignBook as SignBook
    from accessify.speech.whisper_options import WhisperOptions as WhisperOptions

_HOMES = {
    "AccessifyError": "accessify.core.errors",
    "CaptionOptions": "accessify.pipelines.caption",
    "Cue": "accessify.core.text",
    "Document": "accessify.core.text",
    "EnrolOptions": "accessify.pipelines.enrolling",
    "FilmOptions": "accessify.pipelines.sign_film",
    "LandmarkOptions": "accessify.pipelines.landmarks",
    "LiveEngine": "accessify.pipelines.live",
    "LiveOptions": "accessify.pipelines.live",
    "LiveUpdate": "accessify.core.live",
    "Microphone": "accessify.media.microphone",
    "PoseClip": "accessify.core.pose",
    "PoseFrame": "accessify.core.pose",
    "Rate": "accessify.core.timeline",
    "RecognizeOptions": "accessify.pipelines.recognizing",
    "SignBook": "accessify.signs.book",
    "SignOptions": "accessify.pipelines.sign",
    "SigningOptions": "accessify.pipelines.signing",
    "Span": "accessify.core.timeline",
    "SpellingOptions": "accessify.pipelines.spelling",
    "Track": "accessify.core.timeline",
    "WhisperOptions": "accessify.speech.whisper_options",
    "Word": "accessify.core.text",
    "caption": "accessify.pipelines.caption",
    "caption_film": "accessify.pipelines.caption",
    "check": "accessify.captions.check",
    "compose": "accessify.captions.compose",
    "enrol": "accessify.pipelines.enrolling",
    "fix": "accessify.captions.fix",
    "landmarks": "accessify.pipelines.landmarks",
    "live": "accessify.pipelines.live_session",
    "load_profile": "accessify.captions.rules",
    "read_book": "accessify.delivery.sign_book",
    "read_captions": "accessify.delivery.files",
    "read_poses": "accessify.delivery.poses",
    "recognize": "accessify.pipelines.recognizing",
    "sign": "accessify.pipelines.sign",
    "sign_notation": "accessify.pipelines.sign",
    "sign_poses": "accessify.pipelines.sign",
    "sign_sigml": "accessify.pipelines.sign",
    "spell": "accessify.pipelines.spelling",
    "watch_landmarks": "accessify.pipelines.landmarks",
    "watch_letters": "accessify.pipelines.spelling",
    "watch_signs": "accessify.pipelines.recognizing",
    "write_captions": "accessify.delivery.files",
    "write_performance": "accessify.pipelines.sign_files",
    "write_poses": "accessify.delivery.poses",
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
