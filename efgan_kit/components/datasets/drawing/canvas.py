"""Soft polygons, ribbons and blobs in face units, on an oversampled picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .geometry import Curve, project
from .identity import Colour, Identity

_UNIT_CIRCLE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 24, False)), np.sin(np.linspace(0, 2 * np.pi, 24, False))], 1)
_COARSE = 3  # pixels of blur that a shrunken mask keeps: wider blurs are drawn small and enlarged, at a tenth of the cost


class Canvas:
    """A picture that is painted layer by layer in the coordinates of one posed face."""

    def __init__(self, identity: Identity, size: int) -> None:
        self.identity = identity
        self.size = size
        self.oversampling = 4 if size <= 96 else 3 if size <= 160 else 2
        self.side = size * self.oversampling
        self.unit = self.side / 2 * identity.scale
        self.picture = Image.new("RGB", (self.side, self.side))

    def result(self) -> NDArray[np.uint8]:
        """The picture ``(size, size, 3)``, uint8."""
        return np.asarray(self.picture.reduce(self.oversampling))

    def mask(self, points: Curve) -> Image.Image:
        """A full-size mask of a polygon, for `fill`'s ``within``."""
        mask = Image.new("L", self.picture.size)
        ImageDraw.Draw(mask).polygon(_vertices(project(self.identity, points, self.side)), fill=255)
        return mask

    def fill(
        self, points: Curve, colour: Colour, opacity: float = 1.0, soft: float = 0.0, within: Image.Image | None = None
    ) -> None:
        """Lay ``colour`` over a polygon whose edge fades over ``soft`` face units, inside a mask if one is given."""
        level = round(255 * min(max(opacity, 0.0), 1.0))
        if level == 0:
            return
        pixels = project(self.identity, points, self.side)
        blur = soft * self.unit
        margin = 2.5 * blur + 1
        left, top = np.maximum(np.floor(pixels.min(0) - margin), 0).astype(int)
        right, bottom = np.minimum(np.ceil(pixels.max(0) + margin) + 1, self.side).astype(int)
        if right <= left or bottom <= top:
            return
        shrink = max(1, int(blur // _COARSE))
        extent = (int(right - left), int(bottom - top))
        small = (-(-extent[0] // shrink), -(-extent[1] // shrink))
        mask = Image.new("L", small)
        ImageDraw.Draw(mask).polygon(_vertices((pixels - (left, top)) / shrink), fill=level)
        if blur > 0.3:
            mask = mask.filter(ImageFilter.GaussianBlur(blur / shrink))
        if shrink > 1:
            mask = mask.resize(extent, Image.Resampling.BILINEAR)
        box = (int(left), int(top), int(right), int(bottom))
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
        """Lay a ribbon along a curve; a scalar ``width`` tapers to the ends, an array gives it point by point."""
        if opacity <= 0:
            return
        along = np.gradient(points, axis=0)
        normal = np.stack([-along[:, 1], along[:, 0]], 1) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-9)
        taper = np.sqrt(np.sin(np.linspace(0.03, np.pi - 0.03, len(points))))
        half = (np.full(len(points), width) * taper if np.isscalar(width) else np.asarray(width))[:, None] / 2
        ribbon = np.concatenate([points + normal * half, (points - normal * half)[::-1]])
        self.fill(ribbon, colour, opacity, soft, within)

    def blob(
        self,
        centre: Sequence[float],
        radii: Sequence[float],
        colour: Colour,
        opacity: float = 1.0,
        soft: float = 0.05,
        within: Image.Image | None = None,
    ) -> None:
        """Lay an ellipse, upright in the face."""
        self.fill(_UNIT_CIRCLE * np.asarray(radii) + np.asarray(centre), colour, opacity, soft, within)


def smooth(points: Sequence[Sequence[float]], count: int = 16) -> Curve:
    """A curve through a few points (Bezier's for three or four, so that it bends without corners)."""
    handles = np.asarray(points, np.float64)
    t = np.linspace(0, 1, count)[:, None, None]
    level = np.broadcast_to(handles, (count, *handles.shape))
    while level.shape[1] > 1:
        level = level[:, :-1] * (1 - t) + level[:, 1:] * t
    return level[:, 0]


def _vertices(pixels: Curve) -> list[tuple[int, int]]:
    return [(x, y) for x, y in np.rint(pixels).astype(int).tolist()]


def _rgb(colour: Colour) -> tuple[int, int, int]:
    r, g, b = (int(min(max(c, 0), 255)) for c in colour)
    return (r, g, b)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """``one`` moved towards ``other`` by ``share`` in [0, 1]."""
    r, g, b = (a + (z - a) * share for a, z in zip(one, other, strict=True))
    return (r, g, b)
