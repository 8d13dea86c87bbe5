"""The 68-point landmark scheme (Sagonas et al., *300 Faces in-the-Wild*, 2013), as OpenFace writes it."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

COUNT: Final = 68

GROUPS: Final[dict[str, range]] = {
    "jaw": range(0, 17),
    "right_brow": range(17, 22),
    "left_brow": range(22, 27),
    "nose": range(27, 36),
    "right_eye": range(36, 42),
    "left_eye": range(42, 48),
    "outer_lips": range(48, 60),
    "inner_lips": range(60, 68),
}

MIRRORED: Final[tuple[int, ...]] = (
    *range(16, -1, -1),
    *range(26, 16, -1),
    27, 28, 29, 30,
    35, 34, 33, 32, 31,
    45, 44, 43, 42, 47, 46,
    39, 38, 37, 36, 41, 40,
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,
    64, 63, 62, 61, 60, 67, 66, 65,
)  # fmt: skip
"""Which point of the face takes each point's place in a mirror."""


def mirror(landmarks: Tensor, width: int) -> Tensor:
    """Landmarks `(..., 68, 2)` in pixels of the horizontally flipped image of `width` pixels."""
    flipped = landmarks[..., list(MIRRORED), :].clone()
    flipped[..., 0] = (width - 1) - flipped[..., 0]
    return flipped


def inter_ocular_distance(landmarks: Tensor) -> Tensor:
    """Distance between the outer corners of the eyes in pixels: `(..., 68, 2)` -> `(...)`."""
    return torch.linalg.vector_norm(landmarks[..., 36, :] - landmarks[..., 45, :], dim=-1)
