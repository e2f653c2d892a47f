from __future__ import annotations

import json
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from accessify.cli import landmarks as module
from accessify.cli import main
from accessify.core.errors import AccessifyError, ModelError
from accessify.core.holistic import BODY, FACE, LEFT_HAND, RIGHT_HAND
from accessify.core.progress import OnProgress, Progress
from accessify.core.timeline import Note, Rate, Span, seconds
from accessify.delivery.pose_file import read_pose
from accessify.hub.graphs import HOLISTIC as GRAPHS
from accessify.hub.graphs import graph_files
from accessify.media.probe import probe
from accessify.pipelines.landmarks import Landmarked, LandmarkOptions
from tests.media.make_media import Picture, grey, write_media

Run = Callable[..., tuple[int, str, str]]

pytest.importorskip("cv2", reason="OpenCV comes with the extra `signs`")

SENTENCE = Path(__file__).parents[3] / "shared" / "data" / "sign" / "reference" / "sentence_320x240.mp4"


@pytest.fixture(scope="session")
def graphs() -> None:
    """Skip where the networks have not been fetched; never dials out."""
    try:
        graph_files(GRAPHS, offline=True)
    except ModelError as error:
        pytest.skip(f"run `make models` first: {error}")


@pytest.fixture
def sentence(graphs: None, folder: Path) -> str:
    """A signed sentence of 4.3 s, in the working folder."""
    if not SENTENCE.exists():
        pytest.skip("the signing film is not on this machine")
    (folder / "sentence.mp4").write_bytes(SENTENCE.read_bytes())
    return "sentence.mp4"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a film in which there is nobody."""
    write_media(tmp_path / "wall.mp4", picture=Picture(grey(10)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], folder: Path) -> Iterator[Run]:
    """Run `accessify landmarks …` in this process; gives the exit code and all that reached the terminal."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["accessify", "landmarks", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        assert isinstance(end.value.code, int)
        return (end.value.code, *capfd.readouterr())

    interval = sys.getswitchinterval()
    yield call
    sys.setswitchinterval(interval)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


# films


@pytest.mark.models
def test_a_film_becomes_landmarks_and_a_preview(run: Run, sentence: str, folder: Path) -> None:
    code, out, err = run(sentence, "--preview", "seen.mp4")
    assert (code, err) == (0, "")
    assert names(folder) == ["seen.mp4", "sentence.mp4", "sentence.pose", "wall.mp4"]
    clip = read_pose(folder / "sentence.pose")
    assert (len(clip), clip.size, clip.rate) == (107, (320, 240), Rate.parse("25"))
    video = probe(folder / "seen.mp4").video
    assert video is not None
    assert (video.width, video.height) == (640, 480)  # enlarged, so that fingers can be seen
    lines = out.splitlines()
    assert lines[0] == "sentence.mp4: 107 frames of 320×240 at 25 a second"
    assert re.fullmatch(
        r"  found body in 107 \(100 %\), face in 10\d \(\d+ %\), left hand in (\d+) \(\d+ %\), "
        r"right hand in (\d+) \(\d+ %\)",
        lines[1],
    )
    for name in (LEFT_HAND, RIGHT_HAND):
        points, confidence = clip.part(name)
        found = int((confidence > 0).any(axis=1).sum())
        assert f"{'left' if name == LEFT_HAND else 'right'} hand in {found} (" in lines[1]
        assert points.shape == (107, 21, 3)
    assert re.fullmatch(r"  looked at \d+\.\d frames a second, \d+\.\d × real time", lines[2])
    assert lines[3:5] == ["  wrote sentence.pose", "  wrote seen.mp4"]


@pytest.mark.models
def test_nobody_in_the_picture_is_said(run: Run, graphs: None, folder: Path) -> None:
    code, out, err = run("wall.mp4", "--progress", "json")
    assert code == 0
    assert "found body in 0 (0 %), face in 0 (0 %), left hand in 0 (0 %), right hand in 0 (0 %)" in out
    assert re.search(r"^  nobody 00:00:00\.000 – 00:00:00\.\d{3}: ", out, re.MULTILINE)
    steps = [json.loads(line) for line in err.splitlines()]
    assert steps
    assert all(set(step) == {"file", "stage", "done", "total", "unit"} for step in steps)
    assert steps[-1]["stage"] == "landmarks"
    assert len(read_pose(folder / "wall.pose")) == 10


@pytest.mark.models
def test_hands_only_says_nothing_of_the_rest(run: Run, graphs: None) -> None:
    code, out, _ = run("wall.mp4", "--hands-only", "-o", "hands.npz")
    assert code == 0
    assert "  found left hand in 0 (0 %), right hand in 0 (0 %)\n" in out


