"""What a page and its camera's socket say to each other, as values and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from accessify.core.errors import AccessifyError
from accessify.core.pose import PoseFrame, Skeleton
from accessify.core.sign import Candidate, Letter, Sign
from accessify.core.timeline import Span, to_seconds
from accessify.media.camera import LiveReader
from accessify.pipelines.landmarks import LandmarkOptions
from accessify.pipelines.recognizing import sign_book
from accessify.pipelines.signing import SigningOptions
from accessify.pipelines.watching import Seen, WatchOptions
from accessify.server.refusal import Refused
from accessify.server.rooms import Room
from accessify.server.start import read_message
from accessify.signs.alphabet import load_alphabet
from accessify.signs.book import SignBook
from accessify.signs.phrase import PhraseOptions

BOOK = "book.signs"
"""The sign book of a room."""
SCALE = 10_000
"""Places are told in such parts of the picture's width and height."""
_SURE = 0.5
"""Points less sure than this are not shown: they are guesses outside the picture."""
_MOST_CANDIDATES = 4
_MODES = {"signs": (True, False), "letters": (False, True), "both": (True, True)}
_HANDS = ("auto", "right", "left")

Say = Callable[[dict[str, Any]], None]


def read_settings(text: str, room: Room, *, offline: bool) -> WatchOptions:
    """The settings in a text message of the socket; raises `Refused`."""
    message = read_message(text, "bad-message")
    if message.get("type") != "settings":
        raise Refused("bad-message", "a text message of a camera's page holds settings, nothing else")
    return parse_settings(message, room, offline=offline)


def parse_settings(message: Mapping[str, Any], room: Room, *, offline: bool) -> WatchOptions:
    """What is looked for from now on, in the sign book as the room has it now. Raises `Refused`."""
    mode, dominant = message.get("mode", "both"), message.get("dominant", "auto")
    mirrored, false_signs = message.get("mirrored", False), message.get("false_signs", 0.1)
    known = (
        isinstance(mode, str)
        and mode in _MODES
        and dominant in _HANDS
        and isinstance(mirrored, bool)
        and isinstance(false_signs, int | float)
        and 0 < false_signs < 1
    )
    if not known:
        raise Refused("bad-message", "the settings hold a mode, hand, alphabet or number that is not known")
    signs, letters = _MODES[mode]
    try:
        alphabet = load_alphabet(str(message.get("alphabet", "ase"))).name if letters else None
        book = room_book(room) if signs else None
    except AccessifyError as error:
        raise Refused("bad-message", error.message) from None
    look = LandmarkOptions(face="none", offline=offline)
    return WatchOptions(book, alphabet, float(false_signs), SigningOptions(mirrored, dominant, look))


def room_book(room: Room) -> SignBook:
    """The sign book of a room; an empty one where none was begun. Raises `FormatError`."""
    path = room.folder / BOOK
    return sign_book(path) if path.exists() else SignBook()


class Teller:
    """Says what is seen, on the sender's clock."""

    def __init__(self, reader: LiveReader, say: Say) -> None:
        self._reader, self._say = reader, say
        self._told: WatchOptions | None = None

    def tell(self, seen: Seen, options: WatchOptions) -> None:
        """One picture; once at first, and after every change of settings, what is looked for."""
        if options is not self._told:
            self._told = options
            self._say(_ready(seen.skeleton, options))
        points = picture_points(seen.pose, seen.skeleton, self._reader.size)
        self._say({"type": "seen", "at": self._moment(seen.pose.start), "points": points})
        for sign in seen.signs:
            self._say(self._event("sign", sign))
        for letter in seen.letters:
            self._say(self._event("letter", letter))
        for letter in seen.within:
            self._say({"type": "within", "start": self._moment(letter.span.start)})

    def _event(self, kind: str, event: Sign | Letter) -> dict[str, Any]:
        likely = candidates(event.candidates)
        return {"type": kind, **self._times(event.span), "known": event.known, "candidates": likely}

    def _times(self, span: Span) -> dict[str, float]:
        return {"start": self._moment(span.start), "end": self._moment(span.end)}

    def _moment(self, tick: int) -> float:
        """Milliseconds on the sender's clock, to the thousandth: so it finds its picture again."""
        return round(self._reader.began / 1e6 + to_seconds(tick) * 1e3, 3)


def _ready(skeleton: Skeleton, options: WatchOptions) -> dict[str, Any]:
    signs = len(options.book) if options.book is not None else None
    pause = round(to_seconds(PhraseOptions().pause) * 1e3)
    return {
        "type": "ready",
        "signs": signs,
        "alphabet": options.alphabet,
        "pause": pause,
        "parts": drawn_parts(skeleton),
    }


def picture_points(pose: PoseFrame, skeleton: Skeleton, size: tuple[int, int]) -> list[int | None]:
    """Places x, y of all points in pixels, one behind the other; None for a point that was not seen."""
    inside = ~skeleton.metric
    sure = pose.confidence[inside] >= _SURE
    places = np.nan_to_num(pose.points[inside, :2] / size * SCALE).round().astype(int)
    return [
        value
        for place, there in zip(places.tolist(), sure.tolist(), strict=True)
        for value in (place if there else (None, None))
    ]


def drawn_parts(skeleton: Skeleton) -> list[dict[str, Any]]:
    """The parts whose points `picture_points` gives, one behind the other, with what a drawing joins."""
    return [
        {"name": part.name, "count": len(part.points), "limbs": part.limbs, "colors": part.colors}
        for part in skeleton.components
        if not part.metric
    ]


def candidates(likely: Sequence[Candidate]) -> list[dict[str, Any]]:
    """The likeliest answers; no machine is surer than 99 %."""
    return [
        {"name": one.name, "gloss": one.gloss, "confidence": round(min(one.confidence, 0.99), 3)}
        for one in likely[:_MOST_CANDIDATES]
    ]
