"""Cameras of this machine, through OpenCV.

FFmpeg's own device readers differ from system to system (names instead of numbers, no list of modes)
and wait for a camera that was pulled out; OpenCV's know numbers everywhere and time out.
"""

from __future__ import annotations

import os
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import MediaError, MissingExtra
from accessify.core.timeline import Rate, nearest_standard
from accessify.media.camera import LostError

if TYPE_CHECKING:
    from cv2 import VideoCapture

_DEVICE = re.compile(r"\d+|/dev/(video\d+|v4l/.+)")
_USUAL_RATE = Fraction(30)
_FASTEST = 1000
"""A camera that says more frames per second than this does not know."""


def is_device(source: str) -> bool:
    """Whether `source` names a camera: `0`, `1`, `/dev/video0`."""
    return _DEVICE.fullmatch(source) is not None


class Device:
    """A camera; a `LiveSource`."""

    def __init__(self, name: str, capture: VideoCapture) -> None:
        """`name`: for people; `capture`: opened."""
        import cv2

        self.name = name
        self.damaged = 0
        rate = capture.get(cv2.CAP_PROP_FPS)
        fps = Fraction(rate).limit_denominator(1001) if 0 < rate < _FASTEST else _USUAL_RATE
        self.rate = Rate(nearest_standard(fps or _USUAL_RATE))
        self._capture = capture

    def read(self) -> NDArray[np.uint8]:
        """The next picture as OpenCV gives it (BGR)."""
        import cv2

        try:
            there, image = self._capture.read()
        except cv2.error as error:
            raise LostError("its driver reports an error") from error
        if not there:
            raise LostError("it gives no more pictures; it may have been pulled out or taken over")
        return np.asarray(image, np.uint8)

    def picture(self, raw: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """As RGB; grey cameras give three equal channels."""
        import cv2

        code = cv2.COLOR_GRAY2RGB if raw.ndim == 2 else cv2.COLOR_BGR2RGB
        return np.asarray(cv2.cvtColor(raw, code), np.uint8)

    def close(self) -> None:
        self._capture.release()


def open_device(source: str) -> Device:
    """Open the camera called `source`.

    Raises `MissingExtra` without OpenCV and `MediaError` which says what to check: whether there is
    such a camera, whether it may be used, whether another program has it.
    """
    try:
        import cv2
    except ImportError as error:
        raise MissingExtra("opencv-python", "signs") from error

    name = f"camera {source}"
    linux = sys.platform.startswith("linux")
    if linux:
        _check(name, Path(f"/dev/video{source}" if source.isdecimal() else source))
    backend = cv2.CAP_V4L2 if linux else cv2.CAP_ANY
    capture = cv2.VideoCapture(int(source) if source.isdecimal() else source, backend)
    if not capture.isOpened():
        raise MediaError(
            f"{name}: it cannot be opened; close other programs that use it, "
            "and allow this one to use cameras in the system's privacy settings",
            path=source,
        )
    return Device(name, capture)


def _check(name: str, device: Path) -> None:
    """Raise `MediaError` where Linux already knows why `device` cannot be used."""
    if not device.exists():
        cameras = sorted(str(path) for path in Path("/dev").glob("video*"))
        there = f"use one of {', '.join(cameras)}" if cameras else "none is connected"
        raise MediaError(f"{name}: there is no {device}; {there}", path=str(device))
    if not os.access(device, os.R_OK | os.W_OK):
        raise MediaError(
            f"{name}: you may not use {device}; run: sudo usermod -aG video $USER, then log in again",
            path=str(device),
        )
