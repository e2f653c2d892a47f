"""Places, distances and contacts in HamNoSys: rows of symbols to `Location` nodes.

Source: T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and Language Processing
Contexts", LREC 2004, and the HamNoSys 4 chart. A side before the place is the left one,
after it the right one.
"""

from __future__ import annotations

from itertools import zip_longest

from accessify.motion.notated_hand import (
    At,
    BodyPlace,
    Contact,
    Each,
    HandPart,
    Location,
    Meet,
    Place,
    Side,
    Where,
)
from accessify.motion.symbol_reader import ACTIONS, Reader

ARM = frozenset({"upper_arm", "elbow", "elbow_inside", "lower_arm"})
"""Places of the other arm."""

_PLACE = ("place", "side", "behind", "name", "spot", "finger")


def location_follows(reader: Reader) -> bool:
    """Whether the next symbols say where a hand is."""
    if reader.at("parallel_begin"):
        first = reader.key(1) if reader.key(1) != "parallel_begin" else reader.key(2)
        return first in {*_PLACE, "contact"} and not reader.block_holds(ACTIONS)
    return reader.at(*_PLACE) or _contact_follows(reader)


def read_locations(reader: Reader) -> tuple[Location, ...]:
    """All locations that stand here, in order; empty where none does."""
    found: list[Location] = []
    while location_follows(reader):
        found += _pair(reader) if reader.at("parallel_begin") else [settled(read_place(reader))]
    return tuple(found)


def read_place(reader: Reader) -> At:
    """One place, or several that `between` joins, with how near; or only how near."""
    start = reader.index
    ends = _ends(reader) if reader.at(*_PLACE) else ()
    contact = _contact(reader)
    return At(ends, contact, reader.since(start))


def settled(at: At) -> Location:
    """What was read as a place, as the hands lying to each other where it names parts of hands or none."""
    apart = at.contact is None or at.contact.kind == "arm_extended"
    if not all(isinstance(end, HandPart) for end in at.ends) or (apart and not at.ends):
        return at
    part = at.contact.part if at.contact else ()
    return Meet(at.ends, part, _bare(at.contact), False, at.where)


def _ends(reader: Reader) -> tuple[Place, ...]:
    ends = [_end(reader)]
    while reader.at("between") and reader.key(1) in _PLACE:
        reader.take()
        ends.append(_end(reader))
    return tuple(ends)


def _end(reader: Reader) -> Place:
    start = reader.index
    sides = _sides(reader, before=True)
    if reader.at("finger", "spot"):
        return _hand_part(reader, start, sides)
    name = "neutral"
    if reader.at("place"):
        name = reader.take()
    else:
        message = "taken as the space before the body"
        reader.recover(message, kept=True, expected="a place", where=Where(start, start + 1))
    surface: list[str] = []
    behind = names_it = False
    while True:
        if reader.at("side"):
            sides += _sides(reader, before=False)
        elif reader.at("spot") and name in ARM:
            surface.append(reader.take())
        elif reader.at("behind") and not behind:
            behind = bool(reader.take())
        elif reader.at("name") and not names_it:
            names_it = bool(reader.take())
        else:
            return BodyPlace(name, sides, tuple(surface), behind, names_it, reader.since(start))


def _hand_part(reader: Reader, start: int, sides: tuple[Side, ...]) -> HandPart:
    fingers: list[str] = []
    spots: list[str] = []
    while reader.at("finger", "spot"):
        (fingers if reader.at("finger") else spots).append(reader.take())
    sides += _sides(reader, before=False)
    behind = reader.at("behind")
    if behind:
        reader.take()
    return HandPart(tuple(fingers), tuple(spots), sides, behind, reader.since(start))


def _sides(reader: Reader, *, before: bool) -> tuple[Side, ...]:
    found = []
    while reader.at("side"):
        start = reader.index
        found.append(Side(reader.take(), before, reader.since(start)))
    return tuple(found)


# How near


def _contact_follows(reader: Reader) -> bool:
    return reader.at("contact") or (reader.at("sequence_begin") and reader.key(1) == "contact")


def _contact(reader: Reader) -> Contact | None:
    start = reader.index
    if reader.at("contact"):
        return Contact(reader.take(), (), reader.since(start))
    if not _contact_follows(reader):
        return None
    reader.enter()
    kind = reader.take()
    part = _ends(reader) if reader.at(*_PLACE) else ()
    while not reader.at_end():
        reader.drop("it says no more about the contact", expected="hamseqend")
    reader.leave()
    return Contact(kind, part, reader.since(start))


def _bare(contact: Contact | None) -> Contact | None:
    return contact and Contact(contact.kind, (), contact.where)


# Both hands


def _pair(reader: Reader) -> list[Location]:
    """A bracket with a place, or a part of a hand, for each hand."""
    start = reader.index
    reader.enter()
    first, second = _half(reader), list[At]()
    if not reader.at("plus"):
        reader.recover("taken for one hand", kept=True, expected="hamplus and the second hand's place")
    while reader.at("plus"):
        if second:
            reader.recover("there are only two hands, joined with the second", kept=True)
        reader.take()
        second += _half(reader)
    reader.leave()
    contact = _contact(reader)
    if (meet := _met(first, second, contact, reader.since(start))) is not None:
        return [meet]
    pairs = list(zip_longest(first, second)) or [(None, None)]
    return [
        Each(mine, other, contact if mine is pairs[-1][0] else None, reader.since(start))
        for mine, other in pairs
    ]


def _half(reader: Reader) -> list[At]:
    found: list[At] = []
    while not reader.at_end():
        if reader.at("parallel_begin"):
            reader.recover("a bracket more than needed", kept=True)
            reader.enter()
            found += _half(reader)
            reader.leave()
        elif reader.at(*_PLACE) or _contact_follows(reader):
            found.append(read_place(reader))
        else:
            reader.drop("it says nothing about a place", expected="a place")
    return found


def _met(first: list[At], second: list[At], after: Contact | None, where: Where) -> Meet | None:
    """Both as hands that lie to each other; None where they are places of their own."""
    if len(first) != 1 or len(second) != 1:
        return None
    (one,), (two,) = first, second
    contacts = [contact for contact in (one.contact, two.contact, after) if contact]
    if len(contacts) > 1 or any(contact.part for contact in contacts if contact is not after):
        return None
    if not two.ends or not one.ends or not all(isinstance(end, HandPart) for end in two.ends):
        return None
    if not all(isinstance(end, HandPart) or end.name in ARM for end in one.ends):
        return None
    return Meet(one.ends, two.ends, contacts[0] if contacts else None, True, where)
