"""Looking again at parts of a picture: the detector sees no face that is small in what it is shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LONGEST: Final = 2048
"""Pixels of a picture's longer side; larger pictures are reduced to it before they are looked at."""
SMALLEST_TILE: Final = 160
"""Pixels; the faces that smaller tiles could add are of less than 25."""
OVERLAP: Final = 1 / 3
"""Of neighbouring tiles. A tile adds faces of a seventh to a third of its side; each is whole in one of them."""
LARGE: Final = 0.25
"""Of what was looked at: where all faces are at least that wide, smaller ones are not looked for."""
SAME: Final = 0.4
"""Two boxes with at least this intersection over union are of the same face."""
WITHIN: Final = 0.7
"""Nor can a face lie by so much within another's box."""


class Box(NamedTuple):
    """A box in pixels; `left` and `top` are edges."""

    left: float
    top: float
    width: float
    height: float

    @property
    def area(self) -> float:
        return self.width * self.height

    def shared(self, other: Box) -> float:
        """The area of the intersection."""
        width = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        height = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def same_as(self, other: Box) -> bool:
        """Whether both must be of one face."""
        shared = self.shared(other)
        smaller = min(self.area, other.area)
        return shared >= SAME * (self.area + other.area - shared) or (smaller > 0 and shared >= WITHIN * smaller)


def reduced(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """The picture `(H, W, 3)` with its longer side at most `LONGEST`, antialiased; and by how much it was reduced."""
    height, width = pixels.shape[:2]
    factor = max(height, width) / LONGEST
    if factor <= 1:
        return pixels, 1.0
    size = max(1, round(width / factor)), max(1, round(height / factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)), factor


def tiles(width: int, height: int, level: int) -> Iterator[Box]:
    """The whole picture at level 0; then squares of its longer side's half, quarter, ..., row by row."""
    if level == 0:
        yield Box(0, 0, width, height)
        return
    side = max(width, height) / 2**level
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield Box(left, top, min(side, width), min(side, height))


def _starts(length: float, side: float) -> list[float]:
    room = max(0.0, length - side)
    steps = math.ceil(room / (side * (1 - OVERLAP)))
    return [room * step / steps for step in range(steps + 1)] if steps else [0.0]


def search(
    pixels: NDArray[np.uint8], detect: Callable[[NDArray[np.uint8]], list[tuple[Box, float]]], levels: int
) -> list[tuple[Box, float]]:
    """Boxes of faces in the picture `(H, W, 3)` and their scores, the surest first, each face once.

    Tiles are halved `levels` times at most: as long as nothing was found, or a face that is small in its tile.
    """
    height, width = pixels.shape[:2]
    found: list[tuple[Box, float]] = []
    for level in range(levels + 1):
        side = max(width, height) / 2**level
        if level and side < SMALLEST_TILE:
            break
        for tile in tiles(width, height, level):
            left, top = round(tile.left), round(tile.top)
            part = pixels[top : round(tile.top + tile.height), left : round(tile.left + tile.width)]
            found += [(Box(b.left + left, b.top + top, b.width, b.height), score) for b, score in detect(part)]
        found = suppressed(found)
        if found and min(box.width for box, _ in found) >= LARGE * side:
            break
    return found


def suppressed(found: Sequence[tuple[Box, float]]) -> list[tuple[Box, float]]:
    """Non-maximum suppression: of boxes that must be of one face, the one with the highest score."""
    kept: list[tuple[Box, float]] = []
    for box, score in sorted(found, key=lambda each: (-each[1], each[0])):
        if not any(box.same_as(other) for other, _ in kept):
            kept.append((box, score))
    return kept
