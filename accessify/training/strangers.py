"""Real signing cut into pieces as long as signs: strangers to any book."""

from __future__ import annotations

from accessify.core.pose import PoseClip
from accessify.core.timeline import Span, seconds
from accessify.signs.normalize import normalize
from accessify.signs.samples import Samples, sample
from accessify.signs.segment import segment

LENGTH = seconds(1.2)
"""About how long a piece is."""


def pieces(clip: PoseClip) -> list[Samples]:
    """The stretches of signing in `clip`, cut evenly into pieces; those without a leading hand left out."""
    signing = normalize(clip)
    found = []
    for stretch in segment(clip):
        start, lasting = stretch.span.start, stretch.span.duration
        count = max(1, round(lasting / (1.25 * LENGTH)))
        for number in range(count):
            span = Span(start + lasting * number // count, start + lasting * (number + 1) // count)
            inside = (signing.times >= span.start) & (signing.times < span.end)
            if signing.seen[inside, 0].any():
                found.append(sample(signing, span))
    return found
