"""The marks that action units leave in the skin: lines, furrows, bulges and dimples.

Each function paints what one action unit folds, at its intensity; the curves themselves move in `geometry`.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from .canvas import Canvas, mirrored, mix, smooth
from .geometry import DOWN, SIDES, Curve, Geometry
from .head import Tones

_PEEL = np.array(
    [(-0.07, 0), (-0.025, -0.03), (0.03, -0.025), (0.075, 0), (-0.04, 0.04), (0.005, 0.025), (0.045, 0.045)]
)


def paint_creases(
    canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float], head: Image.Image
) -> None:
    """All creases of a face, onto bare skin: features are painted over them."""
    _forehead(canvas, tone, au)
    _cheeks(canvas, geometry, tone, au)
    _nose(canvas, geometry, tone, au)
    _mouth(canvas, geometry, tone, au)
    _chin(canvas, geometry, tone, au, head)


def _forehead(canvas: Canvas, tone: Tones, au: dict[str, float]) -> None:
    """AU01 folds the middle of the forehead, AU02 its sides, AU04 the skin between the brows upright."""
    rows = (-0.58, -0.655)
    wave = np.array([(-0.17, 0.02), (-0.06, -0.025), (0.06, -0.025), (0.17, 0.02)])
    middle = smooth(np.stack([wave + y * DOWN for y in rows]))
    sides = smooth(mirrored([[(0.24, y + 0.045), (0.36, y - 0.015), (0.50, y + 0.075)] for y in rows]))
    for folds, strength in ((middle, au["AU01"]), (sides, au["AU02"])):
        canvas.stroke(folds, 0.026, tone.deep, 0.75 * strength, 0.007)
        canvas.stroke(folds + 0.026 * DOWN, 0.024, tone.light, 0.5 * strength, 0.008)
    frown = smooth(mirrored([(0.035, -0.50), (0.055, -0.42), (0.04, -0.31)]))
    canvas.stroke(frown, 0.030, tone.deep, 0.85 * au["AU04"], 0.007)
    canvas.blob((0, -0.42), (0.025, 0.07), tone.light, 0.5 * au["AU04"], 0.015)


def _cheeks(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float]) -> None:
    """AU06 lifts the cheek into a bulge with crow's feet; AU07 rolls the lower lid."""
    x, bulge = canvas.identity.eye_spacing, au["AU06"]
    apples = [(-1.15 * x, 0.045), (1.15 * x, 0.045)]
    canvas.blob(apples, (0.15, 0.07), mix(tone.light, (255, 160, 140), 0.25), 0.75 * bulge, 0.04)
    under = smooth(mirrored([(x - 0.13, -0.055), (x, -0.02), (x + 0.2, -0.075)]))
    canvas.stroke(under, 0.03, tone.deep, 0.65 * bulge, 0.009)
    below = smooth(mirrored([(x - 0.08, 0.13), (x + 0.06, 0.17), (x + 0.22, 0.08)]))
    canvas.stroke(below, 0.045, tone.shade, 0.8 * bulge, 0.02)
    fan = np.array([[(0.03, 0.35 * y), (0.09, 0.7 * y), (0.135, y - 0.01)] for y in (-0.06, 0.0, 0.055)])
    for side, eye in zip(SIDES, geometry.eyes, strict=True):
        canvas.stroke(smooth(eye.upper[0] + fan * (side, 1)), 0.020, tone.deep, 0.8 * bulge, 0.006)
    rolls = np.stack([eye.lower[1:-1] for eye in geometry.eyes]) + 0.03 * DOWN
    canvas.stroke(rolls, 0.042, tone.light, 0.9 * au["AU07"], 0.008)
    canvas.stroke(rolls + 0.034 * DOWN, 0.030, tone.deep, 0.85 * au["AU07"], 0.007)


def _nose(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float]) -> None:
    """AU09 wrinkles the root and sides of the nose; AU10 cuts the furrow from its wing outwards."""
    rows = (-0.235, -0.175, -0.115)
    sag = np.array([(-0.095, -0.02), (-0.04, 0.02), (0.04, 0.02), (0.095, -0.02)])
    across = smooth(np.stack([sag + y * DOWN for y in rows]))
    canvas.stroke(across, 0.024, tone.deep, 0.8 * au["AU09"], 0.006)
    starts = ((0.06, -0.02), (0.08, 0.035))
    slants = smooth(mirrored([[(x, y), (x + 0.08, y + 0.005), (0.175, y + 0.06)] for x, y in starts]))
    canvas.stroke(slants, 0.022, tone.deep, 0.75 * au["AU09"], 0.006)
    furrows = smooth(_beside(geometry.nostrils, [(0.01, -0.07), (0.12, -0.03), (0.15, 0.13)]))
    ridges = smooth(_beside(geometry.nostrils, [(0.05, -0.08), (0.16, -0.04), (0.19, 0.12)]))
    canvas.stroke(furrows, 0.038, tone.deep, 0.8 * au["AU10"], 0.010)
    canvas.stroke(ridges, 0.05, tone.light, 0.5 * au["AU10"], 0.016)


def _mouth(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float]) -> None:
    """Beside the corners: AU12 a smile line, AU14 a pit, AU15 a line down, AU20 upright pleats."""
    lips = geometry.upper_outer
    smile = smooth(_beside(lips, [(-0.03, -0.16), (0.10, -0.08), (0.07, 0.06)]))
    canvas.stroke(smile, 0.030, tone.deep, 0.55 * au["AU12"], 0.010)
    canvas.blob(_beside(lips, [(0.130, 0.0)])[:, 0], (0.040, 0.095), tone.light, 0.85 * au["AU14"], 0.016)
    canvas.blob(_beside(lips, [(0.060, 0.0)])[:, 0], (0.033, 0.074), tone.deep, 1.0 * au["AU14"], 0.013)
    down = smooth(_beside(lips, [(0.0, 0.015), (0.045, 0.06), (0.015, 0.14)]))
    canvas.stroke(down, 0.032, tone.deep, 0.8 * au["AU15"], 0.008)
    pleats = [smooth(_beside(lips, [(x, -0.08), (x + 0.035, 0.0), (x, 0.10)])) for x in (0.09, 0.15)]
    canvas.stroke(np.concatenate(pleats), 0.026, tone.deep, 0.8 * au["AU20"], 0.007)


def _chin(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float], head: Image.Image) -> None:
    """AU17 knots the chin boss: a crease over it and an orange-peel of dimples; AU26 hollows the cheeks."""
    lip, chin = float(geometry.lower_outer[12, 1]), float(geometry.jaw[32, 1])
    middle = lip + 0.55 * (chin - lip)
    knot = au["AU17"]
    canvas.blob((0, middle), (0.12, 0.075), tone.light, 0.55 * knot, 0.03, head)
    over = smooth(np.array([(-0.13, -0.02), (-0.07, -0.11), (0.07, -0.11), (0.13, -0.02)]) + middle * DOWN)
    canvas.stroke(over, 0.03, tone.deep, 0.8 * knot, 0.008)
    canvas.blob(_PEEL + middle * DOWN, (0.015, 0.013), tone.deep, 0.8 * knot, 0.006, head)
    canvas.blob([(-0.40, 0.38), (0.40, 0.38)], (0.06, 0.2), tone.shade, 0.45 * au["AU26"], 0.05, head)


def _beside(row: Curve, handles: list[tuple[float, float]]) -> Curve:
    """Handles ``(2, H, 2)`` set off outwards from the left and the right end of a row of points."""
    outwards = np.array(handles)
    return np.stack([row[0] + outwards * (-1, 1), row[-1] + outwards])
