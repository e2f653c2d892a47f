"""Many channels to one, so that speech is kept.

Starts from the one-channel column of ITU-R BS.775-4, Annex 4 (centre 1, left and right 0.7071,
surrounds 0.5), with two changes for ears that only want words:

- Where there is a centre, everything else is lowered by a further 6 dB. Film dialogue stands in the
  centre, music and effects around it; a voice panned to both sides still comes through at -3 dB.
- Where there is none, left and right weigh 0.6 and 0.4 instead of the same. An inverted cable turns
  equal weights into silence, these into speech 14 dB down. The weights never change along the film,
  so there is nothing to decide, to get wrong or to hear switching.

The low-frequency channel carries no speech and is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

_LEFTS = {"FL", "DL", "FLC", "WL"}
_RIGHTS = {"FR", "DR", "FRC", "WR"}
_LOW = {"LFE", "LFE2"}
_NAMELESS = ("NONE", "UNK", "UNSD", "USR")


def weights(channels: Sequence[str]) -> tuple[float, ...]:
    """How much of each channel the mono sum takes; `channels` are FFmpeg's names (`FL`, `LFE`, …).

    Channels without known names, as a location recorder's tracks, all count and keep their power
    (1/√n each): any of them may be the actor's microphone.
    """
    count = len(channels)
    if count == 1:
        return (1.0,)
    if channels[0] == "AMBI0":  # ambisonics: the omnidirectional component hears everything once
        return (1.0, *(0.0,) * (count - 1))
    if any(channel.startswith(_NAMELESS) for channel in channels):
        return (0.6, 0.4) if count == 2 else (1 / sqrt(count),) * count
    return tuple(_weight(channel, "FC" in channels) for channel in channels)


def _weight(channel: str, with_centre: bool) -> float:
    if channel == "FC":
        return 1.0
    if channel in _LOW:
        return 0.0
    if channel in _LEFTS:
        return 0.5 * sqrt(0.5) if with_centre else 0.6
    if channel in _RIGHTS:
        return 0.5 * sqrt(0.5) if with_centre else 0.4
    return 0.25


def pan_expression(channels: Sequence[str]) -> str:
    """The weights as the argument of FFmpeg's `pan` filter."""
    terms = (f"{weight:.6f}*c{index}" for index, weight in enumerate(weights(channels)) if weight)
    return "mono|c0=" + "+".join(terms)
