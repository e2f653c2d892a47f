"""Reading mode: live captions at a pace people can read, in a few lines that never re-flow.

Words are let through at 180 a minute at most (BBC Subtitle Guidelines §21: verbatim to 160–180 words
a minute). A few may come at once, so that what is said after a pause is not held up. When somebody
speaks faster, words wait: the screen says so and nothing is left out. There is no clock in here: every
call is told what time it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from accessify.captions.roll import Roll, RollOptions
from accessify.core.errors import OptionError
from accessify.core.live import LiveLine, LiveState, LiveUpdate
from accessify.core.text import is_unspaced, is_wide, joint
from accessify.core.timeline import TICKS_PER_SECOND, seconds

_FEWEST, _MOST = 2, 4
"""Lines on the screen."""
_UNSPACED_TO_A_WORD = 3
"""Characters of scripts without spaces that take as long to read as a word: 9 a second."""
_BEHIND = seconds(3)
"""A word that waits longer than this is late (Ofcom's recommendation for live captions)."""
_CHANGE = ">> "
"""What broadcasters put before a new speaker's words."""


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How live captions are read."""

    words_per_minute: int = 180
    """The most words that appear in a minute."""
    burst: int = 5
    """Words that may appear at once after a pause."""
    rows: int = 3
    """Lines on the screen, two to four."""
    width: int = 37
    """Characters a line holds; a full-width character counts two."""
    keep: int | None = None
    """Ticks after the last new word when the lines are taken away; None leaves them."""

    def __post_init__(self) -> None:
        if not _FEWEST <= self.rows <= _MOST:
            raise OptionError(f"live captions have {_FEWEST} to {_MOST} lines, not {self.rows}")
        if self.words_per_minute < 1 or self.burst < 1:
            raise OptionError("the pace must be at least one word a minute, and one word at once")
        if self.width < 1:
            raise OptionError("a line must hold at least one character")


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it is shown, left-aligned."""

    text: str
    """What stays; it only grows."""
    tail: str = ""
    """What may still change, behind `text`, with the space before it."""
    correction: bool = False
    """Whether it corrects what was shown before; its text begins with a dash."""
    change: bool = False
    """Whether another speaker begins; its text begins with `>>`."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a viewer sees at one moment."""

    rows: tuple[Row, ...] = ()
    """From the top; at most as many as asked for."""
    state: LiveState = LiveState.SILENT
    lag: int = 0
    """Ticks from the end of a word to its showing: of the oldest that waits, else of the last one shown;
    at least as much as there is sound that was not listened to yet."""
    waiting: int = 0
    """Words that are known and wait for their turn."""

    @property
    def behind(self) -> bool:
        """Whether the captions are late enough to say so."""
        return self.lag > _BEHIND


class Pacer:
    """Lets words through at a reader's pace, in order, never dropping one."""

    def __init__(self, words_per_minute: int = 180, burst: int = 5) -> None:
        self._interval = 60 * TICKS_PER_SECOND // words_per_minute
        self._burst = burst
        self._paid_until = 0  # tick up to which words that were shown take up the reader
        self._queue: deque[tuple[LiveUpdate, int]] = deque()  # pieces and when they came
        self._late = 0  # ticks from the end of the last word that was shown to its coming

    def push(self, update: LiveUpdate, now: int) -> None:
        """Take in `update` at tick `now`; split into a piece for each word and one for its end."""
        plain = replace(update, committed=(), tail=(), ended=False, final=(), corrections=(), notes=())
        self._queue += [(replace(plain, committed=(word,)), now) for word in update.committed]
        if update.ended:
            self._queue.append((replace(update, committed=()), now))

    def take(self, now: int) -> Iterator[LiveUpdate]:
        """The pieces that are due at tick `now`."""
        while self._queue and self._due(self._queue[0][0], now):
            yield self._queue.popleft()[0]

    def rest(self) -> Iterator[LiveUpdate]:
        """All that waits, due or not: the end of the stream."""
        while self._queue:
            yield self._queue.popleft()[0]

    @property
    def waiting(self) -> int:
        """Words that wait."""
        return sum(len(piece.committed) for piece, _ in self._queue)

    def lag(self, now: int) -> int:
        """Ticks since the end of the oldest waiting word; without one, how late the last one came."""
        waited = (now - since + _late(piece) for piece, since in self._queue if piece.committed)
        return next(waited, self._late)

    def _due(self, piece: LiveUpdate, now: int) -> bool:
        """Whether `piece` may be shown; counts it as shown if so (a token bucket)."""
        start = max(self._paid_until, now)
        if piece.committed and start - now > (self._burst - 1) * self._interval:
            return False
        if piece.committed:
            self._paid_until = start + sum(self._cost(word.text) for word in piece.committed)
            self._late = _late(piece)
        return True

    def _cost(self, text: str) -> int:
        unspaced = sum(map(is_unspaced, text))
        return max(self._interval, self._interval * unspaced // _UNSPACED_TO_A_WORD)


class Reading:
    """Live updates to what a viewer sees."""

    def __init__(self, options: ReadingOptions = ReadingOptions()) -> None:
        self._options = options
        self._pacer = Pacer(options.words_per_minute, options.burst)
        self._roll = Roll(RollOptions(options.width))
        self._lines: deque[tuple[LiveLine, bool]] = deque(maxlen=options.rows)
        self._speaker: str | None = None
        self._latest = LiveUpdate(0, 0, LiveState.SILENT)
        self._top = 1  # number of the line in the first row; never goes back
        self._last = 0  # number of the last line
        self._shown_at = 0

    def push(self, update: LiveUpdate, now: int) -> None:
        """Take in `update` at tick `now` of any steady clock."""
        self._pacer.push(update, now)
        self._latest = update

    def look(self, now: int) -> Screen:
        """What is seen at tick `now`."""
        if self._show(self._pacer.take(now)) or self._latest.tail or self._pacer.waiting:
            self._shown_at = now
        elif self._options.keep is not None and now - self._shown_at > self._options.keep:
            self._roll.finish()  # the next word opens a line
            self._lines.clear()
        return self._screen(now)

    def finish(self) -> Screen:
        """What is seen in the end: every word, and no tail."""
        self._show(self._pacer.rest())
        self._latest = replace(self._latest, tail=(), lag=0)
        return self._screen(0)

    def _show(self, pieces: Iterator[LiveUpdate]) -> bool:
        """Put `pieces` on their lines; whether there was anything to be seen in them."""
        lines = [line for piece in pieces for line in self._roll.push(piece)]
        for line in lines:
            self._set(line)
        return bool(lines)

    def _set(self, line: LiveLine) -> None:
        if self._lines and self._lines[-1][0].number == line.number:
            self._lines[-1] = (line, self._lines[-1][1])
            return
        known = line.speaker is not None
        self._last = line.number
        self._lines.append((line, known and self._speaker is not None and line.speaker != self._speaker))
        self._speaker = line.speaker if known else self._speaker

    def _screen(self, now: int) -> Screen:
        waiting = self._pacer.waiting
        rows = {line.number: _row(line, change) for line, change in self._lines}
        # While words wait, the tail would jump ahead of them.
        for number, text in self._tail() if not waiting else ():
            row = rows.get(number)
            rows[number] = Row("", text) if row is None else replace(row, tail=text)
        self._top = max(self._top, max(rows, default=1) - self._options.rows + 1)
        shown = tuple(rows[number] for number in sorted(rows) if number >= self._top)
        lag = max(self._latest.lag, self._pacer.lag(now))
        return Screen(shown, self._latest.state, lag, waiting)

    def _tail(self) -> Iterator[tuple[int, str]]:
        """The tail on the lines it would fill, were it committed; no more than one further line."""
        last = self._lines[-1][0] if self._lines else None
        number = last.number if last else self._last
        line = last.text if last and not last.closed else ""
        room = 2
        if not line:
            number, room = number + 1, 1
        tail = ""
        for word in self._latest.tail:
            text = line + joint(line, word) + word if line else word
            if line and _width(text) > self._options.width:
                if tail:
                    yield number, tail
                number, room, line, tail, text = number + 1, room - 1, "", "", word
                if not room:
                    return
            tail += text[len(line) :]
            line = text
        if tail:
            yield number, tail


def _late(piece: LiveUpdate) -> int:
    """Ticks from the end of a committed word to when it was committed."""
    return max(0, piece.clock - piece.committed[-1].span.end)


def _row(line: LiveLine, change: bool) -> Row:
    return Row((_CHANGE if change else "") + line.text, "", line.correction, change)


def _width(text: str) -> int:
    return sum(1 + is_wide(character) for character in text)
