"""What somebody who looked at the pictures says of hands that only one system found."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accessify.core.errors import FormatError
from accessify.evaluation.landmark_sheets import only
from accessify.evaluation.landmark_tracks import SIDES, Tracks
from accessify.hub.cache import sha256_of

BESIDE = ".hands.json"
"""What a file of verdicts beside its video ends in, instead of the video's suffix."""


_SIDES = {side: side for side in SIDES}
_ANSWERS = {True: True, False: False}
"""What else stands there is a `KeyError`."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Of one video."""

    by: str | None = None
    """Who looked; None where nobody did."""
    hands: dict[tuple[int, str], bool] = field(default_factory=dict)
    """Number of the picture and side → whether the points found there are on that hand."""


def read_verdicts(video: Path, known: Path | None = None) -> Verdicts:
    """Of `video.hands.json` beside the video, else what the file `known` has under the video's sha256.

    `{"by": "who looked", "hands": [{"picture": 53, "side": "left", "hand": true}, …]}`; pictures count
    from 0. Raises `FormatError` for a damaged file.
    """
    beside = video.with_suffix(BESIDE)
    source = beside if beside.is_file() else known
    if source is None or not source.is_file():
        return Verdicts()
    try:
        told = json.loads(source.read_text("utf-8"))
        told = told if source == beside else told.get(sha256_of(video), {"by": None, "hands": []})
        hands = {(int(row["picture"]), _SIDES[row["side"]]): _ANSWERS[row["hand"]] for row in told["hands"]}
        return Verdicts(told["by"], hands)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"no verdicts on hands ({error})", source=str(source)) from error


def judged(verdicts: Verdicts, ours: Tracks, theirs: Tracks) -> dict[str, Any]:
    """How many of the hands that only one side found are hands, are none, or were not looked at."""

    def counts(has: Tracks, lacks: Tracks) -> dict[str, int]:
        told = Counter(verdicts.hands.get(place) for place in only(has, lacks))
        return {"hands": told[True], "none": told[False], "not_looked_at": told[None]}

    return {"by": verdicts.by, "only_ours": counts(ours, theirs), "only_theirs": counts(theirs, ours)}
