"""Processes that answer again and again: in order, on one core, and what is said when they are gone."""

from __future__ import annotations

import sys
import textwrap

import pytest

from accessify.core.errors import AccessifyError
from accessify.evaluation.companion import Companion, can_pin, own_cores

ECHO = """
import json, os, sys
print(json.dumps({"python": sys.version_info[0]}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("die"):
        sys.exit("no more of this")
    if asked.get("cores"):
        print(json.dumps({"cores": sorted(os.sched_getaffinity(0))}), flush=True)
    elif asked.get("wrong"):
        print(json.dumps({"error": "give something else"}), flush=True)
    else:
        print(json.dumps({"twice": 2 * asked["number"]}), flush=True)
"""


def command(code: str = ECHO) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


def test_it_answers_until_it_is_closed() -> None:
    with Companion("echo", command()) as echo:
        assert echo.versions == {"python": 3}
        assert echo.ask({"number": 21}) == {"twice": 42}
        echo.begin({"number": 1})
        echo.begin({"number": 2})
        assert [echo.answer(), echo.answer()] == [{"twice": 2}, {"twice": 4}]
        with pytest.raises(AccessifyError, match=r"^give something else$"):
            echo.ask({"wrong": True})
        assert echo.ask({"number": 3}) == {"twice": 6}
    assert echo._process.returncode is not None


def test_its_last_words_are_passed_on() -> None:
    with (
        Companion("echo", command()) as echo,
        pytest.raises(AccessifyError, match=r"^echo stopped before it gave a result: no more of this$"),
    ):
        echo.ask({"die": True})
    with pytest.raises(AccessifyError, match=r"quiet stopped before it gave a result: it said nothing"):
        Companion("quiet", command("pass"))


def test_closing_ends_it_in_the_middle_of_its_work() -> None:
    busy = Companion("busy", command("print('{}', flush=True)\nwhile True: pass"))
    busy.begin({"number": 1})
    busy.close()
    assert busy._process.returncode not in (None, 0)


@pytest.mark.skipif(not can_pin() or len(own_cores()) < 2, reason="needs two cores to choose from")
def test_it_keeps_to_one_core() -> None:
    chosen = own_cores()[-1]
    with Companion("pinned", command(), chosen) as pinned, Companion("free", command()) as free:
        assert pinned.ask({"cores": True}) == {"cores": [chosen]}
        assert free.ask({"cores": True}) == {"cores": sorted(own_cores())}
