"""`accessify models optimize`: networks written anew, judged beside the original and measured here.

A variant that changes what the network says by more than its judges let through is refused. The others
are timed in turns with the original, all on the same input, device and number of threads; the fastest is kept
where it is faster by `LEAST` in three rounds of four. Where none is, nothing is written.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accessify.core.errors import ModelError, OptionError, OutputError
from accessify.core.placing import placed
from accessify.core.progress import OnProgress, Progress
from accessify.engines.providers import CPU, TABLE, Tuning
from accessify.engines.session import find_device, open_session, run_session
from accessify.evaluation.graph_check import Outputs
from accessify.evaluation.interleaved import gain, interleave
from accessify.evaluation.machine import processor, software
from accessify.evaluation.optimize_subjects import Subject, subjects
from accessify.hub.cache import sha256_of
from accessify.hub.graph_variants import Variant, write_variant
from accessify.hub.verify import Health
from accessify.hub.verify_folder import MANIFEST, OPTIMIZED, Listed, read_made

LEAST = 1.05
"""How much faster a variant must be to be worth a second file."""
DEVICE_FP16 = "device-fp16"
"""The original on a device that may compute in 16 bits what the file holds in 32: `Tuning(half=True)`, as the
manifest's `tuning` tells."""
PRECISIONS = tuple(dict.fromkeys(variant.precision for variant in Variant))
_PACKAGES = ("accessify", "numpy", "onnxruntime", "onnx")
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OptimizeOptions:
    """What is tried."""

    device: str = CPU
    """See `accessify.engines.session.PROVIDERS`; `auto` takes CUDA if it is there."""
    precision: str | None = None
    """Only variants of this precision, one of `PRECISIONS`; None tries all."""
    example: Path | None = None
    """Real input to measure and judge with: a film, sound, or a file of letters or words."""
    threads: int = 1
    """CPU threads; accessify runs its networks on one each, side by side."""
    seconds: float = 3.0
    """How long each graph is timed."""

    def __post_init__(self) -> None:
        if self.precision not in {None, *PRECISIONS}:
            raise OptionError(f"no precision {self.precision!r}; choose from: {', '.join(PRECISIONS)}")


def optimize(
    name: str, folder: Path, options: OptimizeOptions | None = None, *, on_progress: OnProgress | None = None
) -> Values:
    """Try to make the graphs of `name` (a model or an ONNX file) faster; the better ones go to `folder`.

    Returns what `folder`/manifest.json holds, which is only written where a graph is; `files` are those
    that were. What an earlier run wrote there goes then, and stays where nothing is written. No command
    reads the folder: it is for programs that open its graphs with onnxruntime themselves.
    Raises as `subjects`, `write_variant` and `find_device` do; `OutputError`, also where the manifest in
    `folder` is of something else, and `DiskFull`.
    """
    options = options or OptimizeOptions()
    earlier = _earlier(folder)
    device = find_device(options.device)
    found = subjects(name, options.example)
    graphs: dict[str, Values] = {}
    with tempfile.TemporaryDirectory(prefix="accessify-optimize-") as made:
        for done, subject in enumerate(found, 1):
            graphs[subject.name] = _tried(subject, device, options, Path(made))
            if on_progress:
                on_progress(Progress(f"measure {name}", done, len(found), "graphs"))
        manifest = _manifest(name, device, options, graphs)
        _write(manifest, Path(made), folder, earlier)
    return manifest


def _tried(subject: Subject, device: str, options: OptimizeOptions, made: Path) -> Values:
    """All variants of one graph; those that may be kept are left in `made`."""
    original = _Opened(subject.path, device, options.threads)
    before = original.outputs(subject)
    rows: dict[str, Values] = {}
    better = {}
    for name, precision in _ways(device).items():
        if options.precision in {None, precision}:
            path = made / f"{subject.name}.{name}.onnx"
            try:
                opened = _made(subject, name, path, original)
                rows[name] = _judged(subject, before, opened.outputs(subject))
            except (ModelError, OptionError) as error:  # the device may take the original only
                rows[name] = {"refused": str(error), "changes": []}
                continue
            rows[name] |= {"bytes": path.stat().st_size, "load_ms": opened.load_ms}
            if rows[name]["refused"] is None:
                better[name] = opened
    row: Values = {
        "data": f"{subject.data}, {len(subject.trials)} of {len(subject.feeds)} judge",
        "original": {
            "file": subject.path.name,
            "sha256": sha256_of(subject.path),
            "bytes": subject.path.stat().st_size,
            "load_ms": original.load_ms,
        },
        "variants": rows,
    }
    row["chosen"] = _timed(subject, {"original": original, **better}, row, options.seconds)
    row["tuning"] = {"half": row["chosen"] == DEVICE_FP16}
    row["threads"] = _by_threads(subject, device)
    return row


def _ways(device: str) -> dict[str, str]:
    """What is tried on `device` → its precision."""
    ways = {str(variant): variant.precision for variant in Variant}
    return ways | ({DEVICE_FP16: "fp16"} if TABLE[device].exact != TABLE[device].half else {})


