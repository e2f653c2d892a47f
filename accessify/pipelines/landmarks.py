"""Film or camera to landmarks: read pictures, look at them, keep the poses."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

from accessify.core.errors import OptionError, UnknownName
from accessify.core.placing import require_writable
from accessify.core.pose import PoseClip, PoseFrame, Skeleton
from accessify.core.progress import OnProgress, Progress
from accessify.core.timeline import Note, Rate, Span, to_seconds
from accessify.core.video import Frame
from accessify.engines.holistic import Holistic, HolisticOptions, open_holistic
from accessify.engines.mediapipe_tasks import open_task
from accessify.engines.session import find_device
from accessify.hub.graphs import FACE, HALF_SAFE, HOLISTIC, graph_files
from accessify.media.address import is_address, shown
from accessify.media.frames import FrameReader, open_frames
from accessify.pipelines.recording import Recording
from accessify.tracking.graphs import Landmarker
from accessify.tracking.holistic import CALM, Smoothing

log = logging.getLogger(__name__)

SUFFIXES = (".pose", ".npz")
ENGINES = ("onnx", "mediapipe")
FACES = ("mesh", "none", "expressions")
SMOOTHS = ("none", "body", "all")
PRECISIONS = ("float32", "float16")


@dataclass(frozen=True, slots=True)
class LandmarkOptions:
    """What is looked for in a film or camera."""

    hands_only: bool = False
    """Only hands, also without a body in the picture; faster."""
    face: Literal["mesh", "none", "expressions"] = "mesh"
    """468 points, none, or the points with irises and 52 scores of what the face does."""
    engine: Literal["onnx", "mediapipe"] = "onnx"
    """Our converted networks, or MediaPipe's Tasks with a bundle of your own."""
    task: Path | None = None
    """The `.task` bundle, for the engine `mediapipe`."""
    device: str = "auto"
    """auto, cpu, cuda, tensorrt, coreml, directml or openvino; for the engine `onnx`."""
    threads: int | None = None
    """Networks that run at the same time; None takes one for each core, at most three."""
    near: tuple[float, float] | None = None
    """Which person: the one nearest to this place (fractions of width and height); None the largest."""
    smooth: Literal["none", "body", "all"] = "body"
    """What is calmed by One-Euro filters: the body as its tracking has it, or hands and face too."""
    precision: Literal["float32", "float16"] = "float32"
    """What the networks compute in; float16 is for GPUs, where those run in it that bear it."""
    tuning: HolisticOptions = field(default_factory=HolisticOptions)
    """How often is looked and how much at a time; what the fields above say comes on top."""
    offline: bool = False
    """Never dial out; models must be on this machine."""


@dataclass(frozen=True, slots=True)
class Landmarked:
    """What became of a film or a recording."""

    frames: int
    """Pictures looked at."""
    seen: Mapping[str, int]
    """Component → in how many pictures it was found."""
    size: tuple[int, int]
    """Width and height in pixels."""
    rate: Rate
    notes: tuple[Note, ...] = ()
    """What could not be done."""
    files: tuple[Path, ...] = ()
    """What was written."""


def landmarks(
    source: str | Path,
    options: LandmarkOptions = LandmarkOptions(),
    *,
    on_progress: OnProgress | None = None,
) -> PoseClip:
    """The signer's points in every picture of the film at `source`, with notes of what was not seen.

    Raises `MediaError`, `OptionError`, `ModelError` and `MissingExtra`.
    """
    with _opened(source, options, on_progress) as (reader, landmarker):
        poses = [pose for _, pose in _looked(reader, landmarker, on_progress)]
        tally = _Tally(landmarker.skeleton)
        for pose in poses:
            tally.add(pose)
        clip = PoseClip.of(poses, landmarker.skeleton, reader.rate, reader.size)
        return clip.with_notes(_notes(reader, landmarker, tally))


def watch_landmarks(
    source: str | Path,
    options: LandmarkOptions = LandmarkOptions(),
    *,
    on_frame: Callable[[Frame], None] | None = None,
) -> Generator[PoseFrame]:
    """The signer's points picture by picture, each before the next picture is taken.

    Meant for cameras (`0`, `/dev/video0`, an address); ends when the source does, or with `close()`.
    `on_frame` is given each picture before its pose comes, to draw over.
    Opens nothing before the first pose is asked for, and then raises as `landmarks` does.
    """
    with _opened(source, options, None, ahead=0) as (reader, landmarker):
        for frame, pose in _looked(reader, landmarker, None):
            if on_frame:
                on_frame(frame)
            yield pose


