"""What the mesh tells beyond blendshapes, measured with the head turned back to the front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

OUTER_CORNERS: Final = (33, 263)
LIDS: Final = ((33, 133, 145), (263, 362, 374))
"""Of each eye: outer corner, inner corner, the middle of the lower lid."""
LIPS: Final = (13, 14)
"""The middle of the inner contour, above and below."""

LIDS_RAISED: Final = "lowerLidsRaised"
LIPS_APART: Final = "lipsApart"


def measures(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> Mapping[str, float]:
    """Lengths as shares of the distance between the outer corners of the eyes, by name.

    `lowerLidsRaised`: the lower lids above the eyes' corners, negative as they hang below. `lipsApart`: the gap between
    the lips.

    Args:
        points: The mesh `(478, 3)`, y down and z away from the viewer.
        matrix: The facial transformation matrix `(4, 4)`.
    """
    turn = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    front = (points * (1, -1, -1)) @ turn
    eyes = float(np.linalg.norm(front[OUTER_CORNERS[0]] - front[OUTER_CORNERS[1]]))
    heights = [front[lid, 1] - (front[outer, 1] + front[inner, 1]) / 2 for outer, inner, lid in LIDS]
    gap = float(np.linalg.norm(front[LIPS[0]] - front[LIPS[1]]))
    return {LIDS_RAISED: float(np.mean(heights)) / eyes, LIPS_APART: gap / eyes}
