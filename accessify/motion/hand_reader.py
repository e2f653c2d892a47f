"""Hand shapes, finger directions and palms in HamNoSys: rows of symbols to `Posture` nodes.

Source: T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and Language Processing
Contexts", LREC 2004, and the HamNoSys 4 chart. Two direction symbols in a row are one direction in space.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from accessify.motion.notated_hand import (
    Direction,
    Finger,
    FingerContact,
    HandShape,
    Location,
    Posture,
    Where,
)
from accessify.motion.place_reader import location_follows, read_locations
from accessify.motion.symbol_reader import ACTIONS, Reader

_POSTURE = ("shape", "direction", "palm")

_FARTHEST = 24
"""Symbols to look ahead over fingers and their parts; a place names fewer."""


@dataclass(slots=True)
class HandDraft:
    """A posture while it is read."""

    shapes: tuple[HandShape, ...] = ()
    direction: Direction | None = None
    palm: Direction | None = None
    nondominant: bool = False
    start: int = -1
    end: int = -1

    def lacks(self, key: str) -> bool:
        """Whether nothing was read yet of `shape`, `direction` or `palm`."""
        return not {"shape": self.shapes, "direction": self.direction, "palm": self.palm}[key]


@dataclass(slots=True)
class HandsDraft:
    """The postures of both hands while they are read."""

    dominant: HandDraft = field(default_factory=HandDraft)
    other: HandDraft | None = None
    locations: tuple[Location, ...] = ()
    """Places written in the hands' bracket."""


def posture_follows(reader: Reader) -> bool:
    """Whether the next symbols say how a hand is formed or turned."""
    if reader.at("parallel_begin"):
        return reader.key(1) in {*_POSTURE, "hand", "symmetry"} and not reader.block_holds(ACTIONS)
    return reader.at(*_POSTURE) or _nondominant_follows(reader)


def read_hands(reader: Reader, hands: HandsDraft) -> None:
    """Put what stands here about both hands' postures into `hands`, as far as it is not there yet."""
    while posture_follows(reader):
        if reader.at("parallel_begin"):
            _pair(reader, hands)
        elif not _fill(reader, hands.dominant):
            return


def read_late_modifier(reader: Reader, draft: HandDraft) -> bool:
    """Put a bend or a thumb that stands here, after the place, into the hand shape; whether there was one."""
    last = draft.shapes[-1] if draft.shapes else None
    if (
        last is None
        or last.where.start == last.where.end
        or not reader.at("thumb", "bend")
        or (last.thumb if reader.at("thumb") else last.bend)
    ):
        return False
    reader.recover("taken for the hand shape at the start", kept=True, expected="it after a hand shape")
    thumb = reader.take() if reader.at("thumb") else last.thumb
    bend = reader.take() if reader.at("bend") and not last.bend else last.bend
    draft.shapes = (*draft.shapes[:-1], replace(last, thumb=thumb, bend=bend))
    return True


def posture(draft: HandDraft) -> Posture:
    """What was read."""
    where = Where(max(draft.start, 0), max(draft.end, 0))
    return Posture(draft.shapes, draft.direction, draft.palm, draft.nondominant, where)


def _pair(reader: Reader, hands: HandsDraft) -> None:
    start = reader.index
    reader.enter()
    first = _half(reader, hands.dominant)
    second: tuple[Location, ...] = ()
    if not reader.at("plus"):
        reader.recover("taken for one hand", kept=True, expected="hamplus and the second hand")
    while reader.at("plus"):
        hands.other = hands.other or HandDraft()
        if second or hands.other.end > start:
            reader.recover("there are only two hands, joined with the second", kept=True)
        reader.take()
        second += _half(reader, hands.other)
    reader.leave()
    hands.locations += first + second


def _half(reader: Reader, draft: HandDraft) -> tuple[Location, ...]:
    """One hand's part of a bracket: its posture goes into `draft`, its places come back."""
    locations: tuple[Location, ...] = ()
    while not reader.at_end():
        if not _fill(reader, draft):
            if location_follows(reader):
                locations += read_locations(reader)
            else:
                reader.drop("it says nothing new about this hand", expected="a hand shape, direction or palm")
    return locations


