"""Where everything lies: the curves and the 68 landmarks of a face, from identity and action units.

All in face units before the pose (the picture spans [-1, 1], y downwards); curves run from the outer to the
inner end on each side, or from the viewer's left to right. The landmarks are points of the very curves that
are painted, so they are exact whatever the expression.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from .expressions import DRAWN_AUS
from .identity import Identity

Curve = NDArray[np.float64]
"""Points ``(N, 2)``, x then y."""

SIDES: Final = (-1, 1)
"""The viewer's left, then right."""

DOWN: Final = np.array([0.0, 1.0])
ACROSS: Final = np.array([1.0, 0.0])

EYE_LINE: Final = -0.17
TEMPLE: Final = -0.22

_EYE_GRID: Final = np.linspace(-1, 1, 13)
_LIP_GRID: Final = np.linspace(-1, 1, 25)
_BROW_GRID: Final = np.linspace(0, 1, 13)
_JAW_GRID: Final = np.linspace(-np.pi / 2, np.pi / 2, 65)


@frozen
class Eye:
    """Lid margins, the fold above them, and the whole iris of one eye, lids or no lids."""

    upper: Curve
    lower: Curve
    fold: Curve
    iris: Curve


@frozen
class Geometry:
    """All curves of one face; pairs hold the viewer's left side first."""

    jaw: Curve
    brows: tuple[Curve, Curve]
    eyes: tuple[Eye, Eye]
    bridge: Curve
    nostrils: Curve
    upper_outer: Curve
    upper_inner: Curve
    lower_inner: Curve
    lower_outer: Curve

    def landmarks(self) -> Curve:
        """The 68 points ``(68, 2)`` in iBUG order."""
        left, right = self.eyes
        return np.concatenate(
            [
                self.jaw[::4],
                self.brows[0][::3],
                self.brows[1][::-3],
                self.bridge,
                self.nostrils,
                left.upper[::4],
                left.lower[[8, 4]],
                right.upper[::-4],
                right.lower[[4, 8]],
                self.upper_outer[[0, 4, 9, 12, 15, 20, 24]],
                self.lower_outer[[20, 16, 12, 8, 4]],
                self.upper_inner[[1, 7, 12, 17, 23]],
                self.lower_inner[[17, 12, 7]],
            ]
        )


def face_geometry(identity: Identity, aus: NDArray[np.float32]) -> Geometry:
    """Place the face of ``identity`` under ``aus``, a ``(17,)`` vector in [0, 1]."""
    au = dict(zip(DRAWN_AUS, map(float, aus), strict=True))
    bridge, nostrils = _nose(identity, au)
    upper_outer, upper_inner, lower_inner, lower_outer = _lips(identity, au)
    return Geometry(
        jaw=_jaw(identity, au),
        brows=(_brow(identity, au, -1), _brow(identity, au, 1)),
        eyes=(_eye(identity, au, -1), _eye(identity, au, 1)),
        bridge=bridge,
        nostrils=nostrils,
        upper_outer=upper_outer,
        upper_inner=upper_inner,
        lower_inner=lower_inner,
        lower_outer=lower_outer,
    )


def curve(x: NDArray[np.float64] | float, y: NDArray[np.float64] | float) -> Curve:
    """Points from coordinates, a scalar standing for all."""
    return np.stack(np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64)), -1)