def _made(subject: Subject, name: str, path: Path, original: _Opened) -> _Opened:
    """Write the variant `name` to `path` and open it as the original was."""
    if name != DEVICE_FP16:
        write_variant(subject.path, Variant(name), path, subject.examples)
        return _Opened(path, original.device, original.threads)
    if subject.path.with_name(f"{subject.path.name}.data").exists():
        raise ModelError(
            f"{subject.path.name}: its weights lie in another file; open it with Tuning(half=True)"
        )
    shutil.copyfile(subject.path, path)
    return _Opened(path, original.device, original.threads, Tuning(half=True))


@dataclass(slots=True)
class _Opened:
    """A graph that is ready to run."""

    path: Path
    device: str
    threads: int
    tuning: Tuning = field(default_factory=Tuning)
    session: Any = None
    load_ms: float = 0.0

    def __post_init__(self) -> None:
        began = time.perf_counter()
        self.session = open_session(self.path, self.threads, self.device, self.tuning)
        self.load_ms = 1000 * (time.perf_counter() - began)

    def run(self, feeds: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        return [run_session(self.session, self.path.name, feed) for feed in feeds]

    def outputs(self, subject: Subject) -> list[Outputs]:
        """By name, for every trial."""
        names = [port.name for port in self.session.get_outputs()]
        return [dict(zip(names, values, strict=True)) for values in self.run(subject.trials)]


def _judged(subject: Subject, before: Sequence[Outputs], after: Sequence[Outputs]) -> Values:
    """What changed, and why the variant is refused where it is."""
    changes, refused = [], None
    for judge in subject.judges:
        change = judge.change(before, after)
        told = change if change != float("inf") else None  # JSON has no infinity
        changes.append({"what": judge.told, "value": told, "limit": judge.limit})
        if change > judge.limit and refused is None:
            refused = f"{judge.told}: {change:.4g}, more than {judge.limit:g}"
    return {"refused": refused, "changes": changes}


def _timed(subject: Subject, opened: Mapping[str, _Opened], row: Values, seconds: float) -> str | None:
    """Time them in turns, fill the figures into `row` and give the name of the one to keep, if any."""

    def way(one: _Opened) -> Callable[[], object]:
        return lambda: one.run(subject.trials)

    times = interleave({name: way(one) for name, one in opened.items()}, seconds)
    count = len(subject.trials)
    row["original"]["ms"] = 1000 * times["original"].median / count
    best, chosen = LEAST, None
    for name in (name for name in opened if name != "original"):
        found = gain(times["original"], times[name], LEAST)
        row["variants"][name] |= {
            "ms": 1000 * times[name].median / count,
            "ratio": found.ratio,
            "sure": found.sure,
        }
        if found.sure and found.ratio >= best:
            best, chosen = found.ratio, name
    return chosen


def _by_threads(subject: Subject, device: str) -> dict[str, float]:
    """Number of CPU threads → median milliseconds of the original; only where the CPU computes."""
    if device != CPU:
        return {}
    cores = processor()["cores"]
    counts = sorted({1, *(2**power for power in range(1, 7) if 2**power <= cores), min(cores, 64)})
    opened = {str(count): _Opened(subject.path, device, count) for count in counts}
    few = subject.trials[:4]
    times = interleave(
        {name: (lambda one=one: one.run(few)) for name, one in opened.items()},  # type: ignore[misc]
        0.5,
    )
    return {name: 1000 * taken.median / len(few) for name, taken in times.items()}


def _manifest(name: str, device: str, options: OptimizeOptions, graphs: Mapping[str, Values]) -> Values:
    return {
        "format": 1,
        "kind": OPTIMIZED,
        "model": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": device,
        "threads": options.threads,
        "least": LEAST,
        "hardware": processor(),
        "software": software(_PACKAGES),
        "graphs": dict(graphs),
        "files": {},
    }


def _earlier(folder: Path) -> tuple[Listed, ...]:
    """What an earlier run wrote to `folder`; raises `OutputError` where a manifest is not such a one."""
    if not (folder / MANIFEST).exists():
        return ()
    try:
        made = read_made(folder)
    except ModelError as error:
        raise OutputError(f"{error}; or choose another folder with -o", path=str(folder)) from error
    if made.kind != OPTIMIZED:
        raise OutputError(
            f"{folder}: something else is in the way; choose another folder with -o", path=str(folder)
        )
    return made.files


def _write(manifest: Values, made: Path, folder: Path, earlier: Sequence[Listed]) -> None:
    """Put what was chosen into `folder`, and the manifest behind it; of `earlier` nothing else is left."""
    for name, row in manifest["graphs"].items():
        if row["chosen"]:
            target = folder / f"{name}.onnx"
            with placed(target) as path:
                shutil.copyfile(made / f"{name}.{row['chosen']}.onnx", path)
            manifest["files"][target.name] = {"sha256": sha256_of(target), "size": target.stat().st_size}
    if manifest["files"]:
        for old in earlier:
            # What was changed since is not ours any more.
            if old.path.name not in manifest["files"] and old.health is Health.WHOLE:
                old.path.unlink()
        with placed(folder / MANIFEST) as path:
            path.write_text(json.dumps(manifest, indent=2, allow_nan=False) + "\n", "utf-8")
