"""Ctrl-C that is not lost.

PyAV 18 swallows a KeyboardInterrupt that strikes while it raises an error of its own, and asking a
filter for sound that is not there yet is such an error: while a film is read, about one Ctrl-C in
twenty went unheard.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from accessify.core.progress import OnProgress, Progress

_ENDS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ended_by_request() -> Iterator[None]:
    """Take the request to end (SIGTERM) as Ctrl-C: what was begun is finished and written."""
    before = signal.getsignal(signal.SIGTERM)
    if before is signal.SIG_DFL:  # otherwise it is somebody else's
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def heeded(on_progress: OnProgress | None, *, between: bool = False) -> Iterator[OnProgress]:
    """The same callback, which stops at the next step where Ctrl-C went unheard.

    With `between`, the first Ctrl-C waits for that step too, so that what is being written is not cut
    in the middle; a second one strikes at once. Under `ended_by_request`, SIGTERM is as Ctrl-C.
    """
    pressed = False

    def note(_signal: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        waits, pressed = between and not pressed, True
        if not waits:
            raise KeyboardInterrupt

    def step(progress: Progress) -> None:
        if pressed:
            raise KeyboardInterrupt
        if on_progress:
            on_progress(progress)

    # otherwise they are ignored, or somebody else's
    ours = [each for each in _ENDS if signal.getsignal(each) is signal.default_int_handler]
    for each in ours:
        signal.signal(each, note)
    try:
        yield step
    finally:
        for each in ours:
            signal.signal(each, signal.default_int_handler)
