"""A folder of clips with known text, as values.

Two layouts are read: a folder with a `manifest.jsonl` (one JSON object a line: file, kind,
duration_s, text, speaker, labels, licence), and any folder of sound or film files, each with a
transcript of the same stem beside it (`talk.wav` + `talk.txt`). There, an empty transcript says
that nobody speaks. `datasets/speech-clips.md` describes both.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accessify.core.errors import FormatError, OptionError

_log = logging.getLogger(__name__)

SPEECH_EN, SPEECH_ZH, NON_SPEECH, FILM = "asr_en", "asr_zh", "nonspeech", "video"
"""The kinds that are scored; clips of other kinds are counted as left out."""

MANIFEST = "manifest.jsonl"
SUFFIXES = frozenset(
    {".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac"}
    | {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".avi", ".ts", ".mxf"}
)
"""What counts as sound or film in a folder without a manifest."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One sound or film file and what is said in it."""

    path: Path
    name: str
    """Path inside the folder, `/` between parts: the same on every machine."""
    kind: str
    text: str
    """As published; empty where nobody speaks."""
    corpus: str = "other"
    """The collection it comes from: figures are also given per corpus."""
    speaker: str | None = None
    labels: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Dataset:
    """All clips of a folder that can be scored."""

    name: str
    clips: tuple[Clip, ...]
    left_out: tuple[str, ...] = ()
    """Names of files that no bench scores: no transcript, or a kind without one."""

    def of(self, kind: str) -> tuple[Clip, ...]:
        """The clips of one kind, in the folder's order."""
        return tuple(clip for clip in self.clips if clip.kind == kind)

    def sha256(self) -> str:
        """Fingerprint over names, kinds, texts and bytes of all clips: same data, same figure."""
        total = hashlib.sha256()
        for clip in self.clips:
            with clip.path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            total.update(f"{clip.name}\t{clip.kind}\t{clip.text}\t{content}\n".encode())
        return total.hexdigest()


def load_dataset(folder: Path) -> Dataset:
    """The clips in `folder`, read in either layout.

    Raises `OptionError` where there is no such folder or nothing in it can be scored, and
    `FormatError` (file, line) for a manifest that cannot be read.
    """
    if not folder.is_dir():
        raise OptionError(f"{folder}: no such folder; give a folder of sound files with transcripts")
    manifest = folder / MANIFEST
    found = _from_manifest(manifest) if manifest.is_file() else _from_files(folder)
    if not found.clips:
        raise OptionError(
            f"{folder}: nothing to score; put NAME.txt beside each NAME.wav (what is said, or an empty "
            f"file where nobody speaks), or add a {MANIFEST}"
        )
    for name in found.left_out:
        _log.info("%s: not scored, it has no transcript", name)
    return found


def _from_manifest(manifest: Path) -> Dataset:
    clips: list[Clip] = []
    left_out: list[str] = []
    for number, line in enumerate(manifest.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        row = _row(line, number, manifest)
        clip = _clip(row, number, manifest)
        if _can_be_scored(clip):
            clips.append(clip)
        else:
            left_out.append(clip.name)
    return Dataset(manifest.parent.resolve().name, tuple(clips), tuple(left_out))


def _row(line: str, number: int, manifest: Path) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"not JSON ({error.msg}); write one object a line", line=number, source=str(manifest)
        ) from error
    if not isinstance(row, dict) or not isinstance(row.get("file"), str) or not row.get("kind"):
        raise FormatError(
            'a clip needs "file" and "kind", e.g. {"file": "a.wav", "kind": "asr_en", "text": "…"}',
            line=number,
            source=str(manifest),
        )
    return row


def _clip(row: dict[str, Any], number: int, manifest: Path) -> Clip:
    path = manifest.parent / row["file"]
    if not path.is_file():
        raise FormatError(
            f"{row['file']} is not there; restore the file or remove the line",
            line=number,
            source=str(manifest),
        )
    labels = row.get("labels") or {}
    corpus = labels.get("corpus") or labels.get("domain") or "other"
    return Clip(path, row["file"], row["kind"], row.get("text") or "", corpus, row.get("speaker"), labels)


def _can_be_scored(clip: Clip) -> bool:
    if clip.kind == NON_SPEECH:
        return not clip.text
    return clip.kind in (SPEECH_EN, SPEECH_ZH, FILM) and bool(clip.text)


def _from_files(folder: Path) -> Dataset:
    clips: list[Clip] = []
    left_out: list[str] = []
    for path in _media_files(folder):
        name = path.relative_to(folder).as_posix()
        transcript = path.with_suffix(".txt")
        if not transcript.is_file():
            left_out.append(name)
            continue
        text = " ".join(_read_text(transcript).split())
        kind = SPEECH_EN if text else NON_SPEECH
        corpus = name.rsplit("/", 1)[0] if "/" in name else "other"
        clips.append(Clip(path, name, kind, text, corpus))
    return Dataset(folder.resolve().name, tuple(clips), tuple(left_out))


def _media_files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError("not UTF-8; save the transcript as UTF-8", source=str(path)) from error