@pytest.mark.models
def test_an_earlier_file_is_replaced_by_the_same_and_kept_where_it_differs(
    run: Run, graphs: None, folder: Path
) -> None:
    assert run("wall.mp4")[0] == 0
    first = (folder / "wall.pose").read_bytes()
    assert "kept" not in run("wall.mp4")[1]
    assert names(folder) == ["wall.mp4", "wall.pose"]
    (folder / "wall.pose").write_bytes(b"somebody's work")
    code, out, _ = run("wall.mp4")
    assert code == 0
    assert "  kept the landmarks that were there as wall.earlier.pose\n" in out
    assert (folder / "wall.earlier.pose").read_bytes() == b"somebody's work"
    assert (folder / "wall.pose").read_bytes() == first


# what is asked for


def asked(monkeypatch: pytest.MonkeyPatch, run: Run, *arguments: str) -> LandmarkOptions:
    """The options that the pipeline is called with."""
    heard: list[LandmarkOptions] = []

    def listen(_: str, options: LandmarkOptions, **__: object) -> Landmarked:
        heard.append(options)
        raise AccessifyError("that is enough")

    monkeypatch.setattr(module, "landmarks_film", listen)
    code, out, err = run(*arguments)
    assert (code, out, err) == (2, "", "accessify: that is enough\n")
    return heard[0]


