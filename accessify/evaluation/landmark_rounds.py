"""Plays the clips to accessify and to MediaPipe, turn by turn, and keeps what came of it.

Every system has a process of its own that stays up. A first pass gives the landmarks; then come rounds
for time, in which the systems take turns clip by clip, every other round in reverse, so that all
meet the same state of the machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.delivery.arrays import read_arrays
from accessify.delivery.pose_npz import read_npz
from accessify.evaluation.companion import Companion, own_cores
from accessify.evaluation.landmark_child import CHOSEN, FULL, HANDS, LIVE, SHARED, SMOOTH, STAGES, WARM_UP
from accessify.evaluation.landmark_choices import CHOICES, USUAL
from accessify.evaluation.landmark_material import Clip
from accessify.evaluation.landmark_tracks import Tracks, holistic_tracks, tracks_of

OURS, OUR_HANDS, OUR_CORE = "accessify", "accessify_hands", "accessify_one_core"
OUR_PAIR, OUR_LIVE, OUR_STAGES = "accessify_two_processes", "accessify_live", "accessify_stages"
HOLISTIC, RIVAL_HANDS, HOLISTIC_CORE = "mediapipe_holistic", "mediapipe_hands", "mediapipe_one_core"

TITLES = {
    OURS: "accessify, body, hands and face",
    HOLISTIC: "MediaPipe Holistic, complexity 1",
    OUR_HANDS: "accessify, hands only",
    RIVAL_HANDS: "MediaPipe Hands, two hands, complexity 1",
    OUR_CORE: "accessify on one core",
    HOLISTIC_CORE: "MediaPipe Holistic on one core",
    OUR_PAIR: "accessify, two files at a time in two processes, together",
    OUR_LIVE: "accessify live, each pose before the next picture",
    OUR_STAGES: "accessify, one network at a time",
}

Stage = Callable[[str], None]
"""Told what is being done."""


@dataclass(frozen=True, slots=True)
class Run:
    """One pass over one clip."""

    wall_s: float
    """From the first picture handed over to the last pose."""
    cpu_s: float
    """Of all threads (and processes) of the system."""
    frames: int
    """Pictures that were looked at in that time."""
    each_s: tuple[float, ...] = ()
    """The wait for each pose, where each is waited for."""
    graphs: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    """Network → how often it ran and its seconds, crop included."""

    @property
    def fps(self) -> float:
        return self.frames / self.wall_s

    @property
    def settled_fps(self) -> float:
        """The same without the first `WARM_UP` pictures, where each was waited for and there are more."""
        first = self.each_s[:WARM_UP]
        left = self.frames - len(first)
        return left / (self.wall_s - sum(first)) if left else self.fps


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What the systems see in one clip; None where there is no MediaPipe."""

    ours: Tracks
    smoothed: Tracks
    half: Tracks
    """With networks in 16 bits."""
    our_hands: Tracks
    """Hands only."""
    theirs: Tracks | None = None
    their_hands: NDArray[np.float32] | None = None
    """Shape [frames, 2, 21, 3]: the hands of MediaPipe Hands, NaN where missing."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The processes; None where there is no MediaPipe, or a process cannot be kept to one core."""

    ours: Companion
    second: Companion
    our_core: Companion | None
    theirs: Companion | None
    their_core: Companion | None
    device: str

    def request(
        self, mode: str, clip: Clip, save: Path | None = None, *, half: bool = False
    ) -> dict[str, Any]:
        """What our processes are asked."""
        return {
            "mode": mode,
            "frames": str(clip.frames),
            "starts": clip.starts,
            "rate": str(clip.rate.fps),
            "save": str(save) if save else None,
            "device": self.device,
            "half": half,
        }


@contextmanager
def open_cast(rival: Path | None, device: str) -> Iterator[Cast]:
    """Start all processes; `rival` is the interpreter that has MediaPipe."""
    own: list[str | Path] = [sys.executable, "-m", "accessify.evaluation.landmark_child"]
    script = Path(__file__).with_name("mediapipe_rival.py")
    other: list[str | Path] | None = [rival, "-I", script] if rival else None
    core = next(iter(own_cores()), None)
    with ExitStack() as stack:

        def start(command: Sequence[str | Path] | None, core: int | None = None) -> Companion | None:
            if command is None:
                return None
            name = "accessify" if command is own else "MediaPipe"
            return stack.enter_context(Companion(name, command, core))

        yield Cast(
            stack.enter_context(Companion("accessify", own)),
            stack.enter_context(Companion("accessify", own)),
            start(own, core) if core is not None else None,
            start(other),
            start(other, core) if core is not None else None,
            device,
        )


