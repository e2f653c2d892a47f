"""What each choice of the landmarker costs and gives, one changed at a time beside the defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from accessify.engines.holistic import HolisticOptions
from accessify.evaluation.landmark_error import median_distance
from accessify.evaluation.landmark_tracks import SIDES, Tracks, found
from accessify.tracking.body_hands import PalmRules
from accessify.tracking.face import FaceRules
from accessify.tracking.hands import WristRules

USUAL = "defaults"
CHOICES: Mapping[str, HolisticOptions] = MappingProxyType(
    {
        "a lost hand is looked for in every picture": HolisticOptions(wrists=WristRules(retry=1)),
        "wrists found anew in every 2nd picture": HolisticOptions(wrists=WristRules(recrop=2)),
        "palms never looked for": HolisticOptions(palms=PalmRules(every=None)),
        "palms looked for in every 2nd picture": HolisticOptions(palms=PalmRules(every=2)),
        "face checked in every picture": HolisticOptions(faces=FaceRules(detect=1)),
        "face seen in every 2nd picture": HolisticOptions(faces=FaceRules(every=2)),
        "no picture ahead": HolisticOptions(ahead=0),
        "1 picture ahead": HolisticOptions(ahead=1),
        "4 pictures ahead": HolisticOptions(ahead=4),
        "1 network at a time": HolisticOptions(workers=1),
        "2 networks at a time": HolisticOptions(workers=2),
        "3 networks at a time": HolisticOptions(workers=3),
    }
)
"""Name → the defaults but for one choice."""
_BETWEEN = 2
"""Choices that are run between two runs of the defaults."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took for each picture, or the ratio of two runs."""

    wall: float
    cpu: float


def run_choices(once: Callable[[str, HolisticOptions], Cost]) -> dict[str, Any]:
    """Run every choice once: of the defaults seconds a picture (mean of their runs), of the others ratios.

    A ratio is to the mean of the defaults before and behind, as the machine's pace changes.
    """
    names, usual, groups = list(CHOICES), [once(USUAL, HolisticOptions())], []
    for first in range(0, len(names), _BETWEEN):
        groups.append({name: once(name, CHOICES[name]) for name in names[first : first + _BETWEEN]})
        usual.append(once(USUAL, HolisticOptions()))
    rows = {USUAL: _mean(usual)}
    for place, group in enumerate(groups):
        beside = _mean(usual[place : place + 2])
        rows |= {name: Cost(one.wall / beside.wall, one.cpu / beside.cpu) for name, one in group.items()}
    return {name: asdict(cost) for name, cost in rows.items()}


def choice_row(cost: Mapping[str, float], ours: Tracks, theirs: Tracks | None) -> dict[str, Any]:
    """One choice on one clip: its cost, hands found, and how far both hands are from the reference."""
    away = None
    if theirs is not None:
        away = median_distance(
            np.concatenate([ours.left, ours.right]), np.concatenate([theirs.left, theirs.right])
        )
    hands = sum(int(found(ours.hand(side)).sum()) for side in SIDES)
    return {**cost, "hands": hands, "median_px": away}


def _mean(costs: list[Cost]) -> Cost:
    return Cost(sum(cost.wall for cost in costs) / len(costs), sum(cost.cpu for cost in costs) / len(costs))
