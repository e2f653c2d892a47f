"""Hands and places as HamNoSys 4 describes them: the lower half of the tree in `accessify.motion.notation`.

Source: T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and Language Processing
Contexts", LREC 2004, and the HamNoSys 4 chart. Words that say what a symbol means (`ul`, `small`, `touch` …)
are those of the last columns of `symbols.csv`.

Ways are letters from the signer's view: `u` up, `d` down, `l` left, `r` right, `o` out (away from the
body), `i` in (towards it); two letters lie half way. Several ways in one tuple are one way, their sum;
several such tuples joined by the symbol `between` mean the middle of them.

The *dominant* hand is the right one of a right-handed signer, the *other* the left one. Every node tells
which symbols it came from.
"""

from __future__ import annotations

from dataclasses import dataclass

Ways = tuple[tuple[str, ...], ...]
"""Ends that `between` joins, most often one; each the ways that are added up, most often one."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which symbols of the text a node was read from."""

    start: int
    """Index of the first symbol."""
    end: int
    """Index after the last; equal to `start` where a node stands for something left unwritten."""


# One hand


@dataclass(frozen=True, slots=True)
class Finger:
    """What one finger does in its own way, or that it is among the chosen ones."""

    name: str
    """`thumb`, `index`, `middle`, `ring` or `little`."""
    bend: str
    """As `HandShape.bend`; empty where the finger is only named."""
    where: Where


@dataclass(frozen=True, slots=True)
class FingerContact:
    """A part of one finger that another finger meets, e.g. of crossed fingers."""

    finger: str
    """The finger that is met; empty where it is left open."""
    spot: str
    """Which part of it: `tip`, `nail`, `pad`, `mid_joint`, `base`, `side`."""
    by: str
    """The finger that meets it; empty where it is left open."""
    where: Where


@dataclass(frozen=True, slots=True)
class HandShape:
    """How thumb and fingers are formed."""

    base: str
    """`fist`, `flat`, `index`, `two`, `two_spread`, `four_spread`, `pinch`, `pinch_all`, `pinch_open`, `cee`,
    `cee_all`, `cee_open`; `any` where the notation leaves it open (written "etc.")."""
    thumb: str
    """`out`, `across`, `opposed`; empty where the base form says it."""
    bend: str
    """`straight`, `bent`, `hooked`, `double_bent`, `double_hooked`; of a pinch or a cee, `straight` and
    `hooked` say how its fingers are bent. Empty where the base form says it."""
    fingers: tuple[Finger, ...]
    """Fingers named after the base form, in order. Those without a bend are the chosen ones, instead of those
    of the base form; those with a bend are bent that way while the rest keep the base form."""
    contacts: tuple[FingerContact, ...]
    """Fingers that meet each other."""
    thumb_between: tuple[str, ...]
    """The two fingers between which the thumb lies; empty where it does not."""
    where: Where
    loose: bool = False
    """Whether "etc." is written after it: it need not be formed with care."""


@dataclass(frozen=True, slots=True)
class Direction:
    """Where the outstretched fingers would point, or where the palm looks."""

    ways: Ways
    """Of a palm the letters are `u`, `d`, `l`, `r` and their halves, told from the fingers' direction."""
    relative: bool
    """Whether it turns along with the movement (symbol `hamorirelative`)."""
    where: Where


@dataclass(frozen=True, slots=True)
class Posture:
    """One hand's form and how it is turned.

    A field is None (shapes: empty) where it is not written: it stays as it was, or as the dominant hand's.
    """

    shapes: tuple[HandShape, ...]
    """One, or those that `between` joins: the hand shape lies in the middle of them."""
    direction: Direction | None
    """Extended finger direction."""
    palm: Direction | None
    """Palm orientation."""
    nondominant: bool
    """Whether the symbol for the nondominant hand is written with it; in a pair of hands, where the second is
    that hand anyhow, it says no more."""
    where: Where


# Places


@dataclass(frozen=True, slots=True)
class Side:
    """To a side of a place."""

    kind: str
    """`at`: at its side, still on it; `beside`: next to it."""
    before: bool
    """Whether it is written before the place, which is the signer's left side; after it is the right side."""
    where: Where


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """A place of head, trunk or arm, or in the space before it."""

    name: str
    """One of `accessify.core.proportions.PLACES`, or `head`, `upper_arm`, `elbow`, `elbow_inside`,
    `lower_arm` (arms: of the other hand's arm), `neutral` (the space before the body), `named` (a place that
    was named earlier)."""
    sides: tuple[Side, ...]
    """Empty in the middle."""
    surface: tuple[str, ...]
    """Which side of an arm, as `HandPart.spots`."""
    behind: bool
    """Whether it is the far side of it (symbol `hambehind`)."""
    names_it: bool
    """Whether the place is given a name here for later (symbol `hamcoreftag`)."""
    where: Where


@dataclass(frozen=True, slots=True)
class HandPart:
    """A part of a hand."""

    fingers: tuple[str, ...]
    """Named fingers, together; empty for a part of the hand as such, or for the fingers that the hand shape
    shows."""
    spots: tuple[str, ...]
    """Which part, in order: of fingers `tip`, `nail`, `pad`, `mid_joint`, `base`, `side`; of the hand `palm`,
    `back`, `thumb_ball`, `thumb_side`, `little_side`, `wrist_back`, `wrist_pulse`. A second one tells the
    surface: (`mid_joint`, `back`) is the back of the middle joint."""
    sides: tuple[Side, ...]
    """To which side of it."""
    behind: bool
    """Whether it is the far side of it."""
    where: Where


Place = BodyPlace | HandPart


@dataclass(frozen=True, slots=True)
class Contact:
    """How near, and what comes near."""

    kind: str
    """`close`, `touch`, `interlock`, `cross`, `arm_extended`; empty where none is written."""
    part: tuple[HandPart | BodyPlace, ...]
    """The part of the signing hand that comes near, written in brackets after the contact; several are ends
    that `between` joins; empty leaves it to the hand shape."""
    where: Where


@dataclass(frozen=True, slots=True)
class At:
    """The signing hand, or both by symmetry, at a place."""

    ends: tuple[Place, ...]
    """One, or those that `between` joins: half way."""
    contact: Contact | None
    """None: as near as is usual for the place."""
    where: Where


@dataclass(frozen=True, slots=True)
class Each:
    """A place for each hand."""

    dominant: At | None
    other: At | None
    """None where nothing is written for that hand."""
    contact: Contact | None
    """Written after both."""
    where: Where


@dataclass(frozen=True, slots=True)
class Meet:
    """The two hands, or the hand and the other arm, as they lie to each other."""

    other: tuple[Place, ...]
    """The part of the other hand or arm, written first; several are ends that `between` joins. Empty leaves
    it to the hand shapes."""
    dominant: tuple[Place, ...]
    """The part of the dominant hand, likewise; empty: the same part as of the other hand where hands are
    symmetric, else what the hand shape shows."""
    contact: Contact | None
    """How near; None is at a usual distance. Its own part is empty: it is `dominant`. In a sign of one hand
    this is how near the hand comes to the place named last."""
    paired: bool
    """Whether both parts stand in one bracket, {A plus B}, rather than the second after the contact."""
    where: Where


Location = At | Each | Meet
