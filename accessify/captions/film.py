"""What composing and checking know of the film behind the captions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from accessify.core.timeline import Rate

_PAL = Rate(Fraction(25))


@dataclass(frozen=True, slots=True)
class Film:
    """The picture's frame rate, its shot changes and its end."""

    rate: Rate = _PAL
    """Captions start and end on frames of this rate."""
    shots: tuple[int, ...] = ()
    """Ticks of the first frame of each new shot, ascending; without tick 0."""
    end: int | None = None
    """Tick at which the film ends, when known: no caption lasts longer."""
    start: int = 0
    """Tick on the captions' clock at which the film begins; `shots` and `end` count from there."""

    def __post_init__(self) -> None:
        if any(after <= before for before, after in zip(self.shots, self.shots[1:], strict=False)):
            raise ValueError("shot changes must ascend, each at its own tick")
