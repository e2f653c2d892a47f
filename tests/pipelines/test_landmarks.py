"""What comes out: the same every time, whole or not there, and only what was asked for."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import accessify
from accessify import read_poses
from accessify.core.errors import AccessifyError, FormatError, ModelError, OptionError, OutputError
from accessify.core.expressions import EXPRESSIONS
from accessify.core.holistic import BODY, BODY_WORLD, FACE, HANDS, HOLISTIC, IRISES, LEFT_HAND, RIGHT_HAND
from accessify.core.pose import PoseClip
from accessify.core.progress import Progress
from accessify.core.timeline import Rate, seconds
from accessify.core.video import Frame
from accessify.delivery.poses import write_poses
from accessify.engines.holistic import HolisticOptions
from accessify.engines.session import PROVIDERS
from accessify.evaluation.repeated_film import write_repeated
from accessify.hub.graphs import FACE as FACE_MODEL
from accessify.hub.graphs import graph_files
from accessify.pipelines.landmarks import Landmarked, LandmarkOptions, landmarks, landmarks_film
from accessify.tracking.face import FaceRules
from tests.engines.bundles import FACE_TASK, hand_members, needs_face_task, store
from tests.media.make_media import grey
from tests.pipelines.signing import OPTIONS, PARTS, apart, command, seen, signing, write_film

pytest.importorskip("cv2", reason="OpenCV comes with the extra `signs`")
pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def signer(folder: Path) -> Path:
    """Half a second of somebody who signs with both hands, 320×240."""
    return write_film(folder / "signer.mp4", signing())


@pytest.fixture(scope="module")
def wall(folder: Path) -> Path:
    """Four pictures without anybody, 64×48."""
    return write_film(folder / "wall.mp4", grey(4))


@pytest.fixture(scope="module")
def clip(signer: Path) -> PoseClip:
    return landmarks(signer, OPTIONS)


@pytest.fixture(scope="module")
def done(signer: Path, folder: Path) -> Landmarked:
    return landmarks_film(signer, OPTIONS, output=folder / "signer.pose", preview=str(folder / "seen.mp4"))


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def assert_same(one: PoseClip, other: PoseClip) -> None:
    """Bit for bit."""
    np.testing.assert_array_equal(one.points, other.points)
    np.testing.assert_array_equal(one.confidence, other.confidence)
    assert one.times.tolist() == other.times.tolist()
    assert (one.rate, one.size, one.skeleton) == (other.rate, other.size, other.skeleton)


# the same every time


def test_the_file_holds_what_the_function_gives(done: Landmarked, clip: PoseClip, folder: Path) -> None:
    held = clip.only([BODY, FACE, LEFT_HAND, RIGHT_HAND, BODY_WORLD])  # what other tools know
    assert_same(read_poses(folder / "signer.pose"), held)
    assert clip.skeleton == HOLISTIC
    assert (done.frames, done.size, done.rate, done.notes) == (12, (320, 240), Rate.parse("25"), ())
    assert done.seen == {part.name: seen(clip, part.name).sum() for part in HOLISTIC.components}
    assert min(done.seen.values()) == 12
    assert done.files == (folder / "signer.pose", folder / "seen.mp4")


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_no_byte(
    signer: Path, done: Landmarked, folder: Path, tmp_path: Path, threads: int
) -> None:
    landmarks_film(signer, replace(OPTIONS, threads=threads), output=tmp_path / "again.pose")
    assert (tmp_path / "again.pose").read_bytes() == done.files[0].read_bytes()


def test_both_kinds_of_file_agree(signer: Path, clip: PoseClip, folder: Path, tmp_path: Path) -> None:
    again = landmarks_film(signer, OPTIONS, output=tmp_path / "signer.npz")
    assert again.files == (tmp_path / "signer.npz",)
    assert_same(read_poses(tmp_path / "signer.npz"), clip)
    write_poses(clip, tmp_path / "written.npz")
    assert (tmp_path / "written.npz").read_bytes() == (tmp_path / "signer.npz").read_bytes()
    write_poses(clip, tmp_path / "written.pose")
    assert (tmp_path / "written.pose").read_bytes() == (folder / "signer.pose").read_bytes()


# the film to look at


def test_the_preview_shows_every_picture_at_its_time(done: Landmarked, clip: PoseClip) -> None:
    import av

    with av.open(str(done.files[1])) as film:
        pictures = list(film.decode(video=0))
        comment = film.metadata["comment"]
    assert [seconds((one.pts or 0) * one.time_base) for one in pictures if one.time_base] == list(clip.times)
    assert {(picture.width, picture.height) for picture in pictures} == {(640, 480)}
    assert comment.startswith("Machine-made landmarks")
    drawn, plain = pictures[5].to_ndarray(format="rgb24"), signing()[5]
    wrist = clip.part(RIGHT_HAND)[0][5, 0, :2].round().astype(int)
    corner, hand = (slice(200, 240), slice(280, 320)), tuple(slice(at - 6, at + 6) for at in wrist[::-1])
    assert changed(drawn, plain, corner) < 5
    assert changed(drawn, plain, hand) > 20


def changed(drawn: NDArray[np.uint8], plain: NDArray[np.uint8], place: tuple[slice, ...]) -> float:
    """Mean difference within a place of the plain picture; the drawn one is twice as large."""
    return float(np.abs(drawn[::2, ::2][place].astype(int) - plain[place]).mean())


def test_a_preview_of_an_odd_size_is_even(tmp_path: Path) -> None:
    import av

    images = [np.full((481, 643, 3), 90, np.uint8)] * 2
    film = write_film(tmp_path / "odd.mp4", images, pixels="yuv444p")
    shown = landmarks_film(film, OPTIONS, preview=tmp_path / "seen.mp4")
    assert (shown.size, shown.files) == ((643, 481), (tmp_path / "seen.mp4",))
    with av.open(str(tmp_path / "seen.mp4")) as preview:
        stream = preview.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (644, 482, 2)


# what is looked for


def test_without_a_face_the_rest_is_the_same(signer: Path, clip: PoseClip) -> None:
    bare = landmarks(signer, replace(OPTIONS, face="none"))
    assert_same(bare, clip.only(part.name for part in HOLISTIC.components if part.name != FACE))


def test_hands_alone(signer: Path, clip: PoseClip) -> None:
    hands = landmarks(signer, replace(OPTIONS, hands_only=True))
    assert hands.skeleton == HANDS
    for part in (LEFT_HAND, RIGHT_HAND):
        assert seen(hands, part).sum() >= 11
        assert np.median(apart(hands, clip, part)) < 1


def test_smoothing_calms_hands_and_face(signer: Path, clip: PoseClip) -> None:
    calm = landmarks(signer, replace(OPTIONS, smooth="all"))
    assert [seen(calm, part).all() for part in PARTS] == [True] * 4
    for part in (LEFT_HAND, RIGHT_HAND, FACE):
        assert trembling(calm, part) < 0.75 * trembling(clip, part)
        assert np.median(apart(calm, clip, part)) < 3
    np.testing.assert_array_equal(calm.part(BODY)[0], clip.part(BODY)[0])


def test_nothing_is_calmed_where_nothing_is_to_be(signer: Path, clip: PoseClip) -> None:
    raw = landmarks(signer, replace(OPTIONS, smooth="none"))
    for part in (BODY, BODY_WORLD):
        assert trembling(raw, part) > 1.2 * trembling(clip, part)
    assert not np.array_equal(raw.part(BODY)[1], clip.part(BODY)[1])
    for part in (LEFT_HAND, RIGHT_HAND, FACE):
        np.testing.assert_array_equal(raw.part(part)[0], clip.part(part)[0])


def trembling(clip: PoseClip, part: str) -> float:
    """Median second difference in pixels."""
    return float(np.median(np.linalg.norm(np.diff(clip.part(part)[0][..., :2], 2, axis=0), axis=-1)))


@pytest.fixture
def _mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks of expressions, from the cache or the mirror beside the checkout."""
    monkeypatch.setenv("ACCESSIFY_MIRROR", str(FACE_TASK.parent))
    try:
        graph_files(FACE_MODEL, offline=True)
    except ModelError as error:
        pytest.skip(f"needs {FACE_TASK.name} in a mirror beside the checkout: {error}")


