"""The avatar bench: what it measures, its tables, its sheets."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import ModelError, NoOpenGL
from accessify.core.motion import placed_bones
from accessify.core.rotation import rotate
from accessify.evaluation.avatar_bench import AvatarBenchOptions, bench_avatar
from accessify.evaluation.avatar_figures import AVATAR
from accessify.evaluation.avatar_sheets import FACES, SHAPES, draw_sheets
from accessify.evaluation.avatar_tables import PARTS, figures_rows, short_rows
from accessify.evaluation.letter_round_trip import (
    Reading,
    RoundTrip,
    View,
    confused,
    round_trips,
    seen_from,
)
from accessify.evaluation.tables import avatar_figures_table
from accessify.hub.fetch import model_files
from accessify.pipelines.sign import SignOptions, sign
from accessify.pipelines.sign_files import write_performance
from accessify.render.opengl import open_context

Image = pytest.importorskip("PIL.Image")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The avatar's own landmarks, and a file that is none."""
    folder = tmp_path_factory.mktemp("clips")
    write_performance(sign("Hi"), folder / "hi.npz")
    (folder / "none.pose").write_bytes(b"nothing")
    return folder / "hi.npz", folder / "none.pose"


def test_clips_are_scored_and_bad_ones_listed_also_where_nothing_draws(
    clips: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_draws(*_: object, **__: object) -> None:
        raise NoOpenGL("no libEGL")

    monkeypatch.setattr("accessify.render.draw.open_context", nothing_draws)
    bench = bench_avatar(AvatarBenchOptions(clips=clips, quick=True))
    assert bench["figures"]["retarget_direction"] < 5
    assert bench["figures"]["retarget_limits"] < 0.5
    assert "drawn_640" not in bench["figures"]
    assert "Nothing drawn" in bench["notes"][0]
    json.dumps(bench)
    head, rows = PARTS["clips"](bench)
    assert len(rows) == 2
    assert len(head) == len(rows[0])
    assert rows[1][1].startswith("refused")
    told = avatar_figures_table(bench)
    assert "Landmarks on the figure" in told
    assert "2 clips" in told
    assert len(short_rows(bench)[1]) <= len(figures_rows(bench)[1])


def test_every_figure_has_a_formula_and_its_own_name() -> None:
    assert len({figure.name for figure in AVATAR}) == len(AVATAR)
    assert all(figure.formula for figure in AVATAR)


def test_a_letter_whose_hand_is_not_found_is_wrong() -> None:
    read = {"A": Reading("A", 1.0), "B": Reading("C", 0.5), "C": Reading("", 0.0)}
    trip = RoundTrip(View((640, 640)), read)
    assert trip.right == pytest.approx(1 / 3)
    assert trip.found == pytest.approx(1 / 2)
    assert trip.wrong == {"B": "C", "C": ""}
    other = RoundTrip(View((480, 480), turned=-12), {"A": Reading("S", 1.0), "B": Reading("C", 1.0)})
    assert confused([trip, other]) == {("B", "C"): 2, ("C", ""): 1, ("A", "S"): 1}


def test_mistakes_are_told_view_by_view_and_counted() -> None:
    views = [
        {"view": str(View((480, 480), rolled=10)), "right": 0.5, "found": 1.0, "wrong": {"N": "S", "Q": ""}}
    ]
    bench = {"letters": {"views": views, "confused": [["N", "S", 1], ["Q", "", 1]]}}
    assert PARTS["letters"](bench)[1] == [
        ("480×480, hand turned by +10°", "50 %", "100 %", "N as S, Q as no hand")
    ]
    assert PARTS["confused"](bench)[1] == [("N as S", "1"), ("Q as no hand", "1")]
    for none in (None, [{"size": [640, 640], "right": 1.0, "wrong": {}}]):  # the second is the first layout
        assert PARTS["confused"]({"letters": none})[1] == PARTS["letters"]({"letters": none})[1] == []


def test_a_view_turns_the_person_or_the_hand() -> None:
    motion = sign("A", SignOptions(mouthing=False)).motion
    rig = motion.rig
    straight, spine = placed_bones(rig, motion.rotations, motion.hips)
    assert np.array_equal(seen_from(motion, View((1, 1))).rotations, motion.rotations)

    person = seen_from(motion, View((1, 1), turned=90))
    places, _ = placed_bones(rig, person.rotations, person.hips)
    across = places[0, rig.index("leftUpperArm")] - places[0, rig.index("rightUpperArm")]
    assert across[2] < -0.2  # turned to their left, the left shoulder is the one behind
    hand = seen_from(motion, View((1, 1), rolled=30))
    places, turns = placed_bones(rig, hand.rotations, hand.hips)
    number = rig.index("rightHand")
    assert np.allclose(places[:, number], straight[:, number], atol=1e-5)
    before, after = (rotate(turn[:, number], np.array([0, -1.0, 0])) for turn in (spine, turns))
    apart = np.degrees(np.arccos(np.clip((before * after).sum(axis=-1), -1, 1)))
    assert apart == pytest.approx(30, abs=0.1)
    shown = len(motion) // 2
    assert before[shown, 2] > 0.8  # the palm of an A faces the viewer
    assert after[shown, 0] < before[shown, 0] - 0.3  # and then to the person's right, outwards


def test_strings_are_read_without_a_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accessify.evaluation.avatar_bench._drawn", lambda *_: None)
    strings = tmp_path / "signs.txt"
    strings.write_text("hamflathand hamextfingeru hampalmd\nhamflathand hamnonsense\n")
    bench = bench_avatar(AvatarBenchOptions(strings=strings))
    assert bench["figures"] == {"strings_whole": 50, "strings_clean": 50, "strings_failed": 0}
    assert PARTS["worst"](bench)[1] == PARTS["kinds"](bench)[1] == []
    assert "signs.txt" in bench["data"]["name"]


def test_letters_go_round() -> None:
    """From letters over pictures and landmarks to letters, as in the bench."""
    try:
        open_context().release()
        model_files("holistic-landmarks", offline=True)
    except (NoOpenGL, ModelError) as error:
        pytest.skip(str(error))
    (trip,) = round_trips("LY", views=[View((320, 320))])
    assert list(trip.read) == ["L", "Y"]
    assert trip.right == 1
    assert trip.found > 0.8


def test_sheets_show_every_shape_and_face(tmp_path: Path) -> None:
    try:
        open_context().release()
    except NoOpenGL as error:
        pytest.skip(str(error))
    hands, faces, sentence = draw_sheets(tmp_path)
    sheet = np.asarray(Image.open(hands).convert("RGB"))
    assert sheet.shape[1] // 240 == 6
    assert sheet.shape[0] // 240 == 2 * len(SHAPES) // 6
    tiles = [sheet[:240, left : left + 240] for left in range(0, 6 * 244, 244)]
    assert all(np.abs(one.astype(int) - other).mean() > 1 for one, other in itertools.pairwise(tiles))
    assert np.asarray(Image.open(faces)).shape[1] // 240 == len(FACES)
    assert max(path.stat().st_size for path in (hands, faces, sentence)) < 700_000
