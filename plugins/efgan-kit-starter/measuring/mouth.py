"""The shape of a mouth by dlib's landmarks."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from efgan_kit_dlib.landmarker import DlibLandmarker
from numpy.typing import NDArray

from efgan_kit.api import Picture


@cache
def _landmarker() -> Any:
    return DlibLandmarker(faces=1)


def mouth_shape(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """Width of the mouth, and the height of its corners above its middle, in distances of the outer eye corners.

    Both are nan where no face is found.
    """
    found = _landmarker()(Picture(pixels))
    if not found:
        return float("nan"), float("nan")
    points = found[0].landmarks.astype(np.float64)
    across = points[45] - points[36]
    unit = float(np.linalg.norm(across))
    down = np.array([-across[1], across[0]]) / unit
    right, left = points[48], points[54]
    middle = (points[51] + points[57]) / 2
    return float(np.linalg.norm(left - right)) / unit, float((middle - (right + left) / 2) @ down) / unit