@pytest.mark.parametrize(
    ("who", "near"),
    [
        ((), None),
        (("--signer", "largest"), None),
        (("--signer", "left"), (0.0, 0.5)),
        (("--signer", "middle"), (0.5, 0.5)),
        (("--signer", "right"), (1.0, 0.5)),
        (("--signer", "0.25,1"), (0.25, 1.0)),
        (("--signer", " 0, .5"), (0.0, 0.5)),
    ],
)
def test_which_signer(
    who: tuple[str, ...], near: tuple[float, float] | None, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    assert asked(monkeypatch, run, "wall.mp4", *who) == LandmarkOptions(near=near)


def test_every_option_reaches_the_pipeline(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    options = ["--hands-only", "--face", "none", "--engine", "mediapipe", "--task", "hand.task"]
    more = ["--smooth", "all", "--device", "cpu", "--threads", "3", "--offline", "--progress", "none"]
    assert asked(monkeypatch, run, "wall.mp4", *options, *more) == LandmarkOptions(
        hands_only=True,
        face="none",
        engine="mediapipe",
        task=Path("hand.task"),
        device="cpu",
        threads=3,
        smooth="all",
        offline=True,
    )


@pytest.mark.parametrize("who", ["front", "1,2", "0.5", "nan,0", "0.1,0.2,0.3", "-1,0", ""])
def test_no_such_place(who: str, run: Run) -> None:
    code, out, err = run("wall.mp4", "--signer", who)
    assert (code, out) == (2, "")
    assert "largest, left, middle, right or X,Y from 0 to 1" in err


@pytest.mark.parametrize("source", ["0", "/dev/video0", "rtsp://camera.invalid/live"])
def test_a_camera_needs_a_name_for_the_recording(source: str, run: Run, folder: Path) -> None:
    code, out, err = run(source)
    assert (code, out) == (2, "")
    assert err == "accessify: say where the recording goes with -o, e.g. -o signing.pose\n"
    assert names(folder) == ["wall.mp4"]


def test_a_file_of_another_kind(run: Run, folder: Path) -> None:
    code, _, err = run("wall.mp4", "-o", "wall.txt")
    assert (code, err) == (2, "accessify: -o wall.txt: end the name in .pose or .npz\n")
    assert names(folder) == ["wall.mp4"]


def test_the_film_itself_is_never_the_preview(run: Run, folder: Path) -> None:
    before = (folder / "wall.mp4").read_bytes()
    code, _, err = run("wall.mp4", "--preview", folder / "." / "wall.mp4")
    assert code == 2
    assert "that is the film itself" in err
    assert (folder / "wall.mp4").read_bytes() == before


@pytest.mark.parametrize("source", ["", ".", "..", "/", "films"])
def test_what_is_a_folder_or_nothing(source: str, run: Run, folder: Path) -> None:
    (folder / "films").mkdir()
    reason = "it is a folder; name a file in it" if source else "there is no such file; check the spelling"
    code, out, err = run(source, "--offline")
    assert (code, out) == (2, "")
    assert err == (
        f"accessify: {source or repr('')}: not a media file ({reason}); "
        "give a film or recording such as .mp4, .mov or .mkv\n"
    )
    assert names(folder) == ["films", "wall.mp4"]


@pytest.mark.parametrize("source", ["missing.mp4", "no folder/missing.mp4", "letter.mp4"])
def test_what_is_no_film(source: str, run: Run, folder: Path) -> None:
    (folder / "letter.mp4").write_text("Dear customer, your film is attached.")
    code, out, err = run(source, "--offline")
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith(f"accessify: {source}: not a media file")
    assert names(folder) == ["letter.mp4", "wall.mp4"]


# what becomes of it


def test_times_that_a_note_tells_itself_are_told_once(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    text = "the picture is damaged or missing from 0:01:01.5 to 0:01:02.0; what was there may be lost"
    note = Note(Span(seconds(61.5), seconds(62)), "damaged", text)

    def look(*_: object, output: Path, **__: object) -> Landmarked:
        output.touch()
        return Landmarked(9, {}, (640, 480), Rate.parse("25"), (note,))

    monkeypatch.setattr(module, "landmarks_film", look)
    assert run("wall.mp4")[1].endswith(f"\n  damaged: {text}\n")


@pytest.mark.parametrize(("kind", "code"), [("damaged", 3), ("camera-lost", 3), ("people", 0)])
def test_notes_are_told_with_their_times(
    kind: str, code: int, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    note = Note(Span(seconds(61.5), seconds(62)), kind, "something was the matter")

    def look(*_: object, output: Path, **__: object) -> Landmarked:
        output.write_bytes(b"poses")
        seen = {BODY: 1234, FACE: 617, LEFT_HAND: 0, RIGHT_HAND: 1}
        return Landmarked(1234, seen, (640, 480), Rate.parse("29.97"), (note,))

    monkeypatch.setattr(module, "landmarks_film", look)
    done, out, _ = run("wall.mp4", "-o", "out.pose")
    assert done == code
    assert "wall.mp4: 1,234 frames of 640×480 at 29.97 a second\n" in out
    assert (
        "  found body in 1,234 (100 %), face in 617 (50 %), left hand in 0 (0 %), right hand in 1 (0 %)\n"
        in out
    )
    assert f"  {kind} 00:01:01.500 – 00:01:02.000: something was the matter\n" in out
    assert Path("out.pose").read_bytes() == b"poses"


def test_the_speed_is_that_of_looking_not_of_fetching(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    now = [100.0]

    def look(*_: object, output: Path, on_progress: OnProgress, **__: object) -> Landmarked:
        output.touch()
        on_progress(Progress("fetch networks", 1, 2, "B"))
        now[0] += 60
        on_progress(Progress("landmarks", 0, 4))
        now[0] += 2
        on_progress(Progress("landmarks", 4, 4))
        return Landmarked(100, {}, (640, 480), Rate.parse("25"))

    monkeypatch.setattr(module, "landmarks_film", look)
    monkeypatch.setattr(module.time, "perf_counter", lambda: now[0])
    assert "  looked at 50.0 frames a second, 2.0 × real time\n" in run("wall.mp4")[1]


# Ctrl-C


@contextmanager
def pressing(at: int, heard: list[Progress]) -> Iterator[OnProgress]:
    """A progress display during whose step number `at` somebody presses Ctrl-C."""

    def step(progress: Progress) -> None:
        if progress.stage == "landmarks":
            heard.append(progress)
            if len(heard) == at:
                signal.raise_signal(signal.SIGINT)

    yield step


@pytest.mark.models
def test_ctrl_c_leaves_nothing_of_a_film(
    run: Run, graphs: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Progress] = []
    monkeypatch.setattr(module, "shown", lambda *_: pressing(5, heard))
    code, out, err = run("wall.mp4", "--preview", "seen.mp4")
    assert (code, out, err) == (130, "", "accessify: stopped; nothing was written\n")
    assert len(heard) == 5
    assert names(folder) == ["wall.mp4"]


@pytest.fixture
def camera(folder: Path) -> Iterator[str]:
    """The address of a network camera: pictures come in their own time, and nobody says how many."""
    film = write_media(folder / "live.ts", picture=Picture(grey(1000)))
    stream = film.read_bytes()
    film.unlink()
    closing = threading.Event()

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "video/mp2t")
            self.end_headers()
            with suppress(ConnectionError):
                for start in range(0, len(stream), 188 * 8):
                    self.wfile.write(stream[start : start + 188 * 8])
                    if closing.wait(0.005):
                        break

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://user:secret@127.0.0.1:{server.server_address[1]}/live.ts"
    closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.models
def test_ctrl_c_ends_the_recording_of_a_camera(
    run: Run, graphs: None, folder: Path, camera: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Progress] = []
    monkeypatch.setattr(module, "shown", lambda *_: pressing(5, heard))
    code, out, err = run(camera, "-o", "recorded.pose")
    assert (code, err) == (0, "")
    assert "  wrote recorded.pose\n" in out
    assert "real time" not in out
    assert "secret" not in out
    told = re.search(r"/live\.ts: (\d) frames of 64×48 at [\d.]+ a second\n", out)
    assert told
    assert 1 <= int(told[1]) <= 6
    assert 0 < read_pose(folder / "recorded.pose").span.end < seconds(30)


def test_the_process_lets_threads_run_more_often(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """Only where the command runs: importing it changes nothing."""
    before = sys.getswitchinterval()
    import_module("accessify.cli.landmarks")
    assert sys.getswitchinterval() == before
    asked(monkeypatch, run, "wall.mp4")
    assert sys.getswitchinterval() == pytest.approx(1e-4)
