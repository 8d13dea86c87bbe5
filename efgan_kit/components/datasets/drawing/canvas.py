"""Soft polygons, ribbons and blobs in face units, on an oversampled picture.

Every shape may be one, ``(N, 2)``, or several of a kind, ``(P, N, 2)``, laid at once: shapes that share a
layer cost little more than one.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .geometry import Curve, project
from .identity import Colour, Identity

_TURN = np.linspace(0, 2 * np.pi, 24, endpoint=False)
_UNIT_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], 1)
_COARSE = 2  # pixels of blur that a shrunken mask keeps: wide blurs are drawn small and enlarged, far cheaper
_INVISIBLE = 5  # of 255; fainter layers cost time and change nothing that can be seen


class Canvas:
    """A picture that is painted layer by layer in the coordinates of one posed face."""

    def __init__(self, identity: Identity, size: int) -> None:
        self.identity = identity
        self.size = size
        self.oversampling = 3 if size <= 160 else 2
        self.side = size * self.oversampling
        self.unit = self.side / 2 * identity.scale
        self.picture = Image.new("RGB", (self.side, self.side))

    def result(self) -> NDArray[np.uint8]:
        """The picture ``(size, size, 3)``, uint8."""
        return np.asarray(self.picture.reduce(self.oversampling))

    def mask(self, points: Curve) -> Image.Image:
        """A full-size mask of polygons, for `fill`'s ``within``."""
        mask = Image.new("L", self.picture.size)
        pen = ImageDraw.Draw(mask)
        for polygon in _vertices(project(self.identity, points, self.side).reshape(-1, points.shape[-2], 2)):
            pen.polygon(polygon, fill=255)
        return mask

    def fill(
        self,
        points: Curve,
        colour: Colour,
        opacity: float = 1.0,
        soft: float = 0.0,
        within: Image.Image | None = None,
    ) -> None:
        """Lay ``colour`` over polygons whose edges fade over ``soft`` face units, inside any given mask."""
        level = round(255 * min(opacity, 1.0))
        if level < _INVISIBLE:
            return
        pixels = project(self.identity, points, self.side)
        blur = soft * self.unit
        margin = 2.5 * blur + 1
        polygons = pixels.reshape(-1, pixels.shape[-2], 2)
        (low_x, low_y), (high_x, high_y) = polygons.min((0, 1)).tolist(), polygons.max((0, 1)).tolist()
        left, top = max(int(low_x - margin), 0), max(int(low_y - margin), 0)
        right, bottom = min(int(high_x + margin) + 2, self.side), min(int(high_y + margin) + 2, self.side)
        if right <= left or bottom <= top:
            return
        shrink = max(1, int(blur // _COARSE))
        extent = (right - left, bottom - top)
        mask = Image.new("L", (-(-extent[0] // shrink), -(-extent[1] // shrink)))
        pen = ImageDraw.Draw(mask)
        for polygon in _vertices((polygons - (left, top)) / shrink):
            pen.polygon(polygon, fill=level)
        if blur > 0.3:
            mask = mask.filter(ImageFilter.GaussianBlur(blur / shrink))
        if shrink > 1:
            mask = mask.resize(extent, Image.Resampling.BILINEAR)
        box = (left, top, right, bottom)
        if within is not None:
            mask = ImageChops.multiply(mask, within.crop(box))
        self.picture.paste(_rgb(colour), box, mask)

    def stroke(
        self,
        points: Curve,
        width: float | NDArray[np.float64],
        colour: Colour,
        opacity: float = 1.0,
        soft: float = 0.004,
        within: Image.Image | None = None,
    ) -> None:
        """Lay ribbons along curves; a scalar ``width`` tapers to the ends, an array ``(N,)`` doesn't."""
        if opacity * 255 < _INVISIBLE:
            return
        along = np.empty_like(points)
        along[..., 1:-1, :] = points[..., 2:, :] - points[..., :-2, :]
        along[..., 0, :] = points[..., 1, :] - points[..., 0, :]
        along[..., -1, :] = points[..., -1, :] - points[..., -2, :]
        length = np.sqrt(along[..., 0] ** 2 + along[..., 1] ** 2) + 1e-9
        half = (width * _taper(points.shape[-2]) if isinstance(width, float) else width) / (2 * length)
        normal = np.stack([-along[..., 1] * half, along[..., 0] * half], -1)
        ribbon = np.concatenate([points + normal, (points - normal)[..., ::-1, :]], -2)
        self.fill(ribbon, colour, opacity, soft, within)

    def blob(
        self,
        centre: ArrayLike,
        radii: ArrayLike,
        colour: Colour,
        opacity: float = 1.0,
        soft: float = 0.05,
        within: Image.Image | None = None,
    ) -> None:
        """Lay ellipses, upright in the face, about one centre ``(2,)`` or several ``(P, 2)``."""
        ellipses = _UNIT_CIRCLE * np.asarray(radii) + np.asarray(centre, np.float64)[..., None, :]
        self.fill(ellipses, colour, opacity, soft, within)


def smooth(handles: ArrayLike, count: int = 14) -> Curve:
    """The Bezier curves of handles ``(..., H, 2)``, as points ``(..., count, 2)``."""
    points = np.asarray(handles, np.float64)
    return _bernstein(points.shape[-2], count) @ points


def mirrored(points: ArrayLike) -> Curve:
    """Shapes of the viewer's right ``(N, 2)`` or ``(P, N, 2)``, with their mirror images."""
    right = np.asarray(points, np.float64)
    right = right.reshape(-1, *right.shape[-2:])
    return np.concatenate([right * (-1, 1), right])


@cache
def _bernstein(handles: int, count: int) -> NDArray[np.float64]:
    t = np.linspace(0, 1, count)[:, None]
    k = np.arange(handles)
    return np.array([math.comb(handles - 1, i) for i in k]) * t**k * (1 - t) ** (handles - 1 - k)


@cache
def _taper(count: int) -> NDArray[np.float64]:
    return np.sqrt(np.sin(np.linspace(0.03, np.pi - 0.03, count)))


def _vertices(polygons: Curve) -> list[list[int]]:
    """``(P, N, 2)`` pixels as Pillow's flat lists of x, y, x, y, ..."""
    flat: list[list[int]] = np.rint(polygons).astype(int).reshape(len(polygons), -1).tolist()
    return flat


def _rgb(colour: Colour) -> tuple[int, int, int]:
    r, g, b = (int(min(max(c, 0), 255)) for c in colour)
    return (r, g, b)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """``one`` moved towards ``other`` by ``share`` in [0, 1]."""
    r, g, b = (a + (z - a) * share for a, z in zip(one, other, strict=True))
    return (r, g, b)
