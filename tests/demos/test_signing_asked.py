"""Whatever a page asks of text to signs, it is answered with words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from accessify_app import signing
from accessify_app.app import studio
from accessify_app.panels import answered
from accessify_app.studio import AppOptions, Studio


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder: Path = tmp_path_factory.mktemp("rooms")
    with studio(AppOptions(folder=folder, offline=True)) as shared:
        yield shared


@pytest.mark.parametrize(
    ("callback", "args", "code"),
    [
        ("sign", [None], "option-error"),
        ("sign", [{"text": "\n"}], "no-text"),
        ("sign", [{"text": "." * 20_000}], "too-long-text"),
        ("sign", [{"text": "A", "language": "../../ase"}], "unknown-name"),
        ("sign", [{"text": "A", "language": ["ase"]}], "unknown-name"),
        ("sign", [{"text": "A", "speed": "fast"}], "option-error"),
        ("sign", [{"text": "A", "speed": float("nan")}], "option-error"),
        ("sign", [{"text": "A", "skin": "green"}], "unknown-name"),
        ("sign", [{"text": "A", "film": "exe"}], "unknown-name"),
        ("sign", [{"source": "file"}], "no-captions"),
        ("sign", [{"source": "draft"}], "no-draft"),
        ("open_captions", ["../../etc/passwd"], "bad-name"),
        ("open_captions", ["not-there.srt"], "no-file"),
        ("take_signs", ["../../etc/passwd"], "bad-name"),
        ("make", [1, "mp4"], "no-signing"),
        ("over", [1, {}], "no-signing"),
    ],
)
def test_whatever_a_page_asks_is_answered_with_words(
    shared: Studio, callback: str, args: list[object], code: str
) -> None:
    room = shared.rooms.open()
    table = {each.__name__: each for each in signing.CALLBACKS}
    request = {"callback": callback, "key": room.key, "args": args}
    assert answered(table, shared, request)["problem"]["code"] == code
    assert shared.jobs.of(room) == []
