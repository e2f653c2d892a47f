"""Words spelled with real hands: frames of one take are a letter's hold, joints turn from one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accessify.core.timeline import TICKS_PER_SECOND
from accessify.signs.clip import SignClip
from accessify.signs.normalize import palm_size, palm_sized
from accessify.signs.reader import HandReading

DATA = Path(__file__).parents[3] / "shared" / "data" / "sign"
SCALES = {"graudt": ("x", (-16 / 9, 1, 16 / 9)), "kjt": ("hand", (-1, 1, 640))}
PALM = 0.25
"""Shoulder widths to a palm size."""
WHERE = (-0.5, 0.3, 0.0)
"""Where the hand spells, in shoulder widths."""
_FINE = 60
"""Pictures a second that words are made at."""
_TAKE = 30
"""Pictures a second that takes are believed to have."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Takes:
    """Hands of one signer: letter → frames [n, 21, 3] as in `SignClip.hands`, and the palm's way in palms."""

    hands: dict[str, Floats]
    ways: dict[str, Floats]


@cache
def takes(signer: str) -> Takes:
    with np.load(DATA / f"letters_{signer}.npz") as file:
        field, scale = SCALES[signer]
        points = (file[field] * np.array(scale)).astype(np.float32)
        labels = file["label"]
    hands, ways = {}, {}
    for letter in np.unique(labels):
        take = points[labels == letter]
        take = take[np.isfinite(take).all(axis=(1, 2))]
        hands[str(letter)] = palm_sized(take).astype(float)
        ways[str(letter)] = take[:, [0, 5, 9, 13, 17]].mean(axis=1) / np.median(palm_size(take))
    return Takes(hands, ways)


class NearestHands:
    """A `HandReader`: every letter is as likely as its nearest known hand is near."""

    def __init__(self, hands: dict[str, Floats], softness: float = 0.01) -> None:
        self.letters = tuple(sorted(hands))
        self._known = [_flat(hands[letter]) for letter in self.letters]
        self._softness = softness

    def __call__(self, hands: NDArray[np.float32]) -> HandReading:
        flat = _flat(hands)
        near = np.stack([_nearest(flat, known) for known in self._known], axis=1)
        logits = -near / self._softness
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return HandReading(logits.astype(np.float32), flat.astype(np.float32))


def _flat(hands: NDArray[np.floating]) -> Floats:
    return (np.asarray(hands, float) * (1, 1, 0.3))[:, 1:].reshape(len(hands), 60)


def _nearest(a: Floats, b: Floats) -> Floats:
    square = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    return np.asarray(np.maximum(square, 0).min(axis=1), float) / 20


@dataclass(frozen=True)
class Pace:
    """Seconds that holds and moves take."""

    hold: float = 0.25
    move: float = 0.2
    slide: float = 0.2


def spelled(
    source: Takes, word: str, pace: Pace = Pace(), fps: float = 30, seed: int = 0
) -> tuple[SignClip, list[tuple[float, float]]]:
    """`word` spelled by one signer with the dominant hand, and from when to when each letter is held."""
    random = np.random.default_rng(seed)
    hands: list[Floats] = []
    ways: list[Floats] = []
    held: list[tuple[float, float]] = []
    place = np.zeros(3)
    for n, letter in enumerate(word):
        take, way = _part(source, letter, pace, random)
        if n:
            slide = (-0.8, 0, 0) if letter == word[n - 1] else (0, 0, 0)
            count = round((pace.slide if any(slide) else pace.move) * _FINE)
            share = _eased(count)[:, None]
            hands.append(turned(hands[-1][-1], take[0], _eased(count)))
            ways.append(place + share * slide)
            place = place + slide
        start = sum(map(len, hands)) / _FINE
        held.append((start, start + len(take) / _FINE))
        hands.append(take)
        ways.append(place + way)
        place = ways[-1][-1]
    return clip_of(np.concatenate(hands), np.concatenate(ways), fps), held


