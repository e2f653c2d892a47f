"""Live captions as WebVTT segments of an HLS playlist (RFC 8216 §3.5).

A segment is published once nothing in it can change any more, so it never does. A caption whose time
crosses a border stands in both segments, word for word and with the same times, and players show it once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from accessify.captions.formats.clock import clock_text
from accessify.captions.formats.vtt import write_vtt
from accessify.captions.roll import Roll, RollOptions
from accessify.core.live import LiveLine, LiveState, LiveUpdate
from accessify.core.text import Cue, Document, Word
from accessify.core.timeline import Span, Track, seconds, to_seconds

SEGMENT = seconds(4)
"""Ticks of a segment."""
LEAD_IN = 0.1
"""Seconds of the empty segment that each playlist begins with."""
_HOLD = seconds(1.5)
"""Ticks a caption stays behind its last word, unless another follows."""
_DOUBT = seconds(1)
"""Ticks of silence that may yet turn out to be the start of speech."""
_LONGEST = seconds(20)
"""Ticks after which no more words of an utterance come: it is cut before it gets that long."""
_WINDOW = 900
"""Segments a playlist holds: an hour."""
_FAR = seconds(0.6)
_MARKS = ".,;:!?…\"'-"


class CaptionTimeline:
    """The captions of one stream, cut into segments."""

    def __init__(self, width: int = 37, segment: int = SEGMENT, window: int = _WINDOW) -> None:
        """`width`: characters of a line; `segment`: ticks; `window`: segments a playlist holds."""
        self._roll = Roll(RollOptions(width, corrections=False))  # what they correct is on screen already
        self._segment, self._window = segment, window
        self._cues: deque[Cue] = deque()
        self._open: int | None = None  # tick at which a line starts that still grows
        self._last: LiveLine | None = None  # closed, but its cue's end is not known yet
        self._edge = 0  # last tick of the newest cue
        self._clock = 0
        self._sure = 0  # tick before which nothing can change
        self._ended = False

    @property
    def count(self) -> int:
        """Segments published so far; the last one of a stream may be short."""
        return -(-self._sure // self._segment) if self._ended else self._sure // self._segment

    @property
    def first(self) -> int:
        """Number of the oldest segment that is kept."""
        return max(0, self.count - self._window)

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The captions that are settled and kept."""
        return tuple(self._cues)

    @property
    def ended(self) -> bool:
        """Whether no segment comes any more."""
        return self._ended

    def push(self, update: LiveUpdate) -> None:
        """What an update says."""
        for line in self._roll.push(update):
            self._say(_measured(line, update.final))
        quiet = update.state in (LiveState.SILENT, LiveState.STALLED, LiveState.ENDED)
        self._clock = update.clock
        doubt = _DOUBT if quiet and not update.tail else _LONGEST
        silent_to = update.clock - update.lag - doubt
        if self._last is not None and silent_to >= self._last.span.end + _HOLD:
            self._settle(silent_to)
        self._sure = max(self._sure, self._settled(silent_to))
        self._forget()

    def end(self) -> None:
        """The stream is over."""
        for line in self._roll.finish():
            self._say(line)
        if self._last is not None:
            self._settle(self._last.span.end + _HOLD)
        self._sure = max(self._sure, self._edge, self._clock)
        self._ended = True

    def playlist(self, query: str, began: float) -> str:
        """The media playlist; `query` follows every address, `began` is when the stream did, in seconds
        since 1970.
        """
        first, count = self.first, self.count
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:3",
            f"#EXT-X-TARGETDURATION:{-(-self._segment // seconds(1))}",
            f"#EXT-X-MEDIA-SEQUENCE:{first + 1 if first else 0}",
        ]
        if first == 0:  # players give up on a playlist that holds nothing yet
            lines += [f"#EXTINF:{LEAD_IN:.3f},", f"captions/start.vtt{query}"]
        if first < count:
            at = datetime.fromtimestamp(began + to_seconds(first * self._segment), UTC)
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{at.isoformat(timespec='milliseconds')}")
        for number in range(first, count):
            length = self._span(number).duration
            lines += [f"#EXTINF:{to_seconds(length):.3f},", f"captions/{number}.vtt{query}"]
        if self._ended:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join(lines) + "\n"

    def segment(self, number: int, mpegts: int) -> str | None:
        """One segment; None for one that is not there yet or no more. `mpegts` is the film's time, in
        90 kHz ticks, at the stream's zero.
        """
        if not self.first <= number < self.count:
            return None
        span = self._span(number)
        cues = [cue for cue in self._cues if cue.span.overlaps(span)]
        return _mapped(write_vtt(Document(Track.of(cues))), mpegts)

    def _span(self, number: int) -> Span:
        start = number * self._segment
        end = start + self._segment
        return Span(start, min(end, max(self._sure, start + 1)) if self._ended else end)

    def _say(self, line: LiveLine) -> None:
        self._settle(line.span.start)
        self._last = line if line.closed else None
        self._open = None if line.closed else line.span.start

    def _settle(self, following: int) -> None:
        """The closed line becomes a cue; what follows it starts at `following`."""
        line, self._last = self._last, None
        if line is None:
            return
        start = max(line.span.start, self._edge, self._sure)
        end = max(start + seconds(0.1), min(line.span.end + _HOLD, max(following, line.span.end)))
        self._cues.append(Cue(Span(start, end), line.text, speaker=line.speaker, id=str(line.number)))
        self._edge = end

    def _settled(self, silent_to: int) -> int:
        if self._last is not None:
            return self._last.span.start
        if self._open is not None:
            return self._open
        return max(silent_to, self._edge if self._cues else 0)

    def _forget(self) -> None:
        """Drop cues that no kept segment shows."""
        start = self.first * self._segment
        while self._cues and self._cues[0].span.end <= start:
            self._cues.popleft()


def lead_in(mpegts: int) -> str:
    """The segment before the first one, without captions; `mpegts` as for `segment`."""
    return _mapped(write_vtt(Document(Track())), mpegts)


def _mapped(text: str, mpegts: int) -> str:
    return text.replace("WEBVTT\n", f"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:{clock_text(0)},MPEGTS:{mpegts}\n", 1)


def _measured(line: LiveLine, final: Sequence[Word]) -> LiveLine:
    """The line with the times that the final reading has measured for its first and last word."""
    if not line.words or not final:
        return line
    start = _match(line.words[0], final)
    end = _match(line.words[-1], final)
    if start is None or end is None or end.span.end <= start.span.start:
        return line
    return replace(line, span=Span(start.span.start, end.span.end))


def _match(word: Word, final: Sequence[Word]) -> Word | None:
    """The same word in the final reading, where it is not far off."""
    nearest = min(final, key=lambda other: abs(other.span.start - word.span.start))
    same = nearest.text.casefold().strip(_MARKS) == word.text.casefold().strip(_MARKS)
    return nearest if same and abs(nearest.span.start - word.span.start) < _FAR else None
