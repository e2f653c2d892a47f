"""Whether a network that was written anew still says the same, network by network.

===============================  =================================  ==================================
networks                         real input                         at most
===============================  =================================  ==================================
landmark networks                crops of a film of a person        0.2 pixels of the crop on average,
                                                                    presence and the like off by 0.05
face_blendshapes                 points of the face in such a film  scores off by 0.01 on average
letters                          hands with letters, or invented    0.5 % of hands read as another
                                 signing                            letter
signs                            clips of words, or invented        0.5 % of clips nearest to a clip
                                 signing                            of another word
silero_vad                       speech                             0.5 % of 32 ms on the other side
                                                                    of one half
any other                        random numbers                     1 % of the output's own size
===============================  =================================  ==================================
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accessify.evaluation.graph_check import Outputs, moved, relative_error
from accessify.signs.encoding import SignCodes, distances

Compare = Callable[[Sequence[Outputs], Sequence[Outputs]], float]
"""How much outputs changed, original first, feed by feed; 0 is not at all."""


@dataclass(frozen=True, slots=True)
class Judge:
    """One way in which outputs may change."""

    told: str
    """What is compared, in what unit."""
    limit: float
    """The most that is let through."""
    compare: Compare

    def change(self, before: Sequence[Outputs], after: Sequence[Outputs]) -> float:
        """How much outputs changed; infinite where they are not numbers."""
        if not all(np.isfinite(value).all() for outputs in after for value in outputs.values()):
            return float("inf")
        return self.compare(before, after)


def landmark_judges(name: str) -> tuple[Judge, ...]:
    """Of the landmark network `name`: its points, and the single numbers beside them."""

    def pixels(before: Sequence[Outputs], after: Sequence[Outputs]) -> float:
        return moved(name, before, after)["mean_px"] or 0.0

    return (
        Judge("points of its crop, mean distance in pixels", 0.2, pixels),
        Judge("presence and the like, largest difference", 0.05, _single_numbers),
    )


def _single_numbers(before: Sequence[Outputs], after: Sequence[Outputs]) -> float:
    pairs = zip(before, after, strict=True)
    return max(
        (
            relative_error(other[name], one[name])
            for one, other in pairs
            for name in one
            if one[name].size == 1
        ),
        default=0.0,
    )


def _mean_difference(before: Sequence[Outputs], after: Sequence[Outputs]) -> float:
    apart = [
        np.abs(one[name] - other[name]).ravel()
        for one, other in zip(before, after, strict=True)
        for name in one
    ]
    return float(np.concatenate(apart).mean())


def _root_mean_square(before: Sequence[Outputs], after: Sequence[Outputs]) -> float:
    worst = 0.0
    for name in before[0]:
        one, other = (np.concatenate([row[name].ravel() for row in rows]) for rows in (before, after))
        size = float(np.sqrt(np.square(one, dtype=np.float64).mean()))
        apart = float(np.sqrt(np.square(one - other, dtype=np.float64).mean()))
        worst = max(worst, apart / size if size else apart)
    return worst


def _other_letters(letters: int) -> Compare:
    def best(rows: Sequence[Outputs]) -> NDArray[np.int64]:
        return np.concatenate([next(iter(row.values()))[:, :letters].argmax(axis=1) for row in rows])

    return lambda before, after: float((best(before) != best(after)).mean())


def _other_words(words: Sequence[str], takes: Sequence[int], whole: float) -> Compare:
    apart = np.array(takes)[:, None] == np.array(takes)

    def nearest(rows: Sequence[Outputs]) -> list[str]:
        moments, wholes = (np.concatenate(part) for part in zip(*(row.values() for row in rows), strict=True))
        codes = SignCodes(moments, wholes)
        found = []
        for number in range(len(codes)):
            far = np.where(apart[number], np.inf, distances(codes[number : number + 1], codes, whole))
            found.append(words[int(far.argmin())])
        return found

    return lambda before, after: float(np.mean(np.array(nearest(before)) != np.array(nearest(after))))


def _other_speech(before: Sequence[Outputs], after: Sequence[Outputs]) -> float:
    one, other = (
        np.concatenate([next(iter(row.values())).ravel() for row in rows]) for rows in (before, after)
    )
    return float(((one >= 0.5) != (other >= 0.5)).mean())


def letter_judges(letters: int) -> tuple[Judge, ...]:
    """Of a network that reads so many letters."""
    return (Judge("share of hands that are read as another letter", 0.005, _other_letters(letters)),)


def sign_judges(words: Sequence[str], takes: Sequence[int], whole: float) -> tuple[Judge, ...]:
    """Of a sign encoder; `whole` weighs distances (`accessify.signs.encoding.Cohort`).

    `words` and `takes` are of the clips that judge, in order: which sign, and of which performance.
    """
    told = "share of clips whose nearest clip of another take shows another word"
    return (Judge(told, 0.005, _other_words(words, takes, whole)),)


SPEECH = (Judge("share of 32 ms that change between speech and none", 0.005, _other_speech),)
SCORES = (Judge("scores, mean difference", 0.01, _mean_difference),)
UNKNOWN = (Judge("root mean square of the difference by that of the output", 0.01, _root_mean_square),)
