"""A picture, and a face that was found in it: what landmarkers return and AU labellers read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray


@attrs.frozen(eq=False)
class Picture:
    """A decoded picture.

    Attributes:
        pixels: RGB, uint8 `(H, W, 3)`, upright.
        path: Its file, where it has one: some parts read what another program wrote about it.
    """

    pixels: NDArray[np.uint8]
    path: Path | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


@attrs.frozen(eq=False)
class FoundFace:
    """A face in a picture.

    Attributes:
        landmarks: float32 `(68, 2)` in pixels of the picture, x then y; (0, 0) is the centre of the first pixel.
        confidence: How sure the landmarker is that this is a face, in [0, 1].
        pose: Pitch, yaw and roll of the head in degrees, where they were measured; 0, 0, 0 looks at the camera.
        signals: What else was measured in passing, by the landmarker's own names: blendshape scores, AU columns.
            An AU labeller that knows them need not look again.
    """

    landmarks: NDArray[np.float32]
    confidence: float = 1.0
    pose: tuple[float, float, float] | None = None
    signals: Mapping[str, float] = attrs.field(factory=dict)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The landmarks' bounding box: left, top, right, bottom in pixels."""
        (left, top), (right, bottom) = self.landmarks.min(axis=0), self.landmarks.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def area(self) -> float:
        """Of the box, in pixels; the largest face of a picture is the one with the most."""
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)