@contextmanager
def watching(
    source: str | Path | FrameReader,
    options: LandmarkOptions = LandmarkOptions(),
    *,
    on_progress: OnProgress | None = None,
) -> Iterator[tuple[Skeleton, Iterator[PoseFrame]]]:
    """Which points there are, and the poses as `watch_landmarks` gives them; raises as `landmarks` does.

    `on_progress` is told of models that are fetched; a reader is closed at the end.
    """
    with _opened(source, options, on_progress, ahead=0) as (reader, landmarker):
        yield landmarker.skeleton, (pose for _, pose in _looked(reader, landmarker, None))


def landmarks_film(
    source: str | Path,
    options: LandmarkOptions = LandmarkOptions(),
    *,
    output: str | Path | None = None,
    preview: str | Path | None = None,
    on_progress: OnProgress | None = None,
) -> Landmarked:
    """Look at the film or camera `source` and write what was seen, in constant memory.

    `output` is a `.pose` file, or `.npz` which holds everything but is kept in memory until the end;
    `preview` is an MP4 with the points drawn into the pictures. A camera is recorded until it ends or
    Ctrl-C. Raises as `landmarks` does, and `OutputError`.
    """
    output, preview = (Path(target) if target else None for target in (output, preview))
    _check_targets(source, output, preview)
    with _opened(source, options, on_progress) as (reader, landmarker):
        tally = _Tally(landmarker.skeleton)
        with Recording(output, preview, landmarker.skeleton, reader) as record:
            try:
                for frame, pose in _looked(reader, landmarker, on_progress):
                    tally.add(pose)
                    record.write(frame, pose)
            except KeyboardInterrupt:
                if not (reader.live and tally.frames):
                    raise
            notes = _notes(reader, landmarker, tally)
            record.notes = notes
        files = tuple(path for path in (output, preview) if path)
        named = shown(str(source)) if is_address(str(source)) else source  # no password in a log
        log.info("%s: %d pictures, %s", named, tally.frames, tally.seen)
        return Landmarked(tally.frames, tally.seen, reader.size, reader.rate, (*notes, *record.losses), files)


def _check_targets(source: str | Path, output: Path | None, preview: Path | None) -> None:
    """Raise `OptionError` or `OutputError` where a file could not be written in the end."""
    for target, suffixes in ((output, SUFFIXES), (preview, (".mp4",))):
        if target is None:
            continue
        if target.suffix.lower() not in suffixes:
            raise OptionError(f"{target}: cannot be written; end the name in {' or '.join(suffixes)}")
        both = not is_address(str(source)) and target.exists() and Path(source).exists()
        if both and target.samefile(source):
            raise OptionError(f"{target}: that is the film itself; choose another name")
        require_writable(target)


def _check(options: LandmarkOptions) -> None:
    """Raise `OptionError` for a value that means nothing, or two that do not go together."""
    if options.engine not in ENGINES:
        raise UnknownName("engine", options.engine, ENGINES)
    if options.face not in FACES:
        raise UnknownName("choice of face", options.face, FACES)
    if options.smooth not in SMOOTHS:
        raise UnknownName("choice of smoothing", str(options.smooth), SMOOTHS)
    if options.precision not in PRECISIONS:
        raise UnknownName("precision", options.precision, PRECISIONS)
    if options.threads is not None and options.threads < 1:
        raise OptionError(f"--threads {options.threads}: give at least 1, or leave it out")
    if options.near and not all(0 <= part <= 1 for part in options.near):
        x, y = options.near
        raise OptionError(f"--signer {x:g},{y:g}: a place is two numbers from 0 to 1, e.g. 0.3,0.5")
    if options.hands_only and options.near:
        raise OptionError("--signer tells people apart by their bodies; leave it or --hands-only out")
    if options.hands_only and options.face == "expressions":
        raise OptionError("--face expressions needs the face; leave it or --hands-only out")


@contextmanager
def _opened(
    source: str | Path | FrameReader,
    options: LandmarkOptions,
    on_progress: OnProgress | None,
    *,
    ahead: int = 2,
) -> Iterator[tuple[FrameReader, Landmarker]]:
    """The source and what looks at it."""
    _check(options)
    with (
        open_frames(source) if isinstance(source, str | Path) else source as reader,
        closing(_landmarker(options, 0 if reader.live else ahead, on_progress)) as landmarker,
    ):
        yield reader, landmarker


