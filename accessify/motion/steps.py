"""What happens in a notated sign, step by step, as acts of both hands: in a row, together, again.

The rules are from T. Hanke, "HamNoSys - Representing Sign Language Data in Language Resources and Language
Processing Contexts", LREC 2004: a place after an action is where it ends, whatever the action's own size;
what is repeated is the last action or bracket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accessify.motion.act import (
    Act,
    Curves,
    Pair,
    at_once,
    baked,
    bent_to,
    change,
    drifting,
    fused,
    in_a_row,
    of_hands,
    passing,
    resized,
    shifted,
    still,
)
from accessify.motion.contact import LEFT, RIGHT, place_hands
from accessify.motion.forming import Forming
from accessify.motion.head_moves import head_code
from accessify.motion.moves import local_act, move_act, paused, replace_act
from accessify.motion.notated_hand import Location
from accessify.motion.notation import (
    Action,
    Go,
    Hands,
    Local,
    Move,
    Repetition,
    Replace,
    Step,
    Still,
    Together,
)
from accessify.motion.notation import Sequence as Row
from accessify.motion.paths import STROKE, late_start
from accessify.motion.timing import EVEN, Timing, manner_factor

Array = NDArray[np.float64]

LONGEST = 60.0
"""Seconds of a movement from which on it is not done again: brackets within brackets multiply."""
GROWING = {"increasing": 1.4, "decreasing": 0.7}
"""How many times as large a movement is from one time to the next."""


class Steps:
    """Turns steps into acts, knowing how each hand is held by then."""

    def __init__(self, forming: Forming, timing: Timing) -> None:
        self.forming, self.timing = forming, timing
        self.width = forming.person.width

    def begun(self, steps: Sequence[Step], palms: tuple[Array, Array]) -> tuple[Array, Array]:
        """Where the palms begin: a hand that is half a movement late begins where that is."""
        move = _first_move(steps)
        late = self.forming.late(move) if move is not None else None
        if move is None or late is None:
            return palms
        moved = palms[late] + self.width * self.forming.path_factors()[late] * late_start(move)
        return (moved, palms[RIGHT]) if late == LEFT else (palms[LEFT], moved)

    def run(self, steps: Sequence[Step], start: Pair) -> list[Act]:
        """Acts one after the other, from `start`."""
        acts: list[Act] = []
        for step in steps:
            acts += self.step(step, start)
            start = acts[-1].end
        return acts

    def step(self, step: Step, start: Pair) -> list[Act]:
        """One step with its end and its repetitions."""
        act = self._whole(step, start)
        acts = [act]
        for repetition in step.repetitions:
            acts += self._again(repetition, act, start, acts[-1].end)
        if any(repetition.alternating for repetition in step.repetitions):
            return [baked(self._taking_turns(acts, start))]
        return acts

    def _whole(self, step: Step, start: Pair) -> Act:
        act = self.action(step.action, start)
        target = step.target or _inner_target(step.action)
        act = self._aimed(act, target, step.action) if target else act
        return self._brushing(act, step.brushes) if step.brushes else act

    def _brushing(self, act: Act, brushes: Sequence[Location]) -> Act:
        """The same act, made to pass half way by what is brushed."""
        left, right = act.sample(np.array([0.5]))
        middle = left.at(0), right.at(0)
        location = self.forming.completed(brushes, afresh=False)
        here = (middle[LEFT].palm, middle[RIGHT].palm)
        moved = tuple(bool(factor.any()) for factor in self.forming.path_factors())
        palms = place_hands(location, middle, self.forming.setting((moved[0], moved[1])), here)
        return baked(passing(act, palms))

    def _aimed(self, act: Act, target: Sequence[Location], action: Action) -> Act:
        """The same act, made to end at a place."""
        start, end = act.start, act.end
        far = [float(np.linalg.norm(end[side].palm - start[side].palm)) for side in (LEFT, RIGHT)]
        setting = self.forming.setting((far[LEFT] > 1e-3, far[RIGHT] > 1e-3))
        afresh = _holds(action, Replace) and not _holds(action, Move)
        location = self.forming.completed(target, afresh)
        palms = place_hands(location, end, setting, (end[LEFT].palm, end[RIGHT].palm))
        self.forming.remember(target)
        ways = [float(np.linalg.norm(palms[side] - start[side].palm)) for side in (LEFT, RIGHT)]
        planned = max(*far, 0.4 * STROKE * self.width)
        slower = (max(*ways, 0.4 * planned) / planned) ** self.timing.growth
        if _bulges(action):
            act = bent_to(act, palms)
        else:
            together = _holds(action, Move) and _holds(action, Replace)
            act = drifting(act, palms, self.timing.path_together if together else self.timing.path)
        return replace(act, seconds=act.seconds * slower)

    # One action

    def action(self, action: Action, start: Pair, together: bool = False) -> Act:
        """One action from `start`, without an end of its own."""
        timing = self.timing
        act = still(start, timing.still)
        if isinstance(action, Move):
            act = move_act(action, start, self.forming, timing, together)
        elif isinstance(action, Local):
            act = local_act(action, start, self.forming, timing)
        elif isinstance(action, Replace):
            act = replace_act(action, start, self.forming, timing, together)
        elif isinstance(action, Still | Go):
            manner = action.manner if isinstance(action, Still) else ()
            seconds = timing.still if manner else timing.straight
            act = still(start, seconds * manner_factor(manner, timing))
        elif isinstance(action, Together):
            act = self._together(action, start)
        elif isinstance(action, Hands):
            act = self._hands(action, start)
        elif isinstance(action, Row):
            act = self._row(action, start)
        elif not head_code(action):  # the head's are the face's business
            self.forming.tell("a movement of another part of the body than the hand", action.where)
        return act

    def _row(self, row: Row, start: Pair) -> Act:
        usual = self.timing
        if row.fused:
            self.timing = replace(usual, path=EVEN, path_together=EVEN, circling=EVEN, turning=EVEN)
        acts = self.run(row.steps, start) or [still(start, 0.0)]
        self.timing = usual
        act = fused(acts, usual.path) if row.fused else in_a_row(acts)
        act = replace(act, seconds=act.seconds * manner_factor(row.manner, usual))
        return baked(paused(act, row.manner, usual))

    def _together(self, action: Together, start: Pair) -> Act:
        moves = any(isinstance(step.action, Move) for step in action.steps)
        acts = []
        for step in action.steps:
            if isinstance(step.action, Row | Together | Hands) or step.repetitions:
                acts.append(in_a_row(self.step(step, start)))
            else:
                acts.append(self.action(step.action, start, together=moves))
        for step in action.steps[:-1]:
            if step.target and moves and not isinstance(step.action, Move):
                self.forming.tell("a place that the move beside it leads away from", step.target[0].where)
        if not acts:
            return still(start, self.timing.still)
        seconds = max(act.seconds for act in acts) * manner_factor(action.manner, self.timing)
        return baked(paused(at_once(start, acts, seconds), action.manner, self.timing))

    def _hands(self, action: Hands, start: Pair) -> Act:
        acts = {}
        strong = self.forming.dominant
        for side, steps in ((strong, action.dominant), (1 - strong, action.other)):
            with self.forming.only(side):
                row = [in_a_row(self.step(step, start)) for step in steps]
            longest = max((act.seconds for act in row), default=0.0)
            acts[side] = at_once(start, row, longest) if row else still(start, 0.0)
        seconds = max(act.seconds for act in acts.values()) * manner_factor(action.manner, self.timing)
        return baked(paused(of_hands(acts[LEFT], acts[RIGHT], seconds), action.manner, self.timing))

    # Again

    def _again(self, repetition: Repetition, act: Act, start: Pair, now: Pair) -> list[Act]:
        acts: list[Act] = []
        if act.seconds > LONGEST:
            self.forming.tell(f"repeating what takes more than {LONGEST:.0f} seconds", repetition.where)
            return acts
        act = replace(act, seconds=act.seconds * manner_factor(repetition.manner, self.timing))
        grown = [GROWING[manner] for manner in repetition.manner if manner in GROWING]
        growing = grown[0] if grown else 1.0
        for number in range(2 if repetition.several else 1):
            act = resized(act, start, growing)
            if repetition.steps:
                acts += self.run(repetition.steps, now)
                acts.append(shifted(act, start, acts[-1].end))
            elif repetition.kind.startswith("reverse"):
                acts.append(act.backwards() if number % 2 == 0 else act)
            elif repetition.kind.startswith("from_start"):
                acts += [*self._return(now, start), act]
            else:
                acts.append(shifted(act, start, now))
            now = acts[-1].end
        return acts

    def _return(self, now: Pair, start: Pair) -> list[Act]:
        far = max(float(np.linalg.norm(now[side].palm - start[side].palm)) for side in (LEFT, RIGHT))
        turned = not all(np.allclose(now[side].turn, start[side].turn, atol=1e-3) for side in (LEFT, RIGHT))
        formed = not all(np.allclose(now[side].bends, start[side].bends, atol=1) for side in (LEFT, RIGHT))
        if far < 0.02 * self.width and not turned and not formed:
            return []
        curve = self.timing.returning
        return [change(now, start, self.timing.back, Curves(curve, curve, curve))]

    def _taking_turns(self, acts: Sequence[Act], start: Pair) -> Act:
        """The other hand begins when the dominant one has done it for the first time."""
        late = acts[0].seconds
        row = in_a_row(acts)
        first = in_a_row([row, still(row.end, late)])
        second = in_a_row([still(start, late), row])
        pair = (second, first) if self.forming.dominant == RIGHT else (first, second)
        return of_hands(*pair, first.seconds)


def _holds(action: Action, kind: type[Move] | type[Replace]) -> bool:
    """Whether it is an action of that kind, or one of those that happen together is."""
    if isinstance(action, Together):
        return any(_holds(step.action, kind) for step in action.steps)
    return isinstance(action, kind)


def _bulges(action: Action) -> bool:
    """Whether it is a move whose form turns with its way."""
    if isinstance(action, Together):
        return any(_bulges(step.action) for step in action.steps)
    return isinstance(action, Move) and action.kind == "straight" and bool(action.arcs) and not action.waves


def _inner_target(action: Action) -> tuple[Location, ...]:
    """Where what happens together ends: a place given with a change of the hand, unless the hand moves."""
    if not isinstance(action, Together):
        return ()
    last: tuple[Location, ...] = ()
    moves = any(isinstance(step.action, Move) for step in action.steps)
    for step in action.steps:
        inner = isinstance(step.action, Row | Together | Hands) or bool(step.repetitions)
        if step.target and not inner and (isinstance(step.action, Move) or not moves):
            last = step.target
    return last


def _first_move(steps: Sequence[Step]) -> Move | None:
    """The first path of the hands, also within brackets."""
    for step in steps:
        if isinstance(step.action, Move):
            return step.action
        if isinstance(step.action, Together | Row):
            found = _first_move(step.action.steps)
            if found is not None:
                return found
    return None
