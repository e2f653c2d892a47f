"""Single actions of a notated sign as acts: paths, movements in place, changes of the hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import Proportions
from accessify.core.rotation import multiply, rotate
from accessify.motion.act import Act, Curves, Pair, change, in_a_row, still, turned_about_wrist
from accessify.motion.contact import LEFT, RIGHT
from accessify.motion.forming import Forming
from accessify.motion.hand_axes import THUMB_SIDES, sided
from accessify.motion.local import finger_bends, local_seconds, wrist_turns
from accessify.motion.notation import Local, Move, Replace
from accessify.motion.paths import late_offsets, path_length, path_offsets, path_turns, turns
from accessify.motion.stance import Stance
from accessify.motion.timing import Curve, Timing, along, manner_factor

Array = NDArray[np.float64]


def move_act(move: Move, start: Pair, forming: Forming, timing: Timing, together: bool) -> Act:
    """A path of the hands that move; `together` tells whether the hand changes meanwhile."""
    seconds, curve = _pace(move, timing, together)
    factors, late = forming.path_factors(), forming.late(move)
    width = forming.person.width
    if any(way in ("cross", "x") for end in move.ways for way in end):
        forming.tell("strokes that cross, half way to another move", move.where)
    for manner in ("increasing", "decreasing"):
        if manner in move.manner:
            forming.tell(f"a path with {manner} size", move.where)

    def one(side: int, way: Array) -> Stance:
        offsets = late_offsets(move, way) if side == late else path_offsets(move, way)
        stance = start[side].many(len(way))
        stance = stance.moved(stance.palm + width * offsets * factors[side])
        if not forming.turns_along(side) or not factors[side].any():
            return stance
        turned = seen_by(path_turns(move, way), factors[side])
        return replace(stance, turn=multiply(turned, stance.turn))

    def sample(share: Array) -> Pair:
        way = along(curve, share)
        return one(LEFT, way), one(RIGHT, way)

    return paused(Act(seconds, sample), move.manner, timing)


def local_act(local: Local, start: Pair, forming: Forming, timing: Timing) -> Act:
    """A movement in place, about the wrist."""
    seconds = local_seconds(local, timing) * manner_factor(local.manner, timing)
    for extra in local.modifiers:
        forming.tell("a form of path of a movement in place", extra.where)
    busy = forming.busy()

    def one(side: int, share: Array) -> Stance:
        stance = start[side].many(len(share))
        if not busy[side]:
            return stance
        return _about_wrist(stance, local, share, side, forming.person)

    act = Act(seconds, lambda share: (one(LEFT, share), one(RIGHT, share)))
    return paused(act, local.manner, timing)


def replace_act(action: Replace, start: Pair, forming: Forming, timing: Timing, together: bool) -> Act:
    """A change of hand shape or turn; about the wrist, or where the hand moves meanwhile, the palm point."""
    end = forming.replaced(action, start, wrist_stays=not together)
    turned = action.dominant.direction or action.dominant.palm or action.other
    curves = Curves(
        timing.path,
        timing.path_together if together else timing.turning,
        timing.forming if turned or together else timing.path,
    )
    for manner in ("increasing", "decreasing"):
        if manner in action.manner:
            forming.tell(f"a change of the hand that is {manner}", action.where)
    seconds = timing.replace * manner_factor(action.manner, timing)
    if together:
        act = change(start, end, seconds, curves)
    else:
        act = turned_about_wrist(start, end, seconds, curves, forming.person)
    return paused(act, action.manner, timing)


def paused(act: Act, manner: tuple[str, ...], timing: Timing) -> Act:
    """With the pause after it that its manner may ask for."""
    return in_a_row([act, still(act.end, timing.still)]) if "rest" in manner else act


def _pace(move: Move, timing: Timing, together: bool) -> tuple[float, Curve]:
    """Seconds and curve of a path."""
    if move.kind == "circle":
        usual, curve = timing.circle * turns(move), timing.circling
    elif move.waves:
        usual, curve = timing.wave, timing.circling
    else:
        usual = timing.arc if move.arcs else timing.straight
        usual *= 2.0 if move.kind in ("cross", "x") else 1.0
        curve = timing.path_together if together else timing.path
    if "halt" in move.manner:
        curve = timing.halting
    factor = path_length(move) ** timing.growth * manner_factor(move.manner, timing)
    return usual * factor, curve


def seen_by(turned: Array, factors: Array) -> Array:
    """Turns [moments, 4] as they are where each axis is multiplied with its factor, 1 or -1."""
    return np.asarray(turned * np.append(np.prod(factors) * factors, 1.0))


def _about_wrist(stance: Stance, local: Local, share: Array, side: int, person: Proportions) -> Stance:
    arm = sided(person.hand.palm, THUMB_SIDES[side])
    turn = multiply(stance.turn, wrist_turns(local, share, THUMB_SIDES[side]))
    return replace(
        stance,
        palm=stance.palm + rotate(turn, arm) - rotate(stance.turn, arm),
        turn=turn,
        bends=stance.bends + finger_bends(local, share),
    )
