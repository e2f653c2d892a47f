"""Names of the 52 scores of a face (blendshapes): those of Apple's ARKit, with `_neutral` before them.

Left and right are the person's own. Networks give them, avatars have morphs of these names.
"""

from __future__ import annotations


def _sides(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}{side}" for name in names for side in ("Left", "Right"))


EXPRESSIONS = (
    "_neutral",
    *(*_sides("browDown"), "browInnerUp", *_sides("browOuterUp")),
    *("cheekPuff", *_sides("cheekSquint")),
    *_sides("eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide"),
    *("jawForward", "jawLeft", "jawOpen", "jawRight"),
    *("mouthClose", *_sides("mouthDimple", "mouthFrown"), "mouthFunnel", "mouthLeft"),
    *(*_sides("mouthLowerDown", "mouthPress"), "mouthPucker", "mouthRight"),
    *("mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *_sides("mouthSmile", "mouthStretch", "mouthUpperUp", "noseSneer"),
)
"""In the order of MediaPipe's face blendshapes graph."""