@needs_face_task
@pytest.mark.usefixtures("_mirror")
def test_expressions_are_those_of_mediapipe(tmp_path: Path) -> None:
    """Mean over pictures and scores; MediaPipe finds and smooths the face another way."""
    pytest.importorskip("mediapipe")
    film = write_film(tmp_path / "signer.mp4", signing(0, 60))
    ours = landmarks(film, replace(OPTIONS, face="expressions"))
    theirs = landmarks(film, LandmarkOptions(engine="mediapipe", task=FACE_TASK, face="expressions"))
    assert ours.skeleton.components == (*HOLISTIC.components, IRISES)
    assert ours.skeleton.expressions == theirs.skeleton.expressions == EXPRESSIONS
    assert ours.expressions is not None
    assert theirs.expressions is not None
    assert np.abs(ours.expressions - theirs.expressions).mean() < 0.02
    assert np.median(apart(ours, theirs, FACE)) < 1
    for iris, (outer, inner) in ((0, (33, 133)), (5, (263, 362))):
        face = ours.part(FACE)[0][..., :2]
        eye = np.linalg.norm(face[:, outer] - face[:, inner], axis=-1)
        middle = (face[:, outer] + face[:, inner]) / 2
        away = np.linalg.norm(ours.part(IRISES.name)[0][:, iris, :2] - middle, axis=-1)
        assert (away < 0.3 * eye).all()


