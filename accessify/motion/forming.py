"""How both hands are held by what a sign has said of them so far: shape, direction, palm, symmetry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import HandSizes, Proportions
from accessify.core.rotation import rotate
from accessify.motion.act import Pair
from accessify.motion.arm_places import ARM
from accessify.motion.contact import LEFT, MIDDLE, RIGHT, Setting
from accessify.motion.directions import OUT, palm_vector, turn_of, way_vector
from accessify.motion.finger_contacts import with_contacts
from accessify.motion.hand_axes import THUMB_SIDES, sided
from accessify.motion.hand_shapes import shape_angles
from accessify.motion.notated_hand import (
    At,
    BodyPlace,
    HandPart,
    HandShape,
    Location,
    Meet,
    Posture,
    Ways,
    Where,
)
from accessify.motion.notation import Hands, Move, Replace, SimpleSign, Step, Symmetry, Together
from accessify.motion.notation import Sequence as Row
from accessify.motion.places import SigningSpace
from accessify.motion.stance import Stance

Array = NDArray[np.float64]
Tell = Callable[[str, Where], None]

_SWAPPED = str.maketrans("lr", "rl")


@dataclass(frozen=True, slots=True)
class Held:
    """What is written of one hand, seen for itself."""

    shapes: tuple[HandShape, ...]
    direction: Ways
    palm: Ways
    relative: bool = False
    """Whether it turns along with its way."""

    def stance(self, palm: Array, sizes: HandSizes) -> Stance:
        """The hand so held, its palm point at `palm`."""
        direction = way_vector(self.direction)
        if not direction.any():
            direction = OUT
        normal = palm_vector(self.palm or (("d",),), direction)
        angles = [with_contacts(shape, shape_angles([shape]), sizes) for shape in self.shapes]
        angles = angles or [shape_angles(())]
        bends, spread = (np.mean([pair[number] for pair in angles], axis=0) for number in (0, 1))
        return Stance(palm, turn_of(direction, normal), bends, spread)

    def changed(self, posture: Posture, swapped: bool) -> Held:
        """With what `posture` says; `swapped` swaps its left and right."""
        direction = posture.direction.ways if posture.direction else None
        palm = posture.palm.ways if posture.palm else None
        if swapped:
            direction, palm = mirrored(direction), mirrored(palm)
        told = [one for one in (posture.direction, posture.palm) if one is not None]
        relative = any(one.relative for one in told) if told else self.relative
        return Held(posture.shapes or self.shapes, direction or self.direction, palm or self.palm, relative)


def mirrored(ways: Ways | None) -> Ways | None:
    """Ways with left and right swapped."""
    if ways is None:
        return None
    return tuple(tuple(letters.translate(_SWAPPED) for letters in end) for end in ways)


SILENT = ("version_4", "space", "comma", "full_stop")
"""Marks that ask the hands for nothing."""


class Forming:
    """Both hands of one simple sign, as said so far."""

    def __init__(self, sign: SimpleSign, person: Proportions, space: SigningSpace, tell: Tell) -> None:
        self.person, self.space, self.tell = person, space, tell
        self.symmetry: Symmetry | None = sign.symmetry
        paired = any(isinstance(one, Meet) and one.paired for one in sign.location)
        self.two_handed = sign.two_handed or paired or _gives_other(sign.steps)
        self.dominant = LEFT if sign.nondominant and not self.two_handed else RIGHT
        lent = () if self.two_handed else tuple(_other_hand(sign))
        self.lends = bool(lent)
        self.named: BodyPlace | None = None
        self.meet: Meet | None = None
        self.at: At | None = None
        self._only: int | None = None
        self.anchors = [person.hand.palm, person.hand.palm]
        self._tell_open(sign)
        nothing = Held((), (("o",),), (("d",),))
        strong = nothing.changed(sign.dominant, False)
        weak = _lent_hand(lent, self.dominant) if lent else nothing.changed(sign.dominant, self._mirrors)
        if sign.other:
            weak = weak.changed(sign.other, False)
        self.held = [weak, strong] if self.dominant == RIGHT else [strong, weak]

    @property
    def _mirrors(self) -> bool:
        return self.symmetry is not None and self.symmetry.kind == "mirrored"

    def _tell_open(self, sign: SimpleSign) -> None:
        if sign.dominant.direction is None:
            self.tell("no finger direction is written: taken as outwards", sign.dominant.where)
        if sign.dominant.palm is None:
            self.tell("no palm orientation is written: taken as down", sign.dominant.where)
        if sign.symmetry and sign.symmetry.opposite_side:
            self.tell("working on the side that is not its own", sign.symmetry.where)
        for mark in sign.marks:
            if mark not in SILENT:
                self.tell(f"what the mark {mark} asks for", sign.where)

    def remember(self, location: Sequence[Location]) -> None:
        """Keep the place and the parts that later contacts without their own are about."""
        for one in location:
            if isinstance(one, Meet) and (one.other or one.dominant):
                self.meet = one
            elif isinstance(one, At) and one.ends:
                self.at = one
                named = [end for end in one.ends if isinstance(end, BodyPlace) and end.names_it]
                self.named = named[0] if named else self.named

    def completed(self, location: Sequence[Location], afresh: bool) -> tuple[Location, ...]:
        """What a later `location` means that names only how near: the same place or parts as before.

        Parts of both hands that are told `afresh`, with a new posture, meet at the sign's place.
        """
        found = tuple(self._completed(one) for one in location)
        named = any(isinstance(one, Meet) and one.paired for one in found)
        if afresh and named and not any(isinstance(one, At) for one in found):
            found += (self.at or At((MIDDLE,), None, found[0].where),)
        return found

    def _completed(self, one: Location) -> Location:
        if not isinstance(one, Meet) or one.other or one.dominant:
            return one
        if self.two_handed and self.meet is not None:
            return replace(self.meet, contact=one.contact)
        if not self.two_handed and self.at is not None:
            return replace(self.at, contact=one.contact)
        return one

    def stances(self, palms: tuple[Array, Array]) -> Pair:
        """Both hands as they are held now."""
        sizes = self.person.hand
        return self.held[LEFT].stance(palms[LEFT], sizes), self.held[RIGHT].stance(palms[RIGHT], sizes)

    def setting(self, moved: tuple[bool, bool] = (True, True)) -> Setting:
        """For places; `moved` tells which hands move to get there."""
        shapes = [held.shapes[-1] if held.shapes else None for held in self.held]
        return Setting(
            self.person,
            self.space,
            (shapes[LEFT], shapes[RIGHT]),
            self.two_handed,
            self.symmetry is not None,
            self.lends,
            self.dominant,
            moved,
            self.named,
            self.tell,
            self._touch,
        )

    def _touch(self, side: int, point: Array) -> None:
        """Keep by which point a hand touches first: it must stay in its place more than the rest of it."""
        if self.anchors[side] is self.person.hand.palm:
            self.anchors[side] = point

    def replaced(self, action: Replace, start: Pair, wrist_stays: bool) -> Pair:
        """Both hands after a change; the wrists stay, or else the palm points."""
        weak_side = 1 - self.dominant
        sides = [self._only] if self._only is not None else [LEFT, RIGHT]
        for side in sides:
            if side == self.dominant or self._only is not None:
                self.held[side] = self.held[side].changed(action.dominant, False)
            elif self.symmetry is not None:
                self.held[side] = self.held[side].changed(action.dominant, self._mirrors)
        if action.other is not None and self._only is None:
            self.held[weak_side] = self.held[weak_side].changed(action.other, False)
        fresh = self.stances((start[LEFT].palm, start[RIGHT].palm))
        if wrist_stays:
            fresh = _same_wrist(start, fresh, self.person)
        touched = [side in sides and self.busy()[side] for side in (LEFT, RIGHT)]
        if action.other is not None:
            touched[weak_side] = True
        return (
            fresh[LEFT] if touched[LEFT] else start[LEFT],
            fresh[RIGHT] if touched[RIGHT] else start[RIGHT],
        )

    def busy(self) -> tuple[bool, bool]:
        """Which hands take part in what happens."""
        if self._only is not None:
            return self._only == LEFT, self._only == RIGHT
        both = self.symmetry is not None
        return both or self.dominant == LEFT, both or self.dominant == RIGHT

    def path_factors(self) -> tuple[Array, Array]:
        """For each hand, shape [3], what a path's offsets are multiplied with: 0 where it stays."""
        factors = [np.ones(3) if busy else np.zeros(3) for busy in self.busy()]
        if self._only is None and self.symmetry is not None:
            weak = np.ones(3)
            weak[0] = -1.0 if self._mirrors else 1.0
            weak[1] = -1.0 if self.symmetry.up_down else 1.0
            weak[2] = -1.0 if self.symmetry.in_out else 1.0
            factors[1 - self.dominant] = weak
        return factors[LEFT], factors[RIGHT]

    def turns_along(self, side: int) -> bool:
        """Whether a hand turns along with its way."""
        return self.held[side].relative

    def late(self, move: Move) -> int | None:
        """Which hand does a move half a movement late; None where none does.

        A swap of in and out makes hands take turns on straight ways already.
        """
        symmetry = self.symmetry
        if symmetry is None or not symmetry.alternating or self._only is not None:
            return None
        return None if symmetry.in_out and move.kind != "circle" else 1 - self.dominant

    @contextmanager
    def only(self, side: int) -> Iterator[None]:
        """What is said meanwhile is of one hand, seen for itself."""
        before, self._only = self._only, side
        try:
            yield
        finally:
            self._only = before


