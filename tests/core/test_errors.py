"""The error tree: one line each that names the fix, the builtin people catch, and through a pickle."""

from __future__ import annotations

import inspect
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from accessify.core import errors
from accessify.core.errors import (
    AccessifyError,
    ChecksumMismatch,
    DiskFull,
    DownloadFailed,
    FormatError,
    MediaError,
    MissingExtra,
    ModelError,
    ModelNotFound,
    NoAudio,
    NoOpenGL,
    NoPicture,
    NoSuchTrack,
    NotMedia,
    Offline,
    OptionError,
    OutputError,
    UnknownName,
)

EXAMPLES = [
    (NotMedia("a.mov", "it is empty"), (MediaError, ValueError), {"path": "a.mov"}),
    (NoAudio(Path("a.mov")), (MediaError, ValueError), {"path": "a.mov"}),
    (NoPicture(Path("a.wav")), (MediaError, ValueError), {"path": "a.wav"}),
    (
        NoSuchTrack("a.mov", 4, ["0 (eng)", "1 (fra)"]),
        (MediaError, LookupError),
        {"track": 4, "available": ("0 (eng)", "1 (fra)")},
    ),
    (FormatError("no arrow", line=7, source="a.srt"), (ValueError,), {"line": 7, "source": "a.srt"}),
    (OptionError("no such thing", value=3), (ValueError,), {"value": 3}),
    (
        UnknownName("profile", "netflix", ["bbc", "netflix-en"]),
        (OptionError, ValueError, LookupError),
        {"kind": "profile", "name": "netflix", "known": ("bbc", "netflix-en")},
    ),
    (ModelNotFound("not here; pull it"), (ModelError, FileNotFoundError), {}),
    (
        ChecksumMismatch("m.onnx", "a" * 64, "b" * 64, "pull it again"),
        (ModelError, ValueError),
        {"expected": "a" * 64, "actual": "b" * 64, "path": "m.onnx"},
    ),
    (DownloadFailed("every source failed; try later"), (ModelError, ConnectionError), {}),
    (Offline("would dial out; leave out --offline"), (ModelError, ConnectionError), {}),
    (OutputError("cannot write; choose another folder", path="out"), (OSError,), {"path": "out"}),
    (DiskFull("out/a.srt", 7_000_000), (OutputError, OSError), {"path": "out/a.srt", "needed": 7_000_000}),
    (NoOpenGL("cannot open libEGL.so"), (RuntimeError,), {"reason": "cannot open libEGL.so"}),
    (MissingExtra("jiwer", "bench"), (ImportError,), {"package": "jiwer", "extra": "bench"}),
]
each = pytest.mark.parametrize(
    ("error", "parents", "data"), EXAMPLES, ids=[type(error).__name__ for error, _, _ in EXAMPLES]
)


def _raise(error: AccessifyError) -> None:
    raise error


def test_every_leaf_has_an_example_here() -> None:
    classes = {kind for _, kind in inspect.getmembers(errors, inspect.isclass)}
    tree = {kind for kind in classes if issubclass(kind, AccessifyError)}
    leaves = {kind for kind in tree if not kind.__subclasses__()}
    assert leaves <= {type(error) for error, _, _ in EXAMPLES}


def test_the_drawing_shows_every_error() -> None:
    classes = {kind for _, kind in inspect.getmembers(errors, inspect.isclass)}
    tree = {kind.__name__ for kind in classes if issubclass(kind, AccessifyError)}
    assert errors.__doc__ is not None
    drawn = {line.strip("│├└─ ").split()[0] for line in errors.__doc__.splitlines() if "─" in line}
    assert drawn | {"AccessifyError"} == tree


@each
def test_people_catch_it_by_family_and_by_builtin(
    error: AccessifyError, parents: tuple[type, ...], data: dict[str, object]
) -> None:
    for parent in (AccessifyError, *parents):
        with pytest.raises(parent) as caught:
            _raise(error)
        assert caught.value is error
    for name, value in data.items():
        assert getattr(error, name) == value


@each
def test_it_is_one_line(error: AccessifyError, parents: object, data: object) -> None:
    assert str(error) == error.message
    assert len(str(error).splitlines()) == 1
    assert error.args == (error.message,)


@each
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_survives_a_pickle(
    error: AccessifyError, parents: object, data: dict[str, object], protocol: int
) -> None:
    copy = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 - our own bytes
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.args == error.args
    assert vars(copy) == vars(error)


def test_it_comes_back_from_a_worker_process() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for error, _, _ in EXAMPLES:
            caught = pool.submit(_raise, error).exception(timeout=60)
            assert type(caught) is type(error)
            assert str(caught) == str(error)


def test_a_path_with_a_line_feed_is_still_one_line() -> None:
    assert str(NoAudio("two\nlines.mov")).startswith("two lines.mov: nothing to caption")


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (NotMedia("a.pdf", "unknown format"), "give a film or recording such as .mp4, .mov or .mkv"),
        (NoAudio("a.mov"), "give a file with sound"),
        (NoSuchTrack("a.mov", 4, ["0 (eng)", "1 (fra)"]), "--audio-track from: 0 (eng), 1 (fra)"),
        (ChecksumMismatch("m.onnx", "a" * 64, "b" * 64, "pull it again"), "pull it again"),
        (DiskFull("out/a.srt", 7_000_000), "(7 MB needed); free some space"),
        (NoOpenGL("cannot open libEGL.so"), "install libegl1"),
        (MissingExtra("jiwer", "bench"), "pip install 'accessify[bench]'"),
    ],
)
def test_the_fix_is_named(error: AccessifyError, fix: str) -> None:
    assert fix in str(error)


def test_an_unknown_name_suggests_the_closest_and_lists_all() -> None:
    error = UnknownName("profile", "netflx-en", ["bbc", "netflix-en", "web"], hint="see --help")
    assert str(error) == (
        "unknown profile 'netflx-en'; did you mean 'netflix-en'? known: bbc, netflix-en, web; see --help"
    )


def test_an_unknown_name_like_no_other_only_lists() -> None:
    error = UnknownName("format", "docx", ["srt", "vtt"])
    assert str(error) == "unknown format 'docx'; known: srt, vtt"


def test_a_format_error_says_where() -> None:
    assert str(FormatError("no arrow", line=7, source="a.srt")) == "a.srt: line 7: no arrow"
    assert str(FormatError("no arrow", line=7)) == "line 7: no arrow"
    assert str(FormatError("no arrow")) == "no arrow"