def _part(source: Takes, letter: str, pace: Pace, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Hands of one letter at the fine rate, and the palm's way from 0."""
    take, way = source.hands[letter], source.ways[letter]
    if letter in DRAWN:
        take, way = take[slice(*DRAWN[letter])], way[slice(*DRAWN[letter])]
        way = way - way[0]
        count = round(len(take) * _FINE / DRAWN_RATE)
        at = np.linspace(0, len(take) - 1, count)
    else:
        need = pace.hold * _TAKE
        first = random.uniform(0, max(len(take) - 1 - need, 0))
        at = np.minimum(first + np.arange(round(pace.hold * _FINE)) * _TAKE / _FINE, len(take) - 1)
        way = np.zeros_like(way)
    return _at(take, at), _at(way, at)


DRAWN = {"J": (2, 14), "Z": (1, 19)}
"""Frames of the kjt takes in which the letter is drawn."""
DRAWN_RATE = 15
"""Pictures a second that these takes must have for the strokes to last half a second to one second."""


def _at(frames: Floats, at: Floats) -> Floats:
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(frames) - 1)
    share = (at - low).reshape(-1, *[1] * (frames.ndim - 1))
    return np.asarray(frames[low] * (1 - share) + frames[high] * share, float)


def _eased(count: int) -> Floats:
    """From 0 to 1 in `count` pictures, without either end, as hands move: slow, fast, slow."""
    at = np.arange(1, count + 1) / (count + 1)
    return np.asarray(at**3 * (10 - 15 * at + 6 * at**2), float)


PARENT = [0, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19]


def turned(a: Floats, b: Floats, shares: Floats) -> Floats:
    """From hand `a` towards hand `b` [n, 21, 3]: every bone turns, none is shortened on the way."""
    out = np.zeros((len(shares), 21, 3))
    for point in range(1, 21):
        p, q = a[point] - a[PARENT[point]], b[point] - b[PARENT[point]]
        length = np.linalg.norm(p) * (1 - shares) + np.linalg.norm(q) * shares
        u, v = p / np.linalg.norm(p), q / np.linalg.norm(q)
        angle = float(np.arccos(np.clip(u @ v, -1, 1)))
        if angle < 1e-4:
            way = np.outer(1 - shares, u) + np.outer(shares, v)
        else:
            way = np.outer(np.sin((1 - shares) * angle), u) + np.outer(np.sin(shares * angle), v)
            way /= np.sin(angle) if np.sin(angle) > 1e-4 else 1
        way /= np.maximum(np.linalg.norm(way, axis=1), 1e-6)[:, None]
        out[:, point] = out[:, PARENT[point]] + way * length[:, None]
    return out


def clip_of(hands: Floats, ways: Floats, fps: float, side: int = 0) -> SignClip:
    """A clip from hands at the fine rate and the palm's way in palm sizes."""
    seconds = np.arange(0, len(hands) / _FINE - 1e-9, 1 / fps)
    at = np.minimum(seconds * _FINE, len(hands) - 1)
    count = len(seconds)
    shapes = np.full((count, 2, 21, 3), np.nan, np.float32)
    places = np.full((count, 2, 3), np.nan, np.float32)
    shapes[:, side] = palm_sized(_at(hands, at).astype(np.float32))
    places[:, side] = np.array(WHERE) + _at(ways, at) * PALM
    body = np.zeros((count, 7, 3), np.float32)
    body[:, 5 + side] = places[:, side] - PALM * shapes[:, side][:, [0, 5, 9, 13, 17]].mean(axis=1)
    return SignClip(np.round(seconds * TICKS_PER_SECOND).astype(np.int64), shapes, places, body)


def text(letters: object) -> str:
    """Letters as one line; `?` for an unknown one."""
    return "".join(letter.text or "?" for letter in letters)  # type: ignore[attr-defined]
