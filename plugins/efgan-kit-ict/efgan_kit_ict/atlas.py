"""Where brows, lips, cheeks and creases lie in the face's texture: fixed maps, made once from the model.

Positions are texels (column, row) of a square map; row 0 is v = 1.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.spatial import cKDTree

from .landmarks import VERTICES
from .model import Floats, HeadModel

SIDE: Final = 512
"""Texels of the map's side."""
CREASES: Final = (
    "AU01", "AU02", "AU04", "AU06", "AU07", "AU09", "AU10", "AU12", "AU14", "AU15", "AU17", "AU20", "AU23",
)  # fmt: skip
"""The units that have creases."""


@attrs.frozen(eq=False)
class Atlas:
    """Maps `(SIDE, SIDE)`, in [0, 1] unless said."""

    brow_along: Floats
    """From the inner end (0) to the outer (1) of the nearer brow."""
    brow_above: Floats
    """Texels above the brow's middle line; large where no brow is near."""
    lips: Floats
    lip_line: Floats
    """Where the lips meet."""
    cheeks: Floats
    nose: Floats
    rings: Floats
    lids: Floats
    liner: Floats
    moustache: Floats
    chin: Floats
    jaw: Floats
    """Cheeks and jaw where a beard grows."""
    inside: Floats
    """0 at the map's border, where it meets the skin that has no map."""
    creases: Floats
    """`(len(CREASES), SIDE, SIDE)`: how much darker the skin is at the unit's maximum."""


@functools.lru_cache(2)
def make_atlas(model: HeadModel) -> Atlas:
    """The maps of a model."""
    points = landmark_texels(model)
    along, above = _brows(points)
    lips = _polygon([points[i] for i in range(48, 60)], 1.6)
    mouth = points[[48, 54]].mean(0)
    eyes = [points[36:42].mean(0), points[42:48].mean(0)]
    corner = points[[36, 45]]
    outer_cheek = [(points[31] + points[3]) / 2 + [0, -22], (points[35] + points[13]) / 2 + [0, -22]]
    jaw_line = [points[i] for i in range(1, 16)]
    upper = [points[14] + [-30, 25], points[48] + [90, -18], points[35] + [4, 2]]
    upper += [points[31] + [-4, 2], points[48] + [-4, -18], points[2] + [30, 25]]
    beard = _polygon([*jaw_line, *upper], 9)
    beard *= 1 - _polygon([points[i] + 1.3 * (points[i] - mouth) * [0.04, 0.10] for i in range(48, 60)], 2)
    return Atlas(
        brow_along=along,
        brow_above=above,
        lips=lips,
        lip_line=_line([points[48], points[60], points[61], points[62], points[63], points[64], points[54]], 1.8),
        cheeks=np.sum([_blob(centre, (34, 28)) for centre in outer_cheek], axis=0),
        nose=_blob(points[30] + [0, 4], (20, 16)),
        rings=np.sum([_blob(eye + np.array([0, 17]), (20, 6.5)) for eye in eyes], axis=0),
        lids=np.sum([_blob(eye + np.array([0, -9]), (22, 7.5)) for eye in eyes], axis=0),
        liner=np.clip(
            sum(
                _line([points[i] for i in order], 1.6)
                for order in ((36, 37, 38, 39), (36, 41, 40, 39), (42, 43, 44, 45), (42, 47, 46, 45))
            ),
            0,
            1,
        ),
        moustache=_blob((points[33] + points[51]) / 2 + [0, 2], (30, 9)),
        chin=_blob((points[57] + points[8]) / 2 + [0, 8], (30, 26)),
        jaw=beard,
        inside=_inside(),
        creases=_creases(points, mouth, corner),
    )