def look(clip: Clip, cast: Cast, folder: Path) -> Looked:
    """The landmarks of every system; also warms all of them."""

    def ours(mode: str, *, half: bool = False) -> Tracks:
        target = folder / f"{clip.name}-{mode}{'-half' if half else ''}.npz"
        cast.ours.ask(cast.request(mode, clip, target, half=half))
        return tracks_of(read_npz(target))

    def theirs(system: str) -> dict[str, NDArray[np.float32]]:
        assert cast.theirs is not None  # noqa: S101 - for the type checker
        target = folder / f"{clip.name}-{system}.npz"
        cast.theirs.ask(_rival_request(system, clip, target))
        return read_arrays(target)

    seen = Looked(ours(FULL), ours(SMOOTH), ours(FULL, half=True), ours(HANDS))
    if cast.theirs is None:
        return seen
    holistic, hands = theirs("holistic"), theirs("hands")["hands"]
    return replace(
        seen, theirs=holistic_tracks(holistic, clip.size, clip.rate, "MediaPipe"), their_hands=hands
    )


def look_by_choice(clip: Clip, cast: Cast, folder: Path) -> dict[str, tuple[dict[str, float], Tracks]]:
    """Choice (`landmark_choices`) → what it took, and what is seen."""
    target = folder / f"{clip.name}-choices"
    target.mkdir(exist_ok=True)
    costs = cast.ours.ask(cast.request(CHOSEN, clip, target))
    return {
        name: (costs[name], tracks_of(read_npz(target / f"{number}.npz")))
        for number, name in enumerate((USUAL, *CHOICES))
    }


def play_rounds(
    clips: Sequence[Clip], cast: Cast, rounds: int, stage: Stage
) -> dict[str, dict[str, tuple[Run, ...]]]:
    """Clip → system → its runs, one a round."""
    runs: dict[str, dict[str, list[Run]]] = {clip.name: {} for clip in clips}
    for number in range(1, rounds + 1):
        stage(f"speed, round {number} of {rounds}")
        for clip in clips:
            turns = list(_turns(clip, cast).items())
            for system, turn in turns if number % 2 else reversed(turns):
                runs[clip.name].setdefault(system, []).append(turn())
    return {
        name: {system: tuple(taken) for system, taken in systems.items()} for name, systems in runs.items()
    }


def _turns(clip: Clip, cast: Cast) -> dict[str, Callable[[], Run]]:
    """System → what runs it once; those that are compared stand beside each other."""

    def ours(mode: str, companion: Companion = cast.ours) -> Callable[[], Run]:
        return lambda: _run(companion.ask(cast.request(mode, clip)), len(clip))

    def theirs(system: str, companion: Companion) -> Callable[[], Run]:
        return lambda: _run(companion.ask(_rival_request(system, clip)), len(clip))

    turns: dict[str, Callable[[], Run]] = {OURS: ours(FULL), OUR_HANDS: ours(HANDS)}
    if cast.theirs:
        turns = {
            HOLISTIC: theirs("holistic", cast.theirs),
            OURS: ours(FULL),
            RIVAL_HANDS: theirs("hands", cast.theirs),
            OUR_HANDS: ours(HANDS),
        }
    if cast.our_core:
        if cast.their_core:
            turns[HOLISTIC_CORE] = theirs("holistic", cast.their_core)
        turns[OUR_CORE] = ours(FULL, cast.our_core)
    turns[OUR_PAIR] = lambda: _run_pair(clip, cast)
    turns[OUR_LIVE] = ours(LIVE)
    turns[OUR_STAGES] = ours(STAGES)
    return turns


def _run_pair(clip: Clip, cast: Cast) -> Run:
    """The whole clip in each of two processes at once; the time is that of the slower one."""
    both = (cast.ours, cast.second)
    for companion in both:
        companion.ask(cast.request(SHARED, clip) | {"hold": True})
    for companion in both:
        companion.begin({})
    answers = [companion.answer() for companion in both]
    return Run(
        max(answer["wall_s"] for answer in answers),
        sum(answer["cpu_s"] for answer in answers),
        2 * len(clip),
    )


def _run(answer: Mapping[str, Any], frames: int) -> Run:
    graphs = {name: (int(calls), float(taken)) for name, (calls, taken) in answer.get("graphs", {}).items()}
    return Run(answer["wall_s"], answer["cpu_s"], frames, tuple(answer.get("each_s", ())), graphs)


def _rival_request(system: str, clip: Clip, save: Path | None = None) -> dict[str, Any]:
    return {"system": system, "frames": str(clip.frames), "save": str(save) if save else None}
