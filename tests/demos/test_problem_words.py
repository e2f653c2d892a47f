"""Every problem has a sentence in both languages, and each code means one thing."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from accessify.core import errors
from accessify.server import refusal
from accessify.server.problem import problem_code

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "demos" / "accessify_app" / "web" / "text"
LANGUAGES = ("en", "zh-Hans")
GUARDS = ("guard.py", "app.py")
"""Where requests are refused that pages of the app make; the API's own refusals are for programs."""


def problems(language: str) -> Counter[str]:
    """Codes that have words, and in how many parts."""
    found: Counter[str] = Counter()
    for path in sorted(WORDS.glob(f"*.{language}.json")):
        words = json.loads(path.read_text("utf-8"))
        found.update(key.removeprefix("problem.") for key in words if key.startswith("problem."))
    return found


def refused() -> Iterator[tuple[str, str]]:
    """Codes with which something is refused, and where."""
    for path in (
        *(ROOT / "accessify" / "server").rglob("*.py"),
        *(ROOT / "demos" / "accessify_app").rglob("*.py"),
    ):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(ast.Name("Refused"), [ast.Constant(str(code)), *_]):
                    yield code, f"{path.name}:{node.lineno}"
                case ast.Call(ast.Name("problem"), [_, ast.Constant(str(code)), *_]) if path.name in GUARDS:
                    yield code, f"{path.name}:{node.lineno}"


def kinds(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from kinds(kind)


CODES = {problem_code(kind) for kind in kinds(errors.AccessifyError)} | {"failed"} | {*refusal.CAMERA_CODES}
CODES |= {code for code, _ in refused()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_words(language: str) -> None:
    known = problems(language)
    places = dict(refused())
    missing = {code: places.get(code, "an error") for code in CODES - set(known)}
    assert not missing
    twice = [code for code, parts in known.items() if parts > 1]
    assert not twice, "a code means one thing in the whole app"


def test_the_codes_are_found() -> None:
    """Else the test above says nothing."""
    assert {
        "not-media",
        "no-open-gl",
        "disk-full",
        "no-room",
        "busy",
        "stale",
        "bad-host",
        "no-such-track",
    } <= CODES
    assert len(CODES) > 50
