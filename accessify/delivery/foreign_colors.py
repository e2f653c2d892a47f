"""Colours of another's figure: textures become colours of vertices, transparent triangles are left out."""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accessify.core.character import Material
from accessify.core.errors import MissingExtra
from accessify.delivery.glb_parse import Glb

_KINDS = {
    "hair": "hair",
    **dict.fromkeys(("lash", "eyeline", "brow", "mouth", "teeth", "tongue", "shoe"), "plain"),
    **dict.fromkeys(("eye", "iris", "cornea"), "eye"),
    **dict.fromkeys(("cloth", "shirt", "tops", "bottoms", "pants", "trousers", "dress"), "cloth"),
    **dict.fromkeys(("skin", "face", "body", "head", "hand", "arm"), "skin"),
}
"""Part of a material's name → how it is shaded; the first that fits."""
_MOST_PIXELS = 1 << 26
_SIDE = 1024
"""Pixels: a texture is made smaller before, so that a vertex gets the mean around it."""
_CLAMP, _MIRROR = 33071, 33648


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """A material of a file."""

    material: Material
    pixels: NDArray[np.float32] | None
    """Shape [height, width, 4], linear light and alpha, or None."""
    slot: dict[str, Any]
    """How the texture is put on, as `textureInfo`."""
    wraps: tuple[int, int]
    alpha: float | None
    """What alpha is multiplied with; None where nothing is transparent."""
    double: bool
    """Whether it is seen from both sides."""

    def sampled(self, places: NDArray[np.float32]) -> NDArray[np.float32]:
        """Colour and alpha [n, 4] at texture coordinates [n, 2]."""
        if self.pixels is None:
            return np.ones((len(places), 4), np.float32)
        height, width = self.pixels.shape[:2]
        u, v = self._moved(places).T
        column = _wrapped(u, self.wraps[0]) * width
        row = _wrapped(v, self.wraps[1]) * height
        columns = np.clip(column.astype(np.int64), 0, width - 1)
        return np.asarray(self.pixels[np.clip(row.astype(np.int64), 0, height - 1), columns])

    def _moved(self, places: NDArray[np.float32]) -> NDArray[np.float32]:
        """Coordinates after `KHR_texture_transform`."""
        change = self.slot.get("extensions", {}).get("KHR_texture_transform")
        if change is None:
            return places
        turn, (su, sv) = float(change.get("rotation", 0)), change.get("scale", (1, 1))
        u, v = places[:, 0] * su, places[:, 1] * sv
        moved = np.stack(
            [math.cos(turn) * u + math.sin(turn) * v, math.cos(turn) * v - math.sin(turn) * u], axis=1
        )
        return np.asarray(moved + np.array(change.get("offset", (0, 0))), np.float32)

    @property
    def coordinates(self) -> int:
        """Which set of texture coordinates it wants."""
        change = self.slot.get("extensions", {}).get("KHR_texture_transform", {})
        return int(change.get("texCoord", self.slot.get("texCoord", 0)))


def _wrapped(values: NDArray[np.float32], how: int) -> NDArray[np.float32]:
    if how == _CLAMP:
        return np.clip(values, 0, 1)
    if how == _MIRROR:
        return np.asarray(1 - np.abs(np.mod(values, 2) - 1))
    return np.mod(values, 1)


def paints(glb: Glb) -> tuple[list[Paint], list[str]]:
    """A file's materials, one more for meshes without, and what could not be read of them.

    Raises `MissingExtra` where there are textures and no Pillow.
    """
    lost: list[str] = []
    images: dict[int, NDArray[np.float32] | None] = {}
    found: list[Paint] = []
    for row in glb.rows("materials"):
        name = free_name(str(row.get("name") or "material"), {paint.material.name for paint in found})
        found.append(_paint(glb, row, name, images, lost))
    plain = Material(free_name("plain", {paint.material.name for paint in found}), (0.8, 0.8, 0.8))
    return [*found, Paint(plain, None, {}, (0, 0), None, False)], lost


def free_name(name: str, taken: set[str]) -> str:
    """`name`, or with the first number behind it that is not taken."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def _paint(
    glb: Glb, row: dict[str, Any], name: str, images: dict[int, NDArray[np.float32] | None], lost: list[str]
) -> Paint:
    shading = row.get("pbrMetallicRoughness", {})
    factor = shading.get("baseColorFactor", (1, 1, 1, 1))
    red, green, blue, alpha = (min(max(float(part), 0.0), 1.0) for part in factor)
    kind = next((kind for word, kind in _KINDS.items() if word in name.lower()), "plain")
    told = row.get("extras")
    if isinstance(told, dict) and told.get("kind") in _KINDS.values():  # one of ours, by way of an editor
        kind = told["kind"]
    roughness = min(max(float(shading.get("roughnessFactor", 1)), 0.05), 1.0)
    material = Material(name, (red, green, blue), roughness, kind)
    slot, pixels, wraps = shading.get("baseColorTexture"), None, (0, 0)
    if slot is not None:
        texture = glb.rows("textures")[slot["index"]]
        number = _source(texture)
        if number is not None and number not in images:
            images[number] = _image(glb, number, lost)
        pixels = None if number is None else images[number]
        sampler = glb.rows("samplers")[texture["sampler"]] if "sampler" in texture else {}
        wraps = int(sampler.get("wrapS", 0)), int(sampler.get("wrapT", 0))
    cutout = row.get("alphaMode", "OPAQUE") != "OPAQUE"
    return Paint(material, pixels, slot or {}, wraps, alpha if cutout else None, bool(row.get("doubleSided")))


def _source(texture: dict[str, Any]) -> int | None:
    """The number of a texture's image."""
    webp = texture.get("extensions", {}).get("EXT_texture_webp", {})
    number = webp.get("source", texture.get("source"))
    return number if isinstance(number, int) else None


def _image(glb: Glb, number: int, lost: list[str]) -> NDArray[np.float32] | None:
    image = glb.rows("images")[number]
    name = str(image.get("name") or f"image {number}")
    if "bufferView" not in image:
        lost.append(f"the texture {name} lies outside the file: its plain colour stands in")
        return None
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtra("pillow", "avatar") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(glb.view(image["bufferView"])))
            colored = opened.convert("RGBA") if opened.width * opened.height <= _MOST_PIXELS else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        colored = None
    if colored is None:
        lost.append(f"the texture {name} cannot be read: its plain colour stands in")
        return None
    factor = max(1, math.ceil(max(colored.size) / _SIDE))
    values = np.asarray(colored.reduce(factor), np.float32) / np.float32(255)
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    light[..., 3] = values[..., 3]
    return np.asarray(light, np.float32)
