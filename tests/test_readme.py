"""The front page is true: its commands and code run, its lists are complete, its links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from socket import socket
from urllib.request import urlopen

import click
import pytest

from accessify.captions.rules import profile_names
from accessify.cli import COMMANDS, program

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
SIGNER = ROOT.parent / "shared" / "data" / "sign" / "reference" / "sentence_320x240.mp4"
WHISPER = ROOT / "models" / "whisper-test-en-zh.npz"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

OUTSIDE = {"LC_ALL": "C.UTF-8", "COLUMNS": "80", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'demos'}"}
"""Set for every command, so that its text does not depend on who runs the test."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page."""

    language: str
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [Block(match[1], match[2], page[: match.start()].count("\n") + 2) for match in found]


def run(arguments: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run in `folder` with nothing of make's or the caller's style in the environment."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        arguments,
        cwd=folder,
        env=inherited | OUTSIDE | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=300,
    )


def try_shell(block: Block, folder: Path) -> None:
    """Each line of a bash block, as a reader would type it."""
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        variables = {}
        while words and re.match(r"[A-Z_]+=", words[0]):
            name, _, value = words.pop(0).partition("=")
            variables[name] = value
        if words:
            TRIES[words[0]](words, folder, variables)


def try_make(words: list[str], folder: Path, variables: dict[str, str]) -> None:
    """The target exists; running it here would run these tests again."""
    done = run([*words, "--dry-run", "--no-print-directory"], ROOT, **variables)
    assert done.returncode == 0, done.stderr


def try_server(words: list[str], folder: Path) -> None:
    """It answers, and stops cleanly when it is asked to."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", *words, "--port", str(port)]
    with subprocess.Popen(command, cwd=folder, env=os.environ | OUTSIDE) as server:
        try:
            until = time.monotonic() + 60
            while not answers(f"http://127.0.0.1:{port}/healthz"):
                assert server.poll() is None
                assert time.monotonic() < until
                time.sleep(0.2)
        finally:
            server.terminate()
        assert server.wait(30) in (0, -signal.SIGTERM)  # it ends as one that was asked to


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def try_accessify(words: list[str], folder: Path, variables: dict[str, str]) -> None:
    if words[1] in {"app", "serve"}:
        try_server(words, folder)
        return
    if (words[1] == "signs" or "--pose" in words) and not SIGNER.exists():
        return  # signs are enrolled, and figures moved, by real signing only, and nobody is no signer
    if "base" in words:  # fetched by its readers; here the small test model stands in for it
        build = import_module("accessify.training.whisper_file").build
        own = str(build(WHISPER, folder / "base.pt"))
        words = [own if word == "base" else word for word in words]
    done = run([sys.executable, "-m", *words], folder, **variables)
    fine = {0, 1} if words[1] == "check" else {0}  # a check that finds something exits with 1
    assert done.returncode in fine, f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}"


TRIES: dict[str, Callable[[list[str], Path, dict[str, str]], None]] = {
    "make": try_make,
    "accessify": try_accessify,
}


def film_a_signer(path: Path) -> None:
    """The page's reader has one: real signing where it is at hand, else a second of nobody."""
    if SIGNER.exists():
        shutil.copy(SIGNER, path)
        return
    import av

    with av.open(path, "w") as film:
        stream = film.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for _ in range(25):
            film.mux(stream.encode(av.VideoFrame(160, 120, "yuv420p")))
        film.mux(stream.encode())


