"""Arrays of `.npy` and `.npz` files from anywhere: nothing is unpickled, nothing absurd allocated."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.delivery.reading import reading

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_DENSEST = 1100
"""Bytes that a byte of a zip can stand for (Deflate: 1032)."""
_BROKEN = (
    *(ValueError, SyntaxError, TokenError, EOFError, KeyError, OverflowError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError),
)
"""What numpy and zipfile raise for damaged, encrypted or strangely packed files."""


def read_array(path: Path) -> NDArray[Any]:
    """The array of a `.npy` file; raises `FormatError` where it is damaged or pickled."""
    with reading(path), path.open("rb") as stream:
        size = path.stat().st_size
        try:
            return _array(stream, size)
        except FormatError as error:
            raise FormatError(error.message, source=str(path)) from None
        except _BROKEN as error:
            raise FormatError(f"not a whole .npy file ({_why(error)})", source=str(path)) from None


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays of an `.npz` file by name; raises `FormatError` where it is damaged or pickled."""
    with unzipping(path, ".npz file") as archive:
        return {
            entry.filename.removesuffix(".npy"): member_array(archive, entry) for entry in archive.infolist()
        }


@contextmanager
def unzipping(path: Path, kind: str) -> Iterator[zipfile.ZipFile]:
    """The zip at `path`, open; raises `FormatError`, which calls it a `kind`, where it cannot be read."""
    with reading(path):
        try:
            with zipfile.ZipFile(path) as archive:
                yield archive
        except FormatError as error:
            raise FormatError(error.message, source=str(path)) from None
        except _BROKEN as error:
            raise FormatError(f"not a whole {kind} ({_why(error)})", source=str(path)) from None


def member_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[Any]:
    """The array in a member of an open zip; raises what `unzipping` makes a `FormatError` of."""
    _check_size(entry)
    with archive.open(entry) as stream:
        array = _array(stream, entry.file_size)
        if stream.read(1):  # its checksum is looked at where it ends
            raise FormatError(f"{entry.filename} goes on behind its array; save it again with numpy")
    return array


def _check_size(entry: zipfile.ZipInfo) -> None:
    if entry.file_size > _DENSEST * (entry.compress_size + 100):
        raise FormatError(f"{entry.filename} says {entry.file_size} bytes, more than it holds")


def _array(stream: IO[bytes], size: int) -> NDArray[Any]:
    """The array in a stream of `size` bytes."""
    version = npy.read_magic(stream)
    if version not in _HEADERS:
        raise FormatError(f"its arrays are of version {version}, which is not read; save it again with numpy")
    shape, fortran, dtype = _HEADERS[version](stream)
    if dtype.hasobject:
        raise FormatError("it holds pickled objects, which can run code: not read; save plain numbers")
    needed = math.prod(shape) * dtype.itemsize
    if needed > size - stream.tell() or min(shape, default=0) < 0:
        raise FormatError(f"it ends early: an array {list(shape)} of {dtype} needs {needed} bytes")
    data = stream.read(needed)
    return np.frombuffer(data, dtype, math.prod(shape)).reshape(shape, order="F" if fortran else "C")


def _why(error: BaseException) -> str:
    return str(error) or type(error).__name__
