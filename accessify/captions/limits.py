"""A profile's times in whole frames of one film."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from accessify.captions.rules import Length, Profile
from accessify.core.timeline import Rate

_TAIL = Fraction(1, 2)
"""Seconds that a caption stays after its last word where there is room (NFLX 360051554394, section 1)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A profile's times in whole frames of one rate."""

    shortest: int
    longest: int
    chain: int
    opened: int
    """Shortest gap that may stay open; `chain` where the guide does not care."""
    lead: int
    lag: int
    linger: int
    tail: int
    snap: int
    zone: int
    per_character: float
    """Frames that reading one character takes at the speed limit."""
    per_word: float
    """Frames that one word takes at the least."""
    ease: float
    """Frames that reading one character takes in comfort."""

    @classmethod
    def of(cls, profile: Profile, rate: Rate) -> Limits:
        """The limits of `profile` on frames of `rate`."""

        def frames(length: Length | None) -> int:
            return length.frames_at(rate) if length else 0

        fps = float(rate.fps)
        chain, linger = frames(profile.chain_gap), frames(profile.linger)
        per_word = 60 * fps / profile.max_wpm if profile.max_wpm else 0.0
        if profile.min_word_duration:
            per_word = max(per_word, float(profile.min_word_duration.frames or 0))
            per_word = max(per_word, float(profile.min_word_duration.seconds) * fps)
        return cls(
            shortest=frames(profile.min_duration),
            longest=frames(profile.max_duration),
            chain=chain,
            opened=max(chain, frames(profile.open_gap)),
            lead=frames(profile.lead),
            lag=frames(profile.lag),
            linger=linger,
            tail=min(linger, round(_TAIL * rate.fps)),
            snap=frames(profile.shot_snap),
            zone=frames(profile.shot_zone),
            per_character=fps / profile.max_cps if profile.max_cps else 0.0,
            per_word=per_word,
            ease=fps / profile.target_cps if profile.target_cps else 0.0,
        )

    def needed(self, width: float, words: int) -> int:
        """Frames that a text of `width` characters and `words` words must be shown."""
        reading = max(width * self.per_character, words * self.per_word)
        return max(self.shortest, ceil(reading - 1e-6))