@pytest.mark.models
def test_every_command_and_every_example_runs(tmp_path: Path) -> None:
    """In the order of the page: what one example writes, a later one reads."""
    for name in ("signer.mp4", "house.mp4"):
        film_a_signer(tmp_path / name)
    for block in blocks(README):
        if block.language == "bash":
            try_shell(block, tmp_path)
        elif block.language == "python" and ("accessify.enrol" not in block.text or SIGNER.exists()):
            done = run([sys.executable, "-c", block.text], tmp_path)
            assert done.returncode == 0, f"README.md:{block.line}\n{done.stdout}\n{done.stderr}"
    assert {
        "film.mp4",
        "film.srt",
        "film.ttml",
        "film.ass",
        "fixed.vtt",
        "signer.pose",
        "seen.mp4",
        "signer.npz",
    } <= {path.name for path in tmp_path.iterdir()}
    if SIGNER.exists():
        assert {"my.signs", "film.signs", "signs.vtt", "signs.eaf", "spelled.vtt"} <= {
            path.name for path in tmp_path.iterdir()
        }
        assert "HOUSE" in (tmp_path / "signs.vtt").read_text("utf-8")
    made = (tmp_path / "captions" / "film.srt").read_text("utf-8")
    assert re.search(r"^\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}$", made, re.MULTILINE)
    assert {path.suffix for path in (tmp_path / "captions").iterdir()} == {".srt", ".vtt", ".ttml", ".json"}


def test_no_block_is_left_out() -> None:
    assert {block.language for block in blocks(README)} == {"bash", "python", "text"}
    commands = [
        next(word for word in shlex.split(line, comments=True) if not re.match(r"[A-Z_]+=", word))
        for block in blocks(README)
        if block.language == "bash"
        for line in block.text.splitlines()
    ]
    assert set(commands) == set(TRIES)


def test_the_help_on_the_page_is_the_help_of_the_program(tmp_path: Path) -> None:
    shown = [block.text for block in blocks(README) if block.language == "text"]
    assert shown
    for text in shown:
        prompt, _, expected = text.partition("\n")
        words = shlex.split(prompt.removeprefix("$ "))
        done = run([sys.executable, "-m", *words], tmp_path)
        assert done.stdout == expected


def commands() -> list[tuple[str, ...]]:
    """Every command and subcommand by its words."""
    found: list[tuple[str, ...]] = [()]
    waiting: list[tuple[tuple[str, ...], click.Command]] = [((), program)]
    while waiting:
        words, command = waiting.pop()
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                found.append((*words, name))
                waiting.append(((*words, name), inner))
    return sorted(found)


@pytest.mark.parametrize("words", [(name,) for name in COMMANDS])
def test_every_command_has_its_module(words: tuple[str, ...]) -> None:
    assert isinstance(import_module(f"accessify.cli.{words[0]}").command, click.Command)


def test_every_command_explains_itself_and_its_options(tmp_path: Path) -> None:
    for words in commands():
        command: click.Command = program
        for word in words:
            assert isinstance(command, click.Group)
            inner = command.get_command(click.Context(command), word)
            assert inner is not None
            command = inner
        context = click.Context(command, info_name=" ".join(("accessify", *words)))
        assert command.help, f"{words} has no help"
        assert command.get_help(context).startswith("Usage: accessify")
        silent = [
            option.name for option in command.params if isinstance(option, click.Option) and not option.help
        ]
        assert not silent, f"{words}: no help for {silent}"


