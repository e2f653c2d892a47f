"""The figures of the avatar bench: formulas, and what each has to reach."""

from __future__ import annotations

from accessify.evaluation.figures import Figure, Target
from accessify.evaluation.letter_round_trip import FOUND, READ
from accessify.evaluation.render_speed import RENDERING

_STRINGS = "HamNoSys strings; a symbol is lost that is neither in the tree nor anywhere in a posture"
_REFERENCE = (
    "over the signs of the reference, made for its body and compared in its shoulder widths (the joints are "
    "one other engine's: agreement with one reading of the notation, not with signers); "
)
_CLIPS = "mean over hands seen in the clips of the data; "


def _least(limit: float) -> Target:
    return Target(limit, at_most=False)


NOTATION: tuple[Figure, ...] = (
    Figure("strings_whole", "HamNoSys read with no symbol lost", "%", f"share of {_STRINGS}", _least(99.7)),
    Figure("strings_clean", "  without a warning", "%", "share of the same strings", _least(98)),
    Figure(
        "strings_failed",
        "  read, but not turned into finite postures",
        "signs",
        "of those that are read",
        Target(0),
        digits=0,
    ),
    Figure(
        "first_mean",
        "Notation beside another engine: palm in the first posture, mean",
        "shoulder widths",
        _REFERENCE + "distance of palm points where the first posture is reached",
        Target(0.05),
        digits=3,
    ),
    Figure("first_median", "  median", "shoulder widths", "the same", Target(0.025), digits=3),
    Figure(
        "path_mean",
        "  whole path, aligned in time",
        "shoulder widths",
        _REFERENCE + "mean distance of palm points after dynamic time warping, from rest to the end",
        Target(0.055),
        digits=3,
    ),
    Figure(
        "movement_mean",
        "  path from the first posture on",
        "shoulder widths",
        "the same without the way from rest",
        digits=3,
    ),
    Figure("palm_mean", "  palm", "°", _REFERENCE + "angle of palm normals", Target(3.5), digits=2),
    Figure("direction_mean", "  finger direction", "°", _REFERENCE + "angle", Target(1), digits=2),
    Figure("bend_mean", "  finger joints", "°", _REFERENCE + "mean of 15", Target(4), digits=2),
    Figure(
        "worst_kind",
        "  worst kind of sign, whole path",
        "shoulder widths",
        "the largest mean over a kind of sign with at least four signs",
        Target(0.1),
        digits=3,
    ),
)
RETARGET: tuple[Figure, ...] = (
    Figure(
        "retarget_direction",
        "Landmarks on the figure: finger direction",
        "°",
        _CLIPS + "angle between wrist-to-middle-knuckle of landmarks and of the posed figure",
        Target(12),
    ),
    Figure("retarget_direction_median", "    median", "°", "the same over the same hands"),
    Figure("retarget_direction_most", "    95 % of hands, at most", "°", "the same over the same hands"),
    Figure(
        "retarget_palm",
        "  palm normal",
        "°",
        _CLIPS + "angle of the normals on wrist, index and little knuckle",
        Target(10),
    ),
    Figure("retarget_palm_median", "    median", "°", "the same over the same hands"),
    Figure("retarget_palm_most", "    95 % of hands, at most", "°", "the same over the same hands"),
    Figure(
        "retarget_bones",
        "  bones of fingers",
        "°",
        _CLIPS + "mean angle of 15 bones in space; landmarks have bones that no joint could hold so, which "
        "count as error",
    ),
    Figure(
        "retarget_limits",
        "  wrist and finger joints beyond their limits, at most",
        "°",
        "over all pictures, as bones are turned",
        Target(0),
    ),
    Figure(
        "retarget_depth",
        "  hand within the body, at most",
        "mm",
        "over all pictures: joints, bones and palm as balls, in head, neck and trunk where these are; skin "
        "gives 4 mm",
        Target(4),
    ),
)
START = Figure(
    "start",
    "From text to the first picture, warm",
    "s",
    "wall seconds from the text to its first picture of 1280×720 in memory, the figure and the dictionary "
    "loaded and a stage open; median of five sentences",
    Target(1),
    digits=2,
)
AVATAR: tuple[Figure, ...] = (*NOTATION, *RETARGET, READ, FOUND, *RENDERING, START)
