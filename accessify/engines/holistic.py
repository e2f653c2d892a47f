"""Holistic landmarks on onnxruntime: body, hands and face of one person, picture after picture.

Body, hands and face are three strands of work over shared workers: while the hands and the face of
one picture are looked at, the body of the next may be. Each network runs on one thread.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from accessify.core.cores import count_cores
from accessify.core.expressions import EXPRESSIONS
from accessify.core.pose import PoseFrame, Skeleton
from accessify.core.video import Frame
from accessify.engines.networks import EXPRESSION_GRAPH, Networks
from accessify.engines.strand import Strand, in_parallel, result_of
from accessify.tracking.body import Body, BodyTracker
from accessify.tracking.body_hands import BodyHands, PalmRules
from accessify.tracking.face import Face, FaceRules, FaceTracker, Score
from accessify.tracking.graphs import (
    BODY_DETECTOR,
    BODY_LANDMARKS,
    FACE_DETECTOR,
    FACE_LANDMARKS,
    FACE_MESH,
    HAND_LANDMARKS,
    HAND_RECROP,
    PALM_DETECTOR,
    Look,
)
from accessify.tracking.hands import Hand, Together, WristRules
from accessify.tracking.holistic import Seen, Smoother, Smoothing, skeleton_of, to_pose
from accessify.tracking.palms import PalmTracker, find_palms
from accessify.tracking.regions import Region


@dataclass(frozen=True, slots=True)
class HolisticOptions:
    """What is looked for and how; defaults of workers and rules were measured (docs/benchmarks.md)."""

    hands_only: bool = False
    """Hands without a body: palms are detected."""
    face: bool = True
    """Whether the face is looked at."""
    expressions: bool = False
    """The face with its irises and the 52 scores of what it does; needs the graphs of `face-landmarker`."""
    near: tuple[float, float] | None = None
    """The person nearest to this place (fractions of width and height); None takes the largest."""
    device: str = "auto"
    """See `accessify.engines.session.PROVIDERS`."""
    workers: int | None = None
    """Networks that run at the same time; None takes one for each core, at most three."""
    ahead: int = 2
    """Pictures on their way at a time; 0 gives each pose before the next picture is taken (live)."""
    smoothing: Smoothing = field(default_factory=Smoothing)
    wrists: WristRules = field(default_factory=WristRules)
    palms: PalmRules = field(default_factory=PalmRules)
    faces: FaceRules = field(default_factory=FaceRules)

    def __post_init__(self) -> None:
        if self.expressions and (self.hands_only or not self.face):
            raise ValueError("expressions need the face")

    @property
    def graphs(self) -> frozenset[str]:
        """Names of the networks that are looked through."""
        if self.hands_only:
            return frozenset({PALM_DETECTOR.name, HAND_LANDMARKS.name})
        graphs = {BODY_DETECTOR, BODY_LANDMARKS, HAND_RECROP, HAND_LANDMARKS, PALM_DETECTOR}
        if self.face:
            graphs |= {FACE_DETECTOR, FACE_MESH if self.expressions else FACE_LANDMARKS}
        return frozenset(
            {graph.name for graph in graphs} | ({EXPRESSION_GRAPH} if self.expressions else set())
        )


@dataclass(slots=True)
class _Flight:
    """A picture on its way through the strands."""

    frame: Frame
    parts: int
    """How many are still to come."""
    body: Body | None = None
    hands: tuple[Hand | None, Hand | None] = (None, None)
    face: Face | None = None
    palms: Future[list[Region]] | None = None
    """Palms that are looked for while the picture before is still being looked at."""
    landed: Future[None] = field(default_factory=Future)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def arrive(self) -> None:
        """One part is there."""
        with self.lock:
            self.parts -= 1
            if self.parts == 0 and not self.landed.done():
                self.landed.set_result(None)

    def fail(self, error: BaseException) -> None:
        """One part has failed; the first that does is told of."""
        with self.lock:
            if not self.landed.done():
                self.landed.set_exception(error)


class Holistic:
    """A `Landmarker` for one video."""

    def __init__(
        self, look: Look, options: HolisticOptions = HolisticOptions(), score: Score | None = None
    ) -> None:
        """`score` tells what a face does, where the options ask for it."""
        self._look = look
        self._options = options
        self.skeleton: Skeleton = skeleton_of(
            hands_only=options.hands_only,
            face=options.face,
            expressions=EXPRESSIONS if options.expressions else (),
        )
        self._workers = ThreadPoolExecutor(worker_count(options), thread_name_prefix="landmarks")
        self._strands = [Strand(self._workers) for _ in range(3)]
        self._together: Together = partial(in_parallel, self._workers)
        self._bodies = BodyTracker(options.near)
        self._hands = BodyHands(options.wrists, options.palms)
        self._palms = PalmTracker()
        self._faces = (
            FaceTracker(options.faces, FACE_MESH, score)
            if options.expressions
            else FaceTracker(options.faces, FACE_LANDMARKS)
        )
        self._smoother = Smoother(options.smoothing)
        self._flights: deque[_Flight] = deque()
        self._start: int | None = None
        self._closed = False

    @property
    def people(self) -> int:
        """The most people that were seen at once, when one was chosen."""
        return self._bodies.people

    def push(self, frame: Frame) -> Sequence[PoseFrame]:
        """Look at the next picture; the poses that are ready, perhaps of earlier pictures.

        Raises `ValueError` for a picture that is no later than the one before or comes after `close`, and
        what networks raise.
        """
        if self._closed:
            raise ValueError("this landmarker is closed; open another one")
        if self._start is not None and frame.start <= self._start:
            raise ValueError(f"pictures must come in order of time, not {frame.start} behind {self._start}")
        self._start = frame.start
        body, hands, _ = self._strands
        if self._options.hands_only:
            flight = _Flight(frame, 1)
            if self._options.ahead and self._palms.seeks:  # most likely for this picture too
                flight.palms = self._workers.submit(find_palms, frame.image, self._look)
            hands.submit(partial(self._do, flight, self._see_palms))
        else:
            flight = _Flight(frame, 3 if self._options.face else 2)
            body.submit(partial(self._do, flight, self._see_body))
        self._flights.append(flight)
        return self._land(self._options.ahead)

    def finish(self) -> Sequence[PoseFrame]:
        """The poses still missing, in order; raises what networks raise."""
        return self._land(0)

    def close(self) -> None:
        """Let the workers go, and what they have not done; closing again does nothing."""
        self._closed = True
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._flights.clear()

    def _land(self, ahead: int) -> list[PoseFrame]:
        poses = []
        while len(self._flights) > ahead:
            flight = self._flights.popleft()
            flight.landed.result()
            seen = Seen(flight.body, flight.hands, flight.face)
            poses.append(
                to_pose(self._smoother.push(seen, flight.frame.start), self.skeleton, flight.frame.start)
            )
        return poses

    def _do(self, flight: _Flight, work: Callable[[_Flight], None]) -> None:
        """Run one part; what it raises is raised where the pose is waited for."""
        if flight.landed.done():
            return
        try:
            work(flight)
        except BaseException as error:
            flight.fail(error)
            raise
        flight.arrive()

    def _see_body(self, flight: _Flight) -> None:
        flight.body = self._bodies.push(flight.frame.image, self._look)
        _, hands, face = self._strands
        hands.submit(partial(self._do, flight, self._see_hands))
        if self._options.face:
            face.submit(partial(self._do, flight, self._see_face))

    def _see_hands(self, flight: _Flight) -> None:
        flight.hands = self._hands.push(flight.frame.image, flight.body, self._look, self._together)

    def _see_palms(self, flight: _Flight) -> None:
        image, promise = flight.frame.image, flight.palms
        find = partial(result_of, promise, partial(find_palms, image, self._look)) if promise else None
        flight.hands = self._palms.push(image, self._look, self._together, find)
        if promise:
            promise.cancel()  # both hands were followed

    def _see_face(self, flight: _Flight) -> None:
        flight.face = self._faces.push(flight.frame.image, flight.body, self._look)


def open_holistic(files: Mapping[str, Path], options: HolisticOptions = HolisticOptions()) -> Holistic:
    """A landmarker for one video; `files` are the converted graphs (`accessify.hub.graphs`).

    Raises `MissingExtra` without OpenCV, `OptionError` for a device that is not there, and `ModelError`.
    """
    networks = open_networks(files, options)
    return Holistic(networks, options, networks.score if options.expressions else None)


def open_networks(files: Mapping[str, Path], options: HolisticOptions = HolisticOptions()) -> Networks:
    """The networks for a landmarker with these options, one video after another; raises the same."""
    body_threads = 1 if options.ahead else worker_count(options)  # live: nothing else runs meanwhile
    return Networks(
        {name: path for name, path in files.items() if name in options.graphs}, options.device, body_threads
    )


def worker_count(options: HolisticOptions) -> int:
    """Networks that run at the same time: one for each core this process may use, at most three."""
    if options.workers:
        return options.workers
    return min(count_cores(), 3)
