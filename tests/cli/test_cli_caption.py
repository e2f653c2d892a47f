from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from accessify.cli import main
from accessify.core.timeline import Rate, seconds, to_seconds
from accessify.delivery.files import read_captions
from accessify.delivery.journal import open_journal
from accessify.hub.fetch import model_files
from accessify.media.probe import probe
from accessify.pipelines import caption as pipeline
from accessify.pipelines.listen import job_key
from tests.media.make_media import Picture, Sound, grey, tone, write_media
from tests.spoken import BECKETT, agreement, clip, plain, sound

Run = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.models


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("ACCESSIFY_OFFLINE", "ACCESSIFY_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ACCESSIFY_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `accessify caption …` in this process; gives the exit code and all that reached the terminal."""

    def call(*arguments: object, before: tuple[str, ...] = ()) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["accessify", *before, "caption", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        assert isinstance(end.value.code, int)
        return (end.value.code, *capfd.readouterr())

    return call


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory, embedded_models: None) -> Path:
    """Films and sound files, good and bad, to be copied from."""
    folder = tmp_path_factory.mktemp("shelf")
    speech = Sound(sound("beckett.wav").samples[None, :], "aac", 16_000)
    write_media(folder / "talk.mp4", [speech], Picture(grey(250)))
    two = [Sound(tone(10), tags={"language": "fra"}, default=True), speech]
    write_media(folder / "two tracks.mkv", two, Picture(grey(25)))
    write_media(folder / "mute.mp4", picture=Picture(grey(25)))
    write_media(folder / "old.avi", [Sound(tone(1), "pcm_s16le")], Picture(grey(25), codec="mpeg4"))
    whole = write_media(folder / "torn.mkv", [Sound(speech.samples, "pcm_s16le", 16_000)], Picture(grey(250)))
    data = whole.read_bytes()
    whole.write_bytes(data[: int(len(data) * 0.6)])
    (folder / "empty.mp4").touch()
    (folder / "letter.mp4").write_text("Dear customer, your film is attached.")
    (folder / "noise.mp4").write_bytes(np.random.default_rng(6).bytes(100_000))
    with wave.open(str(folder / "nothing.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
    (folder / "folder").mkdir()
    (folder / "talk.vtt").mkdir()
    shutil.copy(clip("beckett.wav"), folder / "beckett.wav")
    return folder


@pytest.fixture
def films(tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with all of them."""
    folder = tmp_path / "films"
    shutil.copytree(shelf, folder)
    monkeypatch.chdir(folder)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(entry.relative_to(folder)) for entry in folder.rglob("*"))


def test_a_sound_file_becomes_captions_beside_it(run: Run, films: Path) -> None:
    before = names(films)
    code, out, err = run("beckett.wav")
    assert (code, err) == (0, "")
    assert names(films) == sorted([*before, "beckett.srt"])
    cues = read_captions(films / "beckett.srt").cues
    assert agreement(" ".join(cue.text for cue in cues), BECKETT) > 0.7
    assert 0.1 < to_seconds(cues[0].span.start) < 0.5
    assert "beckett.wav: " in out
    assert "wrote beckett.srt" in out
    assert cues[0].text.split("\n")[0] in out
    assert "check: passes netflix-en" in out
    assert "Made by a machine" in out


def test_every_format_at_once_into_a_folder(run: Run, films: Path) -> None:
    formats = ["srt", "vtt", "ass", "ttml", "json", "eaf", "txt"]
    asked = [argument for name in formats for argument in ("-f", name)]
    code, out, err = run("talk.mp4", "-o", "out/deep", *asked)
    assert (code, err) == (0, "")
    assert names(films / "out" / "deep") == sorted(f"talk.{name}" for name in formats)
    texts = set()
    for name in formats[:-1]:
        document = read_captions(films / "out" / "deep" / f"talk.{name}")
        texts.add(plain(" ".join(cue.text for cue in document.cues)))
        assert f"wrote {Path('out/deep')}/talk.{name}" in out
    (text,) = texts
    assert agreement(text, BECKETT) > 0.7
    assert text in plain((films / "out" / "deep" / "talk.txt").read_text("utf-8"))


def test_the_suffix_of_one_file_gives_the_format(run: Run, films: Path) -> None:
    assert run("talk.mp4", "-o", "new/subs.vtt")[0] == 0
    assert (films / "new" / "subs.vtt").read_text("utf-8").startswith("WEBVTT ")


def test_json_holds_every_word_with_time_confidence_and_origin(run: Run, films: Path) -> None:
    assert run("talk.mp4", "-f", "json")[0] == 0
    document = json.loads((films / "talk.json").read_text("utf-8"))
    words = document["words"]
    assert agreement(" ".join(word["text"] for word in words), BECKETT) > 0.7
    for word in words:
        assert 0 < word["confidence"] <= 1
        assert 0 <= word["start"] < word["end"] <= 10
        assert word["timing"] == "aligned"
    assert "Machine-made" in json.dumps(document)
    assert "moonshine-tiny-en" in json.dumps(document)


def test_progress_as_json_lines(run: Run, films: Path) -> None:
    code, _, err = run("talk.mp4", "--progress", "json")
    assert code == 0
    steps = [json.loads(line) for line in err.splitlines()]
    assert steps
    assert all(set(step) == {"file", "stage", "done", "total", "unit"} for step in steps)
    heard = [step for step in steps if step["stage"] == "transcribe"]
    assert heard[-1]["total"] == heard[-1]["done"] == pytest.approx(10, abs=0.1)


def test_a_start_timecode_is_added_to_all_times(run: Run, films: Path) -> None:
    run("talk.mp4", "-o", "plain.srt")
    run("talk.mp4", "-o", "late.srt", "--start-timecode", "10:00:00:05")
    plain_cues, late = (read_captions(films / name).cues for name in ("plain.srt", "late.srt"))
    shift = seconds(36_000) + Rate.parse("25").at(5)
    assert [cue.span for cue in late] == [cue.span.shift(shift) for cue in plain_cues]
    assert to_seconds(late[0].span.start) > 36_000


def test_the_muxed_film_carries_the_captions(run: Run, films: Path) -> None:
    import av

    code, out, _ = run("talk.mp4", "--mux", "-o", "out")
    assert code == 0
    assert names(films / "out") == ["talk.captioned.mp4", "talk.srt"]
    assert "talk.captioned.mp4" in out
    expected = [cue.text for cue in read_captions(films / "out" / "talk.srt").cues]
    with av.open(str(films / "out" / "talk.captioned.mp4")) as film:
        (stream,) = film.streams.subtitles
        packets = [packet for packet in film.demux(stream) if packet.size > 2]
        shown = [
            bytes(packet)[2 : 2 + int.from_bytes(bytes(packet)[:2], "big")].decode() for packet in packets
        ]
    assert shown == expected
    assert probe(films / "out" / "talk.captioned.mp4").video == probe(films / "talk.mp4").video


def test_the_audio_track_asked_for_is_heard(run: Run, films: Path) -> None:
    assert run("two tracks.mkv", "--audio-track", 1)[0] == 0
    spoken = " ".join(cue.text for cue in read_captions(films / "two tracks.srt").cues)
    assert agreement(spoken, BECKETT) > 0.7
    code, out, _ = run("two tracks.mkv")  # the default track hums
    assert code == 0
    assert "two tracks.mkv: 0 captions, 0 words" in out


def test_a_damaged_tail_gives_captions_up_to_the_damage_and_code_3(run: Run, films: Path) -> None:
    code, out, err = run("torn.mkv")
    assert (code, err) == (3, "")
    cues = read_captions(films / "torn.srt").cues
    assert BECKETT.startswith(plain(" ".join(cue.text for cue in cues))[:20])
    assert 4 < to_seconds(cues[-1].span.end) < 6.6
    (note,) = [line for line in out.splitlines() if line.startswith("  damaged ")]
    assert "words there are lost" in note
    assert "00:00:0" in note


def test_a_film_with_the_same_captions_twice_on_the_command_line(run: Run, films: Path) -> None:
    code, out, _ = run("talk.mp4", "talk.mp4")
    assert code == 0
    assert out.count("wrote") == 1


def test_one_bad_film_does_not_stop_the_others(run: Run, films: Path) -> None:
    code, out, err = run("mute.mp4", "beckett.wav", "missing.mov", "torn.mkv")
    assert code == 2
    first, second = err.splitlines()
    assert first.startswith("accessify: mute.mp4: nothing to caption")
    assert second.startswith("accessify: missing.mov: not a media file")
    assert out.count("wrote") == 2
    assert (films / "beckett.srt").exists()
    assert (films / "torn.srt").exists()


def test_verbose_tells_what_was_heard(run: Run, films: Path) -> None:
    code, _, err = run("beckett.wav", before=("-v",))
    assert code == 0
    assert re.search(r"beckett\.wav: [1-9] batches heard, 0 known from a run before\n", err)


BAD = {
    "no audio": (
        ["mute.mp4"],
        r"mute\.mp4: nothing to caption, it has no audio track; give a file with sound",
    ),
    "zero-length audio": (
        ["nothing.wav"],
        r"nothing\.wav: nothing to caption, its sound has zero length; give",
    ),
    "no such track": (
        ["two tracks.mkv", "--audio-track", "5"],
        r"no audio track 5; choose --audio-track from: 0 \(fra, .*\), 1 ",
    ),
    "unknown language": (
        ["talk.mp4", "--language", "zh"],
        r"unknown language for engine moonshine 'zh'; known: en; use --engine whisper",
    ),
    "not a media file": (["letter.mp4"], r"letter\.mp4: not a media file .*; give a film or recording"),
    "random bytes": (["noise.mp4"], r"noise\.mp4: not a media file"),
    "empty file": (
        ["empty.mp4"],
        r"empty\.mp4: not a media file \(the file is empty; copy or export it again\)",
    ),
    "missing file": (["missing.mp4"], r"missing\.mp4: not a media file \(there is no such file; check the"),
    "folder": (["folder"], r"folder: not a media file \(it is a folder; name a file in it\)"),
    "unknown profile": (
        ["talk.mp4", "-p", "netflx-en"],
        r"unknown profile 'netflx-en'; did you mean 'netflix-en'",
    ),
    "unknown format": (["talk.mp4", "-f", "docx"], r"unknown format 'docx'; .*known: srt, vtt"),
    "unknown suffix": (["talk.mp4", "-o", "talk.docx"], r"unknown format 'docx'; .*known: srt, vtt"),
    "unknown engine": (["talk.mp4", "--engine", "siren"], r"unknown engine 'siren'; .*known: moonshine"),
    "unknown model": (["talk.mp4", "--model", "huge"], r"unknown model 'huge'; known: moonshine-tiny-en"),
    "output below a file": (["talk.mp4", "-o", "letter.mp4/out"], r"is in the way; choose another with -o"),
    "a folder of that name": (
        ["talk.mp4", "-f", "vtt"],
        r"talk\.vtt: a folder or device of that name is in the way; choose another with -o",
    ),
    "no timecode": (["talk.mp4", "--start-timecode", "soon"], r"not a timecode: 'soon'; write HH:MM:SS:FF"),
    "no such frame": (
        ["talk.mp4", "--start-timecode", "01:00:00:25"],
        r"frame 25 does not exist at 25 frames",
    ),
    "drop-frame at 25": (["talk.mp4", "--start-timecode", "01:00:00;00"], r"drop-frame but the rate is not"),
    "two formats in one file": (
        ["talk.mp4", "-o", "one.srt", "-f", "srt", "-f", "vtt"],
        r"-o one\.srt names one \.srt file; name a folder, or leave out --format",
    ),
    "another format than the suffix": (
        ["talk.mp4", "-o", "one.srt", "-f", "vtt"],
        r"one \.srt file; name a folder",
    ),
    "two films into one file": (
        ["talk.mp4", "beckett.wav", "-o", "one.srt"],
        r"captions of both talk\.mp4 and beck",
    ),
    "two films of one name": (
        ["talk.mp4", "copy/talk.mov", "-o", "out"],
        r"captions of both talk\.mp4 and copy",
    ),
    "mux without a picture": (["beckett.wav", "--mux"], r"no picture to put captions into; leave out --mux"),
    "mux into avi": (["old.avi", "--mux"], r"old\.avi: captions cannot be muxed into .*; use \.mp4"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_line_and_nothing_is_written(
    run: Run, films: Path, arguments: list[str], message: str
) -> None:
    before = names(films)
    code, out, err = run(*arguments)
    (line,) = err.splitlines()
    assert line.startswith("accessify: ")
    assert re.search(message, line), line
    assert (code, out) == (2, "")
    assert names(films) == before


def test_options_of_the_wrong_kind_are_explained(run: Run, films: Path) -> None:
    for arguments, message in (
        ([], "Missing argument 'INPUT...'"),
        (["talk.mp4", "--audio-track", "-1"], "-1 is not in the range x>=0"),
        (["talk.mp4", "--workers", "0"], "0 is not in the range x>=1"),
        (["talk.mp4", "--progress", "loud"], "'loud' is not one of 'bar', 'json', 'none'"),
        (["talk.mp4", "--colour", "red"], "No such option"),
    ):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert message in err
        assert "Traceback" not in err


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the model cache, to be spoilt."""
    for name in ("moonshine-tiny-en", "silero-vad"):
        for path in model_files(name, offline=True).values():
            target = tmp_path / "cache" / "models" / name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_model_with_a_wrong_checksum_is_not_used(run: Run, films: Path, cache: Path) -> None:
    path = cache / "models" / "moonshine-tiny-en" / "encoder_model.ort"
    data = bytearray(path.read_bytes())
    data[5_000_000] ^= 1
    path.write_bytes(data)
    before = names(films)
    code, out, err = run("talk.mp4", "--offline")
    assert (code, out) == (2, "")
    *logged, line = err.splitlines()
    assert [text.endswith("encoder_model.ort is damaged") for text in logged] == [True]
    assert "missing or damaged on this machine, and working offline; run `accessify models pull" in line
    assert names(films) == before


def test_offline_without_models_says_how_to_get_them(
    run: Run, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "nothing"))
    before = names(films)
    code, out, err = run("talk.mp4", "--offline")
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert "run `accessify models pull moonshine-tiny-en` with a network, or set ACCESSIFY_MIRROR" in line
    assert names(films) == before


def test_a_film_without_sound_is_refused_before_models_are_fetched(
    run: Run, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCESSIFY_CACHE", str(tmp_path / "nothing"))
    assert "no audio track" in run("mute.mp4", "--offline")[2]


def test_a_state_folder_that_cannot_be_used_names_the_way_out(
    run: Run, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCESSIFY_STATE", str(films / "letter.mp4"))
    code, out, err = run("talk.mp4")
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.endswith("set ACCESSIFY_STATE to a folder that can be written")


def test_a_second_run_on_the_same_film_is_told_to_wait(
    run: Run, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []

    def held(job: object) -> str:
        keys.append(job_key(job))  # type: ignore[arg-type]
        return keys[-1]

    monkeypatch.setattr(pipeline, "job_key", held)
    assert run("beckett.wav", "-o", "a.srt")[0] == 0
    with open_journal(keys[0]):
        code, out, err = run("beckett.wav", "-o", "b.srt")
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert "another accessify is captioning this file" in line
    assert run("beckett.wav", "-o", "b.srt")[0] == 0
    assert (films / "a.srt").read_bytes() == (films / "b.srt").read_bytes()


def in_namespace(*command: str) -> list[str]:
    return ["unshare", "--user", "--map-root-user", "--mount", *command]


def can_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    probe = in_namespace("sh", "-c", "mount -t tmpfs none /mnt")
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs leave to mount a small disk")
def test_a_full_disk_leaves_nothing_half_written(films: Path, tmp_path: Path) -> None:
    (films / "tiny").mkdir()
    arguments = [sys.executable, "-m", "accessify", "caption", "talk.mp4", "--mux", "-o", "tiny"]
    script = 'mount -t tmpfs -o size=16k none tiny && "$@"; code=$?; ls -A tiny; exit $code'
    done = subprocess.run(
        in_namespace("sh", "-c", script, "sh", *arguments), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "the disk is full" in line
    assert done.stdout == "talk.srt\n"  # whole, and no part of the film beside it
    assert list((tmp_path / "state" / "jobs").glob("*.jsonl"))  # nothing need be heard again


def test_a_limit_on_file_size_leaves_nothing_half_written(films: Path, tmp_path: Path) -> None:
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "from accessify.cli import main; main()"
    )
    arguments = ["caption", "talk.mp4", "--mux", "-o", "out"]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "talk.captioned.mp4: too big for this disk" in line
    assert names(films / "out") == ["talk.srt"]


def test_ctrl_c_in_disguise_is_ctrl_c(run: Run, films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is being imported may turn Ctrl-C into an error of its own."""

    def interrupted(*_: object, **__: object) -> None:
        raise ImportError("initialisation failed") from KeyboardInterrupt()

    monkeypatch.setattr(import_module("accessify.cli.caption"), "caption_film", interrupted)
    code, out, err = run("talk.mp4")
    assert (code, out) == (130, "")
    assert err == "accessify: stopped; run the same command again to go on\n"


def test_a_fault_of_ours_is_not_hidden(run: Run, films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(import_module("accessify.cli.caption"), "caption_film", broken)
    monkeypatch.setattr(sys, "argv", ["accessify", "caption", "talk.mp4"])
    with pytest.raises(ZeroDivisionError):
        main()
