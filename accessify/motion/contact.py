"""Where both palms must be for what a sign says of places, hands and contact.

What the rules are taken from: T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and
Language Processing Contexts", LREC 2004: a place is where the hand, or its part that is named, comes to; two
hands whose parts are named lie to each other so, and share the place; without parts, they are beside each
other. Distances are in shoulder widths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import HandSizes, Proportions
from accessify.core.rotation import rotate
from accessify.motion.act import Pair
from accessify.motion.arm_places import ARM, arm_spot, lent_palm
from accessify.motion.hand_axes import THUMB_SIDES, sided
from accessify.motion.hand_sites import Site, default_site, girth, pinched_site, site
from accessify.motion.notated_hand import (
    At,
    BodyPlace,
    Contact,
    Each,
    HandPart,
    HandShape,
    Location,
    Meet,
    Place,
    Where,
)
from accessify.motion.places import HEAD, SigningSpace, Spot, body_spot
from accessify.motion.stance import Stance

Array = NDArray[np.float64]

LEFT, RIGHT = 0, 1

GAPS = {"": 0.44, "close": 0.11}
"""Between named parts of two hands; any other contact leaves none."""
TOUCHING = ("touch", "interlock", "cross")
APART = {"": 0.25, "close": 0.125, "arm_extended": 0.44, "cross": -0.35}
"""From the middle to the inner edge of each of two hands that are beside each other; 0 where they touch."""
ASIDE_PART = {"at": 0.06, "beside": 0.15}
"""To the side of a part of the other hand."""
MIDDLE = BodyPlace("chest", (), (), False, False, Where(0, 0))
"""Where a sign is made that names no place."""


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What places depend on besides their own symbols."""

    person: Proportions
    space: SigningSpace
    shapes: tuple[HandShape | None, HandShape | None]
    """Of the left and the right hand; None where it has none."""
    two_handed: bool
    symmetric: bool
    lends: bool
    """Whether the other hand only holds still to be touched."""
    dominant: int
    """`LEFT` or `RIGHT`."""
    moved: tuple[bool, bool]
    """Which hand has moved to get there; the other one stays."""
    named: BodyPlace | None
    """The place that was given a name before."""
    tell: Callable[[str, Where], None]
    """Takes what is not done: why, and where in the text."""
    hold_by: Callable[[int, Array], None]
    """Takes which hand is placed by which of its points, metres in its own axes."""


def place_hands(
    location: Sequence[Location], stances: Pair, setting: Setting, here: tuple[Array, Array] | None
) -> tuple[Array, Array]:
    """Where both palm points are, metres.

    Args:
        location: what the text says.
        stances: both hands as they are to be turned and formed there.
        setting: whose hands they are.
        here: where the palms are by now, None at the start of a sign: what the text leaves open stays so.
    """
    placing = _Placing(stances, setting, here)
    placing.place(location)
    return placing.palms[LEFT], placing.palms[RIGHT]


