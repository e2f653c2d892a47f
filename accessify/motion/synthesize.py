"""A notated sign as postures of both hands, for one signer's proportions.

The notation's rules are in the modules this one puts together: hand shapes, directions, places, contact,
paths, movements in place, timing. What a text asks for and is not done is in the result's notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accessify.core.proportions import Proportions
from accessify.core.rotation import rotate
from accessify.core.timeline import Note, Rate, Span
from accessify.motion.act import Act, Curves, Pair, change, in_a_row, still
from accessify.motion.contact import LEFT, RIGHT, place_hands
from accessify.motion.forming import Forming
from accessify.motion.hand_axes import THUMB_SIDES, sided
from accessify.motion.notated_hand import Where
from accessify.motion.notation import NotatedSign, Parsed, SimpleSign
from accessify.motion.paths import STROKE
from accessify.motion.places import SPACE, SigningSpace, arm_length
from accessify.motion.posture import Postures
from accessify.motion.steps import Steps
from accessify.motion.timing import NATURAL, Timing
from accessify.motion.wrists import within_wrists

Array = NDArray[np.float64]

RATE = Rate(Fraction(25))
OUTSTRETCHED = 1.05
"""Share of the arm's length that a hand can be away from the shoulder."""
LONGEST = 600.0
"""Seconds of one sign, however often it repeats."""
FAR = 0.05
"""Shoulder widths beyond reach from which it is told."""


def synthesize(
    sign: Parsed | NotatedSign,
    proportions: Proportions,
    timing: Timing = NATURAL,
    rate: Rate = RATE,
    space: SigningSpace = SPACE,
) -> Postures:
    """What both hands do in a sign, from its first posture to its last.

    Args:
        sign: as `accessify.motion.hamnosys.parse` gives it.
        proportions: of the signer who signs it.
        timing: how long its parts take, and how hands get under way.
        rate: pictures per second.
        space: how far before the body is signed.

    Returns:
        Postures whose notes hold what the text asks for and is not done. A hand that
        takes no part is at rest.
    """
    tree = sign.sign if isinstance(sign, Parsed) else sign
    told: dict[tuple[str, int], tuple[str, Where]] = {}

    def tell(why: str, where: Where) -> None:
        told.setdefault((why, where.start), (why, where))

    parts = [_part(Forming(part, proportions, space, tell), part, timing) for part in tree.parts]
    acts = [still(parts[0].act.start, timing.first), parts[0].act]
    for before, after in pairwise(parts):
        acts += [_bridge(before, after, proportions, timing), after.act]
    acts.append(still(acts[-1].end, timing.last))
    busy = _held([np.array(part.busy, np.float64) for part in parts])
    anchors = _held([part.anchors for part in parts])
    times = np.cumsum([0.0, *(act.seconds for act in acts)])
    if times[-1] > LONGEST:
        tell(f"what comes after {LONGEST:.0f} seconds", tree.where)
    count = int(np.floor(min(times[-1], LONGEST) * float(rate.fps) + 1e-6)) + 1
    moments = np.arange(count) / float(rate.fps)
    pair = in_a_row(acts).sample(np.clip(moments / max(times[-1], 1e-9), 0, 1))
    span = Span(0, rate.at(count))
    pair, far = _within_reach(pair, proportions)
    notes = [*_recoveries(sign, span), *_notes(told, sign, span)]
    if far > FAR * proportions.width:
        notes.append(Note(span, "reach", f"a hand is asked {far:.2f} m farther than its arm reaches"))
    postures = _postures(pair, _course(moments, times, busy), rate, tuple(notes))
    if not space.wrists:
        return postures
    return within_wrists(postures, _course(moments, times, anchors), proportions)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One of the signs of a compound."""

    act: Act
    busy: tuple[bool, bool]
    anchors: Array
    """Shape [2, 3], metres in the hands' own axes: what of each hand must be where it is."""


