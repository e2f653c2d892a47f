"""What was seen by looking, beside what systems found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import FormatError
from accessify.evaluation.landmark_tracks import Tracks
from accessify.evaluation.landmark_verdicts import Verdicts, judged, read_verdicts
from accessify.hub.cache import sha256_of

LOOKED_AT = Path(__file__).parents[2] / "docs" / "benchmarks" / "looked-at" / "hands.json"


def tracks(left: list[int]) -> Tracks:
    hand = np.full((6, 21, 2), np.nan)
    hand[left] = 1.0
    nothing = np.full((6, 33, 2), np.nan)
    return Tracks(nothing, nothing[..., 0], hand, np.full((6, 21, 2), np.nan), nothing)


def test_only_hands_that_somebody_saw_are_confirmed() -> None:
    verdicts = Verdicts("me", {(0, "left"): True, (1, "left"): False, (5, "left"): True, (2, "right"): True})
    assert judged(verdicts, tracks([0, 1, 2, 4]), tracks([4, 5])) == {
        "by": "me",
        "only_ours": {"hands": 1, "none": 1, "not_looked_at": 1},
        "only_theirs": {"hands": 1, "none": 0, "not_looked_at": 0},
    }
    assert judged(Verdicts(), tracks([0]), tracks([]))["only_ours"]["not_looked_at"] == 1


def test_verdicts_lie_beside_the_video_or_are_known_by_its_content(tmp_path: Path) -> None:
    video, known = tmp_path / "talk.mp4", tmp_path / "known.json"
    video.write_bytes(b"film")
    row = {"picture": 3, "side": "left", "hand": True}
    assert read_verdicts(video, known) == Verdicts()
    known.write_text(json.dumps({sha256_of(video): {"by": "one", "hands": [row]}}), "utf-8")
    assert read_verdicts(video, known) == Verdicts("one", {(3, "left"): True})
    (tmp_path / "talk.hands.json").write_text(json.dumps({"by": "two", "hands": []}), "utf-8")
    assert read_verdicts(video, known) == Verdicts("two")
    for damaged in ("[]", "{", '{"by": "x", "hands": [{"picture": 1, "side": "up", "hand": true}]}'):
        (tmp_path / "talk.hands.json").write_text(damaged, "utf-8")
        with pytest.raises(FormatError, match=r"talk\.hands\.json: no verdicts on hands"):
            read_verdicts(video)


def test_our_own_verdicts_are_whole_and_say_who_looked() -> None:
    for sha256, told in json.loads(LOOKED_AT.read_text("utf-8")).items():
        assert len(sha256) == 64
        assert told["by"]
        assert {(row["side"] in ("left", "right"), type(row["hand"])) for row in told["hands"]} == {
            (True, bool)
        }