def _fill(reader: Reader, draft: HandDraft) -> bool:
    """Read the next element of a posture into `draft`; whether there was one that it lacked."""
    start = reader.index
    if _nondominant_follows(reader) and not draft.shapes and not draft.nondominant:
        draft.nondominant = bool(reader.take())
    key = reader.key()
    if key not in _POSTURE or not draft.lacks(key):
        return False
    later = _POSTURE[_POSTURE.index(key) + 1 :]
    if not all(draft.lacks(other) for other in later):
        reader.recover("it stands too late, taken all the same", kept=True)
    if key == "shape":
        draft.shapes = _shapes(reader)
    elif key == "direction":
        draft.direction = _direction(reader, key)
    else:
        draft.palm = _direction(reader, key)
    draft.start = start if draft.start < 0 else draft.start
    draft.end = reader.since(start).end
    return True


def _direction(reader: Reader, key: str) -> Direction:
    start = reader.index
    ways = [reader.take_all(key)]
    while reader.at("between") and reader.key(1) == key:
        reader.take()
        ways.append(reader.take_all(key))
    relative = reader.at("relative")
    if relative:
        reader.take()
    return Direction(tuple(ways), relative, reader.since(start))


# Hand shapes


@dataclass(slots=True)
class _ShapeDraft:
    thumb: str = ""
    bend: str = ""
    fingers: list[Finger] = field(default_factory=list)
    contacts: list[FingerContact] = field(default_factory=list)
    thumb_between: tuple[str, ...] = ()
    loose: bool = False


def _shapes(reader: Reader) -> tuple[HandShape, ...]:
    found = [_shape(reader)]
    while reader.at("between") and reader.key(1) == "shape":
        reader.take()
        found.append(_shape(reader))
    if reader.at("between") and reader.key(1) in {"direction", "palm"}:
        reader.recover("taken for a loose hand", kept=True, expected="a second hand shape after it")
        reader.take()
        unwritten = Where(reader.index, reader.index)
        found.append(HandShape("any", "", "", (), (), (), unwritten))
    return tuple(found)


def _shape(reader: Reader) -> HandShape:
    start = reader.index
    base = reader.take()
    draft = _ShapeDraft()
    while _modify(reader, draft):
        pass
    return HandShape(
        base,
        draft.thumb,
        draft.bend,
        tuple(draft.fingers),
        tuple(draft.contacts),
        draft.thumb_between,
        reader.since(start),
        draft.loose,
    )


def _modify(reader: Reader, draft: _ShapeDraft) -> bool:
    """Read one more element of a hand shape into `draft`; whether there was one."""
    if reader.at("thumb"):
        if draft.thumb:
            reader.drop("the thumb's position is said already")
        else:
            draft.thumb = reader.take()
    elif reader.at("bend"):
        if draft.bend:
            reader.drop("how the fingers bend is said already")
        else:
            draft.bend = reader.take()
    elif reader.at("shape") and reader.value() == "any" and not draft.loose:
        draft.loose = bool(reader.take())
    elif reader.at("finger", "spot") and not _is_location(reader):
        _finger(reader, draft)
    elif (
        reader.at("between")
        and reader.key(1) == "finger"
        and draft.fingers
        and not draft.fingers[-1].bend
        and not draft.thumb_between
    ):
        reader.take()
        draft.thumb_between = (draft.fingers.pop().name, reader.take())
    else:
        return False
    return True


def _finger(reader: Reader, draft: _ShapeDraft) -> None:
    start = reader.index
    name = reader.take() if reader.at("finger") else ""
    if reader.at("spot"):
        spot = reader.take()
        by = reader.take() if reader.at("finger") and reader.key(1) not in {"bend", "spot"} else ""
        draft.contacts.append(FingerContact(name, spot, by, reader.since(start)))
    else:
        bend = reader.take() if reader.at("bend") else ""
        draft.fingers.append(Finger(name, bend, reader.since(start)))


def _is_location(reader: Reader) -> bool:
    """Whether the fingers and parts named next say where the hand is, up to a contact, not its form."""
    ahead = 0
    while ahead < _FARTHEST and reader.key(ahead) in {"finger", "spot", "side", "between"}:
        if reader.key(ahead) == "side":
            return True
        ahead += 1
    after = reader.key(ahead)
    return after == "contact" or (after == "sequence_begin" and reader.key(ahead + 1) == "contact")


def _nondominant_follows(reader: Reader) -> bool:
    return reader.at("hand") and reader.value() == "nondominant" and reader.key(1) == "shape"
