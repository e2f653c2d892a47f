"""What docs/live-protocol.md shows works, and what it lists is all there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from accessify.server.refusal import CLOSE_CODES
from accessify.server.start import parse_start
from tests.server.site import WAIT, Site
from tests.spoken import BECKETT, agreement, clip

PAGE = (Path(__file__).parents[2] / "docs" / "live-protocol.md").read_text("utf-8")


def test_every_code_is_listed_with_its_close_code() -> None:
    listed = {
        name: int(row[1])
        for row in re.findall(r"^\| (`[^|]+) \| (\d{4}) \|", PAGE, re.MULTILINE)
        for name in re.findall(r"`([a-z-]+)`", row[0])
    }
    assert listed == CLOSE_CODES


def test_the_start_message_shown_is_one() -> None:
    (shown,) = re.findall(r'^\{"type":"start".*\}$', PAGE, re.MULTILINE)
    assert parse_start(shown).rate == 16_000


@pytest.mark.models
@pytest.mark.parametrize("number", [0, 1])
def test_the_clients_shown_work(site: Site, tmp_path: Path, number: int) -> None:
    code = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[number]
    code = code.replace("127.0.0.1:8765", f"127.0.0.1:{site.port}").replace(
        '"film.mp4"', "__import__('sys').argv[1]"
    )
    script = tmp_path / "client.py"
    script.write_text(code, "utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(clip("beckett.wav"))],
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=True,
    )
    assert agreement(done.stdout, BECKETT) > 0.6