def landmark_texels(model: HeadModel) -> Floats:
    """The landmarks' places in the map, `(68, 2)`."""
    face = model.faces_of("Face")
    corners, places = model.faces[face].ravel(), model.uvfaces[face].ravel()
    place_of = np.zeros(len(model.neutral), np.int64)
    place_of[corners] = places
    uv = model.uv[place_of[list(VERTICES)]]
    return np.stack([uv[:, 0] * SIDE, (1 - uv[:, 1]) * SIDE], 1).astype(np.float32)


def _grid() -> tuple[Floats, Floats]:
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32) + 0.5
    return columns, rows


def _blob(centre: Floats, deviations: tuple[float, float]) -> Floats:
    columns, rows = _grid()
    return np.exp(-0.5 * (((columns - centre[0]) / deviations[0]) ** 2 + ((rows - centre[1]) / deviations[1]) ** 2))


def _polygon(points: Sequence[Floats], blur: float) -> Floats:
    picture = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(picture).polygon([(float(x), float(y)) for x, y in points], fill=255)
    return ndimage.gaussian_filter(np.asarray(picture, np.float32) / 255, blur)


def _line(points: Sequence[Floats], width: float, taper: bool = False) -> Floats:
    """1 on a smooth curve through the points, falling off over `width` texels; thinner to the ends if tapered."""
    curve = _curve(points, 80)
    columns, rows = _grid()
    low, high = curve.min(0) - 4 * width, curve.max(0) + 4 * width
    window = (columns > low[0]) & (columns < high[0]) & (rows > low[1]) & (rows < high[1])
    distance, nearest = cKDTree(curve).query(np.stack([columns[window], rows[window]], 1))
    drawn = np.zeros((SIDE, SIDE), np.float32)
    strength = np.sin(np.pi * (nearest + 0.5) / len(curve)) ** 0.6 if taper else 1
    drawn[window] = np.exp(-0.5 * (distance / width) ** 2) * strength
    return drawn


def _curve(points: Sequence[Floats], count: int) -> Floats:
    """A smooth curve `(count, 2)` through the points."""
    knots = np.asarray(points, np.float64)
    steps = np.r_[0, np.linalg.norm(np.diff(knots, axis=0), axis=1).cumsum()]
    at = np.linspace(0, steps[-1], count)
    curve = np.stack([np.interp(at, steps, knots[:, axis]) for axis in (0, 1)], 1)
    return ndimage.gaussian_filter1d(curve, count / 24, axis=0, mode="nearest")


def _brows(points: Floats) -> tuple[Floats, Floats]:
    columns, rows = _grid()
    texels = np.stack([columns.ravel(), rows.ravel()], 1)
    along, above = np.zeros(SIDE * SIDE, np.float32), np.full(SIDE * SIDE, 99, np.float32)
    for order in ((21, 20, 19, 18, 17), (22, 23, 24, 25, 26)):
        knots = points[list(order)] + [0, 7]
        inward = knots[0] - knots[1]
        outward = knots[-1] - knots[-2]
        curve = _curve([knots[0] + 0.3 * inward, *knots, knots[-1] + 0.35 * outward], 200)
        near = np.abs(texels - curve.mean(0)).max(1) < 90
        distance, nearest = cKDTree(curve).query(texels[near])
        is_above = np.where(texels[near][:, 1] < curve[nearest][:, 1], distance, -distance)
        ends = (nearest == 0) | (nearest == len(curve) - 1)
        is_above[ends] = np.where(distance[ends] > 1.5, 99, is_above[ends])
        better = np.abs(is_above) < np.abs(above[near])
        along[np.flatnonzero(near)[better]] = (nearest / (len(curve) - 1))[better]
        above[np.flatnonzero(near)[better]] = is_above[better]
    return along.reshape(SIDE, SIDE), above.reshape(SIDE, SIDE)


def _inside() -> Floats:
    columns, rows = _grid()
    edge = np.minimum(np.minimum(columns, SIDE - columns), np.minimum(rows, SIDE - rows))
    return np.clip((edge - 4) / 40, 0, 1)


