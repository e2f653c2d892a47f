"""What happens in a sign in HamNoSys: rows of symbols to `Step` nodes.

Source: T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and Language Processing
Contexts", LREC 2004, and the HamNoSys 4 chart. Size and manner belong to the nearest element before them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from accessify.motion.hand_reader import HandsDraft, posture, posture_follows, read_hands
from accessify.motion.notated_hand import Location, Ways, Where
from accessify.motion.notation import (
    Action,
    Arc,
    Bodily,
    Ellipse,
    Go,
    Hands,
    Local,
    Move,
    Repetition,
    Replace,
    Sequence,
    Step,
    Still,
    Together,
    Wave,
)
from accessify.motion.place_reader import location_follows, read_locations, read_place, settled
from accessify.motion.symbol_reader import ACTIONS, Reader

_MANNER = ("manner", "size")
_STROKES = frozenset({"cross", "x"})


def read_steps(reader: Reader) -> tuple[Step, ...]:
    """All steps up to the end of the bracket or the sign."""
    steps: list[Step] = []
    while not reader.at_end():
        step = _step(reader)
        if step is None:
            reader.drop("nothing before it that it could belong to", expected="a movement")
        else:
            steps.append(step)
    return tuple(steps)


def _step(reader: Reader) -> Step | None:
    """One action with its ends and repetitions; None where the next symbol cannot begin one."""
    start = reader.index
    target: tuple[Location, ...] = ()
    if location_follows(reader):
        action: Action = Go(Where(start, start))
    elif _repetition_follows(reader):
        reader.recover("no movement before it that it could repeat", kept=True)
        action = Still((), Where(start, start))
    elif reader.at("replace") or posture_follows(reader):
        action, target = _replace(reader)
    elif (found := _action(reader)) is not None:
        action = found
    else:
        return None
    return _finished(reader, start, action, target)


def _finished(reader: Reader, start: int, action: Action, target: tuple[Location, ...]) -> Step:
    """The step of an action, with what is written after it."""
    brushes: tuple[Location, ...] = ()
    brushing = False
    while True:
        if _brush_follows(reader) and not brushing:
            brushing, brushes = True, _brushes(reader)
        elif location_follows(reader):
            target += read_locations(reader)
        else:
            break
    repetitions = []
    while _repetition_follows(reader):
        repetitions.append(_repetition(reader))
    return Step(action, brushes, brushing, target, tuple(repetitions), reader.since(start))


def _action(reader: Reader) -> Action | None:
    start = reader.index
    key = reader.key()
    if key in {"straight", "circle"}:
        return _move(reader)
    if key == "local":
        kind = reader.take()
        forms = _forms(reader)
        return Local(kind, forms.size, forms.manner, forms.modifiers, reader.since(start))
    if key == "still":
        reader.take()
        return Still(reader.take_all(*_MANNER), reader.since(start))
    if key == "parallel_begin":
        return _parallel(reader)
    if key in {"sequence_begin", "fusion_begin"}:
        return _sequence(reader)
    if key == "hand" and reader.value() == "nondominant" and reader.key(1) in {*ACTIONS, "parallel_begin"}:
        reader.take()
        step = _step(reader)
        return Hands((), (step,) if step else (), (), reader.since(start))
    return None


# Paths


@dataclass(slots=True)
class _Forms:
    """What is written after a movement about its form, while it is read."""

    size: tuple[str, ...] = ()
    modifiers: tuple[Arc | Wave | Ellipse, ...] = ()
    clock: tuple[str, ...] = ()
    manner: tuple[str, ...] = ()


def _forms(reader: Reader, clock: str = "") -> _Forms:
    forms = _Forms(size=reader.take_all("size"))
    while True:
        start = reader.index
        if reader.at("arc"):
            way, size = reader.take(), reader.take_all("size")
            forms.modifiers += (Arc(way, size, reader.since(start)),)
        elif reader.at("wave"):
            way, size = reader.take(), reader.take_all("size")
            forms.modifiers += (Wave(way, size, reader.since(start)),)
        elif reader.at("ellipse"):
            way, size = reader.take(), reader.take_all("size")
            forms.modifiers += (Ellipse(way, size, reader.since(start)),)
        elif clock and reader.at(clock):
            forms.clock += (reader.take(),)
        elif reader.at("manner"):
            forms.manner += (reader.take(),)
        elif reader.at("size"):
            _grow(forms, reader.take_all("size"))
        else:
            return forms


def _grow(forms: _Forms, size: tuple[str, ...]) -> None:
    """Give a size that stands after the manner to the element that was last."""
    if forms.modifiers:
        last = forms.modifiers[-1]
        forms.modifiers = (*forms.modifiers[:-1], replace(last, size=last.size + size))
    else:
        forms.size += size


def _move(reader: Reader) -> Move:
    start = reader.index
    key = reader.key()
    first = reader.take()
    kind = first if first in _STROKES else key
    ways: Ways = () if first in _STROKES else ((first,),)
    while reader.at("between") and reader.key(1) == key:
        reader.take()
        ways += ((reader.take(),),)
    forms = _forms(reader, "clock")
    return Move(
        kind,
        ways,
        forms.size,
        tuple(form for form in forms.modifiers if isinstance(form, Arc)),
        tuple(form for form in forms.modifiers if isinstance(form, Wave)),
        tuple(form for form in forms.modifiers if isinstance(form, Ellipse)),
        forms.clock,
        forms.manner,
        reader.since(start),
    )


def _replace(reader: Reader) -> tuple[Replace, tuple[Location, ...]]:
    start = reader.index
    written = reader.at("replace")
    if written:
        reader.take()
    else:
        reader.recover(
            "taken for a change of the hand", kept=True, expected="hamreplace before a second posture"
        )
    manner = reader.take_all(*_MANNER)
    hands = HandsDraft()
    read_hands(reader, hands)
    if written and hands.dominant.end < 0 and hands.other is None:
        reader.recover(
            "nothing changes", kept=True, expected="a hand shape, direction or palm after hamreplace"
        )
    manner += reader.take_all(*_MANNER)
    other = posture(hands.other) if hands.other else None
    change = Replace(posture(hands.dominant), other, manner, written, reader.since(start))
    return change, hands.locations


# Brackets


def _parallel(reader: Reader) -> Action:
    start = reader.index
    reader.enter()
    first = read_steps(reader)
    if not reader.at("plus"):
        reader.leave()
        return Together(first, reader.take_all(*_MANNER), reader.since(start))
    second: tuple[Step, ...] = ()
    while reader.at("plus"):
        if second:
            reader.recover("there are only two hands, joined with the second", kept=True)
        reader.take()
        second += read_steps(reader)
    reader.leave()
    return Hands(first, second, reader.take_all(*_MANNER), reader.since(start))


def _sequence(reader: Reader) -> Action:
    start = reader.index
    fused = reader.at("fusion_begin")
    bodily = not fused and reader.block_holds(ACTIONS)
    reader.enter()
    steps: tuple[Step, ...] = ()
    if bodily and reader.at("place", "side", "spot", "finger"):
        at = read_place(reader)
        if len(at.ends) == 1 and at.contact is None and not location_follows(reader):
            steps = read_steps(reader)
            reader.leave()
            return Bodily(at.ends[0], steps, reader.since(start))
        steps = (
            _finished(reader, at.where.start, Go(Where(at.where.start, at.where.start)), (settled(at),)),
        )
    steps += read_steps(reader)
    reader.leave()
    return Sequence(steps, fused, reader.take_all(*_MANNER), reader.since(start))


def _brush_follows(reader: Reader) -> bool:
    return reader.at("brush") or (reader.at("sequence_begin") and reader.key(1) == "brush")


def _brushes(reader: Reader) -> tuple[Location, ...]:
    if reader.at("brush"):
        reader.take()
        return ()
    reader.enter()
    reader.take()
    found = read_locations(reader)
    while not reader.at_end():
        reader.drop("it says no more about what is brushed", expected="hamseqend")
    reader.leave()
    return found


# Again


def _repetition_follows(reader: Reader) -> bool:
    return reader.at("repeat", "alternating") or (reader.at("sequence_begin") and reader.key(1) == "repeat")


def _repetition(reader: Reader) -> Repetition:
    start = reader.index
    bracket = reader.at("sequence_begin")
    if bracket:
        reader.enter()
    kind = reader.take() if reader.at("repeat") else ""
    manner = reader.take_all(*_MANNER)
    alternating = reader.at("alternating")
    if alternating:
        reader.take()
    steps: tuple[Step, ...] = ()
    if bracket:
        steps = read_steps(reader)
        reader.leave()
    manner += reader.take_all(*_MANNER)
    return Repetition(kind, steps, alternating, manner, reader.since(start))
