"""From the mesh's 478 points to the 68 landmarks.

MediaPipe's mesh has a fixed topology (Kartynnik et al., *Real-time Facial Surface Geometry from Monocular Video on
Mobile GPUs*, CVPR workshops 2019; the canonical face model's numbering). Each landmark of the 68-point scheme lies at a
vertex of it or on the way between two: the places were chosen by what the points mean (corners, lids, lip contours, the
face's outline) and, among those, by their distance from the landmarks of rendered faces, exact by construction, and of
OpenFace on photographs; README.md has the figures.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

PLACES: Final[tuple[tuple[int, int, float], ...]] = (
    # jaw
    (127, 127, 0.0), (234, 93, 0.25), (132, 137, 0.5), (58, 132, 0.5), (172, 172, 0.0), (136, 150, 0.5),
    (149, 149, 0.0), (148, 176, 0.25), (152, 152, 0.0), (377, 400, 0.25), (378, 378, 0.0), (365, 379, 0.5),
    (397, 397, 0.0), (288, 361, 0.5), (361, 366, 0.5), (454, 323, 0.25), (356, 356, 0.0),
    # right brow
    (70, 156, 0.25), (63, 105, 0.25), (66, 105, 0.5), (66, 107, 0.5), (107, 8, 0.25),
    # left brow
    (336, 8, 0.25), (296, 336, 0.5), (296, 334, 0.5), (293, 334, 0.25), (300, 383, 0.25),
    # nose
    (168, 168, 0.0), (197, 6, 0.25), (195, 5, 0.25), (4, 4, 0.0), (98, 97, 0.25), (97, 97, 0.0),
    (2, 164, 0.25), (326, 326, 0.0), (327, 326, 0.25),
    # right eye
    (33, 25, 0.25), (161, 159, 0.5), (157, 159, 0.5), (155, 133, 0.25), (153, 153, 0.0), (144, 110, 0.25),
    # left eye
    (382, 362, 0.25), (384, 386, 0.5), (388, 386, 0.5), (263, 255, 0.25), (373, 339, 0.25), (380, 380, 0.0),
    # outer lips
    (61, 61, 0.0), (39, 40, 0.5), (37, 72, 0.25), (0, 11, 0.25), (267, 302, 0.25), (269, 270, 0.5),
    (291, 291, 0.0), (405, 321, 0.5), (314, 314, 0.0), (17, 17, 0.0), (84, 84, 0.0), (181, 91, 0.5),
    # inner lips
    (78, 77, 0.5), (82, 81, 0.25), (13, 13, 0.0), (312, 311, 0.25), (308, 307, 0.5), (317, 402, 0.25),
    (14, 14, 0.0), (87, 178, 0.25),
)  # fmt: skip
"""For each landmark: a vertex, the one towards which it lies, and the share of the way. Left mirrors right."""

_FROM: Final = [first for first, _, _ in PLACES]
_TO: Final = [second for _, second, _ in PLACES]
_SHARE: Final = np.array([[share] for _, _, share in PLACES])


def landmarks(mesh: NDArray[np.float64]) -> NDArray[np.float32]:
    """The 68 landmarks `(68, 2)` of a mesh `(478, 3)`, in its pixels."""
    flat = mesh[:, :2]
    return ((1 - _SHARE) * flat[_FROM] + _SHARE * flat[_TO]).astype(np.float32)
