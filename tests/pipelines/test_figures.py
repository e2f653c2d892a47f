"""A figure of the user's own signs as ours does; what it lacks is told and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import FormatError
from accessify.core.humanoid import FINGERS, SIDES, finger_bones
from accessify.core.motion import placed_bones
from accessify.pipelines.figures import FigureOptions, figure
from accessify.pipelines.sign import SignOptions, sign
from tests.avatar.figures import coarse_figure
from tests.delivery.foreign_figures import Habit, a_pose, foreign, mixamo, saved, turned


def own(path: Path, left_out: frozenset[str] = frozenset()) -> SignOptions:
    """Sign with our figure as Mixamo would give it back."""
    habit = Habit(
        name=mixamo,
        axes=4,
        turns=a_pose(),
        above=turned(-90, [1, 0, 0], 100),
        left_out=Habit().left_out | left_out,
    )
    return SignOptions(figure=FigureOptions(path=saved(foreign(coarse_figure(), habit), path)))


def test_it_signs_as_ours_does(tmp_path: Path) -> None:
    theirs, ours = sign("Hi", own(tmp_path / "a.glb")), sign("Hi")
    assert [(one.name, one.span) for one in theirs.glosses] == [(one.name, one.span) for one in ours.glosses]
    wrists = []
    for performance in (theirs, ours):
        motion = performance.motion
        places, _ = placed_bones(motion.rig, motion.rotations, motion.hips)
        wrists.append(places[:, motion.rig.index("rightHand")] - places[:, motion.rig.index("head")])
    assert np.abs(wrists[0] - wrists[1]).max() < 0.02


def test_without_finger_bones_it_still_signs_and_says_what_does_not_show(tmp_path: Path) -> None:
    fingers = frozenset(bone for side in SIDES for finger in FINGERS for bone in finger_bones(side, finger))
    options = own(tmp_path / "a.glb", fingers)
    assert any(note.kind == "no-fingers" for note in figure(options.figure).notes)
    performance = sign("Hi", options)
    assert "no-fingers" in {note.kind for note in performance.glosses.notes}
    assert np.isfinite(performance.motion.rotations).all()


def test_a_thing_that_is_no_humanoid_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.vrm").write_bytes(b"no figure")
    with pytest.raises(FormatError, match=r"a\.vrm: no binary glTF"):
        sign("Hi", SignOptions(figure=FigureOptions(path=tmp_path / "a.vrm")))
