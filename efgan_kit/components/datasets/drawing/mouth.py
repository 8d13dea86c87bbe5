"""Nose and mouth."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, mirrored, mix, smooth
from .geometry import ACROSS, DOWN, Geometry
from .head import Tones


def paint_nose(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float]) -> None:
    """Bridge and tip by light alone; nostrils by dark spots that open as AU09 lifts the wings."""
    identity = canvas.identity
    tip = geometry.bridge[-1]
    wings = geometry.nostrils
    far = -1 if identity.light > 0 else 1
    shadow = smooth([(far * 0.075, -0.27), (far * 0.035, -0.05), (far * 0.085, tip[1])])
    canvas.stroke(shadow, 0.06, tone.shade, 0.4 + 0.3 * identity.contrast, 0.022)
    canvas.stroke(smooth([(0, -0.22), (0.01 * identity.light, tip[1] - 0.03)]), 0.05, tone.light, 0.5, 0.02)
    canvas.blob(wings[2] + 0.03 * DOWN, (identity.nose_width * 1.1, 0.025), tone.shade, 0.6, 0.018)
    canvas.blob(tip, (0.05, 0.04), tone.light, 0.55, 0.018)
    alae = wings[[0, 4], None] + mirrored([(-0.02, -0.075), (0.03, -0.03), (-0.02, 0.025)])
    canvas.stroke(smooth(alae), 0.022, tone.deep, 0.65, 0.007)
    canvas.blob(wings[[1, 3]] - 0.008 * DOWN, (0.03, 0.014 + 0.008 * au["AU09"]), (40, 18, 16), 0.85, 0.006)


def paint_mouth(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float]) -> None:
    """Cavity, tongue and teeth behind the lips, then the lips."""
    identity = canvas.identity
    inside = np.concatenate([geometry.upper_inner, geometry.lower_inner[::-1]])
    gap = float(geometry.lower_inner[12, 1] - geometry.upper_inner[12, 1])
    if gap > 0.004:
        _paint_inside(canvas, geometry, au, gap)
    rim = np.concatenate([geometry.upper_outer - 0.018 * DOWN, geometry.lower_outer[::-1] + 0.018 * DOWN])
    canvas.fill(rim, tone.light, 0.7 * au["AU23"], 0.012)  # pressed lips blanch the skin around them
    rose = mix(identity.lips, (205, 24, 48), 0.75 * au["AU23"])
    upper = np.concatenate([geometry.upper_outer, geometry.upper_inner[::-1]])
    lower = np.concatenate([geometry.lower_inner, geometry.lower_outer[::-1]])
    below = geometry.lower_outer[12]
    canvas.blob(below + 0.035 * DOWN, (0.12, 0.02), tone.shade, 0.5, 0.018)
    canvas.fill(upper, mix(rose, (50, 10, 20), 0.18), soft=0.005)
    canvas.fill(lower, rose, soft=0.005)
    lip = (geometry.lower_inner[12] + below) / 2
    thickness = float(below[1] - geometry.lower_inner[12, 1])
    wet = mix(rose, (255, 235, 230), 0.6)
    canvas.blob(lip + 0.03 * identity.light * ACROSS, (0.09, thickness * 0.22), wet, 0.6, 0.012)
    dark = mix(identity.lips, (40, 8, 14), 0.75)
    canvas.stroke(geometry.upper_inner, 0.022, dark, 0.85, 0.005)
    if gap > 0.01:
        canvas.stroke(geometry.lower_inner, 0.012, dark, 0.5, 0.005)
    canvas.blob(inside[[0, 24]], (0.018, 0.014), tone.deep, 0.7, 0.008)
    _paint_purse(canvas, geometry, tone, au["AU23"])


def _paint_purse(canvas: Canvas, geometry: Geometry, tone: Tones, strength: float) -> None:
    """The pleats that AU23 draws into the skin above and below tightened lips."""
    above, below = geometry.upper_outer[12], geometry.lower_outer[12]
    fan = np.array([[(x, 0.0), (1.15 * x, 0.04), (1.35 * x, 0.085)] for x in (-0.10, 0.0, 0.10)])
    pleats = np.concatenate([above + fan * (1, -1) - 0.005 * DOWN, below + fan + 0.005 * DOWN])
    canvas.stroke(smooth(pleats), 0.034, tone.deep, 0.65 * strength, 0.012)


def _paint_inside(canvas: Canvas, geometry: Geometry, au: dict[str, float], gap: float) -> None:
    inside = np.concatenate([geometry.upper_inner, geometry.lower_inner[::-1]])
    opening = canvas.mask(inside)
    canvas.fill(inside, (58, 16, 20), soft=0.003)
    bottom = geometry.lower_inner[12]
    if gap > 0.10:
        canvas.blob(bottom, (0.13, gap * 0.42), (196, 88, 92), (gap - 0.10) * 12, 0.012, opening)
    shown = min(gap * 0.95, 0.012 + 0.075 * au["AU25"] + 0.012 * au["AU26"] + 0.02 * au["AU10"])
    edge = geometry.upper_inner + shown * DOWN
    middle = float(geometry.upper_inner[12, 1]) + shown
    level = np.maximum(edge[:, 1], edge[:, 1] * 0.4 + middle * 0.6)
    edge[:, 1] = np.minimum(level, geometry.lower_inner[:, 1])
    teeth = np.concatenate([geometry.upper_inner, edge[::-1]])
    canvas.fill(teeth, (246, 242, 232), 1.0, 0.004, opening)
    gaps = smooth([[(x, middle - shown), (x, middle)] for x in (-0.14, -0.07, 0.0, 0.07, 0.14)], 4)
    canvas.stroke(gaps, 0.006, (188, 178, 168), 0.5, 0.003, opening)
    canvas.stroke(geometry.upper_inner + 0.008 * DOWN, 0.02, (90, 50, 50), 0.45, 0.008, opening)
    corners = geometry.upper_inner[12] + np.array([(-0.24, 0.02), (0.24, 0.02)])
    canvas.blob(corners, (0.05, 0.08), (58, 16, 20), 0.6, 0.02, opening)
