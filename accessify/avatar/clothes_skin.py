"""Which bones carry shirt and trousers: shares from which part of the field a vertex lies on."""

from __future__ import annotations

import numpy as np

from accessify.avatar.clothes import CUFF, arm_joints, sleeve, trunk
from accessify.avatar.fields import Points, Values, step
from accessify.avatar.rig import FOREARM, UPPER_ARM, side_sign
from accessify.core.humanoid import SIDES, twist

_SPINE = (("hips", 1.030), ("spine", 1.135), ("chest", 1.255), ("upperChest", 9.0))
"""Bones of the trunk from below and the height of the joint above each."""


def shirt_shares(points: Points) -> dict[str, Values]:
    """Shares of the bones for `points` [n, 3] of the shirt as meshed."""
    shares: dict[str, Values] = {}
    left = np.ones(len(points), np.float32)
    for side in SIDES:
        on_arm, below, turned = _arm_parts(points, side)
        beside = step(side_sign(side) * points[:, 0], 0.030, 0.125) * step(points[:, 1], 1.300, 1.390)
        shares[f"{side}Shoulder"] = (1 - on_arm) * beside
        shares[f"{side}UpperArm"] = on_arm * (1 - below)
        shares[f"{side}LowerArm"] = on_arm * below * (1 - turned)
        shares[twist(side)] = on_arm * below * turned
        left = left - on_arm - shares[f"{side}Shoulder"]
    return shares | _along_spine(points, np.clip(left, 0, 1))


def _arm_parts(points: Points, side: str) -> tuple[Values, Values, Values]:
    """How far each point goes with the arm, of that with the forearm, of that with the twist bone."""
    shoulder, elbow, wrist, behind = arm_joints(side)
    upper, lower = (elbow - shoulder) / UPPER_ARM, (wrist - elbow) / FOREARM
    out = ((points - shoulder.astype(np.float32)) @ upper.astype(np.float32)).astype(np.float32)
    nearer = step(trunk(points) - sleeve(points, side), -0.020, 0.024)
    same_side = step(side_sign(side) * points[:, 0], 0.02, 0.06)
    on_arm = nearer * step(out, -0.050, 0.062) * same_side
    offset = points - elbow.astype(np.float32)
    across = ((upper + lower) / np.linalg.norm(upper + lower)).astype(np.float32)
    passed = offset @ across - np.float32(0.26) * (offset @ behind.astype(np.float32))
    below = step(passed, -0.034, 0.034)
    along = (offset @ lower.astype(np.float32)) / np.float32(FOREARM - CUFF)
    return on_arm, below, np.clip((along - np.float32(0.05)) / np.float32(0.70), 0, 1)


def _along_spine(points: Points, left: Values) -> dict[str, Values]:
    shares, height = {}, points[:, 1]
    passed = np.ones_like(left)
    for bone, joint in _SPINE:
        above = step(height, joint - 0.055, joint + 0.055)
        shares[bone] = left * passed * (1 - above)
        passed = passed * above
    return shares


def trousers_shares(points: Points) -> dict[str, Values]:
    """Shares of the bones for `points` [n, 3] of the trousers, which are meshed at rest."""
    below = 1 - step(points[:, 1], 0.800, 0.930)
    left = step(points[:, 0], -0.030, 0.030)
    return {"hips": 1 - below, "leftUpperLeg": below * left, "rightUpperLeg": below * (1 - left)}
