"""What ttconv reads of broadcast files, as our documents: its model becomes TTML, which our reader knows.

ttconv speaks only to its log about what it leaves out or guesses; `Listening` catches that and whatever
breaks inside it, with the place in the file that it had come to.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from fractions import Fraction
from io import StringIO
from typing import Any

from accessify.captions.formats.spelling import tight
from accessify.captions.formats.ttml_read import read_ttml
from accessify.core.errors import FormatError
from accessify.core.text import Cue, Document, Run
from accessify.core.timeline import Note, Rate, Span, Track, seconds

LAST_CAPTION = seconds(4)
"""Ticks that a caption stands which nothing in its file takes away."""

_BREAKS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What ttconv raises, from deep inside, on codes that make no sense where they stand."""
_PARAMETER = "{http://www.w3.org/ns/ttml#parameter}"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_END = "nothing takes this caption away; its end is a guess"
_NO_TIME = "this caption is taken away before it comes; its end is its start"
_BOX = ("#000000", "#00000000")
"""Backgrounds that say nothing: the black box of every caption decoder, and none at all."""


@dataclass(slots=True)
class Listening:
    """Where ttconv is in a file and what it said there."""

    source: str
    unit: str
    """What places are counted in, e.g. `line`."""
    place: int = 0
    said: list[tuple[int, str]] = field(default_factory=list)

    def notes(self, span: Span) -> list[Note]:
        """What was said, as one note for each thing."""
        notes = []
        for text in dict.fromkeys(text for _, text in self.said):
            places = list(dict.fromkeys(place for place, other in self.said if other == text))
            more = f" and {len(places) - 1} more" if len(places) > 1 else ""
            notes.append(Note(span, "ignored", f"{self.unit} {places[0]}{more}: {text}"))
        return notes

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Listen to ttconv's log; what breaks inside it becomes a `FormatError`."""
        if not any(isinstance(handler, _Ear) for handler in _LOG.handlers):
            _LOG.addHandler(_Ear())
            _LOG.propagate = False  # the ear passes on what is not for us
        token = _LISTENING.set(self)
        try:
            yield
        except FormatError:  # ours, and a ValueError
            raise
        except _BREAKS as error:
            raise FormatError(
                f"{self.unit} {self.place}: codes that make no sense here ({error}); export the file again",
                source=self.source,
            ) from None
        finally:
            _LISTENING.reset(token)


_LOG = logging.getLogger("ttconv")
_LISTENING: ContextVar[Listening | None] = ContextVar("_LISTENING", default=None)


class _Ear(logging.Handler):
    """Hands ttconv's warnings to whoever reads a file in the same thread, and all else to the log."""

    def emit(self, record: logging.LogRecord) -> None:
        listening = _LISTENING.get()
        if listening is not None and record.levelno >= logging.WARNING:
            listening.said.append((listening.place, record.getMessage()))
        elif _LOG.parent:
            _LOG.parent.callHandlers(record)


def document_of(model: Any, counted: Fraction, rate: Rate, source: str) -> Document:
    """Our document of a `ttconv.model.ContentDocument`.

    Its times are whole frames at `counted` frames a second; those frames are shown at `rate`. What is
    never taken away ends `LAST_CAPTION` after it came, and is noted.
    """
    import ttconv.imsc.writer
    from ttconv.imsc.attributes import TimeExpressionSyntaxEnum
    from ttconv.imsc.config import IMSCWriterConfiguration

    notes = _closed(model, counted, rate)
    config = IMSCWriterConfiguration(time_format=TimeExpressionSyntaxEnum.frames, fps=counted)
    tree = ttconv.imsc.writer.from_model(model, config)
    root = tree.getroot()
    root.set(_PARAMETER + "frameRate", str(rate.nominal))
    numerator, denominator = (rate.fps / rate.nominal).as_integer_ratio()
    root.set(_PARAMETER + "frameRateMultiplier", f"{numerator} {denominator}")
    text = StringIO()
    tree.write(text, encoding="unicode")
    document = read_ttml(_NOT_XML.sub("", text.getvalue()).replace("\xa0", " "), source)
    lost = [replace(note, text=re.sub(r"^line \d+: ", "", note.text)) for note in document.cues.notes]
    cues = map(_plain_box, document.cues)
    return replace(document, cues=Track.of(cues, [*lost, *notes]), rate=rate)


def _closed(model: Any, counted: Fraction, rate: Rate) -> list[Note]:
    """Give every paragraph times in order; notes on those that had none."""
    from ttconv.model import P

    notes = []
    body = model.get_body()
    for paragraph in body.dfs_iterator() if body else ():
        begin, end = paragraph.get_begin() or Fraction(0), paragraph.get_end()
        if not isinstance(paragraph, P) or (end is None and _has_timed_parts(paragraph)):
            continue
        for part in paragraph:
            if (part.get_begin() or 0) < 0:  # painted before, on captions that are shown again
                part.set_begin(None)
        start = rate.at(int(begin * counted))
        if end is None:
            paragraph.set_end(begin + Fraction(rate.nearest(LAST_CAPTION)) / counted)
            notes.append(
                Note(
                    Span(start, start + LAST_CAPTION),
                    "end",
                    _NO_END,
                )
            )
        elif end < begin:
            paragraph.set_end(begin)
            notes.append(
                Note(
                    Span(start, start),
                    "end",
                    _NO_TIME,
                )
            )
    return notes


def _has_timed_parts(paragraph: Any) -> bool:
    return any(child.get_end() is not None for child in paragraph)


def _plain_box(cue: Cue) -> Cue:
    """The cue without number, empty lines and the decoder's own background."""
    runs = [
        replace(run, style=replace(run.style, background=None)) if run.style.background in _BOX else run
        for run in cue.runs or (Run(cue.text),)
    ]
    return tight(replace(cue, id=None, runs=tuple(runs)))