# what makes no sense


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"engine": "tensorflow"}, "unknown engine 'tensorflow'; known: onnx, mediapipe"),
        ({"face": "full"}, "unknown choice of face 'full'; known: mesh, none, expressions"),
        ({"threads": 0}, "--threads 0: give at least 1"),
        ({"threads": -1}, "--threads -1: give at least 1"),
        ({"near": (0.5, 1.5)}, "--signer 0.5,1.5: a place is two numbers from 0 to 1"),
        ({"near": (float("nan"), 0.5)}, "a place is two numbers from 0 to 1"),
        ({"hands_only": True, "near": (0.0, 0.5)}, "leave it or --hands-only out"),
        ({"hands_only": True, "face": "expressions"}, "leave it or --hands-only out"),
        ({"device": "abacus"}, "no device 'abacus'; choose from: auto, "),
        ({"task": Path("a.task")}, "is for the engine mediapipe"),
        ({"engine": "mediapipe"}, "needs a bundle of yours: --task"),
        ({"engine": "mediapipe", "device": "cuda"}, "cannot honour --device"),
        ({"engine": "mediapipe", "threads": 2}, "cannot honour --threads"),
        ({"engine": "mediapipe", "near": (0.0, 0.5)}, "cannot honour --signer"),
        ({"engine": "mediapipe", "smooth": "all"}, "cannot honour --smooth"),
        ({"engine": "mediapipe", "smooth": "none"}, "cannot honour --smooth"),
        ({"smooth": True}, "unknown choice of smoothing 'True'; known: none, body, all"),
    ],
)
def test_options_that_cannot_be_honoured(wall: Path, options: dict[str, object], said: str) -> None:
    chosen = LandmarkOptions(**{"offline": True, **options})  # type: ignore[arg-type]
    if chosen.engine == "mediapipe" and len(options) > 1:
        chosen = replace(chosen, task=Path("a.task"))
    with pytest.raises(OptionError) as caught:
        landmarks(wall, chosen)
    assert said in caught.value.message
    assert "\n" not in caught.value.message


def test_a_device_that_is_not_there(wall: Path) -> None:
    import onnxruntime

    there = set(onnxruntime.get_available_providers())
    missing = next(name for name, (provider, _) in PROVIDERS.items() if provider not in there)
    with pytest.raises(OptionError, match=f"device '{missing}': .*leave the device to auto"):
        landmarks(wall, replace(OPTIONS, device=missing))


def test_a_bundle_for_another_job(wall: Path, tmp_path: Path) -> None:
    pytest.importorskip("mediapipe")
    texts = store(tmp_path / "texts.task", {"TF_LITE_PREFILL_DECODE": b"", "TOKENIZER_MODEL": b""})
    with pytest.raises(ModelError, match=r"texts\.task: is a language model; accepted are \.task bundles"):
        landmarks(wall, LandmarkOptions(engine="mediapipe", task=texts))
    hands = store(tmp_path / "hands.task", hand_members())
    with pytest.raises(OptionError, match=r"hands\.task: does not score facial expressions"):
        landmarks(wall, LandmarkOptions(engine="mediapipe", task=hands, face="expressions"))
    found = landmarks(wall, LandmarkOptions(engine="mediapipe", task=hands))
    assert (found.skeleton, [note.kind for note in found.notes]) == (HANDS, ["nobody"])


