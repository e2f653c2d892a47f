"""`accessify bench app`: how soon it is there, how soon a film has captions, what ten people wait."""

from __future__ import annotations

import hashlib
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from accessify.core.audio import Audio
from accessify.core.errors import OptionError
from accessify.core.progress import OnProgress, Progress
from accessify.core.timeline import seconds
from accessify.evaluation.app_figures import APP
from accessify.evaluation.app_run import (
    ALL,
    FIRST,
    PATIENCE_S,
    AppProcess,
    arrive,
    chromium,
    give_film,
    open_page,
    require_well,
    running_app,
)
from accessify.evaluation.machine import hardware, software
from accessify.evaluation.recording import write_wav
from accessify.hub.fetch import model_files
from accessify.media.read import open_audio
from accessify.media.sample import build_sample

SCHEMA = 1
"""Version of the bench file's layout."""
_SPEECH = "two_cities.wav"
_PACKAGES = ("accessify", "gradio", "starlette", "uvicorn", "onnxruntime", "av", "playwright")
_QUEUED = "#film .job:visible:has-text('Waiting for its turn')"


@dataclass(frozen=True, slots=True)
class AppBenchOptions:
    """What is measured."""

    minutes: float = 10.0
    """Length of the long film."""
    users: int = 10
    """People at once."""
    starts: int = 3
    """Times that the app is started."""


def bench_app(
    options: AppBenchOptions = AppBenchOptions(),
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """All figures, ready for JSON. Raises `MissingExtra`, `ModelError`; `OptionError` for a broken app."""

    def stage(text: str) -> None:
        if on_progress:
            on_progress(Progress(text, 0, None))

    speech = model_files("sample-speech", offline=False)[_SPEECH]
    machine = hardware()
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        stage("making the films")
        short, long = _films(speech, folder, options.minutes)
        starts = []
        for _ in range(options.starts - 1):
            stage("starting")
            starts.append(_started(browser, folder / "rooms"))
        with running_app(folder / "rooms") as app:
            starts.append(_opened(browser, app))
            stage("the long film")
            figures = _long(browser, app, long)
            stage("many people")
            figures |= _many(browser, app, short, options.users)
        figures |= {"left_bytes": app.left(), "memory_mb": app.peak / 1e6}
    addresses, pages = zip(*starts, strict=True)
    figures |= {"address_s": statistics.median(addresses), "page_s": statistics.median(pages)}
    return _report(options, machine, speech, figures)


def _report(
    options: AppBenchOptions, machine: dict[str, Any], speech: Path, figures: dict[str, Any]
) -> dict[str, Any]:
    usual = AppBenchOptions()
    return {
        "bench": "app",
        "schema": SCHEMA,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "options": {
            "quick": options != usual,
            "minutes": options.minutes,
            "users": options.users,
            "starts": options.starts,
        },
        "hardware": machine,
        "software": software(_PACKAGES),
        "data": {"name": _SPEECH, "sha256": hashlib.sha256(speech.read_bytes()).hexdigest()},
        "notes": _notes(machine),
        "formulas": {figure.name: figure.formula for figure in APP},
        "figures": figures,
        "intervals": {},
    }


def _notes(machine: dict[str, Any]) -> list[str]:
    load = machine["load_before"][0]
    busy = load > 0.3 * machine["cores"]
    return [f"The machine was busy before it began (load {load:.1f})."] if busy else []


def _films(speech: Path, folder: Path, minutes: float) -> tuple[Path, Path]:
    """The sample film, and one whose speech is the same again and again."""
    with open_audio(speech) as reader:
        samples = np.concatenate([block.samples for block in reader])
    write_wav(Audio(samples), folder / "long.wav", seconds(round(minutes * 60)))  # again and again
    short, long = folder / "short.mp4", folder / "long.mp4"
    build_sample(speech, short)
    build_sample(folder / "long.wav", long)
    return short, long


def _started(browser: Any, folder: Path) -> tuple[float, float]:
    with running_app(folder) as app:
        return _opened(browser, app)


def _opened(browser: Any, app: AppProcess) -> tuple[float, float]:
    """Seconds to the address, and from there to a page that can be used."""
    page = open_page(browser, app.address)
    taken = time.perf_counter() - app.printed_at
    page.context.close()
    return app.address_s, taken


def _long(browser: Any, app: AppProcess, film: Path) -> dict[str, float]:
    """One film, from the click to all its captions."""
    page = open_page(browser, app.address)
    sent: list[float] = []
    page.on(
        "requestfinished",
        lambda request: sent.append(time.perf_counter()) if request.method == "PUT" else None,
    )
    began = time.perf_counter()
    give_film(page, film)
    arrive(page, FIRST)
    first, uploaded = time.perf_counter(), sent[-1]
    arrive(page, ALL)
    taken = {
        "upload_s": uploaded - began,
        "first_caption_s": first - uploaded,
        "all_captions_s": time.perf_counter() - uploaded,
    }
    page.context.close()
    return taken


def _many(browser: Any, app: AppProcess, film: Path, count: int) -> dict[str, float]:
    """Many people who give a film at the same time."""
    pages = [open_page(browser, app.address) for _ in range(count)]
    began = time.perf_counter()
    for page in pages:
        give_film(page, film)
    done: dict[int, float] = {}
    told: set[int] = set()
    while len(done) < count:
        for number, page in enumerate(pages):
            if number in done:
                continue
            if page.query_selector(ALL):
                done[number] = time.perf_counter() - began
            elif job := page.query_selector(_QUEUED):
                if "before you" in job.inner_text():
                    told.add(number)
            else:
                require_well(page)
        if time.perf_counter() - began > PATIENCE_S:
            raise OptionError(
                f"{count - len(done)} of {count} films have no captions after {PATIENCE_S:.0f} s"
            )
        time.sleep(0.2)
    found = _foreign(pages)
    for page in pages:
        page.context.close()
    return {
        "users_first_s": min(done.values()),
        "users_last_s": max(done.values()),
        "users_told": 100 * len(told) / max(count - 1, 1),
        "foreign_files": found,
    }


def _foreign(pages: list[Any]) -> int:
    """How many of others' files, and lists of rooms, people can get who do not know the others' keys."""
    states = [page.evaluate("import('./web/room.js').then(({room}) => room.state())") for page in pages]
    names = [sorted(state["files"]) for state in states]
    found = 0
    for at, page in enumerate(pages):
        theirs = {name for other, each in enumerate(names) if other != at for name in each} - set(names[at])
        for name in theirs:
            found += page.evaluate(
                "async (name) => { const { room } = await import('./web/room.js');"
                " return (await fetch(room.url(name))).status !== 404; }",
                name,
            )
        found += page.evaluate("async () => (await fetch('./rooms')).ok")
    return found