def _part(forming: Forming, sign: SimpleSign, timing: Timing) -> _Part:
    stances = forming.stances((np.zeros(3), np.zeros(3)))
    palms = place_hands(sign.location, stances, forming.setting(), None)
    forming.remember(sign.location)
    steps = Steps(forming, timing)
    palms = steps.begun(sign.steps, palms)
    start = (stances[LEFT].moved(palms[LEFT]), stances[RIGHT].moved(palms[RIGHT]))
    acts = steps.run(sign.steps, start)
    both = forming.two_handed or forming.lends
    busy = both or forming.dominant == LEFT, both or forming.dominant == RIGHT
    return _Part(in_a_row([*acts]) if acts else still(start, 0.0), busy, np.array(forming.anchors))


def _bridge(before: _Part, after: _Part, person: Proportions, timing: Timing) -> Act:
    """The way from the end of one sign of a compound to the start of the next."""
    end, start = before.act.end, after.act.start
    ways = [float(np.linalg.norm(end[side].palm - start[side].palm)) for side in (LEFT, RIGHT)]
    seconds = timing.straight * float(np.sqrt(max(0.5, max(ways) / (STROKE * person.width))))
    curve = timing.returning
    return change(end, start, seconds, Curves(curve, curve, curve))


def _held(values: Sequence[Array]) -> list[Array | None]:
    """What holds in each act, one for each part: also in the holds before and after; open on ways between."""
    row: list[Array | None] = [values[0], values[0]]
    for value in values[1:]:
        row += [None, value]
    return [*row, values[-1]]


def _course(moments: Array, times: Array, values: Sequence[Array | None]) -> Array:
    """Shape [moments, ...]: what holds in acts that end at `times`, changing evenly where it is open."""
    known = [(number, value) for number, value in enumerate(values) if value is not None]
    knots = [times[number + end] for number, _ in known for end in (0, 1)]
    flat = np.array([value.ravel() for _, value in known for _ in (0, 1)])
    columns = [np.interp(moments, knots, column) for column in flat.T]
    return np.stack(columns, axis=-1).reshape(len(moments), *known[0][1].shape)


def _within_reach(pair: Pair, person: Proportions) -> tuple[Pair, float]:
    """Hands brought to where their arms reach, and by how many metres at most."""
    near, far = [], 0.0
    for side in (LEFT, RIGHT):
        stance = pair[side]
        wrist = stance.palm - rotate(stance.turn, sided(person.hand.palm, THUMB_SIDES[side]))
        way = wrist - person.shoulders[side]
        length = np.linalg.norm(way, axis=-1, keepdims=True)
        limit = OUTSTRETCHED * arm_length(person)
        pulled = way * (np.minimum(length, limit) / np.maximum(length, 1e-9) - 1)
        far = max(far, float(np.linalg.norm(pulled, axis=-1).max()))
        near.append(stance.moved(stance.palm + pulled))
    return (near[LEFT], near[RIGHT]), far


def _postures(pair: Pair, active: Array, rate: Rate, notes: tuple[Note, ...]) -> Postures:
    def both(name: str) -> Array:
        return np.stack([getattr(pair[LEFT], name), getattr(pair[RIGHT], name)], axis=1)

    return Postures(
        active,
        palms=both("palm"),
        directions=both("direction"),
        normals=both("normal"),
        bends=both("bends"),
        spread=both("spread"),
        elbows=np.full(active.shape, np.nan),
        rate=rate,
        notes=notes,
    )


def _recoveries(sign: Parsed | NotatedSign, span: Span) -> list[Note]:
    if not isinstance(sign, Parsed):
        return []
    return [Note(span, "notation", one.message) for one in sign.recoveries]


def _notes(
    told: dict[tuple[str, int], tuple[str, Where]], sign: Parsed | NotatedSign, span: Span
) -> list[Note]:
    notes = []
    for why, where in told.values():
        names = ""
        if isinstance(sign, Parsed):
            names = " ".join(symbol.name for symbol in sign.symbols[where.start : where.end])
        place = f"symbols {where.start + 1} to {max(where.end, where.start + 1)}"
        notes.append(Note(span, "not done", f"{why} ({place}{': ' + names if names else ''})"))
    return notes