def _same_wrist(start: Pair, end: Pair, person: Proportions) -> Pair:
    """`end` with the wrists where they are in `start`."""
    moved = []
    for side in (LEFT, RIGHT):
        arm = sided(person.hand.palm, THUMB_SIDES[side])
        wrist = start[side].palm - rotate(start[side].turn, arm)
        moved.append(end[side].moved(wrist + rotate(end[side].turn, arm)))
    return moved[LEFT], moved[RIGHT]


def _gives_other(steps: Sequence[Step]) -> bool:
    """Whether the other hand has something of its own to do."""
    for step in steps:
        action = step.action
        if isinstance(action, Hands) and action.other:
            return True
        if isinstance(action, Replace) and action.other is not None:
            return True
        if isinstance(action, Together | Row) and _gives_other(action.steps):
            return True
    return False


def _other_hand(node: object) -> Iterator[HandPart | BodyPlace]:
    """Parts of the other hand or arm that a sign of one hand comes to, wherever in it."""
    if isinstance(node, Meet | At):
        ends = node.other if isinstance(node, Meet) else node.ends
        yield from (end for end in ends if isinstance(end, HandPart) or end.name in ARM)
    elif isinstance(node, tuple):
        for item in node:
            yield from _other_hand(item)
    elif is_dataclass(node) and not isinstance(node, type | Where):
        for entry in fields(node):
            yield from _other_hand(getattr(node, entry.name))


def _lent_hand(parts: Sequence[HandPart | BodyPlace], dominant: int) -> Held:
    """A flat hand held out to be touched: its palm up, or down where its back or arm is touched."""
    first = parts[0]
    down = isinstance(first, BodyPlace) or bool({"back", "wrist_back"} & set(first.spots))
    shape = HandShape("flat", "", "", (), (), (), first.where)
    return Held((shape,), (("or",) if dominant == RIGHT else ("ol",),), (("d",) if down else ("u",),))
