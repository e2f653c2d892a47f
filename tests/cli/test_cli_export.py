"""`accessify models export whisper`: by name or path, to a folder that is verified, or a clear error."""

from __future__ import annotations

import json
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from accessify.cli import main
from accessify.hub import catalog
from accessify.hub.cache import path_of
from accessify.hub.catalog import find_model
from tests.hub.local_models import isolate, sha256
from tests.hub.whisper_models import SMALL_MANY, random_whisper, save_whisper

pytest.importorskip("torch")
pytest.importorskip("whisper")
pytest.importorskip("onnx")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_whisper(random_whisper(SMALL_MANY), tmp_path_factory.mktemp("w") / "mine.pt", half=True)


@pytest.fixture(autouse=True)
def mirror(checkpoint: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A catalogue with a stand-in for large-v3-turbo, which lies in a mirror."""
    isolate(monkeypatch, tmp_path)
    monkeypatch.chdir(tmp_path)
    content = checkpoint.read_bytes()
    (tmp_path / "catalog.toml").write_text(
        f"""
        [wheels]
        [models.whisper-large-v3-turbo]
        title = "Whisper"
        task = "automatic-speech-recognition"
        licence = "MIT"
        languages = ["*"]
        sources = [{{ url = "https://nowhere.invalid/{sha256(content)}/" }}]
        [[models.whisper-large-v3-turbo.files]]
        name = "large-v3-turbo.pt"
        size = {len(content)}
        sha256 = "{sha256(content)}"
        """,
        "utf-8",
    )
    monkeypatch.setattr(catalog, "CATALOG", tmp_path / "catalog.toml")
    monkeypatch.setenv("ACCESSIFY_MIRROR", str(tmp_path / "mirror"))
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "large-v3-turbo.pt").write_bytes(content)
    return tmp_path / "mirror"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `accessify models export whisper …`; gives the exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        words = ["accessify", "models", "export", "whisper", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as end:
            main()
        assert isinstance(end.value.code, int)
        return (end.value.code, *capsys.readouterr())

    return call


@pytest.mark.parametrize("name", ["turbo", "large-v3-turbo", "whisper-large-v3-turbo"])
def test_a_size_comes_from_the_mirror(name: str, run: Run, tmp_path: Path, checkpoint: Path) -> None:
    code, out, err = run("--model", name, "-o", tmp_path / "out", "--offline")
    assert code == 0
    assert err.startswith("fetch whisper-large-v3-turbo/large-v3-turbo.pt (")
    assert "export" in err
    assert path_of(find_model("whisper-large-v3-turbo").files[0]).read_bytes() == checkpoint.read_bytes()
    size = sum(file.stat().st_size for file in (tmp_path / "out").iterdir() if file.name != "manifest.json")
    assert out.startswith(f"{tmp_path / 'out'}: {size / 1e6:.1f} MB, encoder int8, decoder int8; ")
    assert "of 112 tokens as openai-whisper's" in out
    assert out.endswith(" of their spread; judged on noise: give --verify CLIP for a real proof\n")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["verified"]["judge"] == "noise"


def test_a_path_and_all_options(run: Run, tmp_path: Path, checkpoint: Path) -> None:
    with wave.open(str(tmp_path / "clip.wav"), "wb") as clip:
        clip.setparams((2, 2, 44_100, 0, "NONE", ""))
        clip.writeframes(np.random.default_rng(0).integers(-9_000, 9_000, 200_000, np.int16).tobytes())
    options = ["--precision", "fp16", "--encoder", "fp32", "--verify", "clip.wav"]
    code, out, err = run("--model", checkpoint, "-o", "out", *options)
    assert code == 0, err
    assert out.endswith(" of their spread; judged on 1 clip\n")
    code, out, err = run("--model", checkpoint, "-o", "out", *options, "--json")
    assert code == 0, err
    manifest = json.loads(out)
    assert manifest == json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["precision"] == {"encoder": "fp32", "decoder": "fp16"}
    assert (manifest["verified"]["judge"], manifest["verified"]["clips"]) == ("clips", 1)
    assert manifest["source_sha256"] == sha256(checkpoint.read_bytes())


@pytest.mark.parametrize("damage", [lambda content: content[:-100], lambda content: bytes(len(content))])
def test_a_truncated_or_foreign_file_is_refused(
    damage: Callable[[bytes], bytes], run: Run, mirror: Path, tmp_path: Path
) -> None:
    path = mirror / "large-v3-turbo.pt"
    path.write_bytes(damage(path.read_bytes()))
    code, _, err = run("--model", "turbo", "-o", tmp_path / "out", "--offline")
    assert code == 2
    assert "it lacks whisper-large-v3-turbo/large-v3-turbo.pt" in err
    assert not (tmp_path / "out").exists()


def test_an_unknown_size_is_told_with_those_there_are(run: Run, tmp_path: Path) -> None:
    code, _, err = run("--model", "trubo", "-o", tmp_path / "out")
    assert code == 2
    assert "unknown size of Whisper 'trubo'; did you mean 'turbo'? known: base, " in err
    assert "or give a checkpoint's path" in err


def test_what_is_no_whisper_leaves_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.pt").write_bytes(b"nothing")
    code, _, err = run("--model", tmp_path / "mine.pt", "-o", tmp_path / "out")
    assert code == 2
    assert "mine.pt: not a checkpoint of openai-whisper" in err
    assert not (tmp_path / "out").exists()


def test_faults_are_told_before_anything_is_fetched(run: Run, tmp_path: Path, mirror: Path) -> None:
    (mirror / "large-v3-turbo.pt").unlink()
    (tmp_path / "text.txt").write_text("no sound", "utf-8")
    code, _, err = run("--model", "turbo", "-o", tmp_path / "out", "--verify", tmp_path / "text.txt")
    assert (code, "text.txt" in err) == (2, True)
    (tmp_path / "film.mp4").write_bytes(b"film")
    code, _, err = run("--model", "turbo", "-o", tmp_path / "film.mp4")
    assert (code, "something else is in the way" in err) == (2, True)
    code, _, err = run("--model", "turbo", "-o", tmp_path / "out", "--encoder", "int4")
    assert (code, "'int4' is not one of" in err) == (2, True)