class _Placing:
    def __init__(self, stances: Pair, setting: Setting, here: tuple[Array, Array] | None) -> None:
        self.stances, self.setting = stances, setting
        self.person, self.start = setting.person, here is None
        self.strong, self.weak = setting.dominant, 1 - setting.dominant
        self.palms = list(here) if here is not None else [self._spot(None, side).point for side in (0, 1)]
        if here is None and setting.lends:
            self.palms[self.weak] = lent_palm(self.weak, self.person)

    def place(self, location: Sequence[Location]) -> None:
        """Put both palms where they belong."""
        meet = next((one for one in location if isinstance(one, Meet)), None)
        at = next((one for one in location if isinstance(one, At)), None)
        each = next((one for one in location if isinstance(one, Each)), None)
        for extra in location:
            if extra not in (meet, at, each):
                self.setting.tell("a further place of the same hand", extra.where)
        if each is not None:
            self._each(each)
        elif not self.setting.two_handed:
            self._single(at, meet)
        elif meet is not None and (meet.other or meet.dominant):
            self._meeting(meet, at)
        else:
            self._beside(at, meet.contact if meet else None)

    # One hand

    def _single(self, at: At | None, meet: Meet | None) -> None:
        if (at is None or not at.ends) and meet is not None and meet.other:
            contact = meet.contact
            if contact is not None and meet.dominant:
                contact = Contact(contact.kind, meet.dominant, contact.where)
            at = At(meet.other, contact, meet.where)
        contact = (at.contact if at else None) or (meet.contact if meet else None)
        if at is None or not at.ends:
            if self.start:
                self.palms[self.strong] = self._spot(at, self.strong).point
            elif contact is not None:
                self.setting.tell("how near the hand ends, to what is not said", contact.where)
            return
        self.palms[self.strong] = self._palm_at(At(at.ends, contact, at.where), self.strong)

    def _each(self, each: Each) -> None:
        for side, at in ((self.weak, each.other), (self.strong, each.dominant)):
            if at is not None:
                joined = At(at.ends, at.contact or each.contact, at.where)
                self.palms[side] = self._palm_at(joined, side)

    def _palm_at(self, at: At, side: int) -> Array:
        """Where the palm of one hand is whose contact site, or palm point, is at a place."""
        spot = self._spot(at, side)
        part = at.contact.part if at.contact else ()
        if not spot.on_body and not part:
            return spot.point
        return self._put(self._site(part, side), spot.point, side)

    # Two hands

    def _beside(self, at: At | None, contact: Contact | None) -> None:
        """Two hands of which no parts are named."""
        spot = self._spot(at, self.strong)
        kind = contact.kind if contact else at.contact.kind if at and at.contact else ""
        if not self.setting.symmetric:
            self.palms[self.strong] = self._palm_at(at, self.strong) if at else spot.point
        elif spot.aside or (spot.on_body and not self._on_trunk(at)):
            strong = self._palm_at(at, self.strong) if at else spot.point
            self.palms[self.strong] = strong
            middle = self.person.shoulders.mean(axis=0)[0]
            self.palms[self.weak] = np.array([2 * middle - strong[0], strong[1], strong[2]])
        elif kind in TOUCHING and self._pinches():
            for side in (LEFT, RIGHT):
                self.palms[side] = self._put(self._site((), side), spot.point, side)
        else:
            self._spread_out(spot, kind, keep=not self.start and at is not None and not kind)

    def _spread_out(self, spot: Spot, kind: str, keep: bool) -> None:
        """Both hands beside a point, as near as `kind` says, or as far from each other as they are."""
        middle = self.person.shoulders.mean(axis=0)[0]
        apart = [self._apart(side, kind) for side in (LEFT, RIGHT)]
        wide = sum(apart) / 2
        for side, own in ((LEFT, 1.0), (RIGHT, -1.0)):
            across = self.palms[side][0] - middle if keep else own * wide
            self.palms[side] = spot.point + np.array([across, 0.0, 0.0])

    def _on_trunk(self, at: At | None) -> bool:
        ends: Sequence[Place] = at.ends if at else ()
        return all(isinstance(end, BodyPlace) and end.name not in HEAD for end in ends)

    def _pinches(self) -> bool:
        stance, sizes, _ = self._hand(self.strong)
        return pinched_site(self.setting.shapes[self.strong], stance, sizes) is not None

    def _apart(self, side: int, kind: str) -> float:
        """How far to its own side a palm is for the hand's inner edge to be clear of the middle."""
        own = 1.0 if side == LEFT else -1.0
        stance, sizes, thumb_side = self._hand(side)
        edge = girth(stance, sizes) - sizes.palm
        inwards = -own * rotate(stance.turn, sided(edge, thumb_side))[:, 0]
        return APART.get(kind, 0.0) * self.person.width + float(inwards.max())

    def _meeting(self, meet: Meet, at: At | None) -> None:
        """Two hands whose parts lie to each other; they share the place."""
        if any(isinstance(end, BodyPlace) for end in meet.other):
            self._on_arm(meet, at)
            return
        kind = meet.contact.kind if meet.contact else ""
        if kind == "cross":
            self.setting.tell("hands that cross: their parts only touch", meet.where)
        first = self._site(meet.other, self.weak)
        parts = meet.dominant or (meet.other if self.setting.symmetric else ())
        second = self._site(parts, self.strong)
        gap = self._gap(meet.contact) * first.world_out(self.stances[self.weak], THUMB_SIDES[self.weak])
        spot = self._spot(at, self.strong)
        central = at is not None and bool(at.ends) and not self.setting.symmetric and not spot.aside
        if not self.start and at is None and not self.setting.moved[self.weak]:
            weak = first.world(*self._hand(self.weak))
        elif _same(meet.other, parts):
            weak = self._shared(at, spot) - gap / 2
        elif central:
            self.palms[self.weak] = spot.point
            weak = first.world(*self._hand(self.weak))
        else:
            weak = self._shared(at, spot)
        self.palms[self.weak] = self._put(first, weak, self.weak)
        between = self._between_fingers() if kind == "interlock" else 0.0
        self.palms[self.strong] = self._put(second, weak + gap, self.strong) + between

    def _between_fingers(self) -> Array:
        """From where fingers would meet those of the other hand to where they go between them, metres."""
        stance, sizes, thumb_side = self._hand(self.strong)
        half = (sizes.knuckles[1] - sizes.knuckles[2]) * np.array([0.0, 0.0, 0.5])
        return rotate(stance.turn, sided(half, thumb_side))

    def _shared(self, at: At | None, spot: Spot) -> Array:
        if at is not None or self.start:
            return spot.point
        return np.asarray((self.palms[LEFT] + self.palms[RIGHT]) / 2)

    def _on_arm(self, meet: Meet, at: At | None) -> None:
        """The dominant hand at the other arm."""
        if at is not None or self.start:
            self.palms[self.weak] = self._spot(at, self.weak).point
        contact = meet.contact
        if contact is not None and meet.dominant:
            contact = Contact(contact.kind, meet.dominant, contact.where)
        self.palms[self.strong] = self._palm_at(At(meet.other, contact, meet.where), self.strong)

    def _gap(self, contact: Contact | None) -> float:
        """Metres between parts that are this near."""
        return GAPS.get(contact.kind if contact else "", 0.0) * self.person.width

    # Spots and sites

    def _spot(self, at: At | None, side: int) -> Spot:
        """Where a place is, or the middle of those joined; no place is before the chest."""
        contact = at.contact if at else None
        ends: Sequence[Place] = at.ends if at and at.ends else (MIDDLE,)
        spots = [self._one(end, contact, side) for end in ends]
        return Spot(
            np.mean([spot.point for spot in spots], axis=0),
            np.mean([spot.out for spot in spots], axis=0),
            any(spot.on_body for spot in spots),
            any(spot.aside for spot in spots),
        )

    def _one(self, place: Place, contact: Contact | None, side: int) -> Spot:
        if isinstance(place, HandPart):
            found = self._site((place,), 1 - side)
            out = found.world_out(self.stances[1 - side], THUMB_SIDES[1 - side])
            aside = sum((1 if one.before else -1) * ASIDE_PART[one.kind] for one in place.sides)
            point = found.world(*self._hand(1 - side)) + self._gap(contact) * out
            return Spot(point + np.array([aside * self.person.width, 0, 0]), out, True, False)
        if place.name in ARM:
            stance, sizes, thumb_side = self._hand(1 - side)
            wrist = stance.palm - rotate(stance.turn, sided(sizes.palm, thumb_side))
            spot = arm_spot(place, 1 - side, wrist, self.person)
            away = self._gap(contact) if contact and contact.kind == "close" else 0.0
            return Spot(spot.point + away * spot.out, spot.out, True, False)
        if place.name == "named":
            if self.setting.named is None:
                self.setting.tell("a place that was named before, but where is not known", place.where)
            place = self.setting.named or MIDDLE
        if place.behind and place.name not in HEAD:
            self.setting.tell("behind the body: done before it", place.where)
        own = 1.0 if side == LEFT else -1.0
        return body_spot(place, contact.kind if contact else "", own, self.person, self.setting.space)

    def _site(self, parts: Sequence[Place], side: int) -> Site:
        stance, sizes, _ = self._hand(side)
        shape = self.setting.shapes[side]
        found = []
        for part in parts:
            if not isinstance(part, HandPart):
                self.setting.tell("a part of the body in place of the hand's", part.where)
                continue
            found.append(site(part, shape, stance, sizes))
            if part.behind or (part.sides and side == self.strong):
                self.setting.tell("the side of a part of the hand", part.where)
        if not found:
            return default_site(shape, stance, sizes)
        return Site(np.mean([one.point for one in found], axis=0), found[0].out)

    def _put(self, found: Site, point: Array, side: int) -> Array:
        """Where the palm is when that part of the hand is at `point`."""
        self.setting.hold_by(side, found.point)
        return found.palm_for(point, *self._hand(side))

    def _hand(self, side: int) -> tuple[Stance, HandSizes, float]:
        """The hand where it is placed by now."""
        return self.stances[side].moved(self.palms[side]), self.person.hand, THUMB_SIDES[side]


def _same(first: Sequence[Place], second: Sequence[Place]) -> bool:
    def key(parts: Sequence[Place]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        return [(part.fingers, part.spots) for part in parts if isinstance(part, HandPart)]

    return bool(first) and key(first) == key(second)
