"""The published signs under the words that people write."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from accessify.core.errors import FormatError, ModelError
from accessify.core.gloss import Origin
from accessify.delivery.published_signs import bare_gloss, published_signs
from accessify.glossing.alphabet import load_alphabet
from accessify.glossing.languages import glosser_for
from accessify.glossing.lookup import Lexicon, plan
from accessify.motion.hamnosys import parse


@pytest.mark.parametrize(
    ("gloss", "bare"),
    [
        ("FLUGZEUG", "FLUGZEUG"),
        ("FLUGZEUG_A", "FLUGZEUG"),
        ("EISENBAHN_B_1", "EISENBAHN"),
        ("LEHRER(D)", "LEHRER"),
        ("NOCHMAL(DIALEKT)", "NOCHMAL"),
        ("WOHIN?_1", "WOHIN"),
        ("HURRA!", "HURRA"),
        ("NOCH_NICHT", "NOCH_NICHT"),
        ("DOMINIKANISCHE_REP._INT", "DOMINIKANISCHE_REP"),
        ("?", "?"),
    ],
)
def test_a_gloss_without_what_tells_variants_apart(gloss: str, bare: str) -> None:
    assert bare_gloss(gloss) == bare


def table(tmp_path: Path, *signs: dict[str, object]) -> Path:
    path = tmp_path / "parallel.json"
    path.write_text(json.dumps([{"sign_id": None, **sign} for sign in signs]), "utf-8")
    return path


def test_bare_glosses_go_before_variants(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        {"hns_gloss": ["HAUS_B"], "hamnosys": ["b"]},
        {"hns_gloss": ["HAUS_A", "HAUS"], "hamnosys": ["a", "a2"], "sign_id": "7"},
        {"signwriting": "M500x500"},
        {"hns_gloss": [], "hamnosys": ["nameless"]},
    )
    found = published_signs(path)
    assert [(entry.name, entry.content) for entry in found.find("Haus")] == [
        ("HAUS", "a"),
        ("HAUS", "a2"),
        ("HAUS_B", "b"),
    ]
    assert found.find("haus_a")[0].source == "signwriting 7"
    assert (found.language, found.origin) == ("gsg", Origin.NOTATION)


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", "[]", '[{"hns_gloss": ["A"]}]', '[{"hns_gloss": 1}]', "\xff"]
)
def test_another_file_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(FormatError, match=r"other\.json: no"):
        published_signs(path)


@pytest.fixture(scope="module")
def real() -> Lexicon:
    try:
        path = import_module("accessify.hub.fetch").model_files("hamnosys-signs", offline=True)[
            "parallel.json"
        ]
    except ModelError as error:
        pytest.skip(f"run `accessify models pull hamnosys-signs` first: {error}")
    return published_signs(path)


def test_all_1364_signs_are_there_and_can_be_read(real: Lexicon) -> None:
    assert len(real.entries) == 1404  # some are written in several ways
    assert len({entry.content for entry in real.entries}) > 1300
    for entry in real.entries[::9]:
        assert parse(entry.content).sign.parts


def test_german_words_find_their_signs(real: Lexicon) -> None:
    pytest.importorskip("simplemma")
    text = "Flugzeuge hüten? Wo sind Zwillinge!"
    found = plan(glosser_for("de").gloss(text), [real], load_alphabet("gsg"), "gsg")
    assert [(one.gloss.text, one.gloss.name, one.gloss.origin.value) for one in found] == [
        ("Flugzeuge", "FLUGZEUG", "notation"),
        ("hüten", "HÜTEN", "notation"),
        ("Wo", "WO?", "notation"),
        ("sind", "S-I-N-D", "spelled"),
        ("Zwillinge", "ZWILLING", "notation"),
    ]
