"""A sign as HamNoSys 4 describes it: the tree between its symbols and their meaning for arms and hands.

Hands and places, and how ways are told, are in `accessify.motion.notated_hand`; the source is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from accessify.motion.notated_hand import Location, Place, Posture, Ways, Where
from accessify.motion.symbols import Symbol

# What happens


@dataclass(frozen=True, slots=True)
class Arc:
    """A bulge of a straight path."""

    way: str
    """`u`, `d`, `l` or `r`: to which side it bulges."""
    size: tuple[str, ...]
    """`small`, `large`; twice is more."""
    where: Where


@dataclass(frozen=True, slots=True)
class Wave:
    """Waves or zigzags along a path."""

    kind: str
    """`wavy` or `zigzag`."""
    size: tuple[str, ...]
    """`small`, `large`."""
    where: Where


@dataclass(frozen=True, slots=True)
class Ellipse:
    """A circle pressed flat, or the plane in which waves swing."""

    way: str
    """Which way it is long: `level`, `upright`, `ur`, `ul`."""
    size: tuple[str, ...]
    """`small`, `large`: how flat."""
    where: Where


@dataclass(frozen=True, slots=True)
class Move:
    """The hand travels a path."""

    kind: str
    """`straight` (with a bulge where `arcs` are given), `circle`, or `cross` and `x`: two strokes that cross,
    as a plus or as an X."""
    ways: Ways
    """Of a circle: the axis about which it turns, by the right-hand rule. Empty for `cross` and `x`."""
    size: tuple[str, ...]
    """`small`, `large`; twice is more."""
    arcs: tuple[Arc, ...]
    waves: tuple[Wave, ...]
    ellipses: tuple[Ellipse, ...]
    clock: tuple[str, ...]
    """Of a circle: where it starts and where it ends, as on a clock's face: ways `u`, `ul` … or `full` for
    each whole turn more."""
    manner: tuple[str, ...]
    """`fast`, `slow`, `tense`, `rest` (a pause), `halt` (stops hard), `increasing`, `decreasing` (size)."""
    where: Where


@dataclass(frozen=True, slots=True)
class Local:
    """A movement within the hand or about the wrist, in place."""

    kind: str
    """`finger_play`, `nod`, `swing`, `twist`, `stir_clockwise`, `stir_counterclockwise`, and bends of the
    wrist: `wrist_to_pulse`, `wrist_to_back`, `wrist_to_thumb`, `wrist_to_little`."""
    size: tuple[str, ...]
    """`small`, `large`."""
    manner: tuple[str, ...]
    """As `Move.manner`."""
    modifiers: tuple[Arc | Wave | Ellipse, ...]
    """Forms of path written after it all the same."""
    where: Where


@dataclass(frozen=True, slots=True)
class Still:
    """The hand does nothing (symbol `hamnomotion`), or what it does is left out."""

    manner: tuple[str, ...]
    """As `Move.manner`."""
    where: Where


@dataclass(frozen=True, slots=True)
class Go:
    """The hand goes to the step's target, no path being written."""

    where: Where


@dataclass(frozen=True, slots=True)
class Replace:
    """Hand shape, finger direction or palm change."""

    dominant: Posture
    """Of both hands where `other` is None."""
    other: Posture | None
    manner: tuple[str, ...]
    """As `Move.manner`."""
    written: bool
    """False where the text gives a second posture without the symbol for replacing."""
    where: Where


@dataclass(frozen=True, slots=True)
class Together:
    """Steps that happen at the same time."""

    steps: tuple[Step, ...]
    manner: tuple[str, ...]
    """As `Move.manner` and sizes, written after the bracket."""
    where: Where


@dataclass(frozen=True, slots=True)
class Hands:
    """What each hand does at the same time."""

    dominant: tuple[Step, ...]
    """Together, where there are several."""
    other: tuple[Step, ...]
    manner: tuple[str, ...]
    """As `Together.manner`."""
    where: Where


