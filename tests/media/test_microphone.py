"""Microphones through the real PortAudio and ALSA: each case runs where ALSA knows other devices."""

from __future__ import annotations

import ctypes.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.media.live_material import tone

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or ctypes.util.find_library("portaudio") is None,
    reason="needs libportaudio2, and ALSA to stand for a microphone",
)
ROOT = Path(__file__).parents[2]
DEVICES = """</usr/share/alsa/alsa.conf>
pcm.{name} {{
  type file
  slave.pcm {{ type null }}
  file "/dev/null"
  infile "{sound}"
  format "raw"
  hint {{ show on description "plays a file" }}
}}
"""


def _run(folder: Path, code: str, name: str | None = "lectern") -> str:
    """What `code` prints where the only input, `name`, plays 440 Hz; no input with None."""
    sound = folder / "sound.raw"
    sound.write_bytes(tone(20, 44_100).astype("<f4").tobytes())
    config = folder / "asound.conf"
    config.write_text(DEVICES.format(name=name, sound=sound) if name else DEVICES.partition("pcm")[0])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "from accessify.media.microphone import *\n" + code],
        env=os.environ | {"ALSA_CONFIG_PATH": str(config)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_microphone_is_heard_at_16_khz(tmp_path: Path) -> None:
    out = _run(
        tmp_path,
        "import numpy as np, itertools\n"
        "from tests.media.live_material import pitch\n"
        "with Microphone('LECT') as mic:\n"
        "    sound = np.concatenate(list(itertools.islice(mic, 40)))\n"
        "print(mic.name, sound.dtype, round(pitch(sound[4000:16000]) * mic._rate / 44100))",
    )
    assert out == "microphone lectern float32 440\n"


def test_what_is_not_taken_in_time_is_said(tmp_path: Path) -> None:
    """This driver plays thousands of times as fast as time: more than the half minute that may wait."""
    out = _run(
        tmp_path,
        "import time\n"
        "with Microphone() as mic:\n"
        "    while not mic.notes: time.sleep(0.01)\n"
        "print(*[note.kind for note in mic.notes])",
    )
    assert out == "overflow\n"


def test_a_microphone_that_is_pulled_out_ends_with_a_note(tmp_path: Path) -> None:
    out = _run(
        tmp_path,
        "mic = Microphone()\n"
        "blocks = iter(mic)\n"
        "next(blocks)\n"
        "mic._stream.abort()\n"
        "heard = sum(1 for _ in blocks)\n"
        "print(mic.notes[-1].kind, mic.notes[-1].text)",
    )
    assert out.startswith("microphone-lost the microphone lectern was lost at 0:")


def test_without_a_microphone_and_with_a_wrong_name(tmp_path: Path) -> None:
    code = "try: Microphone({!r})\nexcept Exception as error: print(type(error).__name__, error)"
    assert _run(tmp_path, code.format(None), name=None).startswith("MediaError no microphone is connected")
    told = _run(tmp_path, code.format("yeti"))
    assert told == "MediaError there is no microphone 'yeti'; use one of: 0: lectern (ALSA, default)\n"


def test_without_the_packages(tmp_path: Path) -> None:
    code = "import sys\n{}\ntry: microphones()\nexcept Exception as error: print(type(error).__name__, error)"
    missing = _run(tmp_path, code.format("sys.modules['sounddevice'] = None"))
    assert missing == "MissingExtra sounddevice is not installed; run: pip install 'accessify[mic]'\n"
    hidden = "import ctypes.util, ctypes\nctypes.util.find_library = lambda name: None"
    assert "apt install libportaudio2" in _run(tmp_path, code.format(hidden))
