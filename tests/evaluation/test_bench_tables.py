"""Bench files as tables: every number shown comes from the file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from accessify.core.errors import FormatError
from accessify.evaluation.figures import CAPTIONS, Figure, Target
from accessify.evaluation.tables import PARTS, fill, read_benches, update_document


def bench() -> dict[str, Any]:
    def row(wer: float, **more: Any) -> dict[str, Any]:
        return {"wer": wer, "corpora": {"Read | books": {"spoken": 40, "wer": wer}}, **more}

    return {
        "bench": "captions",
        "date": "2026-11-20T10:00:00+00:00",
        "options": {"quick": False},
        "hardware": {"cpu": "Some CPU", "cores": 2, "ram_gb": 24.9},
        "software": {"python": "CPython 3.11.7", "commit": "0123456789abcdef", "dirty": True},
        "data": {"name": "clips", "sha256": "fedcba9876543210"},
        "formulas": {"wer": "errors / words"},
        "figures": {"wer": 9.25, "wer_over_bare": 0.75, "speed": 118.4, "missed": 0.5},
        "intervals": {"wer": [8.0, 10.5]},
        "systems": {
            "accessify": row(9.25, missed=0.5, invented_joined=0.0, speed=118.4, cpu_share=0.0171),
            "bare": row(8.5, invented_clips=52.4),
        },
        "captions": {
            "cues": 50,
            "profile": "netflix-en",
            "meetable": {},
            "too_fast": {"reading-speed": 2},
            "advice": {},
        },
    }


def test_figures_stand_beside_their_targets() -> None:
    assert PARTS["captions"]["figures"](bench()) == (
        "|  | measured | 95 % | target |  |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| Word error rate, clips joined with pauses | 9.2 % | 8.0 to 10.5 |  |  |\n"
        "| &nbsp;&nbsp;accessify minus bare model | 0.75 points |  | ≤ 0.5 | missed |\n"
        "| Speed, sound file to caption files, with word times | 118 × real time |  | ≥ 100 | reached |\n"
        "| Speech missed | 0.50 % |  | ≤ 1 | reached |\n"
        "\n"
        "Measured 2026-11-20 on Some CPU, 2 cores, 25 GB; CPython 3.11.7; commit 0123456789 with local "
        "changes; data `clips` fedcba9876; made by `accessify bench captions`.\n"
    )


def test_systems_stand_beside_each_other() -> None:
    lines = PARTS["captions"]["systems"](bench()).splitlines()
    assert lines[2].endswith("| 9.25 % | 0.50 % | 0.0 | 118 | 0.017 |")
    assert lines[3].endswith("| 8.50 % | — | 52.4 | — | — |")


def test_other_parts() -> None:
    assert PARTS["captions"]["corpora"](bench()).splitlines()[2] == "| Read \\| books | 40 | 9.2 % | 8.5 % |"
    assert PARTS["captions"]["findings"](bench()).splitlines()[2] == "| reading-speed | too_fast | 2 | 4.00 |"
    assert "errors / words" in PARTS["captions"]["formulas"](bench())
    clean = bench() | {
        "captions": {"cues": 50, "profile": "web", "meetable": {}, "too_fast": {}, "advice": {}}
    }
    assert PARTS["captions"]["findings"](clean) == "No finding on 50 cues (profile web).\n"
    assert PARTS["captions"]["findings"](bench() | {"captions": None}) == "No captions were checked.\n"


def test_only_what_stands_between_the_markers_changes(tmp_path: Path) -> None:
    document = tmp_path / "README.md"
    document.write_text(
        "Before.\n<!-- bench:captions:systems -->\nold\n<!-- /bench:captions:systems -->\nAfter.\n", "utf-8"
    )
    benches = {"captions": bench()}
    assert update_document(document, benches, write=False)
    assert "old" in document.read_text("utf-8")
    assert update_document(document, benches)
    text = document.read_text("utf-8")
    assert text.startswith("Before.\n<!-- bench:captions:systems -->\n| ")
    assert text.endswith("|\n<!-- /bench:captions:systems -->\nAfter.\n")
    assert "old" not in text
    assert not update_document(document, benches)


@pytest.mark.parametrize("name", ["landmarks", "captions:everything"])
def test_a_marker_without_figures_names_its_line(name: str) -> None:
    text = f"# Title\n\n<!-- bench:{name} -->\n<!-- /bench:{name} -->\n"
    with pytest.raises(
        FormatError, match=rf"README\.md: line 3: nothing to fill bench:{name} with; .*captions"
    ):
        fill(text, {"captions": bench()}, "README.md")


def test_bench_files_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "captions.json").write_text(json.dumps(bench()), "utf-8")
    (tmp_path / "letters-left-out.json").write_text('{"facts": {}}', "utf-8")  # no bench, but one's source
    assert read_benches(tmp_path) == {"captions": bench()}
    (tmp_path / "broken.json").write_text("{\n oops", "utf-8")
    with pytest.raises(FormatError, match=r"broken\.json: line 2: not JSON .*run the bench again"):
        read_benches(tmp_path)


def test_no_table_is_empty_whose_bench_file_is_there() -> None:
    docs = Path(__file__).parents[2] / "docs"
    there = read_benches(docs / "benchmarks")
    text = (docs / "benchmarks.md").read_text("utf-8")
    empty = re.findall(r"<!-- bench:([\w-]+)([\w:]*) -->\s*<!-- /", text)
    assert not [name + part for name, part in empty if name in there], "run: accessify bench tables"


def test_targets_judge_both_ways() -> None:
    assert Target(0.5).reached(0.5)
    assert not Target(0.5).reached(0.51)
    assert Target(100, at_most=False).reached(100)
    assert not Target(100, at_most=False).reached(99.9)
    assert (str(Target(0.5)), str(Target(100, at_most=False))) == ("≤ 0.5", "≥ 100")
    figure = Figure("a", "A", "ms", "x", digits=0)
    assert figure.row(12.4, (9.6, 15.2)) == ("A", "12 ms", "10 to 15", "", "")


def test_every_figure_has_its_own_name_and_formula() -> None:
    assert len({figure.name for figure in CAPTIONS}) == len(CAPTIONS)
    assert all(figure.formula and figure.title for figure in CAPTIONS)
