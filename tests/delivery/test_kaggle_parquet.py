"""Landmarks in Kaggle's parquet layout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accessify.core.errors import FormatError, MissingExtra
from accessify.core.holistic import BODY, LEFT_HAND, RIGHT_HAND
from accessify.delivery.kaggle_parquet import read_parquet
from accessify.delivery.poses import read_poses
from tests.delivery.pose_clips import PAL, same

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

ALL = ("face", "left_hand", "pose", "right_hand")


def table(frames: tuple[int, ...] = (20, 21), kinds: tuple[str, ...] = ALL) -> dict[str, list[Any]]:
    counts = {"face": 468, "left_hand": 21, "pose": 33, "right_hand": 21}
    rows = [(frame, kind, index) for frame in frames for kind in kinds for index in range(counts[kind])]
    random = np.random.default_rng(3)
    xyz = random.uniform(0.1, 0.9, (3, len(rows)))
    return {
        "frame": [frame for frame, _, _ in rows],
        "row_id": [f"{frame}-{kind}-{index}" for frame, kind, index in rows],
        "type": [kind for _, kind, _ in rows],
        "landmark_index": [index for _, _, index in rows],
        **dict(zip("xyz", xyz.tolist(), strict=True)),
    }


def stored(path: Path, columns: dict[str, list[Any]], *, coded: bool = False) -> Path:
    made = pa.table(columns)
    if coded:
        made = made.set_column(made.schema.get_field_index("type"), "type", made["type"].dictionary_encode())
    parquet.write_table(made, path)
    return path


@pytest.mark.parametrize("coded", [False, True])
def test_kaggle_s_rows(tmp_path: Path, coded: bool) -> None:
    columns = table()
    columns["x"][468] = None  # the wrist of the left hand in the first frame
    found = read_parquet(stored(tmp_path / "a.parquet", columns, coded=coded), size=(200, 100), rate=PAL)
    assert found.points.shape == (2, 543, 3)
    assert found.times.tolist() == [PAL.at(20), PAL.at(21)]
    index = 543 + columns["row_id"][543:].index("21-pose-15")
    expected = [columns["x"][index] * 200, columns["y"][index] * 100, columns["z"][index] * 200]
    assert found.part(BODY)[0][1, 15].tolist() == pytest.approx(expected)
    assert (found.confidence == 0).sum() == 1
    assert found.part(LEFT_HAND)[1][0, 0] == 0
    assert [note.kind for note in found.notes] == ["assumed"]


def test_rows_in_any_order_and_hands_alone(tmp_path: Path) -> None:
    columns = table((4, 6), ("right_hand", "left_hand"))
    ordered = read_parquet(stored(tmp_path / "a.parquet", columns))
    assert [part.name for part in ordered.skeleton.components] == [LEFT_HAND, RIGHT_HAND]
    assert len(ordered) == 3
    assert (ordered.confidence[1] == 0).all()
    assert [note.text for note in ordered.notes if note.kind == "absent"] == [
        "frame 5 is not there: missing poses"
    ]
    places = np.random.default_rng(1).permutation(len(columns["x"]))
    mixed = {name: [values[place] for place in places] for name, values in columns.items()}
    assert same(read_poses(stored(tmp_path / "b.parquet", mixed)), ordered)


def _with(name: str, place: int, value: Any) -> dict[str, list[Any]]:
    columns = table((0,), ("left_hand",))
    columns[name][place] = value
    return columns


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (
            {"x_face_0": [1.0]},
            "no column frame, type, landmark_index, x, y, z; give landmarks with the columns",
        ),
        ({name: values[:0] for name, values in table().items() if name == "frame"}, "no column type"),
        (_with("type", 3, "tail"), "unknown type 'tail'; known: face, left_hand, pose, right_hand"),
        (_with("type", 3, None), "a row has no type"),
        (_with("landmark_index", 3, 21), "row 3 is point 21 of left_hand, which has 21"),
        (_with("landmark_index", 3, 2), "a point of a frame has two rows"),
        (_with("frame", 3, None), "frame must be whole numbers without gaps, not float64"),
        (_with("frame", 3, -5), "frames -5 to 0 are not one film's"),
        ({**table((0,), ("pose",)), "x": ["a"] * 33}, "x must be numbers, not object"),
        ({name: pa.array(values[:0], pa.string()) for name, values in table().items()}, "no rows in it"),
    ],
)
def test_tables_that_do_not_fit(tmp_path: Path, columns: dict[str, Any], words: str) -> None:
    path = stored(tmp_path / "a.parquet", columns)
    with pytest.raises(FormatError, match=words) as caught:
        read_parquet(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("keep", [0, 4, 100, -100])
def test_damaged_parquet(tmp_path: Path, keep: int) -> None:
    path = stored(tmp_path / "a.parquet", table((0,), ("pose",)))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FormatError, match="not a whole parquet file") as caught:
        read_parquet(path)
    assert "\n" not in str(caught.value)


def test_parquet_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"pip install 'accessify\[parquet\]'"):
        read_parquet(tmp_path / "a.parquet")
