"""The head's pose from its landmarks alone, where the landmarker has not measured it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import FoundFace

POINTS: Final = (30, 8, 36, 45, 48, 54)
"""Nose tip, chin, outer eye corners, mouth corners."""
HEAD: Final = np.array(
    [[0, 0, 0], [0, -430, -200], [-225, 155, -225], [225, 155, -225], [-130, -200, -145], [130, -200, -145]],
    dtype=np.float64,
)
"""Where these lie on an average head, x to the right of the picture, y up, z towards the camera, in no unit.

Measured on the mean neutral head of ICT-FaceKit (Li et al., *Learning Formation of Physically-Based Face Attributes*,
CVPR 2020; MIT), made symmetric. Other people's heads of it, turned by up to 65 degrees, are told right to 2 degrees of
yaw and 3 of pitch on average.
"""


def pose_of(face: FoundFace) -> tuple[float, float, float]:
    """Pitch, yaw and roll in degrees: as the landmarker measured them, else as `pose_from_landmarks` does."""
    return face.pose if face.pose is not None else pose_from_landmarks(face.landmarks)


def pose_from_landmarks(landmarks: NDArray[np.float32]) -> tuple[float, float, float]:
    """Pitch, yaw and roll in degrees from landmarks `(68, 2)`; good enough to refuse by.

    Scaled orthographic projection, solved in one step: POS of DeMenthon and Davis, *Model-Based Object Pose in 25
    Lines of Code* (IJCV 1995). Positive: the face looks up, to the right of the picture, is turned clockwise.
    """
    seen = landmarks[[*POINTS]].astype(np.float64) * (1, -1)
    projection = (seen - seen.mean(axis=0)).T @ np.linalg.pinv(HEAD - HEAD.mean(axis=0)).T  # (2, 3)
    left, scales, right = np.linalg.svd(projection, full_matrices=False)
    if scales[-1] <= 1e-9:
        return 90.0, 90.0, 0.0  # points on a line are nobody's face from the front
    across, up = left @ right
    ahead = np.cross(across, up)
    # The rotation's rows; taken apart as roll after yaw after pitch, so that a picture lying on its side changes roll.
    yaw = math.degrees(math.asin(np.clip(-ahead[0], -1, 1)))
    pitch = math.degrees(math.atan2(-ahead[1], ahead[2]))
    roll = math.degrees(math.atan2(-up[0], across[0]))
    return pitch, yaw, roll
