"""The avatar bench: what it measures, its tables, its sheets."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from accessify.core.errors import NoOpenGL
from accessify.evaluation.avatar_bench import AvatarBenchOptions, bench_avatar
from accessify.evaluation.avatar_figures import AVATAR
from accessify.evaluation.avatar_sheets import FACES, SHAPES, draw_sheets
from accessify.evaluation.avatar_tables import PARTS, figures_rows, short_rows
from accessify.evaluation.letter_round_trip import RoundTrip
from accessify.evaluation.tables import avatar_figures_table
from accessify.pipelines.sign import sign
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
    trip = RoundTrip((640, 640), {"A": "A", "B": "C", "C": ""})
    assert trip.right == pytest.approx(1 / 3)
    assert trip.wrong == {"B": "C", "C": ""}


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
