"""What to run on this machine, from what was measured on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accessify.evaluation.device_whisper import UTTERANCE_S
from accessify.hub.whisper_random import SIZES

LIVE_S = 1.0
"""The longest that live captions of a sentence may take to compute."""
FILE_X = 1.5
"""How much faster than it is spoken a file is to be captioned."""
LIVE_PICTURES = 25
"""Pictures a second that are live."""
_MARGIN = 1.5
"""How much better than it must be makes a measured answer sure."""
_RECKONED = 2.0
"""The same for an answer that is only reckoned."""
_CAREFUL = 1.3
"""How much better than it must be an answer is that is only reckoned: on the machine it was tried on, sizes
reckoned from the next smaller one were off by up to a third (docs/devices.md)."""
_KNOWING = {size: rank for rank, size in enumerate(SIZES)}
"""Size of Whisper → its rank; the larger, the fewer words are wrong."""
_ROOM = 2.5
"""Memory that a model takes, in sizes of its weights."""

Row = dict[str, Any]


def advise(
    captions: Sequence[Row], parts: Sequence[Row], ram_gb: float | None, *, busy: bool = False
) -> list[Row]:
    """Task by task what to choose, why, and how sure that is: not at all of a machine that was `busy`.

    `captions` and `parts` are those of `device_bench`.
    """
    found = [row for row in captions if "missing" not in row]
    fitting = [row for row in found if ram_gb is None or row["bytes"] * _ROOM < ram_gb * 1e9]
    english = [row for row in fitting if row["engine"] == "moonshine"]
    whispers = [row for row in fitting if row["engine"] != "moonshine"]
    advice = [
        _captions("English, live", english or whispers, live=True),
        _captions("English, files", english or whispers, live=False),
        _captions("other languages, live", whispers, live=True),
        _captions("other languages, files", whispers, live=False),
    ]
    advice += [_pictures(row) for row in parts if row["what"] in {"landmarks", "avatar"}]
    return [{**row, "sure": "a busy machine: measure again"} for row in advice] if busy else advice


def _captions(task: str, rows: Sequence[Row], *, live: bool) -> Row:
    """The largest model that is fast enough: the more it knows, the fewer words are wrong."""
    if not rows:
        return {"task": task, "choice": "nothing was measured", "why": "", "sure": ""}
    good = [row for row in rows if _headroom(row, live) >= (1.0 if row["measured"] else _CAREFUL)]
    chosen = max(good, key=lambda row: (_KNOWING.get(row["size"], -1), _headroom(row, live)), default=None)
    if chosen is None:
        nearest = max(rows, key=lambda row: _headroom(row, live))
        instead = "caption files instead" if live else "let it run longer than the film"
        return {
            "task": task,
            "choice": f"none; {instead}",
            "why": f"{_name(nearest)} is the fastest: {_told(nearest, live)}",
            "sure": _sure(1 / max(_headroom(nearest, live), 1e-6), nearest["measured"]),
        }
    return {
        "task": task,
        "choice": _name(chosen),
        "why": _told(chosen, live),
        "sure": _sure(_headroom(chosen, live), chosen["measured"]),
    }


def _headroom(row: Row, live: bool) -> float:
    """How many times faster than it must be."""
    return float(LIVE_S / row["live_s"] if live else row["file_x"] / FILE_X)


def _name(row: Row) -> str:
    threads = f"{row['threads']} thread{'s' if row['threads'] > 1 else ''}"
    return f"{row['engine']} {row['size']}, {row['precision']}, {row['device']}, {threads}"


def _told(row: Row, live: bool) -> str:
    if live:
        return f"{UTTERANCE_S:.0f} s of speech are heard in {row['live_s']:.2f} s"
    return f"{row['file_x']:.1f} × as fast as speech"


def _sure(headroom: float, measured: bool) -> str:
    if not measured:
        return "reckoned" if headroom >= _RECKONED else "reckoned, and near the limit"
    return "sure" if headroom >= _MARGIN else "measured, but near the limit"


def _pictures(row: Row) -> Row:
    if "missing" in row:
        return {"task": row["what"], "choice": "not measured", "why": row["missing"], "sure": ""}
    rate = row["value"]
    choice = "live" if rate >= LIVE_PICTURES else f"files; live at {max(1, int(rate))} pictures a second"
    headroom = rate / LIVE_PICTURES
    return {
        "task": row["what"],
        "choice": choice,
        "why": f"{rate:.0f} {row['unit']} ({row['how']})",
        "sure": _sure(max(headroom, 1 / headroom), measured=True),
    }
