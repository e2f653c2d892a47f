"""The pages under docs say what the data say; `python tests/test_docs.py` writes the one made from them."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "profiles.md"
RULES = ROOT / "accessify" / "captions" / "rules"

HEAD = """\
# Style guides

Every rule of every profile: its value, and where it stands. Lengths are seconds (`5/6`) or, with an `f`,
frames. What each rule means is told beside its field in
[rules.py](../accessify/captions/rules.py). This page is made from the
[files that are the rules](../accessify/captions/rules) by `python tests/test_docs.py`.
"""


def profiles_page() -> str:
    parts = [HEAD]
    for path in sorted(RULES.glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        rows = [
            f"| `{rule}` | {_cell(entry['value'])} | {entry['source']} |" for rule, entry in table.items()
        ]
        parts.append(
            "\n".join([f"## {path.stem}\n", "| rule | value | source |", "|---|---|---|", *rows]) + "\n"
        )
    return "\n".join(parts)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if value != "" else "none"


def test_the_page_of_style_guides_is_made_from_the_rules() -> None:
    assert PAGE.read_text("utf-8") == profiles_page(), "run: python tests/test_docs.py"
    rows = [line for line in profiles_page().splitlines() if line.startswith("| `")]
    assert {row.count("|") for row in rows} == {4}


if __name__ == "__main__":
    PAGE.write_text(profiles_page(), "utf-8")