@pytest.mark.parametrize("damage", ["empty", "cut off", "other", "noise"])
def test_a_damaged_file_of_landmarks(done: Landmarked, tmp_path: Path, damage: str) -> None:
    content = done.files[0].read_bytes()
    noise = np.random.default_rng(0).integers(0, 256, 500, np.uint8).tobytes()
    damaged = {"empty": b"", "cut off": content[:-1000], "other": b"a letter", "noise": noise}[damage]
    (tmp_path / "a.pose").write_bytes(damaged)
    with pytest.raises(FormatError) as caught:
        accessify.read_poses(tmp_path / "a.pose")
    assert caught.value.message.startswith(str(tmp_path / "a.pose"))
    assert "\n" not in caught.value.message


# whole or not there


def look(film: Path, **targets: object) -> Callable[[], Landmarked]:
    return lambda: landmarks_film(film, OPTIONS, **targets)  # type: ignore[arg-type]


def test_targets_that_cannot_be_written_are_told_before_any_work(wall: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "folder.pose").mkdir()
    film = tmp_path / "film.mp4"
    film.write_bytes(wall.read_bytes())
    (tmp_path / "link.mp4").symlink_to(film)
    steps: list[Progress] = []
    for targets, said in (
        ({"output": tmp_path / "a.txt"}, r"a\.txt: cannot be written; end the name in \.pose or \.npz"),
        ({"preview": tmp_path / "a.avi"}, r"a\.avi: cannot be written; end the name in \.mp4"),
        ({"output": tmp_path / "taken" / "a.pose"}, r"a file or folder of that name is in the way"),
        ({"output": tmp_path / "folder.pose"}, r"a folder or device of that name is in the way"),
        ({"preview": film}, r"film\.mp4: that is the film itself"),
        ({"preview": tmp_path / "link.mp4"}, r"link\.mp4: that is the film itself"),
    ):
        with pytest.raises((OptionError, OutputError), match=said):
            look(film, **targets, on_progress=steps.append)()
    assert not steps
    assert film.read_bytes() == wall.read_bytes()
    assert names(tmp_path) == ["film.mp4", "folder.pose", "link.mp4", "taken"]


def test_folders_are_made(wall: Path, tmp_path: Path) -> None:
    look(wall, output=str(tmp_path / "new" / "one" / "a.pose"))()
    assert names(tmp_path / "new" / "one") == ["a.pose"]


