"""Which bones carry the skin of a hand and its forearm: shares from the hand's own parts.

Joints of fingers do not blend across a plane but across a slanted one: what lies behind a joint goes with
the bone before it. Linear blending (N. Magnenat-Thalmann et al., 1988) takes the corner off a bent joint;
so the knuckle, which is the head of the bone before it, keeps it, and a fist looks like a fist.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accessify.avatar.fields import Points, Values, round_cone, step
from accessify.avatar.fingers import Finger
from accessify.avatar.hands import WEB, fingers, thumb
from accessify.avatar.rig import FOREARM, KNUCKLES, PHALANGES
from accessify.core.humanoid import FINGERS, finger_bones, twist

_SLANT = 0.70
"""Metres along the finger for each metre behind its joint."""
_BLENDS = ((0.0058, 0.0040, 0.0034), (0.0055, 0.0044))
"""Metres on both sides of a joint, fingers and thumb, outwards."""


def hand_shares(points: Points, side: str) -> dict[str, Values]:
    """Shares of the bones of hand and forearm for `points` [n, 3] of the skin as meshed, in hand's axes."""
    shares = _arm_shares(points, side)
    of_hand = shares.pop(f"{side}Hand")
    near_thumb, metacarpal = _thumb_share(points)
    chosen = _finger_choice(points)
    left = np.ones(len(points), np.float32)
    for number, finger in enumerate(fingers()):
        share = chosen[number] * (1 - near_thumb)
        carried = _chain(points, finger, _BLENDS[0])
        for bone, part in zip(finger_bones(side, FINGERS[number + 1]), carried, strict=True):
            shares[bone] = of_hand * share * part
            left -= share * part
    first, second, third = finger_bones(side, "Thumb")
    middle, last = _chain(points, thumb(), _BLENDS[1])
    shares[first] = of_hand * near_thumb * metacarpal * np.clip(1 - middle - last, 0, 1)
    shares[second] = of_hand * near_thumb * metacarpal * middle
    shares[third] = of_hand * near_thumb * metacarpal * last
    shares[f"{side}Hand"] = of_hand * np.clip(left - near_thumb * metacarpal, 0, 1)
    return shares


def _arm_shares(points: Points, side: str) -> dict[str, Values]:
    """Along the forearm the turn of the hand comes in evenly: none at the elbow, half of it with the twist
    bone at three quarters of the way, all of it in the hand.
    """
    along = points[:, 0]
    hand = step(along, -0.034, 0.012)
    twisted = np.clip((along + np.float32(FOREARM)) / np.float32(FOREARM * 0.72), 0, 1)
    return {
        f"{side}LowerArm": (1 - hand) * (1 - twisted),
        twist(side): (1 - hand) * twisted,
        f"{side}Hand": hand,
    }


def _chain(points: Points, finger: Finger, blends: tuple[float, ...]) -> tuple[Values, ...]:
    """Shares of a finger's bones; what is missing to 1 is carried by what it grows from."""
    along, back, _ = finger.coordinates(points)
    passed = [
        step(along - np.float32(joint) - np.float32(_SLANT) * back, -blend, blend)
        for joint, blend in zip((0.0, *finger.joints[:-1]), blends, strict=True)
    ]
    beyond = [*passed[1:], np.zeros_like(along)]
    shares, before = [], np.ones_like(along)
    for here, after in zip(passed, beyond, strict=True):
        before = before * here
        shares.append(before * (1 - after))
    return tuple(shares)


def _finger_choice(points: Points) -> NDArray[np.float32]:
    """Shape [4, n]: which of index to little finger each point goes with, as far as it goes with any.

    The skin between two fingers hangs on the hand a little, or it would be drawn out between a bent and a
    straight one.
    """
    distances = np.stack([finger.distance(points) for finger in fingers()])
    near = np.exp(-(distances - distances.min(axis=0)) / np.float32(0.0016))
    choice = near / near.sum(axis=0)
    two = np.partition(distances, 1, axis=0)[:2]
    between = 1 - step(two[1] - two[0], 0.0, 0.0030)
    knuckles = choice.T @ KNUCKLES[1:, 0].astype(np.float32)
    between *= 1 - step(points[:, 0] - knuckles, WEB + 0.004, WEB + 0.009)
    return np.asarray(choice * (1 - np.float32(0.3) * between), np.float32)


def _thumb_share(points: Points) -> tuple[Values, Values]:
    """How much each point belongs to the thumb, and how much of that moves with its metacarpal."""
    finger = thumb()
    start, end = KNUCKLES[0], finger.root
    reach = PHALANGES[0, 0]
    tip = finger.root + finger.along * finger.length
    to_thumb = np.minimum(
        round_cone(points, start, end, (0.0125, 0.0118)), round_cone(points, end, tip, finger.radii[::2])
    )
    bones = [
        round_cone(points, [0.010, 0, knuckle[2] * 0.5], knuckle + np.array([0.012, 0, 0]), (0.0105, 0.0095))
        for knuckle in KNUCKLES[1:]
    ]
    to_palm = np.minimum.reduce(
        [*bones, *(other.distance(points) - np.float32(0.001) for other in fingers())]
    )
    share = step(to_palm - to_thumb, -0.014, 0.010)
    along = finger.coordinates(points)[0] + np.float32(reach)
    return share, step(along, -0.020, 0.046)
