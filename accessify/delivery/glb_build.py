"""Making binary glTF 2.0: arrays to accessors, and both chunks to bytes.

Rules: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html, §3.6 (accessors) and §4 (GLB).
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

Document = dict[str, Any]

MAGIC = 0x46546C67
JSON_CHUNK, BINARY_CHUNK = 0x4E4F534A, 0x004E4942
VERTICES, INDICES = 34962, 34963
"""What a view of the buffer is for, as OpenGL counts."""
COMPONENTS: dict[int, np.dtype[Any]] = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
SHAPES: dict[str, tuple[int, ...]] = {
    "SCALAR": (),
    "VEC2": (2,),
    "VEC3": (3,),
    "VEC4": (4,),
    "MAT2": (2, 2),
    "MAT3": (3, 3),
    "MAT4": (4, 4),
}
_CODES = {dtype: code for code, dtype in COMPONENTS.items()}
_KINDS = {shape: kind for kind, shape in SHAPES.items()}


class GlbBuilder:
    """A document that grows, with its one buffer."""

    def __init__(self, document: Document) -> None:
        """`document` is the JSON part without accessors, views and buffers."""
        self.document = document
        self._views: list[Document] = []
        self._accessors: list[Document] = []
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, part: str, value: Document) -> int:
        """Append to a list of the document, e.g. `nodes`; returns its number there."""
        found: list[Document] = self.document.setdefault(part, [])
        found.append(value)
        return len(found) - 1

    def view(self, array: NDArray[Any], target: int | None = None) -> int:
        """Put an array into the buffer; returns the number of its view."""
        data = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
        view: Document = {"buffer": 0, "byteOffset": self._size, "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        self._views.append(view)
        padding = -len(data) % 4
        self._parts.append(data + bytes(padding))
        self._size += len(data) + padding
        return len(self._views) - 1

    def accessor(self, array: NDArray[Any], target: int | None = None, *, bounds: bool = False) -> int:
        """An accessor for an array [count, ...]; `bounds` are asked for of positions and times.

        Matrices [count, 4, 4] must be transposed already: glTF counts by columns.
        """
        accessor = self._described(array, len(array), bounds)
        accessor["bufferView"] = self.view(array, target)
        return self._keep(accessor)

    def sparse(self, indices: int, values: NDArray[Any], of: tuple[int, int], *, bounds: bool = False) -> int:
        """An accessor that is zero except for some rows: `values` at those that the view `indices` names.

        `of` is the number of all rows and of those in `indices`.
        """
        rows, some = of
        accessor = self._described(values, rows, bounds, zeros=some < rows)
        if some:
            accessor["sparse"] = {
                "count": some,
                "indices": {"bufferView": indices, "componentType": 5125},
                "values": {"bufferView": self.view(values)},
            }
        return self._keep(accessor)

    def _keep(self, accessor: Document) -> int:
        self._accessors.append(accessor)
        return len(self._accessors) - 1

    @staticmethod
    def _described(array: NDArray[Any], count: int, bounds: bool, zeros: bool = False) -> Document:
        described: Document = {
            "componentType": _CODES[array.dtype.newbyteorder("<")],
            "count": count,
            "type": _KINDS[array.shape[1:]],
        }
        if bounds:
            rows = array.reshape(len(array), -1)
            if zeros or not len(rows):
                rows = np.vstack([rows, np.zeros((1, *rows.shape[1:]), array.dtype)])
            described["min"], described["max"] = rows.min(axis=0).tolist(), rows.max(axis=0).tolist()
        return described

    def to_bytes(self) -> bytes:
        """The whole file."""
        whole = dict(self.document)
        if self._accessors:
            whole["accessors"] = self._accessors
        if self._size:
            whole["bufferViews"] = self._views
            whole["buffers"] = [{"byteLength": self._size}]
        text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        chunks = struct.pack("<II", len(text), JSON_CHUNK) + text
        if self._size:
            chunks += struct.pack("<II", self._size, BINARY_CHUNK) + b"".join(self._parts)
        return struct.pack("<III", MAGIC, 2, 12 + len(chunks)) + chunks
