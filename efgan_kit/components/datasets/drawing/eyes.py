"""Brows and eyes."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, mix
from .geometry import ACROSS, DOWN, Curve, Geometry
from .head import Tones


def paint_eyes(canvas: Canvas, geometry: Geometry, tone: Tones, au: dict[str, float]) -> None:
    """Sockets, eyeballs, lids and lashes of both eyes."""
    identity = canvas.identity
    x = identity.eye_spacing
    canvas.blob([(-x, -0.2), (x, -0.2)], (identity.eye_width * 1.25, 0.12), tone.shade, 0.30, 0.05)
    roots = [(0.12 - x, -0.24), (x - 0.12, -0.24)]
    canvas.blob(roots, (0.07, 0.10), tone.shade, 0.45 * identity.contrast, 0.04)
    left, right = geometry.eyes
    upper, lower = np.stack([left.upper, right.upper]), np.stack([left.lower, right.lower])
    _paint_lids(canvas, np.stack([left.fold, right.fold]), upper, tone, au["AU45"])
    _paint_balls(canvas, np.stack([left.iris, right.iris]), upper, lower)
    canvas.stroke(upper - 0.004 * DOWN, np.linspace(0.034, 0.016, upper.shape[1]), (30, 20, 20), 0.95, 0.004)
    canvas.stroke(lower + 0.004 * DOWN, 0.014, mix(tone.deep, (30, 20, 20), 0.4), 0.6, 0.005)


def _paint_lids(canvas: Canvas, fold: Curve, upper: Curve, tone: Tones, shut: float) -> None:
    """The skin between fold and lid margin: a highlight on it makes a shut eye bulge."""
    lids = np.concatenate([fold, upper[:, ::-1]], 1)
    canvas.fill(lids, mix(tone.skin, tone.shade, 0.35), 0.85, 0.008)
    canvas.stroke((fold * 0.45 + upper * 0.55)[:, 2:-2], 0.05, tone.light, 0.6 * shut, 0.015)
    canvas.stroke(fold, 0.018, tone.deep, 0.55, 0.006)


def _paint_balls(canvas: Canvas, irises: Curve, upper: Curve, lower: Curve) -> None:
    """White, iris, pupil and glints of both eyes, as far as the lids ``(2, N, 2)`` let see."""
    identity = canvas.identity
    if float(np.max(lower[..., 1] - upper[..., 1])) < 0.008:
        return
    openings = np.concatenate([upper, lower[:, ::-1]], 1)
    opening = canvas.mask(openings)
    canvas.fill(openings, (240, 238, 234), 1.0, 0.003)
    middles = irises.mean(1, keepdims=True)
    rings = ((1.0, mix(identity.iris, (0, 0, 0), 0.55)), (0.86, identity.iris), (0.46, (14.0, 12.0, 14.0)))
    for radius, colour in rings:
        canvas.fill(middles + (irises - middles) * radius, colour, 1.0, 0.003, opening)
    glow = middles[:, 0] + 0.55 * identity.iris_radius * DOWN
    canvas.blob(glow, (0.03, 0.02), mix(identity.iris, (255, 255, 255), 0.5), 0.5, 0.01, opening)
    shadow = np.concatenate([upper - 0.03 * DOWN, (upper + 0.016 * DOWN)[:, ::-1]], 1)
    canvas.fill(shadow, (60, 44, 48), 0.5, 0.008, opening)
    glint = middles[:, 0] + 0.03 * (0.4 + identity.light) * ACROSS - 0.028 * DOWN
    canvas.blob(glint, (0.017, 0.017), (255, 255, 255), 1.0, 0.003, opening)
    canvas.blob(upper[:, -1], (0.02, 0.014), (206, 130, 122), 0.8, 0.004, opening)


def paint_brows(canvas: Canvas, geometry: Geometry) -> None:
    """Brows, thick at the nose and thin at the temple, with a soft halo for the finest hairs."""
    identity = canvas.identity
    brows = np.stack(geometry.brows)
    t = np.linspace(0, 1, brows.shape[1])
    width = identity.brow_thickness * 2 * (0.35 + 0.75 * np.minimum(1.2 * t, 1) - 0.15 * t**4)
    canvas.stroke(brows, width * 1.25, identity.brow, 0.45, 0.016)
    canvas.stroke(brows, width, identity.brow, 0.9, 0.007)
    canvas.stroke(brows - 0.006 * DOWN, width * 0.3, mix(identity.brow, (255, 230, 200), 0.25), 0.5, 0.006)