@dataclass(frozen=True, slots=True)
class Sequence:
    """Steps one after another that belong together, e.g. for being repeated."""

    steps: tuple[Step, ...]
    fused: bool
    """Whether they run into each other without a stop."""
    manner: tuple[str, ...]
    """As `Together.manner`."""
    where: Where


@dataclass(frozen=True, slots=True)
class Bodily:
    """A movement of another part of the body than the hand, or about it: head, elbow."""

    part: Place
    steps: tuple[Step, ...]
    """One after another."""
    where: Where


Action = Move | Local | Still | Go | Replace | Together | Hands | Sequence | Bodily


@dataclass(frozen=True, slots=True)
class Repetition:
    """A step is done again."""

    kind: str
    """`from_start` (the hand returns first), `continue` (goes on from where it is), both also ending in
    `_several` for more than one time; `reverse` (backwards, to and fro). Empty where hands only alternate."""
    steps: tuple[Step, ...]
    """What happens from one time to the next, e.g. a shift of the place; empty for nothing."""
    alternating: bool
    """Whether the hands take turns."""
    manner: tuple[str, ...]
    """As `Together.manner`; `increasing` and `decreasing` from time to time."""
    where: Where

    @property
    def several(self) -> bool:
        """Whether it is done more than once again."""
        return self.kind.endswith("_several")


@dataclass(frozen=True, slots=True)
class Step:
    """One action with where it ends and how often it is done."""

    action: Action
    brushes: tuple[Location, ...]
    """What is brushed in passing."""
    brushing: bool
    """Whether it brushes along something; what, where it is written, is in `brushes`."""
    target: tuple[Location, ...]
    """Where it ends, in the order written; empty where only the action says so. It is stronger than the size
    and way of a move."""
    repetitions: tuple[Repetition, ...]
    """In order; several in a row are done in addition."""
    where: Where


# The sign


@dataclass(frozen=True, slots=True)
class Symmetry:
    """How the other hand does what the dominant hand does."""

    kind: str
    """`mirrored` left and right, or `parallel`: the same ways."""
    in_out: bool
    """Whether out and in are swapped for it as well (the operator's modifier "straight", a level line)."""
    up_down: bool
    """Whether up and down are swapped for it as well (the operator's modifier "large")."""
    alternating: bool
    """Whether it is half a movement later."""
    opposite_side: bool
    """Whether the hand works on the side that is not its own (symbol `hamnonipsi`)."""
    where: Where


@dataclass(frozen=True, slots=True)
class SimpleSign:
    """A posture and what follows from it."""

    symmetry: Symmetry | None
    nondominant: bool
    """Whether the other hand signs it alone, in place of the dominant hand."""
    dominant: Posture
    other: Posture | None
    """What is written for the other hand; its empty fields are as the dominant hand's. None: as the symmetry
    says, or without one, the hand does not take part."""
    location: tuple[Location, ...]
    """In the order written, which tells: a contact before a place is between the hands, after it with the
    place. Empty: before the chest."""
    steps: tuple[Step, ...]
    """One after another."""
    marks: tuple[str, ...]
    """`mime`, `version_4`, and punctuation at its ends: `space`, `comma`, `full_stop`, `question`,
    `exclamation`."""
    where: Where

    @property
    def two_handed(self) -> bool:
        """Whether both hands take part."""
        return self.symmetry is not None or self.other is not None


@dataclass(frozen=True, slots=True)
class NotatedSign:
    """A whole sign."""

    parts: tuple[SimpleSign, ...]
    """One, or several one after another: a compound."""
    where: Where


@dataclass(frozen=True, slots=True)
class Recovery:
    """A spot where the text does not say what the notation allows there, and what was made of it."""

    message: str
    """One line for people: the symbol, its place in the text and what was made of it."""
    where: Where
    kept: bool
    """Whether the symbols there are in the tree all the same."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text of the notation, read: each symbol is in the tree or in a recovery that says it is not."""

    sign: NotatedSign
    symbols: tuple[Symbol, ...]
    """The text's symbols in order, to which every `Where` points."""
    recoveries: tuple[Recovery, ...] = ()
    """In order; empty where the text is as the notation wants it."""