def _smoothstep(low: float, high: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _jaw(identity: Identity, au: dict[str, float]) -> Curve:
    """A superellipse from temple to temple; only its lower part follows the jaw down."""
    power = 2 / identity.jaw_squareness
    sine, cosine = np.sin(_JAW_GRID), np.cos(_JAW_GRID)
    x = identity.face_width * np.sign(sine) * np.abs(sine) ** power
    down = np.abs(cosine) ** (power * 1.05)
    drop = 0.14 * au["AU26"] - 0.025 * au["AU17"]
    narrower = 1 - 0.04 * au["AU26"] * _smoothstep(0.4, 1.0, down)
    return curve(x * narrower, TEMPLE + (identity.chin - TEMPLE) * down + drop * _smoothstep(0.3, 1.0, down))


def _brow(identity: Identity, au: dict[str, float], side: int) -> Curve:
    s = _BROW_GRID
    outer = identity.eye_spacing + 1.25 * identity.eye_width
    inner = identity.eye_spacing - 1.1 * identity.eye_width
    x = outer + (inner - outer) * s - (0.06 * au["AU04"] + 0.02 * au["AU09"]) * s
    arch = identity.brow_arch * np.sin(np.pi * (0.15 + 0.8 * s))
    y = identity.brow_height + 0.02 - arch + identity.brow_slant * s
    y = y - 0.13 * au["AU01"] * _smoothstep(0.3, 1.0, s)
    y = y - 0.14 * au["AU02"] * (1 - _smoothstep(0.1, 1.0, s))
    y = y + au["AU04"] * (0.03 + 0.065 * s) + 0.025 * au["AU09"] * s
    return curve(side * x, y)


def _eye(identity: Identity, au: dict[str, float], side: int) -> Eye:
    t = _EYE_GRID
    x = identity.eye_spacing - identity.eye_width * t
    corner_line = EYE_LINE - identity.eye_tilt * -t
    bulge = 1 - np.abs(t) ** 2.3
    lift = 1 + 0.8 * au["AU05"] - 0.42 * au["AU07"] - 0.10 * au["AU06"]
    low = 0.052 * (1 + 0.10 * au["AU05"] - 1.0 * au["AU07"] - 0.45 * au["AU06"])
    low = max(low, -0.012)
    shut = au["AU45"]
    low_shut = low * (1 - 0.25 * shut)
    high = identity.eye_height * lift * (1 - shut) - low_shut * shut
    skew = 1 + 0.18 * t  # the lid peaks nearer the nose
    upper = curve(side * x, corner_line - high * bulge * skew)
    lower = curve(side * x, corner_line + low_shut * bulge * (1 - 0.15 * t))
    crease = identity.eye_height * (1 + 0.55 * au["AU05"] * (1 - shut))
    crease += identity.lid_crease * (1 - 0.5 * au["AU05"])
    fold = curve(side * x * 1.01, corner_line - crease * (bulge * 0.85 + 0.15))
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    iris = curve(
        side * identity.eye_spacing + identity.iris_radius * np.cos(angle),
        EYE_LINE - 0.014 + identity.iris_radius * np.sin(angle),
    )
    return Eye(upper=upper, lower=lower, fold=fold, iris=iris)


def _nose(identity: Identity, au: dict[str, float]) -> tuple[Curve, Curve]:
    raised = 0.055 * au["AU09"] + 0.012 * au["AU10"]
    base = identity.nose_length - raised
    width = identity.nose_width * (1 + 0.16 * au["AU09"] + 0.06 * au["AU12"])
    top = EYE_LINE - 0.02
    bridge = curve(0.0, np.linspace(top, base - 0.03, 4))
    nostrils = curve(
        np.array([-1, -0.55, 0, 0.55, 1]) * width,
        base + np.array([-0.012 - 0.25 * raised, 0.018, 0.032, 0.018, -0.012 - 0.25 * raised]),
    )
    return bridge, nostrils


def _lips(identity: Identity, au: dict[str, float]) -> tuple[Curve, Curve, Curve, Curve]:
    """Upper outline, upper inner, lower inner and lower outline, each from the left to the right corner."""
    t = _LIP_GRID
    half = identity.mouth_width * (
        1 + 0.22 * au["AU12"] + 0.34 * au["AU20"] - 0.30 * au["AU23"] - 0.12 * au["AU26"] + 0.05 * au["AU14"]
    )
    middle = identity.mouth_height - 0.012 * au["AU10"] - 0.01 * au["AU09"]
    corner = middle - 0.115 * au["AU12"] + 0.10 * au["AU15"] + 0.045 * au["AU26"]
    upper_line = middle + 0.012 * au["AU12"] - 0.03 * au["AU25"] - 0.045 * au["AU17"] - 0.02 * au["AU10"]
    gap = 0.075 * au["AU25"] + 0.18 * au["AU26"] - 0.02 * au["AU17"] + 0.015 * au["AU10"]
    lower_line = upper_line + max(gap, 0.0)
    arch = 1 - np.abs(t) ** 2.2
    upper_inner = corner + (upper_line - corner) * arch
    lower_inner = corner + (lower_line - corner) * arch
    thin = (1 - 0.65 * au["AU23"]) * (1 - 0.3 * au["AU20"]) * (1 - 0.15 * au["AU26"])
    taper = np.maximum(1 - t * t, 0.0) ** 0.65
    bow = 1 - 0.22 * np.exp(-((t / 0.13) ** 2))
    above = identity.upper_lip * thin * (1 - 0.2 * au["AU12"]) * taper * bow
    snarl = 0.05 * au["AU10"] * (taper * bow + 0.35 * np.exp(-(((np.abs(t) - 0.45) / 0.22) ** 2)))
    below = identity.lower_lip * thin * (1 - 0.1 * au["AU12"]) * (1 + 0.45 * au["AU17"]) * taper
    x = half * t
    return (
        curve(x, upper_inner - above - snarl),
        curve(x, upper_inner),
        curve(x, lower_inner),
        curve(x, lower_inner + below),
    )


def project(identity: Identity, points: Curve, size: float) -> Curve:
    """Pose face-unit points: pixels of a ``size`` x ``size`` picture, (0, 0) the first pixel's centre.

    Turning the head slides each point by its height above the rim of the face: a dome with a nose on it.
    """
    x, y = points[..., 0], points[..., 1]
    below = y - 0.1
    dome = np.sqrt(np.maximum(1 - x * x / 0.5625 - below * below, 0))
    height = dome + 0.4 * np.exp(x * x / -0.0196 + below * below / -0.0324)
    unit = size / 2 * identity.scale
    cosine, sine = unit * math.cos(identity.roll), unit * math.sin(identity.roll)
    x, y = x + identity.yaw * height, y + identity.pitch * height
    pixels = np.empty_like(points)
    pixels[..., 0] = x * cosine - y * sine + ((identity.shift[0] + 1) * size / 2 - 0.5)
    pixels[..., 1] = x * sine + y * cosine + ((identity.shift[1] + 1) * size / 2 - 0.5)
    return pixels
