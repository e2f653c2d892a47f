"""Our own `.npz`: everything comes back, and nothing of a stranger's is run or swallowed."""

from __future__ import annotations

import io
import re
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessify.core.errors import FormatError
from accessify.core.holistic import HOLISTIC
from accessify.core.pose import PoseClip, Skeleton
from accessify.core.timeline import Note, Rate, Span, millis
from accessify.delivery.arrays import read_array
from accessify.delivery.pose_npz import read_npz, write_npz
from tests.delivery.pose_clips import SMALL, clip, same

DROP = Rate(Fraction(30000, 1001), drop=True)
STRAY_LIMB = '{"components": [{"name": "A", "points": ["P"], "limbs": [[0, 1]], "colors": []}]}'


def full() -> PoseClip:
    """A clip with all that a clip can have."""
    plain = clip(3)
    scores = np.array([[0.5, 0], [np.nan, np.nan], [1, 0.25]], np.float32)
    return PoseClip(
        Skeleton(SMALL.components, ("browDownLeft", "mouthSmile ☺")),
        plain.points,
        plain.confidence,
        np.array([millis(7), millis(40), millis(1000)], np.int64),
        DROP,
        (1080, 1920),
        True,
        scores,
        (Note(Span(0, millis(40)), "damaged", 'a "picture" was\tdamaged'),),
    )


def test_everything_comes_back(tmp_path: Path) -> None:
    made = full()
    write_npz(made, tmp_path / "a.npz")
    back = read_npz(tmp_path / "a.npz")
    assert same(back, made)
    assert (back.rate, back.mirrored, back.notes) == (made.rate, True, made.notes)
    assert back.expressions is not None
    assert made.expressions is not None
    assert np.array_equal(back.expressions, made.expressions, equal_nan=True)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.npz"]
    write_npz(clip(0, HOLISTIC), tmp_path / "none.NPZ")
    assert same(read_npz(tmp_path / "none.NPZ"), clip(0, HOLISTIC))


def test_numpy_reads_it_and_sees_where_it_comes_from(tmp_path: Path) -> None:
    write_npz(full(), tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert arrays["points"].shape == (3, 3, 3)
        assert str(arrays["origin"]).startswith("machine-made landmarks; file written by accessify ")
        assert arrays["rate"].tolist() == [30000, 1001]


def test_every_array_is_documented(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "datasets" / "landmark-files.md").read_text("utf-8")
    rows = {
        key: row
        for row in page.splitlines()
        if row.startswith("| `")
        for key in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    write_npz(full(), tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        for key, values in arrays.items():
            kind = "text" if values.dtype.kind == "U" else str(values.dtype)
            assert kind in rows[key].split("|")[2], key


def _changed(tmp_path: Path, **changes: Any) -> Path:
    """A file with other arrays; None leaves one out."""
    write_npz(full(), tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as arrays:
        all_arrays = {**arrays, **changes}
    kept = {name: values for name, values in all_arrays.items() if values is not None}
    np.savez(tmp_path / "b.npz", **kept)
    return tmp_path / "b.npz"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": None}, r"not a \.npz of poses; those that accessify wrote"),
        ({"schema": "accessify.poses 9"}, "written as 'accessify.poses 9'.*install a newer one"),
        ({"times": None}, "it has no 'times'; get a whole copy"),
        ({"times": np.zeros(3, np.int64)}, "damaged .times must be rising"),
        ({"points": np.zeros((2, 3, 3), np.float32)}, "damaged .*do not match"),
        ({"points": np.zeros((3, 3, 3))}, "damaged .points and confidence must be float32"),
        ({"rate": np.array([25, 0])}, "damaged"),
        ({"rate": np.array(25)}, "damaged"),
        ({"size": np.array([0, 5])}, "damaged .a picture's size must be positive"),
        ({"skeleton": "[1"}, "damaged"),
        ({"skeleton": "{}"}, "it has no 'components'"),
        ({"skeleton": "[" * 5000}, "damaged"),
        ({"skeleton": STRAY_LIMB}, "damaged .its limbs join points that do not exist"),
        ({"notes": '[["a"]]'}, "damaged"),
        ({"expressions": None}, r"damaged .expressions must be \[3, 2\]"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    path = _changed(tmp_path, **changes)
    with pytest.raises(FormatError, match=words) as caught:
        read_npz(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


class Trap:
    """Sets a flag when it is unpickled."""

    sprung = False

    def __reduce__(self) -> tuple[Any, ...]:
        return _spring, ()


def _spring() -> None:
    Trap.sprung = True


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    trap = np.array([Trap()], object)
    with pytest.raises(FormatError, match="pickled objects, which can run code: not read"):
        read_npz(_changed(tmp_path, points=trap))
    np.save(tmp_path / "a.npy", trap)
    with pytest.raises(FormatError, match=r"a\.npy: it holds pickled objects"):
        read_array(tmp_path / "a.npy")
    assert not Trap.sprung
    np.load(tmp_path / "a.npy", allow_pickle=True)
    assert Trap.sprung  # the trap is one


def header(shape: tuple[int, ...]) -> bytes:
    """A `.npy` header without numbers behind it."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return stream.getvalue()


def test_nothing_absurd_is_allocated(tmp_path: Path) -> None:
    huge = header((10**12,))
    (tmp_path / "a.npy").write_bytes(huge)
    with pytest.raises(FormatError, match=r"it ends early: an array \[1000000000000\] of float32 needs 4"):
        read_array(tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("points.npy", huge)
    with pytest.raises(FormatError, match="it ends early"):
        read_npz(tmp_path / "a.npz")
    data = bytearray((tmp_path / "a.npz").read_bytes())
    listing = data.rindex(b"PK\x01\x02")
    data[listing + 24 : listing + 28] = b"\xf0\xff\xff\xef"  # the size unpacked
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(FormatError, match=r"points\.npy says \d+ bytes, more than it holds"):
        read_npz(tmp_path / "a.npz")


@given(
    values=st.lists(st.integers(-(2**31), 2**31 - 1), max_size=12),
    kind=st.sampled_from(["<f4", ">f8", "<i2", "u1", "<U3", "?"]),
    fortran=st.booleans(),
)
def test_arrays_are_read_as_numpy_reads_them(
    tmp_path_factory: pytest.TempPathFactory, values: list[int], kind: str, fortran: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.npy"
    array = np.array(values[: len(values) // 2 * 2], np.int64).reshape(-1, 2).astype(kind)
    np.save(path, np.asfortranarray(array) if fortran else array)
    ours = read_array(path)
    assert ours.dtype == array.dtype
    assert np.array_equal(ours, np.load(path))


@given(data=st.data())
def test_no_damage_makes_it_stumble(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.getbasetemp()
    write_npz(full(), folder / "whole.npz")
    damaged = bytearray((folder / "whole.npz").read_bytes())
    for place in data.draw(st.lists(st.integers(0, 8 * len(damaged) - 1), max_size=3)):
        damaged[place // 8] ^= 1 << place % 8
    path = folder / "damaged.npz"
    path.write_bytes(damaged[: data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))])
    try:
        found = read_npz(path)
    except FormatError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017 - both ends are fine
    else:
        assert found.points.shape == (3, 3, 3)
