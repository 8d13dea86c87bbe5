"""The marks that action units leave in the skin: lines, furrows, bulges and dimples.

Each function paints what one action unit folds, at its intensity; the curves themselves move in `geometry`.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from .canvas import Canvas, mix, smooth
from .geometry import SIDES, Geometry
from .head import Tones


def paint_creases(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float], head: Image.Image) -> None:
    """All creases of a face, onto bare skin: features are painted over them."""
    _forehead(canvas, geometry, tone, au)
    _cheeks(canvas, geometry, tone, au)
    _nose(canvas, geometry, tone, au)
    _mouth(canvas, geometry, tone, au)
    _chin(canvas, geometry, tone, au, head)


def _forehead(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float]) -> None:
    """AU01 folds the middle of the forehead, AU02 its sides, AU04 the skin between the brows upright."""
    for step in (0, 1):
        y = -0.58 - 0.075 * step
        middle = smooth([(-0.17, y + 0.02), (-0.06, y - 0.025), (0.06, y - 0.025), (0.17, y + 0.02)])
        canvas.stroke(middle, 0.026, tone.deep, 0.75 * au["AU01"], 0.007)
        canvas.stroke(middle + (0, 0.026), 0.024, tone.light, 0.5 * au["AU01"], 0.008)
        for side in SIDES:
            lateral = smooth([(side * 0.24, y + 0.045), (side * 0.36, y - 0.015), (side * 0.50, y + 0.075)])
            canvas.stroke(lateral, 0.026, tone.deep, 0.75 * au["AU02"], 0.007)
            canvas.stroke(lateral + (0, 0.026), 0.024, tone.light, 0.45 * au["AU02"], 0.008)
    for side in SIDES:
        frown = smooth([(side * 0.035, -0.50), (side * 0.055, -0.42), (side * 0.04, -0.31)])
        canvas.stroke(frown, 0.030, tone.deep, 0.85 * au["AU04"], 0.007)
    canvas.blob((0, -0.42), (0.025, 0.07), tone.light, 0.5 * au["AU04"], 0.015)


def _cheeks(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float]) -> None:
    """AU06 lifts the cheek into a bulge with crow's feet; AU07 rolls the lower lid."""
    for side, eye in zip(SIDES, geometry.eyes, strict=True):
        x = side * canvas.identity.eye_spacing
        bulge = au["AU06"]
        canvas.blob((x * 1.15, 0.045), (0.15, 0.07), mix(tone.light, (255, 160, 140), 0.25), 0.75 * bulge, 0.04)
        under = smooth([(x - side * 0.13, -0.055), (x, -0.02), (x + side * 0.2, -0.075)])
        canvas.stroke(under, 0.03, tone.deep, 0.65 * bulge, 0.009)
        below = smooth([(x - side * 0.08, 0.13), (x + side * 0.06, 0.17), (x + side * 0.22, 0.08)])
        canvas.stroke(below, 0.045, tone.shade, 0.8 * bulge, 0.02)
        corner = eye.upper[0]
        for fan in (-0.06, 0.0, 0.055):
            end = corner + (side * 0.135, fan - 0.01)
            foot = smooth([corner + (side * 0.03, fan * 0.35), corner + (side * 0.09, fan * 0.7), end])
            canvas.stroke(foot, 0.020, tone.deep, 0.8 * bulge, 0.006)
        roll = eye.lower[1:-1] + (0, 0.03)
        canvas.stroke(roll, 0.034, tone.light, 0.75 * au["AU07"], 0.008)
        canvas.stroke(roll + (0, 0.03), 0.022, tone.deep, 0.6 * au["AU07"], 0.007)


def _nose(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float]) -> None:
    """AU09 wrinkles the root and sides of the nose; AU10 cuts the furrow from its wing outwards."""
    for step in (0, 1, 2):
        y = -0.235 + 0.06 * step
        across = smooth([(-0.095, y - 0.02), (-0.04, y + 0.02), (0.04, y + 0.02), (0.095, y - 0.02)])
        canvas.stroke(across, 0.024, tone.deep, 0.8 * au["AU09"], 0.006)
    for side, wing in zip(SIDES, (geometry.nostrils[0], geometry.nostrils[4]), strict=True):
        for step in (0, 1):
            start = (side * (0.06 + 0.02 * step), -0.02 + 0.055 * step)
            slant = smooth([start, (side * (0.15 + 0.01 * step), start[1] + 0.005), (side * 0.175, start[1] + 0.06)])
            canvas.stroke(slant, 0.022, tone.deep, 0.75 * au["AU09"], 0.006)
        furrow = smooth([wing + (side * 0.01, -0.07), wing + (side * 0.12, -0.03), wing + (side * 0.15, 0.13)])
        canvas.stroke(furrow, 0.038, tone.deep, 0.8 * au["AU10"], 0.010)
        canvas.stroke(furrow + (side * 0.04, -0.01), 0.05, tone.light, 0.5 * au["AU10"], 0.016)


def _mouth(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float]) -> None:
    """Beside the corners: AU12 a smile line, AU14 a pit, AU15 a line down, AU20 upright pleats."""
    for side, corner in zip(SIDES, (geometry.upper_outer[0], geometry.upper_outer[-1]), strict=True):
        cheek = smooth([corner + (-side * 0.03, -0.16), corner + (side * 0.10, -0.08), corner + (side * 0.07, 0.06)])
        canvas.stroke(cheek, 0.030, tone.deep, 0.55 * au["AU12"], 0.010)
        pit = corner + (side * 0.045, 0.0)
        canvas.blob(pit, (0.020, 0.046), tone.deep, 0.95 * au["AU14"], 0.009)
        canvas.blob(pit + (side * 0.045, 0.0), (0.026, 0.055), tone.light, 0.65 * au["AU14"], 0.014)
        down = smooth([corner + (side * 0.0, 0.015), corner + (side * 0.045, 0.06), corner + (side * 0.015, 0.14)])
        canvas.stroke(down, 0.032, tone.deep, 0.8 * au["AU15"], 0.008)
        for step in (0, 1):
            x = side * (0.07 + 0.055 * step)
            pleat = smooth([corner + (x, -0.08), corner + (x + side * 0.035, 0.0), corner + (x, 0.10)])
            canvas.stroke(pleat, 0.022, tone.deep, 0.7 * au["AU20"], 0.007)


def _chin(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float], head: Image.Image) -> None:
    """AU17 knots the chin boss: a crease over it and an orange-peel of dimples; AU26 hollows the cheeks."""
    lip, chin = float(geometry.lower_outer[12, 1]), float(geometry.jaw[32, 1])
    middle = lip + 0.55 * (chin - lip)
    knot = au["AU17"]
    canvas.blob((0, middle), (0.12, 0.075), tone.light, 0.55 * knot, 0.03, head)
    over = smooth([(-0.13, middle - 0.02), (-0.07, middle - 0.11), (0.07, middle - 0.11), (0.13, middle - 0.02)])
    canvas.stroke(over, 0.03, tone.deep, 0.8 * knot, 0.008)
    for x, y in ((-0.07, 0.0), (-0.025, -0.03), (0.03, -0.025), (0.075, 0.005), (-0.04, 0.04), (0.005, 0.025), (0.045, 0.045)):
        canvas.blob((x, middle + y), (0.015, 0.013), tone.deep, 0.8 * knot, 0.006, head)
    for side in SIDES:
        hollow = np.array([side * 0.40, 0.38])
        canvas.blob(hollow, (0.06, 0.2), tone.shade, 0.6 * au["AU26"], 0.05, head)
