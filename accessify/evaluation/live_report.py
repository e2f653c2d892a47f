"""From recorded live runs to rows and headline figures; nothing here runs anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from accessify.evaluation.live_events import HourRun, LiveRun, StreamRun
from accessify.evaluation.live_figures import EIGHT, TWENTY
from accessify.evaluation.live_material import LiveMaterial
from accessify.evaluation.live_offline import Offline
from accessify.evaluation.live_score import (
    changed_words,
    errors_by_clip,
    plain,
    recommitted,
    summary,
    text_errors,
    word_delays,
)
from accessify.evaluation.score import counts
from accessify.evaluation.wer import Errors, difference_interval, interval, total

Values = dict[str, Any]

_BEHIND = "catching-up"
_SETTLED = 5
"""Minutes after which memory is to be flat."""


def run_row(run: LiveRun, parts: Sequence[LiveMaterial]) -> Values:
    """Everything that is said of one run; `parts`: what each of its streams was played."""
    pairs = list(zip(run.streams, parts, strict=True))
    screens = [stream.screens() for stream in run.streams]
    delays = [word_delays(shown, part.spoken) for shown, part in zip(screens, parts, strict=True)]
    every = [one for stream in delays for one in stream]
    late = [found.p95 for one in delays if (found := summary([word.committed for word in one]))]
    words = sum(len(plain(stream.committed)) for stream in run.streams)
    changed = sum(map(changed_words, screens))
    return {
        "streams": len(run.streams),
        "sound_s": sum(stream.seconds for stream in run.streams),
        "committed": _delay([one.committed for one in every]),
        "committed_p95_worst_stream": max(late, default=None),
        "shown": _delay([one.shown for one in every]),
        "seen": _delay([one.seen for one in every]),
        "changed": changed / words if words else 0.0,
        "recommitted": sum(map(recommitted, screens)),
        "gaps": sum(stream.gaps for stream in run.streams),
        "words": words,
        "live": counts(_sum([text_errors(one.committed, part.spoken, part.texts) for one, part in pairs])),
        "saved": counts(_sum([text_errors(one.saved, part.spoken, part.texts) for one, part in pairs]))
        if any(stream.saved for stream in run.streams)
        else None,
        "load": run.load,
        "cores": run.cpu_s / max(stream.ended for stream in run.streams),
        "cpu_s": run.cpu_s,
        "lag": max((change.lag for one in run.streams for change in one.changes), default=0.0),
        "catching_up": sum(map(seconds_behind, run.streams)) / sum(one.ended for one in run.streams),
        "heard_out": max(one.ended - one.seconds for one in run.streams),
        "notes": dict(Counter(kind for one in run.streams for kind in one.notes)),
        "late": run.late,
        "late_p95": run.late_p95,
        "peak_rss": run.peak_rss,
        "others": run.others,
    }


def seconds_behind(stream: StreamRun) -> float:
    """Wall seconds for which it said that it was catching up."""
    return sum(
        after.wall - before.wall for before, after in pairwise(stream.changes) if before.state == _BEHIND
    )


def waiting_row(offline: Offline, material: LiveMaterial) -> Values:
    """What it is worth to wait for the pause."""
    delay = _delay([one.committed for one in word_delays(offline.waiting, material.spoken)])
    return {
        "committed": delay,
        "shown": delay,
        "seen": delay,
        "changed": 0.0,
        "live": counts(text_errors(offline.segments, material.spoken, material.texts)),
        "load": offline.waiting_cpu_s / material.seconds,
    }


def own_figures(run: LiveRun, material: LiveMaterial, offline: Offline) -> tuple[Values, Values]:
    """Figures of one stream, and the 95 % intervals of some."""
    row = run_row(run, [material])
    heard = {
        "live": run.streams[0].committed,
        "saved": run.streams[0].saved,
        "segments": offline.segments,
        "file": offline.file,
    }
    errors = {name: errors_by_clip(words, material.spoken, material.texts) for name, words in heard.items()}
    figures = {f"wer_{name}": total(one).rate for name, one in errors.items()}
    figures["wer_live_over_saved"] = figures["wer_live"] - figures["wer_saved"]
    figures["wer_saved_over_segments"] = figures["wer_saved"] - figures["wer_segments"]
    for name in ("committed", "shown", "seen"):
        if row[name]:
            figures |= {f"{name}_p50": row[name]["p50"], f"{name}_p95": row[name]["p95"]}
    figures |= {"changed": row["changed"], "load": row["load"]}
    figures["recommitted"] = row["recommitted"] + row["gaps"]
    intervals = {
        "wer_live": interval(errors["live"]),
        "wer_saved": interval(errors["saved"]),
        "wer_segments": interval(errors["segments"]),
        "wer_file": interval(errors["file"]),
        "wer_live_over_saved": difference_interval(errors["live"], errors["saved"]),
        "wer_saved_over_segments": difference_interval(errors["saved"], errors["segments"]),
    }
    return figures, intervals


def many_figures(rows: Mapping[int, Values], over_one: Values) -> Values:
    """Figures of several streams at once; `over_one`: what `over_one` found for twenty."""
    figures: Values = {}
    if EIGHT in rows and rows[EIGHT]["committed"]:
        figures["eight_committed_p95"] = rows[EIGHT]["committed"]["p95"]
    if TWENTY in rows:
        row = rows[TWENTY]
        figures["twenty_dropped"] = row["notes"].get("dropped", 0) + row["gaps"]
        figures["twenty_lag"] = row["lag"]
        figures |= {f"twenty_{name}_over_one": value for name, value in over_one.items()}
    return figures


def over_one(run: LiveRun, parts: Sequence[LiveMaterial], one: LiveRun, material: LiveMaterial) -> Values:
    """WER in points by which many streams at once are worse than `one` that heard all of `material`."""
    found: Values = {}
    for name in ("live", "saved"):
        alone = errors_by_clip(_text(one.streams[0], name), material.spoken, material.texts)
        many, same = Errors(), Errors()
        for stream, part in zip(run.streams, parts, strict=True):
            clips = errors_by_clip(_text(stream, name), part.spoken, part.texts)
            many += total(clips)
            same += total(alone[(stream.first + place) % len(alone)] for place in range(len(clips)))
        found[name] = many.rate - same.rate
    return found


def _text(stream: StreamRun, name: str) -> tuple[str, ...]:
    return stream.saved if name == "saved" else stream.committed


def hour_figures(run: HourRun) -> Values:
    """Memory of a long stream; no growth where it was too short to tell."""
    figures = {"memory": max(run.rss) / 1e6}
    settled = run.rss[_SETTLED:]
    if len(settled) > 1:
        figures["memory_growth"] = 100 * (max(settled) / settled[0] - 1)
    return figures


def _delay(delays: Sequence[float]) -> Values | None:
    found = summary(delays)
    return asdict(found) if found else None


def _sum(errors: Sequence[Errors]) -> Errors:
    return total(errors)
