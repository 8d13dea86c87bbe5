"""Putting an edit back into its picture: the change at the picture's own resolution, where the frame lies.

Only the change is resampled. What an edit leaves alone keeps every bit, and a large photo keeps its detail.
"""

from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from efgan_kit.components.datasets.photos.framing import Frame

Plane = NDArray[np.float32]


@attrs.frozen(eq=False)
class Patch:
    """A change of some of a picture's pixels.

    Attributes:
        left: The first column.
        top: The first row.
        values: float32 `(h, w, 3)`, to be added on a scale from 0 to 255.
    """

    left: int
    top: int
    values: NDArray[np.float32]


def put_back(original: NDArray[np.uint8], change: Tensor, frame: Frame) -> NDArray[np.uint8]:
    """The original picture `(H, W, 3)` with a frame's edit added at the picture's own resolution.

    Args:
        change: Edited minus input, `(3, size, size)`, both in [-1, 1].

    Returns:
        A new picture `(H, W, 3)`, untouched where the frame or the change does not reach.
    """
    result = original.copy()
    add(result, patch_of(change, frame, (original.shape[1], original.shape[0])))
    return result


def add(values: NDArray[Any], patch: Patch | None) -> None:
    """Add a patch to a picture `(H, W, 3)` or `(H, W, 1)` of 8 or 16 bits, in place; grey gets the change's luma."""
    if patch is None:
        return
    height, width = patch.values.shape[:2]
    window = values[patch.top : patch.top + height, patch.left : patch.left + width]
    change, white = patch.values, np.iinfo(values.dtype).max
    if values.shape[2] == 1:
        change = change @ np.array([[0.299], [0.587], [0.114]], np.float32)
    changed = window.astype(np.float32) + change * np.float32(white / 255)
    np.copyto(window, np.clip(np.rint(changed), 0, white).astype(values.dtype))


def patch_of(change: Tensor, frame: Frame, size: tuple[int, int]) -> Patch | None:
    """A frame's change `(3, size, size)`, on a scale from -2 to 2, at the resolution of a picture of `size`.

    Returns:
        The change of the pixels whose centres lie in the frame, or in the box around a turned one; None if there are
        none in the picture.
    """
    planes: Plane = change.detach().to("cpu").float().numpy() * np.float32(127.5)
    left, top, right, bottom = _bounds(frame)
    x0, x1 = max(0, math.ceil(left - 0.5)), min(size[0], math.ceil(right - 0.5))
    y0, y1 = max(0, math.ceil(top - 0.5)), min(size[1], math.ceil(bottom - 0.5))
    if x0 >= x1 or y0 >= y1:
        return None
    if frame.angle:
        fitted = _turned_back(planes, frame, (x0, y0, x1, y1))
    elif frame.is_exact(planes.shape[-1]):
        fx, fy = int(frame.left), int(frame.top)
        fitted = planes[:, y0 - fy : y1 - fy, x0 - fx : x1 - fx]
    else:
        fitted = _scaled_back(planes, frame, (x0, y0, x1, y1))
    return Patch(x0, y0, np.ascontiguousarray(fitted.transpose(1, 2, 0)))


def _bounds(frame: Frame) -> tuple[float, float, float, float]:
    """The upright box around a frame: left, top, right, bottom."""
    if not frame.angle:
        return frame.left, frame.top, frame.left + frame.side, frame.top + frame.side
    half = float(np.abs(frame.axes).sum(axis=1)[0]) * frame.side / 2
    cx, cy = frame.centre.tolist()
    return cx - half, cy - half, cx + half, cy + half


def _scaled_back(planes: Plane, frame: Frame, pixels: tuple[int, int, int, int]) -> Plane:
    x0, y0, x1, y1 = pixels
    scale = planes.shape[-1] / frame.side
    pad = math.ceil(2 * max(1.0, scale)) + 1
    padded = np.pad(planes, ((0, 0), (pad, pad), (pad, pad)), mode="edge")
    box = (
        (x0 - frame.left) * scale + pad,
        (y0 - frame.top) * scale + pad,
        (x1 - frame.left) * scale + pad,
        (y1 - frame.top) * scale + pad,
    )
    return np.stack([_resized(plane, (x1 - x0, y1 - y0), box) for plane in padded])


def _turned_back(planes: Plane, frame: Frame, pixels: tuple[int, int, int, int]) -> Plane:
    """The pixels of the picture that look into a turned frame; 0 outside it."""
    x0, y0, x1, y1 = pixels
    size = planes.shape[-1]
    if size > frame.side:  # the picture is coarser than the cut: reduce with its filter before turning
        size = max(1, math.ceil(frame.side))
        planes = np.stack([_resized(p, (size, size), (0, 0, p.shape[1], p.shape[0])) for p in planes])
    scale = size / frame.side
    (ax, ay), (bx, by) = (frame.axes * scale).tolist()  # rows: how far x and y of the picture go right and down
    # A position p of the picture lies at (p - centre) @ axes * scale + size / 2 in the frame.
    dx, dy = ((np.array([x0, y0]) - frame.centre) @ frame.axes * scale + size / 2).tolist()
    way = (ax, bx, dx, ay, by, dy)
    # Beyond the edge the change goes on as it is there, until the frame ends.
    pad = 3
    padded = np.pad(planes, ((0, 0), (pad, pad), (pad, pad)), mode="edge")
    shifted = (way[0], way[1], way[2] + pad, way[3], way[4], way[5] + pad)
    across, down = np.arange(x1 - x0) + 0.5, (np.arange(y1 - y0) + 0.5)[:, None]
    u, v = way[0] * across + way[1] * down + way[2], way[3] * across + way[4] * down + way[5]
    inside = ((u >= 0) & (u < size) & (v >= 0) & (v < size)).astype(np.float32)
    return np.stack([_transformed(plane, (x1 - x0, y1 - y0), shifted) * inside for plane in padded])


def _resized(plane: Plane, size: tuple[int, int], box: tuple[float, float, float, float]) -> Plane:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC, box=box))


def _transformed(plane: Plane, size: tuple[int, int], way: tuple[float, ...]) -> Plane:
    picture = Image.fromarray(plane).transform(size, Image.Transform.AFFINE, way, Image.Resampling.BICUBIC)
    return np.asarray(picture)
