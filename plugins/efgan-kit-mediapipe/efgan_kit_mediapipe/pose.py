"""How a head is turned."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def angles(matrix: NDArray[np.float64]) -> tuple[float, float, float]:
    """Pitch, yaw and roll in degrees from a facial transformation matrix `(4, 4)`.

    As the picture is seen, positive is: pitch, the face looks up; yaw, it looks to the right; roll, the head is tilted
    clockwise. The head is rolled first, then pitched, then turned.

    Args:
        matrix: From the face to the camera, both with x to the picture's right, y up and z to the viewer.
    """
    turn = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    x, y, z = turn[:, 2]
    yaw, pitch = math.atan2(x, z), math.asin(max(-1.0, min(1.0, y)))
    # What is left of the turn once pitch and yaw are undone: the direction of the face's own x axis.
    level = np.array([math.cos(yaw), 0.0, -math.sin(yaw)])
    upright = np.array([-math.sin(pitch) * math.sin(yaw), math.cos(pitch), -math.sin(pitch) * math.cos(yaw)])
    roll = -math.atan2(float(upright @ turn[:, 0]), float(level @ turn[:, 0]))
    return math.degrees(pitch), math.degrees(yaw), math.degrees(roll)