@pytest.mark.parametrize("kind", [".pose", ".npz"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_what_is_interrupted_leaves_nothing(
    wall: Path, tmp_path: Path, kind: str, error: type[BaseException]
) -> None:
    (tmp_path / f"a{kind}").write_text("earlier")
    before = set(threading.enumerate())
    steps: list[Progress] = []

    def strike(step: Progress) -> None:
        steps.append(step)
        if len(steps) == 3:
            raise error

    with pytest.raises(error):
        look(wall, output=tmp_path / f"a{kind}", preview=tmp_path / "a.mp4", on_progress=strike)()
    assert names(tmp_path) == [f"a{kind}"]
    assert (tmp_path / f"a{kind}").read_text() == "earlier"
    assert set(threading.enumerate()) == before


@pytest.mark.parametrize("kind", [".pose", ".npz"])
def test_a_file_that_cannot_be_placed_leaves_the_others_whole(wall: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"a{kind}"

    def be_in_the_way(_: Progress) -> None:
        target.mkdir(exist_ok=True)

    with pytest.raises((OutputError, IsADirectoryError)):
        look(wall, output=target, preview=tmp_path / "a.mp4", on_progress=be_in_the_way)()
    assert names(tmp_path) == ["a.mp4", f"a{kind}"]
    assert names(target) == []


def in_namespace(*command: str) -> list[str]:
    return ["unshare", "--user", "--map-root-user", "--mount", *command]


def can_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    probe = in_namespace("sh", "-c", "mount -t tmpfs none /mnt")
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs leave to mount a small disk")
@pytest.mark.parametrize("kind", [".pose", ".npz"])
def test_a_full_disk(signer: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "tiny").mkdir()
    arguments = [str(signer), "-o", f"tiny/a{kind}", "--offline"]
    call = [sys.executable, "-m", "accessify", "landmarks", *arguments]
    script = 'mount -t tmpfs -o size=20k none tiny && "$@"; code=$?; ls -A tiny; exit $code'
    full = subprocess.run(
        in_namespace("sh", "-c", script, "sh", *call),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert full.returncode == 2
    (line,) = full.stderr.splitlines()
    assert line.startswith(f"accessify: tiny/a{kind}: the disk is full; free some space")
    assert full.stdout == ""


def write_wall(target: Path, seconds: int) -> Path:
    """A film of 1280×720, 25 pictures a second, in which there is nobody."""
    pictures = [Frame(np.full((48, 64, 3), 60 + index, np.uint8), index) for index in range(8)]
    write_repeated(pictures, Rate.parse("25"), seconds, target)
    return target


def test_a_killed_run_leaves_no_half_file_and_the_next_cleans_up(wall: Path, tmp_path: Path) -> None:
    long = write_wall(tmp_path / "films" / "long.mp4", 60)
    (tmp_path / "a.pose").write_bytes(b"earlier")
    targets = ["-o", "a.pose", "--preview", "a.mp4", "--progress", "json", "--offline"]
    call = [sys.executable, "-m", "accessify", "landmarks"]
    with subprocess.Popen([*call, long, *targets], cwd=tmp_path, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        steps = (json.loads(line) for line in run.stderr)
        looked = list(islice((step for step in steps if step["stage"] == "landmarks"), 10))
        run.kill()
    assert len(looked) == 10
    assert (tmp_path / "a.pose").read_bytes() == b"earlier"
    left = set(names(tmp_path)) - {"a.pose", "films"}
    assert left
    assert all(name.startswith(".") for name in left)

    again = subprocess.run([*call, wall, *targets], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"{wall}: 4 frames of 64×48 at 25 a second" in again.stdout
    assert "kept the landmarks that were there as a.earlier.pose" in again.stdout
    assert names(tmp_path) == ["a.earlier.pose", "a.mp4", "a.pose", "films"]
    steps_again = [json.loads(line) for line in again.stderr.splitlines()]
    assert [step["done"] for step in steps_again if step["stage"] == "landmarks"] == [0, 0.04, 0.08, 0.12]
    assert len(read_poses(tmp_path / "a.pose")) == 4
    assert read_poses(tmp_path / "a.pose").span.end == seconds(Fraction(4, 25))


PEAK = """
import resource, sys
from pathlib import Path
from accessify.pipelines.landmarks import LandmarkOptions, landmarks_film

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

steps, early = 0, 0
def step(progress):
    global steps, early
    steps += progress.stage == "landmarks"
    early = peak() if steps == 100 else early

folder = Path(sys.argv[2])
preview = folder / "a.mp4" if "preview" in sys.argv else None
done = landmarks_film(sys.argv[1], LandmarkOptions(offline=True), output=folder / "a.pose",
                      preview=preview, on_progress=step)
print(done.frames, (peak() - early) // 1024)
"""


@pytest.mark.parametrize(("seconds", "preview"), [(24, ""), (6, "preview")])
def test_memory_does_not_grow_with_the_film(tmp_path: Path, seconds: int, preview: str) -> None:
    """From the 100th picture on: each has 2.8 MB, and poses of 500 would have 6 MB."""
    pytest.importorskip("resource", reason="Windows does not tell the peak so")
    film = write_wall(tmp_path / "long.mp4", seconds)
    call = [sys.executable, "-c", PEAK, str(film), str(tmp_path), preview]
    out = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    frames, growth = map(int, out.split())
    assert frames == 25 * seconds
    assert growth < 30  # MiB


def test_an_error_is_one_line_on_the_command_line(
    wall: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command(monkeypatch, wall, "--engine", "mediapipe", "-o", tmp_path / "a.pose") == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith("accessify: the engine mediapipe needs a bundle of yours")
    assert names(tmp_path) == []
    with pytest.raises(AccessifyError):
        landmarks(wall, LandmarkOptions(engine="mediapipe"))


def test_float16_moves_points_by_less_than_a_pixel(signer: Path, clip: PoseClip) -> None:
    narrow = landmarks(signer, replace(OPTIONS, precision="float16"))
    for name in (BODY, FACE, LEFT_HAND, RIGHT_HAND):
        moved = np.linalg.norm(narrow.part(name)[0] - clip.part(name)[0], axis=-1)
        assert 0 < np.nanmean(moved) < 1


def test_tuning_changes_how_often_is_looked(signer: Path, clip: PoseClip) -> None:
    rare = landmarks(signer, replace(OPTIONS, tuning=HolisticOptions(faces=FaceRules(every=4))))
    assert not np.array_equal(rare.part(FACE)[0], clip.part(FACE)[0])
    np.testing.assert_array_equal(rare.part(BODY)[0], clip.part(BODY)[0])