@pytest.mark.parametrize("words", [(), ("caption",), ("check",), ("convert",), ("models", "pull")])
def test_help_runs_as_a_program(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run([sys.executable, "-m", "accessify", *words, "--help"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Usage: {' '.join(('accessify', *words))} ")
    assert not done.stderr


def test_the_page_lists_what_there_is() -> None:
    assert set(re.findall(r"`(\w+-[\w-]+|netflix|bbc|dcmp|amazon|web)`", section("What works today"))) == set(
        profile_names()
    )
    formats = import_module("accessify.captions.formats").FORMATS
    told = section("What works today").split("**Formats**")[1].split("**Style")[0]
    names = {
        name.lower().replace("webvtt", "vtt") for name in re.findall(r"\b[A-Za-z]*[A-Z]{3}[A-Z]?2?\b", told)
    }
    assert names - {"imsc", "ebu", "elan"} == set(formats)
    written_only = told.split("written only")[1].lower()
    assert {name for name, one in formats.items() if not one.is_read} == set(
        re.findall(r"\b(?:" + "|".join(formats) + r")\b", written_only)
    )


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), f"README.md links to {link}"


def test_the_tables_of_figures_have_their_place() -> None:
    assert README.count("<!-- bench:captions -->") == README.count("<!-- /bench:captions -->") == 1
    assert README.index("<!-- bench:captions -->") < README.index("<!-- /bench:captions -->")


def test_the_version_is_the_one_in_the_change_log_or_unreleased() -> None:
    log = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## \[([^\]]+)\]", log, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert PROJECT["version"] in headings or headings == ["Unreleased"]


# make


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout of just what make reads, in a folder whose name has a space and a quote."""
    folder = tmp_path / "it's a film"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_make_helps(copy: Path) -> None:
    done = run(["make"], copy)
    targets = re.findall(r"^make ([\w-]+) +\S", done.stdout, re.MULTILINE)
    every = [
        "caption",
        "app",
        "test",
        "lint",
        "bench",
        "bench-landmarks",
        "bench-signs",
        "bench-avatar",
        "bench-live",
        "bench-device",
        "bench-app",
        "bench-whisper",
        "screenshots",
        "models",
        "format",
        "clean",
        "help",
    ]
    assert targets == every


def test_make_names_the_fix_where_there_is_no_python(copy: Path, tmp_path: Path) -> None:
    """With a PATH of just the shell's tools, and an old Python among them."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "make", "cat", "test", "pwd", "touch", "awk"):
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    old = tools / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = run(["make", "models"], copy, PATH=str(tools))
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if "Python 3.11" in line]
    assert len(told) == 1
    assert "make PYTHON=/path/to/python3" in told[0]
    assert not (copy / ".venv").exists()


STAND_IN = """#!/bin/sh
case "$*" in
  *--version*) echo "Python 3.12.0" ;;
  "-m venv --clear .venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
esac
"""
"""Answers make as a Python would, without the ten seconds that a real environment takes."""


def test_make_takes_a_python_by_name_and_keeps_its_environment(copy: Path, tmp_path: Path) -> None:
    python = tmp_path / "my python"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    link = tmp_path / "python-by-name"
    link.symlink_to(python)
    done = run(["make", ".venv/.made", f"PYTHON={link}"], copy)
    assert done.returncode == 0, done.stderr
    assert "making .venv with Python 3.12.0" in done.stdout
    assert (copy / ".venv" / ".made").read_text().strip() == str(copy)
    (copy / ".venv" / ".base").touch()
    assert "up to date" in run(["make", ".venv/.made"], copy).stdout

    moved = copy.rename(copy.with_name("moved"))
    done = run(["make", ".venv/.made", f"PYTHON={link}"], moved)
    assert "making .venv" in done.stdout  # its scripts still named the old folder
    assert (moved / ".venv" / ".made").read_text().strip() == str(moved)
    assert not (moved / ".venv" / ".base").exists()

    (moved / ".venv" / "bin" / "python").unlink()  # as when the system's Python was replaced
    assert "making .venv" in run(["make", ".venv/.made", f"PYTHON={link}"], moved).stdout


def test_make_completes_an_environment_that_somebody_made(copy: Path) -> None:
    python = copy / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(STAND_IN)
    python.chmod(0o755)
    (copy / ".venv" / "kept").touch()
    done = run(["make", ".venv/.base"], copy)
    assert done.returncode == 0, done.stderr
    assert "making" not in done.stdout
    assert {path.name for path in (copy / ".venv").iterdir()} == {"bin", "kept", ".made", ".base"}


@pytest.mark.parametrize("name", ["my film.mov", 'it\'s 5$ "now".mov', "-dash.mov", "影 (1).mov"])
def test_make_passes_a_file_name_on_as_it_was_typed(copy: Path, name: str) -> None:
    """With a stand-in for Python that writes down how it was called."""
    python = copy / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    calls = copy / "calls"
    python.write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word" >> calls; done\nexit 0\n')
    python.chmod(0o755)
    for stamp in (".made", ".base"):
        (copy / ".venv" / stamp).write_text(f"{copy}\n")
    done = run(["make", "caption", f"FILE={name}"], copy)
    assert done.returncode == 0, done.stderr
    called = calls.read_text("utf-8").splitlines()
    assert called[-1] == name
