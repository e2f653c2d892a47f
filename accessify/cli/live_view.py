"""What a reader sees of live captions: a calm block on a terminal, else one line after the other."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Protocol, Self

import click
from rich.align import Align
from rich.console import Console
from rich.live import Live
from rich.padding import Padding
from rich.text import Text

from accessify.captions.reading import Reading, ReadingOptions, Row, Screen
from accessify.captions.roll import Roll, RollOptions
from accessify.cli.counting import counted
from accessify.core.live import LiveState, LiveUpdate
from accessify.core.timeline import to_seconds

_STATES = {
    LiveState.SILENT: "silence",
    LiveState.SPEECH: "listening",
    LiveState.CATCHING_UP: "catching up",
    LiveState.STALLED: "no sound arrives",
    LiveState.ENDED: "ended",
}
_CELLS = 12
"""Of the lag meter; each is half a second."""
_MARGIN = 4
"""Columns left free on the left."""


class View(Protocol):
    """Something that shows live captions; a context manager."""

    def push(self, update: LiveUpdate, now: int) -> None:
        """Take in an update at tick `now`."""
        ...

    def look(self, now: int) -> bool:
        """Show what is due at tick `now`; whether more waits."""
        ...

    def finish(self) -> None:
        """Show all that waits."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class PlainView:
    """One line of text for each line of captions, once it is complete; for pipes and screen readers."""

    def __init__(self, width: int) -> None:
        self._roll = Roll(RollOptions(width))

    def push(self, update: LiveUpdate, now: int) -> None:
        for line in self._roll.push(update):
            if line.closed:
                self._say(line.text)
        for note in update.notes:
            click.echo(f"accessify: {note.kind}: {note.text}", err=True)

    def look(self, now: int) -> bool:
        return False

    def finish(self) -> None:
        for line in self._roll.finish():
            self._say(line.text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def _say(self, text: str) -> None:
        click.echo(text)
        sys.stdout.flush()


class NoView:
    """Shows nothing; notes go to standard error."""

    def push(self, update: LiveUpdate, now: int) -> None:
        for note in update.notes:
            click.echo(f"accessify: {note.kind}: {note.text}", err=True)

    def look(self, now: int) -> bool:
        return False

    def finish(self) -> None:
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class TerminalView:
    """The whole terminal: a few lines in the middle, below them a quiet line on how it goes.

    It is drawn anew only when something changed, over what was there: nothing blinks.
    """

    def __init__(self, options: ReadingOptions, name: str, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._options, self._name = options, name
        self._reading = Reading(options)
        self._note = ""
        self._last = Screen()
        self._drawn: tuple[tuple[Row, ...], str, str] | None = None
        self._live = Live(
            console=self._console, screen=True, auto_refresh=False, vertical_overflow="crop", transient=True
        )

    def push(self, update: LiveUpdate, now: int) -> None:
        self._reading.push(update, now)
        if update.notes:
            self._note = update.notes[-1].text

    def look(self, now: int) -> bool:
        screen = self._reading.look(now)
        self._draw(screen)
        return screen.waiting > 0

    def finish(self) -> None:
        self._last = self._reading.finish()
        self._draw(self._last)

    def __enter__(self) -> Self:
        self._live.start()
        self._draw(Screen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back, with the last lines on it."""
        self._live.stop()
        for row in self._last.rows:
            self._console.print(Text(row.text + row.tail))

    def _draw(self, screen: Screen) -> None:
        meter = _meter(screen)
        drawn = (screen.rows, meter.plain, self._note)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        block = self._block(screen)
        block.append_text(meter)
        block.append("\n" + (self._note or f"{self._name} · Ctrl-C ends"), "dim")
        height = self._console.size.height
        self._live.update(Align(Padding(block, (0, 0, 0, _MARGIN)), vertical="middle", height=height))
        self._live.refresh()

    def _block(self, screen: Screen) -> Text:
        """The lines, always as many as there may be, with room between them."""
        block = Text(no_wrap=True, overflow="crop")
        for row in (*screen.rows, *[Row("")] * (self._options.rows - len(screen.rows))):
            block.append(row.text, "bold yellow" if row.correction else "bold")
            block.append(row.tail, "dim")
            block.append("\n\n")
        return block


def _meter(screen: Screen) -> Text:
    """The lag as a bar, in seconds and in words, and what the listener does."""
    lag = to_seconds(screen.lag)
    cells = min(_CELLS, round(2 * lag))
    word = "behind" if screen.behind else "in time"
    color = "yellow" if screen.behind else "green"
    meter = Text("lag ", "dim")
    meter.append("━" * cells, color)
    meter.append("─" * (_CELLS - cells), "dim")
    meter.append(f" {lag:.1f} s · {word} · {_STATES[screen.state]}", "dim")
    if screen.waiting:
        meter.append(f" · {counted(screen.waiting, 'word')} to come", "dim")
    return meter