def _landmarker(options: LandmarkOptions, ahead: int, on_progress: OnProgress | None) -> Landmarker:
    if options.engine == "mediapipe":
        return _task(options)
    if options.task:
        raise OptionError(
            "a .task bundle is for the engine mediapipe; add --engine mediapipe, or leave it out"
        )
    find_device(options.device)  # raises before anything is fetched
    calm = CALM if options.smooth == "all" else None
    settings = replace(
        options.tuning,
        hands_only=options.hands_only,
        face=options.face != "none",
        expressions=options.face == "expressions",
        near=options.near,
        device=options.device,
        workers=options.threads or options.tuning.workers,
        ahead=min(ahead, options.tuning.ahead),
        smoothing=Smoothing(body=options.smooth != "none", hands=calm, face=calm),
    )
    return open_holistic(_graphs(options, on_progress), settings)


def _graphs(options: LandmarkOptions, on_progress: OnProgress | None) -> dict[str, Path]:
    """The converted networks; in float16 those whose points stay where they are."""
    fetch = partial(graph_files, offline=options.offline, on_progress=on_progress)
    files = fetch(HOLISTIC)
    if options.precision == "float16":
        files |= {name: path for name, path in fetch(HOLISTIC, half=True).items() if name in HALF_SAFE}
    return files | fetch(FACE) if options.face == "expressions" else files


def _task(options: LandmarkOptions) -> Landmarker:
    """MediaPipe's own landmarker; an option that it cannot honour is an error."""
    if options.task is None:
        raise OptionError("the engine mediapipe needs a bundle of yours: --task holistic_landmarker.task")
    asked = {
        "--device": options.device not in ("auto", "cpu"),
        "--threads": options.threads is not None,
        "--signer": options.near is not None,
        "--smooth": options.smooth != "body",
        "--precision": options.precision != "float32",
        "tuning": options.tuning != HolisticOptions(),
    }
    refused = [name for name, given in asked.items() if given]
    if refused:
        raise OptionError(
            f"the engine mediapipe cannot honour {', '.join(refused)}; leave it out or take --engine onnx"
        )
    found = open_task(options.task, hands_only=options.hands_only, face=options.face != "none")
    if options.face == "expressions" and not found.skeleton.expressions:
        found.close()
        raise OptionError(
            f"{options.task}: does not score facial expressions; give a bundle that does, or --face mesh"
        )
    return found


def _looked(
    reader: FrameReader, landmarker: Landmarker, on_progress: OnProgress | None
) -> Iterator[tuple[Frame, PoseFrame]]:
    """Every picture with its pose; few are held at a time."""
    waiting: deque[Frame] = deque()
    for frame in reader:
        waiting.append(frame)
        for pose in landmarker.push(frame):
            yield waiting.popleft(), pose
        if on_progress:
            done, total = to_seconds(frame.start), to_seconds(reader.duration)
            on_progress(Progress("landmarks", done, max(done, total) if total else None))
    for pose in landmarker.finish():
        yield waiting.popleft(), pose


class _Tally:
    """What was found so far."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.frames = 0
        self.last = 0
        """Tick of the last picture."""
        self.seen = {part.name: 0 for part in skeleton.components}
        """Component → in how many pictures."""
        self._places = {name: skeleton.place(name) for name in self.seen}

    def add(self, pose: PoseFrame) -> None:
        self.frames += 1
        self.last = pose.start
        for name, place in self._places.items():
            self.seen[name] += bool(pose.confidence[place].any())


def _notes(reader: FrameReader, landmarker: Landmarker, tally: _Tally) -> tuple[Note, ...]:
    """What could not be read or seen."""
    notes = list(reader.notes)
    span = Span(0, max(reader.duration, tally.last))
    if not tally.frames:
        notes.append(Note(span, "empty", "no picture could be read"))
    elif not any(tally.seen.values()):
        notes.append(Note(span, "nobody", "nobody was seen; is the signer in the picture, upright and lit?"))
    if isinstance(landmarker, Holistic) and landmarker.people > 1:
        text = f"{landmarker.people} people were seen; one was followed, --signer chooses which"
        notes.append(Note(span, "people", text))
    return tuple(notes)
