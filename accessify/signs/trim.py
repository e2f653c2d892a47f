"""The sign in a clip of one sign: without rest, the way of the hands to it and their way back.

So it is the same whether it was filmed alone or among others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accessify.core.pose import PoseClip
from accessify.core.sign import Signing
from accessify.core.timeline import Note, Span, millis, to_seconds
from accessify.signs.clip import SignClip
from accessify.signs.segment import SegmentOptions, segment

SHORTEST = millis(200)
"""No sign is shorter."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """Where the sign is."""

    span: Span
    notes: tuple[Note, ...] = ()
    """What may be wrong with the clip."""


def trim(clip: PoseClip) -> Trimmed:
    """Where the one sign in `clip` is; raises `ValueError` where the clip has neither hands nor a body.

    Notes tell of a clip that is cut inside the sign (`cut`), that shows more than one stretch of signing, of
    which the longest is taken (`several`), or none, which is taken whole (`whole`).
    """
    found = segment(clip, SegmentOptions(parts=True))
    stretches = [one for one in found if not one.part]
    if not stretches:
        text = "no movement out of rest was found, so all of the clip is taken; let the sign begin at rest"
        return Trimmed(clip.span, (Note(clip.span, "whole", text),))
    stretch = max(stretches, key=lambda one: one.span.duration)
    parts = [one for one in found if one.part and one.span & stretch.span == one.span]
    return Trimmed(_core(parts, stretch), tuple(_notes(stretch, stretches)))


def within(clip: SignClip, span: Span) -> SignClip:
    """The part of `clip` in `span`."""
    inside = (clip.times >= span.start) & (clip.times < span.end)
    return SignClip(
        clip.times[inside], clip.hands[inside], clip.places[inside], clip.body[inside], clip.mirrored
    )


def _core(parts: list[Signing], stretch: Signing) -> Span:
    """The parts without the first and last movement, where enough is left."""
    kept = list(parts)
    for end in (0, -1):
        if len(kept) > 1 and not (kept[end].held or kept[end].cut_start or kept[end].cut_end):
            del kept[end]
    if not kept or len(parts) < 3 or kept[-1].span.end - kept[0].span.start < SHORTEST:
        return stretch.span
    return kept[0].span | kept[-1].span


def _notes(stretch: Signing, stretches: Iterable[Signing]) -> Iterable[Note]:
    for is_cut, verb in ((stretch.cut_start, "begins"), (stretch.cut_end, "ends")):
        if is_cut:
            text = f"the clip {verb} inside the sign; a clip from rest to rest is found again more surely"
            yield Note(stretch.span, "cut", text)
    count = sum(1 for _ in stretches)
    if count > 1:
        start, end = to_seconds(stretch.span.start), to_seconds(stretch.span.end)
        text = (
            f"hands leave rest {count} times; the longest, {start:.1f} to {end:.1f} s, is taken as the sign"
        )
        yield Note(stretch.span, "several", text)