def _creases(points: Floats, mouth: Floats, corner: Floats) -> Floats:
    columns, rows = _grid()
    middle = float(points[27:31, 0].mean())
    brow_row = float(points[17:27, 1].min())
    half = float(points[26, 0] - middle)
    mirror = np.array([-1.0, 1.0])

    def both(*steps: tuple[float, float], of: int, width: float, taper: bool = True) -> Floats:
        """A line given by steps from a landmark of the right side, outwards positive, and its mirror image."""
        start = points[of] - [middle, 0]
        right = [start + np.array([-step[0], step[1]]) for step in steps]
        left = [point * mirror for point in right]
        return _line([p + np.array([middle, 0]) for p in right], width, taper) + _line(
            [p + np.array([middle, 0]) for p in left], width, taper
        )

    forehead = np.zeros((SIDE, SIDE), np.float32)
    for height in (10, 21, 33):
        line = [
            np.array([middle + x * half, brow_row - height - 5 * (1 - (2 * abs(x) - 0.9) ** 2)])
            for x in np.linspace(-0.95, 0.95, 15)
        ]
        forehead += _line(line, 1.9, True) * (0.75 + 0.25 * np.sin(columns / 17 + height))
    central = np.exp(-0.5 * ((columns - middle) / (0.38 * half)) ** 2)
    glabella = both((-2, -12), (-4, 0), (-3, 10), of=21, width=2.4) + 0.5 * _line(
        [np.array([middle - 8, points[27, 1] - 12]), np.array([middle + 8, points[27, 1] - 12])], 2, True
    )
    feet = sum(both((5, dy), (14, dy * 2.4), (25, dy * 3.4), of=36, width=1.6) for dy in (-3, 0.5, 4))
    pouch = both((-30, 9), (-15, 12), (2, 8), (12, 0), of=36, width=2.2)
    bridge = sum(
        _line([np.array([middle - 15, row + 5]), np.array([middle, row]), np.array([middle + 15, row + 5])], 1.7, True)
        for row in (points[27, 1] - 3, points[27, 1] + 5, points[27, 1] + 13)
    ) + sum(both((8, -38 + 8 * k), (-3, -32 + 9 * k), of=31, width=1.6) for k in range(3))
    fold = both((4, -13), (13, -2), (24, 14), (30, 36), (30, 50), of=31, width=3.0)
    dimple = both((9, -9), (12, 0), (9, 10), of=48, width=2.8) + both((2, 0), (7, 1), of=48, width=2.4)
    marionette = both((4, 2), (9, 13), (9, 27), of=48, width=2.6)
    under_lip = _line([points[59] + [-2, 12], points[57] + [0, 12], points[55] + [2, 12]], 3.2, True)
    random = np.random.default_rng(7)
    pits = ndimage.gaussian_filter(random.normal(size=(SIDE, SIDE)), 3.2)
    pits = np.clip(pits / pits.std(), 0, 2.2) * _blob((points[57] + points[8]) / 2 + [0, 2], (19, 15))
    lip_lines = (np.sin(columns * 1.15 + 0.5 * np.sin(rows / 3)) > 0.4) * _blob(
        mouth, (float(points[54, 0] - mouth[0]) * 0.8, 17)
    )
    lines = {
        "AU01": 0.42 * forehead * central,
        "AU02": 0.42 * forehead * (1 - 0.75 * central),
        "AU04": 0.50 * glabella,
        "AU06": 0.34 * feet + 0.28 * pouch,
        "AU07": 0.34 * pouch,
        "AU09": 0.42 * bridge + 0.22 * fold,
        "AU10": 0.34 * fold,
        "AU12": 0.40 * fold,
        "AU14": 0.55 * dimple,
        "AU15": 0.34 * marionette,
        "AU17": 0.20 * pits + 0.28 * under_lip,
        "AU20": 0.22 * marionette + 0.15 * fold,
        "AU23": 0.22 * lip_lines + 0.18 * under_lip,
    }
    return np.stack([lines[name].astype(np.float32) for name in CREASES])
