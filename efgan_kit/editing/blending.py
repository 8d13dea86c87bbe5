"""Where an edit is put back and how it ends there: masks of the face and its regions, and seamless edges.

All of it happens on the cut's own grid, before the change is brought to the picture's resolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu
from scipy.spatial import ConvexHull
from torch import Tensor

from efgan_kit.faces.landmarks import GROUPS

REGIONS: Final = ("mouth", "eyes", "nose", "face")
"""The parts of a face that an edit may be limited to."""
OF_REGION: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "mouth": (("outer_lips",),),
    "eyes": (("right_brow", "right_eye"), ("left_brow", "left_eye")),
    "nose": (("nose",),),
}
"""The groups of landmarks whose hulls, grown, are a region."""
GROWN: Final = {"mouth": 0.22, "eyes": 0.10, "nose": 0.10, "face": 0.06}
"""By how much, over the distance of the outer eye corners."""
FOREHEAD: Final = 0.45
"""How far above the brows the face reaches, over the distance of the outer eye corners: brows wrinkle it."""
SOFTNESS: Final = 0.07
"""Over which distance a mask fades, over the distance of the outer eye corners."""
BORDER: Final = 0.08
"""Over which share of the frame's side a mask fades out towards the frame's edge."""
NOTICED: Final = (0.15, 0.5)
"""Attention that begins to count as a place of the edit, and that does so fully."""

Mask = NDArray[np.float32]


@attrs.frozen
class Pasting:
    """How an edit is put back into its picture.

    Attributes:
        seamless: It fades out around the face and takes on the colours around it. Otherwise the picture shows exactly
            what the graph returned, to the edge of the frame.
        regions: Limits the edit to parts of the face; empty for all that it changes.
    """

    seamless: bool = False
    regions: tuple[str, ...] = ()

    def change(self, residual: Tensor, landmarks: Tensor, attention: Tensor | None) -> Tensor:
        """What is added to the cut: `(3, size, size)`, from the graph's `residual` of that shape.

        Args:
            landmarks: `(68, 2)` in pixels of the cut.
            attention: `(1, size, size)` in [0, 1].
        """
        points = landmarks.double().numpy()
        change = residual.float()
        if self.regions and "face" not in self.regions:
            mask = np.maximum.reduce([region_mask(points, change.shape[-1], name) for name in self.regions])
            if self.seamless:
                mask *= border_fade(change.shape[-1])
        elif self.seamless:
            mask = face_mask(points, change.shape[-1], None if self.regions else attention)
        else:
            return change
        if self.seamless:
            change = change - torch.from_numpy(membrane(change.numpy(), mask > 0))
        return change * torch.from_numpy(mask)


EXACT: Final = Pasting()
SEAMLESS: Final = Pasting(seamless=True)


def face_mask(landmarks: NDArray[np.float64], size: int, attention: Tensor | None = None) -> Mask:
    """Where the face is, `(size, size)` in [0, 1]: brows, jaw and forehead, and wherever else the edit attends to.

    It is 0 along the frame's edge.
    """
    unit = _unit(landmarks)
    brows = landmarks[[*GROUPS["right_brow"], *GROUPS["left_brow"]]]
    down = landmarks[8] - landmarks[27]
    up = -down / max(float(np.linalg.norm(down)), 1e-6)
    points = np.concatenate([landmarks, brows + FOREHEAD * unit * up])
    mask = _soft_hull([points], size, GROWN["face"] * unit, SOFTNESS * unit)
    if attention is not None:
        low, high = NOTICED
        noticed = ((attention[0].float().numpy() - low) / (high - low)).clip(0, 1)
        mask = np.maximum(mask, gaussian_filter(noticed, SOFTNESS * unit / 2))
    return (mask * border_fade(size)).astype(np.float32)


def region_mask(landmarks: NDArray[np.float64], size: int, region: str) -> Mask:
    """Where a region of the face is, `(size, size)` in [0, 1]."""
    unit = _unit(landmarks)
    hulls = [landmarks[[i for group in groups for i in GROUPS[group]]] for groups in OF_REGION[region]]
    return _soft_hull(hulls, size, GROWN[region] * unit, SOFTNESS * unit)


def border_fade(size: int) -> Mask:
    """1 within a frame, and 0 along its edge, `(size, size)`."""
    position = np.arange(size, dtype=np.float64)
    distance = np.minimum(position, size - 1 - position) / max(1.0, BORDER * size)
    ramp = _smooth(distance.clip(0, 1))
    return np.outer(ramp, ramp).astype(np.float32)


def membrane(values: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The smoothest surface that continues `values` `(C, H, W)` from outside into `inside` `(H, W)`.

    It solves Laplace's equation within, with the values around as its boundary: what an edit has of it is colour that
    does not end at the mask's edge. Outside it is `values`. Source: Perez, Gangnet and Blake, Poisson Image Editing,
    SIGGRAPH 2003. `inside` may not touch the border.
    """
    count = int(inside.sum())
    if not count:
        return values
    number = np.full(inside.shape, -1)
    number[inside] = np.arange(count)
    rows, columns = np.nonzero(inside)
    # A single pixel's noise on the boundary would be smeared over the face.
    calm = np.stack([gaussian_filter(plane, max(0.7, inside.shape[0] / 100)) for plane in values])
    known = np.zeros((count, len(values)))
    entries: list[tuple[NDArray, NDArray]] = []
    for down, across in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        there = number[rows + down, columns + across]
        beyond = there < 0
        known[beyond] += calm[:, rows[beyond] + down, columns[beyond] + across].T
        entries.append((np.flatnonzero(~beyond), there[~beyond]))
    i, j = (np.concatenate(part) for part in zip(*entries, strict=True))
    diagonal = np.arange(count)
    data = np.concatenate([np.full(len(i), -1.0), np.full(count, 4.0)])
    system = coo_matrix((data, (np.append(i, diagonal), np.append(j, diagonal))), shape=(count, count))
    surface = values.copy()
    surface[:, inside] = splu(system.tocsc()).solve(known).T
    return surface


def _unit(landmarks: NDArray[np.float64]) -> float:
    return max(float(np.linalg.norm(landmarks[36] - landmarks[45])), 4.0)


def _soft_hull(hulls: Sequence[NDArray[np.float64]], size: int, grown: float, softness: float) -> Mask:
    """1 in the convex hulls of points, grown by so many pixels, fading to 0 over `softness` around them."""
    fine = 4
    drawn = Image.new("L", (size * fine, size * fine))
    for points in hulls:
        if np.ptp(points, axis=0).min() < 1e-3:
            continue
        outline = points[ConvexHull(points).vertices]
        middle = outline.mean(axis=0)
        away = outline - middle
        length = np.linalg.norm(away, axis=1, keepdims=True)
        outline = middle + away * (1 + (grown + softness / 2) / np.maximum(length, 1e-6))
        ImageDraw.Draw(drawn).polygon([(x, y) for x, y in ((outline + 0.5) * fine - 0.5).tolist()], fill=255)
    full = np.asarray(drawn.resize((size, size), Image.Resampling.BOX)).astype(np.float64) / 255
    blurred = gaussian_filter(full, max(0.5, softness / 2))
    return _smooth(((blurred - 0.04) / 0.92).clip(0, 1)).astype(np.float32)


def _smooth(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 to 1, level at both ends."""
    return share * share * (3 - 2 * share)

