"""Reading binary glTF 2.0: both chunks, and accessors as arrays. Nothing outside the file is opened."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.errors import FormatError
from accessify.delivery.glb_build import BINARY_CHUNK, COMPONENTS, JSON_CHUNK, MAGIC, SHAPES
from accessify.delivery.reading import reading

MOST_BYTES = 1 << 29
"""A figure for the screen has some MB; a file beyond this would take the memory of the machine."""
MOST_ROWS = 1 << 23
"""Rows of one accessor, which a file can claim without holding them."""

_UNPACKED = "KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_meshopt_compression"
_PLAIN = ("KHR_mesh_quantization", "KHR_texture_", "KHR_materials_", "VRM", "EXT_texture_webp", "KHR_lights_")
"""Beginnings of extensions that can be demanded without changing how meshes and bones are read."""
_AS_GLB = "in Blender, import it and export it as glTF Binary (.glb) without compression"


@dataclass(frozen=True, slots=True, eq=False)
class Glb:
    """A file in memory."""

    document: dict[str, Any]
    binary: memoryview
    source: str
    _lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Lists that were asked for."""

    def rows(self, part: str) -> list[dict[str, Any]]:
        """A list of the document, empty where it is absent; raises `FormatError` where it is no list."""
        if part in self._lists:
            return self._lists[part]
        found = self.document.get(part, [])
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise FormatError(f"damaged ({part} is no list of objects); get a whole copy", source=self.source)
        self._lists[part] = found
        return found

    def view(self, number: int) -> memoryview:
        """The bytes of a view."""
        view = self.rows("bufferViews")[_index(number)]
        if view.get("buffer", 0) != 0:
            raise FormatError(f"its data lies in more than one file; {_AS_GLB}", source=self.source)
        start, size = int(view.get("byteOffset", 0)), int(view["byteLength"])
        if start < 0 or size < 0 or start + size > len(self.binary):
            raise FormatError(
                "it ends early: a view lies outside its data; get a whole copy", source=self.source
            )
        return self.binary[start : start + size]

    def accessor(self, number: int) -> NDArray[Any]:
        """An array [count, ...] as it is stored; raises `FormatError` where data is missing.

        Matrices come row by row, transposed from glTF's columns.
        """
        accessor = self.rows("accessors")[_index(number)]
        dtype, shape = COMPONENTS[accessor["componentType"]], SHAPES[accessor["type"]]
        count = int(accessor["count"])
        if not 0 <= count <= MOST_ROWS:
            raise FormatError(
                f"an array says {count} rows, more than {MOST_ROWS} are not read; make the mesh coarser",
                source=self.source,
            )
        array: NDArray[Any]
        if "bufferView" in accessor:
            view = self.rows("bufferViews")[_index(accessor["bufferView"])]
            data = self.view(accessor["bufferView"])[int(accessor.get("byteOffset", 0)) :]
            array = self._strided(data, (count, *shape), dtype, view.get("byteStride"))
        else:
            array = np.zeros((count, *shape), dtype)
        if "sparse" in accessor:
            array = self._with_sparse(array, accessor["sparse"])
        return array.swapaxes(-1, -2) if len(shape) == 2 else array

    def numbers(self, number: int) -> NDArray[np.float32]:
        """An accessor as float32, whole numbers scaled where the file says `normalized` (§3.6.2.2)."""
        array = self.accessor(number)
        values = array.astype(np.float32)
        if self.rows("accessors")[number].get("normalized") and array.dtype.kind in "iu":
            values = np.maximum(values / np.float32(np.iinfo(array.dtype).max), np.float32(-1))
        if not np.isfinite(values).all():
            raise FormatError("damaged (numbers that are not finite); get a whole copy", source=self.source)
        return values

    def _strided(
        self, data: memoryview, shape: tuple[int, ...], dtype: np.dtype[Any], stride: int | None
    ) -> NDArray[Any]:
        row = int(np.prod(shape[1:], dtype=int)) * dtype.itemsize
        step = int(stride or row)
        needed = (shape[0] - 1) * step + row if shape[0] else 0
        if step < row or needed > len(data):
            raise FormatError(
                f"it ends early: an array {list(shape)} needs {needed} bytes and has {len(data)}; "
                "get a whole copy",
                source=self.source,
            )
        if not needed:
            return np.zeros(shape, dtype)
        bytes_ = np.frombuffer(data, np.uint8, needed)
        rows = np.lib.stride_tricks.as_strided(bytes_, (shape[0], row), (step, 1), writeable=False)
        return np.array(rows, order="C").view(dtype).reshape(shape)

    def sparse_rows(self, number: int) -> tuple[NDArray[np.uint32], NDArray[Any]] | None:
        """Which rows of an accessor are not zero and their values, where it is stored so; else None."""
        accessor = self.rows("accessors")[_index(number)]
        if "bufferView" in accessor:
            return None
        if "sparse" not in accessor:
            shape = SHAPES[accessor["type"]]
            return np.zeros(0, np.uint32), np.zeros((0, *shape), COMPONENTS[accessor["componentType"]])
        shape, dtype = SHAPES[accessor["type"]], COMPONENTS[accessor["componentType"]]
        indices, values = self._sparse(accessor["sparse"], shape, dtype)
        if len(indices) and int(indices.max()) >= int(accessor["count"]):
            raise FormatError(
                "damaged (a sparse row that is not there); get a whole copy", source=self.source
            )
        return indices, values

    def _sparse(
        self, sparse: dict[str, Any], shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> tuple[NDArray[np.uint32], NDArray[Any]]:
        count = int(sparse["count"])
        where, what = sparse["indices"], sparse["values"]
        at = self.view(where["bufferView"])[int(where.get("byteOffset", 0)) :]
        indices = self._strided(at, (count,), COMPONENTS[where["componentType"]], None)
        data = self.view(what["bufferView"])[int(what.get("byteOffset", 0)) :]
        return indices.astype(np.uint32), self._strided(data, (count, *shape), dtype, None)

    def _with_sparse(self, array: NDArray[Any], sparse: dict[str, Any]) -> NDArray[Any]:
        indices, values = self._sparse(sparse, array.shape[1:], array.dtype)
        whole = array.copy()
        whole[indices] = values
        return whole


def _index(number: Any) -> int:
    if not isinstance(number, int) or number < 0:
        raise IndexError(f"{number!r} is no number of a row")
    return number


def read_glb(path: Path) -> Glb:
    """Both chunks of a `.glb` or `.vrm`.

    Raises `FormatError` for a file that is absent, too big, cut off or not a binary glTF 2.0, and for data
    outside the file or compressed.
    """
    source = str(path)
    with reading(path):
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise FormatError(
                f"{size / 1e6:.0f} MB, more than {MOST_BYTES / 1e6:.0f} MB are not read; "
                "make meshes and textures smaller",
                source=source,
            )
        data = path.read_bytes()
    text, binary = _chunks(data, source)
    try:
        document = json.loads(bytes(text).decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"damaged ({error}); get a whole copy", source=source) from None
    if not isinstance(document, dict):
        raise FormatError("damaged (its JSON is no object); get a whole copy", source=source)
    glb = Glb(document, binary, source)
    _require_readable(glb)
    return glb


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _chunks(data: bytes, source: str) -> tuple[memoryview, memoryview]:
    """The JSON and the binary chunk."""
    if data[:1] in {b"{", b"\xef"} and b'"asset"' in data:
        raise FormatError(f"a .gltf with its data in other files; {_AS_GLB}", source=source)
    if len(data) < 12 or struct.unpack_from("<I", data)[0] != MAGIC:
        raise FormatError(
            "no binary glTF (it does not begin with `glTF`); give a .glb or .vrm file", source=source
        )
    version, length = struct.unpack_from("<II", data, 4)
    if version != 2:
        raise FormatError(f"glTF version {version}; only version 2 is read: export it again", source=source)
    if length > len(data):
        raise FormatError(
            f"it ends early: {len(data)} of {length} bytes are there; get a whole copy", source=source
        )
    found: dict[int, memoryview] = {}
    at, whole = 12, memoryview(data)
    while at + 8 <= length:
        size, kind = struct.unpack_from("<II", data, at)
        if at + 8 + size > length:
            raise FormatError("it ends early: a chunk is cut off; get a whole copy", source=source)
        found.setdefault(kind, whole[at + 8 : at + 8 + size])
        at += 8 + size
    if JSON_CHUNK not in found:
        raise FormatError("damaged (no JSON chunk); get a whole copy", source=source)
    return found[JSON_CHUNK], found.get(BINARY_CHUNK, memoryview(b""))


def _require_readable(glb: Glb) -> None:
    demanded = glb.document.get("extensionsRequired", [])
    for name in demanded if isinstance(demanded, list) else []:
        if name in _UNPACKED:
            raise FormatError(f"its meshes are compressed ({name}); {_AS_GLB}", source=glb.source)
        if not str(name).startswith(_PLAIN):
            raise FormatError(
                f"it cannot be read without the extension {name}; export it again without", source=glb.source
            )
    buffers = glb.rows("buffers")
    if any("uri" in buffer for buffer in buffers):
        inside = any(str(buffer.get("uri", "")).startswith("data:") for buffer in buffers)
        what = "its data is written as text (data:)" if inside else "its data lies in another file"
        raise FormatError(f"{what}; {_AS_GLB}", source=glb.source)
